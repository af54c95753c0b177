"""Tab "Bank": the triangles of a mel spectrogram over the bins, and the bands that hold none."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from specwidget.charts.encoding import encode_scene, to_arrays
from specwidget.charts.scene import Axes, Colour, Item, Line, Points, Scene, Stems
from specwidget.explorer.lazy_panel import LazyContent, LazyPanel, Payload
from specwidget.mel.scales import hertz_to_mel, mel_to_hertz
from specwidget.mel.settings import MelSettings
from specwidget.mel.stages import BandSettings
from specwidget.summary.bank_readouts import bank_rows, bank_title, empty_bands_sentence

SIDE_POINTS = 9
"""Points of each side of a triangle: over Hz it is a curve where it is straight over mel."""

CLOSE_BANDS = 12
"""Bands of the close-up."""

MOST_DRAWN = 512
"""Most bands that are drawn; of more, every other one and so on."""

HEIGHT = 0.9
"""Height of the charts, relative to those of the course."""


class BankPanel(LazyPanel):
    """The bank of the current front end: all bands, and a close-up of the narrowest."""

    files: ClassVar[str] = "explorer/panels/bank_panel"
    title: ClassVar[str] = "Bank"
    tooltip: ClassVar[str] = "The triangles that add bins to bands, and the bands that hold no bin."
    supports_static: ClassVar[bool] = True

    def badge(self) -> str:
        """Return how many bands hold no bin."""
        current = self._source.current
        if current is None or not isinstance(current.settings, BandSettings):
            return ""
        count = len(current.settings.mel.bank.empty_bands)
        return f"{count} empty" if count else ""

    def contents(self) -> dict[str, LazyContent]:
        """Return the charts and the table of the bank, or the sentence that there is none."""
        current = self._source.current
        if current is None:
            return {}
        if not isinstance(current.settings, BandSettings):
            return {"bank": LazyContent(None, lambda: ({"has_bank": False}, []))}
        mel = current.settings.mel
        conventions = mel.conventions
        key = (
            *(mel.n_fft, mel.sampling_rate, mel.n_bands, mel.min_freq, mel.highest_frequency),
            *(conventions.mel_scale, conventions.triangles, conventions.norm),
        )
        return {"bank": LazyContent(key, lambda: make_bank_part(mel))}


def make_bank_part(settings: MelSettings) -> Payload:
    """Compute the content of the panel for a bank."""
    scene, buffers = encode_scene(bank_scene(settings))
    bank = settings.bank
    content = {
        "has_bank": True,
        "scene": scene,
        "title": bank_title(settings),
        "sentence": empty_bands_sentence(settings),
        "rows": [asdict(row) for row in bank_rows(settings)],
        "edges": bank.edges.tolist(),
        "counts": bank.bin_counts.tolist(),
        "spacing": settings.sampling_rate / settings.n_fft,
    }
    return content, to_arrays(buffers)


def bank_scene(settings: MelSettings) -> Scene:
    """Return the charts of a bank: all its triangles, and a close-up.

    Parameters
    ----------
    settings : MelSettings
        Settings of the mel spectrogram.

    Returns
    -------
    Scene
        In the close-up stems are the weights of bins, and a band that holds no bin is drawn in another colour.
    """
    bank = settings.bank
    first = close_bands(settings)
    chosen = np.arange(first, min(first + CLOSE_BANDS, bank.n_bands))
    low, high = float(bank.edges[chosen[0]]), float(bank.edges[chosen[-1] + 2])
    top = 1.05 * max(_peak(settings, m) for m in range(bank.n_bands))
    close_top = 1.05 * max(_peak(settings, int(m)) for m in chosen)
    every = -(-bank.n_bands // MOST_DRAWN)
    whole = _triangles(settings, np.arange(0, bank.n_bands, every))
    near = _triangles(settings, chosen)
    inside = (bank.frequencies >= low) & (bank.frequencies <= high)
    x, y = bank.frequencies[inside], bank.weights[inside][:, chosen]
    used = y > 0
    weights: list[Item] = []
    if used.any():
        places, values = np.repeat(x, used.sum(axis=1)), y[used]
        weights = [Stems(places, values, "bins", "ink")]
    unused = ~used.any(axis=1)
    if unused.any():
        weights.append(Points(x[unused], np.zeros(unused.sum()), "bins in no band", "muted", marker="cross"))
    label = "Frequency (Hz)"
    axes = [
        Axes(
            "All bands",
            label,
            "Weight",
            (0.0, settings.sampling_rate / 2),
            (0.0, top),
            whole,
            x_scale="mel",
            height=HEIGHT,
        ),
        Axes(
            f"Bands {chosen[0]} to {chosen[-1]}",
            label,
            "Weight",
            (low, high),
            (0.0, close_top),
            [*near, *weights],
            height=HEIGHT,
        ),
    ]
    return Scene(axes, f"{bank_title(settings)}. {empty_bands_sentence(settings)}", columns=2)


def close_bands(settings: MelSettings) -> int:
    """Return the first band of the close-up: the first that holds no bin, with its neighbours, else band 0."""
    empty = settings.bank.empty_bands
    first = empty[0] - 1 if empty else 0
    return max(0, min(first, settings.n_bands - CLOSE_BANDS))


def _peak(settings: MelSettings, band: int) -> float:
    """Return the height of a triangle."""
    if settings.conventions.norm is None:
        return 1.0
    edges = settings.bank.edges
    return float(2.0 / (edges[band + 2] - edges[band]))


def _triangles(settings: MelSettings, bands: NDArray[np.int64]) -> list[Item]:
    """Return the triangles of bands: in two colours by turns, and those that hold no bin in a third."""
    empty = np.isin(bands, settings.bank.empty_bands)
    groups: tuple[tuple[Any, str, Colour], ...] = (
        (bands[~empty & (bands % 2 == 0)], "even bands", "first"),
        (bands[~empty & (bands % 2 == 1)], "odd bands", "second"),
        (bands[empty], "bands without a bin", "ink"),
    )
    return [
        Line(*_outline(settings, chosen), label, colour, "dashed" if colour == "ink" else "solid")
        for chosen, label, colour in groups
        if len(chosen)
    ]


def _outline(settings: MelSettings, bands: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the outlines of triangles, with NaN between them."""
    edges, scale = settings.bank.edges, settings.conventions.mel_scale
    rise = np.linspace(0.0, 1.0, SIDE_POINTS)
    shape = np.concatenate([rise, rise[::-1], [np.nan]])
    over_mel = settings.conventions.triangles == "mel"
    corners = hertz_to_mel(edges, scale) if over_mel else edges
    places = np.stack([np.concatenate([_between(corners, m), _between(corners, m + 1), [np.nan]]) for m in bands])
    x = mel_to_hertz(places, scale) if over_mel else places
    y = np.stack([_peak(settings, int(band)) * shape for band in bands])
    return x.reshape(-1), y.reshape(-1)


def _between(corners: NDArray[np.float64], edge: int) -> NDArray[np.float64]:
    """Return places from one edge to the next."""
    return np.linspace(float(corners[edge]), float(corners[edge + 1]), SIDE_POINTS)
