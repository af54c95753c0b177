"""Recipe, tail and layout together: they make the array of a signal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.matching.framings import Framing
from specwidget.matching.layouts import Layout
from specwidget.matching.recipe import SIDES, Recipe, Samples
from specwidget.matching.tails import Tail


@dataclass(frozen=True, eq=False)
class Model:
    """How another signal is turned into an array of the same layout."""

    recipe: Recipe
    tail: Tail
    layout: Layout
    framing: Framing | None
    n_samples: int
    n_frames: int
    part: tuple[int, int] | None = None
    n_padded: int = 0
    padding_value: float = 0.0
    phase_shift: int = 0

    def values(self, samples: Samples, n_frames: int) -> NDArray[Any]:
        """Compute values (n_frames, K)."""
        indices = np.arange(n_frames)
        if self.layout.is_complex:
            return complex_values(samples, self.recipe, self.tail, indices, self.phase_shift)
        return self.tail.apply(samples.power(self.recipe, indices))

    def apply(self, signal: NDArray[Any]) -> NDArray[Any]:
        """Return the array of a signal."""
        recipe, n_frames = self.recipe, self.n_frames
        if self.n_padded == 0 and len(signal) != self.n_samples:
            if self.framing is not None:
                start, count = self.framing.rule(len(signal), recipe.frame_length, recipe.n_fft, recipe.step)
                recipe, n_frames = recipe.change(start=int(start)), int(count)
            else:
                n_frames += (len(signal) - self.n_samples) // recipe.step
        values = replace(self, recipe=recipe).values(Samples(signal), n_frames)
        if self.n_padded:
            values = np.pad(values, ((0, self.n_padded), (0, 0)), constant_values=self.padding_value)
        return self.layout.restore(values)


def complex_values(
    samples: Samples, recipe: Recipe, tail: Tail, indices: NDArray[np.int64], shift: int
) -> NDArray[Any]:
    """Return complex values, with the phase of a window `shift` samples later in the FFT."""
    spectrum = spectrum_of(samples, recipe, indices)
    bins = np.arange(spectrum.shape[1])
    return np.asarray(tail.scale * spectrum * np.exp(-2j * np.pi * bins * shift / recipe.n_fft))


def spectrum_of(samples: Samples, recipe: Recipe, indices: NDArray[np.int64]) -> NDArray[Any]:
    """Return the complex spectrum of frames, with the sides of the recipe."""
    parts = samples.spectrum(recipe, indices)
    spectrum = parts.real + 1j * parts.imag
    spectrum[:, 1 : (recipe.n_fft + 1) // 2] *= np.sqrt(SIDES[recipe.sides])
    if recipe.sides == "two":
        spectrum = np.concatenate([spectrum, spectrum[:, (recipe.n_fft - 1) // 2 : 0 : -1].conj()], axis=1)
    return np.asarray(spectrum)


def phase_shift(samples: Samples, recipe: Recipe, indices: NDArray[np.int64], values: NDArray[Any]) -> int:
    """Return by how many samples the window lies later in the FFT, from the phases of adjacent bins."""
    ratio = values * spectrum_of(samples, recipe, indices).conj()
    turn = (ratio[:, 1:] * ratio[:, :-1].conj()).sum()
    return round(-float(np.angle(turn)) / (2 * np.pi) * recipe.n_fft)
