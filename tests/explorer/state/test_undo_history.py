"""The history: what is one step, what comes back, what is forgotten."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwidget.explorer.panels.controls_panel import ControlsPanel
from specwidget.explorer.panels.history_panel import HistoryPanel
from specwidget.explorer.state.undo_history import MAX_SOUND_BYTES, MAX_STEPS, STEP_PAUSE_S, History
from specwidget.mel.stages import FRONT_END_DEFAULTS
from specwidget.sounds import Sound, load_recording
from specwidget.stft.settings import STFTSettings


def steps(*values, apart=10 * STEP_PAUSE_S):
    """Return the history of a setting that took some values, each a while after the one before."""
    history = History({"a": values[0], "b": 0})
    for i, value in enumerate(values[1:]):
        history = history.after({"a": value, "b": 0}, now=i * apart)
    return history


@given(values=st.lists(st.integers(0, 3), min_size=1, max_size=12))
def test_back_and_forward_walk_over_every_value_that_was_held(values):
    history = steps(*values)
    walked = [value for i, value in enumerate(values) if i == 0 or values[i - 1] != value]
    back = [history]
    while back[-1].past:
        back.append(back[-1].back())
    assert [each.present["a"] for each in back] == walked[::-1]
    forward = [back[-1]]
    while forward[-1].future:
        forward.append(forward[-1].forward())
    assert [each.present["a"] for each in forward] == walked


def test_a_drag_is_one_step_however_long_the_hand_rests():
    history = History({"a": 0, "b": 0}).hold()
    for value, now in ((1, 0.0), (2, 0.1), (3, 60.0)):
        history = history.after({"a": value, "b": 0}, now)
    assert history.release().back().present == {"a": 0, "b": 0}


def test_two_drags_are_two_steps_however_close():
    history = History({"a": 0}).hold().after({"a": 1}, 0.0).release()
    history = history.hold().after({"a": 2}, 0.1).release()
    assert [each["a"] for each in history.past] == [0, 1]


def test_the_last_value_of_a_drag_may_arrive_after_the_hand_let_go():
    history = History({"a": 0}).hold().after({"a": 1}, 5.0).release().after({"a": 2}, 5.1)
    assert history.past == ({"a": 0},)


def test_changes_close_together_join_only_where_they_are_of_the_same():
    history = History({"a": 0, "b": 0}).after({"a": 1, "b": 0}, 0.0).after({"a": 2, "b": 0}, 0.9 * STEP_PAUSE_S)
    assert len(history.past) == 1
    assert len(history.after({"a": 2, "b": 1}, STEP_PAUSE_S).past) == 2
    assert len(history.after({"a": 3, "b": 0}, 2.0 * STEP_PAUSE_S).past) == 2


def test_after_a_rest_the_next_change_is_a_step_of_its_own():
    history = History({"a": 0}).after({"a": 1}, 0.0).rest().after({"a": 2}, 0.1)
    assert [each["a"] for each in history.past] == [0, 1]


def test_a_drag_that_ends_where_it_began_is_no_step():
    history = History({"a": 0}).hold().after({"a": 1}, 0.0).after({"a": 0}, 0.1)
    assert (history.past, history.present) == ((), {"a": 0})


def test_a_new_change_forgets_what_was_taken_back():
    history = steps(0, 1, 2).back().after({"a": 7, "b": 0}, 100.0)
    assert history.future == ()
    assert history.back().present["a"] == 1


def test_at_both_ends_nothing_happens():
    history = History({"a": 0})
    assert history.back() is history
    assert history.forward() is history


def test_it_names_what_a_step_would_change():
    history = steps(0, 1).back()
    assert (history.changed_by_back, history.changed_by_forward) == (frozenset(), {"a"})
    assert history.forward().changed_by_back == {"a"}


def test_it_forgets_the_oldest_of_many_steps():
    history = steps(*range(MAX_STEPS + 10))
    assert len(history.past) == MAX_STEPS
    assert history.past[-1]["a"] == MAX_STEPS + 8


def test_it_does_not_keep_large_sounds_alive():
    sounds = [Sound(SimpleNamespace(nbytes=MAX_SOUND_BYTES // 2), 8000.0, "long") for _ in range(4)]
    history = History({"sound": sounds[0]})
    for now, sound in enumerate(sounds[1:]):
        history = history.after({"sound": sound}, 10.0 * now)
    assert [each["sound"] for each in history.past] == sounds[1:3]


def test_values_of_a_window_are_compared_one_by_one():
    history = History({"window": np.ones(4)})
    assert history.after({"window": np.ones(4)}, 0.0) is history
    assert history.after({"window": np.hanning(4)}, 0.0).past


def test_the_state_keeps_each_change_that_was_followed(state):
    state.update(frame_length=512, frame_step=64)
    state.update(window=("kaiser", 8.6))
    state.restore(state.history.back())
    assert (state.frame_length, state.window) == (512, "hann")
    state.restore(state.history.back())
    assert (state.frame_length, state.frame_step) == (256, None)
    state.restore(state.history.forward())
    assert state.current.settings.step == 64


def test_impossible_settings_are_a_step_too(state):
    state.update(frame_step=9999)
    assert state.errors
    state.restore(state.history.back())
    assert (state.errors, state.frame_step) == ({}, None)


def test_a_sound_comes_back_with_its_settings(state, noise):
    state.update(sound=load_recording("misc_crow"), frame_length=64)
    state.restore(state.history.back())
    assert state.sound is noise
    assert state.current.n_samples == noise.samples.shape[1]


@pytest.mark.parametrize("name", FRONT_END_DEFAULTS)
def test_every_setting_is_kept(state, name):
    assert name in state.history.present


@pytest.fixture
def panel(state):
    """Return the panel of steps."""
    panel = HistoryPanel(state)
    yield panel
    panel.close()


def test_the_buttons_say_what_they_would_change(panel, state):
    assert (panel.undo, panel.redo, panel.is_default) == ("", "", True)
    state.update(frame_length=512, frame_step=64)
    assert (panel.undo, panel.is_default) == ("Frame length, Frame step", False)
    panel._handle_custom_msg({"kind": "undo"}, [])
    assert (panel.undo, panel.redo) == ("", "Frame length, Frame step")
    panel._handle_custom_msg({"kind": "redo"}, [])
    assert state.frame_step == 64


def test_reset_is_one_step_and_leaves_sound_and_display(panel, state, noise):
    state.update(frame_length=512, mode="psd", colour_map="viridis")
    panel._handle_custom_msg({"kind": "reset"}, [])
    assert state.current.settings == STFTSettings()
    assert (state.sound, state.colour_map) == (noise, "viridis")
    panel._handle_custom_msg({"kind": "undo"}, [])
    assert (state.frame_length, state.mode) == (512, "psd")


def test_what_a_held_slider_sends_is_one_step(panel, state):
    controls = ControlsPanel(state)
    panel._handle_custom_msg({"kind": "hold"}, [])
    for length in (300, 400, 500):
        controls.set_state({"frame_length": length})
    panel._handle_custom_msg({"kind": "release"}, [])
    panel._handle_custom_msg({"kind": "undo"}, [])
    assert (state.frame_length, panel.undo) == (256, "")
    controls.close()


def test_a_released_slider_is_held_no_longer():
    held = History({"frame_length": 1}).hold()
    assert held.is_held is True
    assert held.release().is_held is False
    history = held.after({"frame_length": 2}, now=0.0).release().after({"frame_length": 3}, now=STEP_PAUSE_S)
    assert [values["frame_length"] for values in history.past] == [1, 2]


def test_a_step_back_leaves_all_steps_before_it():
    history = History({"frame_length": 1})
    for length in (2, 3, 4):
        history = history.after({"frame_length": length}, now=10.0 * length)
    back = history.back()
    assert [values["frame_length"] for values in back.past] == [1, 2]
    assert (back.present["frame_length"], back.open_names) == (3, frozenset())
    assert history.rest().open_names == frozenset()


def test_each_sound_counts_once_and_the_present_one_does_not():
    large, other, small = (SimpleNamespace(samples=SimpleNamespace(nbytes=n)) for n in (2, 2, 1))
    for sound in (large, other):
        sound.samples.nbytes = MAX_SOUND_BYTES

    def lengths(*steps):
        history = History({"sound": steps[0], "frame_length": 0})
        for length, sound in enumerate(steps[1:], 1):
            history = history.after({"sound": sound, "frame_length": length}, now=10.0 * length)
        return [values["frame_length"] for values in history.past]

    assert lengths(large, large, large, small) == [0, 1, 2]
    assert lengths(other, large, other) == [0, 1]
    assert lengths(other, large, small) == [1]
    assert lengths(small, large, small) == [0, 1]
