"""Print code that computes the transform with another library."""

from __future__ import annotations

import argparse
from pathlib import Path

from specwidget.cli.errors import UsageError
from specwidget.cli.settings import add_settings, given_settings
from specwidget.cli.shape_argument import parse_shape
from specwidget.codegen import CODE_TARGETS, to_code
from specwidget.sounds import Sound, SoundError, read_sound
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
        help=f"target library: {', '.join(CODE_TARGETS)}",
    )
    add_settings(parser)


def run(arguments: argparse.Namespace) -> None:
    """Print the code."""
    try:
        shape: tuple[int, ...] | None = parse_shape(arguments.signal)
        rate = None
        if shape is None:
            sound = read_sound(Path(arguments.signal))
            rate = sound.sample_rate
            settings = given_settings(arguments, rate)
            shape = input_shape(sound, settings)
        else:
            settings = given_settings(arguments)
        code = to_code(settings, shape, arguments.target, rate)
    except (SoundError, ValueError, TypeError) as error:
        raise UsageError(str(error)) from None
    print(code, end="")


def input_shape(sound: Sound, settings: STFTSettings) -> tuple[int, ...]:
    """Return the input shape of a sound, in the order of the data format."""
    batch, n_samples, channels = sound.samples.shape
    return (batch, n_samples, channels) if settings.channels_last else (batch, channels, n_samples)
