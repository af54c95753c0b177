"""Print what the explorer tells of a sound file, and draw it, without a browser."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from specwidget.arrays import DeviceError
from specwidget.cli.errors import UsageError
from specwidget.cli.settings import add_options, add_settings, given_options, given_settings
from specwidget.layer import STFTSpectrogram
from specwidget.peers import crosscheck
from specwidget.raster.colours import AUTOMATIC
from specwidget.sounds import Sound, SoundError, read_sound
from specwidget.spectrogram import Spectrogram
from specwidget.summary.controls import DISPLAY_CONTROLS
from specwidget.summary.crosscheck_status import part_of, peers_to_ask
from specwidget.summary.display import DISPLAY_DEFAULTS, check_display
from specwidget.summary.errors import message_of
from specwidget.summary.limits import MEMORY_LIMIT, check_memory
from specwidget.summary.notes import notes_on
from specwidget.summary.readouts import result_rows
from specwidget.summary.shape_readouts import shape_lines

# A file holds one signal, so there is no batch item to choose.
FIGURE_CONTROLS = tuple(control for control in DISPLAY_CONTROLS if control.name != "batch_item")

DPI = 150

MORE = "specwidget check compares with every library that is installed, and tells the aligned calls."


@dataclass(frozen=True)
class Request:
    """What is to be shown, checked.

    Parameters
    ----------
    sound : Sound
        The sound.
    layer : STFTSpectrogram
        The layer.
    inputs : array
        The samples in the layer's order of axes.
    display : dict
        The display choices.
    """

    sound: Sound
    layer: STFTSpectrogram
    inputs: Any
    display: dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `specwidget show`."""
    parser.add_argument("file", type=Path, metavar="FILE", help="sound file")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="PICTURE", help="write a figure; its suffix (.png, .svg, .pdf) says how"
    )
    add_settings(parser)
    add_options(parser, "figure", FIGURE_CONTROLS)


def run(arguments: argparse.Namespace) -> None:
    """Print shapes, result and cross-check, in the order in which they are known, and write the figure."""
    if arguments.output is not None:
        check_output(arguments.output)
    request = check_request(arguments)
    print(describe_sound(request.sound))
    print_section("Shapes", shape_lines(request.layer.settings, request.inputs.shape, request.sound.sample_rate))
    spectrogram = compute(request)
    notes = notes_on(request.layer.settings, request.sound.samples, spectrogram.floor_share(), MEMORY_LIMIT)
    print_section("Result", [*map(str, (*result_rows(spectrogram), *notes))])
    shown = (0, request.display["channel"])
    part = part_of(request.layer, request.sound, shown, spectrogram)
    reports = crosscheck(request.layer, part.inputs, peers_to_ask(()), output=part.output)
    sentences = [report.sentence for report in reports.values()]
    print_section("Cross-check", [*sentences, *filter(None, [part.sentence]), MORE])
    if arguments.output is not None:
        write_figure(spectrogram, request, arguments.output)
        print(f"\nWrote {arguments.output}.")


def check_output(path: Path) -> None:
    """Refuse a picture that could not be written, before anything is computed."""
    from matplotlib.figure import Figure

    kinds = Figure().canvas.get_supported_filetypes()
    if path.suffix.lower().removeprefix(".") not in kinds:
        raise UsageError(
            f"`--output` must end with one of {', '.join('.' + kind for kind in sorted(kinds))}; got {path}."
        )
    if not path.parent.is_dir():
        raise UsageError(f"`--output` must lie in a folder that exists; got {path}.")


def check_request(arguments: argparse.Namespace) -> Request:
    """Check file, settings and display choices; refuse in the words of whatever checks them."""
    try:
        sound = read_sound(arguments.file)
        settings = given_settings(arguments)
        inputs = sound.samples if settings.channels_last else sound.samples.swapaxes(1, 2)
        check_memory(settings, inputs.shape, MEMORY_LIMIT)
    except (SoundError, ValueError, TypeError) as error:
        raise UsageError(str(error)) from None
    display = DISPLAY_DEFAULTS | given_options(arguments, FIGURE_CONTROLS)
    _, errors = check_display(SimpleNamespace(**display, canvas_size=(1, 1)), sound)
    if errors:
        raise UsageError(" ".join(errors.values()))
    return Request(sound, STFTSpectrogram.from_settings(settings), inputs, display)


def compute(request: Request) -> Spectrogram:
    """Compute the spectrogram; refuse where the device or the memory does."""
    try:
        return request.layer.spectrogram(request.inputs, request.sound.sample_rate)
    except (DeviceError, MemoryError) as error:
        raise UsageError(message_of(error)) from None


def describe_sound(sound: Sound) -> str:
    """Tell name, length and rate of a sound in one line."""
    _, n_samples, channels = sound.samples.shape
    parts = [f"{channels} channel{'' if channels == 1 else 's'}", f"{n_samples} samples"]
    if sound.sample_rate is not None:
        parts += [f"{sound.sample_rate:g} Hz", f"{sound.duration:.4g} s"]
    return f"{sound.name}: {', '.join(parts)}"


def print_section(title: str, lines: list[str]) -> None:
    """Print lines under a title."""
    print(f"\n{title}")
    for line in lines:
        print(f"  {line}")


def write_figure(spectrogram: Spectrogram, request: Request, path: Path) -> None:
    """Draw the spectrogram into a file."""
    from specwidget.charts.spectrogram_figure import make_figure

    choices = {
        name: value for name, value in request.display.items() if not (name == "colour_map" and value == AUTOMATIC)
    }
    title = request.sound.name
    if spectrogram.n_channels > 1:
        title += f", channel {request.display['channel']}"
    figure = make_figure(spectrogram, title=title, **choices)
    try:
        figure.savefig(path, dpi=DPI)
    except OSError as error:
        raise UsageError(f"`--output` must be a file that can be written; got {path} ({error.strerror}).") from None
