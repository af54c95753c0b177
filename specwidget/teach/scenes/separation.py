"""Two sounds in one, and whose each part of the picture is: what a transform can take apart."""

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
"""What sounds beside the voice: recordings, and what they are called."""

DYNAMIC_RANGE = 60.0
"""How far below the largest level colours reach, dB."""

TOP = 4000.0
"""Highest frequency that is shown, Hz."""


def draw(*, other: str, frame_length: int, overlap: int, window: str, level_db: float) -> Scene:
    """Draw the levels of the mixture, in the colour of the sound that is louder."""
    settings = settings_of(frame_length, overlap, window)
    first, second = make_pair(other, 0.0, level_db)
    result = transform(first + second, RATE, mode="magnitude", **given(settings))
    bins = result.frequencies <= TOP
    own = ideal_mask(first, second, settings)[:, bins]
    levels = decibels(result.channel_values()[:, bins])
    above = np.clip(levels - levels.max() + DYNAMIC_RANGE, 0.0, None)
    spacing, step = RATE / settings.n_fft, settings.step / RATE
    times = result.times
    image = Image(
        np.where(own, above, -above).T,
        (times[0] - step / 2, times[-1] + step / 2),
        (-spacing / 2, (bins.sum() - 0.5) * spacing),
        f"voice up, {name_of(other)} down: above −{DYNAMIC_RANGE:.0f} dB",
        "dB",
        "diverging",
        (-DYNAMIC_RANGE, DYNAMIC_RANGE),
    )
    axes = Axes(
        f"Frames of {frame_length} samples, {1000 * frame_length / RATE:.0f} ms: whose is it?",
        "time (s)",
        "frequency (Hz)",
        (0.0, first.size / RATE),
        (0.0, TOP),
        [image],
        height=1.7,
    )
    return Scene((axes,), _caption(first, second, settings, other))


def settings_of(frame_length: int, overlap: int, window: str) -> STFTSettings:
    """Return settings by how many frames cover each sample."""
    step = max(1, frame_length // overlap)
    return STFTSettings("stft", frame_length, step, window=window, periodic=True, padding="same")


def given(settings: STFTSettings) -> dict[str, object]:
    """Return what a transform of the same frames is given."""
    names = ("frame_length", "frame_step", "window", "periodic", "padding")
    return {name: getattr(settings, name) for name in names}


def name_of(other: str) -> str:
    """Return what a recording is called."""
    return dict(OTHERS)[other]


@lru_cache(maxsize=32)
def found(other: str, frame_length: int, overlap: int, window: str, level_db: float) -> tuple[Values, Values]:
    """Return what is found of the two sounds."""
    return separate(*make_pair(other, 0.0, level_db), settings_of(frame_length, overlap, window))


def share_kept(sound: Values, own: NDArray[np.bool_], settings: STFTSettings) -> float:
    """Return the share of a sound's energy that lies where it is the louder one."""
    power = transform(sound, RATE, mode="psd", **given(settings)).channel_values()
    return float(power[own].sum() / power.sum())


def _caption(first: Values, second: Values, settings: STFTSettings, other: str) -> str:
    """Return how well the two come apart."""
    parts = separate(first, second, settings)
    heights = [signal_to_distortion(*each) for each in zip((first, second), parts, strict=True)]
    kept = share_kept(first, ideal_mask(first, second, settings), settings)
    return (
        f"The error lies {heights[0]:.1f} dB below the voice and {heights[1]:.1f} dB below the {name_of(other)}, "
        f"where each value of the mixture goes to the louder of the two. {kept:.1%} of the voice's energy is where it "
        "is the louder one."
    )


def hear_mixture(*, other: str, level_db: float, **_others: object) -> AudioClip:
    """Return both at once."""
    return _heard(np.add(*make_pair(other, 0.0, level_db)), other, level_db)


def hear_first(*, other: str, level_db: float, **values: object) -> AudioClip:
    """Return what is found of the voice, as loud as it is in the mixture."""
    return _heard(found(other=other, level_db=level_db, **values)[0], other, level_db)


def hear_second(*, other: str, level_db: float, **values: object) -> AudioClip:
    """Return what is found of the other sound, as loud as it is in the mixture."""
    return _heard(found(other=other, level_db=level_db, **values)[1], other, level_db)


def _heard(samples: Values, other: str, level_db: float) -> AudioClip:
    """Return samples made louder by what brings the mixture to half of full scale."""
    mixture: Values = np.add(*make_pair(other, 0.0, level_db))
    return AudioClip(samples * (0.5 / np.abs(mixture).max()), RATE)


PLAN = FigureSpec(
    "separation",
    "Two sounds taken apart",
    draw,
    (
        choice("other", "tabla_ghe1", "What sounds behind the voice.", choices=OTHERS, label="Behind the voice"),
        length("frame_length", 256, "Short frames mix harmonics, long ones mix strokes and words.", span=(64, 8192)),
        choice("window", "hann", "How much of each leaks into the other's cells.", choices=WINDOWS),
        choice("overlap", 4, "Frames that cover each sample.", choices=(2, 4, 8)),
        slider("level_db", 0.0, "Louder or softer than the voice.", span=(-20, 20), step=5, label="Level", unit="dB"),
    ),
    {
        "Hear both": hear_mixture,
        "Hear the voice that is found": hear_first,
        "Hear the other that is found": hear_second,
    },
)
