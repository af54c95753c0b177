"""One score for every logarithm, floor and normalization: how far loud values are from a straight line over ln P.

If ``y``, ``ln y`` or ``ln(e^y - 1)`` is affine in ln P, the score is 0, whatever base, scale, gain or power; so windows
and frames are found before anything is known of the tail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.matching.recipe import TINY

Floats = NDArray[np.float64]

GOOD = 1e-7
"""Score below which no better one is looked for."""


def possible_logarithms(values: Floats) -> dict[str, Floats]:
    """Return what may be affine in ln P, by the kind of tail: values themselves or logarithms of them."""
    found = {"log": values}
    if not np.ptp(values) > 0:
        return found
    with np.errstate(all="ignore"):
        lowest = values.min()
        # A negative power is one that a constant was subtracted from.
        found["linear"] = np.log(np.maximum(values if lowest >= 0 else values - lowest, TINY))
        if lowest >= 0 and values.max() < 100:
            found["log1p"] = np.log(np.maximum(np.expm1(values), TINY))
    return found


Form = Callable[[Floats], Floats]

LOGARITHM: dict[str, Form] = {"": np.log}

NORMALIZED_FORMS: dict[str, Form] = {"log": np.log, "linear": np.asarray, "root": np.sqrt}
"""Functions of the power that normalized bands may be affine in, by the kind of tail."""


COARSE_FRAMES = 8
"""Frames that are compared where bins are left out."""

EVERY = slice(None)
"""Every chosen frame."""


class Target:
    """An array that powers are compared with, on a few loud frames.

    Parameters
    ----------
    values : ndarray (T, K)
        The array, frames first.
    n_frames : int
        Number of frames to compare.
    share : float
        Share of the values in these frames that are compared: the loudest.
    by_band : {"all", "centred", "scaled"}
        Whether values have one gain, or each band its own, or each band its own gain and scale.
    kinds : tuple of str
        Kinds of tail that are possible; empty for all.
    """

    def __init__(
        self, values: Floats, n_frames: int, share: float, by_band: str = "all", kinds: tuple[str, ...] = ()
    ) -> None:
        self.values, self.by_band, self._share = values, by_band, share
        self.indices = choose_frames(values, n_frames)
        chosen = values[self.indices]
        # The floor of a normalized band is its own.
        axis = 0 if by_band == "scaled" else None
        self.mask = (chosen >= np.quantile(chosen, 1 - share, axis=axis)) & (chosen > values.min(axis=axis))
        possible = dict.fromkeys(NORMALIZED_FORMS, values) if by_band == "scaled" else possible_logarithms(values)
        logarithms = {k: v[self.indices] for k, v in possible.items() if not kinds or k in kinds}
        self.kinds = tuple(logarithms)
        self._forms = (NORMALIZED_FORMS if by_band == "scaled" else LOGARITHM).values()
        self._logarithms = np.stack(list(logarithms.values()))
        self._normalized = self._normalize(*self._select(self._logarithms, EVERY))

    @property
    def n_compared(self) -> int:
        """Number of values that are compared, without one for each band that has a gain of its own."""
        counts = self.mask.sum(axis=0)
        return int(counts.sum() if self.by_band == "all" else np.maximum(counts - 1, 0).sum())

    def scores(self, power: Floats, chosen: slice = EVERY) -> Floats:
        """Return the scores of powers (..., S, K) at the chosen frames, by kind of tail: (..., n_kinds)."""
        selected, mask = self._select(power, chosen)
        if not mask.any():
            return np.ones((*power.shape[:-2], len(self.kinds)))
        with np.errstate(all="ignore"):
            found = np.stack([self._normalize(form(selected + TINY), mask) for form in self._forms], axis=-3)
        wanted = self._normalized
        if chosen != EVERY:
            wanted = self._normalize(*self._select(self._logarithms[:, chosen], chosen))
        # The sum of squares of the difference of unit vectors is exact where they are nearly equal, as 1 - r is not.
        distance = ((found - wanted) ** 2).sum(axis=(-2, -1))
        scores = np.clip(distance - distance**2 / 4, 0, 1)
        return np.where(np.isfinite(scores) & (distance < 2), scores, 1.0)

    def score(self, power: Floats, chosen: slice = EVERY) -> Any:
        """Return the best score of powers (..., S, K) over the kinds of tail."""
        return self.scores(power, chosen).min(axis=-1)

    def logarithms(self, indices: NDArray[np.int64]) -> dict[str, Floats]:
        """Return what may be affine in ln P of frames, by the kind of tail, where each band has its own gain."""
        if self.by_band != "scaled":
            return {kind: values[indices] for kind, values in possible_logarithms(self.values).items()}
        lowest, width = self.values.min(axis=0), np.ptp(self.values, axis=0)
        powers = np.log(np.maximum(self.values[indices] - lowest, 1e-6 * width) + TINY)
        return {"log": self.values[indices], "linear": powers, "root": powers}

    def every_bin(self, every: int) -> Target:
        """Return the target of every so manieth bin."""
        return Target(self.values[:, ::every], COARSE_FRAMES, self._share, self.by_band, self.kinds)

    def _select(self, values: Floats, chosen: slice) -> tuple[Floats, NDArray[np.bool_]]:
        """Return values (..., S, K) and their mask; those that share a gain as one band, without the others."""
        mask = self.mask[chosen]
        if self.by_band != "all":
            return values, mask
        column = values.reshape(*values.shape[:-2], -1).take(np.flatnonzero(mask), axis=-1)[..., None]
        return column, np.ones(column.shape[-2:], dtype=bool)

    def _normalize(self, values: Floats, mask: NDArray[np.bool_]) -> Floats:
        """Centre the masked values of each band, and scale them to unit length; others become 0."""
        kept = np.where(mask, values, 0.0)
        count = np.maximum(mask.sum(axis=-2, keepdims=True), 1)
        centred = np.where(mask, values - kept.sum(axis=-2, keepdims=True) / count, 0.0)
        if self.by_band == "scaled":
            size = np.sqrt((centred**2).sum(axis=-2, keepdims=True))
            n_bands = centred.shape[-1]
            return centred / np.maximum(size, 1e-200) / np.sqrt(n_bands)  # type: ignore[no-any-return]
        size = np.sqrt((centred**2).sum(axis=(-2, -1), keepdims=True))
        return centred / np.maximum(size, 1e-200)  # type: ignore[no-any-return]


def choose_frames(values: Floats, n_frames: int) -> NDArray[np.int64]:
    """Choose loud frames from inside, spread over the recording."""
    total = len(values)
    margin = min(total // 10, 8)
    inside = np.arange(margin, total - margin)
    loudness = values[inside].mean(axis=1)
    n_loud = max(n_frames, len(inside) // 2)
    loud = np.sort(inside[np.argsort(loudness, kind="stable")[::-1][:n_loud]])
    return np.asarray(loud[np.unique(np.linspace(0, len(loud) - 1, min(n_frames, len(loud))).round().astype(int))])
