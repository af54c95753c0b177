"""The comparison itself: a layer's values against a peer's, piece by piece.

Where a value is further off than rounding explains, and the peer names a difference that can't be aligned, the piece is
judged twice more: the peer's values by its own convention, computed plainly, and the layer's by the layer's. Only where
both hold is the difference one of convention; nothing is bent until it fits.
"""

from __future__ import annotations

import importlib.metadata
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import to_numpy
from specwidget.layer import STFTSpectrogram
from specwidget.peers.peer import OtherShape, Peer, Piece, Values
from specwidget.peers.plain import frame_norms, plain_framing, plain_part, plain_rows, plain_spectrum, plain_values
from specwidget.peers.report import ErrorMap, PeerReport, Verdict
from specwidget.stft.accuracy import describe_bound, part_bound, value_bound
from specwidget.stft.settings import STFTSettings

PIECE_VALUES = 2**18
"""Complex values of a peer that are held at a time."""

MAP_ROWS, MAP_COLUMNS = 128, 512
"""Most rows and columns of the map of errors."""


class Stopped(Exception):
    """Raised where a comparison is stopped before its end."""


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
        What went into it.
    output : array
        What came out.
    stop : callable, optional
        Asked between pieces; the comparison ends where it returns True.

    Returns
    -------
    PeerReport
        The verdict and its reasons.

    Raises
    ------
    Stopped
        If `stop` returned True.
    """
    settings = layer.settings
    report = PeerReport(name, "not installed", title=peer.title)
    if peer.missing:
        return replace(report, reason=f"install it with: pip install {' '.join(peer.missing)}")
    given = np.asarray(to_numpy(inputs))
    rows = plain_rows(given, settings)
    report = replace(report, verdict="not comparable", version=_version(peer))
    reason = _why_not(peer, rows, settings)
    if reason:
        return replace(report, reason=reason)
    n_frames, left, right = plain_framing(rows.shape[-1], settings)
    report = replace(
        report,
        tolerance=describe_bound(settings),
        call=peer.call(settings, (left, right)),
        conventions=peer.conventions(settings),
        differences=peer.differences(settings),
    )
    if stop is not None and stop():
        raise Stopped
    # The layer takes its input in the type of the result before it computes.
    known = given.astype(settings.result_dtype).astype(settings.compute_dtype)
    n_given = output.shape[1 if settings.channels_last else 2]
    try:
        if n_given != n_frames:
            raise OtherShape(f"a signal of {rows.shape[-1]} samples has {n_frames} frames, the layer's {n_given}.")
        answer = peer.prepare(known, settings)
    except OtherShape as other:
        return replace(
            report,
            verdict="disagrees",
            reason=str(other),
            max_abs_error=math.inf,
            max_rel_error=math.inf,
            share_of_tolerance=math.inf,
        )
    tally = _Tally(peer, settings, n_frames)
    for piece in _pieces(plain_rows(known, settings), n_frames, left, settings):
        if stop is not None and stop():
            raise Stopped
        tally.add(
            piece,
            to_numpy(plain_part(output, piece.batch, piece.channel, piece.first, piece.last, settings)),
            answer(piece),
        )
    return tally.finish(report)


def _version(peer: Peer) -> str:
    """Return the version of a peer's library, or nothing where it tells none."""
    try:
        return importlib.metadata.version(next(iter(peer.packages.values())))
    except importlib.metadata.PackageNotFoundError:
        return ""


def _why_not(peer: Peer, rows: NDArray[Any], settings: STFTSettings) -> str:
    """Return why nothing can be compared, or nothing."""
    if rows.size == 0:
        return "the batch is empty."
    if not np.isfinite(rows).all():
        return "samples are NaN or infinite, and what becomes of them is no convention of either."
    with np.errstate(over="ignore"):
        if not np.isfinite(rows.astype(settings.result_dtype)).all():
            return f"samples overflow in {settings.result_dtype}."
    return peer.refusal(settings)


class _Tally:
    """Keeps the largest differences of many pieces, and whether each is explained."""

    def __init__(self, peer: Peer, settings: STFTSettings, n_frames: int) -> None:
        self._peer = peer
        self._settings = settings
        self._error = self._share = self._peak = 0.0
        self._place: tuple[int, int, int, int] | None = None
        self._explained = True
        self._row_starts = _starts(settings.n_bins, MAP_ROWS)
        self._column_starts = _starts(n_frames, MAP_COLUMNS)
        self._map = np.zeros((len(self._row_starts) - 1, len(self._column_starts) - 1), dtype=np.float32)

    def add(self, piece: Piece, ours: NDArray[Any], theirs: Values) -> None:
        """Take a piece into account."""
        settings = self._settings
        exact = plain_spectrum(piece.samples, settings)
        parts = part_bound(frame_norms(piece.samples, settings), settings)[:, None]
        allowed = value_bound(exact, parts, settings)
        error = difference(ours, theirs, allowed, settings)
        share = shares_of(error, allowed)
        self._peak = max(self._peak, float(np.abs(theirs).max()))
        self._error = max(self._error, float(np.where(np.isnan(error), np.inf, error).max()))
        self._keep_worst(share, piece)
        self._draw(share, piece.first)
        if share.max() > 1 and self._explained:
            plain = shares_of(difference(ours, plain_values(exact, settings), allowed, settings), allowed)
            self._explained = bool(plain.max() <= 1) and self._is_own_convention(piece, theirs)

    def finish(self, report: PeerReport) -> PeerReport:
        """Return the report with the verdict."""
        verdict: Verdict = "agrees"
        if self._share > 1:
            verdict = "differs by convention" if self._explained and report.differences else "disagrees"
        return replace(
            report,
            verdict=verdict,
            max_abs_error=self._error,
            max_rel_error=self._error / self._peak if self._peak > 0 else self._error,
            share_of_tolerance=self._share,
            worst=self._place,
            errors=ErrorMap(self._map, self._row_starts, self._column_starts),
        )

    def _is_own_convention(self, piece: Piece, theirs: Values) -> bool:
        """Tell whether the peer's values are those of its own convention."""
        if self._peer.model is None:
            return False
        values, allowed = self._peer.model(piece, self._settings)
        return bool(shares_of(difference(theirs, values, allowed, self._settings), allowed).max() <= 1)

    def _keep_worst(self, share: Values, piece: Piece) -> None:
        """Keep the place of the largest error."""
        frame, k = np.unravel_index(int(share.argmax()), share.shape)
        if self._place is None or float(share[frame, k]) > self._share:
            self._share = float(share[frame, k])
            self._place = (piece.batch, piece.channel, piece.first + int(frame), int(k) % self._settings.n_bins)

    def _draw(self, share: Values, first: int) -> None:
        """Put the largest errors into the map."""
        n_bins = self._settings.n_bins
        # In mode "stft" the bins come twice, real and imaginary.
        bins = np.maximum(share[:, :n_bins], share[:, -n_bins:])
        rows = np.maximum.reduceat(bins, self._row_starts[:-1], axis=1)
        columns = np.searchsorted(self._column_starts, np.arange(first, first + len(rows)), side="right") - 1
        # Beyond the largest float32 is infinite.
        with np.errstate(over="ignore"):
            np.maximum.at(self._map.T, columns, rows.astype(np.float32))


def difference(ours: NDArray[Any], theirs: Values, allowed: Values, settings: STFTSettings) -> Values:
    """Return absolute differences: of angles the shorter way round, and nothing where no angle is wrong."""
    limits = np.finfo(settings.result_dtype)
    values = ours.astype(np.float64)
    if settings.result_dtype == "float16":
        # What is beyond float16 becomes infinite there, and that is right.
        values, theirs = (part.clip(float(limits.min), float(limits.max)) for part in (values, theirs))
    error = np.abs(values - theirs)
    if settings.mode == "angle":
        # Where the magnitude is lost in rounding, no angle is wrong; but what is not finite is none.
        shorter = np.minimum(error, np.abs(2 * np.pi - error))
        error = np.where((allowed < np.pi) | ~np.isfinite(error), shorter, 0.0)
    return np.asarray(error)


def shares_of(error: Values, allowed: Values) -> Values:
    """Return errors in units of what is allowed; infinite where they are not finite."""
    return np.where(np.isfinite(error), error / allowed, np.inf)


def _starts(count: int, most: int) -> NDArray[np.int32]:
    """Return the first of each group and the end, so that there are at most so many groups of one size."""
    size = max(1, -(-count // most))
    return np.append(np.arange(0, count, size), count).astype(np.int32)


def _pieces(rows: NDArray[Any], n_frames: int, left: int, settings: STFTSettings) -> Iterator[Piece]:
    """Yield all frames of all channels."""
    n_batch, n_channels, n_samples = rows.shape
    size = max(1, PIECE_VALUES // settings.n_fft)
    for batch, channel in np.ndindex(n_batch, n_channels):
        for first in range(0, n_frames, size):
            last = min(first + size, n_frames)
            begin = first * settings.step - left
            end = begin + (last - first - 1) * settings.step + settings.frame_length
            samples = rows[batch, channel, max(begin, 0) : end].astype(np.float64)
            zeros = (max(-begin, 0), max(end - n_samples, 0))
            yield Piece(batch, channel, first, last, np.pad(samples, zeros))
