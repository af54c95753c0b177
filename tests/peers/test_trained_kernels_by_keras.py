"""The cross-check of a layer with trained kernels by Keras's layer with these kernels."""

import numpy as np
import pytest

from specwidget import crosscheck
from specwidget.stft.accuracy import part_bound
from specwidget.stft.settings import MODES
from tests.peers.cases import make_layer, make_signal, scale_by_one_percent, with_kernels


def change_at_random(weights):
    """Kernels that are Fourier's no longer."""
    rng = np.random.default_rng(3)
    return [kernel + (0.1 * rng.standard_normal(kernel.shape)).astype(kernel.dtype) for kernel in weights]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_keras_agrees_with_trained_kernels_that_are_set_into_it(mode, padding):
    layer = with_kernels(make_layer(mode, (100, 37, 128), padding=padding), change_at_random)
    report = crosscheck(layer, make_signal(layer), ["keras"])["keras"]
    assert report.agrees, report.sentence
    assert report.conventions[0] == "Kernels: the layer's trained kernels were set into Keras."
    assert report.errors is not None


@pytest.mark.parametrize("mode", ["magnitude", "stft", "real"])
def test_an_output_of_other_kernels_disagrees_with_keras(mode):
    layer = with_kernels(make_layer(mode), change_at_random)
    signal = make_signal(layer)
    output = layer(signal)
    wrong = with_kernels(layer, scale_by_one_percent)
    output_of_wrong = wrong(signal)
    layer = with_kernels(make_layer(mode), change_at_random)
    assert crosscheck(layer, signal, ["keras"], output=output)["keras"].agrees
    assert crosscheck(layer, signal, ["keras"], output=output_of_wrong)["keras"].verdict == "disagrees"


def test_the_rounding_of_a_sum_of_one_sign_is_no_disagreement():
    layer = with_kernels(make_layer("real", (4096, 4096, None), window="boxcar"), scale_by_one_percent)
    signal = np.full((1, 4096, 1), 0.1, "float32")
    output = layer(signal)
    # One product after the other, as a library may add them: 15 eps and more of what an error of random sign would be.
    output[0, 0, 0] = np.cumsum(signal[0, :, 0] * layer.real_kernel[:, 0, 0], dtype=np.float32)[-1]
    exact = (signal[0, :, 0].astype(np.float64) * layer.real_kernel[:, 0, 0]).sum()
    assert abs(output[0, 0, 0] - exact) > part_bound(np.float64(0.1), layer.settings)
    assert crosscheck(layer, signal, ["keras"], output=output)["keras"].agrees


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"mode": "psd", "lengths": (100, 37, 151)}, "and it does not double the last bin of an odd FFT."),
        ({"epsilon": 1e-3}, "and its floor is 1e-07, the layer's epsilon is 0.001."),
    ],
)
def test_keras_is_not_compared_where_its_layer_has_other_values(arguments, reason):
    layer = with_kernels(make_layer(**arguments), scale_by_one_percent)
    report = crosscheck(layer, make_signal(layer), ["keras"])["keras"]
    assert report.verdict == "trained kernels"
    assert report.reason == f"the layer has trained kernels, {reason}"
