"""SciPy: `scipy.signal.spectrogram`, the legacy function.

It removes the mean of each frame unless `detrend=False`. `scaling="density"` divides power by the window's energy and
the sample rate, which is 1 here, and `scaling="spectrum"` by the square of the window's sum, where the layer uses the
sum of absolute values. Power, magnitudes and angles are computed by SciPy; the other modes from its complex values.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.codegen import scipy_spectrogram as code
from specwidget.codegen.scipy_spectrogram import needs_rescaling, scipy_mode, scipy_scaling
from specwidget.peers import reference
from specwidget.peers.peer import (
    AT_START,
    FIRST_OF_WINDOW,
    NO_FLOOR,
    ONE_SIDED_DOUBLED,
    PERIODIC,
    Convention,
    FrameBlock,
    Peer,
    PeerTransform,
    Values,
    floor_sentences,
    padding_sentences,
    refuse_zero_window,
)
from specwidget.stft.settings import STFTSettings

TITLE = "SciPy spectrogram"

CONVENTION = Convention(
    function="scipy.signal.spectrogram",
    window_position=AT_START,
    window_symmetry=PERIODIC,
    boundaries="whole frames only",
    scaling="√Σw² for density, |Σw| for spectrum",
    sides=ONE_SIDED_DOUBLED,
    phase_origin=FIRST_OF_WINDOW,
    floor=NO_FLOOR,
    mean="removed",
)


def prepare(_inputs: NDArray[Any], settings: STFTSettings) -> PeerTransform:
    """Prepare SciPy's transform."""
    from scipy.signal import spectrogram

    factor = rescaling(settings)
    options: dict[str, Any] = {
        "fs": 1,
        "window": reference.window_values(settings),
        "noverlap": settings.frame_length - settings.step,
        "nfft": settings.n_fft,
        "detrend": False,
        "scaling": scipy_scaling(settings),
        "mode": scipy_mode(settings),
    }

    def transform(block: FrameBlock) -> Values:
        return _to_layer_values(spectrogram(block.samples, **options)[2].T, factor, settings)

    return transform


def rescaling(settings: STFTSettings) -> float:
    """Compute the factor from SciPy's amplitudes to the layer's; 1 where both scale alike."""
    if not needs_rescaling(settings):
        return 1.0
    # SciPy scales to a density here, that is, it divides by the norm of the window.
    return float(np.sqrt(np.sum(reference.window_values(settings) ** 2)) / reference.window_scale(settings))


def _to_layer_values(values: NDArray[Any], factor: float, settings: STFTSettings) -> Values:
    """Apply the layer's scale and floor to SciPy's values (frames, bins)."""
    if settings.mode == "psd":
        return np.asarray(values * factor**2)
    if settings.mode == "angle":
        return np.asarray(values)
    if settings.mode in ("magnitude", "log"):
        magnitude = reference.apply_floor(values * factor, settings)
        return np.log(magnitude) if settings.mode == "log" else magnitude
    return reference.compute_values(np.asarray(values * factor, dtype=np.complex128), settings)


def conventions(settings: STFTSettings) -> tuple[str, ...]:
    """Describe what was aligned."""
    sentences = [f"Detrending: {TITLE} removes the mean of each frame by default; detrend=False keeps it."]
    if needs_rescaling(settings):
        unscaled = settings.scaling is None or settings.window is None
        default = "has no unscaled values" if unscaled else "divides by the sum of the window, not of absolute values"
        sentences.append(f"Scaling: {TITLE} {default}; its amplitudes were multiplied by {rescaling(settings):.6g}.")
    return (
        *sentences,
        *floor_sentences(TITLE, settings),
        *padding_sentences(TITLE, settings, "uses whole frames only"),
    )


PEER = Peer(
    TITLE,
    CONVENTION,
    {"scipy": "scipy"},
    code.TARGET,
    prepare,
    conventions,
    refusal=lambda settings: refuse_zero_window(TITLE, settings),
)
