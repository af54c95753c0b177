"""`explore`: takes a signal, settings and display choices as they are given, and opens the page."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from specwidget.corpus.surveying import Survey
from specwidget.explorer.page import PANELS, Explorer
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.export import load_front_end, load_sample_rate
from specwidget.layer import STFTSpectrogram
from specwidget.mel.banks import BandNorm, Triangles
from specwidget.mel.cepstrum import CepstralConvention
from specwidget.mel.conventions import Floor, Logarithm, Margin, Normalization, Placement, Scope
from specwidget.mel.front_ends import FrontEnd, front_ends
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.mfcc import MFCC
from specwidget.mel.scales import MelScale
from specwidget.mel.settings import MelSettings
from specwidget.mel.stages import FRONT_END_DEFAULTS, BandSettings, Stage, values_of
from specwidget.raster.scales import FrequencyAxis, TimeAxis
from specwidget.sounds import Sound, as_sound, read_sound, resample
from specwidget.stft.formatting import short_repr
from specwidget.stft.other_names import hinting
from specwidget.stft.settings import Backend, Mode, Padding, Scaling, STFTSettings, check_choice, check_number
from specwidget.stft.windows import Window
from specwidget.summary.controls import SETTING_CONTROLS, STAGE_CONTROLS
from specwidget.summary.display import DISPLAY_DEFAULTS

SettingsSource = (
    STFTSettings | MelSettings | BandSettings | STFTSpectrogram | MelSpectrogram | MFCC | str | os.PathLike[str]
)
"""What settings are taken from."""


class _Default:
    """A default value in a signature, which can be told from the same value as given by the caller."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return repr(self.value)


def _default(name: str) -> Any:
    """Return the default of a setting or display choice, for the signature of `explore`."""
    return _Default((FRONT_END_DEFAULTS | DISPLAY_DEFAULTS)[name])


@hinting
def explore(
    signal: Any = None,
    sample_rate: float | None = None,
    *,
    settings: SettingsSource | None = None,
    front_end: str | FrontEnd | None = None,
    mode: Mode = _default("mode"),
    frame_length: int | str = _default("frame_length"),
    frame_step: int | str | None = _default("frame_step"),
    fft_length: int | str | None = _default("fft_length"),
    window: Window = _default("window"),
    periodic: bool = _default("periodic"),
    scaling: Scaling | None = _default("scaling"),
    padding: Padding = _default("padding"),
    expand_dims: bool = _default("expand_dims"),
    data_format: str | None = _default("data_format"),
    trainable: bool = _default("trainable"),
    dtype: str | None = _default("dtype"),
    epsilon: float = _default("epsilon"),
    backend: Backend = _default("backend"),
    stage: Stage = _default("stage"),
    num_mel_bins: int = _default("num_mel_bins"),
    min_freq: float = _default("min_freq"),
    max_freq: float | None = _default("max_freq"),
    mag_exp: float = _default("mag_exp"),
    power_to_db: bool = _default("power_to_db"),
    min_power: float = _default("min_power"),
    ref_power: float = _default("ref_power"),
    top_db: float | None = _default("top_db"),
    placement: Placement = _default("placement"),
    ends: str | None = _default("ends"),
    margin: Margin = _default("margin"),
    drop_last_frame: bool = _default("drop_last_frame"),
    gain: float = _default("gain"),
    remove_mean: Scope | None = _default("remove_mean"),
    preemphasis: float = _default("preemphasis"),
    preemphasis_over: Scope = _default("preemphasis_over"),
    power_offset: float = _default("power_offset"),
    mel_scale: MelScale = _default("mel_scale"),
    triangles: Triangles = _default("triangles"),
    norm: BandNorm | None = _default("norm"),
    floor: Floor = _default("floor"),
    logarithm: Logarithm = _default("logarithm"),
    normalization: Normalization | None = _default("normalization"),
    mean: float = _default("mean"),
    deviation: float = _default("deviation"),
    ddof: int = _default("ddof"),
    variance_epsilon: float = _default("variance_epsilon"),
    deviation_epsilon: float = _default("deviation_epsilon"),
    num_coefficients: int = _default("num_coefficients"),
    convention: CepstralConvention = _default("convention"),
    lifter: float = _default("lifter"),
    zeroth: bool = _default("zeroth"),
    channel: int = _default("channel"),
    batch_item: int = _default("batch_item"),
    colour_map: str = _default("colour_map"),
    value_range: tuple[float, float] | None = _default("value_range"),
    decibels: bool = _default("decibels"),
    frequency_axis: FrequencyAxis = _default("frequency_axis"),
    time_axis: TimeAxis = _default("time_axis"),
    unit: str = _default("unit"),
    panels: Iterable[str] = tuple(PANELS),
    controls: Iterable[str] = tuple(control.name for control in (*SETTING_CONTROLS, *STAGE_CONTROLS)),
    height: int | None = None,
) -> Explorer:
    """Open the explorer.

    Parameters
    ----------
    signal : None, path, array (L,), (L, C) or (B, L, C), pair of an array and its sample rate, Sound, layer, Survey, \
    optional
        The sound to explore; None, or a layer, whose settings are then those to begin with, is a bundled recording, at
        the rate of a layer that has one. Of a `specwidget.corpus.Survey` it is the oddest file, and a tab lists them
        all. Samples are copied, so that a later change of the array has no effect; integers are scaled to [-1, 1).
        `specwidget.sounds.as_sound` lists the types of arrays.
    sample_rate : float, optional
        Sample rate of an array, Hz. Without it the axes are in samples and cycles per sample.
    settings : STFTSettings, MelSettings, a layer that has settings, or path, optional
        Settings to begin with, as an object or as a file of `specwidget.export.save_settings`. Settings that are given
        as keywords replace those in it. A signal without a sample rate has that of the settings, if they have one.
        Bands refer to the sample rate of the sound.
    front_end : str or FrontEnd, optional
        One of `specwidget.front_ends`, or its name, such as "whisper", to begin with its settings. The sound is
        resampled to its sample rate; a signal without a sample rate is taken to be at it.
    mode, frame_length, frame_step, fft_length, window, periodic, scaling, padding, expand_dims, data_format, \
    trainable, dtype, epsilon, backend
        Settings of the transform; see `specwidget.STFTSpectrogram`. A setting that is not given is that of `settings`,
        or has the default in the signature. Where the sample rate is known, lengths may be times, such as ``"25 ms"``,
        `frame_step` an overlap, ``"60 %"``, and `fft_length` a bin spacing, ``"31.25 Hz"``.
    stage : {"stft", "mel", "mfcc"}
        What follows the transform. A mel spectrogram and MFCC have `frame_length`, `frame_step`, `fft_length`,
        `window`, `periodic`, `data_format` and `dtype` of the above.
    num_mel_bins, min_freq, max_freq, mag_exp, power_to_db, min_power, ref_power, top_db
        Settings of the bands; see `specwidget.MelSpectrogram`.
    placement, ends, margin, drop_last_frame, gain, remove_mean, preemphasis, preemphasis_over, power_offset, \
    mel_scale, triangles, norm, floor, logarithm, normalization, mean, deviation, ddof, variance_epsilon, \
    deviation_epsilon
        Their conventions; see `specwidget.MelConventions`.
    num_coefficients, convention, lifter, zeroth
        Settings of the coefficients; see `specwidget.MFCC`.
    channel, batch_item : int
        Channel and batch item to display.
    colour_map : str
        Name of a colour map, or "automatic" for the one that suits the mode.
    value_range : tuple of 2 float, optional
        Values at the two ends of the colours; None is automatic.
    decibels : bool
        Whether to display decibels where the mode has them, or the layer's own values.
    frequency_axis : {"linear", "log", "mel", "notes"}
        Spacing of the frequency axis.
    time_axis : {"seconds", "frames", "samples"}
        Unit of the time axis.
    unit : str
        Unit of the signal, such as "V", "Pa" or "m/s²", for axes and readouts. With a sample rate, densities in
        decibels are then per Hz: "dB re 1 V²/Hz".
    panels : iterable of str
        Names of the panels, for a small explorer: "sound", "presets", "controls", "picture", "history" (undo and A/B),
        and the tabs "files" (of a survey), "shapes", "notes", "window", "bank", "compare", "match", "identify",
        "kernels", "crosscheck", "code", "export".
    controls : iterable of str
        Names of the settings that have controls, of those above.
    height : int, optional
        Height in CSS pixels; None fits the explorer to the window.

    Returns
    -------
    Explorer
        A widget; the last line of a cell displays it.

    Raises
    ------
    ValueError
        If the signal can't be read or has an unsupported shape, a file holds no settings, or there is no panel or
        control of a name.

    Notes
    -----
    A setting that is invalid for this signal raises no error here: the page shows the message at its control.

    Examples
    --------
    >>> import numpy as np
    >>> explorer = explore(np.zeros(16_000), 16_000, frame_length="25 ms", frame_step="10 ms")
    >>> explorer.result.shape
    (1, 98, 257)
    >>> explorer.close()
    """
    arguments = locals()
    values = {name: arguments[name] for name in (*FRONT_END_DEFAULTS, *DISPLAY_DEFAULTS)}
    given = {name: value for name, value in values.items() if not isinstance(value, _Default)}
    if isinstance(signal, STFTSpectrogram | MelSpectrogram | MFCC):
        signal, settings = None, signal
    survey = signal if isinstance(signal, Survey) else None
    if survey is not None:
        signal, settings = first_sound(survey), survey.settings if settings is None and front_end is None else settings
    sound = as_sound(signal, sample_rate, copy=True)
    if front_end is not None and settings is not None:
        raise ValueError("`settings` must be None where `front_end` is given, which has its own; give one of them.")
    if front_end is not None:
        chosen_front_end = find_front_end(front_end)
        sound, settings = resample(sound, chosen_front_end.sample_rate), chosen_front_end.layer
    rate = None if settings is None else rate_of(settings)
    # A bundled recording has no rate of its own to be kept.
    if rate is not None and (
        sound.sample_rate is None or (signal is None and isinstance(settings, MelSpectrogram | MFCC))
    ):
        sound = resample(sound, rate)
    if settings is not None:
        given = begin_with(settings) | given
    if height is not None:
        check_number("height", height)
    chosen = check_names("panels", panels, PANELS), check_names("controls", controls, FRONT_END_DEFAULTS)
    state = ExplorerState(sound, **given)
    return Explorer(state, panels=chosen[0], controls=chosen[1], height=height, survey=survey)


def first_sound(survey: Survey) -> Sound:
    """Return the oddest file of a survey that can be read still, with which exploring begins."""
    for file in survey.oddest(len(survey.readable)):
        # A file may have gone since the survey.
        with suppress(ValueError, OSError, MemoryError):
            return read_sound(file.path)
    raise ValueError(
        "`signal` must be a survey with at least 1 file that can be read; got none of "
        f"{len(survey.files)}. Survey them again."
    )


def find_front_end(front_end: str | FrontEnd) -> FrontEnd:
    """Return a front end by its name, or raise a ValueError that lists those that there are."""
    if isinstance(front_end, FrontEnd):
        return front_end
    check_choice("front_end", front_end, tuple(front_ends))
    return front_ends[front_end]


def begin_with(settings: SettingsSource) -> dict[str, Any]:
    """Return the values of settings, of those of a layer, or of those in a file."""
    if isinstance(settings, MelSpectrogram | MFCC):
        return values_of(BandSettings.of(settings))
    if isinstance(settings, STFTSpectrogram):
        return values_of(settings.settings)
    if isinstance(settings, MelSettings):
        return values_of(BandSettings(settings))
    if isinstance(settings, STFTSettings | BandSettings):
        return values_of(settings)
    return values_of(load_front_end(settings))


def rate_of(settings: SettingsSource) -> float | None:
    """Return the sample rate of settings, Hz: that of bands, or that of a file, which may have none."""
    if isinstance(settings, MelSpectrogram | MFCC):
        return BandSettings.of(settings).mel.sampling_rate
    if isinstance(settings, MelSettings | BandSettings):
        return (settings if isinstance(settings, MelSettings) else settings.mel).sampling_rate
    return load_sample_rate(settings) if isinstance(settings, str | os.PathLike) else None


def check_names(argument: str, names: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Return names as a tuple, or raise a ValueError that lists those that there are."""
    given = (names,) if isinstance(names, str) else tuple(names)
    listed = tuple(known)
    for name in given:
        if name not in listed:
            raise ValueError(f"`{argument}` must be of {', '.join(map(repr, listed))}; got {short_repr(name)}.")
    return given
