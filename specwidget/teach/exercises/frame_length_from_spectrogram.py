"""Exercise: recognise the frame length of a spectrogram."""

from __future__ import annotations

import random
from functools import cache, partial

from specwidget.charts.scene import Axes, Image, Scene
from specwidget.raster.quantity import get_quantity
from specwidget.teach.analysis import decibels, transform
from specwidget.teach.exercises.case import Case, Exercise
from specwidget.teach.scenes.two_sines_two_clicks import (
    DYNAMIC_RANGE,
    MAX_FREQUENCY,
    RATE,
    TIME_RANGE,
    render_audio,
    signal,
)

CHOICES = ("32", "64", "128", "256", "512", "1024")
N_FFT = 2048
GAP_MS = 40.0


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a frame length and the spacing of two sines, and show the spectrogram."""
    answer = rng.choice(CHOICES)
    gap_hz = float(rng.choice((80, 100, 120)))
    line, click = 4 * RATE / int(answer), 1000 * int(answer) / RATE
    return Case(
        "frame_length_from_spectrogram",
        seed,
        "Which frame_length, in samples, was used for this spectrogram?",
        (
            ("window", "hann"),
            ("sample rate", f"{RATE:g} Hz"),
            ("sines", f"{gap_hz:g} Hz apart"),
            ("clicks", f"{GAP_MS:g} ms apart"),
        ),
        "choice",
        answer,
        f"Each sine is as wide as the main lobe, 4 bins of {RATE:g} / {answer} Hz = {line:.4g} Hz, and each click as "
        f"long as the frame, {answer} / {RATE:g} s = {click:g} ms.",
        hint="Measure how long a click is, in milliseconds, or how wide a line, in hertz.",
        mistakes=tuple((other, _contrast(other)) for other in CHOICES if other != answer),
        choices=CHOICES,
        scene=Scene(
            (_spectrogram(int(answer), gap_hz),),
            f"Each sine is about {line:.0f} Hz wide, each click about {click:.0f} ms long.",
        ),
        sounds={"Play the signal": partial(render_audio, gap_hz=gap_hz, gap_ms=GAP_MS)},
    )


@cache
def _spectrogram(frame_length: int, gap_hz: float) -> Axes:
    """Draw the spectrogram of two sines and two clicks."""
    first, last = (round(time * RATE) for time in TIME_RANGE)
    result = transform(
        signal(gap_hz, GAP_MS)[first - frame_length // 2 : last + frame_length // 2],
        RATE,
        mode="magnitude",
        frame_length=frame_length,
        frame_step=16,
        fft_length=N_FFT,
        scaling="spectrum",
    )
    quantity = get_quantity(result.settings, decibels=True)
    bins = result.frequencies <= MAX_FREQUENCY
    levels = decibels(result.channel_values().T[bins])
    top, step, spacing = float(levels.max()), 16 / RATE, RATE / N_FFT
    image = Image(
        levels,
        (TIME_RANGE[0] - step / 2, TIME_RANGE[0] + (result.n_frames - 0.5) * step),
        (-spacing / 2, (bins.sum() - 0.5) * spacing),
        quantity.label,
        quantity.full_unit,
        range=(top - DYNAMIC_RANGE, top),
    )
    return Axes(
        "Two sines and two clicks", "time (s)", "frequency (Hz)", TIME_RANGE, (0, MAX_FREQUENCY), [image], height=1.3
    )


def _contrast(length: str) -> str:
    """Describe the spectrogram with another frame length."""
    line, click = 4 * RATE / int(length), 1000 * int(length) / RATE
    return f"With {length}, sines would be {line:.4g} Hz wide and clicks {click:g} ms long."


EXERCISE = Exercise("frame_length_from_spectrogram", "Frame length from a spectrogram", draw)
