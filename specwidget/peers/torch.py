"""PyTorch: `torch.stft`.

`CONVENTION` tells what it does by itself. With `center=False` it takes only whole frames of `n_fft` samples, so that a
signal has to be padded by the zeros that surround the window; `normalized=True` would divide by the root of `n_fft`. It
computes in the type of its input, here float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.peers import aligned, centred
from specwidget.peers.calls import is_named, mode_lines, scale_lines, window_lines
from specwidget.peers.peer import (
    FIRST_OF_FFT,
    IN_MIDDLE,
    KEPT,
    NO_FLOOR,
    ONE_SIDED,
    UNSCALED,
    VALUES_ALONE,
    Answer,
    Convention,
    Peer,
    Piece,
)
from specwidget.peers.plain import plain_values, plain_window
from specwidget.stft.settings import STFTSettings

TITLE = "PyTorch"

CONVENTION = Convention(
    call="torch.stft",
    window_place=IN_MIDDLE,
    window_kind=VALUES_ALONE,
    ends="half an FFT, reflected, on both sides",
    scaling=UNSCALED,
    sides=ONE_SIDED,
    phase_origin=FIRST_OF_FFT,
    floor=NO_FLOOR,
    mean=KEPT,
)


def prepare(_inputs: NDArray[Any], settings: STFTSettings) -> Answer:
    """Return PyTorch's answers."""
    import torch

    window = torch.from_numpy(plain_window(settings))

    def answer(piece: Piece) -> NDArray[np.float64]:
        """Return PyTorch's values of a piece."""
        with torch.inference_mode():
            spectrum = torch.stft(
                torch.from_numpy(centred.pad_for_window(piece.samples, settings)),
                n_fft=settings.n_fft,
                hop_length=settings.step,
                win_length=settings.frame_length,
                window=window,
                center=False,
                return_complex=True,
            ).numpy()
        return plain_values(centred.turn_and_scale(spectrum.T, settings), settings)

    return answer


def call_text(settings: STFTSettings, padding: tuple[int, int]) -> str:
    """Return the aligned call, in which `x` is one channel of the signal."""
    lines = [
        "import numpy as np",
        "import torch",
        *window_lines(settings),
        "S = torch.stft(",
        f"    torch.as_tensor({centred.padded_for_window(settings, padding)}),",
        f"    n_fft={settings.n_fft}, hop_length={settings.step}, win_length={settings.frame_length},",
        "    window=torch.as_tensor(w, dtype=torch.as_tensor(x).dtype),",
        "    center=False, return_complex=True,",
        ").numpy()",
        *centred.turn_lines(settings),
        *scale_lines(settings),
        *mode_lines(settings),
    ]
    return "\n".join(lines)


def conventions(settings: STFTSettings) -> tuple[str, ...]:
    """Return what had to be aligned, as sentences."""
    symmetry = []
    if is_named(settings) and not settings.periodic:
        symmetry = ["Window symmetry: PyTorch's own windows are periodic; it was given the symmetric values."]
    tellers = (centred.placement, centred.scale, aligned.sides, aligned.floor, centred.padding_by_hand)
    return (*symmetry, *(sentence for tell in tellers for sentence in tell(TITLE, settings)))


PEER = Peer(TITLE, CONVENTION, {"torch": "torch"}, prepare, call_text, conventions, is_slow_to_load=True)
