"""Reference implementation of the transform in float64: a loop over frames, and a sum over samples for each bin.

It follows the documentation of the layer and shares no code with the package. Internally, axes are
(batch, channels, frames, bins).
"""

from dataclasses import dataclass

import numpy as np
import scipy.signal

DEFAULTS = {
    "mode": "log",
    "frame_length": 256,
    "frame_step": None,
    "fft_length": None,
    "window": "hann",
    "periodic": False,
    "scaling": "density",
    "padding": "valid",
    "expand_dims": False,
    "data_format": None,
    "dtype": None,
    "epsilon": 1e-7,
}


@dataclass(frozen=True)
class ReferenceParts:
    """Real and imaginary parts (B, C, T, F), and `size` (B, C, T, 1): the sum of |x w / s| that bounds them."""

    real: np.ndarray
    imag: np.ndarray
    size: np.ndarray


def effective_sizes(settings):
    """`(step, n_fft)` after the defaults are filled in."""
    frame_length = settings["frame_length"]
    n_fft = 1
    while n_fft < frame_length:
        n_fft *= 2
    return settings["frame_step"] or max(1, frame_length // 2), settings["fft_length"] or n_fft


def reference_window(settings):
    """The window divided by its scale, float64 of shape (frame_length,)."""
    window, frame_length = settings["window"], settings["frame_length"]
    if window is None:
        return np.ones(frame_length)
    if isinstance(window, (str, tuple)):
        values = scipy.signal.get_window(window, frame_length, fftbins=settings["periodic"])
    else:
        values = np.asarray(window, dtype=np.float64)
    scales = {"density": np.sqrt(np.sum(values**2)), "spectrum": np.sum(np.abs(values)), None: 1.0}
    return values / scales[settings["scaling"]]


def reference_phases(frame_length, n_fft):
    """Phases 2 pi n k / N of shape (frame_length, F), reduced to one turn before they meet floating point."""
    n, k = np.arange(frame_length)[:, None], np.arange(n_fft // 2 + 1)[None, :]
    return 2 * np.pi * ((n * k) % n_fft) / n_fft


def reference_frames(signals, settings):
    """Frames (B, C, T, frame_length) of signals (B, C, L), one slice at a time."""
    n_samples, frame_length = signals.shape[-1], settings["frame_length"]
    step, _ = effective_sizes(settings)
    if settings["padding"] == "same":
        n_frames = -(-n_samples // step)
        total = max((n_frames - 1) * step + frame_length - n_samples, 0)
        signals = np.pad(signals, ((0, 0), (0, 0), (total // 2, total - total // 2)))
    starts = range(0, signals.shape[-1] - frame_length + 1, step)
    return np.stack([signals[:, :, start : start + frame_length] for start in starts], axis=2)


def reference_parts(inputs, settings):
    """Real and imaginary parts of inputs in the layer's own layout."""
    dtype = settings["dtype"] or "float32"
    signals = np.asarray(inputs).astype(dtype).astype(np.float64)
    if (settings["data_format"] or "channels_last").lower() == "channels_last":
        signals = signals.transpose(0, 2, 1)
    frames = reference_frames(signals, settings)
    touched = ~np.isfinite(frames).all(axis=-1, keepdims=True)
    windowed = np.where(touched, 0.0, frames) * reference_window(settings)
    phases = reference_phases(settings["frame_length"], effective_sizes(settings)[1])
    real, imag = windowed @ np.cos(phases), windowed @ -np.sin(phases)
    # The sine of a multiple of pi is 0, but 1e-16 in floating point.
    imag = np.where(phases_without_sine(settings), 0.0, imag)
    size = np.abs(windowed).sum(axis=-1, keepdims=True)
    return ReferenceParts(np.where(touched, np.nan, real), np.where(touched, np.nan, imag), size)


def phases_without_sine(settings):
    """Shape (F,): True for bins in which every sine is 0, bin 0 and the Nyquist bin of an even FFT."""
    n_fft = effective_sizes(settings)[1]
    return (2 * np.arange(n_fft // 2 + 1)) % n_fft == 0


def doubled_bins(settings):
    """Shape (F,): 1 for the first bin and for the last of an even FFT, 2 for every other."""
    n_fft = effective_sizes(settings)[1]
    return np.where((2 * np.arange(n_fft // 2 + 1)) % n_fft == 0, 1.0, 2.0)


def reference_mode(parts, settings):
    """Values of the mode (B, C, T, Fo)."""
    mode, epsilon = settings["mode"], settings["epsilon"]
    power = parts.real**2 + parts.imag**2
    if mode == "real":
        return parts.real
    if mode == "imag":
        return parts.imag
    if mode == "angle":
        return np.arctan2(parts.imag, parts.real)
    if mode == "stft":
        return np.concatenate([parts.real, parts.imag], axis=-1)
    if mode == "psd":
        return power * doubled_bins(settings)
    magnitude = np.sqrt(np.where(power <= epsilon, epsilon, power))
    return magnitude if mode == "magnitude" else np.log(magnitude)


def reference_layout(values, settings):
    """From (B, C, T, Fo) to the layer's output, element by element."""
    batch, channels, n_frames, n_bins = values.shape
    last = (settings["data_format"] or "channels_last").lower() == "channels_last"
    if settings["expand_dims"]:
        return values.transpose(0, 2, 3, 1) if last else values
    flat = np.zeros((batch, n_frames, channels * n_bins))
    for c in range(channels):
        flat[:, :, c * n_bins : (c + 1) * n_bins] = values[:, c]
    return flat if last else flat.transpose(0, 2, 1)


def reference_spectrogram(inputs, **arguments):
    """The layer's output, float64, for the layer's own arguments."""
    settings = DEFAULTS | arguments
    return reference_layout(reference_mode(reference_parts(inputs, settings), settings), settings)
