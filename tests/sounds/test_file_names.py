"""Every name that a file can have is opened, shown and saved beside."""

import json
import os
import unicodedata

import numpy as np
import pytest
import soundfile

from specwidget.charts.spectrogram_figure import make_figure, to_file
from specwidget.cli import check, main, show
from specwidget.cli.notebooks import place_notebook
from specwidget.explorer.downloads.downloads import DOWNLOADS, FileChoices, content_of, file_name
from specwidget.explorer.page import Explorer
from specwidget.explorer.panels.sound_panel import SoundPanel
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.layer import STFTSpectrogram
from specwidget.sounds import Sound, SoundError, as_sound, read_sound
from specwidget.stft.formatting import printable
from tests.selection import slow_but

NAMES = {
    "not text": os.fsdecode(b"caf\xe9\xff.wav"),
    "mathematics": "$1 to $2 \\frac$.wav",
    "broken mathematics": "a $\\frac{ b$.wav",
    "line end": "two\nlines\r\t.wav",
    "terminal": "\x1b[31mred\x07.wav",
    "backwards": "\u202evaw.exe",
    "markup": "<b>&amp;\"'.wav",
    "other scripts": "\u97f3\u58f0 \U0001f3b5.wav",
    "long": "x" * 246 + ".wav",
    "long, of many bytes": "\u97f3" * 82 + ".wav",
    "template": "{name} %s ${title}.wav",
}


@pytest.fixture(params=NAMES.values(), ids=NAMES)
def path(request, tmp_path):
    path = tmp_path / request.param
    soundfile.write(os.fsencode(path), np.random.default_rng(0).uniform(-0.5, 0.5, 2000), 8000, format="WAV")
    return path


def is_safe(text):
    return not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text)


def test_a_name_becomes_one_line_of_text():
    assert [printable(name) for name in NAMES.values()][:6] == [
        "caf\\xe9\\xff.wav",
        NAMES["mathematics"],
        NAMES["broken mathematics"],
        "two\\nlines\\r\\t.wav",
        "\\x1b[31mred\\x07.wav",
        "\\u202evaw.exe",
    ]
    assert [printable(NAMES[kind]) for kind in ("markup", "other scripts")] == [NAMES["markup"], NAMES["other scripts"]]
    assert Sound(np.zeros((1, 1, 1)), None, "a\nb").name == "a\\nb"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Glyph")
def test_the_command_line_shows_it_and_saves_a_figure(path, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(show, "crosscheck", lambda *_arguments, **_keywords: {})
    figure = tmp_path / f"{path.name[:80]}.svg"
    assert main(["show", str(path), "-o", str(figure)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"{printable(path.name)}: 1 channel")
    assert is_safe(printed.replace("\n", ""))
    assert figure.read_bytes().startswith(b"<?xml")


def test_an_error_on_the_command_line_shows_it(path, tmp_path, capsys):
    output = tmp_path / path.name[:80] / "x.png"
    assert main(["show", str(path), "-o", str(output)]) == 2
    assert is_safe(capsys.readouterr().err.rstrip("\n"))


def test_the_json_of_a_check_holds_it(path, capsys, monkeypatch):
    monkeypatch.setattr(check, "crosscheck", lambda *_arguments, **_keywords: {})
    assert main(["check", str(path), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["signal"] == printable(path.name)


@pytest.mark.parametrize("kind", slow_but(["svg", "pdf"], "svg".__eq__))
@pytest.mark.filterwarnings("ignore:Glyph")
def test_a_figure_has_it_as_its_title(path, kind):
    figure = make_figure(STFTSpectrogram().spectrogram(np.zeros((1, 2000, 1))), title=read_sound(path).name)
    assert len(to_file(figure, kind)) > 1000
    assert len(figure.get_suptitle()) <= 100


def test_the_svg_has_the_name_with_its_dollar_signs():
    figure = make_figure(STFTSpectrogram().spectrogram(np.zeros((1, 2000, 1))), title="$1 to $2.wav")
    assert "$1 to $2.wav" in to_file(figure, "svg").decode()


@pytest.mark.slow
@pytest.mark.parametrize("path", [NAMES["not text"], NAMES["long, of many bytes"]], indirect=True)
@pytest.mark.filterwarnings("ignore:Glyph")
def test_the_page_shows_it_and_offers_files_of_at_most_255_bytes(path):
    explorer = Explorer(ExplorerState(as_sound(path)))
    state = explorer.state
    json.dumps(explorer.panels["sound"].details, ensure_ascii=False).encode()
    for kind, download in DOWNLOADS.items():
        name = file_name(state, kind)
        assert len(name.encode()) <= 255
        assert name.endswith(download.suffix)
        assert content_of(download.make_writer(state, explorer.panels, FileChoices()))
    explorer.static_fallback().text.encode()
    explorer.close()


def test_the_menu_offers_and_opens_it(path):
    state = ExplorerState(as_sound(np.zeros(1000)))
    panel = SoundPanel(state, path.parent)
    if path.suffix == ".wav":
        json.dumps(panel.choices, ensure_ascii=False).encode()
        panel.selected = f"file:{printable(path.name)}"
        assert (panel.failure, state.sound.samples.shape[1]) == ("", 2000)
    panel.close()


def test_a_notebook_for_it_opens_it(path, tmp_path):
    notebook = place_notebook(path, None, tmp_path)
    assert len(notebook.name.encode()) <= 255
    *_, call, last = json.loads(notebook.read_text(encoding="utf-8"))["cells"][0]["source"]
    opened = eval(call.removeprefix("explorer = specwidget.explore"))
    assert last == "explorer"
    assert os.fsencode(opened) == os.fsencode(path.name)
    assert place_notebook(path, None, tmp_path) == notebook


@pytest.mark.parametrize(("name", "reason"), [("a\0b.wav", "must exist"), ("x" * 300, r"\(File name too long\)")])
def test_a_name_that_no_file_can_have_is_a_sound_error(name, reason, capsys):
    with pytest.raises(SoundError, match=reason):
        read_sound(name)
    assert main(["check", name]) == 2
    assert is_safe(capsys.readouterr().err.rstrip("\n"))


def test_a_sound_in_a_folder_of_such_a_name_is_read(path, tmp_path):
    path.rename(tmp_path / "x.wav")
    path.mkdir()
    (tmp_path / "x.wav").rename(path / "x.wav")
    assert as_sound(str(path / "x.wav")).samples.shape == (1, 2000, 1)
