"""The live microphone: pictures per second, and the time from a voice to its pixels.

The browser's fake microphone plays bursts of noise. The page hears the beginning of each on the explorer's stream, by
an analyser of its own, and looks for it in the last columns of the picture.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from benchmarks.browser.measure import PLAIN, opened
from benchmarks.browser.scripts import LISTEN
from tests.browser.lab import browser_window

RATE = 48_000
BURST, PAUSE = 0.5, 0.9
"""Seconds. Their sum does not divide a second, so that bursts meet pictures at any phase."""


def write_bursts(path: Path) -> None:
    """Write bursts of noise between pauses, which the fake microphone plays again and again."""
    noise = 0.2 * np.random.default_rng(0).standard_normal(round(BURST * RATE))
    soundfile.write(path, np.tile(np.concatenate([np.zeros(round(PAUSE * RATE)), noise]), 4), RATE)


def microphone(chromium: Path, address: str, folder: Path, seconds: float = 30) -> tuple[float, list[float]]:
    """Record in an explorer, and return the pictures per second, and of each burst the milliseconds to its pixels."""
    path = folder / "bursts.wav"
    write_bursts(path)
    fake = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with (
        browser_window(chromium, *fake, f"--use-file-for-fake-audio-capture={path}") as browser,
        opened(browser, address, folder, PLAIN) as window,
    ):
        page = window.page
        page.evaluate(LISTEN)
        page.get_by_role("button", name="Record", exact=True).click()
        page.wait_for_timeout(1000 * seconds)
        page.get_by_role("button", name="Stop").click()
        heard, painted, seen = page.evaluate("() => [window.heard, window.painted, window.seen]")
    rate = (len(painted) - 1) / (painted[-1] - painted[0]) * 1000
    ends = [*heard[1:], float("inf")]
    found = [[time for time in seen if start < time < end] for start, end in zip(heard, ends, strict=True)]
    # The first burst shows where the picture ends.
    return rate, [times[0] - start for start, times in zip(heard[1:], found[1:], strict=True) if times]
