"""Usual windows, lengths and frequencies, and the framings that they make likely."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

WINDOWS: tuple[Any, ...] = (
    "hann",
    "hamming",
    "blackman",
    None,
    "povey",
    ("tukey", 0.25),
    ("tukey", 0.5),
    "blackmanharris",
    "bartlett",
    "cosine",
    ("kaiser", 5.0),
    ("kaiser", 8.6),
    ("kaiser", 14.0),
    "nuttall",
    "flattop",
    "parzen",
    "bohman",
    "barthann",
)
"""Windows that are tried."""

BANK_WINDOWS: tuple[Any, ...] = ("hann", "povey", "hamming", "blackman", None)
"""Windows that are tried before a bank."""

SECONDS = (0.025, 0.02, 0.032, 0.04, 0.03, 0.05, 0.064, 0.016, 0.01)
"""Usual lengths of frames, seconds."""

LOW_FREQUENCIES = (
    0.0,
    20.0,
    50.0,
    80.0,
    125.0,
    64.0,
    60.0,
    30.0,
    40.0,
    55.0,
    90.0,
    100.0,
    133.33333,
    150.0,
    200.0,
    300.0,
)

HIGH_FREQUENCIES = (
    *(8000.0, 7600.0, 7500.0, 4000.0, 3800.0, 3400.0, 7800.0, 6000.0, 5500.0, 6855.4976),
    *(10_000.0, 11_025.0, 12_000.0, 14_000.0, 16_000.0, 20_000.0),
)
"""Usual ends of banks, Hz."""

PREEMPHASES: tuple[tuple[float, Any], ...] = (
    (0.0, "frame"),
    (0.97, "frame"),
    (0.97, "signal"),
    (0.95, "frame"),
    (0.95, "signal"),
)


def usual_ends(rate: float) -> tuple[float, ...]:
    """Return usual upper ends of banks at a sample rate."""
    top = rate / 2
    below = (top, top - 100, top - 200, top - 400, top - 500, float(int(top)))
    return tuple(dict.fromkeys(high for high in (*HIGH_FREQUENCIES, *below) if high <= top))


def nearest(value: float, usual: Iterable[float], n_values: int) -> list[float]:
    """Return the usual values next to a value."""
    return sorted(usual, key=lambda each: abs(each - value))[:n_values]


def fft_lengths_for(frame_length: int, n_fft: int) -> list[int]:
    """Return usual lengths of the FFT for a frame."""
    found = [frame_length, next_power_of_two(frame_length), n_fft, 2 * n_fft, n_fft // 2, 2 * frame_length]
    found += [400, 512, 800, 1024, 1200, 2048]
    return [each for each in dict.fromkeys(found) if frame_length <= each <= 8 * frame_length]


def next_power_of_two(length: int) -> int:
    """Return the next power of two."""
    return 1 << (length - 1).bit_length()


def nice(step: int, frame_length: int, rate: float | None) -> bool:
    """Check whether a step is usual for a frame: a sixteenth of it, a round number, or a multiple of 2.5 ms."""
    if (16 * step) % frame_length == 0 or step % 50 == 0 or step & (step - 1) == 0 or step % 80 == 0:
        return True
    return rate is not None and abs(step / rate * 400 - round(step / rate * 400)) < 0.5 * 400 / rate


def order_framings(
    framings: list[tuple[int, int]], frame_length: int, rate: float | None, most: int
) -> list[tuple[int, int]]:
    """Return at most this many framings, those with usual steps first."""
    usual = [each for each in framings if nice(each[0], frame_length, rate)]
    rest = [each for each in framings if not nice(each[0], frame_length, rate)]
    # Of many steps that are not usual, evenly spread ones: the climbing finds those between.
    room = max(0, most - len(usual))
    return usual[:most] + rest[:: max(1, -(-len(rest) // max(room, 1)))][:room]


def frame_lengths(n_fft: int, rate: float | None) -> list[int]:
    """Return usual lengths of frames for an FFT."""
    found = [n_fft, n_fft // 2, 3 * n_fft // 4, n_fft // 4, 5 * n_fft // 8, 7 * n_fft // 8]
    found += [round(seconds * rate) for seconds in SECONDS] if rate else []
    found += [400, 320, 256, 512, 551, 1024, 1102, 800, 640]
    return [each for each in dict.fromkeys(found) if n_fft // 16 <= each <= n_fft and each >= 2]


def band_lengths(rate: float) -> list[tuple[int, int]]:
    """Return usual pairs of lengths of FFT and frame for banks."""
    frames = [
        400,
        512,
        1024,
        2048,
        256,
        *(round(seconds * rate) for seconds in SECONDS),
        800,
        1200,
        600,
        4096,
        384,
        768,
    ]
    pairs: dict[tuple[int, int], None] = {}
    for frame in dict.fromkeys(frames):
        if frame < 100:
            continue
        pairs[next_power_of_two(frame), frame] = None
        pairs[frame, frame] = None
    for frame in (400, 1024, 1200, 512):
        pairs[2 * next_power_of_two(frame), frame] = None
    for frame in (200, 400, 600):
        pairs[2 * frame, frame] = None
    return list(pairs)
