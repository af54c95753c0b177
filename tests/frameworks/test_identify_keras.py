"""`identify`: arrays of Keras, whose kernels have phases that are rounded to float32."""

import numpy as np
import pytest

from specwidget import identify
from specwidget.matching.comparison_signal import make_comparison_signal
from specwidget.matching.recipe import rounded_kernels

RATE = 16_000


def test_rounded_kernels_are_those_of_keras():
    import keras

    shape = (400, 1, 257)
    for side, kernel in zip(("real", "imag"), rounded_kernels(400, 512), strict=True):
        expected = keras.ops.convert_to_numpy(keras.initializers.STFT(side, window=None)(shape))
        np.testing.assert_allclose(kernel, expected[:, 0], atol=2e-7)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:`fft_length` should be a power of two")
def test_quiet_values_of_keras_are_found_with_its_phases():
    import keras

    voice = make_comparison_signal(RATE).astype("float32")
    layer = keras.layers.STFTSpectrogram("log", 1024, 256, 1024, padding="same", trainable=False)
    array = keras.ops.convert_to_numpy(layer(voice[None, :, None]))
    answer = identify(array, voice, RATE)
    assert answer.level == "found", f"{answer}"
    assert dict(answer.settings)["phases of the DFT"] == "rounded to float32, as in Keras"
    assert "keras.layers.STFTSpectrogram" in answer.code
    namespace = {"x": voice[None, :, None]}
    exec("\n".join(line for line in answer.code.splitlines() if not line.startswith("x = np.random")), namespace)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(namespace["y"]), array, atol=1e-5)
