"""A stand-in for CuPy: NumPy arrays behind CuPy's interface, which reach the host only by `get`.

It lets the code that CUDA devices would run be run without one. It remembers which functions were called how, so that
the installed CuPy can be asked whether it has them; it counts what a device would do; its arrays belong to a device and
refuse to be used on another; and its kernels are CuPy's, compiled for the host.
"""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from typing import Any, ClassVar

import array_api_compat.numpy as values_of
import numpy as np

from tests.gpu import host_kernels

CALLS: set[tuple[str, int, tuple[str, ...]]] = set()
"""Called functions: name within the namespace, number of positional arguments, names of keywords."""

METHODS: set[str] = set()
"""Methods and attributes of arrays that were accessed."""

COUNTS: Counter[str] = Counter()
"""What a device would have done: "launches", "waits" of the host for it, "transfers" either way, new "plans" of FFTs,
and "bytes" that were read and written."""

VIEWS = ("real", "imag", "T")
"""Attributes of arrays that take no launch."""

UNLIMITED = -1


class OutOfMemoryError(MemoryError):
    """Raised if an array exceeds `max_bytes`, with the name and base class of CuPy's error."""


def take_memory() -> None:
    """Be called before whatever may take memory of the device: a new array, or a launch, which may load code."""


class Device:
    """A device by its number; as a context the current one of the thread."""

    _current = threading.local()

    def __init__(self, number: int | None = None) -> None:
        self.id = self.current() if number is None else number

    @classmethod
    def current(cls) -> int:
        """Return the number of the current device: 0 in a new thread."""
        return getattr(cls._current, "stack", [0])[-1]

    def __enter__(self) -> Device:
        self._current.stack = [*getattr(self._current, "stack", [0]), self.id]
        return self

    def __exit__(self, *_: Any) -> None:
        self._current.stack.pop()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and self.id == other.id

    def __hash__(self) -> int:
        return self.id

    def __str__(self) -> str:
        return f"<CUDA Device {self.id}>"

    __repr__ = __str__


class ndarray:
    """An array like CuPy's: it refuses implicit conversion to NumPy, and has the same operators."""

    __array_priority__ = 100
    max_bytes: ClassVar[float] = float("inf")

    def __init__(self, held: np.ndarray) -> None:
        if held.base is None and held.nbytes > self.max_bytes:
            raise OutOfMemoryError(f"Out of memory allocating {held.nbytes} bytes.")
        self.held = held
        self.device = Device()

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Please use `.get()`.")

    def __array_ufunc__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("A NumPy ufunc was called with an array of the device.")

    def __dlpack__(self, **keywords: Any) -> Any:
        return self.held.__dlpack__(**keywords)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.held.__dlpack_device__()

    def __bool__(self) -> bool:
        raise AssertionError("A branch on a value of the device waits for it.")

    def __float__(self) -> float:
        return float(self.get())

    def __int__(self) -> int:
        return int(self.get())

    def __len__(self) -> int:
        return len(self.held)

    def get(self) -> np.ndarray:
        """Return the values on the host."""
        COUNTS.update(waits=1, transfers=1, bytes=self.held.nbytes)
        return self.held.copy()

    def set(self, values: np.ndarray) -> None:
        """Copy values from the host, without page-locked memory."""
        assert (self.held.shape, self.held.dtype) == (values.shape, values.dtype)
        self.held[...] = values
        COUNTS.update(transfers=1, bytes=values.nbytes)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        METHODS.add(name)
        found = getattr(self.held, name)
        if not callable(found):
            return on_device(found, self.device)
        return lambda *args, **keywords: counted(found, (self, *args), keywords, skip=1)

    def __getitem__(self, place: Any) -> Any:
        if is_mask(place):
            COUNTS.update(waits=1)
        return counted(np.ndarray.__getitem__, (self, place), {})

    def __setitem__(self, place: Any, value: Any) -> None:
        if isinstance(value, np.ndarray):
            raise TypeError("An array of the host was assigned to one of the device.")
        if is_mask(place):
            COUNTS.update(waits=1)
        self.held[unwrapped(place)] = unwrapped(value)
        COUNTS.update(launches=1, bytes=self.held[unwrapped(place)].nbytes)


def is_mask(place: Any) -> bool:
    """Return whether an index has an array of bool, whose values CuPy counts on the host."""
    places = place if isinstance(place, tuple) else (place,)
    return any(isinstance(one, ndarray) and one.held.dtype == bool for one in places)


def _operator(name: str) -> Any:
    """Return an operator that refuses host arrays."""

    def operate(self: ndarray, *others: Any) -> Any:
        if any(isinstance(other, np.ndarray) for other in others):
            raise TypeError(f"Unsupported type for {name}: an array of the host.")
        result = counted(getattr(self.held, name), (self, *others), {}, skip=1)
        return self if isinstance(result, ndarray) and result.held is self.held else result

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


def counted(function: Any, args: tuple[Any, ...], keywords: dict[str, Any], skip: int = 0) -> Any:
    """Call a function of NumPy with the values of device arrays, and count it as a launch unless it returns a view.

    The first `skip` arguments belong to the function already.
    """
    take_memory()
    given = [held_in(arg) for arg in args]
    result = function(*given[skip:], **{name: held_in(value) for name, value in keywords.items() if name != "device"})
    if not isinstance(result, np.ndarray | np.generic):
        return result
    arrays = [value for value in given if isinstance(value, np.ndarray)]
    if keywords.get("out") is None and any(np.may_share_memory(result, array) for array in arrays):
        # A view is where its array is, whatever the current device.
        return on_device(result, next(arg.device for arg in args if isinstance(arg, ndarray)))
    for arg in (*args, *keywords.values()):
        unwrapped(arg)
    COUNTS.update(launches=1, bytes=result.nbytes + sum(array.nbytes for array in arrays))
    return on_device(result, Device())


def on_device(value: Any, device: Device) -> Any:
    """Wrap NumPy's arrays and scalars (as 0-dimensional arrays) as arrays of a device."""
    if isinstance(value, np.ndarray | np.generic):
        with device:
            return ndarray(np.asarray(value))
    if isinstance(value, tuple) and not isinstance(value, type):
        return tuple(on_device(one, device) for one in value)
    return value


def held_in(value: Any) -> Any:
    """Convert device arrays to NumPy's."""
    if isinstance(value, ndarray):
        return value.held
    if isinstance(value, tuple | list):
        return type(value)(held_in(one) for one in value)
    return value


def unwrapped(value: Any) -> Any:
    """Convert device arrays to NumPy's; arrays of another than the current device are refused."""
    if isinstance(value, ndarray):
        if value.device.id != Device.current():
            raise ValueError(f"The array is on {value.device}, but device {Device.current()} is current.")
        return value.held
    if isinstance(value, tuple | list):
        return type(value)(unwrapped(one) for one in value)
    return value


class RawKernel:
    """A kernel that runs on the host."""

    def __init__(self, code: str, name: str, options: tuple[str, ...] = ()) -> None:
        self._launch = host_kernels.compiled(code, name, tuple(options))

    def __call__(self, grid: tuple[int, ...], block: tuple[int, ...], args: tuple[Any, ...]) -> None:
        """Run the kernel for every thread of the grid."""
        across, down = (*block, 1)[:2]
        # CUDA refuses an empty grid, and more threads than these.
        assert min(grid) > 0
        assert across * down <= 1024
        take_memory()
        values = [unwrapped(arg) for arg in args]
        # CuPy takes Python's numbers as other types than one might think.
        assert all(isinstance(value, np.ndarray | np.generic) for value in values)
        self._launch(*grid, across, down, *map(host_kernels.as_argument, values))
        COUNTS.update(launches=1, bytes=sum(value.nbytes for value in values if isinstance(value, np.ndarray)))


class PlanCache:
    """cuFFT's plans, of which each has a work area, by size of the FFT and of the batch."""

    def __init__(self) -> None:
        self.plans: set[tuple[Any, ...]] = set()
        self.memsize = UNLIMITED

    def get_memsize(self) -> int:
        """Return the most bytes that the plans may hold."""
        return self.memsize

    def set_memsize(self, n_bytes: int) -> None:
        """Set the most bytes that the plans may hold."""
        self.memsize = n_bytes

    def get_curr_size(self) -> int:
        """Return the number of plans."""
        return len(self.plans)

    def get_curr_memsize(self) -> int:
        """Return the bytes that the plans hold."""
        return 0

    def clear(self) -> None:
        """Forget all plans."""
        self.plans.clear()


PLANS = PlanCache()


class _Module:
    """A part of CuPy that is not a function of the array API."""

    def __init__(self, **members: Any) -> None:
        self.__dict__.update(members)


class Namespace:
    """The functions of an array library, recorded and counted when called."""

    def __init__(self, held: Any = values_of, path: str = "", **members: Any) -> None:
        self._held, self._path = held, path
        self.__dict__.update(members)

    def __getattr__(self, name: str) -> Any:
        found = getattr(np if name in ("lib", "copyto", "ascontiguousarray", "float32") else self._held, name)
        path = f"{self._path}{name}"
        if isinstance(found, type) or not (callable(found) or hasattr(found, "__name__")):
            return found
        if not callable(found):
            members = {"config": FFT_CONFIG} if name == "fft" else {}
            return Namespace(found, f"{path}.", **members)

        def call(*args: Any, **keywords: Any) -> Any:
            sent = [arg for arg in args if isinstance(arg, np.ndarray)]
            if sent and name not in ("asarray", "array"):
                raise TypeError(f"{path} was called with an array of the host.")
            CALLS.add((path, len(args), tuple(sorted(keywords))))
            if name == "from_dlpack":
                return on_device(found(*args, **keywords), Device())
            if name in ("asarray", "array") and not isinstance(args[0], ndarray):
                made = np.array(*args, dtype=keywords.get("dtype"))
                COUNTS.update(transfers=1, bytes=made.nbytes)
                return on_device(made, Device())
            if name in ("empty", "empty_like"):
                take_memory()
                return on_device(found(*map(unwrapped, args), **_without_device(keywords)), Device())
            if self._path == "fft.":
                _count_fft(args[0], keywords, is_inverse=name == "irfft")
            result = counted(found, args, keywords)
            return keywords["out"] if keywords.get("out") is not None else result

        return call


def _without_device(keywords: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in keywords.items() if name != "device"}


def _count_fft(array: ndarray, keywords: dict[str, Any], *, is_inverse: bool) -> None:
    """Count the copy that CuPy makes of a view, and of what an inverse FFT would overwrite; and a plan that is new."""
    if is_inverse or (array.held.base is not None and array.held.base.nbytes != 0):
        COUNTS.update(launches=1, bytes=2 * array.held.nbytes)
    plan = (keywords.get("n"), str(array.held.dtype), math.prod(array.shape[:-1]))
    if plan not in PLANS.plans:
        COUNTS.update(plans=1)
        PLANS.plans.add(plan)


class Stream:
    """The only stream."""

    def synchronize(self) -> None:
        """Wait for the device."""
        COUNTS.update(waits=1)


class Event:
    """A time on the only stream, where all is done when it is asked for."""

    def record(self) -> None:
        """Take the time."""
        self.seconds = time.perf_counter()

    def synchronize(self) -> None:
        """Wait for the device."""
        COUNTS.update(waits=1)


class MemoryPool:
    """A pool that retains nothing, and limits each array by itself."""

    def free_all_blocks(self) -> None:
        """Count the call."""
        COUNTS.update(freed=1)

    def used_bytes(self) -> int:
        """Return the bytes of all arrays."""
        return 0

    total_bytes = n_free_blocks = used_bytes

    def get_limit(self) -> int:
        """Return the most bytes, 0 if there is no limit."""
        return 0 if ndarray.max_bytes == float("inf") else int(ndarray.max_bytes)

    def set_limit(self, size: int) -> None:
        """Set the most bytes, 0 for no limit."""
        ndarray.max_bytes = size or float("inf")


FFT_CONFIG = _Module(get_plan_cache=lambda: PLANS, clear_plan_cache=PLANS.clear)

NAMESPACE = Namespace(
    ndarray=ndarray,
    RawKernel=RawKernel,
    get_default_memory_pool=MemoryPool,
    get_default_pinned_memory_pool=MemoryPool,
    cuda=_Module(
        Device=Device,
        Event=Event,
        get_elapsed_time=lambda begin, end: 1e3 * (end.seconds - begin.seconds),
        get_current_stream=Stream,
        runtime=_Module(
            getDeviceCount=lambda: 2,
            driverGetVersion=lambda: 13000,
            runtimeGetVersion=lambda: 13000,
            getDeviceProperties=lambda _: {"name": b"stand-in", "major": 9, "minor": 0, "totalGlobalMem": 2**34},
        ),
    ),
)
