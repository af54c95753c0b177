"""What is taken away: the files are what they say, and come back as they went."""

import io

import numpy as np
import pytest
from matplotlib.image import imread

from specwidget import explore
from specwidget.explorer import take_away_panel
from specwidget.explorer.state import ExplorerState
from specwidget.explorer.take_away_panel import PIECE_BYTES, TakeAwayPanel
from specwidget.explorer.taking import FILES, file_name, make_figure_file, make_settings_file, make_values_file
from specwidget.sounds import as_signal
from specwidget.stft.settings import STFTSettings


@pytest.fixture
def explorer(noise):
    """Return an explorer of noise."""
    explorer = explore(noise, frame_length=400, frame_step=160, window=("kaiser", 8.6))
    yield explorer
    explorer.close()


def test_values_come_back_with_axes_rate_and_settings(state):
    state.update(frame_length=400, mode="psd")
    with np.load(io.BytesIO(make_values_file(state)), allow_pickle=False) as file:
        assert np.array_equal(file["values"], state.result.values)
        assert np.array_equal(file["times"], state.result.times)
        assert np.array_equal(file["frequencies"], state.result.frequencies)
        assert file["sample_rate"] == 8000
        assert STFTSettings.from_json(str(file["settings"])) == state.result.settings


def test_a_sound_without_a_rate_has_none_in_the_file():
    state = ExplorerState(as_signal(np.ones(1000)))
    with np.load(io.BytesIO(make_values_file(state)), allow_pickle=False) as file:
        assert np.isnan(file["sample_rate"])


@pytest.mark.parametrize("mode", ["log", "stft", "angle"])
def test_the_picture_has_the_size_and_the_dots_of_print(state, mode):
    state.update(mode=mode, colour_map="viridis" if mode == "log" else "automatic")
    pixels = imread(io.BytesIO(make_figure_file(state, "png")))
    assert pixels.shape[:2] == (1080, 2160)
    assert len(np.unique(pixels.reshape(-1, 4), axis=0)) > 100


def test_the_axes_of_the_svg_are_text_and_lines_beside_one_image(state):
    text = make_figure_file(state, "svg").decode()
    assert text.count("<image") == 2
    assert "time (s)" in text
    assert "frequency (Hz)" in text


@pytest.mark.parametrize(
    ("time_axis", "ends"), [("seconds", (0.2, 0.5)), ("samples", (1600, 4000)), ("frames", (11.5, 30.25))]
)
def test_the_picture_is_of_the_visible_part(state, monkeypatch, time_axis, ends):
    """The centre of frame t lies at sample 128 t + 128."""
    seen = {}
    monkeypatch.setattr("specwidget.figures.to_file", lambda figure, _kind: seen.update(axes=figure.axes[0]) or b"")
    state.update(visible=(1600, 4000, 0.25, 0.5), time_axis=time_axis)
    make_figure_file(state, "png")
    assert seen["axes"].get_xlim() == pytest.approx(ends)
    assert seen["axes"].get_ylim() == pytest.approx((1000, 2000))


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_a_figure_is_saved_by_its_suffix(explorer, tmp_path, suffix):
    explorer.save_figure(tmp_path / f"picture{suffix}")
    start = (tmp_path / f"picture{suffix}").read_bytes()[:5]
    assert start == {".png": b"\x89PNG\r", ".svg": b"<?xml", ".pdf": b"%PDF-"}[suffix]


def test_an_unknown_kind_of_picture_is_refused(explorer, tmp_path):
    with pytest.raises(ValueError, match=r"`path` must end with one of .*\.png.*; got '.*picture\.doc'\."):
        explorer.save_figure(tmp_path / "picture.doc")
    assert list(tmp_path.iterdir()) == []


def test_settings_and_values_are_saved_and_loaded(explorer, tmp_path):
    explorer.save_settings(tmp_path / "settings.json")
    explorer.save_values(tmp_path / "values.npz")
    explorer.set(frame_length=64, frame_step=None, window="hann")
    explorer.load_settings(tmp_path / "settings.json")
    assert explorer.result.settings.window == ("kaiser", 8.6)
    with np.load(tmp_path / "values.npz") as file:
        assert np.array_equal(file["values"], explorer.result.values)


def test_nothing_computed_is_nothing_to_take(tmp_path):
    explorer = explore(np.ones(100), 8000)
    with pytest.raises(ValueError, match="`result` must have been computed; got no settings that fit the sound yet"):
        explorer.save_values(tmp_path / "values.npz")
    assert list(tmp_path.iterdir()) == []
    explorer.close()


def test_names_of_files_hold_nothing_but_letters_digits_and_dashes():
    sound = as_signal(np.zeros(1000), 8000)
    object.__setattr__(sound, "name", "../my <voice>: take 2.wav")
    assert file_name(ExplorerState(sound), "values") == "my-voice-take-2-log-256-128.npz"


@pytest.fixture
def panel(state):
    """Return the panel, with what it sends."""
    panel = TakeAwayPanel(state)
    panel.sent = []
    panel.send = lambda content, buffers=None: panel.sent.append((content, buffers or []))
    yield panel
    panel.close()


def receive(panel, what):
    """Ask for a file as the page does, and return its name and content."""
    panel._handle_custom_msg({"kind": "take", "what": what, "key": "k"}, [])
    (about, _), *pieces = panel.sent
    data = b"".join(bytes(buffers[0]) for _, buffers in pieces)
    while len(data) < about["bytes"]:
        panel._handle_custom_msg({"kind": "piece", "key": "k", "offset": len(data)}, [])
        data += bytes(panel.sent[-1][1][0])
    return about["name"], data


@pytest.mark.parametrize("what", FILES)
def test_every_file_arrives_whole(panel, what):
    panel.companions = {}
    name, data = receive(panel, what)
    assert name == f"array-log-256-128{FILES[what].suffix}"
    assert len(data) == panel.sent[0][0]["bytes"]
    assert panel.failure == ""


def test_a_large_file_travels_in_pieces(panel, state):
    state.update(frame_step=1)
    _, data = receive(panel, "values")
    assert len(panel.sent) == 1 + -(-len(data) // PIECE_BYTES) > 3
    with np.load(io.BytesIO(data)) as file:
        assert np.array_equal(file["values"], state.result.values)


def test_a_file_that_is_too_large_for_the_page_is_refused(panel, monkeypatch):
    monkeypatch.setattr(take_away_panel, "MOST_BYTES", 1000)
    panel._handle_custom_msg({"kind": "take", "what": "values", "key": "k"}, [])
    assert panel.sent == [({"kind": "refused", "key": "k"}, [])]
    assert panel.failure.startswith("`file` must have at most 1000 B to be sent to the page; got ")
    assert panel.failure.endswith("Save it from Python, with explorer.save_values.")


def test_settings_go_to_a_file_and_come_back(panel, state):
    state.update(frame_length=400, frame_step=100, mode="angle")
    text = make_settings_file(state).decode()
    state.update(frame_length=256, frame_step=None, mode="log")
    panel._handle_custom_msg({"kind": "settings", "name": "mine.json", "text": text}, [])
    assert (state.frame_length, state.frame_step, state.mode) == (400, 100, "angle")
    assert panel.sent == [({"kind": "settings", "taken": True}, [])]


@pytest.mark.parametrize("text", ["", "{}", "[1, 2]", "not json", '{"frame_length": 1}'])
def test_what_holds_no_settings_is_told_and_changes_nothing(panel, state, text):
    before = state.history
    panel._handle_custom_msg({"kind": "settings", "name": "odd.json", "text": text}, [])
    assert panel.failure.startswith("`file` must hold settings; got 'odd.json', which does not: ")
    assert state.history is before
    assert state.errors == {}
