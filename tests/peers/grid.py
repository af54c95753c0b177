"""Hundreds of settings drawn at random, each compared with every peer.

``python -m tests.peers.grid`` prints, for each peer, how many settings were compared, how the verdicts fell, and the
worst errors. The settings are drawn by Python's own generator, whose sequence is the same in every version.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import numpy as np

from specwidget.peers import PEERS, PeerReport, crosscheck
from specwidget.peers.report import NOT_COMPARED
from specwidget.stft.settings import DTYPES, MODES, PADDINGS, SCALINGS
from specwidget.stft.windows import NAMED_WINDOWS, PARAMETRIC_WINDOWS
from tests.layers import make_layer

N_SETTINGS = 640
"""So many that of each peer at least 500 can be compared: nnAudio takes no window by its values."""

LENGTHS = (1, 2, 3, 5, 8, 16, 25, 31, 63, 64, 100, 127, 200, 256, 333, 400)


def draw_window(draw: random.Random, frame_length: int) -> object:
    """Draw a window that is not zero everywhere."""
    kind = draw.choice(("name", "name", "name", "tuple", "values", None))
    if kind is None or frame_length < 4:
        return None
    if kind == "values":
        return [draw.uniform(-0.3, 1) for _ in range(frame_length)]
    if kind == "tuple":
        # Two families ask for more of the frame's length than it is here.
        family = draw.choice([name for name in PARAMETRIC_WINDOWS if name not in ("kaiser_bessel_derived", "dpss")])
        return (family, *(parameter.default for parameter in PARAMETRIC_WINDOWS[family]))
    return draw.choice(NAMED_WINDOWS)


def draw_settings(draw: random.Random) -> dict[str, object]:
    """Draw every argument of the layer that changes a value."""
    frame_length = draw.choice(LENGTHS)
    mode = draw.choice(MODES)
    return {
        "mode": mode,
        "frame_length": frame_length,
        "frame_step": draw.choice((None, 1, frame_length, draw.randint(1, frame_length))),
        "fft_length": draw.choice((None, frame_length, draw.randint(frame_length, 2 * frame_length + 3))),
        "window": draw_window(draw, frame_length),
        "periodic": draw.random() < 0.5,
        "scaling": draw.choice(SCALINGS),
        "padding": draw.choice(PADDINGS),
        "expand_dims": draw.random() < 0.5,
        "data_format": draw.choice(("channels_last", "channels_first")),
        "dtype": draw.choice((*DTYPES, "float32")),
        "epsilon": draw.choice((1e-7, 1e-7, 1e-7, 1e-3)),
    }


def draw_signal(draw: random.Random, settings: dict[str, object], seed: int) -> np.ndarray:
    """Draw a signal: noise, a tone or clicks in silence, loud or soft, of a few channels."""
    frame_length = int(settings["frame_length"])
    least = frame_length if settings["padding"] == "valid" else 1
    shape = draw.choice((1, 2)), draw.randint(least, least + 250), draw.choice((1, 2, 3))
    rng = np.random.default_rng(seed)
    signal = {
        "noise": lambda: rng.standard_normal(shape),
        "tone": lambda: np.sin(rng.uniform(0, 3, shape[::2])[:, None] * np.arange(shape[1])[:, None]),
        "clicks": lambda: rng.uniform(-1, 1, shape) * (rng.random(shape) < 0.01),
    }[draw.choice(("noise", "noise", "tone", "clicks"))]()
    signal = (draw.choice((1e-4, 1.0, 1.0, 30.0)) * signal).astype("float32")
    return signal if settings["data_format"] == "channels_last" else signal.swapaxes(1, 2)


@dataclass
class Findings:
    """What the grid found for one peer."""

    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    shares: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    errors: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    wrong: list[tuple[int, str]] = field(default_factory=list)

    @property
    def n_compared(self) -> int:
        """Settings for which there were numbers to compare."""
        return sum(self.verdicts.values()) - sum(self.verdicts[verdict] for verdict in NOT_COMPARED)

    def add(self, number: int, report: PeerReport) -> None:
        """Take a report into account."""
        self.verdicts[report.verdict] += 1
        if not report.is_compared:
            self.reasons[report.reason] += 1
            return
        if report.verdict == "differs by convention":
            self.reasons[", ".join(each.name for each in report.differences)] += 1
        if report.verdict == "disagrees":
            self.wrong.append((number, report.sentence))
        self.shares[report.verdict] = max(self.shares[report.verdict], report.share_of_tolerance)
        self.errors[report.verdict] = max(self.errors[report.verdict], report.max_rel_error)


def run(names: tuple[str, ...], n_settings: int = N_SETTINGS, seed: int = 5) -> dict[str, Findings]:
    """Compare every drawn setting with the peers named."""
    draw = random.Random(seed)
    found = {name: Findings() for name in names}
    for number in range(n_settings):
        settings = draw_settings(draw)
        layer = make_layer(**settings)
        signal = draw_signal(draw, settings, number)
        for name, report in crosscheck(layer, signal, names, output=layer(signal)).items():
            found[name].add(number, report)
    return found


def main() -> None:
    """Print what the grid finds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"among {', '.join(PEERS)}; all by default")
    parser.add_argument("-n", type=int, default=N_SETTINGS, help="settings to draw (default %(default)s)")
    parser.add_argument("--seed", type=int, default=5, help="seed of the draw (default %(default)s)")
    arguments = parser.parse_args()
    for name, findings in run(tuple(arguments.peers) or tuple(PEERS), arguments.n, arguments.seed).items():
        print(f"{name}: {findings.n_compared} of {arguments.n} settings compared")
        for verdict, count in findings.verdicts.most_common():
            worst = ""
            if verdict in findings.shares:
                share, error = findings.shares[verdict], findings.errors[verdict]
                worst = f"; worst {share:.3g} of the tolerance, {error:.2g} of the peer's largest value"
            print(f"  {verdict}: {count}{worst}")
        for reason, count in findings.reasons.most_common():
            print(f"    {count} x {reason}")
        for number, sentence in findings.wrong:
            print(f"    setting {number}: {sentence}")


if __name__ == "__main__":
    main()
