"""Curves reduced to the screen: the lowest and the highest value of each group, so that every peak stays visible."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def reduce_curve(values: NDArray[Any], n_columns: int) -> tuple[NDArray[np.float32], int]:
    """Reduce a curve to the extremes of groups of neighbouring points.

    Parameters
    ----------
    values : ndarray (n,)
        Points of a curve, at least one.
    n_columns : int
        Most groups.

    Returns
    -------
    extremes : ndarray (2, groups) of float32
        Lowest and highest value of each group; NaN where it contains NaN.
    size : int
        Points in each group but the last, which may have fewer.

    Examples
    --------
    >>> reduce_curve(np.array([1.0, 3.0, 2.0, -1.0, 5.0]), 3)[0].tolist()
    [[1.0, -1.0, 5.0], [3.0, 2.0, 5.0]]
    """
    size = max(1, -(-len(values) // max(1, n_columns)))
    starts = np.arange(0, len(values), size)
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    return np.stack([low, high]).astype(np.float32), size
