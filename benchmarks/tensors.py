"""PyTorch tensors and JAX arrays beside `torch.stft` and `jax.scipy.signal.stft`, with and without a gradient.

A ratio is the share of the peer's time with the same result. The peer's bins and frames lie in memory as ours do; its
complex values are not split into parts. What is called the limit is PyTorch's FFT of windowed frames that are there
already, in blocks that stay in the cache, and for "stft" the copy that puts the parts side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.cases import CASES, EPSILON, MODES, Case
from benchmarks.engines import OURS, PEERS, make_layer, reader_of, window_of
from benchmarks.measure import error_of, interleave, summarise

Row = dict[str, Any]
Calls = dict[str, Callable[[], Any]]

PEER, LIMIT, MODULE = "torch.stft", "the limit", "specwidget, to_torch, frozen"
OURS_FORWARD, OURS_BACKWARD = "specwidget", "specwidget, forward and backward"
JAX_PEER, JIT, EAGER, JAX_GRADIENT = (
    "jax.scipy.signal.stft, jit",
    "specwidget, jit",
    "specwidget",
    "specwidget, gradient",
)
SHORT_CASES = ("10s", "30s", "60s")


def measure_tensors(repeats: int) -> list[Row]:
    """Measure tensors on the CPU: forward, the frozen module, and forward and backward."""
    rows = []
    for name in SHORT_CASES:
        for mode in MODES:
            rows += _measure_forward(CASES[name], mode, repeats)
            rows += _measure_backward(CASES[name], mode, repeats)
    return rows


def _measure_forward(case: Case, mode: str, repeats: int) -> list[Row]:
    import torch

    from specwidget.export import to_torch

    signal = case.make_signal()
    tensor, layer = torch.from_numpy(signal), make_layer(case, mode)
    module = to_torch(make_layer(case, mode, trainable=False))
    peer, read_peer = PEERS["torch"].make(case, mode, signal)
    calls = {PEER: peer, OURS_FORWARD: lambda: layer(tensor), MODULE: lambda: module(tensor)}
    reads = {PEER: read_peer, OURS_FORWARD: reader_of(layer), MODULE: reader_of(layer)}
    errors = {name: error_of(case, mode, signal, reads[name](call())) for name, call in calls.items()}
    return _rows(case, mode, calls | {LIMIT: _make_limit(case, mode, tensor)}, errors, repeats)


def _make_limit(case: Case, mode: str, tensor: Any) -> Callable[[], Any]:
    """Return a call of the FFT of frames that are windowed already, and of the copy that mode "stft" needs."""
    import torch

    windowed = tensor[0, :, 0].unfold(-1, case.frame_length, case.frame_step) * torch.from_numpy(window_of(case))
    # Blocks that stay in the cache, of 1 MiB.
    blocks = windowed.split(2**18 // case.frame_length)
    shape = windowed.shape[0], 2, case.frame_length // 2 + 1

    def call() -> Any:
        with torch.inference_mode():
            if mode != "stft":
                return [torch.fft.rfft(block) for block in blocks]
            parts, first = np.empty(shape, np.float32), 0
            for block in blocks:
                both = torch.view_as_real(torch.fft.rfft(block)).numpy().transpose(0, 2, 1)
                parts[first : first + len(both)] = both
                first += len(both)
            return parts

    return call


def _measure_backward(case: Case, mode: str, repeats: int) -> list[Row]:
    calls, error = make_backward(case, mode)
    return _rows(case, mode, calls, dict.fromkeys(calls, error), repeats)


def make_backward(case: Case, mode: str, *, device: str = "cpu") -> tuple[Calls, float]:
    """Return calls of forward and backward, of the peer and ours, and the largest difference of their gradients.

    Parameters
    ----------
    case : Case
        Sound of one channel, and lengths.
    mode : str
        Mode of the transform.
    device : str, default "cpu"
        Device of the tensors.

    Returns
    -------
    calls : dict of str to callable
        By the name of the engine.
    error : float
        As a share of the largest value.
    """
    import torch

    signal, layer = case.make_signal(), make_layer(case, mode)
    values = layer(torch.from_numpy(signal).to(device))
    cotangent = torch.from_numpy(np.random.default_rng(1).standard_normal(tuple(values.shape), dtype=np.float32))
    cotangent = cotangent.to(device)
    if mode == "magnitude":
        # The peer has no floor, and a gradient there.
        cotangent[values <= float(np.sqrt(EPSILON))] = 0
    if mode == "log":
        # The gradient is that of the logarithm, which multiplies the rounding of small magnitudes.
        cotangent[values <= values.max() + float(np.log(0.05))] = 0
    inputs = torch.from_numpy(signal).to(device).requires_grad_()
    rows = torch.from_numpy(signal[:, :, 0].copy()).to(device).requires_grad_()
    window = torch.from_numpy(window_of(case)).to(device)
    lengths, n_bins = (case.frame_length, case.frame_step), case.frame_length // 2 + 1
    of_peer = cotangent
    if mode == "stft":
        of_peer = torch.complex(cotangent[..., :n_bins].contiguous(), cotangent[..., n_bins:].contiguous())
    finish = finish_in_torch(mode, device)

    def ours() -> Any:
        inputs.grad = None
        layer(inputs).backward(cotangent)
        return inputs.grad

    def peer() -> Any:
        rows.grad = None
        finish(torch.stft(rows, *lengths, window=window, center=False, return_complex=True).mT).backward(of_peer)
        return rows.grad

    expected = peer()
    error = float((ours()[..., 0] - expected).abs().max() / expected.abs().max())
    return {f"{PEER}, forward and backward": peer, OURS_BACKWARD: ours}, error


def finish_in_torch(mode: str, device: str) -> Callable[[Any], Any]:
    """Return what people write after a complex transform with bins on the last axis, without in-place operations."""
    import torch

    def psd(spectrum: Any) -> Any:
        doubled = torch.full(spectrum.shape[-1:], 2.0, device=device)
        doubled[[0, -1]] = 1.0
        return (spectrum.real**2 + spectrum.imag**2) * doubled

    return {
        "stft": lambda spectrum: spectrum,
        "magnitude": torch.abs,
        "psd": psd,
        "log": lambda spectrum: torch.log(torch.clamp(torch.abs(spectrum), min=float(np.sqrt(EPSILON)))),
    }[mode]


def measure_jax(repeats: int) -> list[Row]:
    """Measure JAX arrays on the CPU: compiled with the caller's function, eager, and the gradient."""
    rows = []
    for name in SHORT_CASES:
        for mode in MODES:
            rows += _measure_jax(CASES[name], mode, repeats)
    return rows


def _measure_jax(case: Case, mode: str, repeats: int) -> list[Row]:
    import jax

    signal, layer, window = case.make_signal(), make_layer(case, mode), window_of(case)
    array, finish, scale = jax.numpy.asarray(signal), finish_in_jax(mode), float(window.sum())
    cotangent = jax.numpy.asarray(np.random.default_rng(1).standard_normal(layer.compute_output_shape(signal.shape)))
    lengths = {"nperseg": case.frame_length, "noverlap": case.frame_length - case.frame_step}

    @jax.jit
    def peer(signal: Any) -> Any:
        spectrum = jax.scipy.signal.stft(signal[0, :, 0], window=window, boundary=None, padded=False, **lengths)[2]
        return finish(spectrum.T * scale)

    compiled = jax.jit(layer)
    gradient = jax.jit(jax.grad(lambda inputs: (layer(inputs) * cotangent).sum()))
    calls = {
        JAX_PEER: lambda: jax.block_until_ready(peer(array)),
        JIT: lambda: jax.block_until_ready(compiled(array)),
        EAGER: lambda: jax.block_until_ready(layer(array)),
        JAX_GRADIENT: lambda: jax.block_until_ready(gradient(array)),
    }
    reads = {
        JAX_PEER: lambda result: np.asarray(result)[None, None],
        JIT: reader_of(layer),
        EAGER: reader_of(layer),
    }
    errors = {name: error_of(case, mode, signal, read(calls[name]())) for name, read in reads.items()}
    rows = _rows(case, mode, calls, errors, repeats)
    memory = compiled.lower(array).compile().memory_analysis().temp_size_in_bytes / 2**20
    return [row | {"temporary": memory} if row["engine"] == JIT else row for row in rows]


def finish_in_jax(mode: str) -> Callable[[Any], Any]:
    """Return what people write after a complex transform with bins on the last axis."""
    import jax.numpy as jnp

    def psd(spectrum: Any) -> Any:
        return (spectrum.real**2 + spectrum.imag**2).at[..., 1:-1].multiply(2)

    return {
        "stft": lambda spectrum: spectrum,
        "magnitude": jnp.abs,
        "psd": psd,
        "log": lambda spectrum: jnp.log(jnp.maximum(jnp.abs(spectrum), float(np.sqrt(EPSILON)))),
    }[mode]


def _rows(case: Case, mode: str, calls: Calls, errors: dict[str, float], repeats: int) -> list[Row]:
    return rows_of(case, mode, interleave(calls, repeats), errors, dict.fromkeys(errors, OURS.tolerance))


def rows_of(
    case: Case, mode: str, times: dict[str, list[float]], errors: dict[str, float], tolerances: dict[str, float]
) -> list[Row]:
    """Return a row for each engine, with its share of the time of the first one.

    Engines with an error have no ratio where it exceeds their tolerance.
    """
    first = min(next(iter(times.values())))
    rows = []
    for name, seconds in times.items():
        row = {"case": case.title, "mode": mode, "engine": name, **summarise(seconds), "ratio": min(seconds) / first}
        if name in errors:
            row |= {"error": errors[name], "ratio": row["ratio"] if errors[name] <= tolerances[name] else None}
        rows.append(row)
    return rows
