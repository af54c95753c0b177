"""Presets: settings for a purpose, each with its reason.

Durations are given in seconds, and become samples at the sample rate of the sound. A preset may include a sound. A new
preset is one more entry in `PRESETS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any

import numpy as np

from specwidget.mel.front_ends import front_ends
from specwidget.mel.stages import BandSettings, values_of
from specwidget.sounds import Sound, make_synthetic
from specwidget.stft.settings import STFTSettings

DEFAULTS: dict[str, Any] = {each.name: each.default for each in fields(STFTSettings)}

RATES = (16_000.0, 44_100.0, 48_000.0, 22_050.0, 8000.0, 11_025.0, 12_000.0, 24_000.0, 32_000.0, 96_000.0)
"""Usual sample rates, Hz, the most usual first."""

DEFAULT_RATE = 16_000.0
"""Sample rate, Hz, for sounds that have none."""

MIN_FRAME = 4
"""Fewest samples of a frame that is given in seconds: the symmetric Hann window of two samples is zero."""


@dataclass(frozen=True)
class PresetSound:
    """The sound of a preset: its title, its sample rate in Hz, and the function that makes it."""

    title: str
    sample_rate: float
    make: Callable[[], Sound]


@dataclass(frozen=True)
class Preset:
    """Settings for a purpose.

    Parameters
    ----------
    title : str
        Label in the menu.
    group : str
        Heading in the menu.
    reason : str
        Why these settings, in one sentence.
    settings : mapping of str to value
        Settings that are not the defaults.
    seconds : mapping of str to float
        Lengths in seconds, by the name of the setting: "frame_length", "frame_step".
    power_of_two : bool
        Whether a frame length in seconds is rounded to a power of two.
    steps_in_frame : int
        Steps per frame; 0 is a step that is given, or the default.
    finer : int
        Factor by which zero-padding makes the bin spacing finer.
    has_fft : bool
        Whether the FFT length is given: the next power of two, which is also the default.
    sound : PresetSound, optional
        The sound that is loaded with it; by default the present one stays.
    sample_rate : float, optional
        Rate, Hz, to which the sound is resampled, as for a model that was trained at it.
    """

    title: str
    group: str
    reason: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    power_of_two: bool = False
    steps_in_frame: int = 0
    finer: int = 1
    has_fft: bool = False
    sound: PresetSound | None = None
    sample_rate: float | None = None


def settings_of(preset: Preset, sample_rate: float | None) -> dict[str, Any]:
    """Return the settings of a preset: all those of its stage.

    Parameters
    ----------
    preset : Preset
        The preset.
    sample_rate : float or None
        Samples per second of the sound; None is `DEFAULT_RATE`.

    Returns
    -------
    dict of str to value

    Examples
    --------
    >>> settings = settings_of(PRESETS["narrow band"], 16_000)
    >>> settings["frame_length"], settings["frame_step"], settings["fft_length"]
    (512, 64, 1024)
    """
    if "stage" in preset.settings:
        return dict(preset.settings)
    rate = sample_rate or DEFAULT_RATE
    values = {**DEFAULTS, **preset.settings}
    for name, seconds in preset.seconds.items():
        least = MIN_FRAME if name == "frame_length" else 1
        values[name] = max(least, round(seconds * rate))
    if preset.power_of_two:
        values["frame_length"] = 2 ** round(math.log2(values["frame_length"]))
    if preset.steps_in_frame:
        values["frame_step"] = max(1, values["frame_length"] // preset.steps_in_frame)
    if preset.finer > 1 or preset.has_fft:
        values["fft_length"] = preset.finer << (values["frame_length"] - 1).bit_length()
    return values


def lengths_at(preset: Preset, sample_rate: float) -> dict[str, Any]:
    """Return the lengths in samples that a preset has at a sample rate.

    Examples
    --------
    >>> lengths_at(PRESETS["recognition"], 44_100)
    {'frame_length': 1102, 'frame_step': 441, 'fft_length': 2048}
    """
    values = settings_of(preset, sample_rate)
    return {name: values[name] for name in ("frame_length", "frame_step", "fft_length")}


def find_preset(settings: STFTSettings, sample_rate: float) -> tuple[Preset, float] | None:
    """Find the preset, and the sample rate other than the given one, at which it has the lengths of the settings.

    Parameters
    ----------
    settings : STFTSettings
        The settings. Those of the preset are the same but for the output: window, padding and so on.
    sample_rate : float
        Sample rate of the sound, Hz.

    Returns
    -------
    tuple of (Preset, float), or None
        None where there is none, or where a preset has these lengths at `sample_rate`.
    """
    found = None
    for preset in PRESETS.values():
        if not preset.seconds or not _has_other_settings(settings, preset):
            continue
        if _has_lengths(settings, preset, sample_rate):
            return None
        found = found or next(((preset, rate) for rate in RATES if _has_lengths(settings, preset, rate)), None)
    return found


def _has_lengths(settings: STFTSettings, preset: Preset, sample_rate: float) -> bool:
    wanted = replace(settings, **lengths_at(preset, sample_rate))
    return (wanted.frame_length, wanted.step, wanted.n_fft) == (settings.frame_length, settings.step, settings.n_fft)


def _has_other_settings(settings: STFTSettings, preset: Preset) -> bool:
    """Whether window and framing, other than lengths, are those of a preset."""
    values = settings_of(preset, None)
    return all(getattr(settings, name) == values[name] for name in ("window", "periodic", "padding"))


def front_end_presets() -> dict[str, Preset]:
    """Return a preset for each front end of a published model or library."""
    return {
        name: Preset(
            TITLES.get(name, name),
            "Front end of a model",
            f"{front_end.source}. {front_end.reason}",
            values_of(BandSettings.of(front_end.layer)),
            sample_rate=front_end.sample_rate,
        )
        for name, front_end in front_ends.items()
    }


TITLES = {
    "keras": "Keras MelSpectrogram",
    "librosa": "librosa melspectrogram",
    "librosa-mfcc": "librosa mfcc",
    "torchaudio": "torchaudio MelSpectrogram",
    "kaldi": "Kaldi fbank",
    "kaldi-mfcc": "Kaldi MFCC",
    "whisper": "Whisper",
    "whisper-v3": "Whisper large-v3",
    "ast": "Audio Spectrogram Transformer",
    "seamless": "SeamlessM4T, w2v-BERT",
    "speech2text": "Speech2Text",
    "speecht5": "SpeechT5",
    "clap": "CLAP",
    "clap-unfused": "CLAP, unfused",
    "nemo": "NeMo: Conformer, Parakeet",
    "yamnet": "YAMNet",
    "vggish": "VGGish",
    "espnet": "ESPnet",
    "hifigan": "HiFi-GAN",
}
"""Titles of the front ends in the menu."""


def make_examples(channels: int) -> Sound:
    """Make the batch for the shape examples: three signals of 10 s at 16 kHz.

    Parameters
    ----------
    channels : int
        Number of channels, each rotated by a second from the one before.

    Returns
    -------
    Sound
        Samples of shape (3, 160000, channels).
    """
    names = ("linear_chirp", "log_chirp", "white_noise")
    rows = np.concatenate([make_synthetic(name, seconds=10.0, sample_rate=16_000.0).samples for name in names])
    samples = np.concatenate([np.roll(rows, 16_000 * channel, axis=1) for channel in range(channels)], axis=2)
    layout = "mono" if channels == 1 else f"each with {channels} channels, rotated by a second"
    return Sound(
        samples,
        16_000.0,
        f"batch of 3, {channels} channel{'s' if channels > 1 else ''}",
        credit="computed, not recorded",
        description=f"Three signals of 10 s, {layout}: a linear chirp, a logarithmic chirp and white noise.",
    )


EXAMPLE = {"frame_length": 256, "frame_step": 128, "fft_length": 512}
"""Lengths in the shape examples."""

TWO_AND_TWO = PresetSound(
    "two sines, two clicks", 16_000.0, partial(make_synthetic, "two_sines_two_clicks", seconds=0.2)
)
"""Two sines 200 Hz apart with two clicks 3 ms apart."""

PRESETS: dict[str, Preset] = {
    "default": Preset(
        "Default",
        "General",
        "The layer's defaults: frames of 256 samples that overlap by half, as in Keras.",
    ),
    "music": Preset(
        "Music",
        "General",
        "Frames of about 0.2 s resolve adjacent semitones above about 300 Hz; a step of an eighth of a frame shows "
        "onsets. Best on a logarithmic frequency axis.",
        {"periodic": True, "padding": "same"},
        {"frame_length": 0.186},
        power_of_two=True,
        steps_in_frame=8,
    ),
    "transients": Preset(
        "Transients",
        "General",
        "3 ms frames every 0.5 ms resolve individual strokes, but not their harmonics.",
        {"padding": "same"},
        {"frame_length": 0.003, "frame_step": 0.0005},
        finer=4,
    ),
    "broad band": Preset(
        "Speech, wideband",
        "Speech",
        "5 ms frames have an analysis bandwidth of about 300 Hz: glottal pulses appear as vertical stripes, formants "
        "as broad bands.",
        {"padding": "same"},
        {"frame_length": 0.005, "frame_step": 0.001},
        finer=4,
    ),
    "narrow band": Preset(
        "Speech, narrowband",
        "Speech",
        "32 ms frames have an analysis bandwidth of about 45 Hz: the harmonics of the voice appear as lines, whose "
        "distance is the pitch; glottal pulses are not resolved.",
        {"padding": "same"},
        {"frame_length": 0.032, "frame_step": 0.004},
        finer=2,
    ),
    "recognition": Preset(
        "Speech recognition, 25 ms / 10 ms",
        "Front ends",
        "25 ms frames every 10 ms, usual in speech recognition: long enough for two periods of a low voice, short "
        "enough for a plosive. The FFT has the next power of two.",
        {"padding": "same"},
        {"frame_length": 0.025, "frame_step": 0.010},
        has_fft=True,
    ),
    "music front end": Preset(
        "Music analysis, 93 ms / 23 ms",
        "Front ends",
        "93 ms frames with an overlap of three quarters, at 22.05 kHz the default of librosa: they resolve the notes "
        "of chords, and change little from frame to frame.",
        {"periodic": True, "padding": "same"},
        {"frame_length": 2048 / 22_050},
        steps_in_frame=4,
    ),
    "long window": Preset(
        "Two sines, two clicks: long window",
        "Time against frequency resolution",
        "Frames of 512 samples, 32 ms, resolve the sines at 1000 and 1200 Hz, but not the clicks 3 ms apart.",
        {"frame_length": 512, "frame_step": 16, "fft_length": 1024},
        sound=TWO_AND_TWO,
    ),
    "short window": Preset(
        "Two sines, two clicks: short window",
        "Time against frequency resolution",
        "Frames of 32 samples, 2 ms, resolve the clicks 3 ms apart, but not the sines at 1000 and 1200 Hz.",
        {"frame_length": 32, "frame_step": 4, "fft_length": 1024},
        sound=TWO_AND_TWO,
    ),
    "example mono": Preset(
        "Mono: (3, 160000, 1)",
        "Shapes",
        "Only complete frames: 1249 frames of 257 bins. 1250 steps fit, but the last frame would exceed the signal.",
        EXAMPLE,
        sound=PresetSound("three mono signals", 16_000.0, partial(make_examples, 1)),
    ),
    "example stereo": Preset(
        "Stereo, same: (3, 160000, 2)",
        "Shapes",
        "One frame per step, 1250, and the bins of both channels concatenated: 2 × 257 = 514.",
        {**EXAMPLE, "padding": "same"},
        sound=PresetSound("three stereo signals", 16_000.0, partial(make_examples, 2)),
    ),
    "example dims": Preset(
        "Three channels, expanded: (3, 160000, 3)",
        "Shapes",
        "Channels on an axis of their own, as input of a 2-D convolution over time and frequency: 257 × 3.",
        {**EXAMPLE, "padding": "same", "expand_dims": True},
        sound=PresetSound("three signals of three channels", 16_000.0, partial(make_examples, 3)),
    ),
}
"""The presets by name, in the order of the menu; a group is at the place of its first preset."""

FRONT_END_PRESETS: dict[str, Preset] = front_end_presets()
"""The presets of the stages after an STFT, by name; they follow the others in the menu."""
