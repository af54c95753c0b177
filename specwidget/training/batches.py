"""Batches: a sequence is gone round again and again, an iterator is taken as it comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any

from specwidget.arrays import is_array


def iter_batches(batches: Any, taken: int) -> Iterator[tuple[Any, Any]]:
    """Return an iterator over (inputs, target), with None for a target that is not there.

    Parameters
    ----------
    batches : sequence or iterable
        Batches: inputs, or pairs (inputs, target).
    taken : int
        How many batches of a sequence were taken before; an iterator stands where it stands.

    Returns
    -------
    iterator of (inputs, target)
        Endless for a sequence.

    Raises
    ------
    TypeError
        If `batches` is one array, or nothing that has batches.
    ValueError
        If a sequence is empty.

    Examples
    --------
    >>> import numpy as np
    >>> quiet, loud = np.zeros((1, 256, 1)), np.ones((1, 256, 1))
    >>> pairs = iter_batches([quiet, (loud, 1)], taken=1)
    >>> [target for _, target in (next(pairs), next(pairs))]
    [1, None]
    """
    if is_array(batches):
        raise TypeError("`batches` must hold batches; got one array. Put it into a list: [inputs].")
    if not isinstance(batches, Iterable) or isinstance(batches, (str, bytes)):
        raise TypeError(f"`batches` must be a sequence or an iterator of batches; got {type(batches).__name__}.")
    if not isinstance(batches, Sequence):
        return map(_as_pair, batches)
    if len(batches) == 0:
        raise ValueError("`batches` must hold at least one batch; got none.")
    return (_as_pair(batches[i % len(batches)]) for i in count(taken))


def _as_pair(batch: Any) -> tuple[Any, Any]:
    """Return a batch as (inputs, target)."""
    if is_array(batch):
        return batch, None
    if isinstance(batch, (tuple, list)) and len(batch) == 2:
        return batch[0], batch[1]
    raise TypeError(f"`batches` must hold arrays or pairs (inputs, target); got {type(batch).__name__}.")
