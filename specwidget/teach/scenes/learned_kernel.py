"""Figure: training kernels to match a reference transform, with the drift of every bin from the Fourier kernels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from specwidget.charts.scene import Axes, Line, ReferenceLine, Scene, Stems, Values, padded_extent
from specwidget.layer import STFTSpectrogram
from specwidget.teach.audio import RATE, filter_through, white_noise
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, normalised, slider
from specwidget.training import Adam, fit, mean_squared_error, measure_drift

FRAME_LENGTH = 32
N_BINS = FRAME_LENGTH // 2 + 1
STEPS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 400)
"""Numbers of training steps at the checkpoints."""

INITIAL_KERNELS = (("noise", "random"), ("boxcar", "Fourier, rectangular window"))
TRAINING_SIGNALS = (("white", "white noise"), ("lowpass", "low-pass noise"))

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
"""Translation of digits to superscripts, for the exponents of tick labels."""


@dataclass(frozen=True, eq=False)
class KernelTraining:
    """Kernels and losses of a training run at each of `STEPS`.

    Parameters
    ----------
    kernels : tuple of ndarray (2, frame_length, n_bins)
        Kernels, the real ones first.
    drifts : tuple of ndarray (n_bins,)
        Relative distance of each bin from its Fourier kernels.
    losses : ndarray (n_steps,)
        Training loss of each step.
    validation_losses : ndarray (n,)
        Loss on white noise that was not used for training.
    target : ndarray (2, frame_length, n_bins)
        Kernels of the reference layer.
    """

    kernels: tuple[Values, ...]
    drifts: tuple[Values, ...]
    losses: Values
    validation_losses: Values
    target: Values


def draw(*, initial: str, training_signal: str, checkpoint: int, bin_number: int) -> Scene:
    """Draw the real kernel of a bin at a checkpoint, the losses, and the drift of every bin."""
    run, step = train(initial, training_signal), STEPS[checkpoint]
    n = np.arange(FRAME_LENGTH)
    first, current, target = (
        values[0][:, bin_number] for values in (run.kernels[0], run.kernels[checkpoint], run.target)
    )
    drift = run.drifts[checkpoint]
    losses = run.losses
    limits = log_limits(losses, run.validation_losses)
    axes = (
        Axes(
            f"real_kernel[n, 0, {bin_number}] after {step} steps",
            "sample n",
            "value",
            (-1, FRAME_LENGTH),
            padded_extent(np.concatenate([first, target]), margin=0.15),
            [
                Line(n, first, "initial", "muted", "dotted"),
                Line(n, target, "target", "second", "dashed"),
                Line(n, current, "current", "first"),
            ],
        ),
        Axes(
            "Loss",
            "step",
            "mean squared error",
            (1, STEPS[-1]),
            limits,
            [
                Line(np.arange(1, len(losses) + 1), losses, "training", "first"),
                Line(np.maximum(STEPS, 1), run.validation_losses, "validation (white noise)", "third", "dashed"),
                ReferenceLine(x=float(max(step, 1)), colour="second"),
            ],
            x_scale="log",
            y_scale="log",
            y_ticks=decades(*limits),
        ),
        Axes(
            "Drift from the Fourier kernels",
            "bin k",
            "relative distance",
            (-0.5, N_BINS - 0.5),
            (0, 1.1 * max(float(each.max()) for each in run.drifts)),
            [Stems(np.arange(N_BINS), drift, colour="first"), ReferenceLine(x=float(bin_number), colour="second")],
        ),
    )
    remaining = losses[min(step, len(losses) - 1)] / losses[0]
    window = "a rectangular" if initial == "boxcar" else "a Hann"
    caption = (
        f"After {step} steps the training loss is {remaining:.2g} of its initial value, and the validation loss "
        f"{run.validation_losses[checkpoint] / run.validation_losses[0]:.2g}. The relative distance from Fourier "
        f"kernels with {window} window is {drift[bin_number]:.3f} for bin {bin_number}, and {drift.mean():.3f} on "
        "average."
    )
    return Scene(axes, caption, columns=3)


def log_limits(*values: Values) -> tuple[float, float]:
    """Compute the limits of a logarithmic axis, with a margin of a factor of 2 at each end."""
    together = np.concatenate(values)
    return float(together.min()) / 2, float(together.max()) * 2


def decades(low: float, high: float) -> tuple[tuple[float, str], ...]:
    """Make ticks at powers of ten between two values, seven at most.

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
    return tuple(
        (10.0**power, f"10{str(power).translate(SUPERSCRIPTS)}" if power else "1") for power in reversed(powers)
    )


@lru_cache(maxsize=len(INITIAL_KERNELS) * len(TRAINING_SIGNALS))
def train(initial: str, training_signal: str = "white") -> KernelTraining:
    """Train a layer to match a reference layer with a Hann window on noise; identical in every call."""
    generator = np.random.default_rng(0)
    reference = STFTSpectrogram("stft", FRAME_LENGTH, dtype="float64")
    layer = STFTSpectrogram("stft", FRAME_LENGTH, window="boxcar" if initial == "boxcar" else "hann", dtype="float64")
    if initial == "noise":
        shape = layer.weights[0].shape
        layer.set_weights([generator.standard_normal(shape) / FRAME_LENGTH for _ in range(2)])
    inputs, validation_inputs = generator.standard_normal((2, 1, 64 * FRAME_LENGTH, 1))
    inputs = low_pass(inputs) if training_signal == "lowpass" else inputs
    batches = [(inputs, reference(inputs))]
    snapshots, losses, history = [_snapshot(layer)], [_loss(layer, reference, validation_inputs)], None
    for before, after in pairwise(STEPS):
        layer, history = fit(
            layer, mean_squared_error, batches, Adam(0.005), steps=after - before, progress=False, history=history
        )
        snapshots.append(_snapshot(layer))
        losses.append(_loss(layer, reference, validation_inputs))
    assert history is not None
    kernels, drifts = zip(*snapshots, strict=True)
    return KernelTraining(kernels, drifts, history.losses, np.array(losses), _snapshot(reference)[0])


def low_pass(samples: Values) -> Values:
    """Remove the frequencies of a signal (..., L, 1) above a quarter of the sample rate."""
    spectrum = np.fft.rfft(samples, axis=-2)
    spectrum[..., spectrum.shape[-2] // 2 :, :] = 0
    filtered: Values = np.fft.irfft(spectrum, samples.shape[-2], axis=-2)
    return filtered


def render_audio(*, training_signal: str, **_others: object) -> AudioClip:
    """Render 1.5 s of the training signal."""
    samples = white_noise(round(1.5 * RATE))
    return AudioClip(normalised(low_pass(samples[:, None])[:, 0] if training_signal == "lowpass" else samples), RATE)


def render_filtered_noise(*, initial: str, training_signal: str, checkpoint: int, bin_number: int) -> AudioClip:
    """Render white noise filtered by the current real kernel."""
    return filter_through(
        white_noise(round(1.5 * RATE)), train(initial, training_signal).kernels[checkpoint][0][:, bin_number], RATE
    )


def render_target_noise(*, initial: str, bin_number: int, **_others: object) -> AudioClip:
    """Render white noise filtered by the real kernel of the reference."""
    return filter_through(white_noise(round(1.5 * RATE)), train(initial).target[0][:, bin_number], RATE)


def _loss(layer: STFTSpectrogram, reference: STFTSpectrogram, inputs: Values) -> float:
    return float(mean_squared_error(layer(inputs), reference(inputs))[0])


def _snapshot(layer: STFTSpectrogram) -> tuple[Values, Values]:
    """Copy the kernels of a layer, (2, frame_length, n_bins), and measure their drift."""
    kernels: Any = np.stack([weight[:, 0, :] for weight in layer.get_weights()])
    return kernels, measure_drift(layer).distance


FIGURE = FigureSpec(
    "learned_kernel",
    "Training a kernel",
    draw,
    (
        slider(
            "checkpoint", 5, "After 0, 1, 2, 5, ..., 400 training steps.", span=(0, len(STEPS) - 1), label="Checkpoint"
        ),
        slider("bin_number", 5, "The bins are trained independently.", span=(0, N_BINS - 1), label="Bin k"),
        choice("initial", "noise", "Kernels before the training.", choices=INITIAL_KERNELS, label="Initial kernels"),
        choice(
            "training_signal",
            "white",
            "Low-pass noise has no power above a quarter of the sample rate, so nothing is learned there.",
            choices=TRAINING_SIGNALS,
            label="Training signal",
        ),
    ),
    {
        "Play the training signal": render_audio,
        "Play white noise through the current kernel": render_filtered_noise,
        "Play white noise through the target": render_target_noise,
    },
)
