"""A kernel while it learns, and how far each bin has gone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from specwidget.charts.scene import Axes, Line, ReferenceLine, Scene, Stems, Values, padded_extent
from specwidget.layer import STFTSpectrogram
from specwidget.teach.audio import RATE, noise, through
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, normalised, slider
from specwidget.training import Adam, fit, mean_squared_error, measure_drift

FRAME_LENGTH = 32
N_BINS = FRAME_LENGTH // 2 + 1
STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 400)
"""Numbers of steps after which the kernels are looked at."""

STARTS = (("noise", "noise"), ("boxcar", "Fourier's, with a rectangular window"))
HEARD = (("white", "white noise"), ("dull", "dull noise"))

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
"""Digits as exponents are written."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """What a training left, at each of `STEPS`.

    Parameters
    ----------
    kernels : tuple of ndarray (2, frame_length, n_bins)
        Kernels, the real one first.
    drifts : tuple of ndarray (n_bins,)
        Distances from Fourier's.
    losses : ndarray (n_steps,)
        Loss of each step.
    elsewhere : ndarray (n,)
        Loss on other white noise.
    taught : ndarray (2, frame_length, n_bins)
        The teacher's kernels.
    """

    kernels: tuple[Values, ...]
    drifts: tuple[Values, ...]
    losses: Values
    elsewhere: Values
    taught: Values


def draw(*, start: str, heard: str, moment: int, bin_number: int) -> Scene:
    """Draw a bin's real kernel at a moment of the training, the loss so far, and the drift of every bin."""
    lesson, step = learn(start, heard), STEPS[moment]
    n = np.arange(FRAME_LENGTH)
    first, now, taught = (
        values[0][:, bin_number] for values in (lesson.kernels[0], lesson.kernels[moment], lesson.taught)
    )
    drift = lesson.drifts[moment]
    losses = lesson.losses
    ends = spread_in_decades(losses, lesson.elsewhere)
    axes = (
        Axes(
            f"real_kernel[n, 0, {bin_number}] after {step} steps",
            "sample n",
            "value",
            (-1, FRAME_LENGTH),
            padded_extent(np.concatenate([first, taught]), margin=0.15),
            [
                Line(n, first, "before", "muted", "dotted"),
                Line(n, taught, "the teacher's", "second", "dashed"),
                Line(n, now, "now", "first"),
            ],
        ),
        Axes(
            "Loss",
            "step",
            "mean squared error",
            (1, STEPS[-1]),
            ends,
            [
                Line(np.arange(1, len(losses) + 1), losses, "its own noise", "first"),
                Line(np.maximum(STEPS, 1), lesson.elsewhere, "other noise", "third", "dashed"),
                ReferenceLine(x=float(max(step, 1)), colour="second"),
            ],
            x_scale="log",
            y_scale="log",
            y_ticks=decades(*ends),
        ),
        Axes(
            "Distance from Fourier's",
            "bin k",
            "distance, relative",
            (-0.5, N_BINS - 0.5),
            (0, 1.1 * max(float(each.max()) for each in lesson.drifts)),
            [Stems(np.arange(N_BINS), drift, colour="first"), ReferenceLine(x=float(bin_number), colour="second")],
        ),
    )
    reached = losses[min(step, len(losses) - 1)] / losses[0]
    whose = "its own" if start == "boxcar" else "a Hann"
    caption = (
        f"After {step} steps the loss is {reached:.2g} of what it was at first, on other white noise "
        f"{lesson.elsewhere[moment] / lesson.elsewhere[0]:.2g}. Bin {bin_number}'s kernels are {drift[bin_number]:.3f} "
        f"from Fourier's with {whose} window, all bins {drift.mean():.3f} on average."
    )
    return Scene(axes, caption, columns=3)


def spread_in_decades(*values: Values) -> tuple[float, float]:
    """Return a range for a logarithmic axis, with a factor of 2 at each end."""
    together = np.concatenate(values)
    return float(together.min()) / 2, float(together.max()) * 2


def decades(low: float, high: float) -> tuple[tuple[float, str], ...]:
    """Return powers of ten between two values as ticks, at most seven.

    Examples
    --------
    >>> decades(2e-4, 3.0)
    ((0.001, '10⁻³'), (0.01, '10⁻²'), (0.1, '10⁻¹'), (1.0, '1'))
    >>> [text for _, text in decades(1e-17, 2.0)]
    ['10⁻¹⁵', '10⁻¹²', '10⁻⁹', '10⁻⁶', '10⁻³', '1']
    """
    first, last = math.ceil(math.log10(low)), math.floor(math.log10(high))
    step = math.ceil((last - first + 1) / 7)
    powers = range(last, first - 1, -step)
    return tuple((10.0**power, f"10{str(power).translate(RAISED)}" if power else "1") for power in reversed(powers))


@lru_cache(maxsize=len(STARTS) * len(HEARD))
def learn(start: str, heard: str = "white") -> Lesson:
    """Let a layer learn the values that a teacher with a Hann window gives for noise; the same each time."""
    generator = np.random.default_rng(0)
    teacher = STFTSpectrogram("stft", FRAME_LENGTH, dtype="float64")
    pupil = STFTSpectrogram("stft", FRAME_LENGTH, window="boxcar" if start == "boxcar" else "hann", dtype="float64")
    if start == "noise":
        shape = pupil.weights[0].shape
        pupil.set_weights([generator.standard_normal(shape) / FRAME_LENGTH for _ in range(2)])
    inputs, others = generator.standard_normal((2, 1, 64 * FRAME_LENGTH, 1))
    inputs = dulled(inputs) if heard == "dull" else inputs
    batches = [(inputs, teacher(inputs))]
    measured, elsewhere, history = [_look(pupil)], [_error(pupil, teacher, others)], None
    for before, after in pairwise(STEPS):
        pupil, history = fit(
            pupil, mean_squared_error, batches, Adam(0.005), steps=after - before, progress=False, history=history
        )
        measured.append(_look(pupil))
        elsewhere.append(_error(pupil, teacher, others))
    assert history is not None
    kernels, drifts = zip(*measured, strict=True)
    return Lesson(kernels, drifts, history.losses, np.array(elsewhere), _look(teacher)[0])


def dulled(samples: Values) -> Values:
    """Return a signal (..., L, 1) without its frequencies above a quarter of the rate."""
    spectrum = np.fft.rfft(samples, axis=-2)
    spectrum[..., spectrum.shape[-2] // 2 :, :] = 0
    dull: Values = np.fft.irfft(spectrum, samples.shape[-2], axis=-2)
    return dull


def hear(*, heard: str, **_others: object) -> AudioClip:
    """Return a second and a half of the noise that the layer learns from."""
    samples = noise(round(1.5 * RATE))
    return AudioClip(normalised(dulled(samples[:, None])[:, 0] if heard == "dull" else samples), RATE)


def hear_now(*, start: str, heard: str, moment: int, bin_number: int) -> AudioClip:
    """Return white noise through the real kernel that is drawn, as it is at this moment."""
    return through(noise(round(1.5 * RATE)), learn(start, heard).kernels[moment][0][:, bin_number], RATE)


def hear_taught(*, start: str, bin_number: int, **_others: object) -> AudioClip:
    """Return white noise through the teacher's real kernel."""
    return through(noise(round(1.5 * RATE)), learn(start).taught[0][:, bin_number], RATE)


def _error(layer: STFTSpectrogram, teacher: STFTSpectrogram, inputs: Values) -> float:
    """Return how far a layer's values are from a teacher's."""
    return float(mean_squared_error(layer(inputs), teacher(inputs))[0])


def _look(layer: STFTSpectrogram) -> tuple[Values, Values]:
    """Return the kernels of a layer, (2, frame_length, n_bins), and their drift."""
    kernels: Any = np.stack([weight[:, 0, :] for weight in layer.get_weights()])
    return kernels, measure_drift(layer).distance


PLAN = FigureSpec(
    "learned_kernel",
    "A kernel learns",
    draw,
    (
        slider("moment", 5, "From the first step to the last.", span=(0, len(STEPS) - 1), label="Moment"),
        slider("bin_number", 5, "Each bin learns by itself.", span=(0, N_BINS - 1), label="Bin k"),
        choice("start", "noise", "What the kernels were before.", choices=STARTS, label="Begins with"),
        choice(
            "heard",
            "white",
            "Dull noise ends at a quarter of the rate: what it never hears it can't learn.",
            choices=HEARD,
            label="Learns from",
        ),
    ),
    {
        "Hear what it learns from": hear,
        "Hear white noise through the kernel now": hear_now,
        "Hear it through the teacher's": hear_taught,
    },
)
