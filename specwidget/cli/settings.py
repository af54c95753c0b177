"""Options for settings: one for each of the explorer's controls, with its name, choices and tooltip.

A command that takes settings also takes a file of them; an option takes precedence over the file.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from specwidget.cli.errors import UsageError
from specwidget.export import load_front_end, load_sample_rate
from specwidget.mel.front_ends import FrontEnd, front_ends
from specwidget.mel.stages import BandSettings, FrontEndSettings, make_settings, values_of
from specwidget.sounds import Sound, resample
from specwidget.stft.formatting import printable
from specwidget.summary.controls import SETTING_CONTROLS, STAGE_CONTROLS, Control
from specwidget.summary.lengths import lengths_in_samples

DEFAULT_RATE = 16_000.0
"""Sample rate, Hz, that bands of a signal without one refer to: that of Keras's layer."""

SHORT_NAMES = {"num_mel_bins": ("--bands",), "num_coefficients": ("--coefficients",)}
"""Other names of options."""

NONE = "none"
"""None on a command line."""

FORM_UNITS = {"time": "ms", "overlap": "%", "spacing": "Hz"}
"""Units in the help of a length, by its forms."""


def add_options(parser: argparse.ArgumentParser, title: str, controls: Iterable[Control]) -> None:
    """Add a group of options.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        The parser. An option that is not given is no attribute of the parsed arguments.
    title : str
        Title of the group.
    controls : iterable of Control
        The controls; `frame_length` becomes ``--frame-length``.
    """
    group = parser.add_argument_group(title)
    for control in controls:
        flags = [f"--{control.name.replace('_', '-')}", *SHORT_NAMES.get(control.name, ())]
        group.add_argument(
            *flags,
            default=argparse.SUPPRESS,
            dest=control.name,
            help=control.tooltip.replace("%", "%%"),
            **KINDS[control.kind](control),
        )


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the options for settings, and one for a file of them."""
    add_options(parser, "settings", SETTING_CONTROLS)
    add_options(parser, "settings of a mel spectrogram or MFCC", STAGE_CONTROLS)
    parser.add_argument(
        "--front-end",
        metavar="NAME",
        help="begin with the front end of a model, and resample a sound file to its rate: " + ", ".join(front_ends),
    )
    parser.add_argument(
        "--overlap",
        default=argparse.SUPPRESS,
        dest="frame_step",
        type=lambda text: text if text.endswith("%") else f"{text} %",
        metavar="PERCENT",
        help="frame step as the overlap of adjacent frames, such as 60%%",
    )
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help="JSON file of settings, saved by the explorer or save_settings"
    )


def given_front_end(arguments: argparse.Namespace) -> FrontEnd | None:
    """Return the front end that was named; a name that there isn't is a usage error."""
    name = arguments.front_end
    if name is None:
        return None
    if name not in front_ends:
        raise UsageError(f"`--front-end` must be one of {', '.join(front_ends)}; got {printable(name)!r}.")
    return front_ends[name]


def at_rate_of_front_end(sound: Sound, arguments: argparse.Namespace) -> Sound:
    """Return a sound at the rate of the front end that was named, or as it is."""
    front_end = given_front_end(arguments)
    return sound if front_end is None else resample(sound, front_end.sample_rate)


def given_settings(arguments: argparse.Namespace, sample_rate: float | None = None) -> FrontEndSettings:
    """Return the settings from the options and the file.

    Parameters
    ----------
    arguments : argparse.Namespace
        Arguments from a parser with `add_settings`.
    sample_rate : float, optional
        Sample rate of the signal, Hz, for bands, and for lengths that are given as times. Bands of a signal without one
        are those of the front end's rate, or of `DEFAULT_RATE`.

    Returns
    -------
    STFTSettings or BandSettings
        An option takes precedence over the file, the file over the front end, and that over the defaults.

    Raises
    ------
    UsageError
        If the file can't be read or holds no settings.
    ValueError, TypeError
        If an option is invalid.
    """
    given = given_options(arguments, (*SETTING_CONTROLS, *STAGE_CONTROLS))
    front_end = given_front_end(arguments)
    values = {} if front_end is None else values_of(BandSettings.of(front_end.layer))
    if arguments.settings is not None:
        values |= values_of(read_settings(arguments.settings))
    values |= lengths_in_samples(given, sample_rate, values.get("frame_length", 256))
    saved = None if arguments.settings is None else load_sample_rate(arguments.settings)
    rate = sample_rate or saved or (DEFAULT_RATE if front_end is None else front_end.sample_rate)
    return make_settings(values, rate)


def read_settings(path: Path) -> FrontEndSettings:
    """Read a file of settings; if that fails, it is a usage error."""
    try:
        return load_front_end(path)
    except OSError as error:
        shown = printable(str(path))
        raise UsageError(f"`--settings` must be a readable file; got {shown} ({error.strerror}).") from None
    except ValueError as error:
        raise UsageError(str(error).replace("`path`", "`--settings`", 1)) from None


def given_options(arguments: argparse.Namespace, controls: Iterable[Control]) -> dict[str, Any]:
    """Return the values of the given options by the name of the control."""
    values = vars(arguments)
    return {control.name: values[control.name] for control in controls if control.name in values}


def parse_integer(text: str) -> Any:
    """Parse an integer; other text is returned unchanged, so that the settings' own check reports it.

    Examples
    --------
    >>> parse_integer("512"), parse_integer("none"), parse_integer("2.0")
    (512, None, '2.0')
    """
    return _parse(text, int)


def parse_number(text: str) -> Any:
    """Parse a number; other text is returned unchanged.

    Examples
    --------
    >>> parse_number("1e-7"), parse_number("low")
    (1e-07, 'low')
    """
    return _parse(text, float)


def parse_window(text: str) -> Any:
    """Parse a window: a name, or a name with parameters after colons.

    Examples
    --------
    >>> parse_window("hann"), parse_window("kaiser:8.6"), parse_window("taylor:4:30"), parse_window("none")
    ('hann', ('kaiser', 8.6), ('taylor', 4, 30), None)
    """
    name, *parameters = text.split(":")
    if parameters:
        return (name, *(_parse(parameter, int, float) for parameter in parameters))
    return _parse(name)


def _parse(text: str, *parsers: Callable[[str], Any]) -> Any:
    """Return None for "none", the result of the first parser that accepts the text, or the text."""
    if text.lower() == NONE:
        return None
    for parser in parsers:
        try:
            return parser(text)
        except ValueError:
            continue
    return text


def _choice(control: Control) -> dict[str, Any]:
    """Return the arguments for a choice; one between True and False is a switch."""
    values = [value for value, _ in control.choices]
    if True in values:
        return _switch(control)
    return {"type": _parse, "metavar": "{" + ",".join(NONE if value is None else str(value) for value in values) + "}"}


def _forms(control: Control) -> list[str]:
    return ["N", *(f"N{FORM_UNITS[form]}" for form in control.forms), *([NONE] if control.optional else [])]


def _switch(_control: Control) -> dict[str, Any]:
    return {"action": argparse.BooleanOptionalAction}


KINDS: dict[str, Callable[[Control], dict[str, Any]]] = {
    "choice": _choice,
    "index": lambda _: {"type": parse_integer, "metavar": "N"},
    "length": lambda control: {"type": parse_integer, "metavar": "|".join(_forms(control))},
    "number": lambda _: {"type": parse_number, "metavar": "X"},
    "range": lambda _: {"type": parse_number, "nargs": 2, "metavar": ("LOW", "HIGH")},
    "switch": _switch,
    "text": lambda _: {"metavar": "TEXT"},
    "window": lambda _: {"type": parse_window, "metavar": "NAME[:PARAMETER...]|none"},
}
"""The arguments of `add_argument` for each kind of control."""
