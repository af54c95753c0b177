"""Comparison of a function of the user with a front end, for `specwidget check`."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.cli.errors import UsageError
from specwidget.cli.settings import given_front_end
from specwidget.cli.shape_argument import parse_shape
from specwidget.matching.difference import Difference, front_end_difference
from specwidget.mel.front_ends import front_ends
from specwidget.sounds import SoundError, read_sound
from specwidget.summary.errors import USER_ERRORS, message_of
from specwidget.summary.quantities import format_hertz

NOISE_STD = 0.1
"""Standard deviation of the noise that is compared where a shape is given."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the comparison."""
    parser.add_argument(
        "--against",
        metavar="MODULE:FUNCTION",
        help="compare --front-end with a function from samples (time,) to features, or with the name of another front "
        "end; exit status 1 if they differ",
    )


def is_requested(arguments: argparse.Namespace) -> bool:
    """Return whether front ends are to be compared."""
    return arguments.against is not None


def run(arguments: argparse.Namespace) -> int:
    """Compare and print; return 1 if the front ends differ."""
    front_end = given_front_end(arguments)
    if front_end is None:
        raise UsageError("`--front-end` must be given with `--against`.")
    mine = arguments.against if arguments.against in front_ends else load_function(arguments.against)
    samples = read_samples(arguments.signal, front_end.sample_rate)
    try:
        difference = front_end_difference(mine, arguments.front_end, samples)
    except USER_ERRORS as error:
        raise UsageError(message_of(error)) from None
    except Exception as error:
        raise UsageError(f"`--against` raised {type(error).__name__}: {error}") from error
    print(json.dumps(difference.to_dict(), indent=2, ensure_ascii=False) if arguments.json else difference)
    return status_of(difference)


def status_of(difference: Difference) -> int:
    """Return the exit status: 1 where front ends differ."""
    return 0 if difference.agrees else 1


def load_function(name: str) -> Callable[[NDArray[Any]], Any]:
    """Import a function by the name of its module and its own, also from the current folder."""
    module_name, _, function_name = name.partition(":")
    if not module_name or not function_name:
        raise UsageError(f"`--against` must be MODULE:FUNCTION or the name of a front end; got {name!r}.")
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        # Whatever the module raises: exit status 1 is for front ends that differ.
        raise UsageError(
            f"`--against` must name a module that can be imported; got {module_name!r} "
            f"({type(error).__name__}: {error})."
        ) from error
    function = getattr(module, function_name, None)
    if not callable(function):
        raise UsageError(f"`--against` must name a function of {module_name}; it has no {function_name!r}.")
    return function  # type: ignore[no-any-return]


def read_samples(signal: str, rate: float) -> NDArray[np.float32]:
    """Return the samples of a file, its first channel, or noise of a shape, at a sample rate."""
    shape = parse_shape(signal)
    if shape is not None:
        return (NOISE_STD * np.random.default_rng(0).standard_normal(int(shape[1] or 0))).astype(np.float32)
    try:
        sound = read_sound(Path(signal))
    except SoundError as error:
        raise UsageError(message_of(error)) from None
    if sound.sample_rate != rate:
        raise UsageError(
            f"`signal` must have the sample rate of the front end, {format_hertz(rate)}; "
            f"got {format_hertz(sound.sample_rate or 0)}. Resample the file."
        )
    return np.ascontiguousarray(sound.samples[0, :, 0])
