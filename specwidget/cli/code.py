"""Print code that computes the transform with another library."""

from __future__ import annotations

import argparse
from pathlib import Path

from specwidget.cli.errors import UsageError
from specwidget.cli.settings import add_settings, at_rate_of_front_end, given_settings
from specwidget.cli.shape_argument import parse_shape
from specwidget.codegen import CODE_TARGETS, MEL_CODE_TARGETS, to_code
from specwidget.mel.stages import BandSettings, FrontEndSettings
from specwidget.sounds import Sound, SoundError, read_sound


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
        help=f"target library: {', '.join(CODE_TARGETS | MEL_CODE_TARGETS)}",
    )
    add_settings(parser)


def run(arguments: argparse.Namespace) -> None:
    """Print the code."""
    try:
        shape: tuple[int, ...] | None = parse_shape(arguments.signal)
        rate = None
        if shape is None:
            sound = at_rate_of_front_end(read_sound(Path(arguments.signal)), arguments)
            rate = sound.sample_rate
            settings = given_settings(arguments, rate)
            shape = input_shape(sound, settings)
        else:
            settings = given_settings(arguments)
        if isinstance(settings, BandSettings):
            shape = signal_shape(shape, settings)
        code = to_code(settings, shape, arguments.target, rate)
    except (SoundError, ValueError, TypeError) as error:
        raise UsageError(str(error)) from None
    print(code, end="")


def input_shape(sound: Sound, settings: FrontEndSettings) -> tuple[int, ...]:
    """Return the input shape of a sound, in the order of the data format."""
    batch, n_samples, channels = sound.samples.shape
    return (batch, n_samples, channels) if settings.channels_last else (batch, channels, n_samples)


def signal_shape(shape: tuple[int, ...], settings: BandSettings) -> tuple[int, ...]:
    """Return the shape of the signals of a mel spectrogram: one, or a batch of all batch items and channels."""
    if len(shape) != 3:
        return shape
    batch, n_samples, channels = shape if settings.channels_last else (shape[0], shape[2], shape[1])
    return (n_samples,) if batch * channels == 1 else (batch * channels, n_samples)
