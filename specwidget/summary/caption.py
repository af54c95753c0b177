"""The caption of a picture: the settings behind it, in one line."""

from __future__ import annotations

from collections.abc import Callable

from specwidget.mel.stages import FRONT_END_DEFAULTS, BandSettings, FrontEndSettings, values_of
from specwidget.stft.windows import window_repr
from specwidget.summary.controls import SETTING_CONTROLS, STAGE_CONTROLS
from specwidget.summary.quantities import format_duration, format_hertz

MAIN_SETTINGS = ("mode", "frame_length", "frame_step", "fft_length", "window")
"""Settings that are named even where they have their defaults."""


def named_settings(settings: FrontEndSettings, sample_rate: float | None) -> dict[str, str]:
    """Return the main settings, and those that are not the defaults, as texts by the labels of their controls.

    Parameters
    ----------
    settings : STFTSettings or BandSettings
        The settings.
    sample_rate : float or None
        Sample rate, Hz; without it lengths are in samples alone.

    Returns
    -------
    dict of str to str

    Examples
    --------
    >>> from specwidget.stft.settings import STFTSettings
    >>> named_settings(STFTSettings(frame_length=400), 16_000)["Frame length"]
    '400 (25 ms)'
    """
    values = values_of(settings)
    main = (*MAIN_SETTINGS, "stage", "num_mel_bins") if isinstance(settings, BandSettings) else MAIN_SETTINGS
    texts = {name: str(value) for name, value in values.items()} | {
        "frame_length": _length(settings.frame_length, format_duration, sample_rate),
        "frame_step": _length(settings.step, format_duration, sample_rate),
        "fft_length": _length(settings.n_fft, lambda seconds: format_hertz(1 / seconds, 4), sample_rate),
        "window": window_repr(values["window"]),
    }
    return {
        control.label: texts[control.name]
        for control in (*SETTING_CONTROLS, *STAGE_CONTROLS)
        if control.name in values and (control.name in main or values[control.name] != FRONT_END_DEFAULTS[control.name])
    }


def settings_caption(settings: FrontEndSettings, sample_rate: float | None) -> str:
    """Return the settings of a picture in one line: the main ones, and those that are not the defaults.

    Parameters
    ----------
    settings : STFTSettings or BandSettings
        The settings.
    sample_rate : float or None
        Sample rate, Hz; without it lengths are in samples alone.

    Returns
    -------
    str

    Examples
    --------
    >>> from specwidget.stft.settings import STFTSettings
    >>> settings_caption(STFTSettings(frame_length=400, frame_step=160, padding="same"), 16_000)
    "Mode log, frame length 400 (25 ms), frame step 160 (10 ms), FFT length 512 (31.25 Hz), window 'hann', padding same"
    """
    named = named_settings(settings, sample_rate)
    line = ", ".join(f"{label[0].lower()}{label[1:]} {text}".replace("fFT", "FFT") for label, text in named.items())
    return line[:1].upper() + line[1:]


def _length(samples: int, form: Callable[[float], str], sample_rate: float | None) -> str:
    """Return a length in samples, and in another form where the sample rate is known."""
    return str(samples) if sample_rate is None else f"{samples} ({form(samples / sample_rate)})"
