"""Readouts of a filter bank: its title, which bands hold no bin, and a table of its numbers."""

from __future__ import annotations

import numpy as np

from specwidget.mel.settings import MelSettings
from specwidget.summary.quantities import format_hertz
from specwidget.summary.readouts import Row

SCALES = {"htk": "HTK's", "slaney": "Slaney's"}

LISTED_BANDS = 24
"""Most bands that a sentence lists."""


def bank_title(settings: MelSettings) -> str:
    """Return numbers of bands and bins, scale and range of a bank.

    Examples
    --------
    >>> bank_title(MelSettings(512, num_mel_bins=40))
    "40 bands of 257 bins, HTK's scale, 20 Hz to 8000 Hz"
    """
    edges = settings.bank.edges
    return (
        f"{settings.n_bands} bands of {settings.n_bins} bins, {SCALES[settings.conventions.mel_scale]} scale, "
        f"{format_hertz(edges[0], 5)} to {format_hertz(edges[-1], 5)}"
    )


def empty_bands_sentence(settings: MelSettings) -> str:
    """Return which bands hold no bin, and why, or that all do.

    Examples
    --------
    >>> empty_bands_sentence(MelSettings(400, min_freq=0.0))
    '4 of 128 bands hold no bin, as their triangles lie between two bins: 0, 3, 6, 13. Their value is that of silence.'
    >>> empty_bands_sentence(MelSettings())
    'Every band holds a bin.'
    """
    empty = settings.bank.empty_bands
    if not empty:
        return "Every band holds a bin."
    if settings.bank.edges[empty[0]] >= settings.sampling_rate / 2:
        return (
            f"{len(empty)} of {settings.n_bands} bands hold no bin, as they lie above half the sample rate: "
            f"{empty[0]} to {empty[-1]}. Their value is that of silence."
        )
    listed = ", ".join(map(str, empty[:LISTED_BANDS])) + (", \u2026" if len(empty) > LISTED_BANDS else "")
    words = ("holds", "its triangle lies", "Its value is")
    verb, triangles, value = words if len(empty) == 1 else ("hold", "their triangles lie", "Their value is")
    return (
        f"{len(empty)} of {settings.n_bands} bands {verb} no bin, as {triangles} between two bins: {listed}. "
        f"{value} that of silence."
    )


def bank_rows(settings: MelSettings) -> list[Row]:
    """Return the numbers of a bank, each with its definition."""
    bank, spacing = settings.bank, settings.sampling_rate / settings.n_fft
    widths, counts = bank.edges[2:] - bank.edges[:-2], bank.bin_counts
    unused = int(np.count_nonzero(~(bank.weights > 0).any(axis=1)))
    return [
        Row("bins in a band", f"{counts.min()} to {counts.max()}", "bins with a weight above 0"),
        Row("narrowest band", format_hertz(float(widths.min()), 4), "from its first edge to its last"),
        Row("widest band", format_hertz(float(widths.max()), 4), "from its first edge to its last"),
        Row("bin spacing", format_hertz(spacing, 4), "sample_rate / N: a band narrower than this may hold no bin"),
        Row("bins in no band", str(unused), f"of {settings.n_bins}: below the first triangle, above the last"),
        Row("largest weight", f"{bank.weights.max():.4g}", "2 / width in Hz for equal areas, else at most 1"),
    ]
