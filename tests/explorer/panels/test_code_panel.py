"""The panel of code: it follows the settings, writes nothing while folded, and keeps the last code that was right."""

import numpy as np
import pytest

from specwidget import explore
from specwidget.codegen import CODE_TARGETS, install_command, to_code
from specwidget.explorer.explore_call import write_explore_call
from specwidget.explorer.page import PANELS
from specwidget.explorer.panels.code_panel import CodePanel


@pytest.fixture
def panel(state):
    """Return the panel, unfolded."""
    panel = CodePanel(state)
    panel.is_open = True
    yield panel
    panel.close()


def test_it_offers_every_target(panel):
    assert [target["name"] for target in panel.targets] == [*CODE_TARGETS, "explore"]
    assert PANELS["code"] is CodePanel


@pytest.mark.parametrize("target", CODE_TARGETS)
def test_it_shows_the_code_of_what_is_shown(panel, state, target):
    panel.set_state({"target": target})
    assert panel.code == to_code(state.current.settings, (1, 8000, 1), target, state.sound.sample_rate)
    assert panel.install == install_command(panel.code, target)
    state.update(data_format="channels_first", frame_length=100, padding="same")
    assert panel.code == to_code(state.current.settings, (1, 1, 8000), target, state.sound.sample_rate)


def test_it_shows_the_call_that_opens_the_page(panel, state):
    panel.set_state({"target": "explore"})
    state.update(frame_length=400, unit="Pa")
    assert panel.code == write_explore_call(state.sound, state.current.settings, state.display)
    assert "frame_length=400" in panel.code
    assert panel.install == ""


def test_folded_it_writes_nothing(state, monkeypatch):
    panel = CodePanel(state)
    monkeypatch.setattr("specwidget.explorer.state.computation.to_code", lambda *_: 1 / 0)
    state.update(frame_length=128)
    panel.set_state({"target": "numpy"})
    assert (panel.code, state.errors) == ("", {})
    panel.close()


def test_unfolding_writes_what_has_changed_meanwhile(panel, state):
    panel.is_open = False
    state.update(frame_length=128)
    assert "frame_length=256" in panel.code
    panel.is_open = True
    assert "frame_length=128" in panel.code


def test_impossible_settings_leave_the_last_code_and_say_so(panel, state):
    before = panel.code
    state.update(frame_step=999)
    assert (panel.code, panel.is_stale) == (before, True)
    state.update(frame_step=100)
    assert "frame_step=100" in panel.code
    assert not panel.is_stale


def test_kernels_of_the_layer_s_own_are_in_the_code(panel, state):
    state.layer.set_weights([2 * weight for weight in state.layer.weights])
    state.refresh()
    assert 'load_kernels("kernels.npz")' in panel.code


def test_a_library_that_is_none_is_not_taken(panel):
    before = panel.code
    with pytest.raises(Exception, match="target"):
        panel.set_state({"target": "matlab"})
    assert (panel.target, panel.code) == ("specwidget", before)


@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("specwidget", ""),
        ("numpy", "pip install numpy"),
        ("scipy", "pip install numpy scipy"),
        ("torch", "pip install torch"),
        ("keras", "pip install keras numpy tensorflow"),
        ("keras3", 'install.packages("keras3"); keras3::install_keras()'),
    ],
)
def test_what_has_to_be_installed_is_told(panel, target, command):
    panel.set_state({"target": target})
    assert panel.install == command


def test_saved_in_a_page_it_has_the_code_for_every_library(panel, state):
    standing = panel.to_static()()
    assert list(standing.traits["written"]) == [*CODE_TARGETS, "explore"]
    code, install = standing.traits["written"]["scipy"]
    assert code == to_code(state.current.settings, (1, 8000, 1), "scipy", state.sound.sample_rate)
    assert install == "pip install numpy scipy"
    assert panel.written == {}


def test_the_page_gives_code_from_python():
    explorer = explore(np.zeros(4000), 11_025, data_format="channels_first", frame_length=64)
    assert explorer.to_code("scipy") == to_code(explorer.layer, (1, 1, 4000), "scipy", 11_025)
    assert "fs=11025" in explorer.to_code("scipy")
    explorer.close()
    nothing = explore(np.zeros(4000), frame_step=999)
    with pytest.raises(ValueError, match="No code to write: the settings don't fit the sound"):
        nothing.to_code("scipy")
    nothing.close()
