"""A core without conventions: where windows lie, what they are, and which bands follow.

Frame `t` covers samples ``start + t step`` to ``start + t step + frame_length - 1`` of the signal, which `ends`
prolong. The names that libraries have for `start` and the number of frames are looked up afterwards, in `framings`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import frames_view
from specwidget.mel.banks import FilterBank, make_bank
from specwidget.mel.conventions import MelConventions
from specwidget.mel.framing import process_frames, process_signal
from specwidget.mel.settings import POVEY_EXPONENT
from specwidget.stft.modes import squared_magnitude
from specwidget.stft.transform import RealImag, transform_rfft
from specwidget.stft.windows import make_window

TINY = 1e-300
"""Least power, so that every one has a logarithm."""

LEAST_WIDTH = 100.0
"""Least width of a bank, Hz."""

PAD_MODES: dict[str, dict[str, Any]] = {
    "zeros": {"mode": "constant"},
    "reflect": {"mode": "reflect"},
    "symmetric": {"mode": "symmetric"},
    "odd": {"mode": "reflect", "reflect_type": "odd"},
    "edge": {"mode": "edge"},
}
"""What prolongs a signal, as arguments of `numpy.pad`."""


SIDES = {"one": 1.0, "two": 1.0, "doubled": 2.0, "quadrupled": 4.0}
"""By what the power of bins that have a second side is multiplied."""


@dataclass(frozen=True)
class Bank:
    """The arguments of `make_bank` besides the length of the FFT."""

    sample_rate: float
    n_bands: int
    low: float
    high: float
    scale: Any = "htk"
    triangles: Any = "hertz"
    norm: Any = None

    @property
    def is_valid(self) -> bool:
        """Whether the ends are in order, and below half the sample rate."""
        return 0 <= self.low < self.high - LEAST_WIDTH <= self.sample_rate / 2 - LEAST_WIDTH


@dataclass(frozen=True)
class Recipe:
    """How powers are computed from a signal.

    Parameters
    ----------
    n_fft, frame_length, step : int
        Lengths of FFT and window, and samples from one frame to the next.
    start : int
        Sample at which the window of frame 0 starts; negative before the signal.
    ends : str
        What prolongs the signal, a key of `PAD_MODES`.
    window : str or tuple
        The window.
    conventions : MelConventions
        Its fields for the symmetry of the window, mean and pre-emphasis.
    exponent : float
        Exponent of the magnitude before the bank.
    bank : Bank or None
        The filter bank; None for bins.
    sides : str
        Bins up to half the sample rate ("one"), all bins ("two"), or those up to half with the power of both sides
        ("doubled") or the magnitude of both ("quadrupled"): a key of `SIDES`.
    phases : {"exact", "float32"}
        Whether the phases of the DFT are exact, or rounded as those of Keras's kernels.
    """

    n_fft: int
    frame_length: int
    step: int
    start: int
    ends: str = "zeros"
    window: Any = "hann"
    conventions: MelConventions = field(default_factory=MelConventions)
    exponent: float = 2.0
    bank: Bank | None = None
    sides: str = "one"
    phases: str = "exact"

    @property
    def periodic(self) -> bool:
        """Whether the window is periodic."""
        return self.conventions.periodic

    def change(self, **changes: Any) -> Recipe:
        """Return a recipe with other values, also of the conventions."""
        own = {name: value for name, value in changes.items() if name in Recipe.__dataclass_fields__}
        others = {name: value for name, value in changes.items() if name not in own}
        if others:
            own["conventions"] = replace(self.conventions, **others)
        return replace(self, **own)

    def change_bank(self, **changes: Any) -> Recipe:
        """Return a recipe with another bank."""
        assert self.bank is not None
        return replace(self, bank=replace(self.bank, **changes))

    @property
    def window_values(self) -> NDArray[np.float64]:
        """Values of the window."""
        return window_values(self.window, self.frame_length, self.periodic)


@lru_cache(maxsize=256)
def window_values(window: Any, length: int, periodic: bool) -> NDArray[np.float64]:
    """Return the values of a window, of Kaldi's "povey", too."""
    values: Any = make_window("hann" if window == "povey" else window, length, periodic)
    if values is None:
        return np.ones(length)
    return values**POVEY_EXPONENT if window == "povey" else values  # type: ignore[no-any-return]


@lru_cache(maxsize=64)
def bank_of(bank: Bank, n_fft: int) -> FilterBank:
    """Return the filter bank for a length of the FFT."""
    return make_bank(
        n_fft,
        bank.sample_rate,
        bank.n_bands,
        bank.low,
        bank.high,
        scale=bank.scale,
        triangles=bank.triangles,
        norm=bank.norm,
    )


@lru_cache(maxsize=2)
def rounded_kernels(frame_length: int, n_fft: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return cosines and negative sines (frame_length, n_bins) of phases that are computed in float32, as by Keras."""
    times = np.arange(frame_length, dtype=np.float32)[:, None]
    frequencies = np.arange(n_fft // 2 + 1, dtype=np.float32) / np.float32(n_fft)
    phases = np.float32(-2) * times * frequencies * np.float32(np.pi)
    return np.cos(phases).astype(np.float64), np.sin(phases).astype(np.float64)


def _transform(frames: NDArray[np.float64], recipe: Recipe) -> RealImag:
    """Return real and imaginary parts of frames (..., frame_length)."""
    if recipe.phases == "exact":
        return transform_rfft(frames, recipe.window_values, recipe.n_fft)
    windowed = frames * recipe.window_values
    real, imag = (windowed @ kernel for kernel in rounded_kernels(recipe.frame_length, recipe.n_fft))
    return RealImag(real, imag)


class Samples:
    """A signal, or `part` of one, with the prolonged and processed forms of it that were needed so far."""

    def __init__(self, signal: NDArray[Any], part: tuple[int, int] | None = None) -> None:
        values = np.asarray(signal, dtype=np.float64)
        self.values, self.part = values if part is None else values[slice(*part)], part
        self._prolonged: dict[Any, tuple[int, NDArray[np.float64]]] = {}

    def __len__(self) -> int:
        return len(self.values)

    def frames(self, recipe: Recipe, starts: NDArray[np.int64]) -> Any:
        """Return the frames (..., frame_length) at these starts, with mean and pre-emphasis as the recipe says."""
        before = max(0, -int(starts.min()))
        after = max(0, int(starts.max()) + recipe.frame_length - len(self))
        margin, samples = self._prolong(recipe, max(before, after))
        cut = frames_view(samples, recipe.frame_length, 1)[starts + margin]
        given: Any = recipe
        return process_frames(cut, given)

    def _prolong(self, recipe: Recipe, margin: int) -> tuple[int, NDArray[np.float64]]:
        conventions = recipe.conventions
        over_signal = conventions.preemphasis if conventions.preemphasis_over == "signal" else 0.0
        key = recipe.ends, conventions.remove_mean == "signal", over_signal
        if key not in self._prolonged or self._prolonged[key][0] < margin:
            given: Any = recipe
            margin = max(margin, 4096)
            processed = process_signal(self.values, given)
            self._prolonged[key] = margin, np.pad(processed, margin, **PAD_MODES[recipe.ends])
        return self._prolonged[key]

    def spectrum(self, recipe: Recipe, indices: NDArray[np.int64]) -> RealImag:
        """Return real and imaginary parts (len(indices), n_bins) of frames with these indices."""
        return _transform(self.frames(recipe, recipe.start + indices * recipe.step), recipe)

    def squares(self, recipe: Recipe, starts: NDArray[np.int64], every: int = 1) -> NDArray[np.float64]:
        """Return squared magnitudes (..., n_bins) of the frames at these starts, or of bins 0, `every`, 2 `every`..."""
        frames, n_fft = self.frames(recipe, starts), recipe.n_fft // every
        if every == 1:
            return np.asarray(squared_magnitude(_transform(frames, recipe)))
        folded = _fold(frames * recipe.window_values, n_fft)
        return np.asarray(squared_magnitude(transform_rfft(folded, 1.0, n_fft)))

    def power(self, recipe: Recipe, indices: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the powers of bins or bands, (len(indices), K)."""
        return reduce_power(self.squares(recipe, recipe.start + indices * recipe.step), recipe)


def _fold(frames: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Add the parts of frames (..., frame_length) that are this long, whose DFT has some bins of that of the frames."""
    folded = np.zeros((*frames.shape[:-1], length))
    for first in range(0, frames.shape[-1], length):
        part = frames[..., first : first + length]
        folded[..., : part.shape[-1]] += part
    return folded


def reduce_power(squared: NDArray[np.float64], recipe: Recipe) -> NDArray[np.float64]:
    """Return the powers of bins or bands from squared magnitudes (..., n_bins)."""
    if recipe.bank is not None:
        power = squared if recipe.exponent == 2.0 else squared ** (recipe.exponent / 2)
        return np.asarray(power @ bank_of(recipe.bank, recipe.n_fft).weights)
    if recipe.sides == "two":
        return np.concatenate([squared, squared[..., (recipe.n_fft - 1) // 2 : 0 : -1]], axis=-1)
    if SIDES[recipe.sides] != 1:
        squared = squared.copy()
        squared[..., 1 : (recipe.n_fft + 1) // 2] *= SIDES[recipe.sides]
    return squared
