"""Print code that computes the transform with another library."""

from __future__ import annotations

import argparse
from pathlib import Path

from specwidget.cli.errors import UsageError
from specwidget.cli.settings import add_settings, given_settings
from specwidget.cli.shape_argument import parse_shape
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
        help=f"target library: {', '.join(CODE_TARGETS)}",
    )
    add_settings(parser)


def run(arguments: argparse.Namespace) -> None:
    """Print the code."""
    try:
        settings = given_settings(arguments)
        shape, rate = read_signal(arguments.signal, settings)
        code = to_code(settings, shape, arguments.target, rate)
    except (SoundError, ValueError, TypeError) as error:
        raise UsageError(str(error)) from None
    print(code, end="")


def read_signal(text: str, settings: STFTSettings) -> tuple[tuple[int, ...], float | None]:
    """Return the shape, in the order of the data format, and the sample rate of a sound file; or the given shape."""
    shape = parse_shape(text)
    if shape is not None:
        return shape, None
    sound = read_sound(Path(text))
    batch, n_samples, channels = sound.samples.shape
    shape = (batch, n_samples, channels) if settings.channels_last else (batch, channels, n_samples)
    return shape, sound.sample_rate
