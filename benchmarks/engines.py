"""Who is measured: each engine makes, for a case and a mode, a call and a way to read its result.

All compute in float32 with the same periodic Hann window, without padding or scaling, and with the floor where their
interface has one. A result is read as an array (batch, channels, frames, bins); mode "stft" is complex there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.cases import EPSILON, Case

Call = Callable[[], Any]
Read = Callable[[Any], np.ndarray]


@dataclass(frozen=True)
class Engine:
    """An engine: how it is made ready, and how far rounding of its own kind may take it from the exact result.

    `make` takes a case, a mode and the signal; those of PyTorch also `device`.
    """

    title: str
    make: Callable[..., tuple[Call, Read]]
    tolerance: float
    because: str


def window_of(case: Case) -> np.ndarray:
    """Return the window, float32."""
    from scipy.signal import get_window

    return get_window("hann", case.frame_length).astype(np.float32)


def complex_of(values: np.ndarray) -> np.ndarray:
    """Return [re, im] along the last axis as complex values."""
    n_bins = values.shape[-1] // 2
    return values[..., :n_bins] + 1j * values[..., n_bins:]


def make_layer(case: Case, mode: str, **settings: Any) -> Any:
    """Return our layer for a case and mode, with further settings."""
    import specwidget

    lengths = (case.frame_length, case.frame_step)
    return specwidget.STFTSpectrogram(mode, *lengths, periodic=True, scaling=None, epsilon=EPSILON, **settings)


def reader_of(layer: Any) -> Read:
    """Return a function that reads the result of our layer, an array of any library."""
    from specwidget.arrays import to_numpy
    from specwidget.stft.layout import from_output

    def read(result: Any) -> np.ndarray:
        values = np.asarray(from_output(to_numpy(result), layer.settings))
        return complex_of(values) if layer.settings.mode == "stft" else values

    return read


def make_ours(case: Case, mode: str, signal: np.ndarray, *, trained: bool = False) -> tuple[Call, Read]:
    """Make specwidget's layer; with kernels of its own where `trained`."""
    layer = make_layer(case, mode, backend="numpy")
    if trained:
        kernels = layer.get_weights()
        kernels[0][0, 0, 0] += np.float32(1e-9) if kernels[0][0, 0, 0] == 0 else kernels[0][0, 0, 0] * np.float32(1e-6)
        layer.set_weights(kernels)
        assert layer.path == "matmul"
    return (lambda: layer(signal)), reader_of(layer)


def make_librosa(case: Case, mode: str, signal: np.ndarray) -> tuple[Call, Read]:
    """Make librosa.stft, and the mode in NumPy."""
    import librosa

    rows = np.ascontiguousarray(signal.transpose(0, 2, 1))
    finish = finish_in_numpy(mode)

    def call() -> Any:
        spectrum = librosa.stft(rows, n_fft=case.frame_length, hop_length=case.frame_step, center=False)
        return finish(spectrum)

    return call, lambda result: result.swapaxes(-1, -2)


def finish_in_numpy(mode: str) -> Callable[[np.ndarray], np.ndarray]:
    """Return what people write after a complex transform with bins on the last axis but one."""

    def psd(spectrum: np.ndarray) -> np.ndarray:
        power = spectrum.real**2 + spectrum.imag**2
        power[..., 1:-1, :] *= 2
        return power

    return {
        "stft": lambda spectrum: spectrum,
        "magnitude": np.abs,
        "psd": psd,
        "log": lambda spectrum: np.log(np.maximum(np.abs(spectrum), np.float32(np.sqrt(EPSILON)))),
    }[mode]


def make_scipy(case: Case, mode: str, signal: np.ndarray) -> tuple[Call, Read]:
    """Make scipy.signal.spectrogram."""
    from scipy.signal import spectrogram

    rows, window = np.ascontiguousarray(signal.transpose(0, 2, 1)), window_of(case)
    scale = np.float32(window.sum())
    finish = finish_in_numpy(mode)

    def call() -> Any:
        kind = "complex" if mode != "magnitude" else "magnitude"
        overlap = case.frame_length - case.frame_step
        spectrum = spectrogram(rows, window=window, noverlap=overlap, detrend=False, scaling="spectrum", mode=kind)[2]
        return spectrum if mode in ("magnitude", "stft") else finish(spectrum * scale)

    def read(result: Any) -> np.ndarray:
        values = result.swapaxes(-1, -2)
        return values * scale if mode in ("magnitude", "stft") else values

    return call, read


def make_torch(case: Case, mode: str, signal: np.ndarray, *, device: str = "cpu") -> tuple[Call, Read]:
    """Make torch.stft, and the mode in PyTorch."""
    import torch

    rows = tensor_rows(signal).to(device)
    window = torch.from_numpy(window_of(case)).to(device)

    def psd(spectrum: Any) -> Any:
        power = spectrum.real**2 + spectrum.imag**2
        power[..., 1:-1, :] *= 2
        return power

    finish = {
        "stft": lambda spectrum: spectrum,
        "magnitude": torch.abs,
        "psd": psd,
        "log": lambda spectrum: torch.log(torch.clamp(torch.abs(spectrum), min=float(np.sqrt(EPSILON)))),
    }[mode]

    def call() -> Any:
        with torch.inference_mode():
            return finish(
                torch.stft(
                    rows,
                    case.frame_length,
                    case.frame_step,
                    window=window,
                    center=False,
                    return_complex=True,
                )
            )

    def read(result: Any) -> np.ndarray:
        values = result.cpu().numpy().swapaxes(-1, -2)
        return values.reshape(case.batch, case.channels, *values.shape[1:])

    return call, read


def tensor_rows(signal: np.ndarray) -> Any:
    """Return a signal as a PyTorch tensor (batch * channels, time)."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(signal.transpose(0, 2, 1)).reshape(-1, signal.shape[1]))


def make_keras(case: Case, mode: str, signal: np.ndarray) -> tuple[Call, Read]:
    """Make Keras's own layer, on PyTorch."""
    import keras
    import torch

    layer = keras.layers.STFTSpectrogram(
        mode, case.frame_length, case.frame_step, periodic=True, scaling=None, expand_dims=True
    )
    inputs = torch.from_numpy(signal)
    layer.build(signal.shape)

    def call() -> Any:
        with torch.inference_mode():
            return layer(inputs)

    def read(result: Any) -> np.ndarray:
        values = result.numpy().transpose(0, 3, 1, 2)
        return complex_of(values) if mode == "stft" else values

    return call, read


def make_conv1d(case: Case, mode: str, signal: np.ndarray) -> tuple[Call, Read]:
    """Make torch.nn.functional.conv1d with our kernels; magnitude only."""
    import torch

    import specwidget

    layer = specwidget.STFTSpectrogram("stft", case.frame_length, case.frame_step, periodic=True, scaling=None)
    kernels = torch.from_numpy(np.concatenate([k[:, 0, :].T for k in layer.weights])[:, None, :].copy())
    rows = torch.from_numpy(np.ascontiguousarray(signal.transpose(0, 2, 1)).reshape(-1, 1, signal.shape[1]))
    n_bins = layer.settings.n_bins

    def call() -> Any:
        with torch.inference_mode():
            both = torch.nn.functional.conv1d(rows, kernels, stride=case.frame_step)
            real, imag = both[:, :n_bins], both[:, n_bins:]
            return torch.sqrt(torch.clamp(real * real + imag * imag, min=EPSILON))

    def read(result: Any) -> np.ndarray:
        values = result.numpy().swapaxes(-1, -2)
        return values.reshape(case.batch, case.channels, *values.shape[1:])

    return call, read


def make_nnaudio(case: Case, mode: str, signal: np.ndarray, *, device: str = "cpu") -> tuple[Call, Read]:
    """Make nnAudio's STFT layer, whose result has no floor."""
    import torch
    from nnAudio.features.stft import STFT

    form = "Complex" if mode == "stft" else "Magnitude"
    layer = STFT(
        n_fft=case.frame_length,
        hop_length=case.frame_step,
        center=False,
        output_format=form,
        verbose=False,
    ).to(device)
    rows = tensor_rows(signal).to(device)

    def psd(values: Any) -> Any:
        power = values**2
        power[..., 1:-1, :] *= 2
        return power

    finish = {
        "stft": lambda values: values,
        "magnitude": lambda values: values,
        "psd": psd,
        "log": lambda values: torch.log(torch.clamp(values, min=float(np.sqrt(EPSILON)))),
    }[mode]

    def call() -> Any:
        with torch.inference_mode():
            return finish(layer(rows))

    def read(result: Any) -> np.ndarray:
        values = result.cpu().numpy()
        values = values[..., 0] + 1j * values[..., 1] if mode == "stft" else values
        values = values.swapaxes(-1, -2)
        return values.reshape(case.batch, case.channels, *values.shape[1:])

    return call, read


FFT_ROUNDING = "an FFT in float32"
PHASES = "phases of the kernels in float32"

PEERS: dict[str, Engine] = {
    "librosa": Engine("librosa.stft", make_librosa, 1e-5, FFT_ROUNDING),
    "scipy": Engine("scipy.signal.spectrogram", make_scipy, 1e-5, FFT_ROUNDING),
    "torch": Engine("torch.stft", make_torch, 1e-5, FFT_ROUNDING),
    "keras": Engine("Keras's layer on PyTorch", make_keras, 2e-3, PHASES),
    "nnaudio": Engine("nnAudio STFT", make_nnaudio, 2e-3, PHASES),
}
OURS = Engine("specwidget", make_ours, 1e-5, FFT_ROUNDING)
