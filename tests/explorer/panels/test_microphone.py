"""The microphone's end in the kernel: what arrives is displayed, and becomes the sound at the end."""

import numpy as np
import pytest

from specwidget.explorer.panels.sound_panel import SoundPanel
from specwidget.explorer.spectrogram_view.spectrogram_view import SpectrogramView
from specwidget.explorer.state.explorer_state import ExplorerState

RATE = 4000
NOISE = np.random.default_rng(0).standard_normal(60_000).astype("float32")


@pytest.fixture
def panel(noise):
    """Return the panel of a state that has a sound."""
    panel = SoundPanel(ExplorerState(noise))
    panel.sent = []
    panel.send = lambda content, buffers=None: panel.sent.append(content["kind"])
    yield panel
    panel.close()
    panel._source.close()


def tell(panel, kind, samples=None, key="a", **content):
    """Send a message as the page does."""
    buffers = [] if samples is None else [memoryview(samples.tobytes())]
    panel._handle_custom_msg({"kind": kind, "key": key, **content}, buffers)


def test_the_latest_seconds_are_displayed_and_answered_after_the_picture(panel):
    view, order = SpectrogramView(panel._source), []
    view.send = lambda content, buffers=None: order.append(content["kind"])
    panel.send = lambda content, buffers=None: order.append(content["kind"])
    tell(panel, "record", sample_rate=RATE)
    tell(panel, "samples", NOISE[:5000])
    sound = panel._source.current.sound
    assert (sound.sample_rate, sound.name, sound.samples.shape) == (RATE, "Recording 1", (1, 40_000, 1))
    np.testing.assert_array_equal(sound.samples[0, -5000:, 0], NOISE[:5000])
    assert order.index("picture") < order.index("displayed")
    order.clear()
    tell(panel, "samples", NOISE[5000:50_000])
    np.testing.assert_array_equal(panel._source.current.sound.samples[0, :, 0], NOISE[10_000:50_000])
    assert order.index("picture") < order.index("displayed")
    assert order.count("displayed") == 1
    view.close()


def test_at_the_end_what_was_recorded_is_the_sound_and_one_step_takes_it_back(panel, noise):
    state = panel._source
    n_before = len(state.history.past)
    tell(panel, "record", sample_rate=RATE)
    for first in range(0, 6000, 1000):
        tell(panel, "samples", NOISE[first : first + 1000])
    tell(panel, "stop")
    np.testing.assert_array_equal(state.sound.samples[0, :, 0], NOISE[:6000])
    assert panel.selected == "own:Recording 1"
    assert panel.details["facts"][0] == "1.5 s"
    assert panel.sent[-1] == "stopped"
    assert len(state.history.past) == n_before + 1
    state.restore(state.history.back())
    assert state.sound is noise
    state.restore(state.history.forward())
    np.testing.assert_array_equal(state.sound.samples[0, :, 0], NOISE[:6000])
    tell(panel, "record", sample_rate=RATE)
    tell(panel, "samples", NOISE[:100])
    assert state.sound.name == "Recording 2"


def test_settings_that_are_changed_meanwhile_are_steps_of_their_own(panel, noise):
    state = panel._source
    tell(panel, "record", sample_rate=RATE)
    tell(panel, "samples", NOISE[:1000])
    state.frame_length = 400
    tell(panel, "samples", NOISE[1000:2000])
    tell(panel, "stop")
    assert [step["frame_length"] for step in state.history.past] == [256, 256]
    state.restore(state.history.back())
    assert state.frame_length == 256
    np.testing.assert_array_equal(state.sound.samples[0, :, 0], NOISE[:2000])
    state.restore(state.history.back())
    assert state.sound is noise


@pytest.mark.parametrize("how", ["menu", "undo", "python"])
def test_another_sound_ends_the_recording(panel, how):
    state = panel._source
    tell(panel, "record", sample_rate=RATE)
    tell(panel, "samples", NOISE[:1000])
    if how == "menu":
        panel.set_state({"selected": "recording:voice"})
    elif how == "undo":
        state.restore(state.history.back())
    else:
        state.update(sound=(NOISE, 8000))
    other = state.sound
    assert panel.sent[-1] == "stopped"
    tell(panel, "samples", NOISE[:1000])
    tell(panel, "stop")
    assert state.sound is other


def test_a_recording_without_samples_changes_nothing(panel, noise):
    tell(panel, "record", sample_rate=RATE)
    tell(panel, "stop")
    assert panel._source.sound is noise
    assert panel.sent == ["stopped"]


def test_an_impossible_rate_is_told_and_the_page_turns_the_microphone_off(panel, noise):
    tell(panel, "record", sample_rate=0)
    assert "sample rate" in panel.failure.lower()
    assert panel.sent == ["stopped"]
    tell(panel, "samples", NOISE[:100])
    assert panel._source.sound is noise


def test_a_rate_that_is_corrected_meanwhile_stays(panel, noise):
    state = panel._source
    tell(panel, "record", sample_rate=RATE)
    tell(panel, "samples", NOISE[:1000])
    panel.set_state({"sample_rate": 2000})
    tell(panel, "samples", NOISE[1000:2000])
    assert (panel.sample_rate, state.sound.sample_rate) == (2000, 2000)
    tell(panel, "stop")
    assert (panel.sample_rate, state.sound.sample_rate, state.sound.samples.shape[1]) == (2000, 2000, 2000)
    state.restore(state.history.back())
    assert state.sound is noise


def test_messages_of_another_recording_are_ignored(panel):
    tell(panel, "record", sample_rate=RATE)
    tell(panel, "samples", NOISE[:1000])
    # Another view begins one: this one ends, and what it still sends belongs to none.
    tell(panel, "record", sample_rate=RATE, key="b")
    tell(panel, "samples", NOISE[:500], key="b")
    tell(panel, "samples", NOISE[1000:2000])
    tell(panel, "stop")
    tell(panel, "samples", NOISE[500:800], key="b")
    tell(panel, "stop", key="b")
    np.testing.assert_array_equal(panel._source.sound.samples[0, :, 0], NOISE[:800])
