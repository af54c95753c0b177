"""Where the power of a sine goes that lies between bins."""

from __future__ import annotations

import numpy as np

from specwidget.charts.scene import Axes, Line, ReferenceLine, Scene, Stems, Values
from specwidget.stft.window_merits import window_merits
from specwidget.stft.windows import make_window
from specwidget.teach.analysis import decibels, sine, transform_frame
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, length, normalised, slider

RATE = 16_000.0
LOWEST = -120.0
"""Level, dB, at the bottom of the axes."""

BETWEEN = 32
"""Points of the curve for each bin."""

WINDOWS = ("boxcar", "hann", "hamming", "blackman", "blackmanharris", "bartlett", "cosine", "flattop", "nuttall")


def draw(*, frequency: float, frame_length: int, window: str) -> Scene:
    """Draw the levels of all bins for one frame of a sine, and what lies between them."""
    bins = levels(frequency, frame_length, window, frame_length)
    curve = levels(frequency, frame_length, window, BETWEEN * frame_length)
    spacing = RATE / frame_length
    axes = Axes(
        f"One frame of {frame_length} samples, window {window!r}",
        "frequency (Hz)",
        "level (dB)",
        (0, RATE / 2),
        (LOWEST, 6),
        [
            ReferenceLine(x=frequency, label="frequency of the sine", colour="second"),
            Line(np.arange(len(curve)) * spacing / BETWEEN, curve, "between the bins", "muted"),
            Stems(np.arange(len(bins)) * spacing, bins, "bins", "first", LOWEST),
        ],
        height=1.3,
    )
    return Scene((axes,), _caption(frequency, frame_length, window, bins))


def levels(frequency: float, frame_length: int, window: str, n_fft: int) -> Values:
    """Return the level of each bin for a frame of a sine, dB relative to that of a sine on a bin."""
    frame = sine(frequency, frame_length, RATE)
    found = transform_frame(frame, mode="magnitude", window=window, periodic=True, scaling="spectrum", fft_length=n_fft)
    values = make_window(window, frame_length, True)
    assert values is not None
    # The scaling divides by the sum of absolute values: a window with negative ones, such as "flattop", reads lower.
    on_bin = 0.5 * abs(values.sum()) / np.abs(values).sum()
    return decibels(found / on_bin, LOWEST)


def hear(*, frequency: float, **_others: object) -> AudioClip:
    """Return a second of the sine."""
    return AudioClip(normalised(sine(frequency, int(RATE), RATE), 0.4), RATE)


def _caption(frequency: float, frame_length: int, window: str, bins: Values) -> str:
    """Return how far the sine lies from a bin, what that bin reads, and what the window lets through."""
    place = frequency * frame_length / RATE
    nearest = round(place)
    side = window_merits(make_window(window, frame_length, True)).highest_side_lobe  # type: ignore[arg-type]
    where = "on" if abs(place - nearest) < 5e-4 else f"{abs(place - nearest):.2f} bins from"
    far = int(np.argmax(np.abs(np.arange(len(bins)) - place)))
    return (
        f"The sine at {frequency:g} Hz lies {where} bin {nearest}, which reads {bins[nearest]:.1f} dB; "
        f"bin {far}, the farthest, reads {_level(bins[far])}. "
        f"The highest side lobe of this window is at {side:.1f} dB."
    )


def _level(level: float) -> str:
    """Return a level in words, where it may lie below the axes."""
    return f"less than {LOWEST:.0f} dB" if level <= LOWEST else f"{level:.1f} dB"


PLAN = FigureSpec(
    "leakage",
    "Leakage of a sine",
    draw,
    (
        slider(
            "frequency",
            3562.0,
            "On a bin the others are empty; between two all of them fill.",
            span=(1000, 7000),
            step=1.0,
            unit="Hz",
        ),
        length("frame_length", 64, "Longer frames have narrower bins.", span=(16, 1024)),
        choice("window", "boxcar", "A wider main lobe buys lower side lobes.", choices=WINDOWS),
    ),
    {"Hear the sine": hear},
)
