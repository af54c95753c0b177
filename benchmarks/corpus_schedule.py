"""Simulate `specwidget.corpus.write` on clusters that are not here: `python -m benchmarks.corpus_schedule`.

Files of lengths as those of spoken sentences are divided into batches by the rule of the package. Workers take a batch
each, in turn; a scheduler hands them out one after another; all read and write through one network store of bounded
bandwidth, with a latency for every file. It prints how many times faster than one worker the run is, and what bounds
it.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from specwidget.corpus import listing
from specwidget.corpus.listing import ListedFile, make_batches

N_FILES = 100_000
MEAN_LOG, DEVIATION_LOG, LONGEST = np.log(10.0), 0.55, 35.0
"""Durations: log-normal about 10 s, at most 35 s, as sentences that are read aloud."""

BYTES_PER_SECOND = 16_000
"""FLAC of 16 kHz, 16 bits, at half its size."""

FEATURE_BYTES_PER_SECOND = 100 * 80 * 4
"""80 bands of float32, 100 times a second."""

COMPUTE_PER_SECOND = 0.0008
"""CPU seconds for a second of sound: decoding, transform and writing, as of `python -m benchmarks --only corpus`."""

LATENCY = 0.010
"""Seconds until a network store answers, for each file that is opened, and twice for a part."""

BANDWIDTH = 1.25e9
"""Bytes per second of the store, for all workers together: 10 Gbit/s."""

SCHEDULING = 0.0002
"""Seconds of the scheduler for a task: Dask's documentation says 200 µs."""

PLANNING = 0.010 / listing.LOOKUP_THREADS
"""Seconds of the one process that plans, for each file that it looks up over the network, many at a time."""


@dataclass(frozen=True)
class Run:
    """What a simulated run took, seconds."""

    n_batches: int
    duration: float
    of_store: float
    of_scheduler: float


def simulate(files: list[ListedFile], durations: dict[str, float], n_workers: int) -> Run:
    """Simulate a run of workers on batches."""
    batches = make_batches(files)
    free = [0.0] * n_workers
    handed = 0.0
    total_bytes = 0.0
    for batch in batches:
        seconds = sum(durations[file.path] for file in batch)
        n_bytes = seconds * (BYTES_PER_SECOND + FEATURE_BYTES_PER_SECOND)
        total_bytes += n_bytes
        # A worker alone gets a tenth of the store's bandwidth at most.
        transfer = n_bytes / min(BANDWIDTH / 10, BANDWIDTH / min(n_workers, len(batches)))
        handed += SCHEDULING
        begin = max(heapq.heappop(free), handed)
        heapq.heappush(free, begin + seconds * COMPUTE_PER_SECOND + LATENCY * (len(batch) + 2) + transfer)
    of_store = total_bytes / BANDWIDTH
    return Run(len(batches), max(max(free), of_store), of_store, handed)


def make_files() -> tuple[list[ListedFile], dict[str, float]]:
    """Return files and their durations."""
    rng = np.random.default_rng(0)
    seconds = np.minimum(np.exp(rng.normal(MEAN_LOG, DEVIATION_LOG, N_FILES)), LONGEST)
    files = [ListedFile(str(i), int(each * BYTES_PER_SECOND), 0) for i, each in enumerate(seconds)]
    return files, {file.path: float(each) for file, each in zip(files, seconds, strict=True)}


def main() -> None:
    """Print the table for several sizes of a batch."""
    files, durations = make_files()
    hours = sum(durations.values()) / 3600
    about = f"{N_FILES} files, {hours:.0f} hours; looking them up at the start takes {N_FILES * PLANNING:.0f} s."
    print(f"{about}\n")
    print("| files in a batch | batches | workers | s | times 1 worker | s of the store alone | s of the scheduler |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for batch_files in (1, 16, 64, 256, 1024):
        listing.BATCH_FILES = batch_files
        one = simulate(files, durations, 1)
        for n_workers in (1, 64, 1024):
            run = simulate(files, durations, n_workers)
            cells = (batch_files, run.n_batches, n_workers, f"{run.duration:.1f}", f"{one.duration / run.duration:.0f}")
            print("|", " | ".join(map(str, cells)), f"| {run.of_store:.1f} | {run.of_scheduler:.1f} |")


if __name__ == "__main__":
    main()
