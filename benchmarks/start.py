"""The first cell of a notebook: seconds until `explore()` has returned, and the memory of the process then."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from benchmarks.measure import summarise

Row = dict[str, Any]

CELL = """
import time
started = time.perf_counter()
import specwidget
imported = time.perf_counter()
{cell}
seconds = time.perf_counter() - started
import json, os
resident = int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
print(json.dumps({{"seconds": seconds, "import": imported - started, "memory": resident}}))
"""
EXPLORER, IMPORT = "explore()", "import specwidget"


def measure_start(repeats: int) -> list[Row]:
    """Measure the import and an explorer, each time in a fresh process of Python whose files the system has read."""
    told = [_in_a_process(CELL.format(cell="explorer = specwidget.explore()")) for _ in range(max(3, repeats // 3))]
    seconds = {IMPORT: [each["import"] for each in told], EXPLORER: [each["seconds"] for each in told]}
    first = min(seconds[IMPORT])
    case = "a fresh process"
    rows = [
        {"case": case, "engine": name, **summarise(values), "ratio": min(values) / first}
        for name, values in seconds.items()
    ]
    rows[-1]["resident"] = max(each["memory"] for each in told)
    return rows


def _in_a_process(code: str) -> Row:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    row: Row = json.loads(done.stdout.splitlines()[-1])
    return row
