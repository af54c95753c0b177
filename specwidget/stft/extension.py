"""Samples beyond both ends of a signal: zeros, or the signal reflected about its first and last sample.

For a signal of L samples, sample ``-d`` of a reflection is sample ``d``, and sample ``L - 1 + d`` is ``L - 1 - d``.
Where `d` exceeds the signal, it is reflected again, as by `numpy.pad`; a signal of one sample is continued.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import device_of, namespace, to_device_of
from specwidget.devices import held_on_device

Extension = Literal["zeros", "reflect"]


def reflected_indices(positions: NDArray[np.int64], n_samples: int) -> NDArray[np.int64]:
    """Return the sample that each position of a reflected signal repeats.

    Parameters
    ----------
    positions : ndarray of int
        Positions; those from 0 to ``n_samples - 1`` are the samples themselves.
    n_samples : int
        Length of the signal, L, samples.

    Returns
    -------
    ndarray of int
        Indices of samples, of the same shape.

    Examples
    --------
    >>> reflected_indices(np.arange(-4, 7), 3).tolist()
    [0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2]
    """
    if n_samples == 1:
        return np.zeros_like(positions)
    period = 2 * (n_samples - 1)
    forth = positions % period
    return np.minimum(forth, period - forth)


def extend(signal: Any, left: int, right: int, extension: Extension) -> Any:
    """Extend a signal at both ends.

    Parameters
    ----------
    signal : array (..., L)
        The signal; at least one sample.
    left, right : int
        Numbers of samples to add, at least 0.
    extension : {"zeros", "reflect"}
        What they are.

    Returns
    -------
    array (..., left + L + right)
        The signal itself if nothing is added.
    """
    if left == right == 0:
        return signal
    n_samples = signal.shape[-1]
    positions = np.arange(-left, 0), np.arange(n_samples, n_samples + right)
    pieces = [_edge(signal, each, extension) if each.size else None for each in positions]
    return namespace(signal).concat([piece for piece in (pieces[0], signal, pieces[1]) if piece is not None], axis=-1)


def read_extended(
    read: Callable[[int, int], Any], n_samples: int, start: int, stop: int, extension: Extension, out: Any
) -> None:
    """Write samples `start` to `stop - 1` of an extended signal into an array, of NumPy or CuPy.

    Parameters
    ----------
    read : callable
        Takes two indices and returns the samples of the signal from the first to the one before the second.
    n_samples : int
        Length of the signal, L, samples.
    start, stop : int
        Positions; negative before the signal, and L or more after it.
    extension : {"zeros", "reflect"}
        What lies beyond the ends.
    out : array (stop - start,)
        The array to write to.
    """
    # A range may lie beyond an end completely.
    begin = min(max(start, 0), n_samples)
    end = max(min(stop, n_samples), begin)
    before = min(max(-start, 0), stop - start)
    if end > begin:
        out[before : before + end - begin] = read(begin, end)
    for edge, first in ((out[:before], start), (out[before + end - begin :], max(start, n_samples))):
        if edge.shape[0] == 0:
            continue
        if extension == "zeros":
            edge[...] = 0
        else:
            indices = reflected_indices(np.arange(first, first + edge.shape[0]), n_samples)
            lowest = int(indices.min())
            edge[...] = read(lowest, int(indices.max()) + 1)[_placed(indices - lowest, edge)]


def fold(d_extended: Any, left: int, right: int, extension: Extension) -> Any:
    """Return the gradient with respect to a signal from that with respect to the extended signal: its transpose.

    Parameters
    ----------
    d_extended : array (..., left + L + right)
        Gradient with respect to the result of `extend`.
    left, right : int
        Numbers of samples that were added.
    extension : {"zeros", "reflect"}
        What they were.

    Returns
    -------
    array (..., L)
        Gradient with respect to the signal.
    """
    xp, n_samples = namespace(d_extended), d_extended.shape[-1] - left - right
    d_signal = d_extended[..., left : left + n_samples]
    if extension == "zeros":
        return d_signal
    if left:
        d_signal = d_signal + _padded(fold_edge(xp.flip(d_extended[..., :left], axis=-1), n_samples), n_samples)
    if right:
        near = fold_edge(d_extended[..., left + n_samples :], n_samples)
        d_signal = d_signal + xp.flip(_padded(near, n_samples), axis=-1)
    return d_signal


def fold_edge(d_edge: Any, n_samples: int) -> Any:
    """Return the gradient that one reflected edge adds to the samples next to it.

    Parameters
    ----------
    d_edge : array (..., n)
        Gradient with respect to the edge, counted outward: index ``d - 1`` is `d` samples beyond the last one.
    n_samples : int
        Length of the signal, L, samples.

    Returns
    -------
    array (..., min(n, L - 1) + 1)
        Gradient with respect to the samples, counted inward from the last one.
    """
    xp, span = namespace(d_edge), n_samples - 1
    if span == 0:
        return xp.sum(d_edge, axis=-1, keepdims=True)
    n_edge = d_edge.shape[-1]
    n_near = min(n_edge, span) + 1
    total: Any = None
    for turn, first in enumerate(range(0, n_edge, span)):
        piece = d_edge[..., first : min(first + span, n_edge)]
        # Inward on the first way, from sample 1; outward on the way back, from the sample before the farthest.
        begin = 1 if turn % 2 == 0 else span - piece.shape[-1]
        placed = _padded(piece if turn % 2 == 0 else xp.flip(piece, axis=-1), n_near, begin)
        total = placed if total is None else total + placed
    return total


def _edge(signal: Any, positions: NDArray[np.int64], extension: Extension) -> Any:
    """Return the samples at positions beyond the ends, (..., len(positions))."""
    xp = namespace(signal)
    if extension == "zeros":
        return xp.zeros((*signal.shape[:-1], len(positions)), dtype=signal.dtype, device=device_of(signal))
    indices = reflected_indices(positions, signal.shape[-1])
    return xp.take(signal, _placed(indices, signal), axis=-1)


def _placed(indices: NDArray[np.int64], like: Any) -> Any:
    """Return indices on the device of an array."""
    return held_on_device(("indices", indices.tobytes()), like, lambda: to_device_of(indices, like))


def _padded(values: Any, n_samples: int, begin: int = 0) -> Any:
    """Return values at positions `begin` and on of a row of zeros."""
    xp, after = namespace(values), n_samples - begin - values.shape[-1]
    pieces = [
        xp.zeros((*values.shape[:-1], n), dtype=values.dtype, device=device_of(values)) if n else None
        for n in (begin, after)
    ]
    present = [piece for piece in (pieces[0], values, pieces[1]) if piece is not None]
    return present[0] if len(present) == 1 else xp.concat(present, axis=-1)
