"""The first cell of a notebook: seconds until `explore()` has returned, and the memory of the process then.

The limit is the import of the packages that the first picture needs: NumPy, SciPy's FFT, IPython
and ipywidgets. A kernel has imported IPython before the cell runs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from benchmarks.measure import summarise

Row = dict[str, Any]

CELL = """
import time
started = time.perf_counter()
{cell}
seconds = time.perf_counter() - started
import json, os
resident = int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
print(json.dumps({{"seconds": seconds, "resident": resident}}))
"""
EXPLORER, LIMIT = "explore()", "imports of other packages"
CELLS = {
    LIMIT: "import numpy, scipy.fft, IPython, ipywidgets",
    EXPLORER: "import specwidget; explorer = specwidget.explore()",
}


def measure_start(repeats: int) -> list[Row]:
    """Measure an explorer and the limit in turns, each in a fresh process whose files the system has read before."""
    told: dict[str, list[Row]] = {name: [] for name in CELLS}
    for _ in range(max(3, repeats // 3)):
        for name, cell in CELLS.items():
            told[name].append(_in_a_process(CELL.format(cell=cell)))
    seconds = {name: [each["seconds"] for each in rows] for name, rows in told.items()}
    resident = {name: max(each["resident"] for each in rows) for name, rows in told.items()}
    least = min(seconds[LIMIT])
    return [
        {
            "case": "a fresh process",
            "engine": name,
            **summarise(seconds[name]),
            "ratio": min(seconds[name]) / least,
            "resident": resident[name],
        }
        for name in CELLS
    ]


def _in_a_process(code: str) -> Row:
    # Without it, Python would compile this package at every start, as it does for nobody who has installed it.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    row: Row = json.loads(done.stdout.splitlines()[-1])
    return row
