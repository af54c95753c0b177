"""PyTorch's FFT on NumPy arrays, for tensors that are computed in their own memory.

PyTorch carries Intel's FFT, which takes 0.6 to 0.9 of the time of SciPy's, and multiplies short rows by a window in a
third of NumPy's. NumPy input never meets it, as its bits must not depend on what else is imported.
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
def torch_fft(*, on_one_thread: bool) -> Iterator[RealFFT]:
    """Provide PyTorch's FFT.

    Parameters
    ----------
    on_one_thread : bool
        Whether each call of it is to use one thread, as other threads of ours call it at the same time. To say so takes
        PyTorch 0.1 ms. Otherwise it uses as many as PyTorch is set to.

    Yields
    ------
    RealFFT
        SciPy's where PyTorch was built without Intel's library.
    """
    if not has_torch_fft():
        yield OWN_FFT
        return
    if not on_one_thread:
        yield RealFFT(_multiply, _rfft, _irfft)
        return
    torch: Any = sys.modules["torch"]
    n_threads = torch.get_num_threads()
    try:
        yield RealFFT(_multiply_alone, _rfft, _irfft_alone)
    finally:
        # The number belongs to the calling thread, and to threads that start later.
        torch.set_num_threads(n_threads)


def _multiply(frames: Any, window: Any, out: Any) -> None:
    torch: Any = sys.modules["torch"]
    torch.mul(torch.from_numpy(frames), torch.from_numpy(window), out=torch.from_numpy(out))


def _rfft(frames: Any, n_fft: int) -> Any:
    torch: Any = sys.modules["torch"]
    return torch.fft.rfft(torch.from_numpy(frames), n=n_fft).numpy()


def _irfft(spectrum: Any, n_fft: int) -> Any:
    torch: Any = sys.modules["torch"]
    return torch.fft.irfft(torch.from_numpy(spectrum), n=n_fft).numpy()


def _multiply_alone(frames: Any, window: Any, out: Any) -> None:
    _use_one_thread()
    _multiply(frames, window, out)


def _irfft_alone(spectrum: Any, n_fft: int) -> Any:
    _use_one_thread()
    return _irfft(spectrum, n_fft)


def _use_one_thread() -> None:
    """Let PyTorch use one thread when it is called by the current thread."""
    torch: Any = sys.modules["torch"]
    # Each thread has its own number, and begins with that of all CPUs.
    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)
