"""Compare the layer with other libraries on a sound file or noise of a shape; exit status 1 where one disagrees.

Where nothing could be compared with anything, nothing is known: that is no success either, but exit status 2.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from specwidget.cli.errors import UsageError
from specwidget.cli.settings import add_settings, given_settings
from specwidget.cli.shapes import parse_shape
from specwidget.cli.show import describe_sound, print_section
from specwidget.layer import STFTSpectrogram
from specwidget.peers import PEERS, PeerReport, check_names, crosscheck
from specwidget.sounds import Sound, SoundError, as_sound, read_sound
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import check_input_shape, output_shape
from specwidget.summary.errors import USER_ERRORS, message_of
from specwidget.summary.limits import MEMORY_LIMIT, check_memory
from specwidget.summary.notes import notes_on
from specwidget.summary.shape_readouts import shape_lines, shape_rows

LEVEL = 0.1
"""Standard deviation of the noise that stands for a signal of a shape."""


@dataclass(frozen=True, eq=False)
class Findings:
    """What a check found, to be told as text or as JSON."""

    sound: Sound
    layer: STFTSpectrogram
    input_shape: tuple[int, ...]
    notes: tuple[str, ...]
    reports: dict[str, PeerReport]

    @property
    def compared(self) -> tuple[str, ...]:
        """The peers whose values were compared."""
        missing = ("not comparable", "not installed")
        return tuple(name for name, report in self.reports.items() if report.verdict not in missing)

    @property
    def agrees(self) -> bool:
        """Whether something was compared, and no peer disagrees."""
        return bool(self.compared) and all(report.verdict != "disagrees" for report in self.reports.values())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `specwidget check`."""
    parser.add_argument(
        "signal",
        metavar="FILE|SHAPE",
        help="sound file, or the shape of noise, such as 3,16000,1 (batch, time, channels)",
    )
    parser.add_argument(
        "--peers", metavar="NAME[,NAME...]", help=f"compare with these alone; the names are {', '.join(PEERS)}"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object, for programs")
    add_settings(parser)


def run(arguments: argparse.Namespace) -> int:
    """Compare, print, and return 1 where a peer disagrees; refuse where nothing was compared."""
    findings = find(arguments)
    if arguments.json:
        print(json.dumps(to_json(findings), indent=2, ensure_ascii=False))
    else:
        print_findings(findings)
    if not findings.compared:
        raise UsageError("nothing was compared. " + " ".join(report.sentence for report in findings.reports.values()))
    return 0 if findings.agrees else 1


def find(arguments: argparse.Namespace) -> Findings:
    """Check what is asked for, and compare; refuse in the words of whatever checks it."""
    try:
        given = None if arguments.peers is None else [name.strip() for name in arguments.peers.split(",")]
        names = check_names(given)
        settings = given_settings(arguments)
        sound = read_signal(arguments.signal, settings)
        inputs = sound.samples if settings.channels_last else sound.samples.swapaxes(1, 2)
        check_memory(settings, inputs.shape, MEMORY_LIMIT)
        layer = STFTSpectrogram.from_settings(settings)
        spectrogram = layer.spectrogram(inputs, sound.sample_rate)
    except (*USER_ERRORS, SoundError) as error:
        raise UsageError(message_of(error)) from None
    notes = notes_on(settings, sound.samples, spectrogram.floor_share(), MEMORY_LIMIT)
    reports = crosscheck(layer, inputs, names, output=spectrogram.values)
    return Findings(sound, layer, tuple(inputs.shape), tuple(map(str, notes)), reports)


def read_signal(text: str, settings: STFTSettings) -> Sound:
    """Return the sound of a file, or noise of a shape in the order of axes that the settings say."""
    shape = parse_shape(text)
    if shape is None:
        return read_sound(Path(text))
    batch, n_samples, channels = (int(length or 0) for length in check_input_shape(shape, settings))
    # Counted before it is made: a shape costs nothing to write.
    check_memory(settings, shape, MEMORY_LIMIT)
    noise = np.random.default_rng(0).standard_normal((batch, n_samples, channels), dtype=np.float32)
    return replace(as_sound(LEVEL * noise), name=f"noise of shape {shape}")


def print_findings(findings: Findings) -> None:
    """Print shapes, notes, and what each peer says."""
    settings = findings.layer.settings
    print(describe_sound(findings.sound))
    print_section("Shapes", shape_lines(settings, findings.input_shape, findings.sound.sample_rate))
    if findings.notes:
        print_section("Notes", list(findings.notes))
    for report in findings.reports.values():
        print_section(report.title, report_lines(report))


def report_lines(report: PeerReport) -> list[str]:
    """Tell what a peer says: the verdict, the tolerance, the conventions, and the code for its library."""
    tolerance = [f"Tolerance: {report.tolerance}"] if report.tolerance else []
    told = report.differences if report.verdict == "differs by convention" else ()
    differences = [f"{difference.name}: {difference.sentence}" for difference in told]
    code = [f"    {line}" for line in report.code.splitlines()]
    return [report.sentence, *tolerance, *report.conventions, *differences, *code]


def to_json(findings: Findings) -> dict[str, Any]:
    """Return what was found as JSON knows it; numbers that are not finite are texts."""
    settings = findings.layer.settings
    rows = shape_rows(settings, findings.input_shape, findings.sound.sample_rate)
    return {
        "agrees": findings.agrees,
        "compared": list(findings.compared),
        "signal": findings.sound.name,
        "input_shape": list(findings.input_shape),
        "output_shape": list(output_shape(findings.input_shape, settings)),
        "settings": settings.to_dict(),
        "shapes": [{"name": row.name, "value": row.value, "formula": row.formula} for row in rows],
        "notes": list(findings.notes),
        "peers": {name: report.to_dict() for name, report in findings.reports.items()},
    }
