"""A grid of settings, each taken into a framework, run there, and compared with the plain computation.

    python -m tests.frameworks.grid [keras] [torch] [onnx]

prints how many settings there are and how far the worst value is off, by export and mode. `test_grid.py` asserts it.

Each point of mode x padding x scaling x data_format x expand_dims x dtype comes twice: with Fourier's kernels, and with
kernels that something has moved. Frames, window and signal are drawn for it.
"""

import itertools
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")

import numpy as np

from specwidget.export import from_keras, from_torch, to_keras, to_onnx, to_torch
from specwidget.stft.kernels import kernel_names
from specwidget.stft.settings import DATA_FORMATS, DTYPES, MODES, PADDINGS, SCALINGS
from tests.layers import make_layer
from tests.reference import (
    DEFAULTS,
    ReferenceParts,
    reference_frames,
    reference_layout,
    reference_mode,
    reference_parts,
)
from tests.tolerances import allowed_error, difference

WINDOWS = ("hann", "hamming", "boxcar", "flattop", ("kaiser", 8.6), ("tukey", 0.3), "values", None)

# (frame_length, frame_step, fft_length): steps that divide and steps that don't, odd FFTs, FFTs longer than the frame,
# FFTs that are even but no power of two, tiny frames.
FRAMES = (
    (1, 1, 2),
    (2, None, 3),
    (3, 1, None),
    (4, None, 6),
    (5, 2, 5),
    (7, 7, 9),
    (8, None, None),
    (12, 5, 21),
    (16, 4, 16),
    (17, 3, 32),
    (25, None, 25),
    (32, 10, None),
    (40, 16, 64),
    (45, 45, 45),
    (64, 20, 99),
)


@dataclass(frozen=True)
class Export:
    """How a layer is run in a framework: the dtypes that it takes, the dtype of its modes where it has its own."""

    run: object
    dtypes: tuple = DTYPES
    mode_dtype: str | None = None


@dataclass(frozen=True)
class Case:
    """One setting, with the layer, its input and what the export makes of it."""

    settings: dict
    expected: np.ndarray
    allowed: np.ndarray
    found: np.ndarray
    back: bool | None

    @property
    def error(self):
        return difference(self.found, self.expected, self.settings["mode"])

    @property
    def share(self):
        """Of the tolerance."""
        return float(np.max(self.error / self.allowed)) if self.error.size else 0.0


def run_keras(layer, inputs):
    """What Keras answers, from inputs of the layer's own type; and whether the kernels come back."""
    import keras

    held = to_keras(layer)
    found = keras.ops.convert_to_numpy(held(inputs.astype(layer.settings.result_dtype)))
    back = from_keras(held, window=layer.window if held.window is None else None)
    settings = replace(layer.settings, frame_step=layer.settings.step, fft_length=layer.settings.n_fft)
    # The last bin of a power is carried to within its last digit.
    return found, back.settings == settings and kernels_are_close(layer, back, 1.2e-7)


def run_torch(layer, inputs):
    """What the module answers; and whether the kernels come back."""
    import torch

    module = to_torch(layer)
    found = module(torch.tensor(inputs)).detach().numpy()
    back = from_torch(module)
    return found, back.settings == layer.settings and kernels_are_close(layer, back, 0.0)


def run_onnx(layer, inputs):
    """What onnxruntime answers; there is no way back."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    with tempfile.TemporaryDirectory() as folder:
        path = to_onnx(layer, Path(folder) / "layer.onnx")
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"inputs": np.ascontiguousarray(inputs.astype(layer.settings.result_dtype))})
    return found, None


# Keras computes a float64 layer's log, magnitude and angle in float32, after the transform.
EXPORTS = {
    "keras": Export(run_keras, dtypes=("float32", "float64"), mode_dtype="float32"),
    "torch": Export(run_torch),
    "onnx": Export(run_onnx),
}


def kernels_are_close(layer, other, tolerance):
    """Whether another layer has the same kernels, and tells Fourier's as such."""
    pairs = zip(layer.weights, other.weights, strict=True)
    return layer.path == other.path and all(np.allclose(a, b, rtol=tolerance, atol=0) for a, b in pairs)


def count_settings(name):
    """How many settings an export is tried with."""
    return len(list(points(name)))


def points(name, mode=None):
    """Yield the settings of the grid, for one mode or all, each with a generator of its own."""
    axes = MODES, PADDINGS, SCALINGS, DATA_FORMATS, (False, True), EXPORTS[name].dtypes, (False, True)
    for number, point in enumerate(itertools.product(*axes)):
        if mode in (None, point[0]):
            yield draw_settings(random.Random(number), *point)


def draw_settings(draw, mode, padding, scaling, data_format, expand_dims, dtype, is_moved):
    """One point of the grid, with what is drawn for it."""
    frame_length, frame_step, fft_length = draw.choice(FRAMES)
    window = draw.choice(WINDOWS)
    if window == "values":
        window = [draw.uniform(-0.5, 1.0) for _ in range(frame_length)]
    # The symmetric Hann of 1 or 2 samples has no size to scale by.
    if frame_length < 3 and isinstance(window, str | tuple):
        window = "boxcar"
    settings = {
        "mode": mode,
        "frame_length": frame_length,
        "frame_step": frame_step,
        "fft_length": fft_length,
        "window": window,
        "periodic": draw.random() < 0.5,
        "scaling": scaling,
        "padding": padding,
        "expand_dims": expand_dims,
        "data_format": data_format,
        "dtype": dtype,
    }
    least = frame_length if padding == "valid" else 1
    shape = draw.choice((1, 2)), draw.randint(least, 200), draw.choice((1, 2, 3))
    return settings, shape, is_moved, draw.randrange(2**32)


def run_case(name, settings, shape, is_moved, seed):
    """Take one setting into the framework, and run it there."""
    export, rng = EXPORTS[name], np.random.default_rng(seed)
    layer = make_layer(**settings)
    inputs = rng.standard_normal(shape).astype(settings["dtype"])
    if settings["data_format"] == "channels_first":
        inputs = np.ascontiguousarray(inputs.transpose(0, 2, 1))
    filled = DEFAULTS | settings
    if is_moved:
        kernels = [kernel * rng.uniform(0.5, 1.5, kernel.shape).astype(kernel.dtype) for kernel in layer.weights]
        layer.set_weights(kernels)
        parts = parts_by_kernels(inputs, dict(zip(kernel_names(layer.settings), kernels, strict=True)), filled)
    else:
        parts = reference_parts(inputs, filled)
    found, back = export.run(layer, inputs)
    expected = reference_layout(reference_mode(parts, filled), filled)
    allowed = allowed_error(inputs, mode_dtype=export.mode_dtype, parts=parts, **settings)
    if found.dtype != np.dtype(settings["dtype"]):
        allowed = allowed + np.finfo(found.dtype).eps * np.abs(expected)
    assert found.shape == expected.shape, (settings, found.shape, expected.shape)
    return Case(settings, expected, allowed, found, back)


def parts_by_kernels(inputs, kernels, settings):
    """Real and imaginary parts by kernels of any values, in float64; a part without kernel is 0."""
    signals = inputs.astype(np.float64)
    if settings["data_format"] != "channels_first":
        signals = signals.transpose(0, 2, 1)
    frames = reference_frames(signals, settings)
    parts = {name: frames @ kernel[:, 0, :].astype(np.float64) for name, kernel in kernels.items()}
    largest = np.max([np.abs(kernel[:, 0, :]) for kernel in kernels.values()], axis=(0, 2))
    missing = np.zeros_like(next(iter(parts.values())))
    return ReferenceParts(parts.get("real", missing), parts.get("imag", missing), (np.abs(frames) @ largest)[..., None])


@cache
def run_mode(name, mode):
    """Run every setting of one mode."""
    return [run_case(name, *point) for point in points(name, mode)]


def report(name):
    """Return the lines that tell how one export fares."""
    started = time.process_time()
    lines = [f"{name}: {count_settings(name)} settings, largest error and its fraction of the tolerance"]
    for mode in MODES:
        cases = run_mode(name, mode)
        worst = {
            dtype: max(float(np.max(case.error)) for case in cases if case.settings["dtype"] == dtype)
            for dtype in EXPORTS[name].dtypes
        }
        told = ", ".join(f"{dtype} {error:.1e}" for dtype, error in worst.items())
        lines.append(f"  {mode:9s} {max(case.share for case in cases):6.1%}  {told}")
    return [*lines, f"  {time.process_time() - started:.0f} s of a processor"]


if __name__ == "__main__":
    for asked in sys.argv[1:] or EXPORTS:
        print(*report(asked), sep="\n")
