"""The transform on a CUDA device: needs no more than NumPy, SciPy, CuPy, array-api-compat and specwidget.

Times on the device are taken by CUDA events, transfers apart; the first call of a process, which loads libraries and
compiles, is told as such. Beside them stands the same number of FFTs and nothing else.
"""

from __future__ import annotations

import importlib
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.cases import CASES, EPSILON, Case
from benchmarks.measure import summarise

Row = dict[str, Any]


def measure_gpu(repeats: int) -> list[Row]:
    """Measure each case on the device; a single row that says why where there is none."""
    from specwidget.devices import find_gpu

    found = find_gpu()
    if not found.available:
        raise SystemExit(f"benchmarks: no CUDA device can be used: {found.reason}")
    rows: list[Row] = []
    for case in CASES.values():
        for mode in ("log", "magnitude", "stft"):
            rows += _measure_case(case, mode, repeats)
        rows += _measure_case(case, "magnitude", repeats, trained=True)
    return rows


def _measure_case(case: Case, mode: str, repeats: int, *, trained: bool = False) -> list[Row]:
    """Measure one case: the first call, calls on the device, transfers, the FFTs alone, and NumPy in and out."""
    import specwidget

    cupy: Any = importlib.import_module("cupy")
    signal = case.make_signal()
    arguments = {"periodic": True, "scaling": None, "epsilon": EPSILON}
    layer = specwidget.STFTSpectrogram(mode, case.frame_length, case.frame_step, backend="cupy", **arguments)
    if trained:
        layer.set_weights([kernel * np.float32(1.01) for kernel in layer.get_weights()])
    started = time.perf_counter()
    there = cupy.asarray(signal)
    result = layer(there)
    cupy.cuda.Device().synchronize()
    cold = time.perf_counter() - started
    host = result.get()
    n_rows = case.batch * case.channels * ((signal.shape[1] - case.frame_length) // case.frame_step + 1)
    frames = cupy.zeros((n_rows, case.frame_length), dtype=cupy.float32)
    calls: dict[str, Callable[[], Any]] = {
        "on the device": lambda: layer(there),
        "the FFTs alone": lambda: cupy.fft.rfft(frames),
        "to the device": lambda: cupy.asarray(signal),
        "to the host": result.get,
        "NumPy in and out": lambda: layer(signal),
    }
    times = {name: _by_events(cupy, call, repeats) for name, call in calls.items()}
    on_host = specwidget.STFTSpectrogram(mode, case.frame_length, case.frame_step, backend="numpy", **arguments)
    on_host.set_weights(layer.get_weights())
    times["specwidget on the host"] = [_seconds(lambda: on_host(signal)) for _ in range(max(3, repeats // 5))]
    error = float(np.abs(host - on_host(signal)).max() / np.abs(host).max())
    first = statistics.median(times["on the device"])
    title = f"{case.title}{', trained kernels' if trained else ''}"
    rows = [{"case": title, "mode": mode, "engine": "first call", "least": 1e3 * cold, "median": 1e3 * cold}]
    rows += [{"case": title, "mode": mode, "engine": name, **summarise(seconds)} for name, seconds in times.items()]
    for row in rows:
        row["ratio"] = row["median"] / (1e3 * first)
    rows[1]["error"] = error
    return rows


def _by_events(cupy: Any, call: Callable[[], Any], repeats: int) -> list[float]:
    """Return the seconds of each call between two events on the stream, after two calls that are not counted."""
    for _ in range(2):
        call()
    seconds = []
    for _ in range(repeats):
        begin, end = cupy.cuda.Event(), cupy.cuda.Event()
        begin.record()
        result = call()
        end.record()
        end.synchronize()
        seconds.append(cupy.cuda.get_elapsed_time(begin, end) / 1e3)
        del result
    return seconds


def _seconds(call: Callable[[], Any]) -> float:
    """Return the seconds of one call on the host."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
