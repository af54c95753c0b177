"""What we reach for, beside what was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import corpus
from benchmarks.cases import CASES, HOUR
from benchmarks.mel import MEL_CASES

Rows = list[dict]
Tables = dict[str, Rows]
"""The rows of each section by its name."""


@dataclass(frozen=True)
class Target:
    """A figure, how it is read from the tables, and where it should lie."""

    title: str
    section: str
    read: Callable[[Rows], float | None]
    bound: float
    unit: str = "x"
    at_least: bool = False

    def row(self, tables: Tables) -> str:
        """Return the figure as a row of a table; a figure that was not measured says so."""
        value = self.read(tables[self.section]) if self.section in tables else None
        sign = "at least" if self.at_least else "at most"
        if value is None:
            return f"| {self.title} | not measured | {sign} {self.bound:g} {self.unit} | |"
        met = value >= self.bound if self.at_least else value <= self.bound
        return (
            f"| {self.title} | {value:.3g} {self.unit} | {sign} {self.bound:g} {self.unit} | {'yes' if met else 'no'} |"
        )


def _find(rows: Rows, engine: str, case: str, mode: str | None = None) -> dict | None:
    """Return the row of an engine, a case and a mode."""
    title = HOUR.title if case == "hour" else (CASES | MEL_CASES)[case].title
    for row in rows:
        if row["engine"] == engine and row["case"] == title and mode in (None, row.get("mode")):
            return row
    return None


def ratio(engine: str, case: str, mode: str | None = None) -> Callable[[Rows], float | None]:
    """Read how many times ours an engine takes, by the least times; none where results disagree."""

    def read(rows: Rows) -> float | None:
        row = _find(rows, engine, case, mode)
        return None if row is None else row["ratio"]

    return read


def quotient(above: str, below: str, case: str) -> Callable[[Rows], float | None]:
    """Read how many times one engine takes another's least time."""

    def read(rows: Rows) -> float | None:
        pair = [_find(rows, engine, case) for engine in (above, below)]
        return None if None in pair else pair[0]["least"] / pair[1]["least"]

    return read


def field(name: str, engine: str, case: str, factor: float = 1.0) -> Callable[[Rows], float | None]:
    """Read a field of a row."""

    def read(rows: Rows) -> float | None:
        row = _find(rows, engine, case)
        return None if row is None else factor * row[name]

    return read


def of_corpus(above: str, below: str, suffix: str = "flac") -> Callable[[Rows], float | None]:
    """Read how many times one engine takes another's least time on the corpus of one format."""

    def read(rows: Rows) -> float | None:
        least = {row["engine"]: row["least"] for row in rows if row["case"].endswith(suffix)}
        return least[above] / least[below] if {above, below} <= least.keys() else None

    return read


def fixed_cost(rows: Rows) -> float | None:
    """Read the least time of a call that computes next to nothing, microseconds."""
    return next((1e3 * row["least"] for row in rows if row["engine"] == "specwidget"), None)


OURS, TRAINED, PRODUCT = "specwidget, magnitude", "specwidget, trained kernels", "one plain matrix product"
KERAS = "Keras's layer on PyTorch"
TARGETS = (
    Target("60 s, magnitude: librosa.stft", "compare", ratio("librosa.stft", "60s", "magnitude"), 2.7, at_least=True),
    Target("60 s, magnitude: torch.stft", "compare", ratio("torch.stft", "60s", "magnitude"), 5, at_least=True),
    Target("60 s, magnitude: Keras", "compare", ratio(KERAS, "60s", "magnitude"), 10, at_least=True),
    Target("60 s, magnitude: nnAudio", "compare", ratio("nnAudio STFT", "60s", "magnitude"), 20, at_least=True),
    Target("60 s, log: librosa.stft", "compare", ratio("librosa.stft", "60s", "log"), 2.5, at_least=True),
    Target(
        "60 s, magnitude, one thread: librosa.stft",
        "floor",
        quotient("librosa, magnitude", "specwidget on one thread, magnitude", "60s"),
        1.4,
        at_least=True,
    ),
    Target("60 s, magnitude: of the FFTs alone", "floor", quotient(OURS, "the FFTs alone, on two threads", "60s"), 1.5),
    Target("10 s, magnitude: librosa.stft", "compare", ratio("librosa.stft", "10s", "magnitude"), 1.7, at_least=True),
    Target("10 s, magnitude: torch.stft", "compare", ratio("torch.stft", "10s", "magnitude"), 1, at_least=True),
    Target("the fixed cost of a call", "fixed", fixed_cost, 80, "µs"),
    Target("1 hour: memory above the result", "hour", field("memory", "an hour", "hour"), 64, "MiB"),
    Target("1 hour: of sixty times the 60 s case", "hour", field("slower", "an hour", "hour"), 1.15),
    Target("60 s, trained: of one matrix product", "kernels", quotient(TRAINED, PRODUCT, "60s"), 1.15),
    Target("30 s, trained: of one matrix product", "kernels", quotient(TRAINED, PRODUCT, "30s"), 1.22),
    Target("10 s, trained: of one matrix product", "kernels", quotient(TRAINED, PRODUCT, "10s"), 1.9),
    Target("60 s, trained: Keras's layer", "kernels", ratio(KERAS, "60s"), 1, at_least=True),
    Target("60 s, trained: torch conv1d", "kernels", ratio("torch conv1d", "60s"), 1, at_least=True),
    Target("10 s, mel: librosa", "mel", ratio("librosa melspectrogram", "mel 10s"), 2, at_least=True),
    Target("60 s, mel: librosa", "mel", ratio("librosa melspectrogram", "mel 60s"), 2, at_least=True),
    Target("10 s, mel: transformers", "mel", ratio("transformers spectrogram", "mel 10s"), 3, at_least=True),
    Target("60 s, mel: transformers", "mel", ratio("transformers spectrogram", "mel 60s"), 3, at_least=True),
    Target("10 s, mel: kaldi-native-fbank", "mel", ratio("kaldi-native-fbank", "mel 10s"), 1, at_least=True),
    Target("60 s, mel: kaldi-native-fbank", "mel", ratio("kaldi-native-fbank", "mel 60s"), 1, at_least=True),
    Target("10 s, mel: nnAudio", "mel", ratio("nnAudio MelSpectrogram", "mel 10s"), 1, at_least=True),
    Target("60 s, mel: nnAudio", "mel", ratio("nnAudio MelSpectrogram", "mel 60s"), 1, at_least=True),
    Target("corpus, survey: of bare reading", "corpus", of_corpus(corpus.SURVEY, corpus.READING), 1.3),
    Target(
        "corpus, write: librosa with joblib",
        "corpus",
        of_corpus(corpus.WRITE_LIBROSA, corpus.WRITE),
        3,
        at_least=True,
    ),
    Target("corpus, write: 1 worker", "corpus", of_corpus(corpus.WRITE_ONE, corpus.WRITE), 1.7, at_least=True),
    Target("60 s, the gradient: of the forward", "kernels", ratio("specwidget, vjp", "60s"), 3.5),
    Target("30 s, the gradient: of the forward", "kernels", ratio("specwidget, vjp", "30s"), 3.5),
    Target("10 s, the gradient: of the forward", "kernels", ratio("specwidget, vjp", "10s"), 3.5),
)


def table(tables: Tables, before: str = "") -> str:
    """Return every figure beside its target, as a Markdown table.

    A figure whose section was not measured keeps its row in `before`, the table of an earlier run.
    """
    kept = {line.split(" | ")[0].removeprefix("| "): line for line in before.splitlines()}
    lines = ["| figure | measured | target | met |", "|---|---:|---:|---|"]
    for target in TARGETS:
        row = target.row(tables)
        lines.append(row if target.section in tables else kept.get(target.title, row))
    return "\n".join(lines)
