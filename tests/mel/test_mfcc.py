"""Cepstral coefficients: against SciPy's transform, in each convention, layout and library."""

import json

import array_api_strict
import numpy as np
import pytest
import scipy.fft

from specwidget import MFCC, MelSpectrogram
from specwidget.mel.cepstrum import CEPSTRAL_CONVENTIONS, make_cepstral_matrix

MEL = {"fft_length": 64, "sequence_stride": 20, "num_mel_bins": 12, "dtype": "float64"}


def noise(*shape):
    return np.random.default_rng(2).standard_normal(shape)


def test_coefficients_are_those_of_an_orthogonal_cosine_transform():
    mel = MelSpectrogram(**MEL)
    expected = scipy.fft.dct(mel(noise(400)), axis=0, norm="ortho")[:7]
    np.testing.assert_allclose(MFCC(mel, 7)(noise(400)), expected, atol=1e-11)


def test_htks_coefficients_end_with_coefficient_0_which_is_a_root_of_2_larger():
    mel = MelSpectrogram(**MEL)
    orthogonal = scipy.fft.dct(mel(noise(400)), axis=0, norm="ortho")[:7]
    found = MFCC(mel, 7, "htk")(noise(400))
    np.testing.assert_allclose(found[:-1], orthogonal[1:], atol=1e-11)
    np.testing.assert_allclose(found[-1], orthogonal[0] * np.sqrt(2), atol=1e-11)


@pytest.mark.parametrize(("convention", "first"), [("librosa", 1), ("kaldi", 0)])
def test_a_lifter_weighs_coefficients_by_a_sine(convention, first):
    plain, lifted = (MFCC(MelSpectrogram(**MEL), 7, convention, lifter)(noise(400)) for lifter in (0, 22))
    weights = 1 + 11 * np.sin(np.pi * (np.arange(7) + first) / 22)
    np.testing.assert_allclose(lifted, plain * weights[:, None], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("convention", CEPSTRAL_CONVENTIONS)
def test_without_coefficient_0_the_others_remain_in_order(convention):
    arguments = {"convention": convention, "lifter": 22.0}
    every = make_cepstral_matrix(12, 8, zeroth=True, **arguments)
    others = make_cepstral_matrix(12, 7, zeroth=False, **arguments)
    np.testing.assert_array_equal(others, every[:, :-1] if convention == "htk" else every[:, 1:])


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_channels_keep_their_layout(data_format):
    mfcc = MFCC(MelSpectrogram(**MEL, data_format=data_format), 5)
    signal = noise(2, 400, 3)
    found = mfcc(signal if data_format == "channels_last" else signal.transpose(0, 2, 1))
    assert found.shape == ((2, 21, 15) if data_format == "channels_last" else (2, 15, 21))
    expected = mfcc(signal[1, :, 2].copy())
    one = found[1, :, 10:].T if data_format == "channels_last" else found[1, 10:]
    np.testing.assert_allclose(one, expected, atol=1e-11)


@pytest.mark.parametrize("shape", [(400,), (2, 400), (2, 400, 3)])
def test_shapes_and_gradients_are_right_in_every_library(shape):
    mfcc, signal = MFCC(MelSpectrogram(**MEL), 5, "kaldi", 22.0), noise(*shape)
    values = mfcc(signal)
    assert values.shape == mfcc.compute_output_shape(shape)
    strict = mfcc(array_api_strict.asarray(signal))
    np.testing.assert_allclose(np.asarray(strict), values, atol=1e-10)
    cotangent, direction, h = noise(*values.shape), noise(*shape), 1e-6
    numeric = ((mfcc(signal + h * direction) - mfcc(signal - h * direction)) / (2 * h) * cotangent).sum()
    assert (mfcc.vjp(signal, cotangent) * direction).sum() == pytest.approx(numeric, rel=1e-6)


def test_a_configuration_gives_an_equal_layer():
    mfcc = MFCC(MelSpectrogram(**MEL, name="bands"), 5, "htk", 22.0, zeroth=False, name="front")
    again = MFCC.from_config(json.loads(json.dumps(mfcc.get_config())))
    assert again.get_config() == mfcc.get_config()
    np.testing.assert_array_equal(again(noise(400)), mfcc(noise(400)))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"mel": 3}, TypeError, "`mel` must be a specwidget.MelSpectrogram or None; got int"),
        ({"mel": MelSpectrogram(power_to_db=False)}, ValueError, "`mel` must have power_to_db=True"),
        ({"convention": "sphinx"}, ValueError, "`convention` must be one of 'librosa', 'kaldi', 'htk'"),
        ({"num_coefficients": 129}, ValueError, "`num_coefficients` must be between 1 and 128; got 129"),
        ({"num_coefficients": 128, "zeroth": False}, ValueError, "between 1 and 127; got 128"),
        ({"lifter": -1}, ValueError, "`lifter` must be finite and at least 0; got -1"),
    ],
)
def test_values_out_of_bounds_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        MFCC(**arguments)
