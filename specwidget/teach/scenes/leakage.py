"""Figure: leakage of a sine over the bins of one frame."""

from __future__ import annotations

import numpy as np

from specwidget.charts.scene import Axes, Line, ReferenceLine, Scene, Stems, Values
from specwidget.stft.window_merits import window_merits
from specwidget.stft.windows import make_window
from specwidget.teach.analysis import decibels, sine, transform_frame
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, length, normalised, slider

RATE = 16_000.0
MIN_LEVEL_DB = -120.0
"""Lower end of the level axis, dB."""

OVERSAMPLING = 32
"""Points of the interpolated spectrum per bin."""

WINDOWS = ("boxcar", "hann", "hamming", "blackman", "blackmanharris", "bartlett", "cosine", "flattop", "nuttall")


def draw(*, frequency: float, frame_length: int, window: str) -> Scene:
    """Draw the level of each bin for one frame of a sine, and the spectrum interpolated between the bins."""
    bins = bin_levels(frequency, frame_length, window, frame_length)
    curve = bin_levels(frequency, frame_length, window, OVERSAMPLING * frame_length)
    spacing = RATE / frame_length
    axes = Axes(
        f"One frame of {frame_length} samples, window {window!r}",
        "frequency (Hz)",
        "level (dB re a sine on the bin)",
        (0, RATE / 2),
        (MIN_LEVEL_DB, 6),
        [
            ReferenceLine(x=frequency, label="frequency of the sine", colour="second"),
            Line(np.arange(len(curve)) * spacing / OVERSAMPLING, curve, "interpolated spectrum", "muted"),
            Stems(np.arange(len(bins)) * spacing, bins, "bins", "first", MIN_LEVEL_DB),
        ],
        height=1.3,
    )
    return Scene((axes,), _caption(frequency, frame_length, window, bins))


def bin_levels(frequency: float, frame_length: int, window: str, n_fft: int) -> Values:
    """Compute the level of each bin for one frame of a sine, dB relative to a sine at a bin frequency."""
    frame = sine(frequency, frame_length, RATE)
    magnitudes = transform_frame(
        frame, mode="magnitude", window=window, periodic=True, scaling="spectrum", fft_length=n_fft
    )
    values = make_window(window, frame_length, True)
    assert values is not None
    # Scaling "spectrum" divides by sum(|w|), which exceeds |sum(w)| for windows with negative values like "flattop".
    on_bin = 0.5 * abs(values.sum()) / np.abs(values).sum()
    return decibels(magnitudes / on_bin, MIN_LEVEL_DB)


def render_audio(*, frequency: float, **_others: object) -> AudioClip:
    """Render 1 s of the sine."""
    return AudioClip(normalised(sine(frequency, int(RATE), RATE), 0.4), RATE)


def _caption(frequency: float, frame_length: int, window: str, bins: Values) -> str:
    position = frequency * frame_length / RATE
    nearest = round(position)
    side = window_merits(make_window(window, frame_length, True)).highest_side_lobe  # type: ignore[arg-type]
    where = "on" if abs(position - nearest) < 5e-4 else f"{abs(position - nearest):.2f} bins from"
    far = int(np.argmax(np.abs(np.arange(len(bins)) - position)))
    return (
        f"The sine at {frequency:g} Hz is {where} bin {nearest}, whose level is {bins[nearest]:.1f} dB; "
        f"the level of bin {far}, the farthest, is {_level(bins[far])}. "
        f"The highest side lobe of this window is at {side:.1f} dB."
    )


def _level(level: float) -> str:
    """Format a level, which may be below the axes."""
    return f"below {MIN_LEVEL_DB:.0f} dB" if level <= MIN_LEVEL_DB else f"{level:.1f} dB"


FIGURE = FigureSpec(
    "leakage",
    "Leakage of a sine",
    draw,
    (
        slider(
            "frequency",
            3562.0,
            "At a bin frequency all other bins are empty (boxcar); between two bins every bin has power.",
            span=(1000, 7000),
            step=1.0,
            unit="Hz",
        ),
        length("frame_length", 64, "Bin spacing = sample rate / frame length.", span=(16, 1024)),
        choice("window", "boxcar", "Lower side lobes cost a wider main lobe.", choices=WINDOWS),
    ),
    {"Play the sine": render_audio},
)
