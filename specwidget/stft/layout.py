"""Conversion between the layouts of input and output and the internal order of axes.

Internally the axes are always (batch, channels, frames, bins).
"""

from __future__ import annotations

from typing import Any

from specwidget.arrays import namespace
from specwidget.stft.settings import STFTSettings


def to_rows(inputs: Any, settings: STFTSettings) -> Any:
    """Convert a signal from the layout of the settings to (batch, channels, time), or back: it is its own inverse."""
    return namespace(inputs).permute_dims(inputs, (0, 2, 1)) if settings.channels_last else inputs


def to_output(values: Any, settings: STFTSettings) -> Any:
    """Convert values from the internal order of axes to the layout of the result.

    Parameters
    ----------
    values : array (batch, channels, frames, bins)
        Values in the internal order of axes.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    array
        (B, T, C F), or (B, T, F, C) with `expand_dims`; for "channels_first" (B, C F, T) or (B, C, T, F). Flattened,
        the channel is the slow index.
    """
    xp = namespace(values)
    batch, channels, n_frames, n_bins = values.shape
    if settings.expand_dims:
        return xp.permute_dims(values, (0, 2, 3, 1)) if settings.channels_last else values
    if settings.channels_last:
        return xp.reshape(xp.permute_dims(values, (0, 2, 1, 3)), (batch, n_frames, channels * n_bins))
    return xp.reshape(xp.permute_dims(values, (0, 1, 3, 2)), (batch, channels * n_bins, n_frames))


def from_output(output: Any, settings: STFTSettings, n_values: int | None = None) -> Any:
    """Convert a result to the internal order of axes: for NumPy and CuPy a view, which may be written to.

    Parameters
    ----------
    output : array
        A contiguous result in the layout of `to_output`.
    settings : STFTSettings
        Settings of the transform.
    n_values : int, optional
        Number of values for each frame and channel; None means that of the mode.

    Returns
    -------
    array (batch, channels, frames, bins)
        The same values.
    """
    xp = namespace(output)
    n_bins = settings.n_outputs if n_values is None else n_values
    if settings.expand_dims:
        return xp.permute_dims(output, (0, 3, 1, 2)) if settings.channels_last else output
    if settings.channels_last:
        # The reshape of a contiguous array is a view, so values written to the result appear in `output`.
        batch, n_frames, flat = output.shape
        return xp.permute_dims(xp.reshape(output, (batch, n_frames, flat // n_bins, n_bins)), (0, 2, 1, 3))
    batch, flat, n_frames = output.shape
    return xp.permute_dims(xp.reshape(output, (batch, flat // n_bins, n_bins, n_frames)), (0, 1, 3, 2))
