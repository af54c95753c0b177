"""The kernels panel: images of the cosines and sines, the curves of one bin, and the drift of trained kernels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import NDArray

from specwidget.charts.encoding import encode_scene, to_arrays
from specwidget.charts.scene import Axes, Colour, Image, Item, Line, Scene
from specwidget.explorer.lazy_panel import LazyContent, LazyPanel, Payload
from specwidget.front_end import FrontEndLayer
from specwidget.layer import STFTSpectrogram
from specwidget.mel.stages import transform_of
from specwidget.raster.colours import COLOUR_MAPS, ON_DARK, colour_tables
from specwidget.raster.curves import reduce_curve
from specwidget.raster.kernel_images import Region, make_kernel_images
from specwidget.stft.kernels import kernel_names, make_kernel_block
from specwidget.stft.settings import STFTSettings
from specwidget.summary.window_readouts import MAX_POINTS
from specwidget.training.drift import measure_drift

FIRST_BIN = 8
"""Bin that is shown at first."""

MOST_WHOLE = 512
"""Longest frame whose kernels are shown whole by default: each sample has at least one pixel."""

CLOSE_BINS, CLOSE_SAMPLES = 25, 256
"""Bins around the chosen one, and samples in the middle of the frame, that a close-up shows."""

TITLES = {"real": "Cosine kernels (real part)", "imag": "Sine kernels (imaginary part)"}
CURVES: dict[str, tuple[str, Colour]] = {"real": ("cosine", "first"), "imag": ("sine", "second")}
"""Label and colour of the curve of each kernel."""

SAMPLE_LABEL = "Sample of the frame"
KILO_FROM = 10_000.0
"""Frequency, Hz, from which labels are in kHz."""

HEIGHT = 0.9
"""Height of the charts, relative to those of the course."""


@dataclass(frozen=True, eq=False)
class Trained:
    """Weights that are not the Fourier kernels; the same object as long as the weights are the same."""

    layer: STFTSpectrogram
    weights: tuple[NDArray[Any], ...]


class KernelsPanel(LazyPanel):
    """The kernels that frames are multiplied by. Fourier kernels are computed only where they are drawn."""

    files: ClassVar[str] = "explorer/panels/kernels_panel"
    title: ClassVar[str] = "Kernels"
    tooltip: ClassVar[str] = "The cosines and sines that each frame is multiplied by."

    bin = traitlets.Any(FIRST_BIN, help="Bin whose kernels are shown as curves.").tag(sync=True)
    view = traitlets.Unicode("automatic", help="Part that the images show: 'automatic', 'whole' or 'close up'.").tag(
        sync=True
    )
    bin_problem = traitlets.Unicode(help="Error of the bin that was set.").tag(sync=True)
    tables = traitlets.Dict(help="Colour map on a light and on a dark page.").tag(sync=True)

    def __init__(self, state: Any, **kwargs: Any) -> None:
        self._trained: Trained | None = None
        self._chosen = FIRST_BIN
        light, dark = COLOUR_MAPS["diverging"][0], ON_DARK["diverging"]
        super().__init__(state, tables={"light": colour_tables()[light], "dark": colour_tables()[dark]}, **kwargs)
        self.observe(self._choose, names="bin")
        self.observe(self._on_change, names="view")

    def contents(self) -> dict[str, LazyContent]:
        """Return images, curves and drift of the current layer."""
        current = self._source.current
        if current is None:
            return {}
        settings, rate = transform_of(current.settings), current.sample_rate
        trained, number = self._find_trained(current.layer), min(self._chosen, settings.n_bins - 1)
        is_close = self.view == "close up" or (self.view == "automatic" and settings.frame_length > MOST_WHOLE)
        region = close_region(settings, number) if is_close else None
        # The settings that determine the kernels; step, padding and the like do not.
        key = (*_kernel_settings(settings), rate, trained)
        return {
            "kernels": LazyContent((key, region), lambda: make_images_part(settings, rate, trained, region)),
            "curves": LazyContent((key, number), lambda: make_curves_part(settings, rate, trained, number)),
            "drift": LazyContent(key, lambda: make_drift_part(rate, trained)),
        }

    def _find_trained(self, layer: FrontEndLayer) -> Trained | None:
        """Return the weights of a layer whose kernels are not the Fourier kernels."""
        if layer.path == "fft" or not isinstance(layer, STFTSpectrogram):
            self._trained = None
        else:
            weights = tuple(layer.weights)
            if self._trained is None or self._trained.weights[0] is not weights[0]:
                self._trained = Trained(layer, weights)
        return self._trained

    def _choose(self, change: Any) -> None:
        """Show another bin, or set `bin_problem`."""
        with self._source.hold():
            current = self._source.current
            highest = 0 if current is None else transform_of(current.settings).n_bins - 1
            value = change["new"]
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= highest:
                self.bin_problem = f"Bin must be a whole number from 0 to {highest}; got {value!r}."
                return
            self.bin_problem = ""
            self._chosen = value
            self.refresh()


def _kernel_settings(settings: STFTSettings) -> tuple[Any, ...]:
    """Return the settings that determine the Fourier kernels."""
    names = ("window", "frame_length", "n_fft", "periodic", "scaling", "compute_dtype")
    return (kernel_names(settings), *(getattr(settings, name) for name in names))


def close_region(settings: STFTSettings, number: int) -> Region:
    """Return the part that a close-up shows: samples in the middle of the frame, and bins around one."""
    n_samples, n_bins = min(CLOSE_SAMPLES, settings.frame_length), min(CLOSE_BINS, settings.n_bins)
    first = (settings.frame_length - n_samples) // 2
    lowest = min(max(number - n_bins // 2, 0), settings.n_bins - n_bins)
    return first, first + n_samples, lowest, lowest + n_bins


def make_images_part(
    settings: STFTSettings, sample_rate: float | None, trained: Trained | None, region: Region | None = None
) -> Payload:
    """Compute the images of the kernels, or of a part of them."""
    images = make_kernel_images(settings, None if trained is None else trained.weights, region)
    columns, rows = images.column_starts, images.row_starts
    samples, bins = (int(columns[0]), int(columns[-1]) - 1), (int(rows[0]), int(rows[-1]) - 1)
    spacing = (sample_rate or 1.0) / settings.n_fft
    ends = " to ".join(_frequency_text(number * spacing, sample_rate) for number in bins)
    limit = float(np.abs(images.values).max(initial=0.0, where=np.isfinite(images.values))) or 1.0
    axes = [
        Axes(
            TITLES[name],
            SAMPLE_LABEL,
            f"Bin ({ends})",
            (columns[0] - 0.5, columns[-1] - 0.5),
            (rows[0] - 0.5, rows[-1] - 0.5),
            [
                Image(
                    values,
                    (columns[0] - 0.5, columns[-1] - 0.5),
                    (rows[0] - 0.5, rows[-1] - 0.5),
                    "Weight",
                    kind="diverging",
                    range=(-limit, limit),
                    x_edges=columns - 0.5,
                    y_edges=rows - 0.5,
                )
            ],
            height=HEIGHT,
        )
        for name, values in zip(images.names, images.values, strict=True)
    ]
    scene, buffers = encode_scene(Scene(axes, "Kernels", columns=2))
    content = {
        "scene": scene,
        "names": list(images.names),
        "samples": samples,
        "bins": bins,
        "in_cell": [int(np.diff(columns).max()), int(np.diff(rows).max())],
        "frame_length": settings.frame_length,
        "n_bins": settings.n_bins,
        "is_close": region is not None,
    }
    return content, to_arrays(buffers)


def make_curves_part(
    settings: STFTSettings, sample_rate: float | None, trained: Trained | None, number: int
) -> Payload:
    """Compute the curves of one bin's kernels, and of the Fourier kernels beside trained ones."""
    names = kernel_names(settings)
    part = make_kernel_block(settings, np.arange(settings.frame_length), np.array([number]))
    fourier = [getattr(part, name)[:, 0, 0] for name in names]
    own = fourier if trained is None else [kernel[:, 0, number] for kernel in trained.weights]
    limit = 1.05 * (float(max(np.abs(values).max() for values in [*own, *fourier])) or 1.0)
    lines: list[Item] = [_kernel_line(own, names, i, is_own=True) for i in range(len(names))]
    if trained is not None:
        lines += [_kernel_line(fourier, names, i) for i in range(len(names))]
    x_range = (0.0, max(1.0, settings.frame_length - 1.0))
    axes = Axes(f"Bin {number}", SAMPLE_LABEL, "Weight", x_range, (-limit, limit), lines, height=HEIGHT, grid=True)
    scene, buffers = encode_scene(Scene([axes], f"Kernels of bin {number}"))
    content = {
        "scene": scene,
        "bin": number,
        "cycles": number * settings.frame_length / settings.n_fft,
        "frequency": number * (sample_rate or 1.0) / settings.n_fft,
        "has_rate": sample_rate is not None,
        "is_trained": trained is not None,
    }
    return content, to_arrays(buffers)


def _kernel_line(curves: Sequence[NDArray[Any]], names: Sequence[str], i: int, *, is_own: bool = False) -> Line:
    """Return the line of a kernel, reduced to its extremes where it has too many points."""
    label, colour = CURVES[names[i]]
    (low, high), size = reduce_curve(curves[i], MAX_POINTS)
    x = (size - 1) / 2 + size * np.arange(len(low))
    y_max = None if size == 1 else high
    if is_own:
        return Line(x, low, label, colour, y_max=y_max)
    return Line(x, low, f"Fourier {label}", "muted", "dashed", y_max=y_max)


def make_drift_part(sample_rate: float | None, trained: Trained | None) -> Payload:
    """Compute the drift of each bin from its Fourier kernel, with its centre frequency and bandwidth.

    The last two arrays are centre frequencies and bandwidths. Fourier kernels have no drift to be sent.
    """
    if trained is None:
        return {"is_trained": False}, []
    drift = measure_drift(trained.layer, sample_rate)
    farthest = int(drift.distance.argmax())
    largest = float(drift.distance[farthest])
    bins = np.arange(len(drift.distance))
    axes = Axes(
        "Drift: distance from the Fourier kernels",
        "Bin",
        "Relative distance",
        (0.0, max(1.0, len(bins) - 1.0)),
        (0.0, 1.05 * largest or 1.0),
        [Line(bins, drift.distance)],
        height=HEIGHT,
        grid=True,
    )
    scene, buffers = encode_scene(Scene([axes], "Drift"))
    content = {
        "scene": scene,
        "is_trained": True,
        "has_rate": sample_rate is not None,
        "spacing": (sample_rate or 1.0) / trained.layer.settings.n_fft,
        "mean": float(drift.distance.mean()),
        "largest": largest,
        "farthest": farthest,
    }
    return content, [*to_arrays(buffers), *(values.astype(np.float32) for values in (drift.centre, drift.bandwidth))]


def _frequency_text(frequency: float, sample_rate: float | None) -> str:
    if sample_rate is None:
        return f"{frequency:.3g} cycles/sample"
    if frequency >= KILO_FROM:
        return f"{frequency / 1000:.2f} kHz"
    return f"{frequency:.1f} Hz" if frequency < 100 else f"{frequency:.0f} Hz"
