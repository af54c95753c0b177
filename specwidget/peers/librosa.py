"""librosa: `librosa.stft`.

With `center=False` it uses only whole FFTs, so the signal is padded by the zeros that complete the last one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.codegen import librosa as code
from specwidget.peers import reference
from specwidget.peers.peer import (
    CENTRED,
    FIRST_OF_FFT,
    MEAN_NOT_REMOVED,
    NO_FLOOR,
    ONE_SIDED,
    PERIODIC,
    UNSCALED,
    Convention,
    FrameBlock,
    Peer,
    PeerTransform,
    Values,
    floor_sentences,
    padding_sentences,
    placement_sentences,
    scaling_sentences,
    sides_sentences,
    symmetry_sentences,
)
from specwidget.stft.settings import STFTSettings

TITLE = "librosa"

CONVENTION = Convention(
    function="librosa.stft",
    window_position=CENTRED,
    window_symmetry=PERIODIC,
    boundaries="zero-padded by N / 2 at both ends",
    scaling=UNSCALED,
    sides=ONE_SIDED,
    phase_origin=FIRST_OF_FFT,
    floor=NO_FLOOR,
    mean=MEAN_NOT_REMOVED,
)


def prepare(_inputs: NDArray[Any], settings: STFTSettings) -> PeerTransform:
    """Prepare librosa's transform."""
    import librosa

    window = reference.pad_to_fft(reference.scaled_window(settings), settings)

    def transform(block: FrameBlock) -> Values:
        spectrum = librosa.stft(
            reference.pad_to_fft(block.samples, settings),
            n_fft=settings.n_fft,
            hop_length=settings.step,
            window=window,
            center=False,
            dtype=np.complex128,
        )
        return reference.compute_values(spectrum.T, settings)

    return transform


def conventions(settings: STFTSettings) -> tuple[str, ...]:
    """Describe what was aligned."""
    return (
        *placement_sentences(TITLE, settings),
        *symmetry_sentences(TITLE, settings),
        *scaling_sentences(TITLE, settings, reference.window_scale(settings)),
        *sides_sentences(TITLE, settings),
        *floor_sentences(TITLE, settings),
        *padding_sentences(TITLE, settings, "pads by N / 2 unless center=False"),
    )


PEER = Peer(TITLE, CONVENTION, {"librosa": "librosa"}, code.TARGET, prepare, conventions)
