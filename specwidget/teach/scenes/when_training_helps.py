"""Kernels that learn to tell two sounds apart, from few clips or many: on those, and on clips that were kept back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from specwidget.charts.scene import Axes, Image, Line, Points, ReferenceLine, Scene, Values
from specwidget.layer import STFTSpectrogram
from specwidget.teach.analysis import decibels, transform
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, normalised, slider
from specwidget.teach.toy_dataset import MAKERS, MIDDLE, N_SAMPLES, RATE, Task, make_clips
from specwidget.training import Adam, SoftmaxReadout, fit

FRAME_LENGTH = 128
N_BINS = FRAME_LENGTH // 2 + 1
STEPS = (0, 1, 2, 5, 10, 20)
"""Numbers of steps after which the kernels are looked at."""

N_KEPT = 200
"""Clips that are kept back."""

BIN = 24
"""The bin that is followed along the clips: 1500 Hz."""

LOWEST = -40.0
PAUSE = 0.3
"""Silence between two clips that are heard, s."""

SMOOTH = 32
"""Samples over which the magnitude of a bin is smoothed where it is drawn: 4 ms."""

SECONDS = 2 * N_SAMPLES / RATE
"""Length of two clips, one after the other."""


@dataclass(frozen=True, eq=False)
class Course:
    """What a training did, at each of `STEPS`.

    Parameters
    ----------
    losses, rights : ndarray (n, 2)
        Loss, and share of the clips that are told right: of those trained on, and of those kept back.
    kernels : ndarray (n, 2, frame_length)
        Kernels of `BIN`, the real one first.
    """

    losses: Values
    rights: Values
    kernels: Values


def draw(*, task: Task, n_clips: int, noise: float, moment: int) -> Scene:
    """Draw a clip of each class, what a bin makes of them, and how loss and verdicts go on."""
    course = learn(task, n_clips, noise)
    clips = make_clips(task, 2, noise, seed=1)[0][:, :, 0]
    axes = (
        _picture(task, clips),
        _answers(course, clips, moment),
        _curves("Loss", "cross-entropy (nats)", course.losses, (0.0, max(1.0, 1.1 * course.losses.max())), moment),
        _curves("Told right", "share (%)", 100 * course.rights, (30.0, 105.0), moment),
    )
    return Scene(axes, _caption(course, n_clips, moment), columns=2)


@lru_cache(maxsize=len(MAKERS) * 6)
def learn(task: Task, n_clips: int, noise: float) -> Course:
    """Train kernels from Fourier's on; the same each time."""
    trained_on, kept = make_clips(task, n_clips, noise, seed=0), make_clips(task, N_KEPT, noise, seed=1)
    layer, loss = STFTSpectrogram("magnitude", FRAME_LENGTH, dtype="float64"), votes()
    history, losses, rights, kernels = None, [], [], []
    for before, after in pairwise((0, *STEPS)):
        if after > before:
            layer, history = fit(
                layer, loss, [trained_on], Adam(0.01), steps=after - before, progress=False, history=history
            )
        outputs = [(layer(samples), classes) for samples, classes in (trained_on, kept)]
        losses.append([float(loss(output, classes)[0]) for output, classes in outputs])
        rights.append([float(np.mean(loss.logits(output).argmax(axis=1) == classes)) for output, classes in outputs])
        kernels.append([weight[:, 0, BIN] for weight in layer.weights])
    return Course(np.array(losses), np.array(rights), np.array(kernels))


def votes() -> SoftmaxReadout:
    """Return the read-out: bins below `MIDDLE` vote for class 0, those above it for class 1, each by its magnitude."""
    frequencies = np.arange(N_BINS) * RATE / FRAME_LENGTH
    return SoftmaxReadout(np.stack([frequencies < MIDDLE, frequencies > MIDDLE], axis=1))


def hear(*, task: Task, noise: float, **_others: object) -> AudioClip:
    """Return two clips of each class, by turns."""
    pause = np.zeros(round(PAUSE * RATE))
    clips, _ = make_clips(task, 4, noise, seed=1)
    return AudioClip(normalised(np.concatenate([part for clip in clips for part in (clip[:, 0], pause)]), 0.6), RATE)


def answers(kernels: Values, clips: Values) -> Values:
    """Return the magnitude of a bin for frames that begin at every sample of each clip, (n_clips, n)."""
    frames = np.lib.stride_tricks.sliding_window_view(clips, FRAME_LENGTH, axis=1)
    magnitudes: Values = np.hypot(frames @ kernels[0], frames @ kernels[1])
    return magnitudes


def _picture(task: Task, clips: Values) -> Axes:
    """Return a picture of a clip of each class, one after the other."""
    panels = [transform(clip, RATE, mode="magnitude", frame_length=FRAME_LENGTH, frame_step=16) for clip in clips]
    values = np.concatenate([panel.panel() for panel in panels]).T
    return Axes(
        f"Clips: {_named(task)}",
        "time (s)",
        "frequency (Hz)",
        (0, SECONDS),
        (0, RATE / 2),
        [
            Image(decibels(values / values.max()), (0, SECONDS), (0, RATE / 2), "level", "dB", range=(LOWEST, 0.0)),
            ReferenceLine(x=SECONDS / 2, colour="ink", style="solid"),
        ],
    )


def _answers(course: Course, clips: Values, moment: int) -> Axes:
    """Return what a bin makes of the clips, and its votes: now, and with Fourier's kernels."""
    first = np.arange(N_SAMPLES - FRAME_LENGTH - SMOOTH + 2)
    times = (first + (FRAME_LENGTH + SMOOTH) / 2) / RATE
    found = [answers(kernels, clips) for kernels in course.kernels]
    curves = [[np.convolve(values, np.ones(SMOOTH) / SMOOTH, "valid") for values in pair] for pair in found]
    both = np.concatenate([times, [np.nan], times + SECONDS / 2])
    ends = np.array([times[0], times[-1], np.nan, times[0] + SECONDS / 2, times[-1] + SECONDS / 2])
    fourier, now = (np.concatenate([curves[at][0], [np.nan], curves[at][1]]) for at in (0, moment))
    means = found[moment].mean(axis=1)
    return Axes(
        f"Bin {BIN} along the clips, after {_counted(STEPS[moment])}",
        "time (s)",
        "magnitude, over 4 ms",
        (0, SECONDS),
        (0.0, 1.1 * float(np.max(curves))),
        [
            ReferenceLine(x=SECONDS / 2, colour="ink", style="solid"),
            Line(both, fourier, "Fourier's kernels", "muted", "dotted"),
            Line(both, now, "now", "first"),
            Line(ends, means[[0, 0, 0, 1, 1]], "its mean, the vote", "second", "dashed"),
        ],
    )


def _named(task: Task) -> str:
    """Return the names of both classes."""
    return " and ".join(f'"{name}"' for name in task.split(" or "))


def _curves(title: str, label: str, values: Values, ends: tuple[float, float], moment: int) -> Axes:
    """Return two curves over the steps, and what guessing would give."""
    guessing = math.log(2) if title == "Loss" else 50.0
    return Axes(
        title,
        "step",
        label,
        (0, STEPS[-1]),
        ends,
        [
            ReferenceLine(y=guessing, label="guessing"),
            ReferenceLine(x=float(STEPS[moment]), colour="ink", style="dotted"),
            Line(STEPS, values[:, 0], "clips trained on", "first"),
            Line(STEPS, values[:, 1], "clips kept back", "second", "dashed"),
            Points([STEPS[moment]] * 2, values[moment], colour="ink"),
        ],
    )


def _caption(course: Course, n_clips: int, moment: int) -> str:
    """Return how many clips are told right, and whether training has helped."""
    seen, kept = course.rights[moment] * (n_clips, N_KEPT)
    before = course.rights[0, 1] * N_KEPT
    gain = round(kept - before)
    verdict = f"{gain:+d}: it has helped" if gain > 0 else f"{gain:+d}: it has hurt" if gain < 0 else "no more, no less"
    return (
        f"After {_counted(STEPS[moment])} the kernels tell {seen:.0f} of the {n_clips} clips that they learn from, and "
        f"{kept:.0f} of {N_KEPT} that they have never heard. Fourier's tell {before:.0f} of those"
        + ("." if moment == 0 else f"; {verdict}.")
    )


def _counted(step: int) -> str:
    """Return a number of steps in words."""
    return "1 step" if step == 1 else f"{step} steps"


PLAN = FigureSpec(
    "when_training_helps",
    "When training helps",
    draw,
    (
        choice(
            "task",
            "up or down",
            "Fourier's magnitudes can't tell a whistle from its reverse; a tone's frequency they tell at once.",
            choices=tuple(MAKERS),
        ),
        choice("n_clips", 96, "From few clips it learns those few by heart.", choices=(8, 32, 96), label="Clips"),
        choice("noise", 0.1, "In strong noise it learns the noise.", choices=((0.1, "weak"), (1.0, "strong"))),
        slider("moment", 5, "From the first step to the last.", span=(0, len(STEPS) - 1), label="Moment"),
    ),
    {"Hear clips of both, by turns": hear},
)
