"""Inverse transform: from complex spectra to a signal."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.array_types import check_array_type
from specwidget.arrays import device_of, namespace, on_device_of, scalar_like, supports_out
from specwidget.devices import DeviceOutOfMemory
from specwidget.stft.batch_splitting import Part, exceeds_part, for_each_part
from specwidget.stft.device_synthesis import synthesize_on_device
from specwidget.stft.formatting import ShortRepr
from specwidget.stft.frame_selection import without_padding
from specwidget.stft.layout import from_output, to_output, to_rows
from specwidget.stft.pipeline import check_precision, frames_per_block
from specwidget.stft.settings import DTYPES, STFTSettings
from specwidget.stft.shapes import frames_extent
from specwidget.stft.synthesis import SynthesisPlan, plan_synthesis, synthesize_blocked, synthesize_unblocked
from specwidget.stft.transform import write_nan

COMPLEX_DTYPES = {"float32": "complex64", "float64": "complex128"}
"""Dtype of a spectrum, by compute dtype."""


@dataclass(frozen=True, eq=False, repr=False)
class Reconstruction(ShortRepr):
    """A signal computed from a spectrogram.

    Parameters
    ----------
    signal : array (batch, time, channels)
        The samples; (batch, channels, time) for "channels_first".
    n_lost : int
        Number of samples of each channel that can't be recovered and are 0: those where the summed squared windows are
        too small, and those after the last frame.
    convergence : float or array (), optional
        Spectral convergence of the Griffin-Lim algorithm: norm of the difference between the magnitudes of the signal
        and those given, divided by the norm of those given. A float for NumPy, else an array on the device.
    """

    signal: Any
    n_lost: int
    convergence: Any | None = None


def compute_inverse(spectrum: Any, settings: STFTSettings, length: int | None = None) -> Reconstruction:
    """Compute the inverse short-time Fourier transform by weighted overlap-add.

    Parameters
    ----------
    spectrum : array
        Values of mode "stft", `[re, im]` along the bins; or, in any mode, complex values in the same layout, `n_bins`
        for each frame and channel.
    settings : STFTSettings
        Settings of the forward transform, which used Fourier kernels.
    length : int, optional
        Length of the signal, L, samples. Required for padding "same", where the position of the frames depends on it.
        For "valid" None means all samples under the frames, `(T - 1) step + frame_length`.

    Returns
    -------
    Reconstruction
        The signal, in the dtype of the settings and the library of the spectrum, and the number of lost samples.

    Raises
    ------
    ValueError
        If the shape, the mode or `length` does not fit, or the window does not overlap enough to be inverted.
    TypeError
        If `spectrum` is not an array of a float or complex type, or `length` is not an integer.

    Notes
    -----
    With the frames `f_t` of the inverse DFT, the scaled window `w` and ``S[n] = sum over t of w[n - t step]^2``,
    sample `n` is ``sum over t of w[n - t step] f_t[n - t step] / S[n]``, as in [1]_. This is the signal whose transform
    is the least-squares approximation of the spectrum; for an unmodified spectrum it is the original signal.

    Where `S` is at most `nola_threshold` times its largest value in the interior, the sample is 0 and counted as lost.
    With padding "valid" that happens at both ends if the window goes to 0, and after the last frame. Elsewhere the
    rounding error grows as `eps / sqrt(S)`; see `reconstruction_error_bound`.

    A NaN or infinite value makes the samples under its frame NaN, and no others.

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
    values = _checked_spectrum(spectrum, settings)
    plan = plan_synthesis(values.shape[2], length, settings, like=spectrum)
    # Libraries that differentiate or trace get functions without in-place writes.
    if not supports_out(spectrum):
        samples = synthesize_unblocked(_to_complex(values, settings), plan, settings)
        return Reconstruction(to_signal(samples, plan, settings), plan.n_lost)

    def read(batch: int, channel: int, first: int, last: int) -> Any:
        return _to_complex(values[batch, channel, first:last], settings)

    if isinstance(spectrum, np.ndarray):
        signal, rows = empty_signal(values, plan, settings)
        synthesize_blocked(read, rows, plan, settings)
        return Reconstruction(signal, plan.n_lost)
    with on_device_of(spectrum):
        signal, rows = empty_signal(values, plan, settings, settings.compute_dtype)
        synthesize_on_device(values, rows, plan, settings, frames_per_block(spectrum, settings))
        return Reconstruction(signal.astype(settings.result_dtype, copy=False), plan.n_lost)


def inverse_in_parts(
    spectrum: NDArray[Any],
    settings: STFTSettings,
    length: int | None,
    compute: Callable[[NDArray[Any], STFTSettings, int | None], Reconstruction],
) -> Reconstruction:
    """Compute the inverse transform of a NumPy spectrum on a device, in parts that fit.

    Parameters
    ----------
    spectrum, settings, length
        As for `compute_inverse`.
    compute : callable
        Takes the spectrum, the settings and the length of a part, computes its inverse on the device and returns it on
        the host. Raises `DeviceOutOfMemory` if the part does not fit.

    Returns
    -------
    Reconstruction
        The result of `compute_inverse`.
    """
    values = _checked_spectrum(spectrum, settings)
    n_batch, n_channels, n_frames, n_values = values.shape
    plan = plan_synthesis(n_frames, length, settings, like=spectrum)
    whole = Part(0, n_batch, 0, n_frames)

    def is_large(part: Part) -> bool:
        sample_bytes = np.dtype(settings.result_dtype).itemsize
        return exceeds_part(part, n_channels, sample_bytes, n_values * values.itemsize, settings)

    if not is_large(whole):
        with suppress(DeviceOutOfMemory):
            return compute(spectrum, settings, length)
    signal, rows = empty_signal(values, plan, settings)

    def compute_part(part: Part) -> Any:
        some = to_output(values[part.begin : part.end, :, part.first : part.last], settings)
        return compute(some, without_padding(settings), None).signal

    synthesize_in_parts(whole, is_large, compute_part, rows, plan, settings)
    return Reconstruction(signal, plan.n_lost)


def synthesize_in_parts(
    whole: Part,
    is_large: Callable[[Part], bool],
    compute: Callable[[Part], Any],
    rows: Any,
    plan: SynthesisPlan,
    settings: STFTSettings,
) -> None:
    """Compute samples by overlap-add in parts.

    Parameters
    ----------
    whole : Part
        All batch items and frames.
    is_large : callable
        Returns whether a part is to be halved.
    compute : callable
        Returns the samples under the frames of a part, in the layout of the settings, computed from these frames only.
        Raises `DeviceOutOfMemory` if it does not fit.
    rows : ndarray (batch, channels, n_samples)
        Output.
    plan : SynthesisPlan
        That of all frames.
    settings : STFTSettings
        Settings of the transform.
    """
    rows[...] = 0
    n_carried = -(-settings.frame_length // settings.step) - 1

    def compute_part(part: Part) -> None:
        """Compute the samples from the start of the first frame to that of the one after the last."""
        begin, end, first, last = part
        # Earlier frames reach into the first samples.
        reach = max(0, first - n_carried)
        samples = to_rows(compute(part._replace(first=reach)), settings)
        # Positions count from the start of frame 0.
        stop = last * settings.step if last < plan.n_frames else frames_extent(plan.n_frames, settings)
        low = max(first * settings.step, plan.left)
        # Samples before the signal, of which there may be no others.
        high = max(low, min(stop, plan.left + plan.n_samples))
        origin = reach * settings.step
        rows[begin:end, :, low - plan.left : high - plan.left] = samples[..., low - origin : high - origin]

    for_each_part(whole, is_large, compute_part)


def _checked_spectrum(spectrum: Any, settings: STFTSettings) -> Any:
    """Return a spectrum as (batch, channels, frames, n_values), after checking its mode, dtype and shape."""
    is_complex = "complex" in check_array("spectrum", spectrum, (*DTYPES, *COMPLEX_DTYPES.values()))
    if settings.mode != "stft" and not is_complex:
        raise ValueError(
            f"`mode` must be 'stft' for the inverse of real values; got {settings.mode!r}.{_hint(settings)}"
        )
    # Real values of mode "stft" have both parts along the bins.
    n_values = settings.n_bins if is_complex else 2 * settings.n_bins
    return checked_from_output("spectrum", spectrum, n_values, settings)


def check_array(name: str, array: Any, dtypes: tuple[str, ...]) -> str:
    """Return the name of an array's dtype, after checking that it is one of `dtypes`."""
    check_array_type(name, array)
    dtype = str(getattr(array.dtype, "name", array.dtype)).rpartition(".")[2]
    if dtype not in dtypes:
        raise TypeError(f"`{name}` must have dtype {', '.join(dtypes[:-1])} or {dtypes[-1]}; got {dtype}.")
    return dtype


def checked_from_output(name: str, output: Any, n_values: int, settings: STFTSettings) -> Any:
    """Validate a shape and convert from the layout of the settings to axes (batch, channels, frames, n_values).

    Parameters
    ----------
    name : str
        Name of the argument, for error messages.
    output : array
        Values in the layout of the settings.
    n_values : int
        Number of values for each frame and channel.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    array (batch, channels, frames, n_values)
        A view, if the library has views.

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
    # A batch of 0 is allowed and gives an empty signal.
    fits = len(shape) == len(axes) and all(size > 0 for axis, size in sizes.items() if axis != "batch")
    if not fits or sizes.get(f"{n_values}", n_values) != n_values or sizes.get(flat, n_values) % n_values:
        raise ValueError(
            f"`{name}` must have shape ({', '.join(axes)}), with at least 1 of each but batch; got {shape}."
        )
    return from_output(output, settings, n_values)


def empty_signal(values: Any, plan: SynthesisPlan, settings: STFTSettings, dtype: str | None = None) -> tuple[Any, Any]:
    """Allocate the signal of spectra (batch, channels, ...); return it and its view as (batch, channels, time).

    None for `dtype` means that of the result.
    """
    n_batch, n_channels = values.shape[:2]
    shape = (n_batch, plan.n_samples, n_channels) if settings.channels_last else (n_batch, n_channels, plan.n_samples)
    signal = namespace(values).empty(shape, dtype=dtype or settings.result_dtype)
    return signal, to_rows(signal, settings)


def crop(samples: Any, plan: SynthesisPlan) -> Any:
    """Remove the padding from the samples under the frames, and append zeros for samples after the last frame."""
    xp = namespace(samples)
    # A signal may be longer than its frames: `length` includes samples that no frame covers.
    rows = samples[..., plan.left : min(plan.left + plan.n_samples, samples.shape[-1])]
    n_tail = plan.n_samples - rows.shape[-1]
    tail = xp.zeros((*rows.shape[:-1], n_tail), dtype=rows.dtype, device=device_of(rows))
    return xp.concat([rows, tail], axis=-1) if n_tail else rows


def to_signal(samples: Any, plan: SynthesisPlan, settings: STFTSettings) -> Any:
    """Convert the samples under the frames to a signal in the input layout and the dtype of the result."""
    rows = crop(samples, plan)
    return to_rows(namespace(rows).astype(rows, getattr(namespace(rows), settings.result_dtype)), settings)


def _to_complex(values: Any, settings: STFTSettings) -> Any:
    """Return a copy as complex spectra (..., n_bins), NaN in frames that have a NaN or infinite value.

    Bin 0 contributes to every sample of the inverse FFT, so the whole frame becomes NaN.
    """
    xp = namespace(values)
    is_complex = xp.isdtype(values.dtype, "complex floating")
    nonfinite = ~xp.all(xp.isfinite(values), axis=-1)
    dtype = COMPLEX_DTYPES[settings.compute_dtype]
    if not supports_out(values):
        if not is_complex:
            parts = xp.astype(values, getattr(xp, settings.compute_dtype))
            values = parts[..., : settings.n_bins] + 1j * parts[..., settings.n_bins :]
        spectrum = xp.astype(values, getattr(xp, dtype))
        return xp.where(nonfinite[..., None], scalar_like(xp.nan, spectrum), spectrum)
    # Written into the real and imaginary views: `re + 1j * im` would create two temporary complex arrays.
    spectrum = xp.empty((*values.shape[:-1], settings.n_bins), dtype=dtype)
    if is_complex:
        spectrum[...] = values
    else:
        spectrum.real[...] = values[..., : settings.n_bins]
        spectrum.imag[...] = values[..., settings.n_bins :]
    return write_nan(spectrum, nonfinite)


def _hint(settings: STFTSettings) -> str:
    if settings.mode in ("magnitude", "log", "psd"):
        return " Use `reconstruct`, which estimates the phase."
    return " Use mode='stft', or mode='magnitude' with `reconstruct`."
