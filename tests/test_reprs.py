"""The `repr` of results: one line that names arrays by type and shape, whatever their size."""

import numpy as np
import pytest

from specwidget import STFTSpectrogram, crosscheck
from specwidget.sounds import load_recording
from specwidget.stft.kernels import make_kernels
from specwidget.stft.settings import STFTSettings
from specwidget.training import Adam, fit, measure_drift

LAYER = STFTSpectrogram("stft", 64)
SIGNAL = np.random.default_rng(0).standard_normal((1, 4000, 1)).astype("float32")


def add_up(output, _target):
    return float(output.sum()), np.ones_like(output)


def train():
    layer = STFTSpectrogram("magnitude", 64)
    return fit(
        layer, lambda output, _target: (float(output.sum()), np.ones_like(output)), [(SIGNAL, None)], Adam(), steps=2
    )


RESULTS = {
    "a spectrogram": lambda: LAYER.spectrogram(SIGNAL),
    "an inverse": lambda: LAYER.inverse(LAYER(SIGNAL), length=4000),
    "gradients": lambda: LAYER.vjp(SIGNAL, LAYER(SIGNAL)),
    "kernels": lambda: make_kernels(STFTSettings(frame_length=64)),
    "drift": lambda: measure_drift(LAYER, sample_rate=8000.0),
    "a sound": lambda: load_recording("voice"),
    "reports": lambda: crosscheck(LAYER, SIGNAL, ["scipy-stft"])["scipy-stft"],
    "a training history": lambda: train()[1],
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_printed_in_a_line(name):
    text = repr(RESULTS[name]())
    assert "\n" not in text
    assert "array(" not in text
    assert len(text) < 1500


def test_arrays_are_named_by_type_and_shape():
    assert "values=<float32 array (1, 124, 66)>" in repr(LAYER.spectrogram(SIGNAL))
