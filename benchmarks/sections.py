"""The sections of the table: each is run in a process of its own and returns rows."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases import CASES, HOUR, MODES, Case
from benchmarks.corpus import measure_corpus
from benchmarks.engines import OURS, PEERS, make_conv1d, make_keras, make_ours
from benchmarks.fft_backends import measure_fft_backends
from benchmarks.measure import ONE_CPU, error_of, interleave, summarise
from benchmarks.mel import measure_mel
from benchmarks.start import measure_start
from benchmarks.tensors import measure_jax, measure_tensors

Row = dict[str, Any]


def compare_engines(case_name: str, mode: str, peers: list[str], repeats: int) -> list[Row]:
    """Measure ours and some peers on a case and mode, each against the float64 reference first."""
    case = CASES[case_name]
    signal = case.make_signal()
    made = {"ours": OURS.make(case, mode, signal)} | {name: PEERS[name].make(case, mode, signal) for name in peers}
    errors = {name: error_of(case, mode, signal, read(call())) for name, (call, read) in made.items()}
    times = interleave({name: call for name, (call, _) in made.items()}, repeats)
    rows = []
    for name, seconds in times.items():
        engine = OURS if name == "ours" else PEERS[name]
        rows.append(
            {
                "case": case.title,
                "mode": mode,
                "engine": engine.title,
                **summarise(seconds),
                "error": errors[name],
                "ratio": min(seconds) / min(times["ours"]) if errors[name] <= engine.tolerance else None,
                "tolerance": engine.tolerance,
            }
        )
    return rows


def measure_threads_and_floor(repeats: int) -> list[Row]:
    """Measure ours on one thread beside librosa, and on two beside the FFTs alone."""
    import scipy.fft

    from specwidget.stft import pipeline

    case = CASES["60s"]
    signal = case.make_signal()
    ours, _ = make_ours(case, "magnitude", signal)
    log, _ = make_ours(case, "log", signal)
    peer, _ = PEERS["librosa"].make(case, "magnitude", signal)
    peer_log, _ = PEERS["librosa"].make(case, "log", signal)
    n_frames = (signal.shape[1] - case.frame_length) // case.frame_step + 1
    block = np.random.default_rng(0).standard_normal((128, case.frame_length), dtype=np.float32)
    pool = ThreadPoolExecutor(1)

    def transform_blocks(n_rows: int) -> None:
        hot = block.copy()
        for first in range(0, n_rows, len(hot)):
            scipy.fft.rfft(hot[: min(len(hot), n_rows - first)])

    def floor() -> None:
        half = pool.submit(transform_blocks, n_frames // 2)
        transform_blocks(n_frames - n_frames // 2)
        half.result()

    def on_one_thread() -> Any:
        many, pipeline.count_cpus = pipeline.count_cpus, lambda: 1
        try:
            return ours()
        finally:
            pipeline.count_cpus = many

    calls = {
        "specwidget, magnitude": ours,
        "librosa, magnitude": peer,
        "specwidget on one thread, magnitude": on_one_thread,
        "the FFTs alone, on two threads": floor,
        "specwidget, log": log,
        "librosa, log": peer_log,
    }
    return _rows(case.title, interleave(calls, repeats))


def measure_kernels(repeats: int) -> list[Row]:
    """Measure trained kernels beside a plain matrix product, Keras's layer and conv1d; and the gradient."""
    rows = []
    for name in ("60s", "30s", "10s"):
        case = CASES[name]
        signal = case.make_signal()
        ours, _ = make_ours(case, "magnitude", signal, trained=True)
        n_frames = (signal.shape[1] - case.frame_length) // case.frame_step + 1
        rng = np.random.default_rng(0)
        frames = rng.standard_normal((n_frames, case.frame_length), dtype=np.float32)
        kernels = rng.standard_normal((case.frame_length, 2 * (case.frame_length // 2 + 1)), dtype=np.float32)
        product = np.empty((n_frames, kernels.shape[1]), np.float32)
        calls = {
            "specwidget, trained kernels": ours,
            "one plain matrix product": partial(np.matmul, frames, kernels, product),
            "Keras's layer on PyTorch": make_keras(case, "magnitude", signal)[0],
            "torch conv1d": make_conv1d(case, "magnitude", signal)[0],
            "specwidget, vjp": _make_vjp(case, signal),
        }
        rows += _rows(case.title, interleave(calls, repeats))
    return rows


def _make_vjp(case: Case, signal: np.ndarray) -> Any:
    """Return a call of the gradient with trained kernels."""
    import specwidget

    layer = specwidget.STFTSpectrogram("magnitude", case.frame_length, case.frame_step, backend="numpy")
    kernels = layer.get_weights()
    kernels[0] *= np.float32(1.01)
    layer.set_weights(kernels)
    cotangent = np.ones(layer.compute_output_shape(signal.shape), np.float32)
    return lambda: layer.vjp(signal, cotangent)


def measure_fixed_cost(repeats: int) -> list[Row]:
    """Measure a call of one frame, where nothing but the call itself costs."""
    case = Case("one", "1 frame of 256", 256 / 16_000, 16_000, 256, 128)
    signal = case.make_signal()
    calls = {
        "specwidget": make_ours(case, "magnitude", signal)[0],
        "librosa": PEERS["librosa"].make(case, "magnitude", signal)[0],
    }
    return _rows(case.title, interleave(calls, 200 * repeats))


def measure_hour(repeats: int) -> list[Row]:
    """Measure an hour beside sixty minutes, whose results are kept too: seconds, and memory above the result.

    Each time in a process of its own, in which the gigabyte of the results is new to both. A process that has had as
    much before would compare page faults, and not the transform.
    """
    times: dict[str, list[float]] = {"sixty minutes": [], "an hour": []}
    memory = []
    for _ in range(max(2, repeats // 3)):
        for name, seconds in times.items():
            told = _in_a_process("one hour", name)
            seconds.append(told["seconds"])
            if name == "an hour":
                memory.append(told["memory"])
    rows = _rows(HOUR.title, times)
    rows[-1]["memory"] = max(memory) / 2**20
    rows[-1]["tensor_memory"] = _in_a_process("one hour", "a tensor")["memory"] / 2**20
    rows[-1]["slower"] = min(times["an hour"]) / min(times["sixty minutes"])
    return rows


def measure_one_hour(name: str) -> Row:
    """Measure an hour of sound once, whole, as a tensor, or minute by minute: seconds, and bytes above the results."""
    import specwidget

    hour: Any = HOUR.make_signal()
    if name == "a tensor":
        import torch

        hour = torch.from_numpy(hour)
    layer = specwidget.STFTSpectrogram("magnitude", 2048, 512, backend="numpy")
    minute = hour.shape[1] // 60
    pieces = [hour] if name != "sixty minutes" else [hour[:, i * minute : (i + 1) * minute] for i in range(60)]
    layer(hour[:, :minute])
    before = _resident_bytes()
    started = time.perf_counter()
    results = [layer(piece) for piece in pieces]
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "memory": _peak_bytes() - before - sum(result.nbytes for result in results)}


def _in_a_process(*arguments: str) -> Row:
    """Return what a section tells that runs in a fresh process."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.sections", *arguments]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])


def _resident_bytes() -> int:
    """Return the memory that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _peak_bytes() -> int:
    """Return the most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _rows(title: str, times: dict[str, list[float]]) -> list[Row]:
    """Return a row for each engine, with its ratio to the first."""
    first = min(next(iter(times.values())))
    return [
        {"case": title, "engine": name, **summarise(seconds), "ratio": min(seconds) / first}
        for name, seconds in times.items()
    ]


SECTIONS = {
    "floor": measure_threads_and_floor,
    "kernels": measure_kernels,
    "fft": measure_fft_backends,
    "fixed": measure_fixed_cost,
    "hour": measure_hour,
    "tensors": measure_tensors,
    "jax": measure_jax,
    "start": measure_start,
    "mel": measure_mel,
    "corpus": measure_corpus,
}


def main() -> None:
    """Run one section, named on the command line with its arguments, and print its rows as JSON."""
    name, repeats, *rest = sys.argv[1:]
    if ONE_CPU:
        # Before any library counts the CPUs.
        os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    rows: list[Row] | Row
    if name == "one hour":
        rows = measure_one_hour(repeats)
    elif name == "gpu":
        from benchmarks.gpu import measure_gpu

        rows = measure_gpu(int(repeats))
    elif name == "compare":
        case, mode, peers = rest
        rows = compare_engines(case, mode, peers.split(","), int(repeats))
    else:
        rows = SECTIONS[name](int(repeats))
    print(json.dumps(rows))


PEER_SETS = (["librosa", "scipy"], ["torch", "keras", "nnaudio"])
__all__ = ["CASES", "MODES", "PEER_SETS", "SECTIONS"]

if __name__ == "__main__":
    main()
