"""Where a value stands on the axis that channels and bins share."""

from __future__ import annotations

import random

from specwidget.stft.settings import STFTSettings
from specwidget.teach.exercises.case import Case, Exercise


def draw(seed: int) -> Case:
    """Draw settings, and a value by its channel and bin."""
    chance = random.Random(seed)
    settings = STFTSettings(
        mode=chance.choice(("magnitude", "stft")), frame_length=chance.choice((128, 256, 512, 1024))
    )
    n_channels, n_bins = chance.randint(2, 4), settings.n_bins
    channel, k = chance.randrange(1, n_channels), chance.randrange(1, n_bins)
    part = chance.choice(("real", "imaginary")) if settings.mode == "stft" else ""
    within = n_bins + k if part == "imaginary" else k
    solution = channel * settings.n_outputs + within
    return Case(
        "value_place",
        seed,
        f"At which index of the last axis stands the {part + ' part' if part else 'value'} of channel {channel}, "
        f"bin {k}?",
        (
            ("mode", settings.mode),
            ("fft_length", str(settings.n_fft)),
            ("channels C", f"{n_channels}, counted from 0"),
            ("output", f"(B, T, C {'2 F' if settings.mode == 'stft' else 'F'})"),
        ),
        "number",
        solution,
        _reasoning(settings, channel, k, part, solution),
        mistakes=_mistakes(settings, n_channels, channel, k, within, solution),
    )


def _reasoning(settings: STFTSettings, channel: int, k: int, part: str, solution: int) -> str:
    """Return the place, counted channel by channel."""
    n_bins, per_channel = settings.n_bins, settings.n_outputs
    bins = f"F = {settings.n_fft} // 2 + 1 = {n_bins}"
    if not part:
        return f"{bins}, and the channel is the slow index: i = c F + k = {channel} × {n_bins} + {k} = {solution}."
    inside = f"{n_bins} + {k}" if part == "imaginary" else str(k)
    return (
        f"{bins}. A channel takes 2 F = {per_channel} places, all real parts before the imaginary ones; the channel "
        f"is the slow index: i = {channel} × {per_channel} + {inside} = {solution}."
    )


def _mistakes(
    settings: STFTSettings, n_channels: int, channel: int, k: int, within: int, solution: int
) -> tuple[tuple[int, str], ...]:
    """Return what known mistakes lead to."""
    n_bins = settings.n_bins
    found = [
        (within * n_channels + channel, "There the bin would be the slow index; here the channel is."),
        (channel * (n_bins - 1) * (settings.n_outputs // n_bins) + within, "A channel has N // 2 + 1 bins."),
    ]
    if settings.mode == "stft":
        found += [
            (channel * n_bins + within, "In mode 'stft' a channel takes 2 F places, for re and im."),
            (
                channel * settings.n_outputs + 2 * k + (within != k),
                "re and im don't take turns: first all re, then im.",
            ),
        ]
    return tuple((value, told) for value, told in found if value != solution)


EXERCISE = Exercise("value_place", "Where a value stands", draw)
