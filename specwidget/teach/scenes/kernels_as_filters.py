"""The kernels as a bank of filters."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from specwidget.arrays import rfft
from specwidget.charts.scene import COLOUR_CYCLE, Axes, Line, ReferenceLine, Scene, Values
from specwidget.sounds import load_recording
from specwidget.stft.kernels import make_kernels
from specwidget.stft.settings import STFTSettings
from specwidget.teach.analysis import decibels
from specwidget.teach.audio import noise, through
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, length, normalised, slider
from specwidget.teach.scenes.leakage import WINDOWS

RATE = 16_000.0
LOWEST = -90.0
N_POINTS = 4096
"""Length of the FFT that stands for all frequencies."""

N_FILTERS = 4


def draw(*, first_bin: int, frame_length: int, window: str) -> Scene:
    """Draw the kernels of the first of some bins, and what each of them lets through."""
    settings = settings_of(frame_length, window)
    bins = [min(first_bin + i, settings.n_bins - 1) for i in range(N_FILTERS)]
    kernels = make_kernels(settings)
    assert kernels.real is not None
    assert kernels.imag is not None
    n = np.arange(frame_length)
    real, imag = kernels.real[:, 0, bins[0]], kernels.imag[:, 0, bins[0]]
    largest = 1.15 * float(max(np.abs(real).max(), np.abs(imag).max()))
    frequencies = np.arange(N_POINTS // 2 + 1) * RATE / N_POINTS
    lines = [
        Line(frequencies, decibels(response(kernels.real[:, 0, k], kernels.imag[:, 0, k]), LOWEST), f"bin {k}", colour)
        for k, colour in zip(dict.fromkeys(bins), COLOUR_CYCLE, strict=False)
    ]
    axes = (
        Axes(
            f"Kernels of bin {bins[0]}",
            "sample n",
            "value",
            (-1, frame_length),
            (-largest, largest),
            [Line(n, real, "real_kernel"), Line(n, imag, "imag_kernel", "second", "dashed")],
            height=0.7,
        ),
        Axes(
            "What they let through",
            "frequency of a sine (Hz)",
            "level (dB)",
            (0, RATE / 2),
            (LOWEST, 6.0),
            [ReferenceLine(x=bins[0] * RATE / settings.n_fft, label=f"centre of bin {bins[0]}"), *lines],
        ),
    )
    spacing = RATE / settings.n_fft
    caption = (
        f"Each pair of kernels is a band-pass filter: bin {bins[0]} is centred at {bins[0] * spacing:.1f} Hz, and the "
        f"next bin is the same filter, {spacing:.1f} Hz further up. {settings.n_bins} of them cover all frequencies up "
        f"to {RATE / 2:g} Hz."
    )
    return Scene(axes, caption)


def settings_of(frame_length: int, window: str) -> STFTSettings:
    """Return the settings of the kernels."""
    return STFTSettings("stft", frame_length, window=window, periodic=True, scaling="spectrum", dtype="float64")


@lru_cache(maxsize=1)
def voice() -> Values:
    """Return a voice, at `RATE`."""
    from scipy.signal import resample_poly

    recorded = load_recording("voice")
    samples = np.asarray(recorded.samples[0, :, 0], dtype=np.float64)
    resampled: Values = resample_poly(samples, int(RATE), round(recorded.sample_rate or RATE))
    return resampled


def real_kernel(first_bin: int, frame_length: int, window: str) -> Values:
    """Return the real kernel of the first bin that is drawn, (frame_length,)."""
    settings = settings_of(frame_length, window)
    kernel = make_kernels(settings).real
    assert kernel is not None
    values: Values = kernel[:, 0, min(first_bin, settings.n_bins - 1)]
    return values


def hear_voice(**_values: object) -> AudioClip:
    """Return the voice as it was."""
    return AudioClip(normalised(voice()), RATE)


def hear_voice_through(*, first_bin: int, frame_length: int, window: str) -> AudioClip:
    """Return the voice through the real kernel of the first bin."""
    return through(voice(), real_kernel(first_bin, frame_length, window), RATE)


def hear_noise_through(*, first_bin: int, frame_length: int, window: str) -> AudioClip:
    """Return a second and a half of noise through the real kernel of the first bin."""
    return through(noise(round(1.5 * RATE)), real_kernel(first_bin, frame_length, window), RATE)


def response(real: Values, imag: Values) -> Values:
    """Return the size of a bin's answer to a sine of each frequency, relative to the sine's `A / 2`."""
    # The answer to exp(i w n) is the sum of (real + i imag) exp(i w n), and the kernels are real.
    forward = rfft(np.ascontiguousarray(real), N_POINTS), rfft(np.ascontiguousarray(imag), N_POINTS)
    answer: Values = np.abs(np.conj(forward[0]) + 1j * np.conj(forward[1]))
    return answer


PLAN = FigureSpec(
    "kernels_as_filters",
    "The kernels as filters",
    draw,
    (
        slider("first_bin", 12, "The same filter at another place.", span=(0, 60), label="First bin k"),
        length("frame_length", 128, "Longer kernels are narrower filters.", span=(16, 1024)),
        choice("window", "hann", "Its shape is the filter's.", choices=WINDOWS),
    ),
    {
        "Hear a voice": hear_voice,
        "Hear it through bin k": hear_voice_through,
        "Hear noise through bin k": hear_noise_through,
    },
)
