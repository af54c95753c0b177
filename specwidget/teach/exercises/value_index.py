"""Exercise: find the index of a value on the combined axis of channels and bins."""

from __future__ import annotations

import random

from specwidget.stft.settings import STFTSettings
from specwidget.teach.exercises.case import Case, Exercise


def draw(seed: int, rng: random.Random) -> Case:
    """Draw settings, and the channel and the bin of a value."""
    settings = STFTSettings(mode=rng.choice(("magnitude", "stft")), frame_length=rng.choice((128, 256, 512, 1024)))
    n_channels, n_bins = rng.randint(2, 4), settings.n_bins
    channel, k = rng.randrange(1, n_channels), rng.randrange(1, n_bins)
    part = rng.choice(("real", "imaginary")) if settings.mode == "stft" else ""
    offset = n_bins + k if part == "imaginary" else k
    solution = channel * settings.n_outputs + offset
    return Case(
        "value_index",
        seed,
        f"At which index of the last axis is the {part + ' part' if part else 'value'} of channel {channel}, bin {k}?",
        (
            ("mode", settings.mode),
            ("fft_length", str(settings.n_fft)),
            ("channels C", f"{n_channels}, numbered from 0"),
            ("output", f"(B, T, C {'2 F' if settings.mode == 'stft' else 'F'})"),
        ),
        "number",
        solution,
        _reasoning(settings, channel, k, part, solution),
        hint="How many values has one channel? Which index moves fastest along the axis?",
        mistakes=_mistakes(settings, n_channels, channel, k, offset),
    )


def _reasoning(settings: STFTSettings, channel: int, k: int, part: str, solution: int) -> str:
    n_bins, per_channel = settings.n_bins, settings.n_outputs
    bins = f"F = {settings.n_fft} // 2 + 1 = {n_bins}"
    if not part:
        return f"{bins}, and the channel is the slowest index: i = c F + k = {channel} × {n_bins} + {k} = {solution}."
    in_channel = f"{n_bins} + {k}" if part == "imaginary" else str(k)
    return (
        f"{bins}. Each channel has 2 F = {per_channel} values, first all real parts, then all imaginary parts; the "
        f"channel is the slowest index: i = {channel} × {per_channel} + {in_channel} = {solution}."
    )


def _mistakes(
    settings: STFTSettings, n_channels: int, channel: int, k: int, offset: int
) -> tuple[tuple[int, str], ...]:
    """List the answers that typical mistakes lead to."""
    n_bins = settings.n_bins
    mistakes = [
        (offset * n_channels + channel, "That is the index if the bin were the slowest; here it is the channel."),
        (channel * (n_bins - 1) * (settings.n_outputs // n_bins) + offset, "A channel has N // 2 + 1 bins."),
    ]
    if settings.mode == "stft":
        mistakes += [
            (channel * n_bins + offset, "In mode 'stft' a channel has 2 F values, for re and im."),
            (
                channel * settings.n_outputs + 2 * k + (offset != k),
                "re and im are not interleaved: first all re, then all im.",
            ),
        ]
    return tuple(mistakes)


EXERCISE = Exercise("value_index", "Index of a value", draw)
