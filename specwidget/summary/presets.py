"""Presets: settings that somebody else has found good, each with its reason.

Pure data. What matters in seconds is given in seconds and becomes samples at the rate of the sound shown; a preset that
belongs to a sound brings it along. A preset is one more entry in `PRESETS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any

import numpy as np

from specwidget.sounds import Sound, make_synthetic
from specwidget.stft.settings import STFTSettings

DEFAULTS: dict[str, Any] = {each.name: each.default for each in fields(STFTSettings)}

TYPICAL_RATE = 16_000.0
"""Rate, Hz, at which seconds become samples where a sound has none."""

LEAST_FRAME = 4
"""Samples that a frame given in seconds has at least: the symmetric Hann window of two is zero."""


@dataclass(frozen=True)
class Brought:
    """A sound that a preset brings along: what it is called, its rate in Hz, and how it is made."""

    title: str
    sample_rate: float
    make: Callable[[], Sound]


@dataclass(frozen=True)
class Preset:
    """Settings with their reason.

    Parameters
    ----------
    title : str
        What it is called.
    group : str
        Heading under which it stands.
    reason : str
        Why these settings, in one sentence.
    settings : mapping of str to value
        Settings; what is not named has its default.
    seconds : mapping of str to float
        Lengths in seconds, by the name of the setting: "frame_length", "frame_step".
    power_of_two : bool
        Whether a frame given in seconds becomes the nearest power of two.
    steps_in_frame : int
        Steps in a frame, where the step is neither given nor left to its default.
    finer : int
        How many times finer than the frame asks for the bins are, by a longer FFT.
    sound : Brought, optional
        The sound that it belongs to; without it the sound shown stays.
    """

    title: str
    group: str
    reason: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    power_of_two: bool = False
    steps_in_frame: int = 0
    finer: int = 1
    sound: Brought | None = None


def settings_of(preset: Preset, sample_rate: float | None) -> dict[str, Any]:
    """Return every setting of a preset.

    Parameters
    ----------
    preset : Preset
        The preset.
    sample_rate : float or None
        Samples per second of the sound shown; without it `TYPICAL_RATE` stands in.

    Returns
    -------
    dict of str to value

    Examples
    --------
    >>> settings = settings_of(PRESETS["narrow band"], 16_000)
    >>> settings["frame_length"], settings["frame_step"], settings["fft_length"]
    (512, 64, 1024)
    """
    rate = sample_rate or TYPICAL_RATE
    values = {**DEFAULTS, **preset.settings}
    for name, seconds in preset.seconds.items():
        least = LEAST_FRAME if name == "frame_length" else 1
        values[name] = max(least, round(seconds * rate))
    if preset.power_of_two:
        values["frame_length"] = 2 ** round(math.log2(values["frame_length"]))
    if preset.steps_in_frame:
        values["frame_step"] = max(1, values["frame_length"] // preset.steps_in_frame)
    if preset.finer > 1:
        values["fft_length"] = preset.finer << (values["frame_length"] - 1).bit_length()
    return values


def make_examples(channels: int) -> Sound:
    """Make the batch of the shape examples: three signals of 10 s at 16 kHz.

    Parameters
    ----------
    channels : int
        Channels, each a second later than the one before, around the end.

    Returns
    -------
    Sound
        Samples of shape (3, 160000, channels).
    """
    names = ("linear_chirp", "log_chirp", "white_noise")
    rows = np.concatenate([make_synthetic(name, seconds=10.0, sample_rate=16_000.0).samples for name in names])
    samples = np.concatenate([np.roll(rows, 16_000 * channel, axis=1) for channel in range(channels)], axis=2)
    what = "mono" if channels == 1 else f"each with {channels} channels, a second apart"
    return Sound(
        samples,
        16_000.0,
        f"batch of 3, {channels} channel{'s' if channels > 1 else ''}",
        credit="computed, not recorded",
        description=f"Three signals of 10 s, {what}: a linear chirp, a logarithmic chirp and white noise.",
    )


EXAMPLE = {"frame_length": 256, "frame_step": 128, "fft_length": 512}
"""Lengths of the three shape examples."""

TWO_AND_TWO = Brought("two sines, two clicks", 16_000.0, partial(make_synthetic, "two_sines_two_clicks", seconds=0.2))
"""Two sines 200 Hz apart with two clicks 3 ms apart."""

PRESETS: dict[str, Preset] = {
    "default": Preset(
        "Default",
        "General",
        "What the layer does when nothing is said: frames of 256 samples that overlap by half, as Keras has them.",
    ),
    "music": Preset(
        "Music",
        "General",
        "Nearly 0.2 s separate neighbouring semitones from about 300 Hz on, and a step of an eighth keeps up with the "
        "notes; seen best on a logarithmic frequency axis.",
        {"periodic": True, "padding": "same"},
        {"frame_length": 0.186},
        power_of_two=True,
        steps_in_frame=8,
    ),
    "transients": Preset(
        "Transients",
        "General",
        "Frames of 3 ms, half a millisecond apart, show strokes that follow each other by 3 ms one by one, and little "
        "of their pitch.",
        {"padding": "same"},
        {"frame_length": 0.003, "frame_step": 0.0005},
        finer=4,
    ),
    "broad band": Preset(
        "Speech, broad band",
        "Speech",
        "5 ms are an analysing filter of about 300 Hz: each pulse of the voice is a stripe, the resonances of the "
        "mouth are broad bands.",
        {"padding": "same"},
        {"frame_length": 0.005, "frame_step": 0.001},
        finer=4,
    ),
    "narrow band": Preset(
        "Speech, narrow band",
        "Speech",
        "32 ms are an analysing filter of about 45 Hz: the pulses run together, and the harmonics of the voice come "
        "apart into lines that follow its melody.",
        {"padding": "same"},
        {"frame_length": 0.032, "frame_step": 0.004},
        finer=2,
    ),
    "recognition": Preset(
        "Speech recognition, 400/160/512",
        "Front ends",
        "At 16 kHz 25 ms every 10 ms, as most recognisers begin: long enough for two periods of a low voice, short "
        "enough for a plosive; 512 is the next power of two.",
        {"frame_length": 400, "frame_step": 160, "fft_length": 512, "padding": "same"},
    ),
    "music front end": Preset(
        "Music analysis, 2048/512",
        "Front ends",
        "At 22.05 kHz 93 ms with three quarters of overlap, librosa's own default: wide enough for chords, and smooth "
        "from frame to frame.",
        {"frame_length": 2048, "frame_step": 512, "periodic": True, "padding": "same"},
    ),
    "long window": Preset(
        "Two sines, two clicks: long window",
        "One window can't do both",
        "512 samples, 32 ms, split the sines at 1000 and 1200 Hz into two lines, and melt the clicks into one.",
        {"frame_length": 512, "frame_step": 16, "fft_length": 1024},
        sound=TWO_AND_TWO,
    ),
    "short window": Preset(
        "Two sines, two clicks: short window",
        "One window can't do both",
        "32 samples, 2 ms, split the clicks 3 ms apart, and melt the sines into one band.",
        {"frame_length": 32, "frame_step": 4, "fft_length": 1024},
        sound=TWO_AND_TWO,
    ),
    "example mono": Preset(
        "Mono: (3, 160000, 1)",
        "Shapes",
        "Whole frames only: 1249 frames of 257 bins, one fewer than there are steps, as it would reach past the end.",
        EXAMPLE,
        sound=Brought("three mono signals", 16_000.0, partial(make_examples, 1)),
    ),
    "example stereo": Preset(
        "Stereo, same: (3, 160000, 2)",
        "Shapes",
        "A frame for every step, 1250, and the bins of both channels one after the other: 2 × 257 = 514.",
        {**EXAMPLE, "padding": "same"},
        sound=Brought("three stereo signals", 16_000.0, partial(make_examples, 2)),
    ),
    "example dims": Preset(
        "Three channels, expanded: (3, 160000, 3)",
        "Shapes",
        "The channels on an axis of their own, as a convolution over time and frequency takes them: 257 × 3.",
        {**EXAMPLE, "padding": "same", "expand_dims": True},
        sound=Brought("three signals of three channels", 16_000.0, partial(make_examples, 3)),
    ),
}
"""The presets by name, in the order of the menu; a group stands where its first preset does."""
