"""A notebook that takes too long fails, at the cell by which it does."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

CLONE = Path(__file__).parents[1]

SLOW = """
import time
end = time.process_time() + 3
while time.process_time() < end:
    pass
"""


@pytest.fixture
def run(tmp_path):
    """Return a function that has pytest run a notebook of two cells, the second a slow one, within some seconds."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in ("1 + 1", SLOW)])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(notebook, tmp_path / "slow.ipynb")

    def run_within(seconds):
        options = ["-p", "tests.notebook_time", "-o", f"notebook_seconds={seconds}", "-p", "no:cacheprovider"]
        command = [sys.executable, "-m", "pytest", "--rootdir", tmp_path, "--nbval-lax", *options, tmp_path]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=CLONE)

    return run_within


def test_a_notebook_that_takes_too_long_fails_at_the_cell_by_which_it_does(run):
    done = run(3)
    assert done.returncode == 1, done.stdout
    assert "1 failed, 1 passed" in done.stdout
    assert "With this cell slow.ipynb has taken" in done.stdout


def test_a_notebook_within_its_time_passes(run):
    assert run(30).returncode == 0
