"""Damaged files of every format are read or refused with a sentence, whatever they state, within a memory limit."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.read_mutated import ENCODINGS, FAILED, RESULT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits the memory as Linux does")

ROOT = Path(__file__).parents[2]


def read_damaged(n_files, seed, folder):
    """Damage and read files in a process of its own, and return how many of each kind were read."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.read_mutated", str(n_files), str(seed)],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        timeout=600,
    )
    assert done.returncode == 0, f"{done.stderr[-3000:]}\nThe file is {folder / FAILED}."
    return json.loads((folder / RESULT).read_text(encoding="utf-8"))


@pytest.mark.parametrize(("n_files", "seed"), [(2, 0), pytest.param(150, 1, marks=pytest.mark.slow)])
def test_damaged_files_are_read_or_refused_within_the_memory_limit(n_files, seed, tmp_path):
    n_read = read_damaged(n_files, seed, tmp_path)
    assert len(n_read) == len(ENCODINGS) + 2
    assert 0 < sum(n_read.values()) < n_files * len(n_read)
