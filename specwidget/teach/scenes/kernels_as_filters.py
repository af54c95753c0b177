"""Figure: the kernels as a bank of band-pass filters."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from specwidget.arrays import rfft
from specwidget.charts.scene import COLOUR_CYCLE, Axes, Line, ReferenceLine, Scene, Values
from specwidget.sounds import load_recording
from specwidget.stft.kernels import make_kernels
from specwidget.stft.settings import STFTSettings
from specwidget.teach.analysis import decibels
from specwidget.teach.audio import filter_through, white_noise
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, length, normalised, slider
from specwidget.teach.scenes.leakage import WINDOWS

RATE = 16_000.0
MIN_LEVEL_DB = -90.0
N_POINTS = 4096
"""Length of the FFT that approximates the continuous frequency response."""

N_FILTERS = 4


def draw(*, first_bin: int, frame_length: int, window: str) -> Scene:
    """Draw the kernels of one bin, and the frequency responses of this bin and the next ones."""
    settings = make_settings(frame_length, window)
    bins = [min(first_bin + i, settings.n_bins - 1) for i in range(N_FILTERS)]
    kernels = make_kernels(settings)
    assert kernels.real is not None
    assert kernels.imag is not None
    n = np.arange(frame_length)
    real, imag = kernels.real[:, 0, bins[0]], kernels.imag[:, 0, bins[0]]
    largest = 1.15 * float(max(np.abs(real).max(), np.abs(imag).max()))
    frequencies = np.arange(N_POINTS // 2 + 1) * RATE / N_POINTS
    lines = [
        Line(
            frequencies,
            decibels(response(kernels.real[:, 0, k], kernels.imag[:, 0, k]), MIN_LEVEL_DB),
            f"bin {k}",
            colour,
        )
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
            "Frequency response",
            "frequency (Hz)",
            "level (dB re a sine on the bin)",
            (0, RATE / 2),
            (MIN_LEVEL_DB, 6.0),
            [ReferenceLine(x=bins[0] * RATE / settings.n_fft, label=f"centre of bin {bins[0]}"), *lines],
        ),
    )
    spacing = RATE / settings.n_fft
    caption = (
        f"Each pair of kernels is a band-pass filter: bin {bins[0]} is centred at {bins[0] * spacing:.1f} Hz, and the "
        f"next bin is the same filter shifted by {spacing:.1f} Hz. {settings.n_bins} bins cover all frequencies up to "
        f"{RATE / 2:g} Hz."
    )
    return Scene(axes, caption)


def make_settings(frame_length: int, window: str) -> STFTSettings:
    """Make settings whose kernels have a gain of `A / 2` for a sine of amplitude A at the centre of their bin."""
    return STFTSettings("stft", frame_length, window=window, periodic=True, scaling="spectrum", dtype="float64")


@lru_cache(maxsize=1)
def load_voice() -> Values:
    """Load the voice, resampled to `RATE`."""
    from scipy.signal import resample_poly

    recorded = load_recording("voice")
    samples = np.asarray(recorded.samples[0, :, 0], dtype=np.float64)
    resampled: Values = resample_poly(samples, int(RATE), round(recorded.sample_rate or RATE))
    return resampled


def real_kernel(first_bin: int, frame_length: int, window: str) -> Values:
    """Make the real kernel of the first bin drawn, (frame_length,)."""
    settings = make_settings(frame_length, window)
    kernel = make_kernels(settings).real
    assert kernel is not None
    values: Values = kernel[:, 0, min(first_bin, settings.n_bins - 1)]
    return values


def render_voice(**_values: object) -> AudioClip:
    """Render the voice unfiltered."""
    return AudioClip(normalised(load_voice()), RATE)


def render_filtered_voice(*, first_bin: int, frame_length: int, window: str) -> AudioClip:
    """Render the voice filtered by the real kernel of the first bin."""
    return filter_through(load_voice(), real_kernel(first_bin, frame_length, window), RATE)


def render_filtered_noise(*, first_bin: int, frame_length: int, window: str) -> AudioClip:
    """Render 1.5 s of white noise filtered by the real kernel of the first bin."""
    return filter_through(white_noise(round(1.5 * RATE)), real_kernel(first_bin, frame_length, window), RATE)


def response(real: Values, imag: Values) -> Values:
    """Compute the magnitude response of a bin, relative to the `A / 2` of a sine of amplitude A at its centre."""
    # The response to exp(i w n) is the sum of (real + i imag) exp(i w n); for a real kernel the sum is the conjugate of
    # its DFT.
    spectra = rfft(np.ascontiguousarray(real), N_POINTS), rfft(np.ascontiguousarray(imag), N_POINTS)
    magnitude: Values = np.abs(np.conj(spectra[0]) + 1j * np.conj(spectra[1]))
    return magnitude


FIGURE = FigureSpec(
    "kernels_as_filters",
    "Kernels as filters",
    draw,
    (
        slider("first_bin", 12, "Shifts the filters in frequency.", span=(0, 60), label="First bin k"),
        length("frame_length", 128, "Longer kernels are narrower filters.", span=(16, 1024)),
        choice("window", "hann", "Determines the shape of the frequency response.", choices=WINDOWS),
    ),
    {
        "Play the voice": render_voice,
        "Play the voice through bin k": render_filtered_voice,
        "Play noise through bin k": render_filtered_noise,
    },
)
