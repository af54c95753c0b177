"""Record the output of Keras's STFTSpectrogram in `keras.npz` beside this file.

The package is compared with these arrays, so Keras need not be installed to test it. To make them again, in an
environment of its own (about ten seconds, half of them the import of Keras):

    python -m venv keras-env
    keras-env/bin/pip install torch==2.13.0 keras==3.15.1 numpy==2.4.6 scipy==1.17.1
    KERAS_BACKEND=torch keras-env/bin/python tests/golden/make_golden.py

Each point of mode x padding x scaling x data_format x expand_dims x dtype is one case; the other settings are drawn
for it by Python's own generator, whose sequence is the same in every version. A list of named cases follows. Signals
are stored as they were used, so nothing depends on the random numbers of a NumPy version.

Left out is what the package does differently on purpose: odd `fft_length`, windows that are zero everywhere, window
tuples, and the default step and FFT of a single sample. With dtype "float64" Keras builds its phases in float64, which
makes those cases the sharp ones; with "float32", the default, its phases are float32, and the test allows for it.

`keras.npz` holds `about` (JSON: versions, and the case table), one array per signal, shape (2, 320, 3), and `outputs`,
all results end to end as float32.
"""

import itertools
import json
import os
import random
import sys
import time
import warnings
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
import scipy
import torch

MODES = ("log", "magnitude", "psd", "real", "imag", "angle", "stft")
PADDINGS = ("valid", "same")
SCALINGS = ("density", "spectrum", None)
LAYOUTS = ("channels_last", "channels_first")
DTYPES = ("float64", "float32")
WINDOWS = ("hann", "hamming", "blackman", "bartlett", "cosine", "flattop", "nuttall", "boxcar", None, "array")

# (frame_length, frame_step, fft_length): steps that divide and steps that do not, FFTs longer than the frame, FFTs that
# are even but no power of two, odd frames, tiny frames.
FRAMES = (
    (3, 1, None),
    (4, None, 6),
    (5, 2, None),
    (7, 7, 8),
    (8, None, None),
    (12, 5, 20),
    (16, 4, 16),
    (17, 3, 32),
    (20, 8, 20),
    (25, None, 26),
    (32, 10, None),
    (40, 16, 64),
    (48, 48, 100),
    (64, 24, 128),
    (100, 40, 200),
)
MOST_VALUES = 700
HERE = Path(__file__).parent


def make_signals():
    """Four signals of shape (2, 320, 3): noise, notes that fade, noise near the floor of log, clicks in silence."""
    rng = np.random.default_rng(20250101)
    n = np.arange(320)[None, :, None]
    pitch = np.array([[0.021, 0.125, 0.31], [0.07, 0.25, 0.44]])[:, None, :]
    clicks = np.zeros((2, 320, 3))
    clicks[:, ::29, :] = rng.uniform(-1, 1, clicks[:, ::29, :].shape)
    clicks[:, 0:3, 1] = [[1.0, -0.5, 0.25]]
    signals = {
        "noise": rng.standard_normal((2, 320, 3)),
        "notes": np.sin(2 * np.pi * pitch * n) * np.exp(-n / 60) + 0.1,
        "quiet": 3e-4 * rng.standard_normal((2, 320, 3)),
        "clicks": clicks,
    }
    return {name: values.astype(np.float32) for name, values in signals.items()}


def make_window(name, frame_length):
    """A window name, or for "array" an asymmetric window with a negative value, exact in float32."""
    if name != "array":
        return name
    return [((n * 7 + 3) % 16 - 1) / 8 for n in range(frame_length)]


def count_values(settings, case):
    """Number of values in the output of a case."""
    frame_length, step = settings["frame_length"], settings["frame_step"] or settings["frame_length"] // 2
    n_fft = settings["fft_length"] or 2 ** (frame_length - 1).bit_length()
    n_frames = -(-case["samples"] // step)
    if settings["padding"] == "valid":
        n_frames = (case["samples"] - frame_length) // step + 1
    return case["batch"] * case["channels"] * n_frames * (n_fft // 2 + 1) * (1 + (settings["mode"] == "stft"))


def draw_case(draw, mode, padding, scaling, data_format, expand_dims, dtype):
    """One point of the grid with the remaining settings drawn, small enough to store."""
    frame_length, frame_step, fft_length = draw.choice(FRAMES)
    settings = {
        "mode": mode,
        "frame_length": frame_length,
        "frame_step": frame_step,
        "fft_length": fft_length,
        "window": make_window(draw.choice(WINDOWS), frame_length),
        "periodic": draw.random() < 0.5,
        "scaling": scaling,
        "padding": padding,
        "expand_dims": expand_dims,
        "data_format": data_format,
        "dtype": dtype,
    }
    while True:
        least = frame_length if padding == "valid" else 1
        case = {
            "settings": settings,
            "signal": draw.choice(("noise", "noise", "notes", "quiet", "clicks")),
            "batch": draw.choice((1, 2)),
            "samples": draw.randint(least, 160),
            "channels": draw.choice((1, 2, 3)),
        }
        if count_values(settings, case) <= MOST_VALUES:
            return case


def make_named_cases():
    """Special cases: the defaults in every mode, and the smallest shapes."""
    small = {"signal": "noise", "batch": 2, "samples": 9, "channels": 2}
    for mode in MODES:
        yield {"settings": {"mode": mode}, "signal": "notes", "batch": 1, "samples": 300, "channels": 1}
    for mode in MODES:
        settings = {"mode": mode, "frame_length": 2, "frame_step": 1, "fft_length": 2, "window": "hamming"}
        yield {"settings": settings | {"dtype": "float64"}, **small}
    for padding in PADDINGS:
        settings = {"mode": "stft", "frame_length": 1, "frame_step": 1, "fft_length": 2, "padding": padding}
        yield {"settings": settings | {"dtype": "float64"}, **small}
        settings = {"mode": "stft", "frame_length": 9, "padding": padding, "scaling": "spectrum"}
        yield {"settings": settings | {"dtype": "float64"}, **small}


def make_cases():
    """Every case, in a fixed order."""
    draw = random.Random(3151)
    grid = itertools.product(MODES, PADDINGS, SCALINGS, LAYOUTS, (False, True), DTYPES)
    return [draw_case(draw, *point) for point in grid] + list(make_named_cases())


def run_keras(case, signals):
    """The output of Keras for one case, float32."""
    settings = dict(case["settings"])
    if isinstance(settings.get("window"), list):
        settings["window"] = np.array(settings["window"])
    inputs = signals[case["signal"]][: case["batch"], : case["samples"], : case["channels"]]
    if settings.get("data_format") == "channels_first":
        inputs = inputs.transpose(0, 2, 1)
    layer = keras.layers.STFTSpectrogram(**settings)
    return keras.ops.convert_to_numpy(layer(inputs.astype(settings.get("dtype", "float32")))).astype(np.float32)


def main():
    """Run all cases and write the archive."""
    started = time.perf_counter()
    # Keras warns about every FFT length that is no power of two, which many cases have.
    warnings.filterwarnings("ignore", message="`fft_length` is recommended")
    signals, cases, outputs = make_signals(), make_cases(), []
    for case in cases:
        output = run_keras(case, signals)
        if not np.isfinite(output).all():
            raise RuntimeError(f"Keras answers with values that are not finite to {case}.")
        case["shape"] = output.shape
        outputs.append(output.ravel())
    versions = {"keras": keras.__version__, "torch": torch.__version__.split("+")[0]}
    versions |= {"numpy": np.__version__, "scipy": scipy.__version__}
    about = json.dumps({"versions": versions, "cases": cases}, separators=(",", ":"))
    target = HERE / "keras.npz"
    arrays = {"about": np.frombuffer(about.encode(), np.uint8), "outputs": np.concatenate(outputs), **signals}
    np.savez_compressed(target, **arrays)
    seconds = time.perf_counter() - started
    sys.stdout.write(f"{len(cases)} cases, {target.stat().st_size / 1024:.0f} KiB, {seconds:.0f} s\n")


if __name__ == "__main__":
    main()
