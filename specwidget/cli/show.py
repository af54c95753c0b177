"""Print shapes, diagnostics and cross-check of a sound file; optionally save a figure."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from specwidget.charts.figure_options import FigureOptions, options_from
from specwidget.cli.errors import UsageError
from specwidget.cli.settings import add_options, add_settings, at_rate_of_front_end, given_options, given_settings
from specwidget.devices import DeviceError
from specwidget.files import atomic_write, check_writable
from specwidget.front_end import FrontEndLayer, make_layer
from specwidget.mel.stages import BandSettings
from specwidget.peers import crosscheck, peers_of
from specwidget.raster.colours import AUTOMATIC
from specwidget.sounds import Sound, SoundError, read_sound
from specwidget.spectrogram import Spectrogram
from specwidget.stft.formatting import printable
from specwidget.summary.caption import settings_caption
from specwidget.summary.controls import DISPLAY_CONTROLS, FIGURE_CONTROLS
from specwidget.summary.crosscheck_status import peers_to_compare, select_samples
from specwidget.summary.display import DISPLAY_DEFAULTS, DisplayChoices, check_display
from specwidget.summary.errors import message_of
from specwidget.summary.limits import MEMORY_LIMIT, check_memory
from specwidget.summary.notes import notes_on
from specwidget.summary.quantities import format_duration, format_hertz
from specwidget.summary.readouts import result_rows
from specwidget.summary.shape_readouts import shape_lines

# A file holds one signal, so there is no batch item to choose.
SHOWN_CONTROLS = tuple(control for control in DISPLAY_CONTROLS if control.name != "batch_item")

SEE_CHECK = "specwidget check compares with every installed library, and prints the code for each."


@dataclass(frozen=True)
class ShowArguments:
    """Checked arguments of `specwidget show`.

    Parameters
    ----------
    sound : Sound
        The sound.
    layer : STFTSpectrogram or BandLayer
        The layer.
    inputs : array
        The samples in the layer's order of axes.
    choices : DisplayChoices
        The display choices of the figure.
    options : FigureOptions
        Its size, resolution and limits, and whether it has a caption.
    """

    sound: Sound
    layer: FrontEndLayer
    inputs: Any
    choices: DisplayChoices
    options: FigureOptions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `specwidget show`."""
    parser.add_argument("file", type=Path, metavar="FILE", help="sound file")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FIGURE",
        help="save a figure, in the format of its suffix (.png, .svg, .pdf)",
    )
    add_settings(parser)
    add_options(parser, "figure", (*SHOWN_CONTROLS, *FIGURE_CONTROLS))


def run(arguments: argparse.Namespace) -> None:
    """Print shapes, result and cross-check, each as soon as it is known, and save the figure."""
    if arguments.output is not None:
        check_output(arguments.output)
    checked = check_arguments(arguments)
    settings, sound = checked.layer.settings, checked.sound
    print(describe_sound(sound))
    print_section("Shapes", shape_lines(settings, checked.inputs.shape, sound.sample_rate))
    spectrogram = compute(checked)
    share = spectrogram.floor_share()
    notes = notes_on(settings, sound.samples, share, MEMORY_LIMIT, sample_rate=sound.sample_rate)
    print_section("Result", [*map(str, (*result_rows(spectrogram, unit=checked.choices.unit), *notes))])
    compared = select_samples(checked.layer, sound, (0, checked.choices.channel), spectrogram)
    reports = crosscheck(
        checked.layer, compared.inputs, peers_to_compare((), peers_of(settings)), output=compared.output
    )
    sentences = [report.sentence for report in reports.values()]
    print_section("Cross-check", [*sentences, *filter(None, [compared.sentence]), SEE_CHECK])
    if arguments.output is not None:
        gaps = [note.sentence for note in notes if note.name == "not finite"]
        save_figure(spectrogram, checked, arguments.output, gaps)
        print(f"\nSaved {printable(str(arguments.output))}.")


def check_output(path: Path) -> None:
    """Check that a figure can be written, before anything is computed."""
    from matplotlib.figure import Figure

    kinds = Figure().canvas.get_supported_filetypes()
    if path.suffix.lower().removeprefix(".") not in kinds:
        listed = ", ".join("." + kind for kind in sorted(kinds))
        raise UsageError(f"`--output` must end with one of {listed}; got {printable(str(path))}.")
    if not path.parent.is_dir():
        raise UsageError(f"`--output` must be in an existing folder; got {printable(str(path))}.")
    with output_errors():
        check_writable(path)


@contextmanager
def output_errors() -> Iterator[None]:
    """Turn an error of writing the figure into a usage error."""
    try:
        yield
    except OSError as error:
        raise UsageError(str(error).replace("`path`", "`--output`", 1)) from None


def check_arguments(arguments: argparse.Namespace) -> ShowArguments:
    """Read the file, and check settings and display choices."""
    try:
        sound = at_rate_of_front_end(read_sound(arguments.file), arguments)
        settings = given_settings(arguments, sound.sample_rate)
        inputs = sound.samples if settings.channels_last else sound.samples.swapaxes(1, 2)
        check_memory(settings, inputs.shape, MEMORY_LIMIT)
    except (SoundError, ValueError, TypeError) as error:
        raise UsageError(str(error)) from None
    choices, errors = check_display(given_options(arguments, SHOWN_CONTROLS), sound)
    if errors:
        raise UsageError(" ".join(errors.values()))
    try:
        options = options_from(given_options(arguments, FIGURE_CONTROLS))
        has_bands = isinstance(settings, BandSettings)
        visible = options.visible(None, sound.samples.shape[1], sound.sample_rate, has_bands=has_bands)
        choices = replace(choices, visible=visible)
    except (ValueError, TypeError) as error:
        raise UsageError(str(error)) from None
    return ShowArguments(sound, make_layer(settings), inputs, choices, options)


def compute(checked: ShowArguments) -> Spectrogram:
    """Compute the spectrogram; a missing device or too little memory is a usage error."""
    try:
        # The first call in a process loads the FFT and computes the window, which is not what "took" is about.
        settings = checked.layer.settings
        length = settings.n_fft + settings.step
        checked.layer(checked.inputs[:, :length] if settings.channels_last else checked.inputs[..., :length])
        return checked.layer.spectrogram(checked.inputs, checked.sound.sample_rate)
    except (DeviceError, MemoryError) as error:
        raise UsageError(message_of(error)) from None


def describe_sound(sound: Sound) -> str:
    """Return name, channels, length and rate of a sound in one line."""
    _, n_samples, channels = sound.samples.shape
    facts = [f"{channels} channel{'' if channels == 1 else 's'}", f"{n_samples} samples"]
    if sound.sample_rate is not None:
        facts += [format_hertz(sound.sample_rate), format_duration(n_samples / sound.sample_rate)]
    return f"{sound.name}: {', '.join(facts)}"


def print_section(title: str, lines: list[str]) -> None:
    """Print indented lines under a title."""
    print(f"\n{title}")
    for line in lines:
        print(f"  {line}")


def save_figure(spectrogram: Spectrogram, checked: ShowArguments, path: Path, gaps: list[str]) -> None:
    """Save a figure of the spectrogram, with the settings and sentences about gaps as caption."""
    from specwidget.charts.spectrogram_figure import make_figure

    options, settings, sound = checked.options, spectrogram.settings, checked.sound
    choices = {name: getattr(checked.choices, name) for name in (*DISPLAY_DEFAULTS, "visible")}
    if choices["colour_map"] == AUTOMATIC:
        del choices["colour_map"]
    title = sound.name
    if spectrogram.n_channels > 1:
        title += f", channel {checked.choices.channel}"
    caption = " ".join([f"{settings_caption(settings, sound.sample_rate)}.", *gaps]) if options.caption else ""
    figure = make_figure(spectrogram, title=title, caption=caption, size=options.size, dpi=options.dpi, **choices)
    with output_errors(), atomic_write(path) as file:
        figure.savefig(file, format=path.suffix.lower().removeprefix("."), dpi=options.dpi)
