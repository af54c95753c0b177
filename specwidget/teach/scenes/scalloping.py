"""How the height of a sine changes while its frequency goes from bin to bin."""

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
"""The bin in the middle, far from both ends of the frequency axis."""

PLACES = np.linspace(-1.0, 1.0, 81)
"""Where the sine is tried, in bins of the frame's length from `BIN`."""

LOWEST = -12.0


def draw(*, offset: float, window: str, zero_padding: int) -> Scene:
    """Draw the levels of the bins round the sine over the sine's frequency, and the highest of them."""
    levels = heights(PLACES, window, zero_padding)
    here = heights(np.array([offset]), window, zero_padding)[0]
    highest = levels.max(axis=1)
    near = [k for k in range(levels.shape[1]) if levels[:, k].max() > LOWEST]
    lines = [Line(PLACES, levels[:, k], "single bins" if k == near[0] else "", "muted", "dashed") for k in near]
    axes = Axes(
        f"The highest bin, window {window!r}, fft_length {FRAME_LENGTH * zero_padding}",
        "frequency of the sine (bins of the frame from a bin)",
        "level (dB)",
        (-1.0, 1.0),
        (LOWEST, 0.6),
        [
            *lines,
            Line(PLACES, highest, "the highest bin", "first"),
            ReferenceLine(x=offset, colour="second"),
            Points([offset], [float(here.max())], "the sine here", "second"),
        ],
    )
    values = make_window(window, FRAME_LENGTH, True)
    assert values is not None
    loss = window_merits(values, FRAME_LENGTH * zero_padding).scalloping_loss
    caption = (
        f"{abs(offset):g} bins from a bin of the frame, the highest bin of the FFT reads {here.max():.2f} dB. "
        f"Half-way between two bins of the FFT it would read {-loss:.2f} dB: a scalloping loss of {loss:.2f} dB."
    )
    return Scene((axes,), caption)


def heights(places: Values, window: str, zero_padding: int) -> Values:
    """Return the levels of the bins round `BIN` for sines at some places, (places, bins); dB re one on a bin."""
    spacing = RATE / FRAME_LENGTH
    frames = np.stack([sine((BIN + place) * spacing, FRAME_LENGTH, RATE) for place in places])
    n_fft = FRAME_LENGTH * zero_padding
    both = np.concatenate([frames, sine(BIN * spacing, FRAME_LENGTH, RATE)[None]])
    found = transform_frame(both, mode="magnitude", window=window, periodic=True, fft_length=n_fft)
    middle = BIN * zero_padding
    near = slice(middle - 2 * zero_padding, middle + 2 * zero_padding + 1)
    return decibels(found[:-1, near] / found[-1, middle])


def hear(*, offset: float, **_others: object) -> AudioClip:
    """Return a second of the sine."""
    return AudioClip(normalised(sine((BIN + offset) * RATE / FRAME_LENGTH, int(RATE), RATE), 0.4), RATE)


PLAN = FigureSpec(
    "scalloping",
    "Scalloping",
    draw,
    (
        slider("offset", 0.3, "Move the sine from bin to bin.", span=(-1, 1), step=0.05, unit="bins", label="Sine"),
        choice("window", "hann", "A broader main lobe is flatter on top.", choices=WINDOWS),
        choice(
            "zero_padding",
            1,
            "Bins nearer to each other miss less of the lobe's top.",
            choices=((1, "none"), (2, "to twice the frame"), (4, "to four times the frame")),
        ),
    ),
    {"Hear the sine": hear},
)
