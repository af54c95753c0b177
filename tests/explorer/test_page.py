"""The page as a widget: made, driven, shown without a kernel, closed."""

import base64
import inspect
import re
from dataclasses import replace
from typing import get_type_hints

import ipywidgets
import numpy as np
import pytest

from specwidget import STFTSettings, explore, front_ends
from specwidget.explorer.page import PANELS
from specwidget.explorer.spectrogram_view.spectrogram_view import SpectrogramView
from specwidget.explorer.workbench.workbench import Workbench
from specwidget.export import save_settings
from specwidget.mel.stages import FRONT_END_DEFAULTS, BandSettings
from specwidget.stft.settings import SETTING_DEFAULTS
from specwidget.summary.display import DISPLAY_DEFAULTS
from specwidget.summary.lengths import LENGTHS
from specwidget.widgets import assets
from specwidget.widgets.assets import FOLDER, key_of, read_modules, read_style, read_view


@pytest.fixture
def explorer():
    """Return an explorer of the recording that comes along."""
    explorer = explore()
    yield explorer
    explorer.close()


def test_it_opens_on_a_recording(explorer):
    assert explorer.state.sound.name == "voice"
    assert explorer.state.errors == {}
    assert explorer.result.settings.frame_length == 256


@pytest.mark.parametrize("shape", [(4000,), (4000, 2), (2, 4000, 2)])
def test_arrays_of_each_rank_are_taken(shape):
    explorer = explore(np.zeros(shape))
    assert explorer.result.n_samples == 4000
    assert explorer.result.sample_rate is None
    explorer.close()


def test_settings_and_display_choices_are_taken():
    explorer = explore(np.ones(4000), 8000, frame_length=64, window=("kaiser", 5), colour_map="viridis")
    assert explorer.layer.frame_length == 64
    assert explorer.state.colour_map == "viridis"
    explorer.close()


def test_it_begins_with_given_settings_which_keywords_go_before(tmp_path):
    given = STFTSettings("psd", 400, window=("kaiser", 8.6))
    save_settings(given, tmp_path / "settings.json")
    for settings in (given, tmp_path / "settings.json", str(tmp_path / "settings.json")):
        explorer = explore(np.ones(4000), 8000, settings=settings, frame_step=100, colour_map="viridis")
        assert explorer.layer.settings == replace(given, frame_step=100)
        assert explorer.state.colour_map == "viridis"
        explorer.close()


def test_a_signal_without_a_sample_rate_has_that_of_the_bands(tmp_path):
    front_end = front_ends["speecht5"]
    save_settings(front_end.mel.settings, tmp_path / "bands.json")
    for settings in (front_end.mel, front_end.mel.settings, BandSettings.of(front_end.layer), tmp_path / "bands.json"):
        explorer = explore(np.ones(4000), settings=settings)
        assert (explorer.state.sound.sample_rate, explorer.state.errors) == (16_000, {})
        explorer.close()
    explorer = explore(np.ones(4000), front_end="hifigan")
    assert (explorer.state.sound.sample_rate, explorer.state.errors) == (22_050, {})
    assert explorer.result.shape[-1] == 80
    explorer.close()


def test_the_signature_lists_every_setting_and_display_choice_with_its_default():
    parameters = dict(inspect.signature(explore).parameters)
    for name in ("signal", "sample_rate", "settings", "front_end", "panels", "controls", "height"):
        del parameters[name]
    assert {name: repr(each.default) for name, each in parameters.items()} == {
        name: repr(value) for name, value in (FRONT_END_DEFAULTS | DISPLAY_DEFAULTS).items()
    }
    hints = get_type_hints(explore)
    # Lengths are texts, too, such as "25 ms".
    assert {name: hints[name] for name in SETTING_DEFAULTS} == {
        name: hint | str if name in LENGTHS else hint
        for name, hint in get_type_hints(STFTSettings).items()
        if name in SETTING_DEFAULTS
    }


def test_a_default_given_as_a_keyword_replaces_that_of_the_settings():
    explorer = explore(np.ones(4000), 8000, settings=STFTSettings(frame_length=400), frame_length=256)
    assert explorer.layer.frame_length == 256
    explorer.close()


def test_an_unknown_keyword_is_refused():
    with pytest.raises(TypeError, match=r"got 'hop_length'\. `hop_length` is called `frame_step` here\.$"):
        explore(hop_length=128)


def test_an_impossible_setting_opens_the_page_with_its_sentence():
    explorer = explore(np.ones(4000), 8000, frame_step=300)
    assert explorer.state.errors["frame_step"].endswith("got 300.")
    assert explorer.result is None
    assert explorer.shapes() == "nothing computed yet"
    assert "image/png" not in explorer._repr_mimebundle_()
    explorer.set(frame_step=100)
    assert explorer.state.errors == {}
    explorer.close()


def test_it_carries_a_picture_and_a_text_for_where_no_widget_runs(explorer):
    bundle = explorer._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"])[:8] == b"\x89PNG\r\n\x1a\n"
    assert bundle["text/plain"].startswith("Explorer: (1, 62079, 1) -> 483 frames of 256")
    assert 'alt="Spectrogram of voice: (1, 62079, 1) -&gt; 483 frames of 256' in bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


@pytest.mark.parametrize("mode", ["log", "stft", "angle"])
def test_the_picture_is_carried_in_every_display(explorer, mode):
    explorer.set(mode=mode, frequency_axis="mel", colour_map="viridis", decibels=False)
    assert "image/png" in explorer._repr_mimebundle_()


def test_closing_leaves_no_widget():
    before = len(ipywidgets.widgets.widget._instances)
    explorer = explore()
    assert len(ipywidgets.widgets.widget._instances) > before
    explorer.close()
    explorer.close()
    assert len(ipywidgets.widgets.widget._instances) == before


def test_every_panel_has_its_three_files():
    for panel in (*PANELS.values(), Workbench):
        stem = FOLDER / panel.files
        assert all(stem.with_suffix(suffix).exists() for suffix in (".py", ".js", ".css"))


@pytest.mark.parametrize("file", sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.js")))
def test_modules_need_no_other_file_and_no_network(file):
    known = set()
    for key, text in read_modules(file):
        imports = re.findall(r"^import\b[^;]*?from\s*\"([^\"]*)\"", text, re.MULTILINE)
        assert all(address in known or address.startswith("data:text/javascript,") for address in imports)
        known.add(key)
    assert "http" not in (FOLDER / file).read_text()
    assert len((FOLDER / file).read_text().splitlines()) < 400


def test_a_page_is_sent_each_module_once(explorer):
    modules = explorer._modules.modules
    files = {key.partition("/")[2] for key, _ in modules}
    assert len(files) == len(modules)
    assert {f"{panel.files}.js" for panel in (*explorer.panels.values(), Workbench)} < files
    assert sum(len(text) for _, text in modules) < 1.05 * sum(len((FOLDER / name).read_text()) for name in files)
    # What a widget brings itself is what assembles modules, as base64, and one line.
    assembler = (FOLDER / "widgets/module_loader.js").stat().st_size
    assert max(len(panel._esm) for panel in explorer.panels.values()) < 1.4 * assembler + 200


@pytest.fixture
def forgotten():
    """Forget the modules that were read, and again."""
    cached = assets.key_of, assets._read

    def forget():
        for each in cached:
            each.cache_clear()

    forget()
    yield forget
    forget()


def test_the_key_of_a_module_follows_what_it_imports(tmp_path, monkeypatch, forgotten):
    monkeypatch.setattr(assets, "FOLDER", tmp_path)
    (tmp_path / "leaf.js").write_text("export const a = 1;\n")
    for name in ("one.js", "two.js"):
        (tmp_path / name).write_text('import { a } from "./leaf.js";\nexport default a;\n')
    keys = {name: key_of(name) for name in ("one.js", "two.js")}
    assert keys["one.js"].removesuffix("one.js") == keys["two.js"].removesuffix("two.js")
    forgotten()
    (tmp_path / "leaf.js").write_text("export const a = 2;\n")
    assert key_of("one.js") != keys["one.js"]


def test_a_panel_by_itself_brings_its_modules_along(explorer):
    panel = SpectrogramView(explorer.state)
    assert panel._shared_modules == ""
    assert panel._esm == read_view("explorer/spectrogram_view/spectrogram_view.js")
    panel.close()


def test_styles_begin_with_the_common_one_and_fetch_nothing():
    for panel in (*PANELS.values(), Workbench):
        style = read_style(f"{panel.files}.css")
        assert style.startswith((FOLDER / "widgets/base.css").read_text())
        assert "url(" not in style
        assert "@import" not in style
