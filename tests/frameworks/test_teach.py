"""Test the course's models of PyTorch and Keras against the libraries."""

import numpy as np
import pytest

from specwidget.peers.keras import import_keras, keras_kernels, keras_to_numpy
from specwidget.stft.settings import STFTSettings
from specwidget.teach.scenes.griffin_lim import speech_excerpt
from specwidget.teach.scenes.library_alignment import FFT_LENGTH, FRAME_LENGTH, FRAME_STEP, library_stft


def test_the_figure_computes_frames_as_torch_stft():
    import torch

    samples, window = torch.from_numpy(speech_excerpt()), torch.hann_window(FRAME_LENGTH, dtype=torch.float64)
    own = torch.stft(samples, FFT_LENGTH, FRAME_STEP, FRAME_LENGTH, window, return_complex=True).numpy().T
    found = library_stft("torch", frozenset())
    assert found == pytest.approx(own[: len(found)], abs=1e-12 * np.abs(own).max())


@pytest.mark.parametrize("frame_length", [FRAME_LENGTH, 4096])
def test_the_keras_kernels_of_the_course_equal_those_of_keras(frame_length):
    keras = import_keras()
    layer = keras.layers.STFTSpectrogram("stft", frame_length)
    layer.build((None, None, 1))
    for weight, known in zip(layer.weights, keras_kernels(STFTSettings("stft", frame_length)), strict=True):
        own = keras_to_numpy(keras, weight.value)[:, 0]
        assert known == pytest.approx(own, abs=float(4 * np.finfo("float32").eps * np.abs(own).max()))
