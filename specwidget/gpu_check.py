"""Check CuPy on a CUDA device: `python -m specwidget.gpu_check` prints a table, and writes it to a file to be sent.

It takes about a minute. What fails is a row of the table, and the checks after it are made all the same.
"""

from __future__ import annotations

import argparse
import importlib
import platform
import statistics
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from specwidget import devices
from specwidget.files import atomic_write
from specwidget.layer import STFTSpectrogram
from specwidget.stft.accuracy import part_bound, sum_bound, value_bound
from specwidget.stft.settings import DTYPES, MODES, STFTSettings

REPORT = "specwidget-gpu-check.txt"
"""Name of the file that is written."""

PACKAGES = ("specwidget", "numpy", "scipy", "array-api-compat", "cupy-cuda12x", "cupy-cuda13x", "cuda-toolkit", "torch")

FFT_LENGTHS = (1, 2, 7, 15, 101, 127, 256, 400, 512, 1000, 1021, 2048, 4099)
"""Powers of two, other even lengths, odd ones, and primes, which cuFFT computes by another algorithm."""

SOUNDS = {
    "1 s, 16 kHz, 256/128": (1, 16_000, 256, 128),
    "10 s, 16 kHz, 256/128": (1, 160_000, 256, 128),
    "256 x 1 s, 16 kHz, 256/128": (256, 16_000, 256, 128),
    "60 s, 44.1 kHz, 2048/512": (1, 2_646_000, 2048, 512),
    "10 min, 44.1 kHz, 2048/512": (1, 26_460_000, 2048, 512),
}
"""Batch size, length, frame length and step, by title."""

TORCH_DEVICE = "cuda"
"""PyTorch's name of the device."""

LONG = 2_000_000
"""Samples of a sound that does not fit into little memory."""

REPEATS = 20
"""Times that a call is timed, after two that are not."""

FEWEST_TIMED = 3
"""Times that a call of more than 0.1 s is timed."""


class Row(NamedTuple):
    """One line of the table."""

    name: str
    result: str
    is_right: bool = True


Section = Callable[[], Iterator[Row]]


def main(argv: list[str] | None = None) -> int:
    """Run the checks, print the table and write it; return 1 if a check fails or there is no device."""
    parser = argparse.ArgumentParser(prog="python -m specwidget.gpu_check", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=Path(REPORT), help=f"file to write (default {REPORT})")
    arguments = parser.parse_args(argv)
    lines, n_failed = [], 0
    for title, section in SECTIONS.items():
        lines += _show(["", title, "-" * len(title)])
        for row in _guarded(section):
            n_failed += not row.is_right
            lines += _show([f"{'' if row.is_right else 'FAILED '}{row.name:<42} {row.result}"])
        if not devices.find_gpu().available:
            break
    lines += _show(["", f"{n_failed} failed." if n_failed else "All checks passed."])
    with atomic_write(arguments.output) as file:
        file.write(("\n".join(lines).lstrip() + "\n").encode())
    print(f"Written to {arguments.output}.")
    return min(n_failed, 1)


def _show(lines: list[str]) -> list[str]:
    print(*lines, sep="\n", flush=True)
    return lines


def _guarded(section: Section) -> Iterator[Row]:
    """Yield the rows of a section; an error becomes the last one."""
    try:
        yield from section()
    except Exception as error:  # noqa: BLE001 - the error is what the report is for
        yield Row("ended by", f"{type(error).__name__}: {error}", is_right=False)


def configuration() -> Iterator[Row]:
    """Yield versions, driver and devices."""
    yield Row("Python", f"{platform.python_version()} on {platform.platform()}")
    for package in PACKAGES:
        try:
            yield Row(package, version(package))
        except PackageNotFoundError:
            continue
    found = devices.find_gpu()
    yield Row("CuPy can compute", "yes" if found.available else found.reason, found.available)
    if not found.available:
        return
    cupy = _cupy()
    runtime = cupy.cuda.runtime
    versions = (runtime.driverGetVersion(), runtime.runtimeGetVersion())
    yield Row("CUDA of driver, of CuPy", ", ".join(f"{number // 1000}.{number % 1000 // 10}" for number in versions))
    for number in range(runtime.getDeviceCount()):
        found_device = runtime.getDeviceProperties(number)
        capability = f"{found_device['major']}.{found_device['minor']}"
        memory = f"{found_device['totalGlobalMem'] / 2**30:.1f} GiB"
        yield Row(f"device {number}", f"{found_device['name'].decode()}, compute {capability}, {memory}")


def accuracy() -> Iterator[Row]:
    """Yield the largest error of FFT lengths and the matrix product as a share of its bound, and places of NaN."""
    for n_fft in FFT_LENGTHS:
        yield _compare(f"FFT length {n_fft}", [_settings(mode, n_fft) for mode in MODES])
    for dtype in DTYPES:
        yield _compare(f"dtype {dtype}", [_settings(mode, 256, dtype=dtype) for mode in MODES])
    same = {"padding": "same", "expand_dims": True, "data_format": "channels_first"}
    yield _compare("channels first, padded", [_settings(mode, 400, **same) for mode in MODES])
    yield _compare("other kernels", [_settings(mode, 256) for mode in MODES], trained=True)
    for name, trained in (("gradients", False), ("gradients, other kernels", True)):
        yield _share(name, max(_gradient_error(_settings(mode, 256, dtype="float64"), trained) for mode in MODES))
    yield _share("inverse", _inverse_error(_settings("stft", 256, dtype="float64", padding="same"), "inverse"))
    yield _share("Griffin-Lim", _inverse_error(_settings("log", 256, dtype="float64", padding="same"), "reconstruct"))


def _share(name: str, error: float) -> Row:
    """Return a row with an error in float64 as a share of the largest value, which must be below 1e-6."""
    return Row(name, f"largest error {error:.1e} of the largest value", error < 1e-6)


def _gradient_error(settings: STFTSettings, trained: bool) -> float:
    """Return the largest difference of the gradients from those of the host, as a share of the largest one."""
    inputs = _noise(3, 2000, 2).astype("float64")
    here, there = (_layer(settings, backend, trained) for backend in ("numpy", "cupy"))
    cotangent = _noise(*here(inputs).shape).astype("float64")
    pairs = zip(vars(here.vjp(inputs, cotangent)).values(), vars(there.vjp(inputs, cotangent)).values(), strict=True)
    return max(float(np.abs(other - one).max() / np.abs(one).max()) for one, other in pairs if one is not None)


def _inverse_error(settings: STFTSettings, method: str) -> float:
    """Return the largest difference of a signal from that of the host, as a share of the largest sample."""
    inputs = _noise(3, 2000, 2).astype("float64")
    here, there = (_layer(settings, backend, trained=False) for backend in ("numpy", "cupy"))
    values = here(inputs)
    one, other = (getattr(layer, method)(values, 2000).signal for layer in (here, there))
    return float(np.abs(other - one).max() / np.abs(one).max())


def _settings(mode: Any, n_fft: int, **others: Any) -> STFTSettings:
    # The window of one or two samples must not be 0.
    return STFTSettings(mode, n_fft, max(1, n_fft // 3), window="hann" if n_fft > 3 else "boxcar", **others)


def _compare(name: str, settings: list[STFTSettings], *, trained: bool = False) -> Row:
    """Compare the device with float64 on the host."""
    worst, misplaced = 0.0, []
    for one in settings:
        share, has_same_nan = _error(one, trained)
        worst = max(worst, share)
        if not has_same_nan:
            misplaced.append(one.mode)
    nan = f"NaN misplaced in {', '.join(misplaced)}" if misplaced else "NaN in place"
    return Row(name, f"largest error {worst:.3f} of its bound, {nan}", worst <= 1 and not misplaced)


def _error(settings: STFTSettings, trained: bool) -> tuple[float, bool]:
    """Return the largest error as a share of its bound, and whether NaN is where it is on the host."""
    inputs = _noise(2, 3 * settings.n_fft + 40, 1).swapaxes(1, 1 if settings.channels_last else 2)
    inputs.reshape(2, -1)[1, settings.n_fft // 2] = np.nan
    layer = _layer(settings, "cupy", trained)
    # In float64, of the samples that a layer of another dtype sees.
    exact = replace(settings, dtype="float64")
    rounded = inputs.astype(settings.result_dtype).astype("float64")
    expected = np.asarray(_layer(exact, "numpy", trained, layer)(rounded), dtype=np.float64)
    actual = np.asarray(layer(inputs), dtype=np.float64)
    bound = _bound(rounded, exact, settings, trained, layer)
    difference = np.abs(actual - expected)
    if settings.mode == "angle":
        difference = np.abs((actual - expected + np.pi) % (2 * np.pi) - np.pi)
    has_same_nan = bool(np.array_equal(np.isnan(actual), np.isnan(expected)))
    return float(np.nanmax(difference / bound)), has_same_nan


def _bound(
    inputs: NDArray[Any], exact: STFTSettings, settings: STFTSettings, trained: bool, layer: STFTSpectrogram
) -> NDArray[np.float64]:
    """Return the bound on the error of each value, in the layout of the result."""
    parts = _layer(replace(exact, mode="stft", expand_dims=False), "numpy", trained, layer)(inputs)
    parts = parts if settings.channels_last else parts.swapaxes(1, 2)
    spectrum = parts[..., : settings.n_bins] + 1j * parts[..., settings.n_bins :]
    # A sum of squares over all bins is that over the samples (Parseval), here without a factor for one-sided spectra.
    doubled = np.where((np.arange(settings.n_bins) == 0) | (2 * np.arange(settings.n_bins) == settings.n_fft), 1, 2)
    norms = np.sqrt((np.abs(spectrum) ** 2 * doubled).sum(axis=-1, keepdims=True) / settings.n_fft)
    bound = sum_bound(norms * np.sqrt(settings.frame_length), settings) if trained else part_bound(norms, settings)
    values = value_bound(spectrum, bound, settings)
    if settings.expand_dims:
        return values[:, None] if not settings.channels_last else values[..., None]
    return values if settings.channels_last else values.swapaxes(1, 2)


def _layer(settings: STFTSettings, backend: Any, trained: bool, like: STFTSpectrogram | None = None) -> STFTSpectrogram:
    """Return a layer; a trained one has the kernels of half the amplitude, rounded as those of `like`."""
    layer = STFTSpectrogram.from_settings(replace(settings, backend=backend))
    if trained:
        dtype = settings.compute_dtype if like is None else like.compute_dtype
        layer.set_weights([(kernel.astype(dtype) / 2).astype(settings.compute_dtype) for kernel in layer.get_weights()])
    return layer


def behaviour() -> Iterator[Row]:
    """Yield how a second thread, another device, a small input and a lack of memory are dealt with."""
    cupy, layer, inputs = _cupy(), STFTSpectrogram("magnitude"), _noise(1, 200_000, 1)
    expected = STFTSpectrogram("magnitude", backend="numpy")(inputs)
    there = cupy.asarray(inputs)
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(layer(there).get()))
    thread.start()
    thread.join()
    yield _equal("a second thread", found[0] if found else None, expected)
    if cupy.cuda.runtime.getDeviceCount() > 1:
        with cupy.cuda.Device(1):
            other = cupy.asarray(inputs)
        result = layer(other)
        moved = result.get() if result.device.id == 1 else None
        yield _equal("an array on device 1, while 0 is current", moved, expected)
    yield Row("auto, 1 s", str(layer.spectrogram(inputs[:, :16_000]).library))
    yield Row("auto, 12 s", str(layer.spectrogram(inputs).library))
    whole = _noise(4, LONG, 1)
    # In one part, in many, and too little for a frame.
    for limit in (2**28, 2**22, 2**10):
        with _memory_limit(limit):
            result = layer.spectrogram(whole)
        where = f"{result.library} {result.note}".strip()
        yield _equal(f"4 x {LONG} samples, limit of {limit >> 10} KiB", result.values, _host(whole), where)
    there = cupy.asarray(_noise(1, LONG, 1))
    with _memory_limit(cupy.get_default_memory_pool().used_bytes() + 2**23 + 2**22):
        yield _equal("a CuPy array, 4 MiB beside its result", layer(there).get(), _host(there.get()))


def tensors() -> Iterator[Row]:
    """Yield the largest errors of PyTorch tensors on the device, of their gradients, and of work in another stream."""
    torch = _torch()
    if torch is None:
        yield Row("PyTorch", "not installed, or without a device")
        return
    settings = [_settings(mode, 256, dtype="float64") for mode in MODES]
    errors = [_tensor_errors(torch, one) for one in settings]
    library, _ = _layer(settings[0], "auto", trained=False).backend_for(torch.zeros((1, 512, 1), device=TORCH_DEVICE))
    yield Row("computed by", library, library == "CuPy")
    yield _share("tensors", max(forward for forward, _ in errors))
    yield _share("gradients of tensors", max(backward for _, backward in errors))
    with torch.cuda.stream(torch.cuda.Stream()):
        yield _share("in another stream", max(map(max, (_tensor_errors(torch, one) for one in settings))))


def _tensor_errors(torch: Any, settings: STFTSettings) -> tuple[float, float]:
    """Return the largest differences of values and gradients from the host's, as shares of the largest ones."""
    samples = _noise(3, 2000, 2).astype("float64")
    layer, host = (_layer(settings, backend, trained=False) for backend in ("auto", "numpy"))
    inputs = torch.as_tensor(samples, device=TORCH_DEVICE).requires_grad_()
    values = layer(inputs)
    # Its gradient with respect to the values is a view of a single 1.
    values.sum().backward()
    expected = host(samples), host.vjp(samples, np.ones(tuple(values.shape))).inputs
    found = (array.detach().cpu().numpy() for array in (values, inputs.grad))
    forward, backward = (
        float(np.abs(one - other).max() / np.abs(other).max()) for one, other in zip(found, expected, strict=True)
    )
    return forward, backward


def _equal(name: str, actual: Any, expected: NDArray[Any], note: str = "") -> Row:
    """Return a row that says whether magnitudes of white noise equal those of the host."""
    if actual is None:
        return Row(name, "no result there", is_right=False)
    error = float(np.abs(actual - expected).max())
    return Row(name, f"error {error:.1e}{f', {note}' if note else ''}", error < 1e-4)


@contextmanager
def _memory_limit(n_bytes: int) -> Iterator[None]:
    """Limit the memory of the current device that CuPy takes."""
    devices.release_memory()
    pool = _cupy().get_default_memory_pool()
    before = pool.get_limit()
    pool.set_limit(size=n_bytes)
    try:
        yield
    finally:
        pool.set_limit(size=before)


def times() -> Iterator[Row]:
    """Yield medians of the time of a call, in milliseconds."""
    cupy, torch = _cupy(), _torch()
    for title, (n_batch, n_samples, frame_length, frame_step) in SOUNDS.items():
        inputs = _noise(n_batch, n_samples, 1)
        layer = STFTSpectrogram("magnitude", frame_length, frame_step, backend="cupy")
        host = STFTSpectrogram("magnitude", frame_length, frame_step, backend="numpy")
        there = cupy.asarray(inputs)
        started = time.perf_counter()
        devices.synchronize(layer(there))
        first = 1e3 * (time.perf_counter() - started)
        measured = {
            "first call": first,
            "on the device": _milliseconds(partial(_call_and_wait, layer, there)),
            "NumPy in and out": _milliseconds(partial(layer, inputs)),
            "NumPy on the host": _milliseconds(partial(host, inputs)),
        }
        if torch is not None:
            measured["torch.stft"] = _torch_milliseconds(torch, inputs, layer)
        yield Row(title, ", ".join(f"{name} {value:.3g} ms" for name, value in measured.items()))
    yield Row("fewest values that gain by the device", _least_size())


def _call_and_wait(layer: STFTSpectrogram, there: Any) -> None:
    devices.synchronize(layer(there))


def _torch_milliseconds(torch: Any, inputs: NDArray[Any], layer: STFTSpectrogram) -> float:
    """Time torch.stft and the magnitude on the device."""
    signal = torch.as_tensor(inputs[..., 0], device="cuda")
    window = torch.hann_window(layer.settings.frame_length, device="cuda")
    sizes = {"n_fft": layer.settings.n_fft, "hop_length": layer.settings.step, "window": window}

    def call() -> None:
        torch.stft(signal, **sizes, center=False, return_complex=True).abs()
        torch.cuda.synchronize()

    return _milliseconds(call)


def _least_size() -> str:
    """Return the number of values from which NumPy input is faster on the device."""
    layers = [STFTSpectrogram("magnitude", backend="cupy"), STFTSpectrogram("magnitude", backend="numpy")]
    for power in range(12, 24):
        inputs = _noise(1, 2**power, 1)
        on_device, on_host = (_milliseconds(partial(layer, inputs)) for layer in layers)
        if on_device < on_host:
            return f"2**{power}; auto uses the device from 2**{devices.MIN_GPU_VALUES.bit_length() - 1}"
    return "more than 2**23"


def _milliseconds(call: Callable[[], Any]) -> float:
    """Return the median time of a call, after two that are not timed."""
    for _ in range(2):
        call()
    seconds: list[float] = []
    while len(seconds) < REPEATS and (len(seconds) < FEWEST_TIMED or seconds[-1] < 0.1):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return 1e3 * statistics.median(seconds)


def memory() -> Iterator[Row]:
    """Yield what is retained after all."""
    cupy = _cupy()
    pool, plans = cupy.get_default_memory_pool(), cupy.fft.config.get_plan_cache()
    yield Row("CuPy's pool", f"{pool.used_bytes() / 2**20:.1f} MiB used of {pool.total_bytes() / 2**20:.1f} MiB")
    pinned = cupy.get_default_pinned_memory_pool()
    yield Row("page-locked memory", f"{pinned.n_free_blocks()} free blocks")
    held, most = plans.get_curr_memsize() / 2**20, devices.MAX_PLAN_BYTES / 2**20
    yield Row("FFT plans", f"{plans.get_curr_size()}, {held:.1f} MiB of {most:.0f} MiB", held <= most)


SECTIONS: dict[str, Section] = {
    "Configuration": configuration,
    "Accuracy": accuracy,
    "Behaviour": behaviour,
    "PyTorch tensors": tensors,
    "Times": times,
    "Memory": memory,
}
"""The checks, by title."""


def _cupy() -> Any:
    return importlib.import_module("cupy")


def _torch() -> Any | None:
    """Return PyTorch, if it is installed and has a device."""
    try:
        torch: Any = importlib.import_module("torch")
    except ImportError:
        return None
    return torch if torch.cuda.is_available() else None


def _host(inputs: NDArray[Any]) -> NDArray[Any]:
    values: NDArray[Any] = STFTSpectrogram("magnitude", backend="numpy")(inputs)
    return values


def _noise(*shape: int) -> NDArray[Any]:
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


if __name__ == "__main__":
    # The lengths that are no power of two are meant.
    warnings.filterwarnings("ignore", message="`fft_length`", category=UserWarning)
    sys.exit(main())
