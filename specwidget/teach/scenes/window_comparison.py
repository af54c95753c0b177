"""Figure: two windows and their frequency responses."""

from __future__ import annotations

import math

import numpy as np

from specwidget.charts.scene import Axes, Colour, Line, Scene, Style, Values
from specwidget.stft.window_merits import OVERSAMPLING, WindowMerits, window_merits, window_response
from specwidget.stft.windows import NAMED_WINDOWS, make_window
from specwidget.teach.analysis import decibels
from specwidget.teach.audio import am_tone
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, length

MIN_LEVEL_DB = -120.0
MAX_BIN = 16.0

FORMS = (("periodic", "periodic"), ("symmetric", "symmetric"))

AUDIO_SECONDS = 0.6
"""Duration of a window when it modulates a tone."""


def draw(*, first: str, second: str, frame_length: int, first_form: str, second_form: str) -> Scene:
    """Draw the samples of two windows and their frequency responses."""
    windows: tuple[tuple[str, str, Colour, Style], ...] = (
        (first, first_form, "first", "solid"),
        (second, second_form, "second", "dashed"),
    )
    pairs = [_curves(name, form, frame_length, colour, style) for name, form, colour, style in windows]
    responses = [response for _, response, _ in pairs]
    shapes = [shape for shape, _, _ in pairs]
    bottom = min(-0.05, min(float(line.y.min()) for line in shapes) - 0.05)
    axes = (
        Axes("Window", "sample n", "w[n]", (-1, frame_length), (bottom, 1.08), shapes),
        Axes(
            "Frequency response",
            "frequency offset (bins)",
            "level (dB re offset 0)",
            (0, min(MAX_BIN, frame_length / 2)),
            (MIN_LEVEL_DB, 6),
            responses,
        ),
    )
    merits = [merits for _, _, merits in pairs]
    sentences = [
        f"{name} ({form}): {_merits_text(each)}" for (name, form, _, _), each in zip(windows, merits, strict=True)
    ]
    return Scene(axes, " ".join(sentences), columns=2)


def response(values: Values) -> tuple[Values, Values]:
    """Compute frequency offsets, in bins, and levels, dB relative to offset 0, of the response of a window."""
    magnitudes = window_response(values)
    return np.arange(len(magnitudes)) / OVERSAMPLING, decibels(magnitudes / (magnitudes[0] or 1.0), MIN_LEVEL_DB)


def render_first(*, first: str, first_form: str, frame_length: int, **_others: object) -> AudioClip:
    """Render a tone with the first window as its envelope; an abrupt start or end is audible as a click."""
    return am_tone(_values(first, first_form, frame_length), AUDIO_SECONDS)


def render_second(*, second: str, second_form: str, frame_length: int, **_others: object) -> AudioClip:
    """Render a tone with the second window as its envelope."""
    return am_tone(_values(second, second_form, frame_length), AUDIO_SECONDS)


def _values(name: str, form: str, frame_length: int) -> Values:
    values = make_window(name, frame_length, form == "periodic")
    assert values is not None
    return values


def _curves(name: str, form: str, frame_length: int, colour: Colour, style: Style) -> tuple[Line, Line, WindowMerits]:
    """Make the curves of a window and of its response, and compute its figures of merit."""
    values = _values(name, form, frame_length)
    offsets, levels = response(values)
    in_range = offsets <= MAX_BIN
    label = f"{name}, {form}"
    shape = Line(np.arange(frame_length), values, label, colour, style)
    return shape, Line(offsets[in_range], levels[in_range], label, colour, style), window_merits(values)


def _merits_text(merits: WindowMerits) -> str:
    parts = [
        f"main lobe {_number(merits.null_width, '.2f')} bins wide",
        f"highest side lobe {_number(merits.highest_side_lobe, '.1f')} dB",
        f"noise bandwidth {_number(merits.noise_bandwidth, '.2f')} bins",
        f"scalloping loss {_number(merits.scalloping_loss, '.2f')} dB",
    ]
    return ", ".join(parts) + "."


def _number(value: float, digits: str) -> str:
    """Format a figure of merit, which may be undefined."""
    return "undefined," if math.isnan(value) else format(value, digits)


FIGURE = FigureSpec(
    "window_comparison",
    "Comparison of two windows",
    draw,
    (
        choice(
            "first",
            "hann",
            "Samples on the left, frequency response on the right.",
            choices=NAMED_WINDOWS,
            label="First window",
        ),
        choice(
            "first_form",
            "periodic",
            "A periodic window of n samples is a symmetric one of n + 1 samples without the last.",
            choices=FORMS,
            label="First window form",
        ),
        choice("second", "boxcar", "Window to compare with.", choices=NAMED_WINDOWS, label="Second window"),
        choice(
            "second_form",
            "periodic",
            "The difference is largest for short windows.",
            choices=FORMS,
            label="Second window form",
        ),
        length("frame_length", 64, "Widths are in bins, so they hardly depend on the length.", span=(4, 1024)),
    ),
    {"Play a tone with the first window": render_first, "Play a tone with the second window": render_second},
)
