"""Settings of a mel spectrogram: checks, derived values, JSON."""

from dataclasses import replace

import numpy as np
import pytest

from specwidget import MelConventions, MelSettings
from tests.mel.cases import ARGUMENTS, CONVENTIONS
from tests.mel.reference import reference_window

ALL = [MelSettings(**arguments, conventions=each) for arguments in ARGUMENTS.values() for each in CONVENTIONS.values()]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"fft_length": 0}, ValueError, "`fft_length` must be at least 1; got 0"),
        ({"sequence_stride": 2.0}, TypeError, "`sequence_stride` must be an integer; got 2.0"),
        ({"sequence_length": 4096}, ValueError, "`sequence_length` must be at most fft_length=2048; got 4096"),
        ({"window": "nosuch"}, ValueError, "`window` must be a window that SciPy makes"),
        ({"sampling_rate": 0}, ValueError, "`sampling_rate` must be finite and above 0; got 0"),
        ({"num_mel_bins": 0}, ValueError, "`num_mel_bins` must be at least 1; got 0"),
        ({"num_mel_bins": 2**20}, ValueError, "`num_mel_bins` must be at most 65536"),
        ({"min_freq": -1.0}, ValueError, "`min_freq` must be finite and at least 0; got -1"),
        ({"max_freq": 20.0}, ValueError, "`max_freq` must be finite and above min_freq=20; got 20"),
        ({"power_to_db": 1}, TypeError, "`power_to_db` must be True or False; got 1"),
        ({"top_db": -1}, ValueError, "`top_db` must be finite and at least 0, or None; got -1"),
        ({"mag_exp": 0}, ValueError, "`mag_exp` must be finite and above 0; got 0"),
        ({"min_power": 0.0}, ValueError, "`min_power` must be finite and above 0; got 0"),
        ({"ref_power": float("nan")}, ValueError, "`ref_power` must be finite; got nan"),
        ({"dtype": "int16"}, ValueError, "`dtype` must be one of"),
        ({"data_format": "last"}, ValueError, "`data_format` must be one of"),
        ({"conventions": {}}, TypeError, r"`conventions` must be a specwidget.MelConventions; got \{\}"),
        ({"n_mels": 80}, TypeError, "`n_mels` is called `num_mel_bins` here"),
    ],
)
def test_values_out_of_bounds_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        MelSettings(**arguments)


def test_a_step_longer_than_a_frame_has_no_overlap_to_halve():
    with pytest.raises(ValueError, match="`sequence_stride` must be at most 64, the length of a frame"):
        MelSettings(64, 65, conventions=MelConventions(margin="half_overlap"))


@pytest.mark.parametrize("settings", ALL)
def test_json_gives_equal_settings(settings):
    assert MelSettings.from_json(settings.to_json()) == settings
    assert hash(replace(settings)) == hash(settings)


def test_kaldis_window_is_a_power_of_hann():
    settings = MelSettings(512, 160, 400, "povey", conventions=MelConventions(periodic=False))
    np.testing.assert_allclose(settings.transform.window_values, reference_window("povey", 400, periodic=False))


def test_half_of_an_odd_sample_rate_is_rounded_down():
    assert MelSettings(sampling_rate=11_025).highest_frequency == 5512.0


def test_empty_bands_are_listed():
    assert MelSettings().advice == ()
    assert "4 of 128 bands hold none and are constant: 0, 3, 6, 13" in MelSettings(400, 160, min_freq=0).advice[0]
