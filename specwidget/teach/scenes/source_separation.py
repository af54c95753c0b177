"""Figure: separation of two sources with the ideal binary mask, by frame length and window."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from specwidget.charts.scene import Axes, Image, Scene, Values
from specwidget.stft.settings import STFTSettings
from specwidget.teach.analysis import decibels, transform
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, length, slider
from specwidget.teach.masking import RATE, ideal_mask, make_pair, separate, signal_to_distortion
from specwidget.teach.scenes.leakage import WINDOWS

OTHERS: tuple[tuple[str, str], ...] = (
    ("tabla_ghe1", "tabla"),
    ("ambi_piano", "piano"),
    ("ambi_choir", "choir"),
    ("elec_chime", "chime"),
    ("misc_crow", "crow"),
)
"""Recordings for the second source, with their labels."""

DYNAMIC_RANGE = 60.0
"""Range of the colour map below the largest level, dB."""

MAX_FREQUENCY = 4000.0
"""Upper end of the frequency axis, Hz."""


def draw(*, other: str, frame_length: int, overlap: int, window: str, level_db: float) -> Scene:
    """Draw the levels of the mixture, coloured by the louder source."""
    settings = make_settings(frame_length, overlap, window)
    first, second = make_pair(other, 0.0, level_db)
    result = transform(first + second, RATE, mode="magnitude", **frame_options(settings))
    bins = result.frequencies <= MAX_FREQUENCY
    mask = ideal_mask(first, second, settings)[:, bins]
    levels = decibels(result.channel_values()[:, bins])
    above = np.clip(levels - levels.max() + DYNAMIC_RANGE, 0.0, None)
    spacing, step = RATE / settings.n_fft, settings.step / RATE
    times = result.times
    image = Image(
        np.where(mask, above, -above).T,
        (times[0] - step / 2, times[-1] + step / 2),
        (-spacing / 2, (bins.sum() - 0.5) * spacing),
        f"voice (+) or {label_of(other)} (−), above −{DYNAMIC_RANGE:.0f} dB",
        "dB",
        "diverging",
        (-DYNAMIC_RANGE, DYNAMIC_RANGE),
    )
    axes = Axes(
        f"Louder source, frames of {frame_length} samples, {1000 * frame_length / RATE:.0f} ms",
        "time (s)",
        "frequency (Hz)",
        (0.0, first.size / RATE),
        (0.0, MAX_FREQUENCY),
        [image],
        height=1.7,
    )
    return Scene((axes,), _caption(first, second, settings, other))


def make_settings(frame_length: int, overlap: int, window: str) -> STFTSettings:
    """Make settings with a step of ``frame_length // overlap``."""
    step = max(1, frame_length // overlap)
    return STFTSettings("stft", frame_length, step, window=window, periodic=True, padding="same")


def frame_options(settings: STFTSettings) -> dict[str, object]:
    """Extract the options that determine the frames."""
    names = ("frame_length", "frame_step", "window", "periodic", "padding")
    return {name: getattr(settings, name) for name in names}


def label_of(other: str) -> str:
    """Look up the label of a recording."""
    return dict(OTHERS)[other]


@lru_cache(maxsize=32)
def separate_pair(other: str, frame_length: int, overlap: int, window: str, level_db: float) -> tuple[Values, Values]:
    """Separate the voice from the other source."""
    return separate(*make_pair(other, 0.0, level_db), make_settings(frame_length, overlap, window))


def masked_energy_share(source: Values, mask: NDArray[np.bool_], settings: STFTSettings) -> float:
    """Compute the fraction of the energy of a source that lies within a mask."""
    power = transform(source, RATE, mode="psd", **frame_options(settings)).channel_values()
    return float(power[mask].sum() / power.sum())


def _caption(first: Values, second: Values, settings: STFTSettings, other: str) -> str:
    estimates = separate(first, second, settings)
    ratios = [signal_to_distortion(*each) for each in zip((first, second), estimates, strict=True)]
    share = masked_energy_share(first, ideal_mask(first, second, settings), settings)
    return (
        f"Signal-to-distortion ratio with the ideal binary mask: {ratios[0]:.1f} dB for the voice, {ratios[1]:.1f} dB "
        f"for the {label_of(other)}. {share:.1%} of the energy of the voice is where the voice is louder."
    )


def render_mixture(*, other: str, level_db: float, **_others: object) -> AudioClip:
    """Render the mixture."""
    return _with_gain(np.add(*make_pair(other, 0.0, level_db)), other, level_db)


def render_voice(*, other: str, level_db: float, **values: object) -> AudioClip:
    """Render the estimate of the voice, at its level in the mixture."""
    return _with_gain(separate_pair(other=other, level_db=level_db, **values)[0], other, level_db)


def render_other(*, other: str, level_db: float, **values: object) -> AudioClip:
    """Render the estimate of the other source, at its level in the mixture."""
    return _with_gain(separate_pair(other=other, level_db=level_db, **values)[1], other, level_db)


def _with_gain(samples: Values, other: str, level_db: float) -> AudioClip:
    """Apply the gain that brings the peak of the mixture to half of full scale."""
    mixture: Values = np.add(*make_pair(other, 0.0, level_db))
    return AudioClip(samples * (0.5 / np.abs(mixture).max()), RATE)


FIGURE = FigureSpec(
    "source_separation",
    "Source separation with the ideal binary mask",
    draw,
    (
        choice("other", "tabla_ghe1", "Source that is mixed with the voice.", choices=OTHERS, label="Second source"),
        length(
            "frame_length",
            256,
            "Short frames do not resolve harmonics, long ones do not resolve strokes and words.",
            span=(64, 8192),
        ),
        choice("window", "hann", "Determines the leakage between the sources.", choices=WINDOWS),
        choice("overlap", 4, "Number of frames that cover each sample.", choices=(2, 4, 8), label="Overlap factor"),
        slider(
            "level_db",
            0.0,
            "Level of the second source relative to the voice.",
            span=(-20, 20),
            step=5,
            label="Relative level",
            unit="dB",
        ),
    ),
    {
        "Play the mixture": render_mixture,
        "Play the separated voice": render_voice,
        "Play the other separated source": render_other,
    },
)
