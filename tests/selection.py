"""Which values of a parameter `make test` tries: the others are left to `make test-slow`."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def slow_but(values: Iterable[Any], is_quick: Callable[[Any], bool]) -> list[Any]:
    """Mark values of a parameter as slow, but for those that `make test` tries."""
    return [value if is_quick(value) else pytest.param(value, marks=pytest.mark.slow) for value in values]
