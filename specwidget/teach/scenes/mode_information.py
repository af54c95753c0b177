"""Figure: the information that each mode and setting preserves, heard by resynthesising speech from the output."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from specwidget.charts.scene import Axes, Image, Line, Scene, Values, padded_extent
from specwidget.spectrogram import LEVEL_MODES
from specwidget.stft.griffin_lim import griffin_lim
from specwidget.stft.inverse import compute_inverse
from specwidget.stft.pipeline import compute_spectrogram
from specwidget.stft.settings import DTYPES, MODES, SCALINGS, Mode, STFTSettings
from specwidget.teach.analysis import decibels, transform
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, normalised, slider
from specwidget.teach.scenes.griffin_lim import RATE, speech_excerpt
from specwidget.teach.scenes.one_bin import WINDOWS

EXCERPT_LENGTH = 256
"""Number of samples of the waveform drawn."""

MIN_LEVEL_DB = -70.0
REFERENCE_STFT = {"mode": "magnitude", "frame_length": 512, "frame_step": 32, "periodic": True}
"""Settings of the STFT by which original and reconstruction are compared, independent of the controls."""

RECONSTRUCTION_METHOD = {
    "stft": "Inverse STFT by overlap-add from real and imaginary parts.",
    "real": "Inverse STFT with the imaginary part set to 0, which adds to each frame its time reversal.",
    "imag": "Inverse STFT with the real part set to 0, which subtracts from each frame its time reversal.",
    "angle": "Inverse STFT with all magnitudes set to 1.",
} | dict.fromkeys(LEVEL_MODES, "Phase retrieval with 32 Griffin-Lim iterations.")
"""Reconstruction method of each mode, in words."""

SPECTRA: dict[Mode, Callable[[Any], Any]] = {
    "stft": lambda values: values,
    "real": lambda values: values.astype(np.float64) + 0j,
    "imag": lambda values: 1j * values.astype(np.float64),
    "angle": lambda values: np.exp(1j * values.astype(np.float64)),
}
"""Complex spectrum for the inverse, from the values of each mode that preserves the phase or a part of it."""


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
    """Draw an excerpt of the waveform, and the spectrograms of the original and the reconstruction."""
    original = speech_excerpt()
    reconstruction = reconstruct(mode, window, frame_length, overlap, scaling, epsilon_power, dtype)
    start = _loudest(original)
    excerpt = slice(start, start + EXCERPT_LENGTH)
    milliseconds = 1000 * np.arange(excerpt.start, excerpt.stop) / RATE
    magnitudes = [transform(samples, RATE, **REFERENCE_STFT).channel_values() for samples in (original, reconstruction)]
    top = float(magnitudes[0].max())
    seconds = len(original) / RATE
    spectrograms = [
        Axes(
            title,
            "time (s)",
            "frequency (Hz)",
            (0, seconds),
            (0, RATE / 2),
            [
                Image(
                    _levels(values.T / top),
                    (0, seconds),
                    (0, RATE / 2),
                    "magnitude",
                    "dB re largest",
                    range=(MIN_LEVEL_DB, 0.0),
                )
            ],
            height=0.75,
        )
        for title, values in zip(("Original", "Reconstruction"), magnitudes, strict=True)
    ]
    waveform = Axes(
        "Waveform, loudest 23 ms",
        "time (ms)",
        "x[n]",
        (milliseconds[0], milliseconds[-1]),
        padded_extent(np.append(original[excerpt], reconstruction[excerpt]), margin=0.1),
        [
            Line(milliseconds, original[excerpt], "original", "muted", "dashed"),
            Line(milliseconds, reconstruction[excerpt], "reconstruction", "first"),
        ],
        height=0.6,
    )
    return Scene((waveform, *spectrograms), _caption(mode, original, reconstruction, magnitudes))


@lru_cache(maxsize=256)
def reconstruct(
    mode: Mode, window: str, frame_length: int, overlap: int, scaling: str | None, epsilon_power: int, dtype: str
) -> Values:
    """Reconstruct the speech from the output of the layer; NaN where a value overflows the dtype."""
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
    original = speech_excerpt()
    inputs = original[None, :, None]
    values = compute_spectrogram(inputs, settings)
    if mode in LEVEL_MODES:
        result = griffin_lim(values, settings, len(original))
    else:
        result = compute_inverse(SPECTRA[mode](values), settings, len(original))
    reconstruction = np.asarray(result.signal[0, :, 0], dtype=np.float64)
    return reconstruction if mode == "stft" else match_gain_and_sign(reconstruction, original)


def match_gain_and_sign(reconstruction: Values, original: Values) -> Values:
    """Scale a reconstruction to the power and the sign of the original, which most modes do not determine."""
    finite = np.isfinite(reconstruction)
    power, reference = (float(samples[finite] @ samples[finite]) for samples in (reconstruction, original))
    sign = -1.0 if original[finite] @ reconstruction[finite] < 0 else 1.0
    scaled: Values = reconstruction * (sign * math.sqrt(reference / power) if power > 0 else 0.0)
    return scaled


def error_level(original: Values, reconstruction: Values) -> float:
    """Compute the power of the error relative to the power of the original, dB, over the finite samples."""
    finite = np.isfinite(reconstruction)
    difference = (reconstruction - original)[finite]
    power, reference = float(difference @ difference), float(original[finite] @ original[finite])
    return 10 * math.log10(power / reference) if power > 0 and reference > 0 else -math.inf


def magnitude_error(magnitudes: list[Values]) -> float:
    """Compute the relative error of the second array of magnitudes against the first, over the finite values."""
    original, reconstruction = magnitudes
    finite = np.isfinite(reconstruction)
    return float(np.linalg.norm((reconstruction - original)[finite]) / np.linalg.norm(original[finite]))


def render_audio(**_values: object) -> AudioClip:
    """Render the original speech."""
    return AudioClip(normalised(speech_excerpt()), RATE)


def render_reconstruction(**values: Any) -> AudioClip:
    """Render the reconstruction."""
    return AudioClip(normalised(reconstruct(*(values[control.name] for control in FIGURE.controls))), RATE)


def _levels(ratios: Values) -> Values:
    """Convert ratios to dB and keep NaN."""
    levels: Values = np.where(np.isfinite(ratios), decibels(np.nan_to_num(ratios), 2 * MIN_LEVEL_DB), np.nan)
    return levels


def _loudest(samples: Values) -> int:
    """Find the start of the loudest `EXCERPT_LENGTH` samples."""
    return int(np.argmax(np.convolve(samples**2, np.ones(EXCERPT_LENGTH), "valid")))


def _caption(mode: Mode, original: Values, reconstruction: Values, magnitudes: list[Values]) -> str:
    lost = float(np.mean(~np.isfinite(reconstruction)))
    overflow = f" {lost:.0%} of the samples are lost because values overflow the dtype." if lost else ""
    return (
        f"Mode '{mode}'. {RECONSTRUCTION_METHOD[mode]} The error of the samples is "
        f"{error_level(original, reconstruction):.0f} dB relative to the original; the relative error of the "
        f"magnitudes is {magnitude_error(magnitudes):.1%}.{overflow}"
    )


FIGURE = FigureSpec(
    "mode_information",
    "Information in each mode",
    draw,
    (
        choice("mode", "stft", "Output mode that the speech is reconstructed from.", choices=MODES),
        choice("window", "hann", "Windows that are 0 at their ends need overlapping frames.", choices=WINDOWS),
        choice(
            "frame_length", 512, "With phase retrieval, long frames smear the sound in time.", choices=(128, 512, 2048)
        ),
        choice(
            "overlap",
            4,
            "Number of frames that cover each sample; more overlap constrains the phase more.",
            choices=(1, 2, 4, 8),
            label="Overlap factor",
        ),
        choice("scaling", "density", "Shifts all levels towards the floor or away from it.", choices=SCALINGS),
        slider(
            "epsilon_power",
            -7,
            "Floor of modes 'log' and 'magnitude'.",
            span=(-14, 0),
            label="log10(epsilon)",
        ),
        choice("dtype", "float32", "Precision: float16 has an 11-bit significand.", choices=DTYPES),
    ),
    {"Play the original": render_audio, "Play the reconstruction": render_reconstruction},
)
