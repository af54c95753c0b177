"""A small real model in each framework: it learns two kinds of sound with the layer trainable inside, and the kernels
come back drifted."""

import keras
import numpy as np
import pytest
import torch

from specwidget import STFTSpectrogram, layer_stft_spectrogram
from specwidget.export import from_keras, from_torch, to_torch
from specwidget.training import measure_drift

N_SAMPLES, SAMPLE_RATE = 1600, 8000
ARGUMENTS = {"mode": "log", "frame_length": 128, "frame_step": 64, "padding": "same"}


def make_sounds(n_sounds, seed):
    """Glides in noise, (n_sounds, 1600, 1), and whether each rises; its range, level and phase say nothing of that."""
    rng = np.random.default_rng(seed)
    rises = rng.integers(0, 2, n_sounds)
    low, width = rng.uniform(500, 1500, n_sounds), rng.uniform(300, 1500, n_sounds)
    time = np.arange(N_SAMPLES) / SAMPLE_RATE
    progress = np.where(rises[:, None], time, time[-1] - time) / time[-1]
    frequency = low[:, None] + width[:, None] * progress
    phase = 2 * np.pi * np.cumsum(frequency, axis=1) / SAMPLE_RATE + rng.uniform(0, 2 * np.pi, (n_sounds, 1))
    sounds = rng.uniform(0.2, 1.0, (n_sounds, 1)) * np.sin(phase) + 0.1 * rng.standard_normal(phase.shape)
    return sounds[..., None].astype("float32"), rises.astype("float32")


@pytest.fixture(scope="module")
def sounds():
    return make_sounds(512, seed=1)


@pytest.fixture(scope="module")
def unheard():
    return make_sounds(512, seed=2)


def assert_drifted(layer):
    """Assert that training has moved the kernels of every bin, far further than rounding could."""
    assert layer.path == "matmul"
    assert np.min(measure_drift(layer, sample_rate=SAMPLE_RATE).distance) > 0.01


def test_a_keras_model_learns_with_the_layer_inside(tmp_path, sounds, unheard):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((N_SAMPLES, 1))])
    layer_stft_spectrogram(model, **ARGUMENTS)
    model.add(keras.layers.BatchNormalization(momentum=0.9))
    model.add(keras.layers.Conv1D(16, 5, activation="relu"))
    model.add(keras.layers.GlobalAveragePooling1D())
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    model.compile(keras.optimizers.Adam(0.002), "binary_crossentropy", metrics=["accuracy"])
    model.fit(*sounds, batch_size=32, epochs=8, verbose=0)
    assert model.evaluate(*unheard, verbose=0)[1] > 0.95

    model.save(tmp_path / "model.keras")
    front_end = keras.models.load_model(tmp_path / "model.keras").layers[0]
    layer = from_keras(front_end)
    assert_drifted(layer)
    expected = keras.ops.convert_to_numpy(front_end(unheard[0][:8]))
    np.testing.assert_allclose(layer(unheard[0][:8]), expected, rtol=0, atol=1e-3)


def test_a_torch_model_learns_with_the_layer_inside(sounds, unheard):
    torch.manual_seed(0)
    model = torch.nn.Sequential(to_torch(STFTSpectrogram(**ARGUMENTS, data_format="channels_first")))
    model.extend([torch.nn.BatchNorm1d(65), torch.nn.Conv1d(65, 16, 5), torch.nn.ReLU()])
    model.extend([torch.nn.AdaptiveAvgPool1d(1), torch.nn.Flatten(), torch.nn.Linear(16, 1), torch.nn.Flatten(0)])
    inputs, targets = torch.from_numpy(sounds[0]).transpose(1, 2), torch.from_numpy(sounds[1])
    optimizer = torch.optim.Adam(model.parameters(), 0.002)
    for _ in range(8):
        for batch in torch.randperm(512).split(32):
            optimizer.zero_grad()
            loss = torch.nn.functional.binary_cross_entropy_with_logits(model(inputs[batch]), targets[batch])
            loss.backward()
            optimizer.step()
    model.eval()
    others = torch.from_numpy(unheard[0]).transpose(1, 2)
    with torch.no_grad():
        rises = model(others) > 0
        expected = model[0](others[:8]).numpy()
    assert np.mean(rises.numpy() == unheard[1]) > 0.95

    layer = from_torch(model[0])
    assert_drifted(layer)
    np.testing.assert_allclose(layer(others[:8].numpy()), expected, rtol=0, atol=1e-3)
