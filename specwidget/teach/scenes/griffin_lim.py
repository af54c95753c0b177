"""Figure: phase retrieval from magnitudes with the Griffin-Lim algorithm."""

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

DECIMATION = 4
RATE = 44_100.0 / DECIMATION
EXCERPT = slice(2000, 11_000)
"""The excerpt of the recording, samples at `RATE`."""

ITERATIONS = (1, 2, 4, 8, 16, 32, 64)
MOMENTA = ((0.0, "0 (Griffin-Lim)"), (0.5, "0.5"), (0.99, "0.99 (fast Griffin-Lim)"))


def draw(*, checkpoint: int, frame_length: int, overlap: int, momentum: float) -> Scene:
    """Draw the relative error of the magnitudes over the iterations, with this momentum and without momentum."""
    momenta = [(momentum, "first"), (0.0, "muted")] if momentum else [(0.0, "first")]
    lines = []
    for value, colour in momenta:
        errors = convergences(frame_length, overlap, value)
        lines.append(Line(ITERATIONS, errors, f"momentum {value:g}", colour))  # type: ignore[arg-type]
    error = convergences(frame_length, overlap, momentum)[checkpoint]
    axes = Axes(
        f"Frame length {frame_length}, step {frame_length // overlap} samples",
        "iterations",
        "relative error of |X|",
        (0.9, ITERATIONS[-1] * 1.1),
        (0.01, 1.5),
        [*lines, Points([ITERATIONS[checkpoint]], [error], "played", "second")],
        x_scale="log",
        y_scale="log",
        x_ticks=tuple((float(n), str(n)) for n in ITERATIONS),
        y_ticks=((0.01, "1 %"), (0.03, "3 %"), (0.1, "10 %"), (0.3, "30 %"), (1.0, "100 %")),
    )
    caption = (
        f"After {ITERATIONS[checkpoint]} iterations the relative error of the magnitudes is {error:.1%}; after "
        f"{ITERATIONS[-1]}, {convergences(frame_length, overlap, momentum)[-1]:.1%}. "
        f"{overlap} frames cover each sample: more overlap constrains the phases more."
    )
    return Scene((axes,), caption)


@lru_cache(maxsize=1)
def speech_excerpt() -> Values:
    """Load a few words of the voice, resampled to `RATE`."""
    from scipy.signal import resample_poly

    recorded = load_recording("voice").samples[0, :, 0]
    excerpt: Values = resample_poly(np.asarray(recorded, dtype=np.float64), 1, DECIMATION)[EXCERPT]
    return excerpt


def make_settings(frame_length: int, overlap: int) -> STFTSettings:
    """Make the settings of the magnitudes; `overlap` is the number of frames that cover each sample."""
    step = frame_length // overlap
    return STFTSettings("magnitude", frame_length, step, padding="same", periodic=True, dtype="float32")


@lru_cache(maxsize=256)
def reconstruct(frame_length: int, overlap: int, momentum: float, n_iter: int) -> tuple[Values, float]:
    """Reconstruct the signal from its magnitudes, and return it with the relative error of its magnitudes."""
    settings = make_settings(frame_length, overlap)
    samples = speech_excerpt()
    magnitudes = compute_spectrogram(samples.astype(np.float32)[None, :, None], settings)
    result = griffin_lim(magnitudes, settings, len(samples), n_iter, momentum)
    return np.asarray(result.signal[0, :, 0], dtype=np.float64), float(np.max(to_numpy(result.convergence)))


def convergences(frame_length: int, overlap: int, momentum: float) -> Values:
    """Compute the relative error of the magnitudes after each of `ITERATIONS`."""
    return np.array([reconstruct(frame_length, overlap, momentum, n_iter)[1] for n_iter in ITERATIONS])


def render_audio(**_values: object) -> AudioClip:
    """Render the original at half of full scale, which leaves headroom for the reconstruction."""
    return AudioClip(_with_gain(speech_excerpt()), RATE)


def render_reconstruction(*, checkpoint: int, frame_length: int, overlap: int, momentum: float) -> AudioClip:
    """Render the reconstruction with the gain of the original."""
    return AudioClip(_with_gain(reconstruct(frame_length, overlap, momentum, ITERATIONS[checkpoint])[0]), RATE)


def _with_gain(samples: Values) -> Values:
    """Apply the gain that brings the peak of the original to half of full scale."""
    scaled: Values = samples * (0.5 / np.abs(speech_excerpt()).max())
    return scaled


FIGURE = FigureSpec(
    "griffin_lim",
    "Phase retrieval with Griffin-Lim",
    draw,
    (
        slider(
            "checkpoint",
            3,
            "After 1, 2, 4, 8, 16, 32 or 64 iterations.",
            span=(0, len(ITERATIONS) - 1),
            label="Checkpoint",
        ),
        choice("momentum", 0.99, "Momentum of the fast Griffin-Lim algorithm.", choices=MOMENTA),
        choice("frame_length", 512, "Frames of 20 to 60 ms suit speech.", choices=(128, 256, 512, 1024)),
        choice("overlap", 4, "Number of frames that cover each sample.", choices=(2, 4, 8), label="Overlap factor"),
    ),
    {"Play the original": render_audio, "Play the reconstruction": render_reconstruction},
)
