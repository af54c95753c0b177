"""What nbval does not check of a notebook: how long it takes, and that no cell writes to the standard error stream.

A notebook may take `notebook_seconds`, an option of pytest's configuration. What is counted is the time that processors
work for its kernel and the kernel's children: the time of a clock would also be that of whatever else runs. A notebook
that takes no more works no longer than this on one core alone.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

OPTION = "notebook_seconds"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the limit to the configuration."""
    parser.addini(OPTION, "most processor time for a notebook, seconds", default="30")


def processor_seconds(pid: int) -> float:
    """Return the time that processors have worked for a process and its children, seconds."""
    # Only here: on a machine with a GPU the tests of tests/gpu need no more than pytest.
    import psutil

    process = psutil.Process(pid)
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        try:
            used = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += used.user + used.system
        # Those of a child that has ended are in its parent's.
        total += getattr(used, "children_user", 0.0) + getattr(used, "children_system", 0.0)
    return total


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: Any) -> Generator[None, object, object]:
    """Fail the cell of a notebook that writes to the standard error stream, or by which it has taken too long."""
    result = yield
    kernel = getattr(item.parent, "kernel", None)
    if kernel is not None:
        # nbval compares them only where a cell's outputs are compared.
        errors = [output["text"] for output in item.test_outputs or () if output.get("name") == "stderr"]
        if errors:
            pytest.fail(f"The cell writes to the standard error stream: {''.join(errors)}")
        taken, most = processor_seconds(kernel.km.provisioner.pid), float(item.config.getini(OPTION))
        if taken > most:
            pytest.fail(
                f"With this cell {item.path.name} has taken {taken:.1f} s of processor time; {most:g} is the most."
            )
    return result
