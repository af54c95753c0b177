"""A kernel while it learns, and how far each bin has gone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from specwidget.layer import STFTSpectrogram
from specwidget.teach.hearing import RATE, noise, through
from specwidget.teach.plan import Heard, Plan, choice, slider
from specwidget.teach.scene import Axes, Line, Rule, Scene, Stems, Values, spread
from specwidget.training import Adam, fit, mean_squared_error, measure_drift

FRAME_LENGTH = 32
N_BINS = FRAME_LENGTH // 2 + 1
STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 400)
"""Numbers of steps after which the kernels are looked at."""

STARTS = (("noise", "noise"), ("boxcar", "Fourier's, with a rectangular window"))


@dataclass(frozen=True, eq=False)
class Lesson:
    """What a training left, at each of `STEPS`: kernels (2, frame_length, n_bins) and drift (n_bins,); all losses."""

    kernels: tuple[Values, ...]
    drifts: tuple[Values, ...]
    losses: Values
    taught: Values


def draw(*, start: str, moment: int, bin_number: int) -> Scene:
    """Draw a bin's real kernel at a moment of the training, the loss so far, and the drift of every bin."""
    lesson, step = learn(start), STEPS[moment]
    n = np.arange(FRAME_LENGTH)
    first, now, taught = (
        values[0][:, bin_number] for values in (lesson.kernels[0], lesson.kernels[moment], lesson.taught)
    )
    drift = lesson.drifts[moment]
    losses = lesson.losses
    axes = (
        Axes(
            f"real_kernel[n, 0, {bin_number}] after {step} steps",
            "sample n",
            "value",
            (-1, FRAME_LENGTH),
            spread(np.concatenate([first, taught]), margin=0.15),
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
            (float(losses.min()) / 2, float(losses.max()) * 2),
            [Line(np.arange(1, len(losses) + 1), losses, colour="first"), Rule(x=float(max(step, 1)), colour="second")],
            x_scale="log",
            y_scale="log",
        ),
        Axes(
            "Distance from Fourier's",
            "bin k",
            "distance, relative",
            (-0.5, N_BINS - 0.5),
            (0, 1.1 * max(float(each.max()) for each in lesson.drifts)),
            [Stems(np.arange(N_BINS), drift, colour="first"), Rule(x=float(bin_number), colour="second")],
        ),
    )
    reached = losses[min(step, len(losses) - 1)] / losses[0]
    whose = "its own" if start == "boxcar" else "a Hann"
    caption = (
        f"After {step} steps the loss is {reached:.2g} of what it was at first. Bin {bin_number}'s kernels are "
        f"{drift[bin_number]:.3f} from Fourier's with {whose} window, all bins {drift.mean():.3f} on average."
    )
    return Scene(axes, caption, columns=3)


@lru_cache(maxsize=2)
def learn(start: str) -> Lesson:
    """Let a layer learn the values that a teacher with a Hann window gives for noise; the same each time."""
    generator = np.random.default_rng(0)
    teacher = STFTSpectrogram("stft", FRAME_LENGTH, dtype="float64")
    pupil = STFTSpectrogram("stft", FRAME_LENGTH, window="boxcar" if start == "boxcar" else "hann", dtype="float64")
    if start == "noise":
        shape = pupil.weights[0].shape
        pupil.set_weights([generator.standard_normal(shape) / FRAME_LENGTH for _ in range(2)])
    inputs = generator.standard_normal((1, 64 * FRAME_LENGTH, 1))
    batches = [(inputs, teacher(inputs))]
    measured, history = [_look(pupil)], None
    for before, after in pairwise(STEPS):
        pupil, history = fit(
            pupil, mean_squared_error, batches, Adam(0.005), steps=after - before, progress=False, history=history
        )
        measured.append(_look(pupil))
    assert history is not None
    kernels, drifts = zip(*measured, strict=True)
    return Lesson(kernels, drifts, history.losses, _look(teacher)[0])


def hear(*, start: str, moment: int, bin_number: int) -> Heard:
    """Return noise through the real kernel that is drawn, as it is at this moment."""
    return through(noise(round(1.5 * RATE)), learn(start).kernels[moment][0][:, bin_number], RATE)


def hear_taught(*, start: str, bin_number: int, **_others: object) -> Heard:
    """Return noise through the teacher's real kernel."""
    return through(noise(round(1.5 * RATE)), learn(start).taught[0][:, bin_number], RATE)


def _look(layer: STFTSpectrogram) -> tuple[Values, Values]:
    """Return the kernels of a layer, (2, frame_length, n_bins), and their drift."""
    kernels: Any = np.stack([weight[:, 0, :] for weight in layer.get_weights()])
    return kernels, measure_drift(layer).distance


PLAN = Plan(
    "learned_kernel",
    "A kernel learns",
    draw,
    (
        slider("moment", 5, "From the first step to the last.", span=(0, len(STEPS) - 1), label="Moment"),
        slider("bin_number", 5, "Each bin learns by itself.", span=(0, N_BINS - 1), label="Bin k"),
        choice("start", "noise", "What the kernels were before.", choices=STARTS, label="Begins with"),
    ),
    {"Hear noise through the kernel now": hear, "Hear it through the teacher's": hear_taught},
)
