"""The comparison of a layer's values with a peer's, block by block.

Where an error exceeds what rounding explains, and the peer names a difference that can't be aligned, a block is
compared twice more: the peer's values with a direct computation of its own convention, and the layer's with one of the
layer's. The verdict is "differs by convention" only where both agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import to_numpy
from specwidget.layer import STFTSpectrogram
from specwidget.peers import reference
from specwidget.peers.peer import FrameBlock, Peer, PeerTransform, ShapeMismatchError, Values, installed_version
from specwidget.peers.report import ErrorMap, PeerReport, Verdict
from specwidget.stft.accuracy import describe_bound, describe_sum_bound, part_bound, sum_bound, value_bound
from specwidget.stft.settings import STFTSettings

BLOCK_VALUES = 2**18
"""Complex values of a peer that are held at a time."""

MAX_MAP_ROWS, MAX_MAP_COLUMNS = 128, 512
"""Largest size of the map of errors."""


class CrosscheckCancelled(Exception):
    """Raised where a comparison is cancelled."""


def compare(
    name: str,
    peer: Peer,
    layer: STFTSpectrogram,
    inputs: Any,
    output: Any,
    stop: Callable[[], bool] | None = None,
) -> PeerReport:
    """Compare a layer's output with a peer's.

    Parameters
    ----------
    name : str
        Name of the peer, for the report.
    peer : Peer
        The other library.
    layer : STFTSpectrogram
        The layer.
    inputs : array
        Input of the layer.
    output : array
        Output of the layer.
    stop : callable, optional
        Called between blocks; returning True cancels the comparison.

    Returns
    -------
    PeerReport
        The verdict and the reasons for it.

    Raises
    ------
    CrosscheckCancelled
        If `stop` returned True.
    """
    settings = layer.settings
    kernels = [] if layer.path == "fft" else layer.weights
    samples = np.asarray(to_numpy(inputs))
    rows = reference.to_rows(samples, settings)
    report = PeerReport(name, "not comparable", title=peer.title, reason=_refusal(peer, rows, settings))
    if report.reason:
        return report if peer.missing else replace(report, version=installed_version(peer.packages))
    if peer.missing:
        return replace(report, verdict="not installed", reason=f"install it with: pip install {' '.join(peer.missing)}")
    report = replace(report, version=installed_version(peer.packages))
    if kernels:
        reason = _kernels_refusal(peer, settings)
        if reason:
            return replace(report, verdict="trained kernels", reason=reason)
    n_frames, left, _ = reference.count_frames_and_zeros(rows.shape[-1], settings)
    first, second, third = map(int, samples.shape)
    if kernels:
        held = f"Kernels: the layer's trained kernels were set into {peer.title}."
        report = replace(
            report, tolerance=describe_sum_bound(settings), conventions=(held, *peer.conventions(settings))
        )
    else:
        report = _describe(report, peer, settings, (first, second, third))
    if stop is not None and stop():
        raise CrosscheckCancelled
    # The layer casts its input to the type of the result before it computes.
    cast = samples.astype(settings.result_dtype).astype(settings.compute_dtype)
    n_layer_frames = output.shape[1 if settings.channels_last else 2]
    try:
        if n_layer_frames != n_frames:
            raise ShapeMismatchError(
                f"a signal of {rows.shape[-1]} samples has {n_frames} frames, the layer's {n_layer_frames}."
            )
        transform = peer.prepare(cast, settings) if not kernels else _prepare_kernels(peer, cast, settings, kernels)
    except ShapeMismatchError as error:
        return replace(
            report,
            verdict="disagrees",
            reason=str(error),
            max_abs_error=math.inf,
            max_rel_error=math.inf,
            share_of_tolerance=math.inf,
        )
    stats = _ErrorStats(peer, settings, n_frames, kernels)
    for block in _iter_blocks(reference.to_rows(cast, settings), n_frames, left, settings):
        if stop is not None and stop():
            raise CrosscheckCancelled
        layer_values = reference.read_frames(output, block.batch, block.channel, block.first, block.last, settings)
        stats.add(block, to_numpy(layer_values), transform(block))
    return stats.finish(report)


def _describe(report: PeerReport, peer: Peer, settings: STFTSettings, shape: tuple[int, int, int]) -> PeerReport:
    """Add to the report how Fourier kernels are compared."""
    return replace(
        report,
        tolerance=describe_bound(settings),
        code=peer.code(settings, shape),
        conventions=peer.conventions(settings),
        differences=peer.differences(settings),
    )


def _kernels_refusal(peer: Peer, settings: STFTSettings) -> str:
    """Explain why trained kernels can't be compared; empty if they can."""
    if peer.prepare_kernels is None:
        return f"the layer has trained kernels, which {peer.title} can't hold."
    reason = peer.kernels_refusal(settings)
    return f"the layer has trained kernels, and {reason}" if reason else ""


def _prepare_kernels(
    peer: Peer, inputs: NDArray[Any], settings: STFTSettings, kernels: list[NDArray[Any]]
) -> PeerTransform:
    assert peer.prepare_kernels is not None
    return peer.prepare_kernels(inputs, settings, kernels)


def _refusal(peer: Peer, rows: NDArray[Any], settings: STFTSettings) -> str:
    """Explain why there can be no comparison; empty if there can."""
    if rows.size == 0:
        return "the batch is empty."
    if not np.isfinite(rows).all():
        return "samples are NaN or infinite, for which no convention of either is defined."
    with np.errstate(over="ignore"):
        if not np.isfinite(rows.astype(settings.result_dtype)).all():
            return f"samples overflow in {settings.result_dtype}."
    return peer.refusal(settings)


class _ErrorStats:
    """The largest errors over all blocks, and whether conventions explain them."""

    def __init__(self, peer: Peer, settings: STFTSettings, n_frames: int, kernels: list[NDArray[Any]]) -> None:
        self._peer = peer
        self._kernels = kernels
        self._settings = settings
        self._error = self._share = self._peak = 0.0
        self._worst: tuple[int, int, int, int] | None = None
        self._is_explained = True
        self._row_starts = _group_starts(settings.n_bins, MAX_MAP_ROWS)
        self._column_starts = _group_starts(n_frames, MAX_MAP_COLUMNS)
        self._map = np.zeros((len(self._row_starts) - 1, len(self._column_starts) - 1), dtype=np.float32)

    def add(self, block: FrameBlock, layer_values: NDArray[Any], peer_values: Values) -> None:
        settings = self._settings
        if self._kernels:
            spectrum, sums = reference.compute_kernel_spectrum(block.samples, settings, self._kernels)
            # The layer's error and the peer's.
            parts = 2 * sum_bound(sums, settings)
        else:
            spectrum = reference.compute_spectrum(block.samples, settings)
            parts = part_bound(reference.frame_norms(block.samples, settings), settings)[:, None]
        tolerance = value_bound(spectrum, parts, settings)
        error = absolute_errors(layer_values, peer_values, tolerance, settings)
        share = relative_to(tolerance, error)
        self._peak = max(self._peak, float(np.abs(peer_values).max()))
        self._error = max(self._error, float(np.where(np.isnan(error), np.inf, error).max()))
        self._update_worst(share, block)
        self._update_map(share, block.first)
        if share.max() > 1 and self._is_explained:
            expected = reference.compute_values(spectrum, settings)
            layer_error = absolute_errors(layer_values, expected, tolerance, settings)
            is_layer_right = bool(relative_to(tolerance, layer_error).max() <= 1)
            self._is_explained = is_layer_right and self._follows_own_convention(block, peer_values)

    def finish(self, report: PeerReport) -> PeerReport:
        verdict: Verdict = "agrees"
        if self._share > 1:
            verdict = "differs by convention" if self._is_explained and report.differences else "disagrees"
        return replace(
            report,
            verdict=verdict,
            max_abs_error=self._error,
            max_rel_error=self._error / self._peak if self._peak > 0 else self._error,
            share_of_tolerance=self._share,
            worst=self._worst,
            errors=ErrorMap(self._map, self._row_starts, self._column_starts),
        )

    def _follows_own_convention(self, block: FrameBlock, peer_values: Values) -> bool:
        """Check whether the peer's values match a direct computation of its own convention."""
        if self._peer.own_reference is None:
            return False
        expected, tolerance = self._peer.own_reference(block, self._settings)
        error = absolute_errors(peer_values, expected, tolerance, self._settings)
        return bool(relative_to(tolerance, error).max() <= 1)

    def _update_worst(self, share: Values, block: FrameBlock) -> None:
        frame, k = np.unravel_index(int(share.argmax()), share.shape)
        if self._worst is None or float(share[frame, k]) > self._share:
            self._share = float(share[frame, k])
            self._worst = (block.batch, block.channel, block.first + int(frame), int(k) % self._settings.n_bins)

    def _update_map(self, share: Values, first: int) -> None:
        n_bins = self._settings.n_bins
        # Mode "stft" has each bin twice, real and imaginary.
        bins = np.maximum(share[:, :n_bins], share[:, -n_bins:])
        rows = np.maximum.reduceat(bins, self._row_starts[:-1], axis=1)
        columns = np.searchsorted(self._column_starts, np.arange(first, first + len(rows)), side="right") - 1
        # A share beyond the largest float32 becomes infinite.
        with np.errstate(over="ignore"):
            np.maximum.at(self._map.T, columns, rows.astype(np.float32))


def absolute_errors(values: NDArray[Any], expected: Values, tolerance: Values, settings: STFTSettings) -> Values:
    """Compute absolute errors; those of angles modulo a full turn, and 0 where the tolerance is half a turn or more."""
    limits = np.finfo(settings.result_dtype)
    values = values.astype(np.float64)
    if settings.result_dtype == "float16":
        # The layer's result is infinite beyond the range of float16, which is no error.
        values, expected = (each.clip(float(limits.min), float(limits.max)) for each in (values, expected))
    error = np.abs(values - expected)
    if settings.mode == "angle":
        # The angle of a magnitude below its rounding error is arbitrary, but a value that is not finite is an error.
        wrapped = np.minimum(error, np.abs(2 * np.pi - error))
        error = np.where((tolerance < np.pi) | ~np.isfinite(error), wrapped, 0.0)
    return np.asarray(error)


def relative_to(tolerance: Values, error: Values) -> Values:
    """Divide errors by the tolerance; infinite where an error is not finite."""
    return np.where(np.isfinite(error), error / tolerance, np.inf)


def _group_starts(count: int, max_groups: int) -> NDArray[np.int32]:
    """Split `count` items into at most `max_groups` groups of one size; the first item of each group, and the end."""
    size = max(1, -(-count // max_groups))
    return np.append(np.arange(0, count, size), count).astype(np.int32)


def _iter_blocks(rows: NDArray[Any], n_frames: int, left: int, settings: STFTSettings) -> Iterator[FrameBlock]:
    """Yield all frames of all channels."""
    n_batch, n_channels, n_samples = rows.shape
    size = max(1, BLOCK_VALUES // settings.n_fft)
    for batch, channel in np.ndindex(n_batch, n_channels):
        for first in range(0, n_frames, size):
            last = min(first + size, n_frames)
            begin = first * settings.step - left
            end = begin + (last - first - 1) * settings.step + settings.frame_length
            samples = rows[batch, channel, max(begin, 0) : end].astype(np.float64)
            zeros = (max(-begin, 0), max(end - n_samples, 0))
            yield FrameBlock(batch, channel, first, last, np.pad(samples, zeros))
