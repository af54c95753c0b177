"""Survey the recordings of a corpus, or write their features; exit status 1 if a file can't be read.

Both run on all CPUs of this machine, or on a Dask cluster with `--scheduler`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from specwidget.cli.errors import UsageError
from specwidget.cli.settings import add_settings, given_settings
from specwidget.files import check_writable
from specwidget.summary.controls import SETTING_CONTROLS, STAGE_CONTROLS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `specwidget corpus`, with those of its two actions."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="survey|write")
    survey = actions.add_parser(
        "survey",
        help="say what is in a corpus, and whether settings suit it",
        description="Survey a corpus; with settings, also the values of the layer.",
    )
    survey.add_argument("--json", action="store_true", help="print the survey as one JSON object")
    survey.add_argument("-o", "--output", type=Path, metavar="REPORT", help="save a report, .html, .json or .parquet")
    write = actions.add_parser(
        "write",
        help="write the features of a corpus to a Zarr store, or continue to",
        description="Write the values of the layer for every recording to a Zarr store; what is there is kept.",
    )
    write.add_argument("--chunks", type=int, metavar="N", help="frames in a chunk; by default as many as take 256 KiB")
    write.add_argument(
        "--by-content",
        action="store_true",
        help="keep what is stored of a file whose content is the same, whatever its time",
    )
    for action in (survey, write):
        action.add_argument("files", metavar="DIR", help="folder, pattern such as 'train/**/*.flac', or sound file")
        if action is write:
            action.add_argument("store", metavar="STORE", help="folder of the store, such as features.zarr")
        action.add_argument("--scheduler", metavar="ADDRESS", help="address of a Dask scheduler; without, this machine")
        action.add_argument("--quiet", action="store_true", help="show no progress")
        add_settings(action)


def run(arguments: argparse.Namespace) -> int:
    """Run one of the actions; return 1 if a file can't be read."""
    with _usage_errors():
        return ACTIONS[arguments.action](arguments)


def run_survey(arguments: argparse.Namespace) -> int:
    """Survey, print, save the report."""
    from specwidget.corpus import survey

    if arguments.output is not None:
        check_output(arguments.output)
    layer = given_settings(arguments) if has_settings(arguments) else None
    with connected(arguments) as client:
        found = survey(arguments.files, layer, client=client, progress=not arguments.quiet)
    print(json.dumps(found.to_dict()) if arguments.json else found)
    if arguments.output is not None:
        save = {".html": found.to_html, ".json": found.to_json, ".parquet": found.to_parquet}
        save[arguments.output.suffix.lower()](arguments.output)
    return 1 if found.unreadable else 0


def run_write(arguments: argparse.Namespace) -> int:
    """Write, and print what was done."""
    from specwidget.corpus import write

    layer = given_settings(arguments)
    with connected(arguments) as client:
        report = write(
            *(arguments.files, layer, arguments.store),
            client=client,
            chunks=arguments.chunks,
            by_content=arguments.by_content,
            progress=not arguments.quiet,
        )
    print(report)
    return 1 if report.problems else 0


ACTIONS = {"survey": run_survey, "write": run_write}


def check_output(path: Path) -> None:
    """Check that a report can be written, before anything is surveyed."""
    if path.suffix.lower() not in (".html", ".json", ".parquet"):
        raise UsageError(f"`--output` must end with one of .html, .json, .parquet; got {str(path)!r}.")
    if not path.parent.is_dir():
        raise UsageError(f"`--output` must be in an existing folder; got {str(path)!r}.")
    check_writable(path)


def has_settings(arguments: argparse.Namespace) -> bool:
    """Return whether any setting, file of settings or front end was given."""
    names = {control.name for control in (*SETTING_CONTROLS, *STAGE_CONTROLS)}
    given = vars(arguments)
    return bool(names & given.keys()) or arguments.settings is not None or arguments.front_end is not None


@contextmanager
def connected(arguments: argparse.Namespace) -> Iterator[Any]:
    """Yield a client of the scheduler that was named, or None."""
    if arguments.scheduler is None:
        yield None
        return
    from specwidget.corpus.tasks import import_distributed

    try:
        client = import_distributed().Client(arguments.scheduler, timeout="10s")
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(f"`--scheduler` must be that of a running scheduler; got {arguments.scheduler!r}.") from error
    with client:
        yield client


@contextmanager
def _usage_errors() -> Iterator[None]:
    """Turn what a user can cause into a usage error."""
    from specwidget.corpus import CorpusError

    try:
        yield
    except (ValueError, TypeError, OSError, CorpusError) as error:
        raise UsageError(str(error)) from None
