"""Remedies of invalid settings: each makes everything valid, or there is none."""

import numpy as np
import pytest

from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.sounds import as_sound
from specwidget.stft.settings import SETTING_DEFAULTS, STFTSettings
from specwidget.summary.remedies import remedy_of

VALID = STFTSettings(frame_length=400, frame_step=160, fft_length=512)


@pytest.mark.parametrize(
    ("name", "requested", "label", "changes"),
    [
        ("frame_step", {"frame_step": 999}, "Frame step 160", {"frame_step": 160}),
        ("frame_length", {"frame_length": 0}, "Frame length 400", {"frame_length": 400}),
        ("fft_length", {"fft_length": 3}, "FFT length 512", {"fft_length": 512}),
        ("window", {"window": "hanning"}, "Window 'hann'", {"window": "hann"}),
        ("mode", {"mode": "power"}, "Mode log", {"mode": "log"}),
        # The last valid FFT length is shorter than the frame.
        ("fft_length", {"frame_length": 800, "fft_length": 512}, "FFT length default", {"fft_length": None}),
    ],
)
def test_the_last_valid_value_or_the_default_is_offered(name, requested, label, changes):
    values = {setting: getattr(VALID, setting) for setting in SETTING_DEFAULTS} | requested
    fix = remedy_of(name, values, VALID, 16_000)
    assert (fix.label, fix.changes) == (label, changes)


def test_for_a_short_sound_a_shorter_frame_is_offered():
    fix = remedy_of("sound", SETTING_DEFAULTS, STFTSettings(), 100)
    assert (fix.label, fix.changes) == ("Frame length 64", {"frame_length": 64})


@pytest.mark.parametrize(("name", "n_samples"), [("sound", 1), ("general", 1000), ("channel", 1000)])
def test_where_nothing_helps_nothing_is_offered(name, n_samples):
    assert remedy_of(name, SETTING_DEFAULTS | {"frame_step": 999}, None, n_samples) is None


def test_what_is_offered_for_one_of_several_errors_is_none_that_leaves_another():
    values = SETTING_DEFAULTS | {"frame_step": 999, "mode": "power"}
    assert remedy_of("frame_step", values, STFTSettings(), 16_000) is None


def test_a_window_that_is_an_array_of_another_length_is_replaced():
    fix = remedy_of("window", SETTING_DEFAULTS | {"window": np.ones(7)}, STFTSettings(), 16_000)
    assert fix.changes == {"window": "hann"}
    own = STFTSettings(window=np.hanning(256))
    assert remedy_of("window", SETTING_DEFAULTS | {"window": np.ones(7)}, own, 16_000).changes["window"] is own.window


def test_an_offer_that_is_taken_leaves_no_error():
    state = ExplorerState(as_sound([0.1] * 2000, 8000))
    state.flush()
    for wrong in ({"frame_step": 999}, {"frame_length": 4096}, {"fft_length": 7}, {"epsilon": -1.0}):
        state.update(**wrong)
        [name] = state.errors
        requested = {setting: getattr(state, setting) for setting in SETTING_DEFAULTS}
        state.update(**remedy_of(name, requested, state.current.settings, 2000).changes)
        assert state.errors == {}
    state.close()
