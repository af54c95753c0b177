"""Tab "Window": shape, frequency response and figures of merit of the window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from specwidget.charts.encoding import encode_scene, to_arrays
from specwidget.charts.scene import Axes, Colour, Item, Line, Points, Range, Scene, Style
from specwidget.explorer.lazy_panel import LazyContent, LazyPanel, Payload
from specwidget.mel.stages import transform_of
from specwidget.raster.curves import reduce_curve
from specwidget.stft.settings import STFTSettings
from specwidget.stft.window_merits import MAX_SAMPLES, OVERSAMPLING
from specwidget.summary.quantities import format_hertz
from specwidget.summary.window_readouts import (
    MAX_POINTS,
    WindowForm,
    compare_merits,
    difference_sentence,
    merit_rows,
    response_decibels,
    window_forms,
    window_title,
    zoom_bins,
)

STYLES: tuple[tuple[Colour, Style], ...] = (("first", "solid"), ("second", "dashed"))
"""Colour and line style of each form of the window, or of A and B."""

HEIGHT = 0.9
"""Height of the charts, relative to those of the course."""

DB_RANGE = (-220.0, -80.0)
"""Lowest and highest value, dB, of the lower end of the response's axis."""

DB_BELOW_SIDE_LOBE = 40.0
"""Decibels between the highest side lobe and the lower end of the axis."""

DOT_GAP = 5.0
"""Pixels between the bins of the FFT below which they are not marked."""


@dataclass(frozen=True)
class WindowSide:
    """Settings of a transform with the sample rate of the sound: what is displayed, or one of A and B."""

    settings: STFTSettings
    sample_rate: float | None


class WindowPanel(LazyPanel):
    """Shape, frequency response and figures of merit of the symmetric and the periodic window."""

    files: ClassVar[str] = "explorer/panels/window_panel"
    title: ClassVar[str] = "Window"
    tooltip: ClassVar[str] = "Shape, frequency response and figures of merit of the window."
    supports_static: ClassVar[bool] = True

    def contents(self) -> dict[str, LazyContent]:
        """Return the part of the current window, or of those of A and B."""
        result = self._source.current
        if result is None:
            return {}
        pair = self._source.compared()
        sides = [WindowSide(transform_of(each.settings), each.sample_rate) for each in (*(pair or ()), result)]
        a, b = (sides[0], sides[1]) if pair is not None and _differ(*sides[:2]) else (sides[-1], None)
        key = tuple(None if each is None else (*_key(each.settings), each.sample_rate) for each in (a, b))
        return {"window": LazyContent(key, lambda: make_window_part(a.settings, a.sample_rate, b))}


def _key(settings: STFTSettings) -> tuple[Any, ...]:
    """Return what the panel shows of settings."""
    return settings.window, settings.frame_length, settings.periodic, settings.step, settings.n_fft


def _differ(a: WindowSide, b: WindowSide) -> bool:
    """Return whether the windows of A and B differ, and both can be judged."""
    is_short = max(a.settings.frame_length, b.settings.frame_length) <= MAX_SAMPLES
    return is_short and _key(a.settings)[:3] != _key(b.settings)[:3]


def make_window_part(settings: STFTSettings, sample_rate: float | None, b: WindowSide | None = None) -> Payload:
    """Compute the content of the panel for a window, or for that of A beside that of B."""
    forms = window_forms(settings)
    scene, buffers = encode_scene(window_scene(forms, settings, sample_rate, b))
    content = {
        "scene": scene,
        "title": scene["caption"],
        "names": [form.name for form in forms],
        "rows": [asdict(row) for row in merit_rows(forms, settings, sample_rate)],
        "sentence": difference_sentence(forms),
        "frame_length": settings.frame_length,
        "n_fft": settings.n_fft,
        "bin_hertz": None if sample_rate is None else sample_rate / settings.frame_length,
        "is_pair": b is not None,
    }
    if b is not None:
        content["names"] = [f"A, {forms[0].name}", f"B, {window_forms(b.settings)[0].name}"]
        rows = compare_merits(settings, b.settings, (sample_rate, b.sample_rate))
        content["rows"] = [asdict(row) for row in rows]
    return content, to_arrays(buffers)


def window_scene(
    forms: Sequence[WindowForm],
    settings: STFTSettings,
    sample_rate: float | None = None,
    b: WindowSide | None = None,
) -> Scene:
    """Return the charts of a window: its shape, its response near the main lobe, and its whole response.

    Parameters
    ----------
    forms : sequence of WindowForm
        The forms of `window_forms` for the settings.
    settings : STFTSettings
        Settings of the transform; those of A where there is a B.
    sample_rate : float or None
        Samples per second.
    b : WindowSide, optional
        Settings and sound B. The charts then show the form in use of A and of B, on the frequency axis of A.

    Returns
    -------
    Scene
        Curves of more than `MAX_POINTS` points are reduced to their extremes.
    """
    length = settings.frame_length
    curves = [Curve(form.name, form) for form in forms]
    title = window_title(settings)
    if b is not None:
        scale = length / b.settings.frame_length
        if sample_rate is not None and b.sample_rate is not None:
            scale *= b.sample_rate / sample_rate
        other = Curve(f"B: {window_title(b.settings)}", window_forms(b.settings)[0], scale)
        curves, title = [Curve(f"A: {title}", forms[0]), other], "Windows of A and B"
    n_near = min(max(1, length // 2), max(curve.n_near for curve in curves))
    mirrored = [(-(curve.n_points(n_near) - 1) * curve.spacing, curve.spacing) for curve in curves]
    near = [_mirror(curve.response[: curve.n_points(n_near)]) for curve in curves]
    of_a = " of A" if b is not None else ""
    unit = f"bins{of_a}" if sample_rate is None else f"bins{of_a} of {format_hertz(sample_rate / length, 4)}"
    y_range = (min(response_bottom(curve.form.merits.highest_side_lobe) for curve in curves), 5.0)
    bins = _fft_bins(curves[0].response, min(n_near, length / 2), length, settings.n_fft)
    longest = max(len(curve.form.values) for curve in curves)
    charts = (
        ("Shape", "Sample of the frame", "Weight", (0.0, max(1.0, longest - 1.0)), None),
        ("Response", f"Frequency ({unit})", "dB", (-float(n_near), float(n_near)), y_range),
        ("Response", f"Frequency ({unit})", "dB", (0.0, length / 2), y_range),
    )
    shapes = [curve.form.values for curve in curves]
    items: tuple[list[Item], ...] = (
        _lines(curves, shapes, [(0.0, 1.0)] * len(curves)),
        _lines(curves, near, mirrored) + bins,
        _lines(curves, [curve.response for curve in curves], [(0.0, curve.spacing) for curve in curves]),
    )
    shape_range = _weight_range(shapes)
    axes = [
        Axes(title, x_label, y_label, x_range, limits or shape_range, lines, height=HEIGHT, grid=True)
        for (title, x_label, y_label, x_range, limits), lines in zip(charts, items, strict=True)
    ]
    return Scene(axes, title, columns=2)


@dataclass(frozen=True, eq=False)
class Curve:
    """What is drawn of a form of a window.

    Parameters
    ----------
    label : str
        Label in the legend.
    form : WindowForm
        The form.
    scale : float
        Bins of the axis for one of its own, which are those of its frame length.
    """

    label: str
    form: WindowForm
    scale: float = 1.0

    @cached_property
    def response(self) -> NDArray[np.float64]:
        """Frequency response, dB, from 0 on."""
        return response_decibels(self.form.values)

    @property
    def spacing(self) -> float:
        """Distance of two points of the response, in bins of the axis."""
        return self.scale / OVERSAMPLING

    @property
    def n_near(self) -> int:
        """Bins of the axis that show the main lobe and some side lobes."""
        return math.ceil(zoom_bins([self.form], len(self.form.values)) * self.scale)

    def n_points(self, n_bins: int) -> int:
        """Return the number of points of the response up to a number of bins of the axis."""
        return min(int(n_bins / self.spacing) + 1, len(self.response))


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
    curves: Sequence[Curve], values: Sequence[NDArray[np.float64]], places: Sequence[tuple[float, float]]
) -> list[Item]:
    """Return a line for each curve, with the first x of its values and the distance of two of them."""
    lines: list[Item] = []
    for curve, points, (first, spacing), (colour, style) in zip(curves, values, places, STYLES, strict=False):
        (low, high), size = reduce_curve(points, MAX_POINTS)
        x = first + ((size - 1) / 2 + size * np.arange(len(low))) * spacing
        y_max = None if size == 1 else high
        lines.append(Line(x, low, curve.label, colour, style, y_max=y_max))
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
