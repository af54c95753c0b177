"""The panel of the window: its shape, its frequency response and its figures of merit."""

from __future__ import annotations

from dataclasses import asdict
from typing import ClassVar

from specwidget.explorer.lazy_panel import LazyContent, LazyPanel, Payload
from specwidget.stft.settings import STFTSettings
from specwidget.summary.window_readouts import (
    difference_sentence,
    merit_rows,
    window_curves,
    window_forms,
    window_title,
    zoom_bins,
)


class WindowPanel(LazyPanel):
    """Symmetric and periodic window over each other, in time and in frequency, and what their figures of merit are."""

    files: ClassVar[str] = "explorer/panels/window_panel"
    supports_static: ClassVar[bool] = True

    def contents(self) -> dict[str, LazyContent]:
        """Return the window of what is shown."""
        result = self._source.current
        if result is None:
            return {}
        settings, rate = result.settings, result.sample_rate
        key = (settings.window, settings.frame_length, settings.periodic, settings.step, settings.n_fft, rate)
        return {"window": LazyContent(key, lambda: make_window_part(settings, rate))}


def make_window_part(settings: STFTSettings, sample_rate: float | None) -> Payload:
    """Return what the page shows of a window."""
    forms = window_forms(settings)
    places, arrays = window_curves(forms, settings)
    content = {
        "title": window_title(settings),
        "forms": places,
        "rows": [asdict(row) for row in merit_rows(forms, settings, sample_rate)],
        "sentence": difference_sentence(forms),
        "frame_length": settings.frame_length,
        "n_fft": settings.n_fft,
        "near": zoom_bins(forms, settings.frame_length),
        "bin_hertz": None if sample_rate is None else sample_rate / settings.frame_length,
        "side_lobe": finite_or_none(forms[0].merits.highest_side_lobe),
    }
    return content, list(arrays)


def finite_or_none(value: float) -> float | None:
    """Return a number that JSON knows, or None."""
    return value if abs(value) < float("inf") else None
