"""From bands back to magnitudes: non-negative ones that have these bands, and what is lost before that."""

from dataclasses import replace

import numpy as np
import pytest

from specwidget import front_ends
from specwidget.mel.framing import mean_of_row
from specwidget.mel.inversion import magnitudes_from_powers, powers_from_logarithms
from specwidget.mel.pipeline import compute_frames
from specwidget.mel.shapes import count_frames
from specwidget.mel.stages import BandSettings
from specwidget.sounds import load_recording, resample
from tests.selection import slow_but

NAMES = ("whisper", "kaldi", "librosa", "hifigan", "nemo", "vggish")


def voice_at(rate):
    return resample(load_recording("voice"), rate).samples[0, :, 0]


def logarithms_of(settings, row):
    mel = settings.mel
    return compute_frames(row, 0, count_frames(len(row), mel), mel, mean_of_row(row, mel))


def bands_of(magnitudes, mel):
    """The bands of magnitudes, computed plainly: gain, pre-emphasis, power, bank."""
    omega = 2 * np.pi * np.arange(mel.n_bins) / mel.n_fft
    emphasis = np.abs(1 - mel.conventions.preemphasis * np.exp(-1j * omega))
    return (magnitudes * mel.conventions.gain * emphasis) ** mel.mag_exp @ mel.bank.weights


@pytest.mark.parametrize("name", slow_but(NAMES, ("whisper", "kaldi").__contains__))
def test_the_magnitudes_have_the_bands(name):
    settings = BandSettings.of(front_ends[name].layer)
    powers = powers_from_logarithms(logarithms_of(settings, voice_at(front_ends[name].sample_rate)), settings)
    magnitudes = magnitudes_from_powers(powers, settings.mel)
    assert magnitudes.min() >= 0
    found = bands_of(magnitudes, settings.mel)
    errors = np.abs(found - powers)[powers > 0] / powers[powers > 0]
    assert np.quantile(errors, 0.9) < 1e-4


def test_another_iteration_never_increases_the_error():
    settings = BandSettings.of(front_ends["whisper"].layer)
    powers = powers_from_logarithms(logarithms_of(settings, voice_at(16_000)), settings)[50:53]
    areas = settings.mel.bank.weights.sum(axis=0)
    errors = [
        np.sum(((bands_of(magnitudes_from_powers(powers, settings.mel, n), settings.mel) - powers) / areas) ** 2)
        for n in range(30)
    ]
    assert np.all(np.diff(errors) <= 1e-12 * errors[0])


def test_the_logarithm_is_undone_where_there_is_no_floor():
    settings = BandSettings.of(front_ends["whisper"].layer)
    row = voice_at(16_000)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(row.astype(float), 200, "reflect"), 400)[::160][:-1]
    expected = np.abs(np.fft.rfft(frames * np.hanning(401)[:-1])) ** 2 @ settings.mel.bank.weights
    powers = powers_from_logarithms(logarithms_of(settings, row), settings)
    is_floor = expected <= 1e-10
    np.testing.assert_allclose(powers[~is_floor], expected[~is_floor], rtol=1e-3)


def test_a_band_at_the_floor_has_no_power():
    for name in ("whisper", "kaldi", "vggish"):
        settings = BandSettings.of(front_ends[name].layer)
        powers = powers_from_logarithms(logarithms_of(settings, np.zeros(16_000, "float32")), settings)
        assert powers.max() == 0
        assert magnitudes_from_powers(powers, settings.mel).max() == 0


def test_all_coefficients_keep_the_bands_and_few_keep_their_slow_part():
    kaldi = BandSettings.of(front_ends["kaldi-mfcc"].layer)
    logarithms = logarithms_of(kaldi, voice_at(16_000)).astype(float)
    kept = {n: powers_from_logarithms(logarithms, _with_coefficients(kaldi, n)) for n in (5, 23)}
    np.testing.assert_allclose(kept[23], np.exp(logarithms), rtol=1e-6)
    k = np.outer(np.arange(5), np.arange(23) + 0.5)
    cosines = np.cos(np.pi / 23 * k)
    cosines /= np.linalg.norm(cosines, axis=1, keepdims=True)
    expected = np.exp(logarithms @ cosines.T @ cosines)
    np.testing.assert_allclose(kept[5], expected, rtol=1e-6)


def _with_coefficients(settings, number):
    return replace(settings, cepstrum=replace(settings.cepstrum, num_coefficients=number))
