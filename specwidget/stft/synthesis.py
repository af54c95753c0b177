"""From frames to samples: weighted overlap-add with the dual window, and how far its result can be trusted."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import device_of, irfft, namespace, to_device_of
from specwidget.stft.frames import overlap_add
from specwidget.stft.pipeline import blocks_of, frames_per_block, share_out
from specwidget.stft.settings import STFTSettings, check_integer
from specwidget.stft.shapes import count_frames, frames_extent, padding_amounts
from specwidget.stft.windows import check_nola, overlap_sums, shown_window

Fetch = Callable[[int, int, int, int], Any]
"""Takes batch item, channel, first frame and the one after the last; returns their complex spectrum (n, n_bins)."""


@dataclass(frozen=True, eq=False)
class Synthesis:
    """How frames become samples: made once for a number of frames, beside their spectrum.

    Parameters
    ----------
    n_frames, n_samples : int
        Frames and samples of a row, T and L.
    left : int
        Samples of the padding before the signal.
    dual : array (frame_length,)
        The window that frames are weighted with, the canonical dual of the scaled window.
    head, tail : array
        Factors for the first and the last samples that frames cover, where fewer frames overlap; 0 where lost.
    n_lost : int
        Samples of a row that can't be recovered.
    """

    n_frames: int
    n_samples: int
    left: int
    dual: Any
    head: Any
    tail: Any
    n_lost: int


def loss_threshold(settings: STFTSettings) -> float:
    """Return the share of the largest summed squared window at and under which a sample counts as lost.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    float
        The eps of the result's type: there rounding, which grows as `eps / sqrt(share)`, takes half of the digits.
    """
    return float(np.finfo(settings.result_dtype).eps)


def summed_squares(n_frames: int, settings: STFTSettings) -> NDArray[np.float64]:
    """Add up the squared windows of all frames.

    Parameters
    ----------
    n_frames : int
        Number of frames, T.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    ndarray ((T - 1) step + frame_length,) of float64
        ``S[n] = sum over t of w[n - t step]^2``, as a share of the largest value that it takes where frames follow
        each other on both sides.

    Examples
    --------
    >>> summed_squares(2, STFTSettings(frame_length=4, window=None)).tolist()
    [0.5, 0.5, 1.0, 1.0, 0.5, 0.5]
    """
    squares = _relative_window(settings) ** 2
    sums = np.zeros(frames_extent(n_frames, settings))
    for frame in range(n_frames):
        start = frame * settings.step
        sums[start : start + settings.frame_length] += squares
    shares: NDArray[np.float64] = sums / overlap_sums(squares, settings.step).max()
    return shares


def recovery_bound(n_frames: int, settings: STFTSettings, peak: float = 1.0) -> NDArray[np.float64]:
    """Return how far the samples of a signal may move that is transformed and brought back.

    Parameters
    ----------
    n_frames : int
        Number of frames, T.
    settings : STFTSettings
        Settings of the transform.
    peak : float, default 1.0
        Largest absolute value of the signal.

    Returns
    -------
    ndarray ((T - 1) step + frame_length,) of float64
        Bound for each sample that frames cover, padding included; `peak` for lost samples, which come back as 0.

    Notes
    -----
    The FFT there and back, and the rounding of the spectrum to its type, move a sample of a windowed frame by about
    ``d = eps log2(2 N)`` of the frame's root mean square, which is at most ``peak rms(w)``. Where `K` frames cover a
    sample, by Cauchy and Schwarz ``|sum over t of w d_t| / S <= d sqrt(K) / sqrt(S)``: the error grows as
    `eps / sqrt(S)`. The bound is ``8 peak eps (1 + log2(2 N) sqrt(K) rms(w) / sqrt(S))`` with the eps of the
    result's type; the 8 is room for errors that are not spread evenly over a frame. It holds for type "float16", too,
    where the spectrum neither overflows nor underflows.

    Examples
    --------
    >>> bound = recovery_bound(8, STFTSettings(frame_length=256))
    >>> print(f"{bound[0]:.0e} {bound[8]:.0e} {bound[500]:.0e}")
    1e+00 8e-04 9e-06
    """
    shares = summed_squares(n_frames, settings)
    squares = _relative_window(settings) ** 2
    power = float(squares.mean() / overlap_sums(squares, settings.step).max())
    eps = float(np.finfo(settings.result_dtype).eps)
    lost = shares <= loss_threshold(settings)
    growth = math.log2(2 * settings.n_fft) * np.sqrt(_n_overlaps(settings) * power / np.where(lost, 1.0, shares))
    bound: NDArray[np.float64] = np.where(lost, peak, 8.0 * peak * eps * (1.0 + growth))
    return bound


def plan_synthesis(
    n_frames: int, length: int | None, settings: STFTSettings, like: Any, least_share: float = 0.0
) -> Synthesis:
    """Make the windows and factors by which frames become samples.

    Parameters
    ----------
    n_frames : int
        Number of frames, T, at least 1.
    length : int, optional
        Samples of the signal, L; None, for padding "valid" only, are those that the frames cover.
    settings : STFTSettings
        Settings of the transform.
    like : array
        The spectrum, beside which the windows are placed.
    least_share : float, default 0.0
        Where a sample at the ends has less than this share of the summed squares that it would have inside, it is not
        made up for all, but fades. For spectra of no signal, whose errors would be magnified there.

    Returns
    -------
    Synthesis
        In the type that is computed in.

    Raises
    ------
    ValueError
        If the window does not overlap enough, or `length` has not this number of frames.
    TypeError
        If `length` is no integer.
    """
    _check_overlap(settings)
    n_samples = _check_length(length, n_frames, settings)
    left, _ = padding_amounts(n_samples, settings)
    extent, step, n_overlaps = frames_extent(n_frames, settings), settings.step, _n_overlaps(settings)
    # Between the ends all samples are alike, so a few frames tell both ends of any number of frames.
    shares = summed_squares(min(n_frames, 2 * n_overlaps), settings)
    squares = _relative_window(settings) ** 2
    inside = overlap_sums(squares, step)
    lost = shares <= loss_threshold(settings)
    full = np.resize(inside / inside.max(), shares.shape)
    factors = np.where(lost, 0.0, full / np.where(lost, 1.0, np.maximum(shares, least_share * full)))
    n_head = len(factors) if n_frames <= 2 * n_overlaps else n_overlaps * step
    head, tail = factors[:n_head], factors[n_head:]
    within = head[left : left + n_samples], tail[: max(0, left + n_samples - (extent - len(tail)))]
    n_lost = sum(int(np.count_nonzero(part == 0)) for part in within) + max(0, n_samples - (extent - left))
    # The squares are relative to the largest value, and the dual is for the scaled window.
    dual = _relative_window(settings) / np.resize(inside, settings.frame_length) / _largest(settings)
    placed = [to_device_of(part.astype(settings.compute_dtype), like) for part in (dual, head, tail)]
    return Synthesis(n_frames, n_samples, left, placed[0], placed[1], placed[2], n_lost)


def add_up(fetch: Fetch, rows: Any, plan: Synthesis, settings: STFTSettings) -> None:
    """Make samples from spectra, block by block, for NumPy and CuPy.

    Parameters
    ----------
    fetch : callable
        Returns the spectrum of some frames of a row.
    rows : array (batch, channels, n_samples)
        Where the samples go; of any float type and stride.
    plan : Synthesis
        How frames become samples.
    settings : STFTSettings
        Settings of the transform.

    Notes
    -----
    Frames are added in the order of time, whatever the blocks and threads, so the same bits come out.
    """
    n_batch, n_channels, _ = rows.shape
    shape = n_batch, n_channels, plan.n_frames, settings.n_bins
    rows[..., frames_extent(plan.n_frames, settings) - plan.left :] = 0

    def compute(first: int, last: int) -> None:
        """Make the samples that begin with these frames, counted over batch, channels and frames."""
        with np.errstate(all="ignore"):
            for batch, channel, begin, end in blocks_of(shape, first, last, plan.n_frames):
                _add_up_row(partial(fetch, batch, channel), rows[batch, channel], begin, end, plan, settings)

    share_out(compute, n_batch * n_channels * plan.n_frames, rows, settings)


def add_up_whole(spectrum: Any, plan: Synthesis, settings: STFTSettings) -> Any:
    """Make samples from all spectra at once, by functions that make new arrays.

    Parameters
    ----------
    spectrum : array of complex (batch, channels, T, n_bins)
        Spectra of frames.
    plan : Synthesis
        How frames become samples.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    array (batch, channels, (T - 1) step + frame_length)
        All samples that frames cover, padding included.
    """
    frames = irfft(spectrum, settings.n_fft)[..., : settings.frame_length] * plan.dual
    xp = namespace(frames)
    n_inside = frames_extent(plan.n_frames, settings) - plan.head.shape[0] - plan.tail.shape[0]
    ones = xp.ones(n_inside, dtype=frames.dtype, device=device_of(frames))
    return overlap_add(frames, settings.step) * xp.concat([plan.head, ones, plan.tail])


def _add_up_row(
    fetch: Callable[[int, int], Any], row: Any, begin: int, end: int, plan: Synthesis, settings: STFTSettings
) -> None:
    """Make the samples of one row from where frame `begin` starts to where frame `end` does, or to the last one."""
    step, carried = settings.step, _n_overlaps(settings) - 1
    block = min(end - begin + carried, frames_per_block(row, settings))
    # Line j of a block gets samples of its frames j - carried to j; the last lines wait for the next block.
    lines = namespace(row).zeros((block + carried, step), dtype=settings.compute_dtype)
    samples = lines.reshape(-1)
    frame = max(0, begin - carried)
    while frame < end:
        n_frames = min(block, end - frame)
        frames = irfft(fetch(frame, frame + n_frames), settings.n_fft)[:, : settings.frame_length]
        frames *= plan.dual
        _add_frames(frames, lines, settings)
        n_early = max(0, begin - frame)
        done = n_frames if frame + n_frames < plan.n_frames else n_frames + carried
        _write(samples[n_early * step : done * step], (frame + n_early) * step, row, plan, settings)
        lines[:carried] = lines[n_frames : n_frames + carried].copy()
        lines[carried:] = 0
        frame += n_frames


def _add_frames(frames: Any, lines: Any, settings: STFTSettings) -> None:
    """Add frames to the lines that they cover, earlier ones first: frame by frame, or a line of all at once."""
    n_frames, frame_length = frames.shape
    step, n_overlaps = settings.step, _n_overlaps(settings)
    if n_frames < n_overlaps:
        samples = lines.reshape(-1)
        for frame in range(n_frames):
            samples[frame * step : frame * step + frame_length] += frames[frame]
        return
    for line in reversed(range(n_overlaps)):
        piece = frames[:, line * step : (line + 1) * step]
        lines[line : line + n_frames, : piece.shape[1]] += piece


def _write(samples: Any, position: int, row: Any, plan: Synthesis, settings: STFTSettings) -> None:
    """Write samples from `position` of what frames cover into the row, weighted at the ends; they are overwritten."""
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
    """Return how many frames cover a sample, at most."""
    return -(-settings.frame_length // settings.step)


def _relative_window(settings: STFTSettings) -> NDArray[np.float64]:
    """Return the window as shares of its largest value, so that squares neither overflow nor underflow."""
    relative: NDArray[np.float64] = settings.scaled_window / (_largest(settings) or 1.0)
    return relative


def _largest(settings: STFTSettings) -> float:
    """Return the largest absolute value of the scaled window."""
    return float(np.abs(settings.scaled_window).max())


def _check_overlap(settings: STFTSettings) -> None:
    """Raise unless the overlapped squares of the window are nowhere too small to divide by."""
    threshold = loss_threshold(settings)
    # The dual window is at most 1 / (largest sqrt(threshold)), and has to be a number.
    least = float(np.finfo(settings.compute_dtype).tiny) / math.sqrt(threshold)
    if 0 < _largest(settings) < least:
        raise ValueError(
            f"`window` must have a largest value of at least {least:.1e}, to be divided by in "
            f"{settings.compute_dtype}; got {_largest(settings):.1e} with scaling={settings.scaling!r}."
        )
    check = check_nola(settings.scaled_window, settings.step, threshold)
    if not check.holds:
        raise ValueError(
            f"`window` must overlap so that its summed squares are above {threshold:.1e} of their largest in "
            f"{settings.result_dtype} (NOLA); got {shown_window(settings.window)} with "
            f"frame_length={settings.frame_length} and step={settings.step}, where the least is {check.margin:.1e}. "
            f"Use a smaller frame_step, or a window that does not end in 0."
        )


def _check_length(length: int | None, n_frames: int, settings: STFTSettings) -> int:
    """Return the number of samples, which must have this number of frames."""
    if length is None:
        if settings.padding == "same":
            raise ValueError(
                "`length` must be given with padding='same', where the place of the frames depends on it; got None."
            )
        return frames_extent(n_frames, settings)
    checked = check_integer("length", length)
    if checked < 1 or count_frames(checked, settings) != n_frames:
        low = (n_frames - 1) * settings.step + (1 if settings.padding == "same" else settings.frame_length)
        raise ValueError(
            f"`length` must be between {low} and {low + settings.step - 1}, which have n_frames={n_frames} "
            f"with padding={settings.padding!r}; got {checked}."
        )
    return checked
