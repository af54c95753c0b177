"""Print the transform as code for another library, with the shape that it yields."""

from __future__ import annotations

import argparse
from pathlib import Path

from specwidget.cli.errors import UsageError
from specwidget.cli.settings import add_settings, given_settings
from specwidget.cli.shapes import parse_shape
from specwidget.codegen import CODE_TARGETS, to_code
from specwidget.sounds import SoundError, read_sound
from specwidget.stft.settings import STFTSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `specwidget code`."""
    parser.add_argument(
        "signal",
        metavar="FILE|SHAPE",
        help="sound file, or the shape of a signal, such as 3,16000,1 (batch, time, channels)",
    )
    parser.add_argument(
        "--target",
        required=True,
        metavar="NAME",
        help=f"library to write for: {', '.join(CODE_TARGETS)}",
    )
    add_settings(parser)


def run(arguments: argparse.Namespace) -> None:
    """Print the code."""
    try:
        settings = given_settings(arguments)
        code = to_code(settings, find_shape(arguments.signal, settings), arguments.target)
    except (SoundError, ValueError, TypeError) as error:
        raise UsageError(str(error)) from None
    print(code, end="")


def find_shape(text: str, settings: STFTSettings) -> tuple[int, ...]:
    """Return the shape that a text tells or a sound file has, in the order of axes that the settings say."""
    told = parse_shape(text)
    if told is not None:
        return told
    batch, n_samples, channels = read_sound(Path(text)).samples.shape
    return (batch, n_samples, channels) if settings.channels_last else (batch, channels, n_samples)
