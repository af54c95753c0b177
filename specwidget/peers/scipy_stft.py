"""SciPy: `scipy.signal.ShortTimeFFT`.

`CONVENTION` tells what it does by itself. Slice 0 is centred on the first sample, so that frames from the first sample
on need `k_offset`, the window's middle; with `phase_shift=None` the phase is counted from the frame's first sample, as
here; `scale_to="psd"` divides by the root of the window's energy, and `scale_to="magnitude"` by the absolute value of
its sum, where the layer takes the sum of absolute values; `fft_mode="onesided2X"` doubles the bins of a power spectrum.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from specwidget.peers import aligned
from specwidget.peers.calls import mode_lines, padded_text, scale_lines, window_lines
from specwidget.peers.peer import (
    AT_BEGINNING,
    KEPT,
    MIDDLE_OF_WINDOW,
    NO_FLOOR,
    ONE_SIDED,
    UNSCALED,
    VALUES_ALONE,
    Answer,
    Convention,
    Peer,
    Piece,
    refuse_zero_window,
)
from specwidget.peers.plain import plain_scale, plain_values, plain_window
from specwidget.stft.settings import STFTSettings

TITLE = "SciPy ShortTimeFFT"

CONVENTION = Convention(
    call="scipy.signal.ShortTimeFFT",
    window_place=AT_BEGINNING,
    window_kind=VALUES_ALONE,
    ends="zeros, as far as a window reaches in",
    scaling=UNSCALED,
    sides=ONE_SIDED,
    phase_origin=MIDDLE_OF_WINDOW,
    floor=NO_FLOOR,
    mean=KEPT,
)


def own_scale(settings: STFTSettings) -> Literal["psd", "magnitude"] | None:
    """Return the scaling that SciPy has itself, or None where it has none that is the layer's."""
    if settings.window is None or settings.scaling is None:
        return None
    if settings.scaling == "density":
        return "psd"
    return "magnitude" if (plain_window(settings) >= 0).all() else None


def has_own_power(settings: STFTSettings) -> bool:
    """Tell whether SciPy doubles the bins itself: it does where its scaling is that of a power density."""
    return settings.mode == "psd" and own_scale(settings) == "psd"


def prepare(_inputs: NDArray[Any], settings: STFTSettings) -> Answer:
    """Return SciPy's answers."""
    from scipy.signal import ShortTimeFFT

    transform = ShortTimeFFT(
        plain_window(settings),
        settings.step,
        fs=1,
        fft_mode="onesided2X" if has_own_power(settings) else "onesided",
        mfft=settings.n_fft,
        scale_to=own_scale(settings),
        phase_shift=None,
    )
    divisor = plain_scale(settings) if own_scale(settings) is None else 1.0

    def answer(piece: Piece) -> NDArray[np.float64]:
        """Return SciPy's values of a piece."""
        n_frames = piece.last - piece.first
        spectrum = transform.stft(piece.samples, 0, n_frames, k_offset=transform.m_num_mid).T / divisor
        return np.abs(spectrum) ** 2 if has_own_power(settings) else plain_values(spectrum, settings)

    return answer


def call_text(settings: STFTSettings, padding: tuple[int, int]) -> str:
    """Return the aligned call, in which `x` is one channel of the signal."""
    scaled = own_scale(settings)
    fft_mode = "onesided2X" if has_own_power(settings) else "onesided"
    lines = [
        "import numpy as np",
        "from scipy.signal import ShortTimeFFT",
        *window_lines(settings),
        "transform = ShortTimeFFT(",
        f"    w, {settings.step}, fs=1, fft_mode={fft_mode!r}, mfft={settings.n_fft},",
        f"    scale_to={scaled!r}, phase_shift=None,",
        ")",
        f"x = {padded_text(*padding)}",
        f"n_frames = (len(x) - {settings.frame_length}) // {settings.step} + 1",
        "S = transform.stft(x, 0, n_frames, k_offset=transform.m_num_mid)",
        *(scale_lines(settings) if scaled is None else []),
        *(["values = np.abs(S.T) ** 2"] if has_own_power(settings) else mode_lines(settings)),
    ]
    return "\n".join(lines)


def conventions(settings: STFTSettings) -> tuple[str, ...]:
    """Return what had to be aligned, as sentences."""
    middle = settings.frame_length // 2
    sentences = [
        f"Frame placement: {TITLE} centres slice 0 on the first sample; k_offset={middle} starts it there.",
        "Phase origin: phase_shift=None counts the phase from the frame's first sample.",
    ]
    if settings.scaling is not None and settings.window is not None and own_scale(settings) is None:
        sentences.append(
            f"Scaling: {TITLE} divides by the sum of the window, not by that of its absolute values; the values were "
            f"divided by {plain_scale(settings):.6g} by hand."
        )
    sentences += [] if has_own_power(settings) else aligned.sides(TITLE, settings)
    sentences += aligned.floor(TITLE, settings)
    if settings.padding == "same":
        sentences.append(f"Padding: {TITLE} lets frames stick out at both ends; the zeros were put by hand.")
    return tuple(sentences)


PEER = Peer(
    TITLE,
    CONVENTION,
    {"scipy": "scipy"},
    prepare,
    call_text,
    conventions,
    refusal=lambda settings: refuse_zero_window(TITLE, settings),
)
