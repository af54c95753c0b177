"""Mel spectrograms on a device: the fake of CuPy, and CuPy itself with `-m gpu`."""

import numpy as np
import pytest

from specwidget import MFCC, MelSpectrogram
from tests.mel.cases import ARGUMENTS, CONVENTIONS


@pytest.mark.filterwarnings("ignore:`num_mel_bins` should")
@pytest.mark.parametrize("conventions", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("arguments", ARGUMENTS.values(), ids=ARGUMENTS)
@pytest.mark.parametrize("shape", [(331,), (2, 150, 2)])
def test_values_and_gradients_on_the_device_are_those_of_numpy(device, shape, arguments, conventions):
    rng = np.random.default_rng(8)
    signal = rng.standard_normal(shape)
    layer = MelSpectrogram(**arguments, conventions=conventions, dtype="float64")
    expected = layer(signal)
    values = layer(device.put(signal))
    np.testing.assert_allclose(device.get(values), expected, rtol=1e-8, atol=1e-8)
    cotangent = rng.standard_normal(expected.shape)
    gradient = device.get(layer.vjp(device.put(signal), device.put(cotangent)))
    np.testing.assert_allclose(gradient, layer.vjp(signal, cotangent), rtol=1e-6, atol=1e-8)


def test_coefficients_on_the_device_are_those_of_numpy(device):
    signal = np.random.default_rng(9).standard_normal((2, 400, 3))
    layer = MFCC(MelSpectrogram(**ARGUMENTS["short window"], dtype="float64"), 5, "kaldi", 22.0)
    np.testing.assert_allclose(device.get(layer(device.put(signal))), layer(signal), rtol=1e-8, atol=1e-8)
