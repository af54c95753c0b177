"""librosa: `librosa.stft`.

`CONVENTION` tells what it does by itself. With `center=False` it takes only whole frames of `n_fft` samples, so that a
signal has to be padded by the zeros that surround the window.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.peers import aligned, centred
from specwidget.peers.calls import mode_lines, scale_lines, window_lines
from specwidget.peers.peer import (
    FIRST_OF_FFT,
    IN_MIDDLE,
    KEPT,
    NO_FLOOR,
    ONE_SIDED,
    PERIODIC,
    UNSCALED,
    Answer,
    Convention,
    Peer,
    Piece,
)
from specwidget.peers.plain import plain_values, plain_window
from specwidget.stft.settings import STFTSettings

TITLE = "librosa"

CONVENTION = Convention(
    call="librosa.stft",
    window_place=IN_MIDDLE,
    window_kind=PERIODIC,
    ends="half an FFT of zeros on both sides",
    scaling=UNSCALED,
    sides=ONE_SIDED,
    phase_origin=FIRST_OF_FFT,
    floor=NO_FLOOR,
    mean=KEPT,
)


def prepare(_inputs: NDArray[Any], settings: STFTSettings) -> Answer:
    """Return librosa's answers."""
    import librosa

    window = plain_window(settings)

    def answer(piece: Piece) -> NDArray[np.float64]:
        """Return librosa's values of a piece."""
        spectrum = librosa.stft(
            centred.pad_for_window(piece.samples, settings),
            n_fft=settings.n_fft,
            hop_length=settings.step,
            win_length=settings.frame_length,
            window=window,
            center=False,
            dtype=np.complex128,
        )
        return plain_values(centred.turn_and_scale(spectrum.T, settings), settings)

    return answer


def call_text(settings: STFTSettings, padding: tuple[int, int]) -> str:
    """Return the aligned call, in which `x` is one channel of the signal."""
    lines = [
        "import librosa",
        "import numpy as np",
        *window_lines(settings),
        "S = librosa.stft(",
        f"    {centred.padded_for_window(settings, padding)},",
        f"    n_fft={settings.n_fft}, hop_length={settings.step}, win_length={settings.frame_length},",
        "    window=w, center=False,",
        ")",
        *centred.turn_lines(settings),
        *scale_lines(settings),
        *mode_lines(settings),
    ]
    return "\n".join(lines)


def conventions(settings: STFTSettings) -> tuple[str, ...]:
    """Return what had to be aligned, as sentences."""
    tellers = (
        centred.placement,
        centred.symmetry,
        centred.scale,
        aligned.sides,
        aligned.floor,
        centred.padding_by_hand,
    )
    return tuple(sentence for tell in tellers for sentence in tell(TITLE, settings))


PEER = Peer(TITLE, CONVENTION, {"librosa": "librosa"}, prepare, call_text, conventions)
