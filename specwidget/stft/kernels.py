"""The kernels: windowed cosines and sines, made only when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.stft.settings import STFTSettings


@dataclass(frozen=True, eq=False)
class Kernels:
    """The weights of a transform, one pair for all channels.

    Parameters
    ----------
    real, imag : array (frame_length, 1, n_bins) or None
        Kernels of the real and the imaginary part; None where the mode does not need it.
    """

    real: Any | None
    imag: Any | None


def kernel_names(settings: STFTSettings) -> tuple[str, ...]:
    """Return the parts that the mode needs: "real", "imag" or both, in this order."""
    return {"real": ("real",), "imag": ("imag",)}.get(settings.mode, ("real", "imag"))


def kernel_shape(settings: STFTSettings) -> tuple[int, int, int]:
    """Return the shape of each kernel, (frame_length, 1, n_bins)."""
    return settings.frame_length, 1, settings.n_bins


def count_kernel_values(settings: STFTSettings) -> int:
    """Count the values of all kernels, without making them."""
    return len(kernel_names(settings)) * settings.frame_length * settings.n_bins


def make_kernels(settings: STFTSettings) -> Kernels:
    """Make the kernels of the Fourier transform.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    Kernels
        With sample `n` of the frame and bin `k`: `real[n, 0, k] = cos(2 pi n k / N) w[n] / s` and
        `imag[n, 0, k] = -sin(2 pi n k / N) w[n] / s`, as read-only NumPy arrays in the type that is computed in.

    Notes
    -----
    The phase is counted from the frame's first sample. It is taken from a table of one turn at `(n k) mod N`, so it
    is as accurate at the last sample as at the first, and zeros are exactly zero.

    Examples
    --------
    >>> kernels = make_kernels(STFTSettings(frame_length=4, window=None))
    >>> kernels.imag[:, 0, 1].tolist()
    [0.0, -1.0, 0.0, 1.0]
    """
    cosines, sines = cos_sin_table(settings.n_fft)
    tables = {"real": cosines, "imag": 0.0 - sines}
    made = {name: _make_kernel(tables[name], settings) for name in kernel_names(settings)}
    return Kernels(real=made.get("real"), imag=made.get("imag"))


def make_kernel_block(settings: STFTSettings, samples: NDArray[Any], bins: NDArray[Any]) -> Kernels:
    """Make some rows and columns of the kernels of the Fourier transform, without the rest.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    samples : ndarray (samples,) of int
        Samples of the frame, 0 to ``frame_length - 1``.
    bins : ndarray (bins,) of int
        Bins, 0 to ``n_bins - 1``.

    Returns
    -------
    Kernels
        Arrays (samples, 1, bins): the values that `make_kernels` has there, bit for bit.

    Examples
    --------
    >>> settings = STFTSettings(frame_length=2**20)
    >>> make_kernel_block(settings, np.array([2**19]), np.array([0, 1])).real.shape
    (1, 1, 2)
    """
    n, k = np.asarray(samples, dtype=np.int64), np.asarray(bins, dtype=np.int64)
    m = (n[:, None] * k) % settings.n_fft
    # A table of one turn is worth its making where the values are more than it has.
    cosines, sines = (
        (table[m] for table in cos_sin_table(settings.n_fft))
        if m.size >= settings.n_fft
        else cos_sin(m, settings.n_fft)
    )
    weights = settings.scaled_window[n][:, None]
    tables = {"real": cosines, "imag": 0.0 - sines}
    made = {
        name: (tables[name] * weights).astype(settings.compute_dtype)[:, None, :] for name in kernel_names(settings)
    }
    return Kernels(real=made.get("real"), imag=made.get("imag"))


def cos_sin_table(n_fft: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return cosine and sine of `2 pi m / N` for m in 0..N-1, in float64, with exact zeros, halves and ones."""
    return cos_sin(np.arange(n_fft, dtype=np.int64), n_fft)


def cos_sin(m: NDArray[np.int64], n_fft: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return cosine and sine of `2 pi m / N` for some m in 0..N-1, as `cos_sin_table` does.

    An angle is folded into the first eighth of the turn, by integers, before its cosine is taken.
    """
    eighths, rest = np.divmod(8 * m, n_fft)
    # In odd eighths of a turn the angle is counted back from the next multiple of a quarter.
    folded = np.where(eighths % 2 == 0, rest, n_fft - rest) * (2.0 * np.pi / (8.0 * n_fft))
    near, far = np.cos(folded), np.sin(folded)
    swapped = np.isin(eighths, (1, 2, 5, 6))
    cosines = np.where(swapped, far, near) * np.where(np.isin(eighths, (2, 3, 4, 5)), -1.0, 1.0)
    sines = np.where(swapped, near, far) * np.where(eighths >= 4, -1.0, 1.0)
    return cosines + 0.0, sines + 0.0


def _make_kernel(table: NDArray[np.float64], settings: STFTSettings) -> NDArray[Any]:
    """Return one kernel, row by row, so that nothing larger than the kernel is ever held."""
    kernel = np.empty(kernel_shape(settings), dtype=settings.compute_dtype)
    bins = np.arange(settings.n_bins, dtype=np.int64)
    for n, weight in enumerate(settings.scaled_window):
        # The kernels hold the scaling, so that training may move it; dividing afterwards would pin it.
        np.multiply(table[(n * bins) % settings.n_fft], weight, out=kernel[n, 0], casting="same_kind")
    kernel.flags.writeable = False
    return kernel
