"""nnAudio: `nnAudio.features.stft.STFT`, a layer of PyTorch.

SciPy makes its window from a name, which may have a suffix such as "_symmetric". With `center=False` it uses only whole
FFTs, so the signal is padded by the zeros around the window. The window can't be passed by its values, so it stays in
the centre of the FFT and the phase is corrected. The kernels are rounded to float32 when they are made, also in a model
of float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.codegen import nnaudio as code
from specwidget.codegen.nnaudio import window_name, zeros_around_window
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
    refuse_large_kernels,
    scaling_sentences,
    sides_sentences,
)
from specwidget.peers.report import Difference
from specwidget.stft.accuracy import sum_bound, value_bound
from specwidget.stft.settings import STFTSettings

TITLE = "nnAudio"

CONVENTION = Convention(
    function="nnAudio.features.stft.STFT",
    window_position=CENTRED,
    window_symmetry=PERIODIC,
    boundaries="reflected by N / 2 at both ends",
    scaling=UNSCALED,
    sides=ONE_SIDED,
    phase_origin=FIRST_OF_FFT,
    floor=NO_FLOOR,
    mean=MEAN_NOT_REMOVED,
)

ROUNDED_KERNELS = Difference(
    "kernel accuracy",
    "nnAudio rounds its kernels to float32 (eps 1.2e-07), also in a model of float64. The layer's are float64.",
)


def refusal(settings: STFTSettings) -> str:
    """Explain why nnAudio can't be compared; empty if it can."""
    if window_name(settings) is None:
        return "it only accepts windows by a name that SciPy knows, and this window has none."
    return refuse_large_kernels(TITLE, settings.n_fft, settings)


def prepare(_inputs: NDArray[Any], settings: STFTSettings) -> PeerTransform:
    """Prepare nnAudio's layer."""
    import torch
    from nnAudio.features.stft import STFT

    layer = STFT(
        n_fft=settings.n_fft,
        win_length=settings.frame_length,
        hop_length=settings.step,
        window=window_name(settings),
        center=False,
        output_format="Complex",
        verbose=False,
    ).double()

    def transform(block: FrameBlock) -> Values:
        samples = np.pad(block.samples, zeros_around_window(settings))
        with torch.inference_mode():
            spectrum = torch.view_as_complex(layer(torch.from_numpy(samples[None])))[0].numpy()
        return reference.compute_values(align_phase_and_scale(spectrum.T, settings), settings)

    return transform


def align_phase_and_scale(spectrum: NDArray[np.complex128], settings: STFTSettings) -> NDArray[np.complex128]:
    """Make the phase of a spectrum (..., n_bins) relative to the window's first sample, and divide by the scale.

    The window starts `before` samples after the FFT, so bin `k` is multiplied by `exp(2 pi i k before / N)`.
    """
    before, _ = zeros_around_window(settings)
    # Integers are reduced modulo N first, so that the phase is as accurate in the last bin as in the first.
    turns = np.arange(settings.n_bins) * before % settings.n_fft / settings.n_fft
    return np.asarray(spectrum * (np.exp(2j * np.pi * turns) / reference.window_scale(settings)))


def own_reference(block: FrameBlock, settings: STFTSettings) -> tuple[Values, Values]:
    """Compute the values of kernels that are rounded to float32, and the bound on summing them in float64."""
    before, _ = zeros_around_window(settings)
    samples = np.arange(before, before + settings.frame_length)[:, None]
    phases = 2 * np.pi * np.arange(settings.n_bins) * samples / settings.n_fft
    window = reference.window_values(settings).astype(np.float32)[:, None]
    frames = reference.slice_frames(block.samples, settings)
    real, imag = (frames @ (wave(phases).astype(np.float32) * window).astype(np.float64) for wave in (np.cos, np.sin))
    spectrum = align_phase_and_scale(real - 1j * imag, settings)
    bound = sum_bound(reference.frame_sums(block.samples, settings), settings)[:, None]
    return reference.compute_values(spectrum, settings), value_bound(spectrum, bound, settings)


def differences(settings: STFTSettings) -> tuple[Difference, ...]:
    """List what can't be aligned."""
    return (ROUNDED_KERNELS,) if settings.result_dtype == "float64" else ()


def conventions(settings: STFTSettings) -> tuple[str, ...]:
    """Describe what was aligned."""
    sentences = []
    before, after = zeros_around_window(settings)
    if before or after:
        sentences.append(
            f"Window placement: nnAudio centres a window of {settings.frame_length} samples in an FFT of "
            f"{settings.n_fft}; the signal was zero-padded by ({before}, {after}), and bin k multiplied by "
            f"exp(+2πi k {before}/{settings.n_fft})."
        )
    if settings.has_named_window and not settings.periodic:
        name = window_name(settings)
        sentences.append(f"Window symmetry: nnAudio makes named windows periodic; it was given the name {name!r}.")
    return (
        *sentences,
        *scaling_sentences(TITLE, settings, reference.window_scale(settings), "its spectrum"),
        *sides_sentences(TITLE, settings),
        *floor_sentences(TITLE, settings),
        *padding_sentences(TITLE, settings, "reflects N / 2 samples at both ends unless center=False"),
    )


PEER = Peer(
    TITLE,
    CONVENTION,
    {"nnAudio": "nnAudio", "torch": "torch"},
    code.TARGET,
    prepare,
    conventions,
    refusal,
    differences,
    own_reference,
    is_slow_to_load=True,
)
