"""The command line: `lab` explores, `show` describes a file, `check` compares, `code` writes code, `corpus` reads many.

Each command is a module with two functions, `add_arguments(parser)` and `run(arguments)`, which may return an exit
status, and an entry in `COMMANDS`.
An error of the user ends as one message and exit status 2; any other keeps its traceback.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from specwidget import __version__
from specwidget.cli import check, code, corpus, lab, show
from specwidget.cli.errors import UsageError
from specwidget.stft.other_names import argument_hint
from specwidget.stft.settings import SETTING_DEFAULTS

COMMANDS = {"lab": lab, "show": show, "check": check, "code": code, "corpus": corpus}

EPILOG = "specwidget COMMAND --help lists the options of a command."


class _Parser(argparse.ArgumentParser):
    """A parser that says what the options of other libraries are called here."""

    def error(self, message: str) -> NoReturn:
        """Print the message, with a hint for each unknown option that has another name here, and exit."""
        _, is_unknown, words = message.partition("unrecognized arguments: ")
        options = [word[2:].partition("=")[0] for word in words.split() if word.startswith("--")] if is_unknown else []
        hints = [argument_hint(option.replace("-", "_"), SETTING_DEFAULTS) for option in options]
        super().error(" ".join([message, *(_as_options(hint) for hint in hints if hint)]))


def _as_options(hint: str) -> str:
    """Return a hint with options in place of arguments."""
    return _NAME.sub(lambda match: f"--{match[1].replace('_', '-')}", hint)


_NAME = re.compile(r"`(\w+)`")


def build_parser() -> argparse.ArgumentParser:
    """Build the parser, with a subcommand for each entry of `COMMANDS`."""
    parser = _Parser(
        prog="specwidget",
        description="Explore, check and export settings of the short-time Fourier transform.",
        epilog=EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"specwidget {__version__}")
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
