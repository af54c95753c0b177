"""SciPy: `scipy.signal.ShortTimeFFT`.

It centres slice 0 on the first sample: with `k_offset`, the index of the window's centre, slice 0 starts there instead.
With `phase_shift=None` phase is relative to the first sample of the frame, as in the layer. `scale_to="psd"`
divides by the root of the window's energy, and `scale_to="magnitude"` by the absolute value of its sum, where the layer
divides by the sum of absolute values.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from specwidget.codegen import scipy as code
from specwidget.codegen.scipy import scale_to
from specwidget.peers import reference
from specwidget.peers.peer import (
    AT_START,
    CENTRE_OF_WINDOW,
    MEAN_NOT_REMOVED,
    NO_FLOOR,
    ONE_SIDED,
    UNSCALED,
    VALUES_ONLY,
    Convention,
    FrameBlock,
    Peer,
    PeerTransform,
    Values,
    floor_sentences,
    padding_sentences,
    refuse_zero_window,
    sides_sentences,
)
from specwidget.stft.settings import STFTSettings

TITLE = "SciPy ShortTimeFFT"

CONVENTION = Convention(
    function="scipy.signal.ShortTimeFFT",
    window_position=AT_START,
    window_symmetry=VALUES_ONLY,
    boundaries="zero-padded as far as a window overlaps the signal",
    scaling=UNSCALED,
    sides=ONE_SIDED,
    phase_origin=CENTRE_OF_WINDOW,
    floor=NO_FLOOR,
    mean=MEAN_NOT_REMOVED,
)


def prepare(_inputs: NDArray[Any], settings: STFTSettings) -> PeerTransform:
    """Prepare SciPy's transform."""
    from scipy.signal import ShortTimeFFT

    scale = scale_to(settings)
    window = reference.window_values(settings) if scale else reference.scaled_window(settings)
    sft = ShortTimeFFT(window, hop=settings.step, fs=1, mfft=settings.n_fft, scale_to=scale, phase_shift=None)

    def transform(block: FrameBlock) -> Values:
        spectrum = sft.stft(block.samples, p0=0, p1=block.last - block.first, k_offset=sft.m_num_mid)
        return reference.compute_values(spectrum.T, settings)

    return transform


def conventions(settings: STFTSettings) -> tuple[str, ...]:
    """Describe what was aligned."""
    centre = settings.frame_length // 2
    sentences = [
        f"Frame placement: {TITLE} centres slice 0 on the first sample; k_offset={centre} starts it there.",
        f"Phase origin: {TITLE} relates phase to the window's centre, with phase_shift=None to its first sample.",
    ]
    if settings.scaling is not None and settings.window is not None and scale_to(settings) is None:
        sentences.append(
            f"Scaling: {TITLE} divides by the window's sum, not by the sum of absolute values; the window was divided "
            f"by {reference.window_scale(settings):.6g}."
        )
    return (
        *sentences,
        *sides_sentences(TITLE, settings),
        *floor_sentences(TITLE, settings),
        *padding_sentences(TITLE, settings, "adds slices that extend beyond both ends"),
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
