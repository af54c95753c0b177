"""A signal from its magnitudes alone: how the phases are found, iteration by iteration."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from specwidget.arrays import to_numpy
from specwidget.charts.scene import Axes, Line, Points, Scene, Values
from specwidget.sounds import load_recording
from specwidget.stft.griffin_lim import griffin_lim
from specwidget.stft.pipeline import compute_spectrogram
from specwidget.stft.settings import STFTSettings
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, slider

SHRINK = 4
RATE = 44_100.0 / SHRINK
PART = slice(2000, 11_000)
"""The part of the recording that is used: words, samples at `RATE`."""

ITERATIONS = (1, 2, 4, 8, 16, 32, 64)
MOMENTA = ((0.0, "0: Griffin and Lim"), (0.5, "0.5"), (0.99, "0.99: fast Griffin-Lim"))


def draw(*, moment: int, frame_length: int, overlap: int, momentum: float) -> Scene:
    """Draw how far the magnitudes are from those given, over the iterations, for this momentum and without."""
    shown = [(momentum, "first"), (0.0, "muted")] if momentum else [(0.0, "first")]
    lines = []
    for value, colour in shown:
        errors = convergences(frame_length, overlap, value)
        lines.append(Line(ITERATIONS, errors, f"momentum {value:g}", colour))  # type: ignore[arg-type]
    here = convergences(frame_length, overlap, momentum)[moment]
    axes = Axes(
        f"Frames of {frame_length} samples, a step of {frame_length // overlap}",
        "iterations",
        "convergence, |X| from A (relative)",
        (0.9, ITERATIONS[-1] * 1.1),
        (0.01, 1.5),
        [*lines, Points([ITERATIONS[moment]], [here], "what is heard", "second")],
        x_scale="log",
        y_scale="log",
        x_ticks=tuple((float(n), str(n)) for n in ITERATIONS),
        y_ticks=((0.01, "1 %"), (0.03, "3 %"), (0.1, "10 %"), (0.3, "30 %"), (1.0, "100 %")),
    )
    caption = (
        f"At iteration {ITERATIONS[moment]} the magnitudes of the signal are {here:.1%} from those given; at "
        f"{ITERATIONS[-1]}, {convergences(frame_length, overlap, momentum)[-1]:.1%}. "
        f"{overlap} frames cover each sample: the more, the less freedom the phases have."
    )
    return Scene((axes,), caption)


@lru_cache(maxsize=1)
def words() -> Values:
    """Return words of a voice."""
    from scipy.signal import resample_poly

    recorded = load_recording("voice").samples[0, :, 0]
    shrunk: Values = resample_poly(np.asarray(recorded, dtype=np.float64), 1, SHRINK)[PART]
    return shrunk


def settings_of(frame_length: int, overlap: int) -> STFTSettings:
    """Return the settings that the magnitudes are computed with."""
    step = frame_length // overlap
    return STFTSettings("magnitude", frame_length, step, padding="same", periodic=True, dtype="float32")


@lru_cache(maxsize=256)
def reconstruct(frame_length: int, overlap: int, momentum: float, n_iter: int) -> tuple[Values, float]:
    """Return the signal that is found from magnitudes alone, and its convergence."""
    settings = settings_of(frame_length, overlap)
    samples = words()
    magnitudes = compute_spectrogram(samples.astype(np.float32)[None, :, None], settings)
    found = griffin_lim(magnitudes, settings, len(samples), n_iter, momentum)
    return np.asarray(found.signal[0, :, 0], dtype=np.float64), float(np.max(to_numpy(found.convergence)))


def convergences(frame_length: int, overlap: int, momentum: float) -> Values:
    """Return the convergence after each of `ITERATIONS`."""
    return np.array([reconstruct(frame_length, overlap, momentum, n_iter)[1] for n_iter in ITERATIONS])


def hear(**_values: object) -> AudioClip:
    """Return the words as they were, with room for what is found to be louder."""
    return AudioClip(_as_loud(words()), RATE)


def hear_found(*, moment: int, frame_length: int, overlap: int, momentum: float) -> AudioClip:
    """Return the words as they were found, as loud as they are beside the original."""
    return AudioClip(_as_loud(reconstruct(frame_length, overlap, momentum, ITERATIONS[moment])[0]), RATE)


def _as_loud(samples: Values) -> Values:
    """Return samples made louder by what brings the words to half of full scale."""
    louder: Values = samples * (0.5 / np.abs(words()).max())
    return louder


PLAN = FigureSpec(
    "griffin_lim",
    "A signal from its magnitudes",
    draw,
    (
        slider("moment", 3, "Hear each of them.", span=(0, len(ITERATIONS) - 1), label="Moment"),
        choice("momentum", 0.99, "How far each iteration goes on in the direction of the last.", choices=MOMENTA),
        choice("frame_length", 512, "Words want frames of 20 to 60 ms.", choices=(128, 256, 512, 1024)),
        choice("overlap", 4, "Frames that cover each sample.", choices=(2, 4, 8)),
    ),
    {"Hear the original": hear, "Hear what was found": hear_found},
)
