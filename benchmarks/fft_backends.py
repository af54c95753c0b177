"""NumPy input by other FFTs, set as the backend of `scipy.fft`: pyfftw's, mkl_fft's and PyTorch's, where installed."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.cases import CASES
from benchmarks.engines import OURS, make_ours
from benchmarks.measure import error_of, interleave
from benchmarks.tensors import rows_of

Row = dict[str, Any]

OWN = "SciPy's FFT"
SHORT_CASES = ("10s", "30s", "60s")


class TorchFFT:
    """PyTorch's FFT as a backend of `scipy.fft`; what it does not have is SciPy's."""

    __ua_domain__ = "numpy.scipy.fft"

    @staticmethod
    def __ua_function__(method: Any, args: Any, keywords: Any) -> Any:
        """Compute `method`, a function of `scipy.fft`."""
        import scipy.fft
        import torch

        # The layer's threads call it at the same time. PyTorch's number of threads belongs to the calling thread.
        if torch.get_num_threads() != 1:
            torch.set_num_threads(1)

        def compute(x: Any, n: int | None = None, axis: int = -1, norm: str | None = None, **_: Any) -> Any:
            return getattr(torch.fft, method.__name__)(torch.as_tensor(np.ascontiguousarray(x)), n, axis, norm).numpy()

        if method in (scipy.fft.rfft, scipy.fft.irfft):
            return compute(*args, **keywords)
        with scipy.fft.set_backend("scipy"):
            return method(*args, **keywords)


def find_backends() -> dict[str, Any]:
    """Return the backends that are installed, by their names; "scipy" is SciPy's own."""
    backends: dict[str, Any] = {OWN: "scipy"}
    if find_spec("pyfftw") is not None:
        backends["pyfftw"] = importlib.import_module("pyfftw.interfaces.scipy_fft")
        # Without it each call plans anew; by default FFTW guesses the fastest plan.
        importlib.import_module("pyfftw.interfaces.cache").enable()
        importlib.import_module("pyfftw").config.PLANNER_EFFORT = "FFTW_MEASURE"
    if find_spec("mkl_fft") is not None:
        backends["mkl_fft"] = importlib.import_module("mkl_fft.interfaces").scipy_fft
        # The layer's threads call it at the same time.
        importlib.import_module("mkl").set_num_threads(1)
    if find_spec("torch") is not None:
        backends["PyTorch's FFT"] = TorchFFT
    return backends


def measure_fft_backends(repeats: int) -> list[Row]:
    """Measure mode "magnitude" by each backend; a ratio is the share of the time by SciPy's own FFT."""
    rows = []
    backends = find_backends()
    for name in SHORT_CASES:
        case = CASES[name]
        signal = case.make_signal()
        layer, read = make_ours(case, "magnitude", signal)
        calls = {title: by_backend(backend, layer) for title, backend in backends.items()}
        errors = {title: error_of(case, "magnitude", signal, read(call())) for title, call in calls.items()}
        times = interleave(calls, repeats)
        rows += rows_of(case, "magnitude", times, errors, dict.fromkeys(errors, OURS.tolerance))
    return rows


def by_backend(backend: Any, call: Callable[[], Any]) -> Callable[[], Any]:
    """Return a call during which all threads use a backend."""
    import scipy.fft

    def compute() -> Any:
        scipy.fft.set_global_backend(backend)
        try:
            return call()
        finally:
            scipy.fft.set_global_backend("scipy")

    return compute
