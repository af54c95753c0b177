"""Figure: scaling "spectrum" for the level of a sine, scaling "density" for the level of noise."""

from __future__ import annotations

import math

import numpy as np

from specwidget.charts.scene import Axes, Line, ReferenceLine, Scene, Values
from specwidget.raster.quantity import get_quantity
from specwidget.stft.settings import SCALINGS, STFTSettings
from specwidget.teach.analysis import sine, transform
from specwidget.teach.audio import white_noise
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, normalised, slider

RATE = 16_000.0
N_SAMPLES = 2**16
BIN_DIVISOR = 16
"""The sine is at bin ``n_fft / BIN_DIVISOR``, a whole number for every frame length of `LENGTHS`."""

FREQUENCY = RATE / BIN_DIVISOR
LEVEL_RANGE = (-90.0, 40.0)

WINDOWS = ("hann", "boxcar", "hamming", "blackman", "blackmanharris")
LENGTHS = tuple(2**power for power in range(6, 13))


def draw(*, frame_length: int, scaling: str | None, window: str, amplitude_db: float, noise_db: float) -> Scene:
    """Draw the mean psd over all frames, with the theoretical levels of the sine and of the noise."""
    result = transform(
        signal(amplitude_db, noise_db),
        RATE,
        mode="psd",
        frame_length=frame_length,
        frame_step=frame_length // 2,
        window=window,
        periodic=True,
        scaling=scaling,
    )
    power = result.channel_values().mean(axis=0)
    expected_sine, expected_noise = expected_psd(amplitude_db, noise_db, result.settings)
    levels = 10 * np.log10(np.maximum(power, 1e-12))
    quantity = get_quantity(result.settings, decibels=True)
    axes = Axes(
        f"Mean {quantity.label} of {result.n_frames} frames, scaling {scaling!r}",
        "frequency (Hz)",
        quantity.axis_label,
        (0, RATE / 2),
        LEVEL_RANGE,
        [
            Line(result.frequencies, levels, "measured", "first"),
            ReferenceLine(y=_level(expected_sine), label="theoretical level of the sine", colour="second"),
            ReferenceLine(y=_level(expected_noise), label="theoretical level of the noise", colour="third"),
        ],
        height=1.3,
    )
    measured_sine, measured_noise = measured_psd(power)
    caption = (
        f"Sine: {_level(measured_sine):.1f} dB measured, {_level(expected_sine):.1f} dB expected; noise: "
        f"{_level(measured_noise):.1f} dB measured, {_level(expected_noise):.1f} dB expected. {_scaling_text(scaling)}"
    )
    return Scene((axes,), caption)


def expected_psd(amplitude_db: float, noise_db: float, settings: STFTSettings) -> tuple[float, float]:
    """Compute the theoretical psd of the sine's bin, including its noise, and of the other bins."""
    window = settings.window_values
    assert window is not None
    total, energy = float(np.abs(window).sum()), float(window @ window)
    square = {"density": energy, "spectrum": total**2, None: 1.0}[settings.scaling]
    amplitude, variance = _ratio(amplitude_db), _ratio(noise_db) ** 2
    noise = 2 * variance * energy / square
    return amplitude**2 / 2 * total**2 / square + noise, noise


def measured_psd(power: Values) -> tuple[float, float]:
    """Measure the power of the sine's bin, and the mean power of the bins away from it and from both ends."""
    k = (len(power) - 1) * 2 // BIN_DIVISOR
    # The main lobe of every window of `WINDOWS` extends at most 4 bins to each side.
    rest = np.r_[power[2 : max(3, k - 4)], power[k + 5 : -2]]
    return float(power[k]), float(rest.mean())


def signal(amplitude_db: float, noise_db: float) -> Values:
    """Make the sine in noise."""
    mixed: Values = _ratio(amplitude_db) * sine(FREQUENCY, N_SAMPLES, RATE) + _ratio(noise_db) * white_noise(N_SAMPLES)
    return mixed


def render_audio(*, amplitude_db: float, noise_db: float, **_others: object) -> AudioClip:
    """Render 2 s of the sine in noise."""
    return AudioClip(normalised(signal(amplitude_db, noise_db)[: 2 * int(RATE)], 0.5), RATE)


def _ratio(level: float) -> float:
    return float(10 ** (level / 20))


def _level(power: float) -> float:
    return 10 * math.log10(max(power, 1e-300))


def _scaling_text(scaling: str | None) -> str:
    """Describe which level is independent of the frame length."""
    return {
        "spectrum": "With 'spectrum' the level of the sine is A² / 2 at every frame length; that of the noise falls.",
        "density": "With 'density' the level of the noise is 2 σ² at every frame length; that of the sine rises.",
        None: "Without scaling both levels rise with the frame length.",
    }[scaling]


FIGURE = FigureSpec(
    "density_and_spectrum",
    "Scaling: density and spectrum",
    draw,
    (
        choice("frame_length", 512, "Watch which of the two levels changes.", choices=LENGTHS),
        choice("scaling", "density", "Normalisation of the kernels.", choices=SCALINGS),
        choice("window", "hann", "The two scalings differ by its noise bandwidth.", choices=WINDOWS),
        slider(
            "amplitude_db", -20.0, "Amplitude of the sine.", span=(-80, 0), step=1, unit="dB", label="Sine amplitude"
        ),
        slider(
            "noise_db",
            -30.0,
            "Standard deviation of the noise.",
            span=(-80, -10),
            step=1,
            unit="dB",
            label="Noise level",
        ),
    ),
    {"Play the signal": render_audio},
)
