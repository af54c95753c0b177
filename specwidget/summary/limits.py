"""Memory limits, checked from integers before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence

from specwidget.front_end import check_input_shape, count_frames
from specwidget.mel.stages import BandSettings, FrontEndSettings
from specwidget.summary.readouts import format_bytes
from specwidget.summary.shape_steps import output_bytes

WORK_BYTES = 64
"""Bytes that a sample of a frame takes during its transform: window, spectrum and tables in float64."""

BANK_BYTES = 48
"""Bytes that a weight of a filter bank takes while the bank is made."""

MEMORY_LIMIT = 2**30
"""Default limit of the output in bytes."""


def check_memory(settings: FrontEndSettings, input_shape: Sequence[int], limit: int) -> None:
    """Check that the output and the transform of a frame need no more than a limit."""
    check_output(settings, input_shape, limit)
    check_work(settings, input_shape, limit)


def check_output(settings: FrontEndSettings, input_shape: Sequence[int], limit: int) -> None:
    """Check that the whole output needs no more memory than a limit.

    Parameters
    ----------
    settings : STFTSettings or BandSettings
        Settings of the front end.
    input_shape : sequence of 3 int
        Shape of the input.
    limit : int
        Most bytes.

    Raises
    ------
    ValueError
        If it needs more; the message names the limit and the setting to change.
    """
    batch, n_samples, channels = (int(length or 0) for length in check_input_shape(tuple(input_shape), settings))
    needed = output_bytes(settings, batch, n_samples, channels)
    if needed > limit:
        frames = count_frames(n_samples, settings)
        name, advice = _advice(settings, n_samples, limit * frames // needed)
        raise ValueError(
            f"`{name}` must keep the output within {format_bytes(limit)}; got {frames} frames of "
            f"{settings.n_outputs} values, {format_bytes(needed)}. {advice}"
        )


def check_work(settings: FrontEndSettings, input_shape: Sequence[int], limit: int) -> None:
    """Check that the transform of one frame needs no more memory than a limit, which suffices for a picture.

    Parameters
    ----------
    settings : STFTSettings or BandSettings
        Settings of the front end.
    input_shape : sequence of 3 int
        Shape of the input.
    limit : int
        Most bytes.

    Raises
    ------
    ValueError
        If it needs more, or the shape is invalid.
    """
    check_input_shape(tuple(input_shape), settings)
    if settings.n_fft * WORK_BYTES > limit:
        name = "fft_length" if _has_own_fft_length(settings) else "frame_length"
        raise ValueError(
            f"`{name}` must keep the memory for one frame within {format_bytes(limit)}; got an FFT of "
            f"{settings.n_fft} samples, about {format_bytes(settings.n_fft * WORK_BYTES)}. Reduce it."
        )
    if (
        isinstance(settings, BandSettings)
        and (needed := BANK_BYTES * settings.mel.n_bins * settings.mel.n_bands) > limit
    ):
        raise ValueError(
            f"`num_mel_bins` must keep the memory for the bank within {format_bytes(limit)}; got "
            f"{settings.mel.n_bands} bands of {settings.mel.n_bins} bins, about {format_bytes(needed)}. Reduce it."
        )


def _advice(settings: FrontEndSettings, n_samples: int, most_frames: int) -> tuple[str, str]:
    """Return the setting to change, and how, if at most some number of frames fits."""
    if most_frames > 0:
        same = isinstance(settings, BandSettings) or settings.padding == "same"
        step = -(-n_samples // most_frames) if same else (n_samples - settings.frame_length) // most_frames + 1
        if step <= settings.frame_length:
            return "frame_step", f"A frame_step of {step} would fit."
    if _has_own_fft_length(settings) and settings.n_fft >= 2 * settings.frame_length:
        return "fft_length", "Reduce it."
    return "frame_length", "Reduce it, or use a shorter sound."


def _has_own_fft_length(settings: FrontEndSettings) -> bool:
    return isinstance(settings, BandSettings) or settings.fft_length is not None
