"""Waiting for a condition, for as long as a loaded machine may need."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until a condition holds; fail if it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"a condition did not hold within {seconds:g} s"
        time.sleep(0.005)
