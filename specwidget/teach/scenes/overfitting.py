"""Figure: kernels trained to classify two kinds of clips, with the loss and accuracy on training and held-out clips."""

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
from specwidget.teach.toy_dataset import N_SAMPLES, PAIR_MAKERS, RATE, SPLIT_FREQUENCY, Task, make_clips
from specwidget.training import Adam, SoftmaxReadout, fit

FRAME_LENGTH = 128
N_BINS = FRAME_LENGTH // 2 + 1
STEPS = (0, 1, 2, 5, 10, 20)
"""Numbers of training steps at the checkpoints."""

N_HELD_OUT = 200
"""Number of held-out clips."""

BIN = 24
"""The bin whose magnitude is drawn: 1500 Hz."""

MIN_LEVEL_DB = -40.0
PAUSE = 0.3
"""Silence between two clips, seconds."""

SMOOTHING = 32
"""Length of the moving average of the magnitudes drawn, samples: 4 ms."""

SECONDS = 2 * N_SAMPLES / RATE
"""Duration of two clips in sequence."""


@dataclass(frozen=True, eq=False)
class ClassifierTraining:
    """Losses, accuracies and kernels of a training run at each of `STEPS`.

    Parameters
    ----------
    losses, accuracies : ndarray (n, 2)
        Loss and fraction of clips classified correctly, for training clips and held-out clips.
    kernels : ndarray (n, 2, frame_length)
        Kernels of `BIN`, the real one first.
    """

    losses: Values
    accuracies: Values
    kernels: Values


def draw(*, task: Task, n_clips: int, noise: float, checkpoint: int) -> Scene:
    """Draw a clip of each class, the magnitude of a bin along them, and the loss and accuracy over the steps."""
    run = train(task, n_clips, noise)
    clips = make_clips(task, 2, noise, seed=1)[0][:, :, 0]
    axes = (
        _spectrogram_axes(task, clips),
        _magnitude_axes(run, clips, checkpoint),
        _curve_axes("Loss", "cross-entropy (nats)", run.losses, (0.0, max(1.0, 1.1 * run.losses.max())), checkpoint),
        _curve_axes("Accuracy", "correct (%)", 100 * run.accuracies, (30.0, 105.0), checkpoint),
    )
    return Scene(axes, _caption(run, n_clips, checkpoint), columns=2)


@lru_cache(maxsize=len(PAIR_MAKERS) * 6)
def train(task: Task, n_clips: int, noise: float) -> ClassifierTraining:
    """Train kernels from the Fourier kernels on; identical in every call."""
    training, held_out = make_clips(task, n_clips, noise, seed=0), make_clips(task, N_HELD_OUT, noise, seed=1)
    layer, loss = STFTSpectrogram("magnitude", FRAME_LENGTH, dtype="float64"), make_readout()
    history, losses, accuracies, kernels = None, [], [], []
    for before, after in pairwise((0, *STEPS)):
        if after > before:
            layer, history = fit(
                layer, loss, [training], Adam(0.01), steps=after - before, progress=False, history=history
            )
        outputs = [(layer(samples), classes) for samples, classes in (training, held_out)]
        losses.append([float(loss(output, classes)[0]) for output, classes in outputs])
        accuracies.append(
            [float(np.mean(loss.logits(output).argmax(axis=1) == classes)) for output, classes in outputs]
        )
        kernels.append([weight[:, 0, BIN] for weight in layer.weights])
    return ClassifierTraining(np.array(losses), np.array(accuracies), np.array(kernels))


def make_readout() -> SoftmaxReadout:
    """Make the fixed read-out: class 0 sums the bins below `SPLIT_FREQUENCY`, class 1 those above."""
    frequencies = np.arange(N_BINS) * RATE / FRAME_LENGTH
    return SoftmaxReadout(np.stack([frequencies < SPLIT_FREQUENCY, frequencies > SPLIT_FREQUENCY], axis=1))


def render_audio(*, task: Task, noise: float, **_others: object) -> AudioClip:
    """Render two clips of each class, alternating."""
    pause = np.zeros(round(PAUSE * RATE))
    clips, _ = make_clips(task, 4, noise, seed=1)
    return AudioClip(normalised(np.concatenate([part for clip in clips for part in (clip[:, 0], pause)]), 0.6), RATE)


def bin_magnitudes(kernels: Values, clips: Values) -> Values:
    """Compute the magnitude of a bin for frames at every sample of each clip, (n_clips, n)."""
    frames = np.lib.stride_tricks.sliding_window_view(clips, FRAME_LENGTH, axis=1)
    magnitudes: Values = np.hypot(frames @ kernels[0], frames @ kernels[1])
    return magnitudes


def _spectrogram_axes(task: Task, clips: Values) -> Axes:
    """Draw the spectrograms of one clip of each class, side by side."""
    panels = [transform(clip, RATE, mode="magnitude", frame_length=FRAME_LENGTH, frame_step=16) for clip in clips]
    values = np.concatenate([panel.channel_values() for panel in panels]).T
    return Axes(
        f"Clips: {_class_names(task)}",
        "time (s)",
        "frequency (Hz)",
        (0, SECONDS),
        (0, RATE / 2),
        [
            Image(
                decibels(values / values.max()),
                (0, SECONDS),
                (0, RATE / 2),
                "magnitude",
                "dB re largest",
                range=(MIN_LEVEL_DB, 0.0),
            ),
            ReferenceLine(x=SECONDS / 2, colour="ink", style="solid"),
        ],
    )


def _magnitude_axes(run: ClassifierTraining, clips: Values, checkpoint: int) -> Axes:
    """Draw the magnitude of a bin along the clips and its mean: with the current and with the Fourier kernels."""
    first = np.arange(N_SAMPLES - FRAME_LENGTH - SMOOTHING + 2)
    times = (first + (FRAME_LENGTH + SMOOTHING) / 2) / RATE
    magnitudes = [bin_magnitudes(kernels, clips) for kernels in run.kernels]
    curves = [[np.convolve(values, np.ones(SMOOTHING) / SMOOTHING, "valid") for values in pair] for pair in magnitudes]
    both = np.concatenate([times, [np.nan], times + SECONDS / 2])
    ends = np.array([times[0], times[-1], np.nan, times[0] + SECONDS / 2, times[-1] + SECONDS / 2])
    fourier, current = (np.concatenate([curves[at][0], [np.nan], curves[at][1]]) for at in (0, checkpoint))
    means = magnitudes[checkpoint].mean(axis=1)
    return Axes(
        f"Bin {BIN} along the clips, after {_steps_text(STEPS[checkpoint])}",
        "time (s)",
        "magnitude (4 ms average)",
        (0, SECONDS),
        (0.0, 1.1 * float(np.max(curves))),
        [
            ReferenceLine(x=SECONDS / 2, colour="ink", style="solid"),
            Line(both, fourier, "Fourier kernels", "muted", "dotted"),
            Line(both, current, "current", "first"),
            Line(ends, means[[0, 0, 0, 1, 1]], "mean over frames", "second", "dashed"),
        ],
    )


def _class_names(task: Task) -> str:
    return " and ".join(f'"{name}"' for name in task.split(" or "))


def _curve_axes(title: str, label: str, values: Values, limits: tuple[float, float], checkpoint: int) -> Axes:
    """Draw the values of training and held-out clips over the steps, with the chance level."""
    chance = math.log(2) if title == "Loss" else 50.0
    return Axes(
        title,
        "step",
        label,
        (0, STEPS[-1]),
        limits,
        [
            ReferenceLine(y=chance, label="chance level"),
            ReferenceLine(x=float(STEPS[checkpoint]), colour="ink", style="dotted"),
            Line(STEPS, values[:, 0], "training clips", "first"),
            Line(STEPS, values[:, 1], "held-out clips", "second", "dashed"),
            Points([STEPS[checkpoint]] * 2, values[checkpoint], colour="ink"),
        ],
    )


def _caption(run: ClassifierTraining, n_clips: int, checkpoint: int) -> str:
    training, held_out = run.accuracies[checkpoint] * (n_clips, N_HELD_OUT)
    before = run.accuracies[0, 1] * N_HELD_OUT
    gain = round(held_out - before)
    verdict = f"gains {gain}" if gain > 0 else f"loses {-gain}" if gain < 0 else "changes nothing"
    return (
        f"After {_steps_text(STEPS[checkpoint])}, {training:.0f} of {n_clips} training clips and {held_out:.0f} of "
        f"{N_HELD_OUT} held-out clips are classified correctly. Fourier kernels classify {before:.0f} held-out clips "
        "correctly" + ("." if checkpoint == 0 else f"; training {verdict}.")
    )


def _steps_text(step: int) -> str:
    return "1 step" if step == 1 else f"{step} steps"


FIGURE = FigureSpec(
    "overfitting",
    "Training and overfitting",
    draw,
    (
        choice(
            "task",
            "up or down",
            "Mean magnitudes cannot distinguish a chirp from its reversal, but do distinguish the frequencies of "
            "tones.",
            choices=tuple(PAIR_MAKERS),
        ),
        choice(
            "n_clips",
            96,
            "Number of training clips; with few, the kernels overfit.",
            choices=(8, 32, 96),
            label="Clips",
        ),
        choice("noise", 0.1, "In strong noise the kernels fit the noise.", choices=((0.1, "weak"), (1.0, "strong"))),
        slider(
            "checkpoint", 5, "After 0, 1, 2, 5, 10 or 20 training steps.", span=(0, len(STEPS) - 1), label="Checkpoint"
        ),
    ),
    {"Play clips of both classes": render_audio},
)
