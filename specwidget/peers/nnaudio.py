"""nnAudio: `nnAudio.features.stft.STFT`, a layer of PyTorch.

`CONVENTION` tells what it does by itself. Its window is made by SciPy from a name, which may say otherwise, as
"hann_symmetric" does; with `center=False` it takes only whole frames of `n_fft` samples. It multiplies by kernels whose
cosines, sines and window are rounded to float32 when they are made, whatever type they are cast to later: its float64
is as exact as float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.peers import aligned, calls, centred
from specwidget.peers.calls import is_named, mode_lines, window_lines
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
    Values,
    refuse_large_kernels,
)
from specwidget.peers.plain import frame_sums, plain_frames, plain_scale, plain_values, plain_window
from specwidget.peers.report import Difference
from specwidget.stft.accuracy import sum_bound, value_bound
from specwidget.stft.settings import STFTSettings
from specwidget.stft.windows import make_window

TITLE = "nnAudio"

CONVENTION = Convention(
    call="nnAudio.features.stft.STFT",
    window_place=IN_MIDDLE,
    window_kind=PERIODIC,
    ends="half an FFT, reflected, on both sides",
    scaling=UNSCALED,
    sides=ONE_SIDED,
    phase_origin=FIRST_OF_FFT,
    floor=NO_FLOOR,
    mean=KEPT,
)

SUFFIXES = ("_periodic", "_symmetric")

ROUNDED_KERNELS = Difference(
    "kernel accuracy",
    "nnAudio rounds its kernels to float32 (eps 1.2e-07) when it makes them, in a model of float64, too. The layer's "
    "are float64.",
)


def window_name(settings: STFTSettings) -> Any:
    """Return a name for SciPy that gives the window whatever its default, or None where there is none."""
    if settings.window is None:
        return "boxcar"
    if not is_named(settings):
        return None
    name, *parameters = (settings.window,) if isinstance(settings.window, str) else settings.window
    if not settings.periodic and not name.endswith(SUFFIXES):
        name = f"{name}_symmetric"
    whole = (name, *parameters) if parameters else name
    try:
        values = make_window(whole, settings.frame_length, True)
    except ValueError:
        return None
    return whole if np.array_equal(np.asarray(values), plain_window(settings)) else None


def refusal(settings: STFTSettings) -> str:
    """Return why nnAudio can't be compared, or nothing."""
    if window_name(settings) is None:
        return "it takes windows by a name of SciPy's alone, and this one has none."
    return refuse_large_kernels(TITLE, settings.n_fft, settings)


def prepare(_inputs: NDArray[Any], settings: STFTSettings) -> Answer:
    """Return nnAudio's answers."""
    import torch
    from nnAudio.features.stft import STFT

    has_magnitude = settings.mode in ("magnitude", "log", "psd")
    layer = STFT(
        n_fft=settings.n_fft,
        win_length=settings.frame_length,
        hop_length=settings.step,
        window=window_name(settings),
        center=False,
        output_format="Magnitude" if has_magnitude else "Complex",
        verbose=False,
    ).double()

    def answer(piece: Piece) -> Values:
        """Return nnAudio's values of a piece."""
        with torch.inference_mode():
            found = layer(torch.from_numpy(centred.pad_for_window(piece.samples, settings)[None]))[0].numpy()
        if has_magnitude:
            return plain_values((found.T / plain_scale(settings)).astype(np.complex128), settings)
        spectrum = (found[..., 0] + 1j * found[..., 1]).T
        return plain_values(centred.turn_and_scale(spectrum, settings), settings)

    return answer


def model(piece: Piece, settings: STFTSettings) -> tuple[Values, Values]:
    """Return what kernels that are rounded to float32 give, and how far summing in float64 may move it."""
    pad, _ = centred.zeros_around_window(settings)
    inside = np.arange(pad, pad + settings.frame_length)[:, None]
    phases = 2 * np.pi * np.arange(settings.n_bins) * inside / settings.n_fft
    window = plain_window(settings).astype(np.float32)[:, None]
    frames = plain_frames(piece.samples, settings)
    real, imag = (frames @ (part(phases).astype(np.float32) * window).astype(np.float64) for part in (np.cos, np.sin))
    spectrum = centred.turn_and_scale(real - 1j * imag, settings)
    parts = sum_bound(frame_sums(piece.samples, settings), settings)[:, None]
    return plain_values(spectrum, settings), value_bound(spectrum, parts, settings)


def differences(settings: STFTSettings) -> tuple[Difference, ...]:
    """Return what can't be aligned."""
    return (ROUNDED_KERNELS,) if settings.result_dtype == "float64" else ()


def call_text(settings: STFTSettings, padding: tuple[int, int]) -> str:
    """Return the aligned call, in which `x` is one channel of the signal."""
    lines = [
        "import numpy as np",
        "import torch",
        "from nnAudio.features.stft import STFT",
        "layer = STFT(",
        f"    n_fft={settings.n_fft}, win_length={settings.frame_length}, hop_length={settings.step},",
        f'    window={window_name(settings)!r}, center=False, output_format="Complex", verbose=False,',
        ").double()",
        f"x = torch.as_tensor({centred.padded_for_window(settings, padding)}).double()",
        "real, imag = layer(x[None])[0].numpy().transpose(2, 0, 1)",
        "S = real + 1j * imag",
        *centred.turn_lines(settings),
        *scale_lines(settings),
        *mode_lines(settings),
    ]
    return "\n".join(lines)


def scale_lines(settings: STFTSettings) -> list[str]:
    """Return the lines that scale `S`, if anything does; the window is made only for that."""
    if settings.scaling is None or settings.window is None:
        return []
    return [*window_lines(settings), *calls.scale_lines(settings)]


def conventions(settings: STFTSettings) -> tuple[str, ...]:
    """Return what had to be aligned, as sentences."""
    symmetry = []
    if is_named(settings) and not settings.periodic:
        name = window_name(settings)
        symmetry = [f"Window symmetry: nnAudio makes windows periodic by name; it was given the name {name!r}."]
    tellers = (centred.placement, centred.scale, aligned.sides, aligned.floor, centred.padding_by_hand)
    return (*symmetry, *(sentence for tell in tellers for sentence in tell(TITLE, settings)))


PEER = Peer(
    TITLE,
    CONVENTION,
    {"nnAudio": "nnAudio", "torch": "torch"},
    prepare,
    call_text,
    conventions,
    refusal,
    differences,
    model,
    is_slow_to_load=True,
)
