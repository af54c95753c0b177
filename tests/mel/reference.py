"""Reference implementation of the mel spectrogram in float64: a loop over frames, and a sum over samples for each bin.

It follows the documentation of `MelConventions` and shares no code with the package.
"""

from dataclasses import asdict

import numpy as np
import scipy.signal

from specwidget import MelConventions

DEFAULTS = {
    "fft_length": 2048,
    "sequence_stride": 512,
    "sequence_length": None,
    "window": "hann",
    "sampling_rate": 16000,
    "num_mel_bins": 128,
    "min_freq": 20.0,
    "max_freq": None,
    "power_to_db": True,
    "top_db": 80.0,
    "mag_exp": 2.0,
    "min_power": 1e-10,
    "ref_power": 1.0,
}


def reference_mel(signal, conventions=None, **arguments):
    """The mel spectrogram (M, T) of a signal (L,)."""
    given = asdict(conventions or MelConventions())
    settings = DEFAULTS | arguments
    frames = reference_frames(np.asarray(signal, np.float64), settings, given)
    n_fft = settings["fft_length"]
    n, k = np.arange(frames.shape[1]), np.arange(n_fft // 2 + 1)
    spectrum = frames @ np.exp(-2j * np.pi * np.outer(n, k) / n_fft)
    power = (np.abs(spectrum) ** 2 + given["power_offset"]) ** (settings["mag_exp"] / 2)
    values = reference_log((power @ reference_bank(settings, given)).T, settings, given)
    if given["normalization"] == "affine":
        values = (values - given["mean"]) / given["deviation"]
    if given["normalization"] == "band":
        variance = values.var(axis=1, ddof=given["ddof"], keepdims=True) + given["variance_epsilon"]
        values = (values - values.mean(axis=1, keepdims=True)) / (np.sqrt(variance) + given["deviation_epsilon"])
    return values


def reference_frames(signal, settings, given):
    """Windowed frames, (T, samples)."""
    length = settings["sequence_length"] or settings["fft_length"]
    step, a = settings["sequence_stride"], given["preemphasis"]
    signal = signal * given["gain"]
    if given["remove_mean"] == "signal":
        signal = signal - signal.mean()
    if given["preemphasis_over"] == "signal":
        signal = np.concatenate([signal[:1], signal[1:] - a * signal[:-1]])
    span = settings["fft_length"] if given["placement"] == "centre" else length
    if given["ends"]:
        margin = span // 2 if given["margin"] == "half_frame" else (span - step) // 2
        signal = np.pad(signal, margin, mode={"zeros": "constant", "reflect": "reflect"}[given["ends"]])
    rows = []
    for start in range(0, len(signal) - span + 1, step):
        offset = start + (span - length) // 2
        frame = signal[offset : offset + length].copy()
        if given["remove_mean"] == "frame":
            frame -= frame.mean()
        if given["preemphasis_over"] == "frame":
            frame = np.concatenate([frame[:1] * (1 - a), frame[1:] - a * frame[:-1]])
        rows.append(frame * reference_window(settings["window"], length, periodic=given["periodic"]))
    return np.array(rows[: len(rows) - given["drop_last_frame"]])


def reference_window(window, length, *, periodic):
    """Values of a window."""
    if window is None:
        return np.ones(length)
    if isinstance(window, str) and window == "povey":
        return scipy.signal.get_window("hann", length, fftbins=periodic) ** 0.85
    return scipy.signal.get_window(window, length, fftbins=periodic)


def to_mel(frequency, scale):
    """Hz to mel, for one number."""
    if scale == "htk":
        return 1127.0 * np.log(1 + frequency / 700)
    return frequency * 3 / 200 if frequency < 1000 else 15 + 27 * np.log(frequency / 1000) / np.log(6.4)


def to_hertz(mel, scale):
    """Mel to Hz, for one number."""
    if scale == "htk":
        return 700 * (np.exp(mel / 1127.0) - 1)
    return mel * 200 / 3 if mel < 15 else 1000 * 6.4 ** ((mel - 15) / 27)


def reference_bank(settings, given):
    """Weights of the bank, (F, M): each band interpolated between its three corners."""
    rate, n_fft, scale = settings["sampling_rate"], settings["fft_length"], given["mel_scale"]
    high = int(rate / 2) if settings["max_freq"] is None else settings["max_freq"]
    corners = np.linspace(to_mel(settings["min_freq"], scale), to_mel(high, scale), settings["num_mel_bins"] + 2)
    bins = np.arange(n_fft // 2 + 1) * rate / n_fft
    hertz = np.array([to_hertz(mel, scale) for mel in corners])
    if given["triangles"] == "mel":
        positions, points = np.array([to_mel(frequency, scale) for frequency in bins]), corners
    else:
        positions, points = bins, hertz
    bands = [np.interp(positions, points[m : m + 3], [0, 1, 0]) for m in range(settings["num_mel_bins"])]
    if given["norm"] == "slaney":
        bands = [2 * band / (hertz[m + 2] - hertz[m]) for m, band in enumerate(bands)]
    return np.array(bands).T


def reference_log(bands, settings, given):
    """Logarithm of bands (M, T), less the reference's, limited below the top."""
    if not settings["power_to_db"]:
        return bands
    floor = settings["min_power"]
    bands = np.maximum(bands, floor) if given["floor"] == "maximum" else bands + floor
    values = 10 * np.log10(bands) - 10 * np.log10(max(abs(settings["ref_power"]), floor))
    if settings["top_db"] is not None:
        values = np.maximum(values, values.max() - settings["top_db"])
    return values * {"db": 1, "log10": 0.1, "ln": 0.1 * np.log(10)}[given["logarithm"]]
