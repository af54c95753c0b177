"""The transform on a CUDA device, beside `torch.stft` and nnAudio where PyTorch finds the device, too.

Needs NumPy, SciPy, CuPy, array-api-compat and specwidget; PyTorch and nnAudio add their rows. Times are told by CUDA
events. A ratio is the share of the first row's time, as in `benchmarks.tensors`. What is called the bytes moved is the
least that the launches of a transform read and write, at the speed at which the device copies. GPU.md says more.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.cases import CASES, MODES, Case
from benchmarks.engines import OURS, PEERS, make_layer, reader_of
from benchmarks.measure import error_of, interleave
from benchmarks.tensors import make_backward, rows_of

Row = dict[str, Any]
Calls = dict[str, Callable[[], Any]]

CUPY, TENSOR, TRAINED = "specwidget, CuPy array", "specwidget, PyTorch tensor", "specwidget, trained kernels"
COPIED = 2**28
"""Bytes that are copied to measure the memory of the device: more than its cache holds."""

BLOCKS = (2**22, 2**24, 2**26, 2**28)
"""Sizes of a block of windowed frames, bytes: from one that stays in a cache to one that holds most sounds."""


def measure_gpu(repeats: int, *, cases: Iterable[Case] = tuple(CASES.values()), device: str = "cuda") -> list[Row]:
    """Measure the cases on the device: transfers, modes, forward and backward, trained kernels, and sizes of blocks.

    Parameters
    ----------
    repeats : int
        Runs of each engine.
    cases : iterable of Case
        Sounds and lengths.
    device : str, default "cuda"
        PyTorch's name of the device.

    Returns
    -------
    list of dict
        Rows of the table.
    """
    peers = _find_peers(device)
    if peers:
        # nnAudio's convolutions would be in TF32, of 10 bits; all others compute in float32.
        importlib.import_module("torch").backends.cudnn.allow_tf32 = False
    bytes_per_second = _measure_copy(repeats)
    rows: list[Row] = []
    for case in cases:
        # First, as a first call loads libraries and compiles.
        rows += _measure_transfers(case, repeats)
        for mode in MODES:
            rows += _measure_forward(case, mode, repeats, peers, device, bytes_per_second)
            if "torch" in peers and case.channels == 1:
                calls, error = make_backward(case, mode, device=device)
                rows += _rows(case, mode, calls, dict.fromkeys(calls, error), repeats)
        rows += _measure_trained(case, repeats)
        rows += _measure_blocks(case, repeats)
    return rows


def _find_peers(device: str) -> list[str]:
    """Return which peers are installed, if PyTorch finds the device."""
    if find_spec("torch") is None:
        return []
    torch: Any = importlib.import_module("torch")
    if device == "cuda" and not torch.cuda.is_available():
        return []
    return ["torch", *(["nnaudio"] if find_spec("nnAudio") is not None else [])]


def _measure_forward(
    case: Case, mode: str, repeats: int, peers: list[str], device: str, bytes_per_second: float
) -> list[Row]:
    """Measure one case and mode beside the peers, the FFTs alone, and the bytes moved."""
    cupy: Any = importlib.import_module("cupy")
    signal, layer = case.make_signal(), make_layer(case, mode)
    made = {PEERS[name].title: PEERS[name].make(case, mode, signal, device=device) for name in peers}
    calls: Calls = {title: call for title, (call, _) in made.items()}
    reads = {title: read for title, (_, read) in made.items()}
    there = cupy.asarray(signal)
    calls[CUPY], reads[CUPY] = lambda: layer(there), reader_of(layer)
    if "torch" in peers:
        tensor = importlib.import_module("torch").from_numpy(signal).to(device)
        calls[TENSOR], reads[TENSOR] = lambda: layer(tensor), reader_of(layer)
    errors = {title: error_of(case, mode, signal, reads[title](call())) for title, call in calls.items()}
    tolerances = {PEERS[name].title: PEERS[name].tolerance for name in peers}
    frames = cupy.zeros((case.n_frames, case.frame_length), dtype=cupy.float32)
    calls["the FFTs alone"] = lambda: cupy.fft.rfft(frames)
    rows = _rows(case, mode, calls, errors, repeats, tolerances)
    milliseconds = 1e3 * bytes_moved(case, mode) / bytes_per_second
    row = {"case": case.title, "mode": mode, "engine": f"the bytes moved, at {bytes_per_second / 1e9:.0f} GB/s"}
    row |= {"least": milliseconds, "median": milliseconds, "ratio": milliseconds / rows[0]["least"]}
    return [*rows, row]


def rows_computed(case: Case) -> int:
    """Return the number of frames that are transformed, of which some of the last block are not written."""
    from specwidget.stft.device_blocks import rows_of_block
    from specwidget.stft.pipeline import BLOCK_BYTES

    n_block = BLOCK_BYTES["CuPy"] // (4 * case.frame_length)
    return sum(rows_of_block(case.n_frames - first, n_block) for first in range(0, case.n_frames, n_block))


def bytes_moved(case: Case, mode: str) -> int:
    """Return the bytes that the launches move: frames are read and windowed, transformed, and made into values.

    Each sample counts once, as the frames that share it are read from a cache.
    """
    n_bins = case.frame_length // 2 + 1
    n_values = n_bins * (2 if mode == "stft" else 1)
    # Windowed frames are written and read, then complex values are written; those of real frames are read.
    transformed = rows_computed(case) * (2 * case.frame_length + 2 * n_bins)
    return 4 * (transformed + case.n_frames * (case.frame_step + 2 * n_bins + n_values))


def _measure_copy(repeats: int) -> float:
    """Return the bytes that the device reads and writes in a second when it copies an array."""
    cupy: Any = importlib.import_module("cupy")
    source = cupy.zeros(COPIED // 4, dtype=cupy.float32)
    target = cupy.empty(source.shape, dtype=source.dtype)
    times = interleave({"copy": lambda: cupy.copyto(target, source)}, repeats, time_by_events)
    return 2 * source.nbytes / min(times["copy"])


def _measure_transfers(case: Case, repeats: int) -> list[Row]:
    """Measure the first call, calls on the device, transfers, NumPy in and out, and NumPy on the host."""
    cupy: Any = importlib.import_module("cupy")
    signal, layer = case.make_signal(), make_layer(case, "magnitude", backend="cupy")
    host = make_layer(case, "magnitude", backend="numpy")
    started = time.perf_counter()
    there = cupy.asarray(signal)
    result = layer(there)
    cupy.cuda.get_current_stream().synchronize()
    cold = time.perf_counter() - started
    calls: Calls = {
        "on the device": lambda: layer(there),
        "to the device": lambda: cupy.asarray(signal),
        "to the host": result.get,
        "NumPy in and out": lambda: layer(signal),
    }
    times = interleave(calls, repeats, time_by_events)
    times |= interleave({"NumPy on the host": lambda: host(signal)}, max(3, repeats // 5))
    times["the first call of the case"] = [cold]
    return rows_of(case, "magnitude, and transfers", times, {}, {})


def _measure_trained(case: Case, repeats: int) -> list[Row]:
    """Measure trained kernels, two products for each block, beside one plain matrix product of as many numbers."""
    cupy: Any = importlib.import_module("cupy")
    signal, layer = case.make_signal(), make_layer(case, "magnitude")
    layer.set_weights([kernel * np.float32(1.01) for kernel in layer.get_weights()])
    there = cupy.asarray(signal)
    frames = cupy.zeros((case.n_frames, case.frame_length), dtype=cupy.float32)
    kernels = cupy.zeros((case.frame_length, 2 * (case.frame_length // 2 + 1)), dtype=cupy.float32)
    calls: Calls = {"one plain matrix product": lambda: cupy.matmul(frames, kernels), TRAINED: lambda: layer(there)}
    # The magnitude of kernels of 1.01 times the amplitude.
    read = reader_of(layer)
    error = error_of(case, "magnitude", signal, read(layer(there)) / np.float32(1.01))
    return _rows(case, "magnitude, trained kernels", calls, {TRAINED: error}, repeats)


def _measure_blocks(case: Case, repeats: int) -> list[Row]:
    """Measure sizes of blocks, the one that is used first."""
    from specwidget.stft.pipeline import BLOCK_BYTES

    cupy: Any = importlib.import_module("cupy")
    signal, layer = case.make_signal(), make_layer(case, "magnitude")
    there, read = cupy.asarray(signal), reader_of(layer)
    used = BLOCK_BYTES["CuPy"]

    def compute(n_bytes: int) -> Any:
        BLOCK_BYTES["CuPy"] = n_bytes
        try:
            return layer(there)
        finally:
            BLOCK_BYTES["CuPy"] = used

    sizes = [used, *(size for size in BLOCKS if size != used)]
    calls: Calls = {f"blocks of {size / 2**20:g} MiB": lambda size=size: compute(size) for size in sizes}  # type: ignore[misc]
    errors = {title: error_of(case, "magnitude", signal, read(call())) for title, call in calls.items()}
    return _rows(case, "magnitude, by size of block", calls, errors, repeats)


def _rows(
    case: Case,
    mode: str,
    calls: Calls,
    errors: dict[str, float],
    repeats: int,
    tolerances: dict[str, float] | None = None,
) -> list[Row]:
    times = interleave(calls, repeats, time_by_events)
    return rows_of(case, mode, times, errors, dict.fromkeys(errors, OURS.tolerance) | (tolerances or {}))


def time_by_events(call: Callable[[], Any]) -> float:
    """Return the seconds between two events before and after a call, on the stream that CuPy and PyTorch both use."""
    cuda: Any = importlib.import_module("cupy").cuda
    begin, end = cuda.Event(), cuda.Event()
    begin.record()
    result = call()
    end.record()
    end.synchronize()
    del result
    return float(cuda.get_elapsed_time(begin, end)) / 1e3
