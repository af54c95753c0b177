"""What librosa, PyTorch and nnAudio have in common: a window in the middle of the FFT, and nothing scaled.

Where the window is shorter than the FFT, these put zeros on both sides of it, half of them before it, and take only
frames of `n_fft` samples. So the signal is padded by as many zeros, and bin `k` turned back by the `pad` samples that
the frame begins later: by `exp(2 pi i k pad / N)`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from specwidget.peers.calls import is_named, padded_text
from specwidget.peers.plain import plain_scale
from specwidget.stft.settings import STFTSettings


def zeros_around_window(settings: STFTSettings) -> tuple[int, int]:
    """Return the zeros before and after the window that fill the FFT."""
    missing = settings.n_fft - settings.frame_length
    return missing // 2, missing - missing // 2


def pad_for_window(samples: NDArray[np.float64], settings: STFTSettings) -> NDArray[np.float64]:
    """Return samples with the zeros that surround the window."""
    return np.pad(samples, zeros_around_window(settings))


def turn_and_scale(spectrum: NDArray[np.complex128], settings: STFTSettings) -> NDArray[np.complex128]:
    """Return a transform (..., n_bins) with our phase and scale."""
    pad = zeros_around_window(settings)[0]
    # Reduced by integers first: the phase is as exact in the last bin as in the first.
    turns = np.arange(settings.n_bins) * pad % settings.n_fft / settings.n_fft
    return np.asarray(spectrum * (np.exp(2j * np.pi * turns) / plain_scale(settings)))


def padded_for_window(settings: STFTSettings, padding: tuple[int, int]) -> str:
    """Return `x` with the zeros of the padding and those that surround the window."""
    before, after = (a + b for a, b in zip(padding, zeros_around_window(settings), strict=True))
    return padded_text(before, after)


def turn_lines(settings: STFTSettings) -> list[str]:
    """Return the line that turns `S`, where anything has to be turned."""
    pad = zeros_around_window(settings)[0]
    n_bins, n_fft = settings.n_bins, settings.n_fft
    return [f"S = S * np.exp(2j * np.pi * (np.arange({n_bins}) * {pad} % {n_fft}) / {n_fft})[:, None]"] if pad else []


def placement(title: str, settings: STFTSettings) -> list[str]:
    """Tell where the window lies."""
    pad, rest = zeros_around_window(settings)
    if not (pad or rest):
        return []
    sentence = (
        f"Window placement: {title} centres a window of {settings.frame_length} samples in an FFT of "
        f"{settings.n_fft}; the signal was padded by ({pad}, {rest}) and bin k turned by exp(+2πi k {pad}/"
        f"{settings.n_fft})."
    )
    return [sentence]


def symmetry(title: str, settings: STFTSettings) -> list[str]:
    """Tell that windows by name are periodic."""
    if not is_named(settings) or settings.periodic:
        return []
    return [f"Window symmetry: {title} makes windows periodic by name; it was given the symmetric values."]


def scale(title: str, settings: STFTSettings) -> list[str]:
    """Tell that nothing is scaled."""
    if settings.scaling is None or settings.window is None:
        return []
    return [f"Scaling: {title} does not scale; its values were divided by {plain_scale(settings):.6g}."]


def padding_by_hand(title: str, settings: STFTSettings) -> list[str]:
    """Tell who put the zeros of padding "same"."""
    if settings.padding != "same":
        return []
    return [f"Padding: {title}'s center=True pads otherwise; the zeros were put by hand, with center=False."]
