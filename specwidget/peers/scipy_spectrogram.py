"""SciPy: `scipy.signal.spectrogram`, the older function.

`CONVENTION` tells what it does by itself. Each frame has its mean removed unless `detrend=False`; `scaling="density"`
divides power by the window's energy and the sample rate, which is 1 here, and `scaling="spectrum"` by the square of its
sum, where the layer takes the sum of absolute values. It has power, complex values, magnitudes and angles of its own,
which are the ones compared.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.peers import aligned
from specwidget.peers.calls import mode_lines, padded_text, window_lines
from specwidget.peers.peer import (
    AT_BEGINNING,
    FIRST_OF_WINDOW,
    NO_FLOOR,
    ONE_SIDED_DOUBLED,
    PERIODIC,
    Answer,
    Convention,
    Peer,
    Piece,
    refuse_zero_window,
)
from specwidget.peers.plain import floored, plain_scale, plain_values, plain_window
from specwidget.stft.settings import STFTSettings

TITLE = "SciPy spectrogram"

CONVENTION = Convention(
    call="scipy.signal.spectrogram",
    window_place=AT_BEGINNING,
    window_kind=PERIODIC,
    ends="whole frames",
    scaling="√Σw² for density, |Σw| for spectrum",
    sides=ONE_SIDED_DOUBLED,
    phase_origin=FIRST_OF_WINDOW,
    floor=NO_FLOOR,
    mean="removed",
)

OWN_MODES = {"psd": "psd", "magnitude": "magnitude", "log": "magnitude", "angle": "angle"}
"""Modes that SciPy has itself; the others are made of complex values."""


def own_mode(settings: STFTSettings) -> str:
    """Return SciPy's mode."""
    return OWN_MODES.get(settings.mode, "complex")


def own_scaling(settings: STFTSettings) -> str:
    """Return SciPy's scaling: the layer's where SciPy's is the same, else density, which is put right by hand."""
    is_spectrum = settings.scaling == "spectrum" and settings.window is not None
    return "spectrum" if is_spectrum and (plain_window(settings) >= 0).all() else "density"


def correction(settings: STFTSettings) -> float:
    """Return what SciPy's amplitudes are multiplied by; 1 where its scaling is the layer's."""
    window = plain_window(settings)
    if settings.scaling == own_scaling(settings) and settings.window is not None:
        return 1.0
    return float(np.sqrt(np.sum(window**2)) / plain_scale(settings))


def prepare(_inputs: NDArray[Any], settings: STFTSettings) -> Answer:
    """Return SciPy's answers."""
    from scipy.signal import spectrogram

    factor = correction(settings)
    options: dict[str, Any] = {
        "fs": 1.0,
        "window": plain_window(settings),
        "noverlap": settings.frame_length - settings.step,
        "nfft": settings.n_fft,
        "detrend": False,
        "scaling": own_scaling(settings),
        "mode": own_mode(settings),
    }

    def answer(piece: Piece) -> NDArray[np.float64]:
        """Return SciPy's values of a piece."""
        return finish(spectrogram(piece.samples, **options)[2].T, factor, settings)

    return answer


def finish(values: NDArray[Any], factor: float, settings: STFTSettings) -> NDArray[np.float64]:
    """Return SciPy's values (frames, bins) with our scale and floor."""
    if settings.mode == "psd":
        return np.asarray(values * factor**2)
    if settings.mode == "angle":
        return np.asarray(values)
    if settings.mode in ("magnitude", "log"):
        magnitude = floored(values * factor, settings)
        return np.log(magnitude) if settings.mode == "log" else magnitude
    return plain_values(np.asarray(values * factor, dtype=np.complex128), settings)


def call_text(settings: STFTSettings, padding: tuple[int, int]) -> str:
    """Return the aligned call, in which `x` is one channel of the signal."""
    lines = [
        "import numpy as np",
        "from scipy.signal import spectrogram",
        *window_lines(settings),
        "f, t, S = spectrogram(",
        f"    {padded_text(*padding)}, fs=1.0, window=w, noverlap={settings.frame_length - settings.step},",
        f"    nfft={settings.n_fft}, detrend=False, scaling={own_scaling(settings)!r}, mode={own_mode(settings)!r},",
        ")",
        *correction_lines(settings),
        *finish_lines(settings),
    ]
    return "\n".join(lines)


def correction_lines(settings: STFTSettings) -> list[str]:
    """Return the line that scales `S`, where SciPy's scaling is not the layer's."""
    if correction(settings) == 1.0 or settings.mode == "angle":
        return []
    divisor = " / np.sum(np.abs(w))" if settings.scaling == "spectrum" and settings.window is not None else ""
    factor = f"np.sqrt(np.sum(w**2)){divisor}"
    return [f"S = S * ({factor}) ** 2" if settings.mode == "psd" else f"S = S * {factor}"]


def finish_lines(settings: STFTSettings) -> list[str]:
    """Return the line that makes `values` of `S`."""
    floor = f"np.maximum(S.T, np.sqrt({settings.epsilon!r}))"
    own = {"psd": "S.T", "angle": "S.T", "magnitude": floor, "log": f"np.log({floor})"}
    return [f"values = {own[settings.mode]}"] if settings.mode in own else mode_lines(settings)


def conventions(settings: STFTSettings) -> tuple[str, ...]:
    """Return what had to be aligned, as sentences."""
    sentences = [f"Detrending: {TITLE} removes each frame's mean; it was told not to, by detrend=False."]
    if correction(settings) != 1.0 and settings.mode != "angle":
        what = (
            "has no unscaled values" if settings.scaling is None or settings.window is None else "takes the plain sum"
        )
        sentences.append(f"Scaling: {TITLE} {what}; its amplitudes were multiplied by {correction(settings):.6g}.")
    sentences += aligned.floor(TITLE, settings)
    if settings.padding == "same":
        sentences.append(f"Padding: {TITLE} takes whole frames only; the zeros were put by hand.")
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
