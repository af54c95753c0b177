"""Figure: scalloping loss, the level of the highest bin as a sine moves from bin to bin."""

from __future__ import annotations

import numpy as np

from specwidget.charts.scene import Axes, Line, Points, ReferenceLine, Scene, Values
from specwidget.stft.window_merits import window_merits
from specwidget.stft.windows import make_window
from specwidget.teach.analysis import decibels, sine, transform_frame
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, normalised, slider
from specwidget.teach.scenes.leakage import WINDOWS

FRAME_LENGTH = 256
RATE = 8000.0
BIN = FRAME_LENGTH // 4
"""Centre bin, far from both ends of the frequency axis."""

OFFSETS = np.linspace(-1.0, 1.0, 81)
"""Frequencies of the sine, as offsets from `BIN` in bins of ``RATE / FRAME_LENGTH``."""

MIN_LEVEL_DB = -12.0


def draw(*, offset: float, window: str, zero_padding: int) -> Scene:
    """Draw the levels of the bins near a sine over its frequency, and the highest of them."""
    levels = bin_levels(OFFSETS, window, zero_padding)
    here = bin_levels(np.array([offset]), window, zero_padding)[0]
    highest = levels.max(axis=1)
    near = [k for k in range(levels.shape[1]) if levels[:, k].max() > MIN_LEVEL_DB]
    lines = [Line(OFFSETS, levels[:, k], "single bins" if k == near[0] else "", "muted", "dashed") for k in near]
    axes = Axes(
        f"Highest bin, window {window!r}, fft_length {FRAME_LENGTH * zero_padding}",
        "frequency offset of the sine (bins of the frame)",
        "level (dB re a sine on the bin)",
        (-1.0, 1.0),
        (MIN_LEVEL_DB, 0.6),
        [
            *lines,
            Line(OFFSETS, highest, "highest bin", "first"),
            ReferenceLine(x=offset, colour="second"),
            Points([offset], [float(here.max())], "current sine", "second"),
        ],
    )
    values = make_window(window, FRAME_LENGTH, True)
    assert values is not None
    loss = window_merits(values, FRAME_LENGTH * zero_padding).scalloping_loss
    caption = (
        f"The sine is {abs(offset):g} bins of the frame from a bin; the highest bin of the FFT is at {here.max():.2f} "
        f"dB. Half-way between two bins of the FFT it would be at {-loss:.2f} dB: a scalloping loss of {loss:.2f} dB."
    )
    return Scene((axes,), caption)


def bin_levels(offsets: Values, window: str, zero_padding: int) -> Values:
    """Compute the levels of the bins near `BIN`, (offsets, bins), dB relative to a sine at a bin frequency."""
    spacing = RATE / FRAME_LENGTH
    frames = np.stack([sine((BIN + offset) * spacing, FRAME_LENGTH, RATE) for offset in offsets])
    n_fft = FRAME_LENGTH * zero_padding
    # The last frame is the reference, a sine exactly at `BIN`.
    with_reference = np.concatenate([frames, sine(BIN * spacing, FRAME_LENGTH, RATE)[None]])
    magnitudes = transform_frame(with_reference, mode="magnitude", window=window, periodic=True, fft_length=n_fft)
    centre = BIN * zero_padding
    near = slice(centre - 2 * zero_padding, centre + 2 * zero_padding + 1)
    return decibels(magnitudes[:-1, near] / magnitudes[-1, centre])


def render_audio(*, offset: float, **_others: object) -> AudioClip:
    """Render 1 s of the sine."""
    return AudioClip(normalised(sine((BIN + offset) * RATE / FRAME_LENGTH, int(RATE), RATE), 0.4), RATE)


FIGURE = FigureSpec(
    "scalloping",
    "Scalloping loss",
    draw,
    (
        slider(
            "offset", 0.3, "Frequency offset from a bin.", span=(-1, 1), step=0.05, unit="bins", label="Sine offset"
        ),
        choice("window", "hann", "A wider main lobe is flatter at its top.", choices=WINDOWS),
        choice(
            "zero_padding",
            1,
            "More closely spaced bins have less scalloping loss.",
            choices=((1, "none"), (2, "to 2 × frame length"), (4, "to 4 × frame length")),
        ),
    ),
    {"Play the sine": render_audio},
)
