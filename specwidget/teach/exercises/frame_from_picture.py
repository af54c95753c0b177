"""Which frame length made this picture."""

from __future__ import annotations

import random
from functools import partial

from specwidget.charts.scene import Axes, Image, Scene
from specwidget.teach.analysis import decibels, transform
from specwidget.teach.exercises.case import Case, Exercise
from specwidget.teach.scenes.two_sines_two_clicks import DYNAMIC_RANGE, RATE, SHOWN, TOP, hear, signal

CHOICES = ("32", "128", "512", "2048")
N_FFT = 2048
GAP_MS = 40.0


def draw(seed: int) -> Case:
    """Draw a frame length and two sines with two clicks, and show their spectrogram."""
    chance = random.Random(seed)
    answer = chance.choice(CHOICES)
    gap_hz = float(chance.choice((80, 100, 120)))
    frame_length = int(answer)
    first, last = (round(time * RATE) for time in SHOWN)
    result = transform(
        signal(gap_hz, GAP_MS)[first - frame_length // 2 : last + frame_length // 2],
        RATE,
        mode="magnitude",
        frame_length=frame_length,
        frame_step=16,
        fft_length=N_FFT,
        scaling="spectrum",
    )
    bins = result.frequencies <= TOP
    levels = decibels(result.channel_values().T[bins])
    top, step, spacing = float(levels.max()), 16 / RATE, RATE / N_FFT
    image = Image(
        levels,
        (SHOWN[0] - step / 2, SHOWN[0] + (result.n_frames - 0.5) * step),
        (-spacing / 2, (bins.sum() - 0.5) * spacing),
        "magnitude",
        "dB",
        range=(top - DYNAMIC_RANGE, top),
    )
    axes = Axes("Two sines and two clicks", "time (s)", "frequency (Hz)", SHOWN, (0, TOP), [image], height=1.3)
    line, click = 4 * RATE / frame_length, 1000 * frame_length / RATE
    return Case(
        "frame_from_picture",
        seed,
        "Which frame_length, in samples, made this picture?",
        (
            ("window", "hann"),
            ("sample rate", f"{RATE:g} Hz"),
            ("sines", f"{gap_hz:g} Hz apart"),
            ("clicks", f"{GAP_MS:g} ms apart"),
        ),
        "choice",
        answer,
        f"A line is as broad as the main lobe, 4 bins of {RATE:g} / {answer} Hz = {line:.4g} Hz, and a click as long "
        f"as the frame, {answer} / {RATE:g} s = {click:g} ms.",
        mistakes=tuple((other, _contrast(other)) for other in CHOICES if other != answer),
        choices=CHOICES,
        scene=Scene((axes,), f"Each line is about {line:.0f} Hz broad, each click about {click:.0f} ms long."),
        sounds={"Hear the signal": partial(hear, gap_hz=gap_hz, gap_ms=GAP_MS)},
    )


def _contrast(length: str) -> str:
    """Return what another frame length would show."""
    line, click = 4 * RATE / int(length), 1000 * int(length) / RATE
    return f"With {length} lines would be {line:.4g} Hz broad and clicks {click:g} ms long."


EXERCISE = Exercise("frame_from_picture", "Settings from a picture", draw)
