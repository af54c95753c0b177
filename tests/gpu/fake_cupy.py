"""A fake of CuPy: NumPy arrays behind CuPy's interface, which reach the host only by `get`.

It lets the code that a CUDA device would run be run without one, and remembers which functions were called how, so
that the installed CuPy can be asked whether it has them.
"""

from __future__ import annotations

from typing import Any, ClassVar

import array_api_compat.numpy as values_of
import numpy as np

CALLS: set[tuple[str, int, tuple[str, ...]]] = set()
"""Called functions: name within the namespace, number of positional arguments, names of keywords."""

METHODS: set[str] = set()
"""Methods and attributes of arrays that were accessed."""


class OutOfMemoryError(Exception):
    """Raised if an array exceeds `max_bytes`, with the name of CuPy's error."""


class ndarray:
    """An array like CuPy's: it refuses implicit conversion to NumPy, and has the same operators."""

    __array_priority__ = 100
    max_bytes: ClassVar[float] = float("inf")

    def __init__(self, held: np.ndarray) -> None:
        if held.nbytes > self.max_bytes:
            raise OutOfMemoryError(f"Out of memory allocating {held.nbytes} bytes.")
        self.held = held

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Please use `.get()`.")

    def __array_ufunc__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("A NumPy ufunc was called with an array of the device.")

    def __bool__(self) -> bool:
        raise AssertionError("A branch on a value of the device waits for it.")

    __float__ = __int__ = __bool__

    def get(self) -> np.ndarray:
        """Return the values on the host."""
        return self.held.copy()

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):
            METHODS.add(name)
        return wrapped(getattr(self.held, name))

    def __getitem__(self, place: Any) -> Any:
        return wrapped(self.held[unwrapped(place)])

    def __setitem__(self, place: Any, value: Any) -> None:
        if isinstance(value, np.ndarray):
            raise TypeError("An array of the host was assigned to one of the device.")
        self.held[unwrapped(place)] = unwrapped(value)


def _operator(name: str) -> Any:
    """Return an operator that refuses host arrays."""

    def operate(self: ndarray, *others: Any) -> Any:
        if any(isinstance(other, np.ndarray) for other in others):
            raise TypeError(f"Unsupported type for {name}: an array of the host.")
        result = getattr(self.held, name)(*map(unwrapped, others))
        return self if result is self.held else wrapped(result)

    return operate


BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or")
COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")
for _name in (
    *(f"__{prefix}{name}__" for name in BINARY for prefix in ("", "r", "i")),
    *(f"__{name}__" for name in COMPARISONS),
    "__neg__",
    "__abs__",
    "__invert__",
):
    setattr(ndarray, _name, _operator(_name))
ndarray.__hash__ = None  # type: ignore[assignment]
ndarray.__module__ = "cupy"


def wrapped(value: Any) -> Any:
    """Wrap NumPy's arrays and scalars (as 0-dimensional arrays) as device arrays, also in results of methods."""
    if isinstance(value, np.ndarray | np.generic):
        return ndarray(np.asarray(value))
    if isinstance(value, tuple) and not isinstance(value, type):
        return tuple(wrapped(one) for one in value)
    if callable(value) and not isinstance(value, type) and not isinstance(value, np.dtype):
        return lambda *args, **keywords: wrapped(value(*map(unwrapped, args), **_all_unwrapped(keywords)))
    return value


def unwrapped(value: Any) -> Any:
    """Convert device arrays to NumPy's."""
    if isinstance(value, ndarray):
        return value.held
    if isinstance(value, tuple | list):
        return type(value)(unwrapped(one) for one in value)
    return value


def _all_unwrapped(keywords: dict[str, Any]) -> dict[str, Any]:
    """Convert keyword arguments to NumPy's, without `device`."""
    return {name: unwrapped(value) for name, value in keywords.items() if name != "device"}


class Namespace:
    """The functions of an array library, recorded when called."""

    def __init__(self, held: Any = values_of, path: str = "") -> None:
        self._held, self._path = held, path

    def __getattr__(self, name: str) -> Any:
        found = getattr(np if name == "lib" else self._held, name)
        path = f"{self._path}{name}"
        if isinstance(found, type) or not (callable(found) or hasattr(found, "__name__")):
            return found
        if not callable(found):
            return Namespace(found, f"{path}.")

        def call(*args: Any, **keywords: Any) -> Any:
            if any(isinstance(arg, np.ndarray) for arg in args) and name not in ("asarray", "array"):
                raise TypeError(f"{path} was called with an array of the host.")
            CALLS.add((path, len(args), tuple(sorted(keywords))))
            out = keywords.get("out")
            result = found(*map(unwrapped, args), **_all_unwrapped(keywords))
            return wrapped(result) if out is None else out

        return call


NAMESPACE = Namespace()
