"""The mean spectrum of a part, against the plain mean of the power, and Welch's method of SciPy."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import welch

from specwidget.explorer.state.mean_spectrum import BLOCK_FRAMES, MOST_FRAMES, frames_inside, mean_spectrum, rows_inside
from specwidget.front_end import make_layer
from specwidget.layer import STFTSpectrogram
from specwidget.mel.stages import make_settings
from specwidget.raster.columns import Cancelled, Channel
from specwidget.raster.quantity import get_quantity
from specwidget.stft.settings import MODES, STFTSettings

RATE = 8000.0
NOISE = np.random.default_rng(0).standard_normal((1, 16_000, 1)) * np.linspace(0.1, 1, 16_000)[:, None]


def mean_of(layer, visible=(0, 16_000, 0, 1), decibels=True, samples=NOISE, unit=""):
    """Return the mean spectrum of a part."""
    quantity = get_quantity(layer.settings, decibels=decibels, unit=unit, sample_rate=RATE)
    return mean_spectrum(Channel(layer, samples), visible, quantity, RATE)


@pytest.mark.parametrize("decibels", [True, False])
@pytest.mark.parametrize("mode", ["log", "magnitude", "psd"])
def test_it_is_the_mean_of_the_power_of_the_frames_inside(mode, decibels):
    layer = STFTSpectrogram(mode, 200, 100, dtype="float64")
    found = mean_of(layer, (3000, 5000, 0.25, 0.5), decibels)
    # The centre of frame t is sample 100 t + 100; bin k of an FFT of 256 samples is at k / 128 of half the rate.
    values = layer(NOISE)[0, 29:50]
    power = {"log": np.exp(2 * values), "magnitude": values**2, "psd": values}[mode].mean(axis=0)
    level = {"log": np.log(power) / 2, "magnitude": np.sqrt(power), "psd": power}[mode]
    expected = 10 * np.log10(power) if decibels else level
    np.testing.assert_allclose(found.values, expected, rtol=1e-5)
    band = power[32:65]
    in_band = {"log": np.log(band.mean()) / 2, "magnitude": np.sqrt(band.mean()), "psd": band.mean()}[mode]
    assert found.level == pytest.approx(10 * np.log10(band.mean()) if decibels else in_band)
    assert found.peak_bin == 32 + band.argmax()
    assert (found.n_used, found.n_frames, found.values.dtype) == (21, 21, np.float32)


def test_every_block_of_frames_counts():
    layer = STFTSpectrogram("psd", 40, 20, dtype="float64")
    found = mean_of(layer, decibels=False)
    assert found.n_used == 799 > 2 * BLOCK_FRAMES
    np.testing.assert_allclose(found.values, layer(NOISE)[0].mean(axis=0), rtol=1e-5)


def test_per_hertz_it_is_the_density_of_welch():
    layer = STFTSpectrogram("psd", 256, 128, periodic=True, dtype="float64")
    found = mean_of(layer)
    _, density = welch(NOISE[0, :, 0], RATE, "hann", 256, 128, detrend=False)
    np.testing.assert_allclose(found.values + found.per_hertz, 10 * np.log10(density), rtol=1e-5)
    assert found.is_onesided
    assert mean_of(layer, unit="Pa").per_hertz is None
    assert mean_of(layer, decibels=False).per_hertz is None
    assert mean_of(STFTSpectrogram(scaling="spectrum")).per_hertz is None


def test_blank_frames_are_left_out():
    samples = NOISE.copy()
    samples[0, 8000:8100] = np.nan
    found = mean_of(STFTSpectrogram("psd", 100, 100), samples=samples)
    assert (found.n_used, found.n_frames) == (159, 160)
    assert np.isfinite(found.values).all()
    assert mean_of(STFTSpectrogram("psd", 100, 100), samples=np.full((1, 500, 1), np.nan)) is None


@pytest.mark.parametrize(("mode", "level"), [("log", -70), ("magnitude", -70), ("psd", -np.inf)])
def test_silence_has_the_level_of_the_floor_or_none(mode, level):
    # The floor of the magnitude is the root of 1e-7.
    found = mean_of(STFTSpectrogram(mode), samples=np.zeros((1, 500, 1)))
    np.testing.assert_allclose(found.values, level, rtol=1e-6)


@pytest.mark.parametrize("mode", sorted(set(MODES) - {"log", "magnitude", "psd"}))
def test_modes_without_levels_have_none(mode):
    assert mean_of(STFTSpectrogram(mode)) is None


def test_of_a_long_part_evenly_spaced_frames_are_taken():
    frames = frames_inside((0, 10_000_000, 0, 1), 10_000_000, STFTSettings())
    assert len(frames) == MOST_FRAMES
    assert np.ptp(np.diff(frames)) <= 1
    assert frames[0] + frames[-1] == pytest.approx(10_000_000 / 128 - 2, abs=2)
    assert frames.dtype.kind == "i"
    frames = frames_inside((5_000_000, 10_000_000, 0, 1), 10_000_000, STFTSettings())
    assert len(frames) == MOST_FRAMES
    assert frames[0] + frames[-1] == pytest.approx(15_000_000 / 128 - 2, abs=2)


def test_a_part_between_two_frames_has_the_next_one_and_a_band_between_two_bins_the_next():
    settings = STFTSettings(frame_length=200, frame_step=100)
    assert frames_inside((110, 120, 0, 1), 1000, settings).tolist() == [1]
    assert frames_inside((990, 1000, 0, 1), 1000, settings).tolist() == [8]
    assert rows_inside((0, 1, 0.001, 0.002), settings) == slice(1, 2)
    assert rows_inside((0, 1, 0, 1), settings) == slice(0, 129)


def test_a_short_part_has_all_of_its_frames_however_late_it_is():
    # The centre of frame t is sample 128 t + 128.
    frames = frames_inside((900_000, 901_000, 0, 1), 1_000_000, STFTSettings())
    assert frames.tolist() == list(range(7031, 7039))


def test_with_padding_the_centres_lie_where_the_samples_are():
    # 75 zeros before the 1050 samples: the centre of frame t is sample 100 t + 25.
    settings = STFTSettings(frame_length=200, frame_step=100, padding="same")
    assert frames_inside((220, 330, 0, 1), 1050, settings).tolist() == [2, 3]


@pytest.mark.parametrize(
    ("low", "high", "first", "end"),
    [(0.0, 1.0, 0, 10), (0.2, 0.5, 2, 5), (0.19, 0.51, 1, 6), (0.2, 0.2, 2, 3), (0.25, 0.25, 2, 3), (1.0, 1.0, 9, 10)],
)
def test_bands_that_reach_into_a_part_are_inside(low, high, first, end):
    settings = make_settings({"stage": "mel", "frame_length": 200, "fft_length": 256, "num_mel_bins": 10}, RATE)
    assert rows_inside((0, 1, low, high), settings) == slice(first, end)


# The last bin is at half the sample rate, or half a bin below it.
@pytest.mark.parametrize(("n_fft", "last"), [(256, 128), (51, 25)])
def test_at_half_the_sample_rate_the_last_bin_is_inside(n_fft, last):
    assert rows_inside((0, 1, 1.0, 1.0), STFTSettings(frame_length=51, fft_length=n_fft)) == slice(last, last + 1)


def test_the_page_has_no_number_that_is_not_finite():
    found = mean_of(STFTSpectrogram("psd", 256, 128))
    header = {
        "level": found.level,
        "peak_bin": found.peak_bin,
        "n_used": 124,
        "n_frames": 124,
        "per_hertz": -10 * math.log10(RATE),
        "is_onesided": True,
    }
    assert found.header() == header
    assert replace(found, level=-math.inf, per_hertz=None).header() == {**header, "level": None, "per_hertz": None}


def test_it_stops_where_another_is_wanted():
    quantity = get_quantity(STFTSettings(), decibels=True)
    with pytest.raises(Cancelled):
        mean_spectrum(Channel(STFTSpectrogram(), NOISE), (0, 16_000, 0, 1), quantity, RATE, lambda: True)


@pytest.mark.parametrize("stage", ["mel", "mfcc"])
@pytest.mark.parametrize("logarithm", ["db", "ln"])
def test_of_bands_it_is_the_mean_of_the_values(stage, logarithm):
    values = {"stage": stage, "frame_length": 200, "frame_step": 100, "fft_length": 256, "num_mel_bins": 10}
    given = {"num_coefficients": 10, "logarithm": logarithm, "top_db": None, "dtype": "float64"}
    settings = make_settings(values | given, RATE)
    found = mean_of(make_layer(settings), (3000, 5000, 0.2, 0.55))
    # As by Keras, the centre of frame t is sample 100 t.
    expected = settings.layer(NOISE)[0, 30:51].mean(axis=0)
    assert found.n_used == 21
    np.testing.assert_allclose(found.values, expected, rtol=1e-5)
    assert found.level == pytest.approx(expected[2:6].mean())
    assert found.peak_bin == 2 + expected[2:6].argmax()
    assert found.per_hertz is None


@pytest.mark.parametrize("decibels", [True, False])
@pytest.mark.parametrize("mag_exp", [1.0, 2.0])
def test_bands_without_a_logarithm_are_averaged_before_they_become_decibels(decibels, mag_exp):
    values = {"stage": "mel", "frame_length": 200, "frame_step": 100, "fft_length": 256, "num_mel_bins": 120}
    settings = make_settings(values | {"power_to_db": False, "mag_exp": mag_exp, "dtype": "float64"}, RATE)
    # Some bands hold no bin, and some frames are silent.
    assert settings.mel.bank.empty_bands
    samples = NOISE * (np.arange(16_000) > 8000)[:, None]
    found = mean_of(make_layer(settings), decibels=decibels, samples=samples)
    with np.errstate(divide="ignore"):
        means = settings.layer(samples)[0].mean(axis=0)
        expected = 20 / mag_exp * np.log10(means) if decibels else means
        level = 20 / mag_exp * np.log10(means.mean()) if decibels else means.mean()
    assert found.n_used == found.n_frames == 161
    np.testing.assert_allclose(found.values, expected, rtol=1e-5)
    assert found.level == pytest.approx(level)
