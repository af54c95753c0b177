"""Threads of a test end with it: mutmut counts which test reaches which function, and fails where one goes on."""

import pytest

from specwidget.widgets import debounce

BEFORE = pytest.StashKey[set[debounce.Debouncer]]()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Remember what there was before the test."""
    item.stash[BEFORE] = set(debounce._DEBOUNCERS)


# First, as mutmut counts in the same hook, before fixtures are finished.
@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """End the threads of states that the test has left open."""
    started = set(debounce._DEBOUNCERS) - item.stash[BEFORE]
    for debouncer in started:
        debouncer.close()
    for debouncer in started:
        debouncer.join(debounce.EXIT_S)
