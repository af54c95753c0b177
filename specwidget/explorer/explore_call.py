"""The call of `explore` that opens the explorer as it is: with its sound, settings and display choices."""

from __future__ import annotations

from pathlib import PurePath

from specwidget.codegen.snippet import call, literal
from specwidget.codegen.specwidget import arguments
from specwidget.codegen.window_steps import has_window_values, window_lines
from specwidget.mel.stages import FRONT_END_DEFAULTS, BandSettings, FrontEndSettings, values_of
from specwidget.sounds import DEFAULT_RECORDING, RECORDINGS, SYNTHETIC_SIGNALS, Sound, load_recording
from specwidget.sounds.audio_files import EXTENSIONS
from specwidget.summary.display import DISPLAY_DEFAULTS, DisplayChoices


def write_explore_call(sound: Sound, settings: FrontEndSettings, choices: DisplayChoices) -> str:
    """Write a program that opens the explorer.

    Parameters
    ----------
    sound : Sound
        The sound. Where it came as an array, the program has `x` for it.
    settings : STFTSettings or BandSettings
        The settings.
    choices : DisplayChoices
        The display choices; those that are the defaults are left out.

    Returns
    -------
    str
        Python code.

    Examples
    --------
    >>> from specwidget.sounds import load_recording
    >>> from specwidget.stft.settings import STFTSettings
    >>> print(write_explore_call(load_recording("voice"), STFTSettings(frame_length=400), DisplayChoices()), end="")
    import specwidget
    <BLANKLINE>
    explorer = specwidget.explore(mode="log", frame_length=400)
    explorer
    """
    imports = {"import specwidget"}
    lines: list[str] = []
    if isinstance(settings, BandSettings):
        given = _band_arguments(settings)
    else:
        given = arguments(settings)
        if has_window_values(settings):
            needed, lines = window_lines(settings, scaled=False)
            imports |= needed
    signal, comment = _signal(sound)
    shown = {name: getattr(choices, name) for name in DISPLAY_DEFAULTS}
    display = [f"{name}={literal(value)}" for name, value in shown.items() if value != DISPLAY_DEFAULTS[name]]
    lines += [*comment, *call("explorer = specwidget.explore", [*signal, *given, *display]), "explorer"]
    ordered = sorted(imports, key=lambda line: (line.startswith("from"), line))
    return "\n".join([*ordered, "", *lines]) + "\n"


def _band_arguments(settings: BandSettings) -> list[str]:
    """Return the settings of a mel spectrogram or MFCC that are not the defaults, as keyword arguments."""
    values = values_of(settings)
    return [f"{name}={literal(value)}" for name, value in values.items() if value != FRONT_END_DEFAULTS[name]]


def _is_recording(sound: Sound) -> bool:
    """Return whether a sound is a bundled recording as it is, at its own sample rate."""
    if sound.name not in RECORDINGS or sound.credit != RECORDINGS[sound.name].credit:
        return False
    return sound.sample_rate == load_recording(sound.name).sample_rate


def _signal(sound: Sound) -> tuple[list[str], list[str]]:
    """Return the arguments for a sound, and a comment on what can't be written."""
    if _is_recording(sound) and sound.name == DEFAULT_RECORDING:
        return [], []
    expression = _expression(sound)
    if expression:
        return [expression], []
    rate = "" if sound.sample_rate is None else f", {sound.sample_rate:g} Hz"
    if PurePath(sound.name).suffix.lower() in EXTENSIONS:
        return [literal(sound.name)], [f"# The file that was opened{rate}; with its folder, if that is another one."]
    shape = tuple(int(length) for length in sound.samples.shape)
    x = ["x"] if sound.sample_rate is None else ["x", _whole(sound.sample_rate)]
    return x, [f"# x: your samples, here of shape {shape}: (batch, time, channels){rate}."]


def _expression(sound: Sound) -> str:
    """Return the code that makes a sound of the package; empty for a file or an array."""
    if sound.resampled_from is not None and sound.sample_rate is not None:
        origin = _expression(sound.resampled_from)
        return f"specwidget.sounds.resample({origin}, {_whole(sound.sample_rate)})" if origin else ""
    if _is_recording(sound):
        return f"specwidget.sounds.load_recording({literal(sound.name)})"
    if sound.name in SYNTHETIC_SIGNALS and sound.parameters is not None:
        given = [literal(sound.name), *(f"{name}={literal(value)}" for name, value in sound.parameters.items())]
        return f"specwidget.sounds.make_synthetic({', '.join(given)})"
    return ""


def _whole(rate: float) -> str:
    return f"{rate!r}".removesuffix(".0")
