"""The command line: `lab` opens the explorer, `show` describes a file, `check` compares, `code` writes code.

Each command is a module with two functions, `add_arguments(parser)` and `run(arguments)`, which may return an exit
status, and an entry in `COMMANDS`.
An error of the user ends as one message and exit status 2; any other keeps its traceback.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version

from specwidget.cli import check, code, lab, show
from specwidget.cli.errors import UsageError

COMMANDS = {"lab": lab, "show": show, "check": check, "code": code}

EPILOG = "specwidget COMMAND --help lists the options of a command."


def build_parser() -> argparse.ArgumentParser:
    """Build the parser, with a subcommand for each entry of `COMMANDS`."""
    parser = argparse.ArgumentParser(
        prog="specwidget",
        description="Explore, check and export settings of the short-time Fourier transform.",
        epilog=EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"specwidget {version('specwidget')}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        summary = (command.__doc__ or "").splitlines()[0]
        command.add_arguments(subparsers.add_parser(name, help=summary, description=summary))
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments after the program's name; by default those of this process.

    Returns
    -------
    int
        Exit status: that of the command, 2 after a usage error, 130 after Ctrl-C.
    """
    arguments = build_parser().parse_args(argv)
    try:
        status: int | None = COMMANDS[arguments.command].run(arguments)
    except UsageError as error:
        print(f"specwidget {arguments.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return status or 0
