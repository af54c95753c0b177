"""Real and imaginary parts of frames, in two ways that give the same numbers.

By `conv`, frames times kernels: correlation with stride as one matrix product; it serves any kernels.
By `fft`, the real FFT of windowed frames: many times faster at long frames, for the Fourier kernels only.
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

from specwidget.arrays import into, namespace, rfft, scalar_like, scratch, to_device_of, writes_in_place
from specwidget.stft.kernels import Kernels
from specwidget.stft.settings import STFTSettings

Path = Literal["fft", "conv"]


class Parts(NamedTuple):
    """Real and imaginary parts of frames, or what belongs to each of them.

    Parameters
    ----------
    real, imag : array (..., n_bins) or None
        None where the mode does without.
    joint : array of complex (..., n_bins), optional
        Both as one array, of which `real` and `imag` are views, where there is one.
    """

    real: Any
    imag: Any
    joint: Any = None


def by_fft(frames: Any, window: Any, n_fft: int, windowed: Any | None = None) -> Parts:
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
    Parts
        Both NaN in every bin of a frame that holds a sample that is NaN or infinite; `joint` on NumPy and CuPy.
    """
    if windowed is None:
        spectrum = rfft(frames * window, n_fft)
    else:
        namespace(frames).multiply(frames, window, out=windowed[..., : frames.shape[-1]])
        spectrum = rfft(windowed, n_fft)
    xp = namespace(spectrum)
    # A real FFT leaves some bins finite in a frame with a bad sample. Bin 0, the sum of the frame, never does.
    bad = ~xp.isfinite(xp.real(spectrum[..., 0]))
    if writes_in_place(spectrum):
        spectrum[bad] = complex(math.nan, math.nan)
        return Parts(spectrum.real, spectrum.imag, spectrum)
    real, imag = xp.real(spectrum), xp.imag(spectrum)
    # NaN in bad frames and 0 in all others. By automatic differentiation bin 0 gets NaN there, and so all samples do.
    spoiling = (real[..., 0] * xp.where(bad, scalar_like(xp.nan, real), scalar_like(0.0, real)))[..., None]
    return Parts(real + spoiling, imag + spoiling)


def by_conv(frames: Any, kernels: Kernels, room: Any | None = None) -> Parts:
    """Transform frames by a matrix product with the kernels.

    Parameters
    ----------
    frames : array (..., frame_length)
        Frames of the signal.
    kernels : Kernels
        Kernels of shape (frame_length, 1, n_bins).
    room : array (2, ..., n_bins), optional
        Where the products go.

    Returns
    -------
    Parts
        None where there is no such kernel. Every bin is NaN in a frame that holds a sample that is NaN or infinite.

    Notes
    -----
    A frame is bad where bin 0 of the real part is not finite, as in `by_fft`. With the imaginary kernel alone, its bin
    0 is asked: the two differ for finite samples so large that their sum overflows.
    """
    real, imag = (
        None if kernel is None else namespace(frames).matmul(frames, kernel[:, 0, :], **into(place))
        for kernel, place in zip((kernels.real, kernels.imag), (None, None) if room is None else room, strict=True)
    )
    judged: Any = imag if real is None else real
    first = judged[..., 0]
    bad = ~namespace(first).isfinite(first)
    return Parts(spoil(real, bad), spoil(imag, bad))


def spoil(part: Any | None, bad: Any) -> Any | None:
    """Return a real or imaginary part, (..., n_bins), made NaN in all bins where `bad` (...) is true."""
    if part is None:
        return None
    xp = namespace(part)
    if writes_in_place(part):
        part[bad] = xp.nan
        return part
    # A product, as a choice would have gradient 0 in these frames, by the library's automatic differentiation.
    return part * xp.where(bad, scalar_like(xp.nan, part), scalar_like(1.0, part))[..., None]


def scaled_window(settings: STFTSettings, like: Any) -> Any:
    """Return the window divided by the kernels' scale, in the type computed in, beside the array `like`."""
    return to_device_of(settings.scaled_window.astype(settings.compute_dtype), like)


def empty_windowed(n_frames: int, settings: STFTSettings, like: Any) -> Any:
    """Return room for windowed frames, (n_frames, n_fft), zero where the FFT is longer than a frame."""
    windowed = scratch("windowed frames", (n_frames, settings.n_fft), settings.compute_dtype, like)
    windowed[:, settings.frame_length :] = 0
    return windowed
