"""A notebook fails at the cell that writes to the standard error stream, and at the one by which it takes too long."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.browser.notebooks import make_cell, write_cells
from tests.notebook_checks import OPTION, processor_seconds, pytest_runtest_call

CLONE = Path(__file__).parents[1]

SLOW = """
import time
end = time.process_time() + 3
while time.process_time() < end:
    pass
"""
WARNING = "import sys; print('careful', file=sys.stderr)"


def cell(most, *outputs):
    """Return a cell that has run in a kernel, which is this process, of a notebook with a limit in seconds."""
    kernel = SimpleNamespace(km=SimpleNamespace(provisioner=SimpleNamespace(pid=os.getpid())))
    config = SimpleNamespace(getini={OPTION: str(most)}.__getitem__)
    path = Path("notebook.ipynb")
    return SimpleNamespace(parent=SimpleNamespace(kernel=kernel), config=config, path=path, test_outputs=outputs)


def check(item):
    """Run the hook around a cell."""
    hook = pytest_runtest_call(item)
    next(hook)
    with pytest.raises(StopIteration):
        hook.send(None)


def test_a_notebook_within_its_time_passes():
    check(cell(processor_seconds(os.getpid()) + 60, {"output_type": "stream", "name": "stdout", "text": "fine"}))


def test_a_notebook_that_takes_too_long_fails():
    with pytest.raises(
        pytest.fail.Exception, match=r"notebook\.ipynb has taken .* s of processor time; 0.1 is the most"
    ):
        check(cell(0.1))


def test_the_time_of_children_counts():
    before = processor_seconds(os.getpid())
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.3: pass"], check=True)
    assert processor_seconds(os.getpid()) - before > 0.25


def test_a_test_that_is_no_cell_is_let_through():
    check(SimpleNamespace(parent=None))


@pytest.mark.slow
def test_pytest_fails_the_cells_that_are_to_blame(tmp_path):
    """The first cell passes, the second one is tagged so that nbval compares nothing, the third one is slow."""
    cells = [make_cell("1 + 1"), make_cell(WARNING, tags=["nbval-ignore-output"]), make_cell(SLOW)]
    write_cells(tmp_path / "slow.ipynb", cells)
    options = ["-p", "tests.notebook_checks", "-o", "notebook_seconds=3", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "--rootdir", tmp_path, "--nbval-lax", *options, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, cwd=CLONE)
    assert done.returncode == 1, done.stdout
    assert "2 failed, 1 passed" in done.stdout
    assert "The cell writes to the standard error stream: careful" in done.stdout
    assert "With this cell slow.ipynb has taken" in done.stdout
