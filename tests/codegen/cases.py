"""The settings that each snippet is run with, how it is run, and how far its result may be from the layer's.

The layer computes in float64, whatever the snippet's type, so that the difference is the snippet's own error. The
tolerance is that of `specwidget.stft.accuracy` for the snippet's type.
"""

import ast
import itertools
import warnings
from dataclasses import dataclass, replace

import numpy as np

from specwidget import STFTSettings, STFTSpectrogram
from specwidget.codegen import CODE_TARGETS, nnaudio, scipy_spectrogram, to_code
from specwidget.codegen.snippet import CodeRequest
from specwidget.stft.accuracy import part_bound, value_bound
from specwidget.stft.layout import from_output, to_rows
from specwidget.stft.settings import MODES
from specwidget.stft.shapes import padding_amounts

# Frame, step, FFT: None, odd, longer than the frame, a step of one sample, a step of a whole frame, single samples.
LENGTHS = [
    (16, None, None),
    (32, 8, 64),
    (40, 13, 51),
    (25, 25, 25),
    (31, 10, None),
    (12, 1, 17),
    (100, 37, 128),
    (64, 64, 100),
    (2, 1, 2),
    (3, 2, 3),
    (1, 1, 1),
    (1, None, 4),
]
RAMP = "values of its own"
WINDOWS = ["hann", "blackmanharris", ("kaiser", 8.6), RAMP, None, "flattop", "boxcar", ("tukey", 0.3), "hamming"]
DTYPES = ["float64", "float64", "float32", None, "float16"]
LEVELS = [None, 1e-4, 1.0, 300.0]
VARIANTS = 7


@dataclass(frozen=True)
class Case:
    """Settings, the shape of a signal, and its level; None leaves the snippet's own noise in its place."""

    settings: STFTSettings
    shape: tuple[int, int, int]
    level: float | None


def make_grid():
    """Every mode with every length, each a few times with the other settings taken in turn."""
    rng = np.random.default_rng(5)
    turns = {
        "window": itertools.cycle(WINDOWS),
        "dtype": itertools.cycle(DTYPES),
        "scaling": itertools.cycle(["density", "spectrum", None, "density"]),
        "padding": itertools.cycle(["valid", "same"]),
        "expand_dims": itertools.cycle([False, True, True]),
        "data_format": itertools.cycle([None, "channels_first", "channels_last"]),
        "periodic": itertools.cycle([False, True, True, False, True]),
        "trainable": itertools.cycle([True, False]),
        "epsilon": itertools.cycle([1e-7, 1e-7, 1e-3, 4.0]),
    }
    levels = itertools.cycle(LEVELS)
    cases = []
    for mode, (frame_length, frame_step, fft_length), _ in itertools.product(MODES, LENGTHS, range(VARIANTS)):
        chosen = {name: next(values) for name, values in turns.items()}
        if chosen["window"] == RAMP:
            chosen["window"] = rng.uniform(-0.3, 1.0, frame_length)
        lengths = {"frame_length": frame_length, "frame_step": frame_step, "fft_length": fft_length}
        try:
            settings = STFTSettings(mode=mode, **lengths, **chosen)
        except ValueError:
            # The symmetric windows of one or two samples are zero everywhere.
            settings = STFTSettings(mode=mode, **lengths, **chosen | {"window": "boxcar"})
        n_samples = int(rng.integers(1 if settings.padding == "same" else frame_length, 3 * frame_length + 40))
        batch, channels = (int(count) for count in rng.integers(1, 4, 2))
        shape = (batch, n_samples, channels) if settings.channels_last else (batch, channels, n_samples)
        cases.append(Case(settings, shape, next(levels)))
    return cases


GRID = make_grid()


def run(code, convert=None, x=None):
    """Run a snippet in a namespace of its own, with its noise or with `x`, and return its `x` and `y`."""
    tree = ast.parse(code)
    if x is not None:
        tree.body = [each for each in tree.body if not ast.unparse(each).startswith("x = ")]
    names = {"__name__": "snippet"} if x is None else {"__name__": "snippet", "x": convert(x) if convert else x}
    with warnings.catch_warnings():
        # The settings mean to have such lengths; float16 may overflow.
        warnings.filterwarnings("ignore", message="`fft_length`")
        warnings.filterwarnings("ignore", message="overflow encountered in cast")
        exec(compile(tree, "snippet", "exec"), names)
    return names["x"], names["y"]


PEER_TARGETS = {"scipy_spectrogram": scipy_spectrogram.TARGET, "nnaudio": nnaudio.TARGET}
"""Targets of the cross-check alone, which can't compute every setting."""


def code_of(case, target):
    """Write the code of a case."""
    if target in CODE_TARGETS:
        return to_code(case.settings, case.shape, target)
    return PEER_TARGETS[target].write(CodeRequest(case.settings, case.shape))


def can_compute(case, target):
    """Whether a target can compute the settings of a case."""
    if target == "nnaudio":
        return nnaudio.window_name(case.settings) is not None
    return target != "scipy_spectrogram" or bool(case.settings.scaled_window.any())


def run_case(case, target, convert=None, to_numpy=np.asarray):
    """Run a case, and return the signal and the snippet's result."""
    code = code_of(case, target)
    x = None
    if case.level is not None:
        x = case.level * np.random.default_rng(1).standard_normal(case.shape)
        x = x.astype(case.settings.result_dtype)
    used, y = run(code, convert, x)
    return to_numpy(used), to_numpy(y)


def share_of_tolerance(x, y, settings, kernel_error=0.0):
    """Return the largest error of `y`, as a fraction of what `settings` allow."""
    return errors(x, y, settings, kernel_error)[1]


def errors(x, y, settings, kernel_error=0.0):
    """Return the largest error of `y`, and the largest as a fraction of what is allowed at its place.

    Parameters
    ----------
    x, y : ndarray
        Signal and result, in the layouts of the settings.
    settings : STFTSettings
        Settings, with the type in which was computed.
    kernel_error : float
        How far a peer's cosines may be off.
    """
    exact = replace(settings, dtype="float64", backend="numpy")
    expected = np.ascontiguousarray(STFTSpectrogram.from_settings(exact)(x.astype("float64")))
    assert y.shape == expected.shape
    parts = STFTSpectrogram.from_settings(replace(exact, mode="stft"))(x.astype("float64"))
    parts = from_output(np.ascontiguousarray(parts), replace(exact, mode="stft"))
    spectrum = parts[..., : settings.n_bins] + 1j * parts[..., settings.n_bins :]
    rows = to_rows(x.astype("float64"), settings)
    rows = np.pad(rows, ((0, 0), (0, 0), padding_amounts(rows.shape[-1], settings)))
    frames = np.lib.stride_tricks.sliding_window_view(rows, settings.frame_length, axis=-1)[:, :, :: settings.step]
    windowed = np.abs(frames * settings.scaled_window)
    allowed = part_bound(np.sqrt((windowed**2).sum(axis=-1)), settings) + kernel_error * windowed.sum(axis=-1)
    bound = value_bound(spectrum, allowed[..., None], settings)
    ours = from_output(np.ascontiguousarray(y).astype("float64"), settings)
    theirs = from_output(expected, settings)
    if settings.result_dtype == "float16":
        largest = float(np.finfo("float16").max)
        ours, theirs = ours.clip(-largest, largest), theirs.clip(-largest, largest)
    error = np.abs(ours - theirs)
    if settings.mode == "angle":
        # The shorter way round; where the magnitude is lost in rounding, no angle is wrong.
        error = np.where(bound < np.pi, np.minimum(error, np.abs(2 * np.pi - error)), 0.0)
    assert np.isfinite(error).all()
    return float(error.max()), float((error / bound).max())
