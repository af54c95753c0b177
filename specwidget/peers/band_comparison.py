"""The comparison of a mel spectrogram's or MFCC's values with another library's.

The tolerance is what rounding explains: that of the transform by each library, carried through power, bank, logarithm,
limit, normalization and cosine transform.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import to_numpy
from specwidget.codegen import code_targets, to_code
from specwidget.mel import pipeline
from specwidget.mel.bands import compress
from specwidget.mel.normalization import apply_statistics, collect_statistics
from specwidget.mel.settings import MelSettings
from specwidget.mel.stages import BandSettings
from specwidget.peers.peer import installed_version, is_installed
from specwidget.peers.report import ErrorMap, PeerReport, Verdict
from specwidget.stft.accuracy import ROUNDINGS, part_bound
from specwidget.stft.layout import from_output

Values = NDArray[np.float64]

EPSILON32 = float(np.finfo("float32").eps)

MAX_MAP_ROWS, MAX_MAP_COLUMNS = 128, 512
"""Largest size of the map of errors."""


@dataclass(frozen=True, eq=False)
class BandPeer:
    """A library whose mel spectrogram is compared.

    Parameters
    ----------
    title : str
        Name of the peer for display.
    packages : dict of str to str
        Names of the modules that it needs, with the names to install them by; reports give the version of the first.
    compute : callable
        Takes a channel (L,) in the dtype of the computation, and the settings of the mel spectrogram; returns (T, M):
        sums of bins, or values if `computes_values`.
    refusal : callable
        Takes the settings; returns why they can't be compared, or an empty string.
    computes_values : bool
        Whether `compute` returns values with logarithm and limit; else NumPy computes these of its sums.
    code_target : str
        Name in `MEL_CODE_TARGETS` of the code that reports show; empty for none.
    bank_dtype : {"float32", "float64"}
        Precision in which the library makes its bank.
    rounds_kernels : bool
        Whether it computes the transform by kernels, which it rounds to float32.
    conventions : tuple of str
        A sentence on each difference of convention that is aligned.
    is_slow_to_load : bool
        Whether its import takes seconds.
    """

    title: str
    packages: dict[str, str]
    compute: Callable[[NDArray[Any], MelSettings], NDArray[Any]]
    refusal: Callable[[MelSettings], str]
    computes_values: bool = False
    code_target: str = ""
    bank_dtype: str = "float64"
    rounds_kernels: bool = False
    conventions: tuple[str, ...] = ()
    is_slow_to_load: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """Packages to install before the peer can be compared with; found without an import."""
        return tuple(name for module, name in self.packages.items() if not is_installed(module))


def compare_bands(name: str, peer: BandPeer, settings: BandSettings, inputs: Any, output: Any) -> PeerReport:
    """Compare a layer's output with a peer's.

    Parameters
    ----------
    name : str
        Name of the peer, for the report.
    peer : BandPeer
        The other library.
    settings : BandSettings
        Settings of the layer.
    inputs, output : array
        Input with 3 axes, and output of the layer.

    Returns
    -------
    PeerReport
        The verdict and the reasons for it.
    """
    samples = np.asarray(to_numpy(inputs))
    report = PeerReport(name, "not comparable", title=peer.title, reason=_refusal(peer, samples, settings))
    if report.reason:
        return report if peer.missing else replace(report, version=installed_version(peer.packages))
    if peer.missing:
        return replace(report, verdict="not installed", reason=f"install it with: pip install {' '.join(peer.missing)}")
    report = replace(report, version=installed_version(peer.packages))
    rows = samples.swapaxes(1, 2) if settings.channels_last else samples
    values = np.asarray(from_output(to_numpy(output), settings.transform, settings.n_outputs), dtype=np.float64)
    worst, largest, peak = None, 0.0, 0.0
    error_map = _ErrorMap(values.shape[2], settings.n_outputs)
    share = -1.0
    for place in np.ndindex(rows.shape[:2]):
        expected = _peer_values(peer, rows[place].astype(settings.compute_dtype), settings)
        if expected.shape != values[place].shape:
            shapes = f"its result has the shape {expected.shape}, the layer's {values[place].shape}."
            return replace(
                report,
                verdict="disagrees",
                reason=shapes,
                max_abs_error=math.inf,
                max_rel_error=math.inf,
                share_of_tolerance=math.inf,
            )
        errors = np.abs(values[place] - expected)
        tolerance = value_tolerance(rows[place], settings, peer.bank_dtype, peer.rounds_kernels)
        shares = np.where(np.isfinite(errors), errors / tolerance, np.inf)
        error_map.add(shares)
        largest = max(largest, float(np.where(np.isnan(errors), np.inf, errors).max()))
        peak = max(peak, float(np.abs(expected).max()))
        frame, k = np.unravel_index(int(shares.argmax()), shares.shape)
        if shares[frame, k] > share:
            share, worst = float(shares[frame, k]), (*place, int(frame), int(k))
    verdict: Verdict = "agrees" if share <= 1 else "disagrees"
    return replace(
        report,
        verdict=verdict,
        max_abs_error=largest,
        max_rel_error=largest / peak if peak > 0 else largest,
        share_of_tolerance=share,
        worst=worst,
        tolerance=_describe_tolerance(settings, peer),
        conventions=(*peer.conventions, *(() if peer.computes_values else (BY_NUMPY,))),
        code=_code(peer, settings, rows.shape),
        errors=error_map.finish(),
    )


BY_NUMPY = "Logarithm, limit, normalization and cosine transform: computed by NumPy of the library's sums of bins."


def _refusal(peer: BandPeer, samples: NDArray[Any], settings: BandSettings) -> str:
    if not np.isfinite(samples).all():
        return "samples are NaN or infinite, for which no convention of either is defined."
    if settings.result_dtype == "float16":
        return "values of float16 are too coarse for a comparison. Choose float32."
    return peer.refusal(settings.mel)


def _peer_values(peer: BandPeer, row: NDArray[Any], settings: BandSettings) -> Values:
    """Return the peer's values (T, n) of one channel."""
    mel = settings.mel
    values = np.asarray(peer.compute(row, mel), dtype=np.float64)
    with np.errstate(all="ignore"):
        if not peer.computes_values:
            values = compress(values, mel)
        finished = apply_statistics(values, collect_statistics(lambda: [values], mel), mel)
    return np.asarray(finished) if settings.cepstrum is None else np.asarray(finished @ _matrix(settings))


def _matrix(settings: BandSettings) -> Values:
    layer: Any = settings.layer
    return np.asarray(layer.matrix)


def value_tolerance(
    row: NDArray[Any], settings: BandSettings, bank_dtype: str = "float64", rounds_kernels: bool = False
) -> Values:
    """Compute a bound on the difference by rounding of the values of two libraries.

    Parameters
    ----------
    row : ndarray (L,)
        One channel.
    settings : BandSettings
        Settings of the layer.
    bank_dtype : {"float32", "float64"}
        Precision of the other library's bank.
    rounds_kernels : bool
        Whether the other library's transform has kernels in float32.

    Returns
    -------
    ndarray (T, n_outputs)
        The bound, in the unit of the values.

    Notes
    -----
    A part of the transform has an error of at most `part_bound` in each library. With a radius r about X,
    ``||X + r|^p - |X|^p|`` is at most ``(|X| + r)^p - |X|^p``; sums add these, the logarithm is monotonic, so its error
    is that of the ends of the interval. The largest value limits others, and so adds its own error.
    """
    mel = replace(settings.mel, dtype="float64")
    frames = pipeline.cut_frames(row[None, None].astype(np.float64), mel)
    parts = pipeline.transform_frames(frames, mel)
    size = np.hypot(parts.real, parts.imag)[0, 0]
    window = np.ones(mel.frame_length) if mel.transform.window_values is None else mel.transform.window_values
    norms = np.linalg.norm(frames[0, 0] * window, axis=-1)
    # Both libraries round, and pre-emphasis and the mean are computed with as many roundings again.
    radius = 2.0 * 2.0 * math.sqrt(2.0) * part_bound(norms, settings.transform)[:, None]
    if rounds_kernels:
        # The wave, the window and their product are rounded; a part has two of these, as the place is complex.
        radius += 2.0 * 1.5 * EPSILON32 * np.abs(frames[0, 0] * window).sum(axis=-1)[:, None]
    eps = float(np.finfo(settings.compute_dtype).eps)
    size = np.sqrt(size**2 + mel.conventions.power_offset)
    power = size**mel.mag_exp
    bound = (size + radius) ** mel.mag_exp - power
    weights = mel.bank.weights
    bands = power @ weights
    error = bound @ weights + ROUNDINGS * eps * bands + power @ _bank_error(mel, bank_dtype)
    values, tolerance = _through_logarithm(bands, error, mel, eps)
    if mel.top is not None:
        tolerance = tolerance + tolerance.flat[int(values.argmax())]
    tolerance = _through_normalization(values, tolerance, mel)
    tolerance = tolerance + 4 * eps * np.abs(values) + 4 * eps
    return tolerance if settings.cepstrum is None else tolerance @ np.abs(_matrix(settings)) + eps


def _bank_error(mel: MelSettings, bank_dtype: str) -> Values:
    """Return a bound on the errors of a bank that is made in float32, (F, M); 0 for one in float64."""
    weights = mel.bank.weights
    if bank_dtype == "float64":
        return np.zeros_like(weights)
    # The difference of two places on the scale, relative to the width of a band, loses the digits that they share.
    edges = np.arange(1, mel.n_bands + 1) + FIRST_EDGE
    near = (weights > 0) | (np.roll(weights, 1, axis=0) > 0) | (np.roll(weights, -1, axis=0) > 0)
    return np.asarray(near * (ROUNDINGS * EPSILON32 * edges * weights.max(axis=0)))


FIRST_EDGE = 2
"""Widths of bands below the first one, at most, for a lowest frequency near 0."""


def _through_logarithm(bands: Values, error: Values, mel: MelSettings, eps: float) -> tuple[Values, Values]:
    """Return values and their bound."""
    if not mel.power_to_db:
        return bands, error
    values, low, high = (compress(np.maximum(each, 0.0), mel) for each in (bands.copy(), bands - error, bands + error))
    return values, np.maximum(values - low, high - values) + ROUNDINGS * eps * np.abs(values)


def _through_normalization(values: Values, tolerance: Values, mel: MelSettings) -> Values:
    conventions = mel.conventions
    if conventions.normalization == "affine":
        return tolerance / abs(conventions.deviation)
    if conventions.normalization == "band":
        centred = values - values.mean(axis=0)
        deviation = np.maximum(np.sqrt((centred**2).mean(axis=0)), np.sqrt(np.finfo("float32").tiny))
        spread = np.sqrt((tolerance**2).mean(axis=0))
        return np.asarray((tolerance + tolerance.mean(axis=0) + np.abs(centred) / deviation * spread) / deviation)
    return tolerance


def _describe_tolerance(settings: BandSettings, peer: BandPeer) -> str:
    eps = float(np.finfo(settings.compute_dtype).eps)
    rounded = [*["bank"] * (peer.bank_dtype == "float32"), *["kernels"] * peer.rounds_kernels]
    bank = f" {peer.title} makes its {' and '.join(rounded)} in float32, which is allowed for." if rounded else ""
    return (
        f"Rounding in {settings.compute_dtype} (eps {eps:.1e}) of both transforms, carried through power, bank, "
        f"logarithm and what follows.{bank}"
    )


def _code(peer: BandPeer, settings: BandSettings, shape: tuple[int, ...]) -> str:
    if peer.code_target not in code_targets(settings):
        return ""
    batch, channels, n_samples = shape
    n_rows = batch * channels
    return to_code(settings, (n_samples,) if n_rows == 1 else (n_rows, n_samples), peer.code_target)


class _ErrorMap:
    """The largest share of each group of frames and values, over all channels."""

    def __init__(self, n_frames: int, n_values: int) -> None:
        self._rows, self._columns = (
            _group_starts(count, most) for count, most in ((n_values, MAX_MAP_ROWS), (n_frames, MAX_MAP_COLUMNS))
        )
        self._shares = np.zeros((len(self._rows) - 1, len(self._columns) - 1))

    def add(self, shares: Values) -> None:
        """Take the shares (T, n) of a channel."""
        grouped = np.maximum.reduceat(shares.T, self._rows[:-1], axis=0)
        np.maximum(self._shares, np.maximum.reduceat(grouped, self._columns[:-1], axis=1), out=self._shares)

    def finish(self) -> ErrorMap:
        """Return the map."""
        with np.errstate(over="ignore"):
            return ErrorMap(self._shares.astype(np.float32), self._rows, self._columns)


def _group_starts(count: int, max_groups: int) -> NDArray[np.int32]:
    size = max(1, -(-count // max_groups))
    return np.append(np.arange(0, count, size), count).astype(np.int32)
