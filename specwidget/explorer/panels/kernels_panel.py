"""The panel of the kernels: cosines and sines as a picture, as curves of one bin, and how far training moved them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import NDArray

from specwidget.explorer.lazy_panel import LazyContent, LazyPanel, Payload
from specwidget.layer import STFTSpectrogram
from specwidget.raster.colours import COLOUR_MAPS, ON_DARK, colour_tables
from specwidget.raster.curves import reduce_curve
from specwidget.raster.kernel_images import Region, make_kernel_picture
from specwidget.stft.kernels import kernel_names, make_kernel_part
from specwidget.stft.settings import STFTSettings
from specwidget.summary.window_readouts import MAX_POINTS
from specwidget.training.drift import measure_drift

FIRST_BIN = 8
"""Bin whose curves are shown until somebody chooses another."""

MOST_WHOLE = 512
"""Longest frame whose kernels are shown whole unless somebody asks for it: each sample has a pixel of its own."""

CLOSE_BINS, CLOSE_SAMPLES = 25, 256
"""Bins round the chosen one, and samples in the middle of the frame, that a close-up shows."""


@dataclass(frozen=True, eq=False)
class Trained:
    """Kernels that are not Fourier's; the same object as long as they are the same."""

    layer: STFTSpectrogram
    weights: tuple[NDArray[Any], ...]


class KernelsPanel(LazyPanel):
    """The kernels that frames are multiplied by. Fourier's are never made whole only to be drawn."""

    files: ClassVar[str] = "explorer/panels/kernels_panel"

    bin = traitlets.Any(FIRST_BIN, help="Bin whose kernels are shown as curves.").tag(sync=True)
    view = traitlets.Unicode("automatic", help="What the picture shows: 'automatic', 'whole' or 'close up'.").tag(
        sync=True
    )
    bin_problem = traitlets.Unicode(help="Why a bin can't be shown.").tag(sync=True)
    tables = traitlets.Dict(help="Colour map on a light and on a dark page.").tag(sync=True)

    def __init__(self, state: Any, **kwargs: Any) -> None:
        self._trained: Trained | None = None
        self._chosen = FIRST_BIN
        light, dark = COLOUR_MAPS["diverging"][0], ON_DARK["diverging"]
        super().__init__(state, tables={"light": colour_tables()[light], "dark": colour_tables()[dark]}, **kwargs)
        self.observe(self._choose, names="bin")
        self.observe(self._on_change, names="view")

    def contents(self) -> dict[str, LazyContent]:
        """Return picture, curves and drift of the layer that is shown."""
        shown = self._source.current
        if shown is None:
            return {}
        settings, rate, trained = shown.settings, shown.sample_rate, self._trained_of(shown.layer)
        number = min(self._chosen, settings.n_bins - 1)
        is_close = self.view == "close up" or (self.view == "automatic" and settings.frame_length > MOST_WHOLE)
        region = close_region(settings, number) if is_close else None
        # What the kernels follow from; step, padding and the like leave them as they are.
        key = (*_kernel_settings(settings), rate, trained)
        return {
            "kernels": LazyContent((key, region), lambda: make_picture_part(settings, rate, trained, region)),
            "curves": LazyContent((key, number), lambda: make_curves_part(settings, rate, trained, number)),
            "drift": LazyContent(key, lambda: make_drift_part(rate, trained)),
        }

    def _trained_of(self, layer: STFTSpectrogram) -> Trained | None:
        """Return a layer's kernels where they are not Fourier's."""
        if layer.path == "fft":
            self._trained = None
        else:
            weights = tuple(layer.weights)
            if self._trained is None or self._trained.weights[0] is not weights[0]:
                self._trained = Trained(layer, weights)
        return self._trained

    def _choose(self, change: Any) -> None:
        """Show another bin, or say why it can't be shown."""
        with self._source.hold():
            shown = self._source.current
            highest = 0 if shown is None else shown.settings.n_bins - 1
            value = change["new"]
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= highest:
                self.bin_problem = f"`bin` must be a whole number from 0 to {highest}; got {value!r}."
                return
            self.bin_problem = ""
            self._chosen = value
            self.refresh()


def _kernel_settings(settings: STFTSettings) -> tuple[Any, ...]:
    """Return the settings that Fourier's kernels follow from."""
    names = ("window", "frame_length", "n_fft", "periodic", "scaling", "compute_dtype")
    return (kernel_names(settings), *(getattr(settings, name) for name in names))


def close_region(settings: STFTSettings, number: int) -> Region:
    """Return samples in the middle of the frame and bins round one: what a close-up shows."""
    n_samples, n_bins = min(CLOSE_SAMPLES, settings.frame_length), min(CLOSE_BINS, settings.n_bins)
    first = (settings.frame_length - n_samples) // 2
    lowest = min(max(number - n_bins // 2, 0), settings.n_bins - n_bins)
    return first, first + n_samples, lowest, lowest + n_bins


def make_picture_part(
    settings: STFTSettings, sample_rate: float | None, trained: Trained | None, region: Region | None = None
) -> Payload:
    """Return the picture of the kernels, or of a part of them."""
    picture = make_kernel_picture(settings, None if trained is None else trained.weights, region)
    columns, rows = np.diff(picture.column_starts), np.diff(picture.row_starts)
    content = {
        "names": list(picture.names),
        "rows": len(rows),
        "columns": len(columns),
        "low": picture.low,
        "high": picture.high,
        "in_cell": [int(columns.max()), int(rows.max())],
        "frame_length": settings.frame_length,
        "n_bins": settings.n_bins,
        "spacing": (sample_rate or 1.0) / settings.n_fft,
        "has_rate": sample_rate is not None,
        "is_trained": trained is not None,
        "is_close": region is not None,
    }
    return content, [picture.codes, picture.row_starts, picture.column_starts]


def make_curves_part(
    settings: STFTSettings, sample_rate: float | None, trained: Trained | None, number: int
) -> Payload:
    """Return the kernels of one bin as curves, and Fourier's beside trained ones."""
    part = make_kernel_part(settings, np.arange(settings.frame_length), np.array([number]))
    fourier = [getattr(part, name)[:, 0, 0] for name in kernel_names(settings)]
    own = fourier if trained is None else [kernel[:, 0, number] for kernel in trained.weights]
    curves: Sequence[NDArray[Any]] = own if trained is None else [*own, *fourier]
    reduced = [reduce_curve(values, MAX_POINTS) for values in curves]
    size = reduced[0][1]
    content = {
        "bin": number,
        "names": list(kernel_names(settings)),
        "first": (size - 1) / 2,
        "step": size,
        "frame_length": settings.frame_length,
        "reach": float(max(np.abs(values).max() for values in curves)) or 1.0,
        "turns": number * settings.frame_length / settings.n_fft,
        "frequency": number * (sample_rate or 1.0) / settings.n_fft,
        "has_rate": sample_rate is not None,
        "is_trained": trained is not None,
    }
    return content, [extremes for extremes, _ in reduced]


def make_drift_part(sample_rate: float | None, trained: Trained | None) -> Payload:
    """Return how far each bin has moved from Fourier's kernels, and where it listens now; nothing to send for those."""
    if trained is None:
        return {"is_trained": False}, []
    drift = measure_drift(trained.layer, sample_rate)
    farthest = int(drift.distance.argmax())
    content = {
        "is_trained": True,
        "has_rate": sample_rate is not None,
        "spacing": (sample_rate or 1.0) / trained.layer.settings.n_fft,
        "mean": float(drift.distance.mean()),
        "largest": float(drift.distance[farthest]),
        "farthest": farthest,
    }
    return content, [values.astype(np.float32) for values in (drift.distance, drift.centre, drift.bandwidth)]
