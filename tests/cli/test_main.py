"""The command line as a whole: what it is called, and how it refuses."""

import subprocess
import sys
from pathlib import Path

import pytest

import specwidget
from specwidget.cli import COMMANDS, build_parser, main


def test_version_is_the_package_s_own(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"specwidget {specwidget.__version__}\n"


def test_every_command_has_a_summary_of_its_own():
    text = build_parser().format_help()
    summaries = [command.__doc__.splitlines()[0] for command in COMMANDS.values()]
    assert len(set(summaries)) == len(COMMANDS)
    assert all(summary in " ".join(text.split()) for summary in summaries)


def test_without_a_command_the_usage_is_told(capsys):
    with pytest.raises(SystemExit, match="2"):
        main([])
    assert "COMMAND" in capsys.readouterr().err


def test_the_installed_program_refuses_with_status_2_and_no_traceback():
    program = Path(sys.executable).with_name("specwidget")
    done = subprocess.run([program, "lab", "missing.wav"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "specwidget lab: `file` must exist; got 'missing.wav', which does not.\n"


def test_ctrl_c_ends_a_command_without_a_traceback(monkeypatch):
    def interrupt(_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(COMMANDS["lab"], "run", interrupt)
    assert main(["lab"]) == 130
