"""Where a peer differs, as the page draws it: errors in units of the tolerance, on a logarithmic scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from specwidget.mel.stages import FrontEndSettings
from specwidget.peers import ErrorMap
from specwidget.raster.picture import encode, geometry_header

LOWEST = 1e-3
"""Fraction of the tolerance below which an error is not told apart from none."""

DECADES = 4
"""Powers of ten that are shown where an error is beyond the tolerance."""


def map_message(
    errors: ErrorMap, settings: FrontEndSettings, n_samples: int, sample_rate: float | None
) -> tuple[dict[str, Any], list[memoryview]]:
    """Return a map of errors as a header and raw memory.

    Parameters
    ----------
    errors : ErrorMap
        The largest error of each group of frames and bins.
    settings : STFTSettings or BandSettings
        Settings of the front end.
    n_samples : int
        Samples that were compared.
    sample_rate : float or None
        Samples per second.

    Returns
    -------
    header : dict
        What places and names the codes. `low`, `high` and the ends of `range` are decimal logarithms of shares of the
        tolerance.
    buffers : list of memoryview
        Codes (rows, columns) of uint16, and the starts of rows and columns.
    """
    rate = sample_rate or 1.0
    codes, low, high = encode(np.log10(np.maximum(errors.shares.astype(np.float64), LOWEST / 10)))
    top = max(0.0, high)
    header = {
        "rows": len(errors.row_starts) - 1,
        "columns": len(errors.column_starts) - 1,
        "n_samples": n_samples,
        "duration": n_samples / rate,
        "has_rate": sample_rate is not None,
        **geometry_header(settings, n_samples, sample_rate),
        "kind": "sequential",
        "low": low,
        "high": high,
        "range": [float(np.log10(LOWEST)) if top <= 1 else top - DECADES, top],
    }
    arrays = (codes, errors.row_starts, errors.column_starts)
    return header, [np.ascontiguousarray(array).reshape(-1).view(np.uint8).data for array in arrays]
