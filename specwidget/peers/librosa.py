"""librosa: `librosa.stft`.

Its convention: the window is periodic unless given as an array; a window shorter than the FFT is put in the middle of
it, with zeros on both sides; the phase is counted from the first sample of the FFT; nothing is scaled; bins are
one-sided; with `center=False` only whole frames of `n_fft` samples are taken, so that a signal has to be padded by
the zeros that surround the window.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from specwidget.peers.comparison import Peer
from specwidget.stft.settings import STFTSettings
from specwidget.stft.windows import shown_window


def spectrum(samples: NDArray[np.float64], settings: STFTSettings) -> NDArray[np.complex128]:
    """Return librosa's transform, (frames, n_bins), turned to our phase and divided by our scale."""
    import librosa

    pad, rest = zeros_around_window(settings)
    window = np.ones(settings.frame_length) if settings.window_values is None else settings.window_values
    values = librosa.stft(
        np.pad(samples, (pad, rest)),
        n_fft=settings.n_fft,
        hop_length=settings.step,
        win_length=settings.frame_length,
        window=window,
        center=False,
        dtype=np.complex128,
    )
    # Reduced by integers first: the phase is as exact in the last bin as in the first.
    turns = np.arange(settings.n_bins) * pad % settings.n_fft / settings.n_fft
    return np.asarray(values.T * (np.exp(2j * np.pi * turns) / settings.kernel_scale))


def zeros_around_window(settings: STFTSettings) -> tuple[int, int]:
    """Return the zeros that librosa puts before and after the window, to fill the FFT."""
    missing = settings.n_fft - settings.frame_length
    return missing // 2, missing - missing // 2


def call_text(settings: STFTSettings, padding: tuple[int, int]) -> str:
    """Return the aligned call, in which `x` is one channel of the signal."""
    before, after = (a + b for a, b in zip(padding, zeros_around_window(settings), strict=True))
    pad = zeros_around_window(settings)[0]
    lines = ["import librosa", "import numpy as np", *_window_lines(settings)]
    lines.append("S = librosa.stft(")
    lines.append(f"    {f'np.pad(x, ({before}, {after}))' if before or after else 'x'},")
    lines.append(f"    n_fft={settings.n_fft}, hop_length={settings.step}, win_length={settings.frame_length},")
    lines.append("    window=w, center=False,")
    lines.append(")")
    if pad:
        lines.append(f"S *= np.exp(2j * np.pi * np.arange({settings.n_bins}) * {pad} / {settings.n_fft})[:, None]")
    lines += _scale_lines(settings)
    return "\n".join([*lines, *_mode_lines(settings)])


def conventions(settings: STFTSettings) -> tuple[str, ...]:
    """Return what had to be aligned, as sentences."""
    pad, rest = zeros_around_window(settings)
    named = isinstance(settings.window, str) or (settings.window and isinstance(settings.window[0], str))
    sentences = []
    if pad or rest:
        sentences.append(
            f"Window placement: librosa centres a window of {settings.frame_length} samples in an FFT of "
            f"{settings.n_fft}; the signal was padded by ({pad}, {rest}) and bin k turned by exp(+2πi k {pad}/"
            f"{settings.n_fft})."
        )
    if named and not settings.periodic:
        sentences.append("Window symmetry: librosa makes windows periodic by name; it was given the symmetric values.")
    if settings.scaling is not None and settings.window is not None:
        sentences.append(f"Scaling: librosa does not scale; its values were divided by {settings.kernel_scale:.6g}.")
    if settings.padding == "same":
        sentences.append(
            "Padding: librosa's center=True pads otherwise; the zeros were put by hand, with center=False."
        )
    return tuple(sentences)


PEER = Peer("librosa", spectrum, call_text, conventions)


def _window_lines(settings: STFTSettings) -> list[str]:
    """Return the lines that make the window `w`."""
    if settings.window is None:
        return [f"w = np.ones({settings.frame_length})"]
    if isinstance(settings.window, tuple) and not isinstance(settings.window[0], str):
        return [f"w = np.asarray(window)  # your {shown_window(settings.window)}"]
    made = f"w = get_window({settings.window!r}, {settings.frame_length}, fftbins={settings.periodic})"
    return ["from scipy.signal import get_window", made]


def _scale_lines(settings: STFTSettings) -> list[str]:
    """Return the line that scales `S`, if anything does."""
    if settings.scaling is None or settings.window is None:
        return []
    return ["S /= np.sqrt(np.sum(w**2))" if settings.scaling == "density" else "S /= np.sum(np.abs(w))"]


def _mode_lines(settings: STFTSettings) -> list[str]:
    """Return the lines that make `values` from `S`, frames first."""
    last = "-1" if settings.n_fft % 2 == 0 else "None"
    epsilon = repr(settings.epsilon)
    expression = {
        "real": "S.T.real",
        "imag": "S.T.imag",
        "stft": "np.concatenate([S.T.real, S.T.imag], axis=-1)",
        "angle": "np.angle(S.T)",
        "psd": "np.abs(S.T) ** 2",
        "magnitude": f"np.sqrt(np.maximum(np.abs(S.T) ** 2, {epsilon}))",
        "log": f"0.5 * np.log(np.maximum(np.abs(S.T) ** 2, {epsilon}))",
    }[settings.mode]
    doubled = [f"values[:, 1:{last}] *= 2"] if settings.mode == "psd" else []
    return [f"values = {expression}", *doubled]
