"""Exercise: name the setting in which two front ends differ, from what the difference looks like."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.mel.conventions import MelConventions
from specwidget.mel.pipeline import compute_mel
from specwidget.mel.settings import MelSettings
from specwidget.teach.exercises.case import Case, Exercise

RATE = 16_000

MODEL = MelSettings(
    *(512, 160, 400),
    num_mel_bins=40,
    dtype="float64",
    conventions=MelConventions(mel_scale="slaney", triangles="hertz", norm="slaney", logarithm="log10"),
)
"""The front end of the model, in the form of Whisper's."""

SWITCHES = ("gain", "logarithm", "clamp", "ends", "mel scale", "symmetry of the window")


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a switch, and a signal of noise and silence."""
    switch = rng.choice(SWITCHES)
    level, n_samples = rng.choice((0.05, 0.1, 0.2)), 160 * rng.randrange(30, 60)
    signal = np.concatenate([level * _noise()[:n_samples], np.zeros(n_samples)])
    theirs = compute_mel(signal, MODEL)
    mine = compute_mel(signal, _turned(switch, rng))
    counts = mine.shape[1], theirs.shape[1]
    n_shared = min(counts)
    # Frames inside the noise, and those inside the silence.
    loud, silent = slice(8, n_samples // 160 - 8), slice(n_samples // 160 + 6, n_shared - 6)
    shift = 2 if counts[0] < counts[1] else 0
    theirs = theirs[:, shift : shift + n_shared]
    change, ratio = mine - theirs, mine[:, loud] / theirs[:, loud]
    inner = change[:, loud]
    bands = inner.mean(axis=1)
    facts = (
        ("frames, mine and theirs", f"{counts[0]}, {counts[1]}"),
        (
            "mine - theirs in the noise",
            f"{change[:, loud].mean():.4f} on average, deviation {change[:, loud].std():.4f}",
        ),
        ("its average by band", f"{bands.min():.3f} to {bands.max():.3f}"),
        ("mine / theirs in the noise", f"{ratio.min():.4f} to {ratio.max():.4f}"),
        ("mine - theirs in the silence", f"{change[:, silent].mean():.4f} on average"),
    )
    return Case(
        "which_switch",
        seed,
        "Two front ends differ in one setting: values are log10 of bands, at most 8 below the top. Which one is it?",
        facts,
        "choice",
        switch,
        f"{_REASONS[switch]} The answer is {switch}.",
        hint="Is the difference constant, is the ratio, or do loud values agree? Are there as many frames?",
        mistakes=tuple((other, f"Not {other}. {_REASONS[other]}") for other in SWITCHES if other != switch),
        choices=SWITCHES,
    )


_REASONS = {
    "gain": "A factor of the samples is an offset of every logarithm: the deviation in the noise is 0.",
    "logarithm": "ln is 2.3026 times log10, and so is the ratio of all values.",
    "clamp": "Loud values agree, and only the silence differs: there nothing ends below the top.",
    "ends": "The numbers of frames differ by those that are centred at the ends; in between the values agree.",
    "mel scale": "Every band differs by another amount: the bands lie at other frequencies.",
    "symmetry of the window": "Everything agrees but for about a thousandth, without a rule by band or level.",
}


@cache
def _noise() -> NDArray[np.float64]:
    return np.random.default_rng(0).standard_normal(10_000)


def _turned(switch: str, rng: random.Random) -> MelSettings:
    """Return the model's settings with a switch turned."""
    changes: dict[str, dict[str, Any]] = {
        "gain": {"gain": rng.choice((2.0, 0.5, 32_768.0))},
        "logarithm": {"logarithm": "ln"},
        "ends": {"ends": None},
        "mel scale": {"mel_scale": "htk"},
        "symmetry of the window": {"periodic": False},
    }
    if switch == "clamp":
        return replace(MODEL, top_db=None)
    return replace(MODEL, conventions=replace(MODEL.conventions, **changes[switch]))


EXERCISE = Exercise("which_switch", "Which switch is it?", draw)
