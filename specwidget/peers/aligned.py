"""What was aligned, as sentences that peers share: the floor, and the bins of a one-sided power."""

from __future__ import annotations

from specwidget.stft.settings import STFTSettings


def floor(title: str, settings: STFTSettings) -> list[str]:
    """Tell that there is no floor."""
    if settings.mode not in ("magnitude", "log"):
        return []
    return [f"Floor: {title} has none; magnitudes were raised to the root of {settings.epsilon:g}."]


def sides(title: str, settings: STFTSettings) -> list[str]:
    """Tell that power stands for one side alone."""
    if settings.mode != "psd":
        return []
    return [f"Sides: {title} gives one side as it is; bins that stand for two were doubled."]
