"""PyTorch: `torch.stft`.

With `center=False` it uses only whole FFTs, so the signal is padded by the zeros that complete the last one;
`normalized=True` would divide by the root of `n_fft`. It computes in the type of its input, here float64.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from specwidget.codegen import torch_stft as code
from specwidget.peers import reference
from specwidget.peers.peer import (
    CENTRED,
    FIRST_OF_FFT,
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
    placement_sentences,
    scaling_sentences,
    sides_sentences,
)
from specwidget.stft.settings import STFTSettings

TITLE = "PyTorch"

CONVENTION = Convention(
    function="torch.stft",
    window_position=CENTRED,
    window_symmetry=VALUES_ONLY,
    boundaries="reflected by N / 2 at both ends",
    scaling=UNSCALED,
    sides=ONE_SIDED,
    phase_origin=FIRST_OF_FFT,
    floor=NO_FLOOR,
    mean=MEAN_NOT_REMOVED,
)


def prepare(_inputs: NDArray[Any], settings: STFTSettings) -> PeerTransform:
    """Prepare PyTorch's transform."""
    import torch

    window = torch.from_numpy(reference.pad_to_fft(reference.scaled_window(settings), settings))

    def transform(block: FrameBlock) -> Values:
        with torch.inference_mode():
            spectrum = torch.stft(
                torch.from_numpy(reference.pad_to_fft(block.samples, settings)),
                n_fft=settings.n_fft,
                hop_length=settings.step,
                window=window,
                center=False,
                return_complex=True,
            ).numpy()
        return reference.compute_values(spectrum.T, settings)

    return transform


def conventions(settings: STFTSettings) -> tuple[str, ...]:
    """Describe what was aligned."""
    symmetry = []
    if settings.has_named_window and not settings.periodic:
        symmetry = ["Window symmetry: PyTorch's window functions are periodic by default; the window is symmetric."]
    return (
        *placement_sentences(TITLE, settings),
        *symmetry,
        *scaling_sentences(TITLE, settings, reference.window_scale(settings)),
        *sides_sentences(TITLE, settings),
        *floor_sentences(TITLE, settings),
        *padding_sentences(TITLE, settings, "reflects N / 2 samples at both ends unless center=False"),
    )


PEER = Peer(TITLE, CONVENTION, {"torch": "torch"}, code.TARGET, prepare, conventions, is_slow_to_load=True)
