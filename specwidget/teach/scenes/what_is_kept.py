"""What each mode keeps of a sound, and what each setting destroys: words, transformed and made sound again."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from specwidget.charts.scene import Axes, Image, Line, Scene, Values, padded_extent
from specwidget.result import LEVEL_MODES
from specwidget.stft.griffin_lim import compute_reconstruction
from specwidget.stft.inverse import compute_inverse
from specwidget.stft.pipeline import compute_spectrogram
from specwidget.stft.settings import DTYPES, MODES, SCALINGS, Mode, STFTSettings
from specwidget.teach.analysis import decibels, transform
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, normalised, slider
from specwidget.teach.scenes.griffin_lim import RATE, words
from specwidget.teach.scenes.one_bin import WINDOWS

SHOWN = 256
"""Samples of the waveform that are drawn."""

LOWEST = -70.0
EAR = {"mode": "magnitude", "frame_length": 512, "frame_step": 32, "periodic": True}
"""The transform by which pictures and magnitudes are compared, whatever the settings."""

HOW = {
    "stft": "Both parts were there, and overlap-add needs no more.",
    "real": "The imaginary part was taken as 0, which lays each frame over its mirror image.",
    "imag": "The real part was taken as 0, which takes from each frame its mirror image.",
    "angle": "All magnitudes were taken as 1.",
} | dict.fromkeys(LEVEL_MODES, "The phase was searched for, in 32 iterations.")
"""What was done for the sake of a signal."""

SPECTRA: dict[Mode, Callable[[Any], Any]] = {
    "stft": lambda values: values,
    "real": lambda values: values.astype(np.float64) + 0j,
    "imag": lambda values: 1j * values.astype(np.float64),
    "angle": lambda values: np.exp(1j * values.astype(np.float64)),
}
"""What is given to the inverse, from the values of each mode that has no levels."""


def draw(
    *,
    mode: Mode,
    window: str,
    frame_length: int,
    overlap: int,
    scaling: str | None,
    epsilon_power: int,
    dtype: str,
) -> Scene:
    """Draw some of the waveform, and the levels of the words as they were and as they came back."""
    original = words()
    found = bring_back(mode, window, frame_length, overlap, scaling, epsilon_power, dtype)
    start = _loudest(original)
    part = slice(start, start + SHOWN)
    milliseconds = 1000 * np.arange(part.start, part.stop) / RATE
    magnitudes = [transform(samples, RATE, **EAR).panel() for samples in (original, found)]
    top = float(magnitudes[0].max())
    seconds = len(original) / RATE
    pictures = [
        Axes(
            title,
            "time (s)",
            "frequency (Hz)",
            (0, seconds),
            (0, RATE / 2),
            [Image(_levels(values.T / top), (0, seconds), (0, RATE / 2), "level", "dB", range=(LOWEST, 0.0))],
            height=0.75,
        )
        for title, values in zip(("As it was", "As it came back"), magnitudes, strict=True)
    ]
    waveform = Axes(
        "The loudest 23 ms",
        "time (ms)",
        "x[n]",
        (milliseconds[0], milliseconds[-1]),
        padded_extent(np.append(original[part], found[part]), margin=0.1),
        [
            Line(milliseconds, original[part], "as it was", "muted", "dashed"),
            Line(milliseconds, found[part], "as it came back", "first"),
        ],
        height=0.6,
    )
    return Scene((waveform, *pictures), _caption(mode, original, found, magnitudes))


@lru_cache(maxsize=256)
def bring_back(
    mode: Mode, window: str, frame_length: int, overlap: int, scaling: str | None, epsilon_power: int, dtype: str
) -> Values:
    """Return the words as they come back; NaN where a value was too large for the type."""
    settings = STFTSettings(
        mode,
        frame_length,
        frame_length // overlap,
        window=window,
        periodic=True,
        scaling=scaling,  # type: ignore[arg-type]
        padding="same",
        dtype=dtype,
        epsilon=10.0**epsilon_power,
    )
    original = words()
    inputs = original[None, :, None]
    values = compute_spectrogram(inputs, settings)
    if mode in LEVEL_MODES:
        made = compute_reconstruction(values, settings, len(original))
    else:
        made = compute_inverse(SPECTRA[mode](values), settings, len(original))
    found = np.asarray(made.signal[0, :, 0], dtype=np.float64)
    return found if mode == "stft" else fitted(found, original)


def fitted(found: Values, original: Values) -> Values:
    """Return a signal as loud as the original and with the sign that fits, which most modes don't tell."""
    finite = np.isfinite(found)
    power, reference = (float(samples[finite] @ samples[finite]) for samples in (found, original))
    sign = -1.0 if original[finite] @ found[finite] < 0 else 1.0
    scaled: Values = found * (sign * math.sqrt(reference / power) if power > 0 else 0.0)
    return scaled


def error_level(original: Values, found: Values) -> float:
    """Return the power of the difference relative to that of the original, dB, where there is any."""
    finite = np.isfinite(found)
    difference = (found - original)[finite]
    power, reference = float(difference @ difference), float(original[finite] @ original[finite])
    return 10 * math.log10(power / reference) if power > 0 and reference > 0 else -math.inf


def magnitude_error(magnitudes: list[Values]) -> float:
    """Return how far magnitudes are from the first ones, relative to those, where they are finite."""
    original, found = magnitudes
    finite = np.isfinite(found)
    return float(np.linalg.norm((found - original)[finite]) / np.linalg.norm(original[finite]))


def hear(**_values: object) -> AudioClip:
    """Return the words as they were."""
    return AudioClip(normalised(words()), RATE)


def hear_found(**values: Any) -> AudioClip:
    """Return the words as they came back."""
    return AudioClip(normalised(bring_back(*(values[control.name] for control in PLAN.controls))), RATE)


def _levels(ratios: Values) -> Values:
    """Return decibels, NaN where there is no number."""
    levels: Values = np.where(np.isfinite(ratios), decibels(np.nan_to_num(ratios), 2 * LOWEST), np.nan)
    return levels


def _loudest(samples: Values) -> int:
    """Return where the loudest `SHOWN` samples begin."""
    return int(np.argmax(np.convolve(samples**2, np.ones(SHOWN), "valid")))


def _caption(mode: Mode, original: Values, found: Values, magnitudes: list[Values]) -> str:
    """Return what was done, and how far samples and magnitudes are off."""
    lost = float(np.mean(~np.isfinite(found)))
    overflow = f" {lost:.0%} of the samples are lost, where values are too large for the type." if lost else ""
    return (
        f"Mode '{mode}'. {HOW[mode]} The error of the samples is at {error_level(original, found):.0f} dB relative to "
        f"the words; their magnitudes are off by {magnitude_error(magnitudes):.1%}.{overflow}"
    )


PLAN = FigureSpec(
    "what_is_kept",
    "What is kept, and heard again",
    draw,
    (
        choice("mode", "stft", "Compare what you hear with the waveform and with the pictures.", choices=MODES),
        choice("window", "hann", "Two that are 0 at the ends need an overlap.", choices=WINDOWS),
        choice("frame_length", 512, "Long frames smear what is searched for.", choices=(128, 512, 2048)),
        choice(
            "overlap",
            4,
            "Frames that cover each sample. More of them leave the phase less freedom.",
            choices=(1, 2, 4, 8),
        ),
        choice("scaling", "density", "It moves the values to the floor, or away from it.", choices=SCALINGS),
        slider(
            "epsilon_power",
            -7,
            "In modes log and magnitude, what lies below is lost.",
            span=(-14, 0),
            label="epsilon, 10 to the power",
        ),
        choice("dtype", "float32", "Half precision keeps 11 binary digits of a value.", choices=DTYPES),
    ),
    {"Hear it as it was": hear, "Hear what came back": hear_found},
)
