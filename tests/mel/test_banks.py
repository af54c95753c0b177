"""The filter bank: its triangles, edges, empty bands, and its parts."""

import numpy as np
import pytest

from specwidget.mel.banks import BAND_NORMS, TRIANGLES, group_bands, make_bank
from specwidget.mel.scales import MEL_SCALES
from tests.mel.reference import reference_bank


@pytest.mark.parametrize("scale", MEL_SCALES)
@pytest.mark.parametrize("triangles", TRIANGLES)
@pytest.mark.parametrize("norm", BAND_NORMS)
@pytest.mark.parametrize(
    ("n_fft", "rate", "n_bands", "low", "high"), [(512, 16_000, 80, 20, 8000), (51, 999, 9, 0, 400)]
)
def test_weights_are_interpolated_between_the_corners(n_fft, rate, n_bands, low, high, scale, triangles, norm):
    bank = make_bank(n_fft, rate, n_bands, low, high, scale=scale, triangles=triangles, norm=norm)
    settings = {"fft_length": n_fft, "sampling_rate": rate, "num_mel_bins": n_bands, "min_freq": low, "max_freq": high}
    expected = reference_bank(settings, {"mel_scale": scale, "triangles": triangles, "norm": norm})
    np.testing.assert_allclose(bank.weights, expected, atol=1e-9)


def test_edges_and_centres_are_frequencies():
    bank = make_bank(1024, 16_000, 10, 100, 7000)
    assert bank.edges[0] == 100
    assert bank.edges[-1] == 7000
    assert bank.centres.shape == (10,)
    peaks = bank.frequencies[bank.weights.argmax(axis=0)]
    assert np.abs(peaks - bank.centres).max() <= 16_000 / 1024


def test_the_bands_with_no_bin_between_their_edges_are_empty():
    bank = make_bank(400, 16_000, 128, 0, 8000)
    inside = (bank.frequencies[:, None] > bank.edges[:-2]) & (bank.frequencies[:, None] < bank.edges[2:])
    assert bank.empty_bands == tuple(np.flatnonzero(~inside.any(axis=0)))
    assert len(bank.empty_bands) == 4
    np.testing.assert_array_equal(bank.bin_counts, inside.sum(axis=0))


def test_all_bands_have_the_same_area_with_slaneys_norm():
    bank = make_bank(2**16, 16_000, 20, 0, 8000, scale="slaney", triangles="hertz", norm="slaney")
    np.testing.assert_allclose(bank.weights.sum(axis=0) * 16_000 / 2**16, 1.0, rtol=1e-3)


@pytest.mark.parametrize("size", [1, 3, 16, 1000])
@pytest.mark.parametrize(("n_fft", "n_bands"), [(400, 128), (2048, 128), (16, 40), (1, 5)])
def test_the_groups_hold_every_weight(n_fft, n_bands, size):
    bank = make_bank(n_fft, 16_000, n_bands, 0, 8000)
    rest = bank.weights.copy()
    for bands, bins in group_bands(bank, size):
        assert bins.start < bins.stop <= len(rest)
        rest[bins, bands] = 0
    assert not rest.any()
