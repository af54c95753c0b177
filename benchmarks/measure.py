"""Interleaved timing, and the comparison without which no time is printed."""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.cases import EPSILON, Case

EXACT_SECONDS = 12.0
"""Seconds of a case over which results are compared with the exact transform."""

ONE_CPU = os.environ.get("BENCHMARK_ONE_CPU") == "1"
"""Whether CPU time on one CPU is measured: on a machine that others keep busy, the time until a call returns says how
busy they keep it."""

CLOCK = time.process_time if ONE_CPU else time.perf_counter

PAUSE = 0.005
"""Seconds between two engines: a library's threads go on spinning for a while, and the next engine would pay."""

WARM_UP = 0.003
"""Least seconds of untimed calls before a timed one: after a pause cores and threads are asleep, caches another's."""


def time_call(call: Callable[[], Any]) -> float:
    """Return the seconds of one call, without those in which its result is freed."""
    started = CLOCK()
    result = call()
    seconds = CLOCK() - started
    del result
    return seconds


def interleave(
    calls: dict[str, Callable[[], Any]], repeats: int, timer: Callable[[Callable[[], Any]], float] = time_call
) -> dict[str, list[float]]:
    """Run calls in turns, so that each meets the same noise; return the seconds of each run, told by `timer`.

    What is timed is a call among calls of the same engine, as in a loop over files.
    """
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    gc.disable()
    try:
        for _ in range(repeats):
            for name, call in calls.items():
                time.sleep(PAUSE)
                _warm_up(call)
                seconds[name].append(timer(call))
    finally:
        gc.enable()
    return seconds


def _warm_up(call: Callable[[], Any]) -> None:
    """Call at least once, and for at least `WARM_UP`."""
    until = CLOCK() + WARM_UP
    call()
    while CLOCK() < until:
        call()


def summarise(seconds: list[float]) -> dict[str, float]:
    """Return least and median time, milliseconds."""
    return {"least": 1e3 * min(seconds), "median": 1e3 * statistics.median(seconds)}


def error_of(case: Case, mode: str, signal: np.ndarray, result: np.ndarray) -> float:
    """Return the worst error of a result over the first seconds of a case."""
    n_frames = int(EXACT_SECONDS * case.sample_rate - case.frame_length) // case.frame_step
    n_samples = (n_frames - 1) * case.frame_step + case.frame_length
    exact = exact_values(exact_spectrum(signal[:, :n_samples], case.frame_length, case.frame_step), mode, EPSILON)
    if mode == "magnitude":
        # Most peers have no floor: their values below it, one in a million of noise, are right.
        result = np.maximum(result, np.float32(np.sqrt(EPSILON)))
    return worst_error(result[:, :, : exact.shape[2]], exact, mode)


def exact_spectrum(signal: np.ndarray, frame_length: int, frame_step: int) -> np.ndarray:
    """Return the transform in float64, (batch, channels, frames, bins), of a periodic Hann window."""
    rows = signal.transpose(0, 2, 1).astype(np.float64)
    frames = np.lib.stride_tricks.sliding_window_view(rows, frame_length, axis=-1)[..., ::frame_step, :]
    n = np.arange(frame_length)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * n / frame_length)
    return np.fft.rfft(frames * window)


def exact_values(spectrum: np.ndarray, mode: str, epsilon: float) -> np.ndarray:
    """Return what a mode makes of the exact transform."""
    if mode == "stft":
        return spectrum
    power = np.abs(spectrum) ** 2
    if mode == "psd":
        power[..., 1:-1] *= 2
        return power
    magnitude = np.sqrt(np.maximum(power, epsilon))
    return magnitude if mode == "magnitude" else np.log(magnitude)


def worst_error(found: np.ndarray, exact: np.ndarray, mode: str) -> float:
    """Return the largest error relative to the largest magnitude; for "log" that of the magnitudes it stands for."""
    if found.shape != exact.shape:
        return float("inf")
    if mode == "log":
        found, exact = np.exp(found.astype(np.float64)), np.exp(exact)
    return float(np.abs(found - exact).max() / np.abs(exact).max())
