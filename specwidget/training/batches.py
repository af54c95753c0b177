"""Iteration over training batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any

from specwidget.arrays import is_array


def iter_batches(batches: Any, n_consumed: int) -> Iterator[tuple[Any, Any]]:
    """Iterate over batches as pairs (inputs, target), with None for a missing target.

    Parameters
    ----------
    batches : sequence or iterable
        Batches: inputs, or pairs (inputs, target).
    n_consumed : int
        Number of batches that earlier runs consumed; a sequence continues after them. An iterator continues where it
        is.

    Returns
    -------
    iterator of (inputs, target)
        A sequence is repeated endlessly.

    Raises
    ------
    TypeError
        If `batches` is a single array, or not iterable.
    ValueError
        If a sequence is empty.

    Examples
    --------
    >>> import numpy as np
    >>> quiet, loud = np.zeros((1, 256, 1)), np.ones((1, 256, 1))
    >>> pairs = iter_batches([quiet, (loud, 1)], n_consumed=1)
    >>> [target for _, target in (next(pairs), next(pairs))]
    [1, None]
    """
    if is_array(batches):
        raise TypeError("`batches` must be a sequence or an iterator of batches; got one array. Use [inputs].")
    if not isinstance(batches, Iterable) or isinstance(batches, (str, bytes)):
        raise TypeError(f"`batches` must be a sequence or an iterator of batches; got {type(batches).__name__}.")
    if not isinstance(batches, Sequence):
        return map(_as_pair, batches)
    if len(batches) == 0:
        raise ValueError("`batches` must hold at least 1 batch; got none.")
    return (_as_pair(batches[i % len(batches)]) for i in count(n_consumed))


def _as_pair(batch: Any) -> tuple[Any, Any]:
    if is_array(batch):
        return batch, None
    if isinstance(batch, (tuple, list)) and len(batch) == 2:
        return batch[0], batch[1]
    raise TypeError(f"`batches` must hold arrays or pairs (inputs, target); got {type(batch).__name__}.")
