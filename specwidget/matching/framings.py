"""Framings: where the first frame starts and how many there are, under the names that libraries have for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.matching.recipe import Recipe

Integers = NDArray[np.int64]
Rule = Callable[[Any, int, int, Any], tuple[Any, Any]]
"""Takes the lengths of signal, window and FFT, and steps; returns starts of the first window and numbers of frames.

Of signal or step it may get several.
"""


@dataclass(frozen=True)
class Framing:
    """A convention for the position of frames.

    Parameters
    ----------
    name : str
        What it does, and who does so.
    rule : callable
        The start of the first window and the number of frames.
    first_is_zero : bool, optional
        Whether the first value of the window must be 0 or must not; None if that makes no difference.
    """

    name: str
    rule: Rule
    first_is_zero: bool | None = None


def _ceil(dividend: Any, divisor: Any) -> Any:
    return -(-dividend // divisor)


def _complete(n: int, frame: int, fft: int, step: Any) -> tuple[Any, Any]:
    return 0 * step, (n - frame) // step + 1


def _complete_fft(n: int, frame: int, fft: int, step: Any) -> tuple[Any, Any]:
    return 0 * step + (fft - frame) // 2, (n - fft) // step + 1


def _complete_left(n: int, frame: int, fft: int, step: Any) -> tuple[Any, Any]:
    return 0 * step, (n - fft) // step + 1


def _centred(n: int, frame: int, fft: int, step: Any) -> tuple[Any, Any]:
    return 0 * step + (fft - frame) // 2 - fft // 2, (n + 2 * (fft // 2) - fft) // step + 1


def _centred_without_last(n: int, frame: int, fft: int, step: Any) -> tuple[Any, Any]:
    start, count = _centred(n, frame, fft, step)
    return start, count - 1


def _centred_left(n: int, frame: int, fft: int, step: Any) -> tuple[Any, Any]:
    return 0 * step - frame // 2, (n + 2 * (frame // 2) - frame) // step + 1


def _half_overlap(n: int, frame: int, fft: int, step: Any) -> tuple[Any, Any]:
    margin = (fft - step) // 2
    return (fft - frame) // 2 - margin, (n + 2 * margin - fft) // step + 1


def _filled_up(n: int, frame: int, fft: int, step: Any) -> tuple[Any, Any]:
    return 0 * step - frame // 2, _ceil(n + 2 * (frame // 2) - frame, step) + 1


def _filled_up_end(n: int, frame: int, fft: int, step: Any) -> tuple[Any, Any]:
    return 0 * step, _ceil(n - frame, step) + 1


def _one_per_step(n: int, frame: int, fft: int, step: Any) -> tuple[Any, Any]:
    count = _ceil(n, step)
    return -(np.maximum((count - 1) * step + frame - n, 0) // 2), count


def _padded_end(n: int, frame: int, fft: int, step: Any) -> tuple[Any, Any]:
    return 0 * step, _ceil(n, step)


def _rounded(n: int, frame: int, fft: int, step: Any) -> tuple[Any, Any]:
    return step // 2 - frame // 2, (n + step // 2) // step


def _touching(first: int) -> Rule:
    """Return the rule of all frames that overlap with the signal, but for the `first` values of the window.

    SciPy does not leave out frames that overlap by zeros at the end of their window.
    """

    def rule(n: int, frame: int, fft: int, step: Any) -> tuple[Any, Any]:
        middle = frame // 2
        lowest = -((frame - 1 - middle) // step)
        highest = (n - 1 - first + middle) // step
        return lowest * step - middle, highest - lowest + 1

    return rule


FRAMINGS: tuple[Framing, ...] = (
    Framing("complete frames only (Kaldi; center=False; SciPy's spectrogram; padding='valid')", _complete),
    Framing("frames centred every step (center=True in librosa and torch)", _centred),
    Framing("frames centred every step without the last (Whisper)", _centred_without_last),
    Framing("complete FFTs with the window in the middle (center=False with win_length below n_fft)", _complete_fft),
    Framing("complete FFTs with the window at their start", _complete_left),
    Framing("windows centred every step, complete ones (center=True, window at the start of the FFT)", _centred_left),
    Framing("half an overlap at both ends (HiFi-GAN)", _half_overlap),
    Framing("half a frame at both ends, filled up (SciPy's stft)", _filled_up),
    Framing("filled up at the end (SciPy's stft with boundary=None)", _filled_up_end),
    Framing("one frame for each step, padded at both ends (padding='same' in Keras)", _one_per_step),
    Framing("one frame for each step, padded at the end (pad_end=True in TensorFlow)", _padded_end),
    Framing("frames centred in every step (snip_edges=False in Kaldi)", _rounded),
    *(
        Framing("every frame that touches the signal (SciPy's ShortTimeFFT)", _touching(first), first_is_zero=first)
        for first in (False, True)
    ),
)
"""The framings; of those that fit, the first is named first."""


def candidate_framings(
    n_samples: int, n_frames: int, frame_length: int, n_fft: int, *, longest: int
) -> list[tuple[int, int]]:
    """Return every (step, start) for which a framing gives exactly this number of frames.

    Parameters
    ----------
    n_samples, n_frames : int
        Lengths of the signal, samples, and of the array, frames.
    frame_length, n_fft : int
        Lengths of window and FFT.
    longest : int
        Largest step.

    Returns
    -------
    list of (int, int)
        Steps and starts, without repetition.
    """
    steps = np.arange(1, longest + 1)
    found: dict[tuple[int, int], None] = {}
    for framing in FRAMINGS:
        starts, counts = framing.rule(n_samples, frame_length, n_fft, steps)
        for index in np.flatnonzero(counts == n_frames):
            found[int(steps[index]), int(np.broadcast_to(starts, steps.shape)[index])] = None
    return list(found)


def typical_starts(frame_length: int, n_fft: int, step: int) -> list[int]:
    """Return the starts of the first window under every framing that does not depend on the length of the signal."""
    starts = {int(framing.rule(10**6 * step, frame_length, n_fft, step)[0]) for framing in FRAMINGS[:9]}
    starts |= {int(framing.rule(10**6 * step, frame_length, n_fft, step)[0]) for framing in FRAMINGS[10:]}
    return sorted(starts)


def name_framings(recipe: Recipe, n_samples: int, n_frames: int) -> tuple[Framing, ...]:
    """Return the framings that give the start of a recipe and this number of frames."""
    first_is_zero, found = recipe.window_values[0] == 0, []
    for framing in FRAMINGS:
        start, count = framing.rule(n_samples, recipe.frame_length, recipe.n_fft, recipe.step)
        if framing.first_is_zero not in (None, first_is_zero):
            continue
        if int(start) == recipe.start and int(count) == n_frames:
            found.append(framing)
    return tuple(found)
