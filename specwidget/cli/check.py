"""Compare the layer with other libraries on a sound file or on noise; exit status 1 if one disagrees.

If no library could be compared, the exit status is 2. With `--front-end` and `--against`, a function of the user is
compared with the front end of a published model instead.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from specwidget.cli import against
from specwidget.cli.errors import UsageError
from specwidget.cli.settings import add_settings, at_rate_of_front_end, given_settings
from specwidget.cli.shape_argument import parse_shape
from specwidget.cli.show import describe_sound, print_section
from specwidget.front_end import FrontEndLayer, check_input_shape, make_layer, output_shape
from specwidget.mel.stages import FrontEndSettings
from specwidget.peers import BAND_PEERS, PEERS, PeerReport, check_names, crosscheck, peers_of
from specwidget.sounds import Sound, SoundError, as_sound, read_sound
from specwidget.summary.errors import USER_ERRORS, message_of
from specwidget.summary.limits import MEMORY_LIMIT, check_memory
from specwidget.summary.notes import notes_on
from specwidget.summary.shape_readouts import shape_lines, shape_rows

NOISE_STD = 0.1
"""Standard deviation of the noise that is compared where a shape is given."""


@dataclass(frozen=True, eq=False)
class CheckResult:
    """Result of a check, to be printed as text or as JSON."""

    sound: Sound
    layer: FrontEndLayer
    input_shape: tuple[int, ...]
    notes: tuple[str, ...]
    reports: dict[str, PeerReport]

    @property
    def compared(self) -> tuple[str, ...]:
        """The peers whose values were compared."""
        return tuple(name for name, report in self.reports.items() if report.is_compared)

    @property
    def agrees(self) -> bool:
        """Whether at least one peer was compared, and none disagrees."""
        return bool(self.compared) and all(report.verdict != "disagrees" for report in self.reports.values())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `specwidget check`."""
    parser.add_argument(
        "signal",
        metavar="FILE|SHAPE",
        help="sound file, or the shape of noise, such as 3,16000,1 (batch, time, channels)",
    )
    parser.add_argument(
        "--peers",
        metavar="NAME[,NAME...]",
        help=f"compare only with these libraries: {', '.join(PEERS | BAND_PEERS)}",
    )
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    against.add_arguments(parser)
    add_settings(parser)


def run(arguments: argparse.Namespace) -> int:
    """Compare, print, and return 1 if a peer disagrees; it is a usage error if none was compared."""
    if against.is_requested(arguments):
        return against.run(arguments)
    result = run_check(arguments)
    if arguments.json:
        print(json.dumps(to_json(result), indent=2, ensure_ascii=False))
    else:
        print_result(result)
    if not result.compared:
        raise UsageError("nothing was compared. " + " ".join(report.sentence for report in result.reports.values()))
    return 0 if result.agrees else 1


def run_check(arguments: argparse.Namespace) -> CheckResult:
    """Check the arguments, and compare; an invalid argument is a usage error."""
    try:
        given = None if arguments.peers is None else [name.strip() for name in arguments.peers.split(",")]
        shape = parse_shape(arguments.signal)
        file = read_sound(Path(arguments.signal)) if shape is None else None
        file = None if file is None else at_rate_of_front_end(file, arguments)
        settings = given_settings(arguments, None if file is None else file.sample_rate)
        names = check_names(given, peers_of(settings))
        sound = make_noise(shape, settings) if file is None else file
        inputs = sound.samples if settings.channels_last else sound.samples.swapaxes(1, 2)
        check_memory(settings, inputs.shape, MEMORY_LIMIT)
        layer = make_layer(settings)
        spectrogram = layer.spectrogram(inputs, sound.sample_rate)
    except (*USER_ERRORS, SoundError) as error:
        raise UsageError(message_of(error)) from None
    share = spectrogram.floor_share()
    notes = notes_on(settings, sound.samples, share, MEMORY_LIMIT, sample_rate=sound.sample_rate)
    reports = crosscheck(layer, inputs, names, output=spectrogram.values)
    return CheckResult(sound, layer, tuple(inputs.shape), tuple(map(str, notes)), reports)


def make_noise(shape: Any, settings: FrontEndSettings) -> Sound:
    """Return noise of a shape in the order of the data format."""
    batch, n_samples, channels = (int(length or 0) for length in check_input_shape(shape, settings))
    # Checked before the noise is made, as any shape is quickly written.
    check_memory(settings, shape, MEMORY_LIMIT)
    noise = np.random.default_rng(0).standard_normal((batch, n_samples, channels), dtype=np.float32)
    return replace(as_sound(NOISE_STD * noise), name=f"noise of shape {shape}")


def print_result(result: CheckResult) -> None:
    """Print shapes, notes and the report of each peer."""
    settings = result.layer.settings
    print(describe_sound(result.sound))
    print_section("Shapes", shape_lines(settings, result.input_shape, result.sound.sample_rate))
    if result.notes:
        print_section("Notes", list(result.notes))
    for report in result.reports.values():
        print_section(report.title, report_lines(report))


def report_lines(report: PeerReport) -> list[str]:
    """Return verdict, tolerance, conventions and aligned code of a peer as lines of text."""
    tolerance = [f"Tolerance: {report.tolerance}"] if report.tolerance else []
    listed = report.differences if report.verdict == "differs by convention" else ()
    differences = [f"{difference.name}: {difference.sentence}" for difference in listed]
    code = [f"    {line}" for line in report.code.splitlines()]
    return [report.sentence, *tolerance, *report.conventions, *differences, *code]


def to_json(result: CheckResult) -> dict[str, Any]:
    """Return a JSON-serializable result; numbers that are not finite become strings."""
    settings = result.layer.settings
    rows = shape_rows(settings, result.input_shape, result.sound.sample_rate)
    return {
        "agrees": result.agrees,
        "compared": list(result.compared),
        "signal": result.sound.name,
        "input_shape": list(result.input_shape),
        "output_shape": list(output_shape(result.input_shape, settings)),
        "settings": settings.to_dict(),
        "shapes": [{"name": row.name, "value": row.value, "formula": row.formula} for row in rows],
        "notes": list(result.notes),
        "peers": {name: report.to_dict() for name, report in result.reports.items()},
    }
