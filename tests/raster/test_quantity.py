"""Quantities: their units with and without that of the signal, and levels per Hz as SciPy computes them."""

import numpy as np
import pytest
import scipy.signal

from specwidget.layer import STFTSpectrogram
from specwidget.raster.picture import make_picture
from specwidget.raster.quantity import get_quantity, to_displayed
from specwidget.stft.settings import MODES, STFTSettings

RATE = 12_000.0


@pytest.mark.parametrize(
    ("changes", "unit", "own", "decibels", "with_rate"),
    [
        ({"mode": "psd"}, "V", "V² per cycle/sample", "dB re 1 V² per cycle/sample", "dB re 1 V²/Hz"),
        ({"mode": "psd", "scaling": "spectrum"}, "Pa", "Pa²", "dB re 1 Pa²", "dB re 1 Pa²"),
        ({"mode": "psd", "window": None}, "Pa", "Pa²", "dB re 1 Pa²", "dB re 1 Pa²"),
        ({"mode": "magnitude"}, "µV", "µV/√(cycle/sample)", "dB re 1 µV/√(cycle/sample)", "dB re 1 µV/√Hz"),
        ({"mode": "magnitude", "scaling": None}, "m/s²", "m/s²", "dB re 1 m/s²", "dB re 1 m/s²"),
        ({"mode": "psd"}, "m/s²", "(m/s²)² per cycle/sample", "dB re 1 (m/s²)² per cycle/sample", "dB re 1 (m/s²)²/Hz"),
        ({"mode": "log"}, "Pa", "re 1 Pa/√(cycle/sample)", "dB re 1 Pa/√(cycle/sample)", "dB re 1 Pa/√Hz"),
        ({"mode": "log", "scaling": "spectrum"}, "Pa", "re 1 Pa", "dB re 1 Pa", "dB re 1 Pa"),
        ({"mode": "real", "scaling": "spectrum"}, "V", "V", "V", "V"),
        ({"mode": "angle"}, "V", "rad", "rad", "rad"),
    ],
)
def test_the_unit_follows_from_that_of_the_signal(changes, unit, own, decibels, with_rate):
    settings = STFTSettings(**changes)
    assert get_quantity(settings, decibels=False, unit=unit, sample_rate=RATE).full_unit == own
    assert get_quantity(settings, decibels=True, unit=unit).full_unit == decibels
    assert get_quantity(settings, decibels=True, unit=unit, sample_rate=RATE).full_unit == with_rate


@pytest.mark.parametrize("mode", MODES)
def test_without_a_unit_the_sample_rate_changes_nothing(mode):
    settings = STFTSettings(mode)
    assert get_quantity(settings, decibels=True, sample_rate=RATE) == get_quantity(settings, decibels=True)


def test_decibels_of_a_density_with_a_unit_are_scipys_per_hertz():
    signal = np.random.default_rng(0).standard_normal(4096)
    layer = STFTSpectrogram("psd", 256, periodic=True, dtype="float64")
    result = layer.spectrogram(signal[None, :, None], RATE)
    quantity = get_quantity(layer.settings, decibels=True, unit="V", sample_rate=RATE)
    _, _, density = scipy.signal.spectrogram(signal, RATE, window="hann", nperseg=256, noverlap=128, detrend=False)
    displayed = to_displayed(result.channel_values(), layer.settings, quantity)
    np.testing.assert_allclose(displayed.T, 10 * np.log10(density), rtol=0, atol=1e-9)


def test_the_root_of_a_density_with_a_unit_is_scipys_per_root_of_hertz():
    signal = np.random.default_rng(0).standard_normal(4096)
    layer = STFTSpectrogram("log", 256, periodic=True, dtype="float64", epsilon=1e-300)
    result = layer.spectrogram(signal[None, :, None], RATE)
    quantity = get_quantity(layer.settings, decibels=True, unit="V", sample_rate=RATE)
    transform = scipy.signal.ShortTimeFFT(
        scipy.signal.get_window("hann", 256), 128, RATE, scale_to="psd", phase_shift=None
    )
    spectrum = np.abs(transform.stft(signal, p0=0, p1=result.n_frames, k_offset=transform.m_num_mid))
    displayed = to_displayed(result.channel_values(), layer.settings, quantity)
    np.testing.assert_allclose(displayed.T, 20 * np.log10(spectrum), rtol=0, atol=1e-9)


def test_a_picture_says_how_its_values_relate_to_those_of_the_layer():
    result = STFTSpectrogram("psd").spectrogram(np.random.default_rng(0).standard_normal((1, 4096, 1)), RATE)
    plain, named, own = (
        make_picture(result, **choices) for choices in ({}, {"unit": "V"}, {"unit": "V", "decibels": False})
    )
    shift = -10 * np.log10(RATE)
    assert named.high - plain.high == pytest.approx(shift)
    assert named.automatic[0] - plain.automatic[0] == pytest.approx(shift, abs=1e-5)
    headers = [picture.header() for picture in (plain, named, own)]
    names = ("full_unit", "other_unit", "per_hertz_unit")
    assert [tuple(header[name] for name in names) for header in headers] == [
        ("dB re 1 per cycle/sample", "per cycle/sample", "Per Hz"),
        ("dB re 1 V²/Hz", "V² per cycle/sample", "V²/Hz"),
        ("V² per cycle/sample", "dB re 1 V² per cycle/sample", "V²/Hz"),
    ]
    # Where the values are per Hz, there is no second value per Hz.
    assert [header["per_hertz"] for header in headers] == [pytest.approx(shift), None, pytest.approx(shift)]
    assert [header["offset"] for header in headers] == [0.0, pytest.approx(shift), 0.0]
