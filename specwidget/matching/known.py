"""The front ends of published models as answers, and known settings as places to start from."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.matching.budget import Budget
from specwidget.matching.recipe import Bank, Recipe
from specwidget.matching.stages import Stages
from specwidget.mel.front_ends import FrontEnd, front_ends
from specwidget.mel.settings import MelSettings
from specwidget.mel.shapes import window_start


def match_front_ends(
    features: NDArray[Any], signal: NDArray[Any], tolerance: float, budget: Budget
) -> tuple[FrontEnd, float, str] | None:
    """Return the front end whose features an array is, the relative error, and the layout; None if it is none's."""
    best: tuple[FrontEnd, float, str] | None = None
    for front_end in front_ends.values():
        budget.check()
        try:
            if _lengths(_shape(front_end, signal)) != _lengths(features.shape):
                continue
            with np.errstate(all="ignore"):
                expected = np.squeeze(front_end.features(signal))
        except ValueError:
            continue
        for found, layout in ((np.squeeze(features), "as the original"), (np.squeeze(features).T, "transposed")):
            if found.shape != expected.shape:
                continue
            error = _error(found, expected)
            if error < tolerance and (best is None or error < best[1]):
                best = front_end, error, layout
    return best


def _shape(front_end: FrontEnd, signal: NDArray[Any]) -> tuple[int, ...]:
    """Return the shape of the features of a front end, which takes a small part of their time."""
    shape: Any = front_end.layer.compute_output_shape(front_end.prepare(signal).shape)
    return front_end.arrange(np.broadcast_to(0.0, shape)).shape


def _lengths(shape: tuple[int, ...]) -> list[int]:
    """Return the lengths of axes in any order, without those of one."""
    return sorted(length for length in shape if length != 1)


def _error(found: NDArray[Any], expected: NDArray[Any]) -> float:
    if np.iscomplexobj(found):
        return math.inf
    if found.dtype == np.float16:
        expected = expected.astype(np.float16).astype(np.float64)
    spread = float(expected.std())
    return float(np.sqrt(np.mean((found - expected) ** 2))) / spread if spread > 0 else math.inf


def start_from(stages: Stages, n_bands: int) -> Iterator[Recipe]:
    """Yield recipes with the settings of known stages, with and without the ends of the signal."""
    settings = stages.settings
    if not isinstance(settings, MelSettings):
        return
    conventions = settings.conventions
    bank = Bank(
        settings.sampling_rate,
        n_bands,
        settings.min_freq,
        settings.highest_frequency,
        conventions.mel_scale,
        conventions.triangles,
        conventions.norm,
    )
    for start in dict.fromkeys((window_start(0, settings), 0, -(settings.n_fft // 2) + settings.offset)):
        yield Recipe(
            settings.n_fft,
            settings.frame_length,
            settings.step,
            start,
            conventions.ends or "zeros",
            settings.window
            if not isinstance(settings.window, tuple) or isinstance(settings.window[0], str)
            else "hann",
            conventions,
            settings.mag_exp,
            bank,
        )
