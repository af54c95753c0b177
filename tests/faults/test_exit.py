"""Python's exit while something is computed: no thread is stopped within compiled code, which would abort."""

import subprocess
import sys

import pytest

WORKS = """
import time
import numpy as np
import scipy.fft
from specwidget.widgets.debounce import Debouncer

values = np.zeros((200, 4096), "float32")

def work():
    while not debouncer.is_closed:
        scipy.fft.rfft(values)

debouncer = Debouncer(work, 0.0)
debouncer.request()
time.sleep(0.1)
"""

OPENS = """
import sys, time
import numpy as np
import specwidget

explorer = specwidget.explore(np.random.default_rng(0).standard_normal(2_000_000).astype("f4"), 16_000)
time.sleep({seconds})
{close}
"""


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)


def test_work_that_looks_at_is_closed_ends_before_the_exit():
    ended = run(WORKS)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("close", ["explorer.close()", ""], ids=["closed", "left open"])
@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.26, 0.5])
def test_a_script_with_an_explorer_exits_with_status_0(seconds, close):
    ended = run(OPENS.format(seconds=seconds, close=close))
    assert (ended.returncode, ended.stderr) == (0, "")
