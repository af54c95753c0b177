"""Weighted overlap-add with the dual window, and a bound on its rounding error."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import OWN_FFT, RealFFT, device_of, irfft, namespace, to_device_of
from specwidget.devices import held_on_device
from specwidget.stft.frames import overlap_add
from specwidget.stft.overlap import OverlapCheck, check_nola, nola_threshold, overlap_sums
from specwidget.stft.pipeline import frames_per_block, iter_blocks, parallel_for
from specwidget.stft.settings import STFTSettings, check_integer
from specwidget.stft.shapes import count_frames, frames_extent, padding_amounts
from specwidget.stft.windows import window_repr

SpectrumReader = Callable[[int, int, int, int], Any]
"""Takes batch item, channel, and a range of frames [first, last); returns their complex spectra (n, n_bins)."""


@dataclass(frozen=True, eq=False)
class SynthesisPlan:
    """Windows and factors of an overlap-add, for a given number of frames and on the device of their spectra.

    Parameters
    ----------
    n_frames, n_samples : int
        Number of frames and of samples of each channel, T and L.
    left : int
        Zeros before the signal, samples.
    dual : array (frame_length,)
        Canonical dual of the scaled window, by which frames are weighted.
    head, tail : array
        Factors for the first and last samples under the frames, where fewer frames overlap; 0 for lost samples.
    n_lost : int
        Number of samples of each channel that can't be recovered.
    """

    n_frames: int
    n_samples: int
    left: int
    dual: Any
    head: Any
    tail: Any
    n_lost: int


def window_sumsquare(n_frames: int, settings: STFTSettings) -> NDArray[np.float64]:
    """Compute the sum of the squared windows of all frames.

    Parameters
    ----------
    n_frames : int
        Number of frames, T.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    ndarray ((T - 1) step + frame_length,) of float64
        ``S[n] = sum over t of w[n - t step]^2``, divided by its largest value away from both ends.

    Examples
    --------
    >>> window_sumsquare(2, STFTSettings(frame_length=4, window=None)).tolist()
    [0.5, 0.5, 1.0, 1.0, 0.5, 0.5]
    """
    squares = _relative_window(settings) ** 2
    sums = np.zeros(frames_extent(n_frames, settings))
    for frame in range(n_frames):
        start = frame * settings.step
        sums[start : start + settings.frame_length] += squares
    shares: NDArray[np.float64] = sums / overlap_sums(squares, settings.step).max()
    return shares


def reconstruction_error_bound(n_frames: int, settings: STFTSettings, peak: float = 1.0) -> NDArray[np.float64]:
    """Compute a bound on the rounding error of each sample after a transform and its inverse.

    Parameters
    ----------
    n_frames : int
        Number of frames, T.
    settings : STFTSettings
        Settings of the transform.
    peak : float, default 1.0
        Largest absolute value of the signal, in its unit.

    Returns
    -------
    ndarray ((T - 1) step + frame_length,) of float64
        Bound for each sample under the frames, padding included; `peak` for lost samples, which are returned as 0.

    Notes
    -----
    The forward and inverse FFT and the rounding of the spectrum change a sample of a windowed frame by about
    ``d = eps log2(2 N)`` times the frame's root mean square, which is at most ``peak rms(w)``. Where `K` frames cover a
    sample, the Cauchy-Schwarz inequality gives ``|sum over t of w d_t| / S <= d sqrt(K) / sqrt(S)``: the error grows
    as `eps / sqrt(S)`. The bound is ``8 peak eps (1 + log2(2 N) sqrt(K) rms(w) / sqrt(S))`` with the eps of the
    result's dtype; the factor 8 allows for errors that are concentrated in some samples of a frame. It also holds for
    dtype "float16" if the spectrum neither overflows nor underflows.

    Examples
    --------
    >>> bound = reconstruction_error_bound(8, STFTSettings(frame_length=256))
    >>> print(f"{bound[0]:.0e} {bound[8]:.0e} {bound[500]:.0e}")
    1e+00 8e-04 9e-06
    """
    shares = window_sumsquare(n_frames, settings)
    squares = _relative_window(settings) ** 2
    power = float(squares.mean() / overlap_sums(squares, settings.step).max())
    eps = float(np.finfo(settings.result_dtype).eps)
    lost = shares <= nola_threshold(settings.result_dtype)
    growth = math.log2(2 * settings.n_fft) * np.sqrt(_n_overlaps(settings) * power / np.where(lost, 1.0, shares))
    bound: NDArray[np.float64] = np.where(lost, peak, 8.0 * peak * eps * (1.0 + growth))
    return bound


@dataclass(frozen=True)
class InversionCheck(OverlapCheck):
    """Result of `check_inversion`.

    Parameters
    ----------
    holds : bool
        Whether `STFTSpectrogram.inverse` computes a signal.
    margin : float
        That of NOLA, see `check_nola`.
    is_too_small : bool
        Whether the window is too small for the dtype of the computation.
    """

    is_too_small: bool = False


def check_inversion(settings: STFTSettings) -> InversionCheck:
    """Check whether a transform can be inverted: NOLA, by a margin that division tolerates in the dtype.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform, with any mode.

    Returns
    -------
    InversionCheck

    Examples
    --------
    >>> check_inversion(STFTSettings(frame_length=8, frame_step=8))
    InversionCheck(holds=False, margin=0.0, is_too_small=False)
    >>> check_inversion(STFTSettings(frame_length=2, frame_step=1, window=[1e-36, 1e-36], scaling=None))
    InversionCheck(holds=False, margin=1.0, is_too_small=True)
    """
    nola = check_nola(_window(settings), settings.step, nola_threshold(settings.result_dtype))
    is_too_small = 0 < scaled_peak(settings) < least_peak(settings)
    return InversionCheck(nola.holds and not is_too_small, nola.margin, is_too_small)


def scaled_peak(settings: STFTSettings) -> float:
    """Return the largest magnitude of the scaled window."""
    return float(np.abs(settings.scaled_window).max())


def least_peak(settings: STFTSettings) -> float:
    """Return the least `scaled_peak` that can be inverted in the dtype of the computation."""
    # The dual window is at most 1 / (peak sqrt(threshold)), which must not overflow.
    return float(np.finfo(settings.compute_dtype).tiny) / math.sqrt(nola_threshold(settings.result_dtype))


def plan_synthesis(
    n_frames: int, length: int | None, settings: STFTSettings, like: Any, min_share: float = 0.0
) -> SynthesisPlan:
    """Compute the windows and factors of an overlap-add.

    Parameters
    ----------
    n_frames : int
        Number of frames, T, at least 1.
    length : int, optional
        Length of the signal, L, samples; None, for padding "valid" only, is the number of samples under the frames.
    settings : STFTSettings
        Settings of the transform.
    like : array
        The spectrum; the windows are placed in its library and on its device.
    min_share : float, default 0.0
        A sample near the ends is divided by at least this fraction of the summed squares that it would have in the
        interior, so the signal fades out. For modified spectra, whose errors the division would magnify there.

    Returns
    -------
    SynthesisPlan
        With arrays in the compute dtype.

    Raises
    ------
    ValueError
        If the window does not overlap enough, or a signal of `length` samples has another number of frames.
    TypeError
        If `length` is not an integer.
    """
    _check_overlap(settings)
    n_samples = _check_length(length, n_frames, settings)
    left, _ = padding_amounts(n_samples, settings)
    extent, step, n_overlaps = frames_extent(n_frames, settings), settings.step, _n_overlaps(settings)
    # The interior is periodic with `step`, so the sums of a few frames hold both ends of any number of frames.
    shares = window_sumsquare(min(n_frames, 2 * n_overlaps), settings)
    squares = _relative_window(settings) ** 2
    inside = overlap_sums(squares, step)
    lost = shares <= nola_threshold(settings.result_dtype)
    full = np.resize(inside / inside.max(), shares.shape)
    factors = np.where(lost, 0.0, full / np.where(lost, 1.0, np.maximum(shares, min_share * full)))
    # With few frames both ends overlap, and all samples belong to the head.
    n_head = len(factors) if n_frames <= 2 * n_overlaps else n_overlaps * step
    head, tail = factors[:n_head], factors[n_head:]
    in_signal = head[left : left + n_samples], tail[: max(0, left + n_samples - (extent - len(tail)))]
    n_lost = sum(int(np.count_nonzero(part == 0)) for part in in_signal) + max(0, n_samples - (extent - left))
    # The dual is w / sum(w^2). With w = largest * relative window, one factor `largest` remains in the denominator.
    dual = _relative_window(settings) / np.resize(inside, settings.frame_length) / scaled_peak(settings)
    key = settings.window, settings.frame_length, settings.periodic, settings.scaling, step, settings.dtype, min_share
    # With more frames the factors stay the same.
    n_distinct = min(n_frames, 2 * n_overlaps + 1)
    placed = [
        held_on_device((name, *key, n_distinct), like, partial(_placed, part, settings, like))
        for name, part in (("dual window", dual), ("head of overlap-add", head), ("tail of overlap-add", tail))
    ]
    return SynthesisPlan(n_frames, n_samples, left, placed[0], placed[1], placed[2], n_lost)


def _placed(values: NDArray[np.float64], settings: STFTSettings, like: Any) -> Any:
    return to_device_of(values.astype(settings.compute_dtype), like)


def synthesize_blocked(
    read: SpectrumReader, rows: Any, plan: SynthesisPlan, settings: STFTSettings, fft: RealFFT = OWN_FFT
) -> None:
    """Compute samples from spectra by overlap-add, block by block, for NumPy.

    Parameters
    ----------
    read : callable
        Returns the spectra of a range of frames of one channel.
    rows : array (batch, channels, n_samples)
        Output; of any float type and stride.
    plan : SynthesisPlan
        Windows and factors.
    settings : STFTSettings
        Settings of the transform.
    fft : RealFFT, optional
        What computes the inverse FFT; SciPy if not given.

    Notes
    -----
    Frames are added in the order of time, so the bits do not depend on the size of blocks and the number of threads.
    """
    n_batch, n_channels, _ = rows.shape
    shape = n_batch, n_channels, plan.n_frames, settings.n_bins
    rows[..., frames_extent(plan.n_frames, settings) - plan.left :] = 0

    def compute(first: int, last: int) -> None:
        """Compute the samples that start with these frames, counted over batch, channels and frames."""
        with np.errstate(all="ignore"):
            for batch, channel, begin, end in iter_blocks(shape, first, last, plan.n_frames):
                _synthesize_row(partial(read, batch, channel), rows[batch, channel], begin, end, plan, settings, fft)

    parallel_for(compute, n_batch * n_channels * plan.n_frames, rows, settings)


def synthesize_unblocked(spectrum: Any, plan: SynthesisPlan, settings: STFTSettings) -> Any:
    """Compute samples from all spectra at once, without writing to an array.

    Parameters
    ----------
    spectrum : array of complex (batch, channels, T, n_bins)
        Spectra of frames.
    plan : SynthesisPlan
        Windows and factors.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    array (batch, channels, (T - 1) step + frame_length)
        All samples under the frames, padding included.
    """
    frames = irfft(spectrum, settings.n_fft)[..., : settings.frame_length] * plan.dual
    xp = namespace(frames)
    # The dual window already normalises the interior, so its factors are 1.
    n_inside = frames_extent(plan.n_frames, settings) - plan.head.shape[0] - plan.tail.shape[0]
    ones = xp.ones(n_inside, dtype=frames.dtype, device=device_of(frames))
    return overlap_add(frames, settings.step) * xp.concat([plan.head, ones, plan.tail])


def _synthesize_row(
    read: Callable[[int, int], Any],
    row: Any,
    begin: int,
    end: int,
    plan: SynthesisPlan,
    settings: STFTSettings,
    fft: RealFFT,
) -> None:
    """Compute the samples of one channel from the start of frame `begin` to the start of frame `end`, or to the end."""
    step, n_carried = settings.step, _n_overlaps(settings) - 1
    block = min(end - begin + n_carried, frames_per_block(row, settings))
    # Segment j (one step of samples) is the sum of frames j - n_carried to j. The last n_carried segments of a block
    # are incomplete and carried over to the next block.
    segments = np.zeros((block + n_carried, step), dtype=settings.compute_dtype)
    samples = segments.reshape(-1)
    # Frames before `begin` reach into the first samples, so they are computed here again.
    frame = max(0, begin - n_carried)
    while frame < end:
        n_frames = min(block, end - frame)
        frames = fft.irfft(read(frame, frame + n_frames), settings.n_fft)[:, : settings.frame_length]
        frames *= plan.dual
        _add_frames(frames, segments, settings)
        n_early = max(0, begin - frame)
        n_done = n_frames if frame + n_frames < plan.n_frames else n_frames + n_carried
        _write_samples(samples[n_early * step : n_done * step], (frame + n_early) * step, row, plan, settings)
        segments[:n_carried] = segments[n_frames : n_frames + n_carried].copy()
        segments[n_carried:] = 0
        frame += n_frames


def _add_frames(frames: Any, segments: Any, settings: STFTSettings) -> None:
    """Add frames to the segments that they cover, with the earlier frame first in every sum."""
    n_frames, frame_length = frames.shape
    step, n_overlaps = settings.step, _n_overlaps(settings)
    # Loop over the frames or over the overlaps, whichever are fewer. The order of the additions is the same.
    if n_frames < n_overlaps:
        samples = segments.reshape(-1)
        for frame in range(n_frames):
            samples[frame * step : frame * step + frame_length] += frames[frame]
        return
    for overlap in reversed(range(n_overlaps)):
        piece = frames[:, overlap * step : (overlap + 1) * step]
        segments[overlap : overlap + n_frames, : piece.shape[1]] += piece


def _write_samples(samples: Any, position: int, row: Any, plan: SynthesisPlan, settings: STFTSettings) -> None:
    """Write samples to the row, corrected at both ends (in place); `position` counts from the first frame."""
    extent = frames_extent(plan.n_frames, settings)
    samples = samples[: max(0, extent - position)]
    end = position + samples.shape[0]
    for factors, start in ((plan.head, 0), (plan.tail, extent - plan.tail.shape[0])):
        low, high = max(position, start), min(end, start + factors.shape[0])
        if low < high:
            samples[low - position : high - position] *= factors[low - start : high - start]
    low, high = max(position, plan.left), min(end, plan.left + plan.n_samples)
    if low < high:
        row[low - plan.left : high - plan.left] = samples[low - position : high - position]


def _n_overlaps(settings: STFTSettings) -> int:
    """Return the largest number of frames that cover a sample."""
    return -(-settings.frame_length // settings.step)


def _relative_window(settings: STFTSettings) -> NDArray[np.float64]:
    """Return the window divided by its largest value, so that squares neither overflow nor underflow."""
    window = _window(settings)
    relative: NDArray[np.float64] = window / (float(np.abs(window).max()) or 1.0)
    return relative


def _window(settings: STFTSettings) -> NDArray[np.float64]:
    """Return the window without its scale, to the same bits as where else NOLA is checked; ones if there is none."""
    return np.ones(settings.frame_length) if settings.window_values is None else settings.window_values


def _check_overlap(settings: STFTSettings) -> None:
    """Raise `ValueError` unless `check_inversion` holds."""
    check = check_inversion(settings)
    if check.is_too_small:
        raise ValueError(
            f"`window` must have a largest value of at least {least_peak(settings):.1e} to be inverted in "
            f"{settings.compute_dtype}; got {scaled_peak(settings):.1e} with scaling={settings.scaling!r}."
        )
    if not check.holds:
        threshold = nola_threshold(settings.result_dtype)
        raise ValueError(
            f"`window` must satisfy NOLA: summed squares above {threshold:.1e} of their largest value in "
            f"{settings.result_dtype}; got {window_repr(settings.window)} with "
            f"frame_length={settings.frame_length} and step={settings.step}, whose smallest is {check.margin:.1e}. "
            "Use a smaller frame_step, or a window that does not end in 0."
        )


def _check_length(length: int | None, n_frames: int, settings: STFTSettings) -> int:
    """Return the length of the signal, after checking that it has this number of frames."""
    if length is None:
        if settings.padding == "same":
            raise ValueError(
                "`length` must be given with padding='same', where the position of the frames depends on it; got None."
            )
        return frames_extent(n_frames, settings)
    checked = check_integer("length", length)
    if checked < 1 or count_frames(checked, settings) != n_frames:
        low = (n_frames - 1) * settings.step + (1 if settings.padding == "same" else settings.frame_length)
        raise ValueError(
            f"`length` must be between {low} and {low + settings.step - 1} for n_frames={n_frames} "
            f"with padding={settings.padding!r}; got {checked}."
        )
    return checked
