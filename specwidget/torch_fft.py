"""PyTorch's FFT on NumPy arrays, for tensors that are computed in their own memory.

PyTorch carries Intel's FFT, which takes 0.6 to 0.9 of the time of SciPy's. NumPy input never meets it, as its bits must
not depend on what else is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from specwidget.arrays import OWN_FFT, RealFFT


def has_torch_fft() -> bool:
    """Return whether PyTorch was built with Intel's library."""
    return bool(sys.modules["torch"].backends.mkl.is_available())


@contextmanager
def torch_fft() -> Iterator[RealFFT]:
    """Provide PyTorch's FFT, each call of it on one thread, while `parallel_for` distributes the calls.

    Yields
    ------
    RealFFT
        SciPy's where PyTorch was built without Intel's library.
    """
    if not has_torch_fft():
        yield OWN_FFT
        return
    torch: Any = sys.modules["torch"]
    n_threads = torch.get_num_threads()
    try:
        yield TORCH_FFT
    finally:
        # The number belongs to the calling thread, and to threads that start later.
        torch.set_num_threads(n_threads)


def _rfft(frames: Any, n_fft: int) -> Any:
    torch = _on_one_thread()
    return torch.fft.rfft(torch.from_numpy(frames), n=n_fft).numpy()


def _irfft(spectrum: Any, n_fft: int) -> Any:
    torch = _on_one_thread()
    return torch.fft.irfft(torch.from_numpy(spectrum), n=n_fft).numpy()


def _on_one_thread() -> Any:
    """Return the module, which computes on one thread in this thread from now on."""
    torch: Any = sys.modules["torch"]
    # Each thread has its own number, and begins with as many as there are CPUs: Intel's team in each of ours.
    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)
    return torch


TORCH_FFT = RealFFT(_rfft, _irfft)
