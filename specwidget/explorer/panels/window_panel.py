"""Tab "Window": shape, frequency response and figures of merit of the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from specwidget.charts.encoding import encode_scene, to_arrays
from specwidget.charts.scene import Axes, Colour, Item, Line, Points, Range, Scene, Style
from specwidget.explorer.lazy_panel import LazyContent, LazyPanel, Payload
from specwidget.raster.curves import reduce_curve
from specwidget.stft.settings import STFTSettings
from specwidget.stft.window_merits import OVERSAMPLING
from specwidget.summary.quantities import format_hertz
from specwidget.summary.window_readouts import (
    MAX_POINTS,
    WindowForm,
    difference_sentence,
    merit_rows,
    response_decibels,
    window_forms,
    window_title,
    zoom_bins,
)

STYLES: tuple[tuple[Colour, Style], ...] = (("first", "solid"), ("second", "dashed"))
"""Colour and line style of each form of the window."""

HEIGHT = 0.9
"""Height of the charts, relative to those of the course."""

DB_RANGE = (-220.0, -80.0)
"""Lowest and highest value, dB, of the lower end of the response's axis."""

DB_BELOW_SIDE_LOBE = 40.0
"""Decibels between the highest side lobe and the lower end of the axis."""

DOT_GAP = 5.0
"""Pixels between the bins of the FFT below which they are not marked."""


class WindowPanel(LazyPanel):
    """Shape, frequency response and figures of merit of the symmetric and the periodic window."""

    files: ClassVar[str] = "explorer/panels/window_panel"
    title: ClassVar[str] = "Window"
    tooltip: ClassVar[str] = "Shape, frequency response and figures of merit of the window."
    supports_static: ClassVar[bool] = True

    def contents(self) -> dict[str, LazyContent]:
        """Return the part of the current window."""
        result = self._source.current
        if result is None:
            return {}
        settings, rate = result.settings, result.sample_rate
        key = (settings.window, settings.frame_length, settings.periodic, settings.step, settings.n_fft, rate)
        return {"window": LazyContent(key, lambda: make_window_part(settings, rate))}


def make_window_part(settings: STFTSettings, sample_rate: float | None) -> Payload:
    """Compute the content of the panel for a window."""
    forms = window_forms(settings)
    scene, buffers = encode_scene(window_scene(forms, settings, sample_rate))
    content = {
        "scene": scene,
        "title": window_title(settings),
        "names": [form.name for form in forms],
        "rows": [asdict(row) for row in merit_rows(forms, settings, sample_rate)],
        "sentence": difference_sentence(forms),
        "frame_length": settings.frame_length,
        "n_fft": settings.n_fft,
        "bin_hertz": None if sample_rate is None else sample_rate / settings.frame_length,
    }
    return content, to_arrays(buffers)


def window_scene(forms: Sequence[WindowForm], settings: STFTSettings, sample_rate: float | None = None) -> Scene:
    """Return the charts of a window: its shape, its response near the main lobe, and its whole response.

    Parameters
    ----------
    forms : sequence of WindowForm
        The forms of `window_forms` for the settings.
    settings : STFTSettings
        Settings of the transform.
    sample_rate : float or None
        Samples per second.

    Returns
    -------
    Scene
        Curves of more than `MAX_POINTS` points are reduced to their extremes.
    """
    length = settings.frame_length
    responses = [response_decibels(form.values) for form in forms]
    n_near = zoom_bins(forms, length)
    near = [_mirror(response[: n_near * OVERSAMPLING + 1]) for response in responses]
    unit = "bins" if sample_rate is None else f"bins of {format_hertz(sample_rate / length, 4)}"
    y_range = (response_bottom(forms[0].merits.highest_side_lobe), 5.0)
    bins = _fft_bins(responses[0], min(n_near, length / 2), length, settings.n_fft)
    charts = (
        ("Shape", "Sample of the frame", "Weight", (0.0, max(1.0, length - 1.0)), None),
        ("Response", f"Frequency ({unit})", "dB", (-float(n_near), float(n_near)), y_range),
        ("Response", f"Frequency ({unit})", "dB", (0.0, length / 2), y_range),
    )
    items: tuple[list[Item], ...] = (
        _lines(forms, [form.values for form in forms], 0.0, 1.0),
        _lines(forms, near, -(len(near[0]) // 2) / OVERSAMPLING, 1 / OVERSAMPLING) + bins,
        _lines(forms, responses, 0.0, 1 / OVERSAMPLING),
    )
    shape_range = _weight_range([form.values for form in forms])
    axes = [
        Axes(title, x_label, y_label, x_range, limits or shape_range, lines, height=HEIGHT, grid=True)
        for (title, x_label, y_label, x_range, limits), lines in zip(charts, items, strict=True)
    ]
    return Scene(axes, window_title(settings), columns=2)


def response_bottom(side_lobe: float) -> float:
    """Return the lower end, dB, of the response's axis: some way below the highest side lobe.

    Examples
    --------
    >>> response_bottom(-92.0), response_bottom(float("nan"))
    (-140.0, -100.0)
    """
    if not np.isfinite(side_lobe):
        return -100.0
    return float(np.clip(20 * np.floor((side_lobe - DB_BELOW_SIDE_LOBE) / 20), *DB_RANGE))


def _lines(
    forms: Sequence[WindowForm], curves: Sequence[NDArray[np.float64]], first: float, spacing: float
) -> list[Item]:
    """Return a line for each form; the points of a curve are `spacing` apart."""
    lines: list[Item] = []
    for form, values, (colour, style) in zip(forms, curves, STYLES, strict=False):
        (low, high), size = reduce_curve(values, MAX_POINTS)
        x = first + ((size - 1) / 2 + size * np.arange(len(low))) * spacing
        y_max = None if size == 1 else high
        lines.append(Line(x, low, form.name, colour, style, y_max=y_max))
    return lines


def _mirror(response: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a response from 0 on together with its mirror image."""
    return np.concatenate([response[:0:-1], response])


def _fft_bins(response: NDArray[np.float64], n_bins: float, length: int, n_fft: int) -> list[Item]:
    """Return the response at the bins of the FFT up to `n_bins` from the centre; none where they are too dense."""
    spacing = length / n_fft
    highest = int(n_bins / spacing)
    if 2 * highest + 1 > MAX_POINTS:
        return []
    x = np.arange(-highest, highest + 1) * spacing
    return [Points(x, response[np.rint(np.abs(x) * OVERSAMPLING).astype(int)], "bins of the FFT", min_gap=DOT_GAP)]


def _weight_range(curves: Sequence[NDArray[Any]]) -> Range:
    """Return the limits of the axis of a shape: from 0, or lower where it has negative values."""
    low, high = min(0.0, *(float(curve.min()) for curve in curves)), max(0.0, *(float(curve.max()) for curve in curves))
    margin = 0.05 * (high - low or 1.0)
    return (low - margin if low < 0 else 0.0), high + margin
