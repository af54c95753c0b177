"""What the two scalings measure: the height of a sine, and the level of noise."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from specwidget.charts.scene import Axes, Line, ReferenceLine, Scene, Values
from specwidget.stft.settings import SCALINGS, STFTSettings
from specwidget.teach.analysis import sine, transform
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, normalised, slider

RATE = 16_000.0
N_SAMPLES = 2**16
TURNS = 16
"""The sine lies on bin `n_fft / TURNS`, at every frame length that is a power of two."""

FREQUENCY = RATE / TURNS
ENDS = (-90.0, 40.0)

WINDOWS = ("hann", "boxcar", "hamming", "blackman", "blackmanharris")
LENGTHS = tuple(2**power for power in range(6, 13))


def draw(*, frame_length: int, scaling: str | None, window: str, amplitude_db: float, noise_db: float) -> Scene:
    """Draw the mean power of all frames, and where the sine and the noise are to stand."""
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
    power = result.panel().mean(axis=0)
    expected_sine, expected_noise = known_answers(amplitude_db, noise_db, result.settings)
    levels = 10 * np.log10(np.maximum(power, 1e-12))
    axes = Axes(
        f"Mean psd of {result.n_frames} frames, scaling {scaling!r}",
        "frequency (Hz)",
        "psd (dB)",
        (0, RATE / 2),
        ENDS,
        [
            Line(result.frequencies, levels, "measured", "first"),
            ReferenceLine(y=_level(expected_sine), label="known height of the sine", colour="second"),
            ReferenceLine(y=_level(expected_noise), label="known level of the noise", colour="third"),
        ],
        height=1.3,
    )
    found_sine, found_noise = measured(power)
    caption = (
        f"The sine reads {_level(found_sine):.1f} dB, known {_level(expected_sine):.1f} dB; the noise "
        f"{_level(found_noise):.1f} dB, known {_level(expected_noise):.1f} dB. {_meaning(scaling)}"
    )
    return Scene((axes,), caption)


def known_answers(amplitude_db: float, noise_db: float, settings: STFTSettings) -> tuple[float, float]:
    """Return the psd of the sine's bin, with the noise in it, and of the other bins, from the window's sums."""
    window = settings.window_values
    assert window is not None
    total, energy = float(np.abs(window).sum()), float(window @ window)
    square = {"density": energy, "spectrum": total**2, None: 1.0}[settings.scaling]
    amplitude, variance = _ratio(amplitude_db), _ratio(noise_db) ** 2
    noise = 2 * variance * energy / square
    return amplitude**2 / 2 * total**2 / square + noise, noise


def measured(power: Values) -> tuple[float, float]:
    """Return the power of the sine's bin, and the median of those that are far from it and from both ends."""
    k = (len(power) - 1) * 2 // TURNS
    rest = np.r_[power[2 : max(3, k - 4)], power[k + 5 : -2]]
    return float(power[k]), float(rest.mean())


@lru_cache(maxsize=1)
def noise() -> Values:
    """Return white noise of variance 1, the same each time."""
    return np.random.default_rng(0).standard_normal(N_SAMPLES)


def signal(amplitude_db: float, noise_db: float) -> Values:
    """Return the sine in the noise."""
    mixed: Values = _ratio(amplitude_db) * sine(FREQUENCY, N_SAMPLES, RATE) + _ratio(noise_db) * noise()
    return mixed


def hear(*, amplitude_db: float, noise_db: float, **_others: object) -> AudioClip:
    """Return two seconds of the sine in the noise."""
    return AudioClip(normalised(signal(amplitude_db, noise_db)[: 2 * int(RATE)], 0.5), RATE)


def _ratio(level: float) -> float:
    """Return an amplitude from its level, dB."""
    return float(10 ** (level / 20))


def _level(power: float) -> float:
    """Return a power in dB."""
    return 10 * math.log10(max(power, 1e-300))


def _meaning(scaling: str | None) -> str:
    """Return what stays where it is when the frame's length changes."""
    return {
        "spectrum": "With 'spectrum' the sine stays where it is for every frame length, at A² / 2; the noise sinks.",
        "density": "With 'density' the noise stays where it is for every frame length, at 2 σ²; the sine rises.",
        None: "Without scaling both rise with the frame length.",
    }[scaling]


PLAN = FigureSpec(
    "density_and_spectrum",
    "What density and spectrum measure",
    draw,
    (
        choice("frame_length", 512, "See which of the two lines moves.", choices=LENGTHS),
        choice("scaling", "density", "What the kernels are divided by.", choices=SCALINGS),
        choice("window", "hann", "Its noise bandwidth parts the two scalings.", choices=WINDOWS),
        slider("amplitude_db", -20.0, "Amplitude of the sine.", span=(-80, 0), step=1, unit="dB", label="Sine"),
        slider(
            "noise_db", -30.0, "Standard deviation of the noise.", span=(-80, -10), step=1, unit="dB", label="Noise"
        ),
    ),
    {"Hear the signal": hear},
)
