"""Real and imaginary parts of frames, in two ways that give the same numbers.

By `conv`, frames times kernels: correlation with stride as one matrix product; it serves any kernels.
By `fft`, the real FFT of windowed frames: many times faster at long frames, for the Fourier kernels only.
"""

from __future__ import annotations

from typing import Any, Literal

from specwidget.arrays import namespace, rfft, scalar_like, to_device_of, writes_in_place
from specwidget.stft.kernels import Kernels
from specwidget.stft.settings import STFTSettings

Path = Literal["fft", "conv"]


def by_fft(frames: Any, window: Any, n_fft: int, windowed: Any | None = None) -> tuple[Any, Any]:
    """Transform frames by the real FFT.

    Parameters
    ----------
    frames : array (..., frame_length)
        Frames of the signal.
    window : array (frame_length,)
        Window divided by the scale of the kernels.
    n_fft : int
        Length of the DFT; frames are aligned left in it.
    windowed : array (..., n_fft), optional
        Where the windowed frames go; zero from `frame_length` on.

    Returns
    -------
    real, imag : array (..., n_bins)
        Both NaN in every bin of a frame that holds a sample that is NaN or infinite.
    """
    if windowed is None:
        spectrum = rfft(frames * window, n_fft)
    else:
        namespace(frames).multiply(frames, window, out=windowed[..., : frames.shape[-1]])
        spectrum = rfft(windowed, n_fft)
    xp = namespace(spectrum)
    # A real FFT leaves some bins finite in a frame with a bad sample. Bin 0, the sum of the frame, never does.
    bad = ~xp.isfinite(xp.real(spectrum[..., 0]))
    return spoil(xp.real(spectrum), bad), spoil(xp.imag(spectrum), bad)


def by_conv(frames: Any, kernels: Kernels) -> tuple[Any | None, Any | None]:
    """Transform frames by a matrix product with the kernels.

    Parameters
    ----------
    frames : array (..., frame_length)
        Frames of the signal.
    kernels : Kernels
        Kernels of shape (frame_length, 1, n_bins).

    Returns
    -------
    real, imag : array (..., n_bins) or None
        None where there is no such kernel. Every bin is NaN in a frame that holds a sample that is NaN or infinite.

    Notes
    -----
    A frame is bad where bin 0 of the real part is not finite, as in `by_fft`. With the imaginary kernel alone, its bin
    0 is asked: the two differ for finite samples so large that their sum overflows.
    """
    real, imag = (
        None if kernel is None else namespace(frames).matmul(frames, kernel[:, 0, :])
        for kernel in (kernels.real, kernels.imag)
    )
    judged: Any = imag if real is None else real
    first = judged[..., 0]
    bad = ~namespace(first).isfinite(first)
    return spoil(real, bad), spoil(imag, bad)


def spoil(part: Any | None, bad: Any) -> Any | None:
    """Return a real or imaginary part, (..., n_bins), made NaN in all bins where `bad` (...) is true."""
    if part is None:
        return None
    xp = namespace(part)
    if writes_in_place(part):
        part[bad] = xp.nan
        return part
    return xp.where(bad[..., None], scalar_like(xp.nan, part), part)


def scaled_window(settings: STFTSettings, like: Any) -> Any:
    """Return the window divided by the kernels' scale, in the type computed in, beside the array `like`."""
    return to_device_of(settings.scaled_window.astype(settings.compute_dtype), like)


def empty_windowed(n_frames: int, settings: STFTSettings, xp: Any) -> Any:
    """Return room for windowed frames, (n_frames, n_fft), zero where the FFT is longer than a frame."""
    windowed = xp.empty((n_frames, settings.n_fft), dtype=settings.compute_dtype)
    windowed[:, settings.frame_length :] = 0
    return windowed
