"""Measure the explorer in a real browser, beside its peers, and print the table; `--write` puts it into RESULTS.md.

It needs what the tests need, and ipympl: `pip install --group bench --group dev -e .`, and a Chromium.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.browser.contestants import OURS, PEERS
from benchmarks.browser.measure import (
    flood,
    long_file,
    long_sound,
    middle,
    open_tabs,
    slider_to_pixels,
    within_the_page,
)
from benchmarks.browser.microphone import microphone
from benchmarks.results import BROWSER, write_part
from tests.browser.lab import browser_window, jupyter_server
from tests.conftest import find_chromium

SHARES = (0.4, 0.3, 0.3)
"""Of each peer's median, the most that ours may take."""

NEXT_FRAME = 20.0
TAB = 150.0
LATE = 150.0
LONG = 120.0
OPENED = 3000.0
ABOVE = 300.0
PICTURES = 15.0
VOICE = 150.0
FILES = (".wav", ".flac")
HEAD = ["| figure | median | quartiles | target | met |", "|---|---:|---:|---|---|"]


def row(title: str, times: Sequence[float], target: str, met: bool | None) -> str:
    """Return a row of the table."""
    ordered = sorted(times)
    quartiles = f"{ordered[len(ordered) // 4]:.0f} to {ordered[3 * len(ordered) // 4]:.0f} ms"
    verdict = "" if met is None else "yes" if met else "no"
    return f"| {title} | {middle(times):.1f} ms | {quartiles} | {target} | {verdict} |"


def table(rounds: int) -> str:
    """Measure, and return the table."""
    with (
        tempfile.TemporaryDirectory() as name,
        jupyter_server(Path(name)) as address,
        browser_window(find_chromium()) as browser,
    ):
        at = (browser, address, Path(name))
        size, times = slider_to_pixels(*at, rounds)
        own = within_the_page(*at, rounds)
        tabs = open_tabs(*at, max(3, rounds // 6))
        floods = flood(*at)
        long = long_sound(*at, rounds)
        hours = {suffix: [long_file(*at, suffix) for _ in range(3)] for suffix in FILES}
        chromium = browser.version
    with tempfile.TemporaryDirectory() as name, jupyter_server(Path(name)) as address:
        rate, delays = microphone(find_chromium(), address, Path(name))
    ours = middle(times[OURS.title])
    about = (
        f"Chromium {chromium}, JupyterLab {version('jupyterlab')}, ipympl {version('ipympl')}, headless; a picture of "
        f"{size[0]} x {size[1]} pixels; {rounds} rounds. Each starts at the event and ends in the animation frame "
        "after the drawing."
    )
    lines = [
        about,
        "",
        *HEAD,
        row("10 s at 16 kHz, 256/128, slider to pixels: specwidget", times[OURS.title], "", None),
    ]
    for peer, share in zip(PEERS, SHARES, strict=True):
        found = ours / middle(times[peer.title])
        target = f"ours at most {share:g} of it; is {found:.2f}"
        lines.append(row(f"the same: {peer.title}", times[peer.title], target, found <= share))
    for kind, each in own.items():
        title = f"in the page, while the kernel sleeps: {kind}"
        lines.append(row(title, each, f"under {NEXT_FRAME:g} ms", middle(each) < NEXT_FRAME))
    for name, each in tabs.items():
        title = f"a tab, from the click until all is shown: {name}"
        lines.append(row(title, each, f"under {TAB:g} ms", middle(each) < TAB))
    late = [each["late"] for each in floods]
    pictures = "/".join(str(each["pictures"]) for each in floods)
    title = f"200 events in a second, the last picture after the last event ({pictures} pictures on the way)"
    lines.append(row(title, late, f"under {LATE:g} ms and a computation", middle(late) < LATE))
    title, (first, exact) = "60 s at 44.1 kHz, 2048/512, slider to pixels", zip(*long, strict=True)
    lines.append(row(title, first, f"under {LONG:g} ms", middle(first) < LONG))
    lines.append(row("the same, to the exact picture where the first was a sketch", exact, "", None))
    title = "the microphone: pictures per second"
    lines.append(f"| {title} | {rate:.1f} |  | {PICTURES:g} or more | {'yes' if rate >= PICTURES else 'no'} |")
    title = "the microphone: from a voice to its pixels"
    lines.append(row(title, delays, f"under {VOICE:g} ms", middle(delays) < VOICE))
    for suffix, runs in hours.items():
        title, (first, exact, above) = f"an hour at 44.1 kHz, {suffix}", zip(*runs, strict=True)
        lines.append(
            row(f"{title}: opened by the menu, first picture", first, f"under {OPENED:g} ms", middle(first) < OPENED)
        )
        lines.append(row(f"{title}: the exact picture", exact, "", None))
        verdict = f"under {ABOVE:g} MiB | {'yes' if max(above) < ABOVE else 'no'}"
        lines.append(f"| {title}: the kernel's memory above the samples | {max(above):.0f} MiB |  | {verdict} |")
    return "\n".join(lines)


def main() -> None:
    """Run, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser", description=__doc__)
    parser.add_argument("--rounds", type=int, default=30, help="turns of each (default 30)")
    parser.add_argument("--write", action="store_true", help="write it into RESULTS.md")
    arguments = parser.parse_args()
    text = table(arguments.rounds)
    print(text)
    if arguments.write:
        write_part(BROWSER, text)


if __name__ == "__main__":
    main()
