"""What we reach for, beside what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from benchmarks import corpus, start, tensors
from benchmarks.cases import CASES, HOUR, MODES
from benchmarks.mel import MEL_CASES

Rows = list[dict]
Tables = dict[str, Rows]
"""The rows of each section by its name."""


@dataclass(frozen=True)
class Target:
    """A figure, how it is read from the tables, where it should lie, and what was measured to be out of reach."""

    title: str
    section: str
    read: Callable[[Rows], float | None]
    bound: float
    unit: str = ""
    at_least: bool = False
    limit: Callable[[Rows], float | None] | None = None

    def row(self, tables: Tables) -> str:
        """Return the figure as a row of a table; a figure that was not measured says so."""
        value = self.read(tables[self.section]) if self.section in tables else None
        sign = "at least" if self.at_least else "at most"
        # Of times: that of a peer in ours, or ours in that of what is named.
        unit = self.unit or ("times ours" if self.at_least else "of it")
        if value is None:
            return f"| {self.title} | not measured | {sign} {self.bound:g} {unit} | | |"
        met = value >= self.bound if self.at_least else value <= self.bound
        limit = self.limit(tables[self.section]) if self.limit is not None else None
        figures = f"{value:.3g} {unit} | {sign} {self.bound:g} {unit} | {'yes' if met else 'no'}"
        return f"| {self.title} | {figures} | {'' if limit is None else f'{limit:.3g} {unit}'} |"


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


def field(name: str, engine: str, case: str, mode: str | None = None) -> Callable[[Rows], float | None]:
    """Read a field of a row."""

    def read(rows: Rows) -> float | None:
        row = _find(rows, engine, case, mode)
        return None if row is None else row[name]

    return read


def worst(
    engine: str, cases: Iterable[str], modes: Iterable[str] = MODES, *, below: str | None = None, least: bool = False
) -> Callable[[Rows], float | None]:
    """Read the largest ratio of an engine over cases and modes, or the least one; none where one is missing.

    The ratio is that of the table; or, with `below`, to the least time of another engine.
    """

    def read(rows: Rows) -> float | None:
        found = []
        for case, mode in product(cases, modes):
            row, other = _find(rows, engine, case, mode), _find(rows, below or engine, case, mode)
            if row is None or other is None or row["ratio"] is None:
                return None
            found.append(row["ratio"] if below is None else row["least"] / other["least"])
        return min(found) if least else max(found)

    return read


def of_corpus(above: str, below: str, suffix: str = "flac") -> Callable[[Rows], float | None]:
    """Read how many times one engine takes another's least time on the corpus of one format."""

    def read(rows: Rows) -> float | None:
        least = {row["engine"]: row["least"] for row in rows if row["case"].endswith(suffix)}
        return least[above] / least[below] if {above, below} <= least.keys() else None

    return read


def first(name: str, engine: str) -> Callable[[Rows], float | None]:
    """Read a field of the first row of an engine."""

    def read(rows: Rows) -> float | None:
        return next((row[name] for row in rows if row["engine"] == engine), None)

    return read


def fixed_cost(rows: Rows) -> float | None:
    """Read the least time of a call that computes next to nothing, microseconds."""
    return next((1e3 * row["least"] for row in rows if row["engine"] == "specwidget"), None)


def _tensor_targets() -> Iterator[Target]:
    """Yield the figures of tensors, as shares of the peer's time, each the worst of its modes."""
    lengths = {"10s": "10 s", "30s": "30 s", "60s": "60 s"}
    groups = {"magnitude and log": ("magnitude", "log"), "psd": ("psd",), "stft": ("stft",)}
    for case, title in lengths.items():
        bounds = {"magnitude and log": 0.8, "psd": 1.1, "stft": 1.5 if case == "10s" else 1.0}
        for group, modes in groups.items():
            yield Target(
                f"{title}, PyTorch, {group}: of torch.stft",
                "tensors",
                worst(tensors.OURS_FORWARD, [case], modes),
                bounds[group],
                limit=worst(tensors.LIMIT, [case], modes),
            )
    for case, title in lengths.items():
        figures = {
            "PyTorch, with the gradient: of torch.stft": (tensors.OURS_BACKWARD, 1.25 if case == "10s" else 1.0),
            "to_torch, frozen: of torch.stft": (tensors.MODULE, 1.2),
        }
        for figure, (engine, bound) in figures.items():
            yield Target(f"{title}, {figure}", "tensors", worst(engine, [case]), bound)
    for case, title in lengths.items():
        eager, gradient = (worst(engine, [case], below=tensors.JIT) for engine in (tensors.EAGER, tensors.JAX_GRADIENT))
        yield Target(f"{title}, JAX: of its jit", "jax", eager, 2 if case == "10s" else 1.5)
        yield Target(f"{title}, JAX, jit: of jax.scipy.signal.stft", "jax", worst(tensors.JIT, [case]), 1)
        yield Target(f"{title}, JAX, gradient: of the forward", "jax", gradient, 3.5)
    yield Target("60 s, JAX, jit: temporary memory", "jax", field("temporary", tensors.JIT, "60s"), 64, "MiB")


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
    *_tensor_targets(),
    Target("10 s, magnitude: ours", "compare", field("least", "specwidget", "10s", "magnitude"), 0.5, "ms"),
    Target(
        "every case and mode: scipy.signal.spectrogram",
        "compare",
        worst("scipy.signal.spectrogram", CASES, least=True),
        1,
        at_least=True,
    ),
    Target("every case and mode: librosa.stft", "compare", worst("librosa.stft", CASES, least=True), 1, at_least=True),
    Target(
        "the first cell: explore()",
        "start",
        first("least", start.EXPLORER),
        400,
        "ms",
        limit=first("least", start.LIMIT),
    ),
    Target("the first cell: memory of the process", "start", first("resident", start.EXPLORER), 100, "MiB"),
    Target("10 s, magnitude: librosa.stft", "compare", ratio("librosa.stft", "10s", "magnitude"), 1.7, at_least=True),
    Target("10 s, magnitude: torch.stft", "compare", ratio("torch.stft", "10s", "magnitude"), 1, at_least=True),
    Target("the fixed cost of a call", "fixed", fixed_cost, 80, "µs"),
    Target("1 hour: memory above the result", "hour", field("memory", "an hour", "hour"), 64, "MiB"),
    Target("1 hour, PyTorch: memory above the result", "hour", field("tensor_memory", "an hour", "hour"), 64, "MiB"),
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
    lines = ["| figure | measured | target | met | limit |", "|---|---:|---:|---|---:|"]
    for target in TARGETS:
        row = target.row(tables)
        lines.append(row if target.section in tables else kept.get(target.title, row))
    return "\n".join(lines)
