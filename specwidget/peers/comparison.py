"""The comparison itself: a layer's values against a peer's transform, piece by piece.

A peer computes complex values of padded samples in float64. What a mode makes of them is written here once more,
plainly, so that an error in `specwidget.stft` can't hide by being on both sides.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import to_numpy
from specwidget.layer import STFTSpectrogram
from specwidget.peers.report import PeerReport
from specwidget.stft.accuracy import describe_bound, part_bound, value_bound
from specwidget.stft.layout import from_output, to_rows
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames, frames_extent, padding_amounts

PIECE_VALUES = 2**20
"""Complex values of a peer that are held at a time."""


@dataclass(frozen=True)
class Peer:
    """A library to compare with, and its convention.

    Parameters
    ----------
    name : str
        Name of the library, as it is written and installed.
    spectrum : callable
        Takes samples (n,) of float64, padded already, and the settings; returns complex values (frames, n_bins) with
        our phase and scaling.
    call : callable
        Takes the settings and the padding (left, right); returns the aligned call as text that runs.
    conventions : callable
        Takes the settings; returns the differences that were aligned, as sentences.
    """

    name: str
    spectrum: Callable[[NDArray[np.float64], STFTSettings], NDArray[np.complex128]]
    call: Callable[[STFTSettings, tuple[int, int]], str]
    conventions: Callable[[STFTSettings], tuple[str, ...]]


class Stopped(Exception):
    """Raised where a comparison is stopped before its end."""


def compare(
    peer: Peer, layer: STFTSpectrogram, inputs: Any, output: Any, stop: Callable[[], bool] | None = None
) -> PeerReport:
    """Compare a layer's output with a peer's.

    Parameters
    ----------
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
    if importlib.util.find_spec(peer.name) is None:
        return PeerReport(peer.name, "not installed", reason=f"install it with: pip install {peer.name}")
    settings = layer.settings
    version = importlib.metadata.version(peer.name)
    rows = np.asarray(to_numpy(to_rows(inputs, settings)))
    padding = padding_amounts(rows.shape[-1], settings)
    report = PeerReport(
        peer.name,
        "not comparable",
        version=version,
        tolerance=describe_bound(settings),
        call=peer.call(settings, padding),
        conventions=peer.conventions(settings),
    )
    if rows.size == 0:
        return replace(report, reason="the batch is empty.")
    if not np.isfinite(rows).all():
        return replace(report, reason=f"{peer.name} does not take samples that are NaN or infinite.")
    values = from_output(output, settings)
    worst = _Worst()
    for batch, channel, first, last, samples in _pieces(rows, padding, settings):
        if stop is not None and stop():
            raise Stopped
        spectrum = peer.spectrum(samples, settings)
        norms = _frame_norms(samples, settings)
        expected = plain_values(spectrum, settings)
        allowed = value_bound(spectrum, part_bound(norms, settings)[:, None], settings)
        ours = to_numpy(values[batch, channel, first:last])
        worst.add(ours, expected, allowed, settings, (batch, channel, first))
    return replace(
        report,
        verdict="agrees" if worst.share <= 1 else "disagrees",
        max_abs_error=worst.error,
        max_rel_error=worst.error / worst.peak if worst.peak > 0 else worst.error,
        share_of_tolerance=worst.share,
        worst=worst.place,
    )


def plain_values(spectrum: NDArray[np.complex128], settings: STFTSettings) -> NDArray[np.float64]:
    """Return what the mode makes of complex values, in float64.

    Parameters
    ----------
    spectrum : ndarray of complex (..., n_bins)
        The transform.
    settings : STFTSettings
        Settings with the mode.

    Returns
    -------
    ndarray (..., n_outputs)
        Values in the unit of the mode.
    """
    power = np.abs(spectrum) ** 2
    ends = [0, settings.n_bins - 1] if settings.n_fft % 2 == 0 else [0]
    sides = np.where(np.isin(np.arange(settings.n_bins), ends), 1.0, 2.0)
    magnitude = np.sqrt(np.where(power <= settings.epsilon, settings.epsilon, power))
    makers: dict[str, Callable[[], NDArray[Any]]] = {
        "real": lambda: spectrum.real,
        "imag": lambda: spectrum.imag,
        "stft": lambda: np.concatenate((spectrum.real, spectrum.imag), axis=-1),
        "angle": lambda: np.angle(spectrum),
        "psd": lambda: power * sides,
        "magnitude": lambda: magnitude,
        "log": lambda: np.log(magnitude),
    }
    return makers[settings.mode]()


class _Worst:
    """Keeps the largest difference of many pieces."""

    def __init__(self) -> None:
        self.error = self.share = self.peak = 0.0
        self.place: tuple[int, int, int, int] | None = None

    def add(
        self,
        ours: NDArray[Any],
        expected: NDArray[np.float64],
        allowed: NDArray[np.float64],
        settings: STFTSettings,
        start: tuple[int, int, int],
    ) -> None:
        """Take a piece, whose first frame is `start`, (batch item, channel, frame), into account."""
        limits = np.finfo(settings.result_dtype)
        if settings.result_dtype == "float16":
            # What is beyond float16 becomes infinite there, and that is right.
            ours, expected = (
                np.clip(ours.astype(np.float64), limits.min, limits.max),
                expected.clip(limits.min, limits.max),
            )
        error = np.abs(ours.astype(np.float64) - expected)
        if settings.mode == "angle":
            # The shorter way round; and where the magnitude is lost in rounding, no angle is wrong.
            error = np.where(allowed < np.pi, np.minimum(error, np.abs(2 * np.pi - error)), 0.0)
        share = np.where(np.isfinite(error), error / allowed, np.inf)
        frame, k = np.unravel_index(int(share.argmax()), share.shape)
        self.peak = max(self.peak, float(np.abs(expected).max()))
        self.error = max(self.error, float(np.where(np.isnan(error), np.inf, error).max()))
        if self.place is None or float(share[frame, k]) > self.share:
            self.share = float(share[frame, k])
            self.place = (start[0], start[1], start[2] + int(frame), int(k))


def _pieces(
    rows: NDArray[Any], padding: tuple[int, int], settings: STFTSettings
) -> Iterator[tuple[int, int, int, int, NDArray[np.float64]]]:
    """Yield (batch, channel, first, last, samples) with the padded samples of frames `first` to `last - 1`."""
    n_batch, n_channels, n_samples = rows.shape
    n_frames = count_frames(n_samples, settings)
    size = max(1, PIECE_VALUES // settings.n_fft)
    for batch, channel in np.ndindex(n_batch, n_channels):
        row = rows[batch, channel].astype(settings.result_dtype).astype(np.float64)
        padded = np.pad(row, padding)
        for first in range(0, n_frames, size):
            last = min(first + size, n_frames)
            begin = first * settings.step
            yield batch, channel, first, last, padded[begin : begin + frames_extent(last - first, settings)]


def _frame_norms(samples: NDArray[np.float64], settings: STFTSettings) -> NDArray[np.float64]:
    """Return the Euclidean norm of each windowed and scaled frame, (frames,)."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, settings.frame_length)[:: settings.step]
    return np.asarray(np.sqrt(np.einsum("tn,tn,n->t", frames, frames, settings.scaled_window**2, optimize=False)))
