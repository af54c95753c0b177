"""Settings on a command line: an option for each of the explorer's controls, with its own name, choices and words.

Where a command takes settings, it takes a file of them as well; an option goes before what the file says.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from specwidget.cli.errors import UsageError
from specwidget.export import load_settings
from specwidget.stft.settings import STFTSettings
from specwidget.summary.controls import SETTING_CONTROLS, Control

NONE = "none"
"""How None is written on a command line."""


def add_options(parser: argparse.ArgumentParser, title: str, controls: Iterable[Control]) -> None:
    """Add a group of options.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Takes the options. One that is not given is no attribute of what it returns.
    title : str
        Title of the group.
    controls : iterable of Control
        The controls; `frame_length` becomes ``--frame-length``.
    """
    group = parser.add_argument_group(title)
    for control in controls:
        flag = f"--{control.name.replace('_', '-')}"
        group.add_argument(
            flag, default=argparse.SUPPRESS, help=control.tooltip.replace("%", "%%"), **KINDS[control.kind](control)
        )


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the options of the settings, and one for a file of them."""
    add_options(parser, "settings", SETTING_CONTROLS)
    parser.add_argument(
        "--settings", type=Path, metavar="FILE", help="settings as a JSON file, saved by the explorer or save_settings"
    )


def given_settings(arguments: argparse.Namespace) -> STFTSettings:
    """Return the settings that were given, by option or in a file.

    Parameters
    ----------
    arguments : argparse.Namespace
        What a parser with `add_settings` returned.

    Returns
    -------
    STFTSettings
        An option that was given goes before the file, and the file before the defaults.

    Raises
    ------
    Refusal
        If the file can't be read or holds no settings.
    ValueError, TypeError
        If an option is impossible.
    """
    given = given_options(arguments, SETTING_CONTROLS)
    if arguments.settings is None:
        return STFTSettings(**given)
    return replace(read_settings(arguments.settings), **given)


def read_settings(path: Path) -> STFTSettings:
    """Read a file of settings; refuse one that can't be read, or holds none."""
    try:
        return load_settings(path)
    except OSError as error:
        raise UsageError(f"`--settings` must be a file that can be read; got {path} ({error.strerror}).") from None
    except ValueError as error:
        raise UsageError(str(error).replace("`path`", "`--settings`", 1)) from None


def given_options(arguments: argparse.Namespace, controls: Iterable[Control]) -> dict[str, Any]:
    """Return the values of the options that were given, by the name of the control."""
    values = vars(arguments)
    return {control.name: values[control.name] for control in controls if control.name in values}


def read_integer(text: str) -> Any:
    """Read an integer; other text stays as it is, for the engine to refuse in its own words.

    Examples
    --------
    >>> read_integer("512"), read_integer("none"), read_integer("2.0")
    (512, None, '2.0')
    """
    return _read(text, int)


def read_number(text: str) -> Any:
    """Read a number; other text stays as it is.

    Examples
    --------
    >>> read_number("1e-7"), read_number("low")
    (1e-07, 'low')
    """
    return _read(text, float)


def read_window(text: str) -> Any:
    """Read a window: a name, or a name with parameters behind colons.

    Examples
    --------
    >>> read_window("hann"), read_window("kaiser:8.6"), read_window("taylor:4:30"), read_window("none")
    ('hann', ('kaiser', 8.6), ('taylor', 4, 30), None)
    """
    name, *parameters = text.split(":")
    if parameters:
        return (name, *(_read(parameter, int, float) for parameter in parameters))
    return _read(name)


def _read(text: str, *kinds: Callable[[str], Any]) -> Any:
    """Return None for "none", the first kind that the text is, or the text."""
    if text.lower() == NONE:
        return None
    for kind in kinds:
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _choice(control: Control) -> dict[str, Any]:
    """Return how a choice is added; one between True and False is a switch."""
    values = [value for value, _ in control.choices]
    if True in values:
        return _switch(control)
    return {"type": _read, "metavar": "{" + ",".join(NONE if value is None else str(value) for value in values) + "}"}


def _switch(_control: Control) -> dict[str, Any]:
    """Return how a switch is added."""
    return {"action": argparse.BooleanOptionalAction}


KINDS: dict[str, Callable[[Control], dict[str, Any]]] = {
    "choice": _choice,
    "index": lambda _: {"type": read_integer, "metavar": "N"},
    "length": lambda control: {"type": read_integer, "metavar": "N|none" if control.optional else "N"},
    "number": lambda _: {"type": read_number, "metavar": "X"},
    "range": lambda _: {"type": read_number, "nargs": 2, "metavar": ("LOW", "HIGH")},
    "switch": _switch,
    "window": lambda _: {"type": read_window, "metavar": "NAME[:PARAMETER...]|none"},
}
"""How each kind of control is added to a parser: the arguments of `add_argument`."""
