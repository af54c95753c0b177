"""The explorer's state under any sequence of changes: outputs are those of its settings, or an error says why not."""

import numpy as np
import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.sounds import as_sound
from specwidget.stft.settings import MODES, PADDINGS, SETTING_DEFAULTS, STFTSettings

RNG = np.random.default_rng(0)
SOUNDS = {
    "short": as_sound(RNG.standard_normal(50).astype("f4"), 8000),
    "batch": as_sound(RNG.standard_normal((3, 700, 2)).astype("f4"), 8000),
    "no rate": as_sound(RNG.standard_normal(900).astype("f4")),
}


class Explorer(RuleBasedStateMachine):
    """Changes in any order, with one comparison after each."""

    def __init__(self):
        super().__init__()
        self.state = ExplorerState(SOUNDS["batch"])
        self.state.update(decibels=False)

    def teardown(self):
        self.state.close()

    @rule(name=st.sampled_from(sorted(SOUNDS)))
    def choose_sound(self, name):
        self.state.update(sound=SOUNDS[name])

    @rule(length=st.integers(0, 900), step=st.none() | st.integers(-1, 900), fft=st.none() | st.integers(0, 1024))
    def set_lengths(self, length, step, fft):
        self.state.update(frame_length=length, frame_step=step, fft_length=fft)

    @rule(mode=st.sampled_from(MODES), padding=st.sampled_from(PADDINGS), expand=st.booleans())
    def set_choices(self, mode, padding, expand):
        self.state.update(mode=mode, padding=padding, expand_dims=expand)

    @rule(window=st.sampled_from(["hann", "no window", ("kaiser", 8.0), None, "flattop"]))
    def set_window(self, window):
        self.state.update(window=window)

    @rule(batch_item=st.integers(-1, 4), channel=st.integers(-1, 3))
    def choose_channel(self, batch_item, channel):
        self.state.update(batch_item=batch_item, channel=channel)

    @rule()
    def undo(self):
        self.state.restore(self.state.history.back())

    @rule()
    def redo(self):
        self.state.restore(self.state.history.forward())

    @rule()
    def set_b(self):
        self.state.set_b()

    @rule()
    def swap(self):
        self.state.swap_ab()

    @invariant()
    def outputs_are_of_one_computation(self):
        state, current = self.state, self.state.current
        assert current is not None
        assert state.picture.settings == current.settings
        assert state.picture.n_samples == current.sound.samples.shape[1]
        asked = {name: getattr(state, name) for name in SETTING_DEFAULTS}
        is_current = current.sound is state.sound and not state.is_stale
        assert is_current or state.errors
        if is_current:
            assert current.settings == STFTSettings(**asked)

    @invariant()
    def a_frame_is_that_of_the_displayed_channel(self):
        state, current = self.state, self.state.current
        item, channel = state._derived.displayed.choices.picture.channel_index
        whole = current.layer.spectrogram(
            current.sound.samples if current.settings.channels_last else current.sound.samples.swapaxes(1, 2)
        )
        values = whole.channel_values(item, channel)
        frame = len(values) // 2
        found = state.frame_slice(frame)
        np.testing.assert_array_equal(found.values, values[frame].astype("float32"))
        assert state.frame_slice(len(values)) is None


Explorer.TestCase.settings = hypothesis_settings(max_examples=20, stateful_step_count=15, deadline=None)
TestExplorer = pytest.mark.slow(Explorer.TestCase)
