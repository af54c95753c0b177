"""Back to a signal, from a spectrum that holds the phase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from specwidget.arrays import device_of, namespace, scalar_like, writes_in_place
from specwidget.stft.layout import from_output, to_rows
from specwidget.stft.pipeline import check_precision
from specwidget.stft.settings import DTYPES, STFTSettings
from specwidget.stft.synthesis import Synthesis, add_up, add_up_whole, plan_synthesis

COMPLEX_DTYPES = {"float32": "complex64", "float64": "complex128"}
"""Type of a spectrum, by the type that is computed in."""


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """A signal made from a spectrogram, and how much of it could be had.

    Parameters
    ----------
    signal : array (batch, time, channels)
        The samples; (batch, channels, time) for "channels_first".
    n_lost : int
        Samples of each row that are 0 because they could not be recovered: those to which the windows give too little
        weight, and those after the last frame.
    convergence : float or array (), optional
        For a signal whose phase was searched, how far its magnitudes are from those given: the norm of the difference
        as a share of their norm. A float for NumPy, an array on the device for other libraries.
    """

    signal: Any
    n_lost: int
    convergence: Any | None = None


def compute_inverse(spectrum: Any, settings: STFTSettings, length: int | None = None) -> Reconstruction:
    """Bring back the signal of a short-time Fourier transform.

    Parameters
    ----------
    spectrum : array
        Values of mode "stft", `[re, im]` along the bins; or, in any mode, complex values in the same layout, `n_bins`
        of them for a frame and channel.
    settings : STFTSettings
        Settings of the transform that made the spectrum, by Fourier's kernels.
    length : int, optional
        Samples of the signal, L. Needed for padding "same", where the place of the frames depends on it; for "valid"
        None is what the frames cover, `(T - 1) step + frame_length`.

    Returns
    -------
    Reconstruction
        The signal, in the type of the settings and the library of the spectrum, and how many samples are lost.

    Raises
    ------
    ValueError
        If the shape, the mode or `length` does not fit, or the window does not overlap enough to be inverted.
    TypeError
        If `spectrum` is no array of a float or complex type, or `length` no integer.

    Notes
    -----
    With the frames `f_t` of the inverse DFT, the scaled window `w` and ``S[n] = sum over t of w[n - t step]^2``,
    sample `n` is ``sum over t of w[n - t step] f_t[n - t step] / S[n]``, as in [1]_: the signal whose transform is
    nearest to the spectrum by least squares, and the one it was made from, if there is one.

    Where `S` is at most `loss_threshold` of its largest value in the interior, the sample is 0 and counted as lost.
    With padding "valid" both ends of a window that goes to 0 are such, and the samples after the last frame.
    Elsewhere the error of rounding grows as `eps / sqrt(S)`: see `recovery_bound`.

    A value that is NaN or infinite makes the samples NaN that its frame covers, and no others.

    References
    ----------
    .. [1] D. W. Griffin and J. S. Lim, "Signal estimation from modified short-time Fourier transform", IEEE
       Transactions on Acoustics, Speech, and Signal Processing 32(2), 1984, pp. 236-243.

    Examples
    --------
    >>> import numpy as np
    >>> from specwidget.stft.pipeline import compute_spectrogram
    >>> settings = STFTSettings("stft", frame_length=8, window="hamming")
    >>> signal = np.arange(16.0).reshape(1, 16, 1)
    >>> result = compute_inverse(compute_spectrogram(signal, settings), settings)
    >>> np.allclose(result.signal, signal, atol=1e-4), result.n_lost
    (True, 0)
    """
    is_complex = "complex" in check_array("spectrum", spectrum, (*DTYPES, *COMPLEX_DTYPES.values()))
    if settings.mode != "stft" and not is_complex:
        raise ValueError(
            f"`mode` must be 'stft' for the inverse of real values; got {settings.mode!r}.{_way(settings)}"
        )
    n_values = settings.n_bins if is_complex else 2 * settings.n_bins
    values = to_inner("spectrum", spectrum, n_values, settings)
    plan = plan_synthesis(values.shape[2], length, settings, like=spectrum)
    if not writes_in_place(spectrum):
        samples = add_up_whole(_to_complex(values, settings), plan, settings)
        return Reconstruction(to_signal(samples, plan, settings), plan.n_lost)

    def fetch(batch: int, channel: int, first: int, last: int) -> Any:
        """Return the spectrum of some frames of a row."""
        return _to_complex(values[batch, channel, first:last], settings)

    signal, rows = empty_signal(values, plan, settings)
    add_up(fetch, rows, plan, settings)
    return Reconstruction(signal, plan.n_lost)


def check_array(name: str, array: Any, dtypes: tuple[str, ...]) -> str:
    """Return the name of an array's dtype, which must be one of these."""
    if not hasattr(array, "dtype") or not hasattr(array, "shape"):
        raise TypeError(f"`{name}` must be an array; got {type(array).__name__}. Make one with numpy.asarray.")
    dtype = str(getattr(array.dtype, "name", array.dtype)).rpartition(".")[2]
    if dtype not in dtypes:
        raise TypeError(f"`{name}` must have dtype {', '.join(dtypes[:-1])} or {dtypes[-1]}; got {dtype}.")
    return dtype


def to_inner(name: str, output: Any, n_values: int, settings: STFTSettings) -> Any:
    """Return values in the inner order of axes (batch, channels, frames, n_values), once their shape is known to fit.

    Parameters
    ----------
    name : str
        Name of the argument, for the error.
    output : array
        Values in the layout of the settings.
    n_values : int
        Values for a frame and channel.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    array (batch, channels, frames, n_values)
        The same values.

    Raises
    ------
    ValueError
        If the shape does not fit.
    """
    check_precision(output, settings)
    flat = f"{n_values} channels"
    axes = ["batch", "frames", *((f"{n_values}", "channels") if settings.expand_dims else (flat,))]
    if not settings.channels_last:
        axes = [axes[0], axes[3], axes[1], axes[2]] if settings.expand_dims else [axes[0], axes[2], axes[1]]
    shape = tuple(output.shape)
    sizes = dict(zip(axes, shape, strict=False))
    fits = len(shape) == len(axes) and all(size > 0 for axis, size in sizes.items() if axis != "batch")
    if not fits or sizes.get(f"{n_values}", n_values) != n_values or sizes.get(flat, n_values) % n_values:
        raise ValueError(f"`{name}` must have shape ({', '.join(axes)}), with 1 or more of each; got {shape}.")
    return from_output(output, settings, n_values)


def empty_signal(values: Any, plan: Synthesis, settings: STFTSettings) -> tuple[Any, Any]:
    """Return room for the signal of these values (batch, channels, ...), in the layout of the input and as rows."""
    n_batch, n_channels = values.shape[:2]
    shape = (n_batch, plan.n_samples, n_channels) if settings.channels_last else (n_batch, n_channels, plan.n_samples)
    signal = namespace(values).empty(shape, dtype=settings.result_dtype)
    return signal, to_rows(signal, settings)


def crop(samples: Any, plan: Synthesis) -> Any:
    """Return rows (batch, channels, n_samples) of what frames cover: without the padding, with the tail as zeros."""
    xp = namespace(samples)
    rows = samples[..., plan.left : min(plan.left + plan.n_samples, samples.shape[-1])]
    n_tail = plan.n_samples - rows.shape[-1]
    tail = xp.zeros((*rows.shape[:-1], n_tail), dtype=rows.dtype, device=device_of(rows))
    return xp.concat([rows, tail], axis=-1) if n_tail else rows


def to_signal(samples: Any, plan: Synthesis, settings: STFTSettings) -> Any:
    """Return the samples that frames cover as a signal, in the layout of the input and the type of the result."""
    rows = crop(samples, plan)
    return to_rows(namespace(rows).astype(rows, getattr(namespace(rows), settings.result_dtype)), settings)


def _to_complex(values: Any, settings: STFTSettings) -> Any:
    """Return complex spectra (..., n_bins), new, with bin 0 NaN in frames with a value that is NaN or infinite.

    Every sample of such a frame gets bin 0, and so becomes NaN.
    """
    xp = namespace(values)
    is_complex = xp.isdtype(values.dtype, "complex floating")
    bad = ~xp.all(xp.isfinite(values), axis=-1)
    dtype = COMPLEX_DTYPES[settings.compute_dtype]
    if not writes_in_place(values):
        if not is_complex:
            parts = xp.astype(values, getattr(xp, settings.compute_dtype))
            values = parts[..., : settings.n_bins] + 1j * parts[..., settings.n_bins :]
        spectrum = xp.astype(values, getattr(xp, dtype))
        return xp.where(bad[..., None], scalar_like(xp.nan, spectrum), spectrum)
    spectrum = xp.empty((*values.shape[:-1], settings.n_bins), dtype=dtype)
    if is_complex:
        spectrum[...] = values
    else:
        spectrum.real[...] = values[..., : settings.n_bins]
        spectrum.imag[...] = values[..., settings.n_bins :]
    spectrum[bad] = xp.nan
    return spectrum


def _way(settings: STFTSettings) -> str:
    """Return what leads to a signal in a mode that holds no phase, or only a part."""
    if settings.mode in ("magnitude", "log", "psd"):
        return " Use `reconstruct`, which searches the phase."
    return " This mode holds a part only: compute with mode='stft', or with 'magnitude' and use `reconstruct`."
