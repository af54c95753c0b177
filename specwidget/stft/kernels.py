"""Fourier kernels: windowed cosines and sines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.stft.formatting import ShortRepr
from specwidget.stft.settings import STFTSettings


@dataclass(frozen=True, eq=False, repr=False)
class Kernels(ShortRepr):
    """The kernels of a transform, shared by all channels.

    Parameters
    ----------
    real, imag : array (frame_length, 1, n_bins) or None
        Kernels of the real and the imaginary part; None if the mode does not use it.
    """

    real: Any | None
    imag: Any | None


def kernel_names(settings: STFTSettings) -> tuple[str, ...]:
    """Return the names of the kernels that the mode uses: "real", "imag" or both, in this order."""
    return {"real": ("real",), "imag": ("imag",)}.get(settings.mode, ("real", "imag"))


def kernel_shape(settings: STFTSettings) -> tuple[int, int, int]:
    """Return the shape of each kernel, (frame_length, 1, n_bins)."""
    return settings.frame_length, 1, settings.n_bins


def count_kernel_values(settings: STFTSettings) -> int:
    """Count the values of all kernels, without creating them."""
    return len(kernel_names(settings)) * settings.frame_length * settings.n_bins


def make_kernels(settings: STFTSettings) -> Kernels:
    """Compute the Fourier kernels.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    Kernels
        With sample `n` of the frame and bin `k`: `real[n, 0, k] = cos(2 pi n k / N) w[n] / s` and
        `imag[n, 0, k] = -sin(2 pi n k / N) w[n] / s`, as read-only NumPy arrays in the compute dtype.

    Notes
    -----
    The phase is counted from the first sample of the frame. Cosines and sines come from a float64 table of one period
    at index `(n k) mod N`: their error does not grow with `n k`, and zeros are exactly 0.

    Examples
    --------
    >>> kernels = make_kernels(STFTSettings(frame_length=4, window=None))
    >>> kernels.imag[:, 0, 1].tolist()
    [0.0, -1.0, 0.0, 1.0]
    """
    cosines, sines = cos_sin_table(settings.n_fft)
    # 0 - x and not -x, which would turn 0 into -0.
    tables = {"real": cosines, "imag": 0.0 - sines}
    kernels = {name: _make_kernel(tables[name], settings) for name in kernel_names(settings)}
    return Kernels(real=kernels.get("real"), imag=kernels.get("imag"))


def make_kernel_block(settings: STFTSettings, samples: NDArray[Any], bins: NDArray[Any]) -> Kernels:
    """Compute the Fourier kernels at selected samples and bins only.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    samples : ndarray (samples,) of int
        Sample indices in the frame, 0 to ``frame_length - 1``.
    bins : ndarray (bins,) of int
        Bin indices, 0 to ``n_bins - 1``.

    Returns
    -------
    Kernels
        Arrays (samples, 1, bins), with the same bits as those values of `make_kernels`.

    Examples
    --------
    >>> settings = STFTSettings(frame_length=2**20)
    >>> make_kernel_block(settings, np.array([2**19]), np.array([0, 1])).real.shape
    (1, 1, 2)
    """
    n, k = np.asarray(samples, dtype=np.int64), np.asarray(bins, dtype=np.int64)
    m = (n[:, None] * k) % settings.n_fft
    # The table has n_fft entries: computing all of them pays only if at least as many values are needed.
    if m.size >= settings.n_fft:
        cosines, sines = (table[m] for table in cos_sin_table(settings.n_fft))
    else:
        cosines, sines = cos_sin(m, settings.n_fft)
    weights = settings.scaled_window[n][:, None]
    tables = {"real": cosines, "imag": 0.0 - sines}
    kernels = {
        name: (tables[name] * weights).astype(settings.compute_dtype)[:, None, :] for name in kernel_names(settings)
    }
    return Kernels(real=kernels.get("real"), imag=kernels.get("imag"))


def cos_sin_table(n_fft: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute cosine and sine of `2 pi m / N` for m in 0..N-1 in float64, with exact zeros, halves and ones."""
    return cos_sin(np.arange(n_fft, dtype=np.int64), n_fft)


def cos_sin(m: NDArray[np.int64], n_fft: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute cosine and sine of `2 pi m / N` for selected m in 0..N-1, with the same bits as `cos_sin_table`.

    Angles are reduced to the first octant in integer arithmetic, so symmetric values are equal and zeros exact.
    """
    octants, rest = np.divmod(8 * m, n_fft)
    # In odd octants the angle is measured back from the next multiple of a quarter period.
    reduced = np.where(octants % 2 == 0, rest, n_fft - rest) * (2.0 * np.pi / (8.0 * n_fft))
    near, far = np.cos(reduced), np.sin(reduced)
    swapped = np.isin(octants, (1, 2, 5, 6))
    cosines = np.where(swapped, far, near) * np.where(np.isin(octants, (2, 3, 4, 5)), -1.0, 1.0)
    sines = np.where(swapped, near, far) * np.where(octants >= 4, -1.0, 1.0)
    # Adding 0 turns -0 into 0.
    return cosines + 0.0, sines + 0.0


def _make_kernel(table: NDArray[np.float64], settings: STFTSettings) -> NDArray[Any]:
    """Compute one kernel row by row, so that no temporary array is larger than a row."""
    kernel = np.empty(kernel_shape(settings), dtype=settings.compute_dtype)
    bins = np.arange(settings.n_bins, dtype=np.int64)
    for n, weight in enumerate(settings.scaled_window):
        # Scaling and window are part of the kernels, so that training can change them.
        np.multiply(table[(n * bins) % settings.n_fft], weight, out=kernel[n, 0], casting="same_kind")
    kernel.flags.writeable = False
    return kernel
