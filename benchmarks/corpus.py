"""A corpus of short recordings: survey and write, beside librosa with joblib and beside bare reading of the files."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import summarise

N_FILES, SECONDS, RATE = 2000, 10, 16_000
TITLE = f"{N_FILES} files of {SECONDS} s at 16 kHz"
LENGTHS = {"n_fft": 512, "hop_length": 160, "win_length": 400}
N_BANDS = 80
N_WORKERS = 2


def make_corpus(folder: Path, suffix: str, n_files: int = N_FILES) -> list[str]:
    """Write recordings of harmonics with a varying envelope in noise, each of another pitch and level."""
    import soundfile

    rng = np.random.default_rng(0)
    time_axis = np.arange(SECONDS * RATE) / RATE
    tones = [
        sum(np.sin(2 * np.pi * pitch * k * time_axis) / k for k in range(1, 6)) for pitch in np.linspace(80, 300, 20)
    ]
    envelopes = [0.5 + 0.5 * np.sin(2 * np.pi * rate * time_axis) for rate in np.linspace(0.5, 4, 10)]
    noise = rng.standard_normal(2 * len(time_axis))
    folder.mkdir()
    paths = []
    for i in range(n_files):
        begin = int(rng.integers(len(time_axis)))
        samples = rng.uniform(0.02, 0.2) * tones[i % 20] * envelopes[i // 20 % 10]
        samples = samples + 10 ** rng.uniform(-4, -2) * noise[begin : begin + len(time_axis)]
        paths.append(str(folder / f"{i:05d}.{suffix}"))
        soundfile.write(paths[-1], samples.astype(np.float32), RATE, subtype="PCM_16")
    return paths


def read_only(paths: list[str]) -> None:
    """Read files by soundfile, as float32, and do nothing with them."""
    import soundfile

    for path in paths:
        soundfile.read(path, dtype="float32")


def survey_by_librosa(paths: list[str]) -> Any:
    """Return number, sum and sum of squares of each band, and the peaks, as a plain loop in librosa has them."""
    count, total, squares, peaks = 0, 0.0, 0.0, []
    for path in paths:
        samples, levels = _levels_by_librosa(path)
        count, total, squares = count + levels.shape[1], total + levels.sum(axis=1), squares + (levels**2).sum(axis=1)
        peaks.append(np.abs(samples).max())
    return count, total, squares, peaks


def write_by_librosa(paths: list[str], folder: str) -> None:
    """Write a file of features for each recording, as a plain loop in librosa does."""
    for path in paths:
        np.save(f"{folder}/{Path(path).stem}.npy", _levels_by_librosa(path)[1].T)


def _levels_by_librosa(path: str) -> tuple[np.ndarray, np.ndarray]:
    import librosa

    samples, rate = librosa.load(path, sr=None)
    power = librosa.feature.melspectrogram(y=samples, sr=rate, n_mels=N_BANDS, **LENGTHS)
    return samples, librosa.power_to_db(power, top_db=None)


def make_layer() -> Any:
    """Return our layer with librosa's conventions."""
    import specwidget

    return specwidget.MelSpectrogram(
        512,
        160,
        400,
        num_mel_bins=N_BANDS,
        min_freq=0.0,
        top_db=None,
        conventions=specwidget.MelConventions(ends="zeros", mel_scale="slaney", triangles="hertz", norm="slaney"),
    )


def measure_corpus(repeats: int) -> list[dict[str, Any]]:
    """Measure in turns, on workers that have started and with files in the page cache."""
    rows = []
    for suffix in ("flac", "wav"):
        with tempfile.TemporaryDirectory() as name:
            rows += _measure(Path(name), suffix, max(2, repeats // 10))
    return rows


def _measure(folder: Path, suffix: str, repeats: int) -> list[dict[str, Any]]:
    import joblib
    from distributed import Client, LocalCluster

    from specwidget import corpus

    paths, layer = make_corpus(folder / "sounds", suffix), make_layer()
    halves = [paths[i::N_WORKERS] for i in range(N_WORKERS)]
    batches = [paths[i : i + 64] for i in range(0, len(paths), 64)]
    target = folder / "npy"
    target.mkdir()
    clusters = {
        n: LocalCluster(n_workers=n, threads_per_worker=1, dashboard_address="127.0.0.1:0") for n in (1, N_WORKERS)
    }
    clients = {n: Client(cluster) for n, cluster in clusters.items()}
    pool = ProcessPoolExecutor(N_WORKERS, mp_context=get_context("spawn"))

    def write(n_workers: int) -> None:
        corpus.write(paths, layer, folder / "features.zarr", client=clients[n_workers], progress=False)

    def in_parallel(function: Callable[..., Any], *arguments: str) -> None:
        joblib.Parallel(N_WORKERS)(joblib.delayed(function)(batch, *arguments) for batch in batches)

    survey = partial(corpus.survey, paths, progress=False)
    calls: dict[str, Callable[[], Any]] = {
        READING: lambda: list(pool.map(read_only, halves)),
        SURVEY: lambda: survey(client=clients[N_WORKERS]),
        SURVEY_LAYER: lambda: survey(layer, client=clients[N_WORKERS]),
        SURVEY_LIBROSA: lambda: in_parallel(survey_by_librosa),
        WRITE: lambda: write(N_WORKERS),
        WRITE_ONE: lambda: write(1),
        WRITE_LIBROSA: lambda: in_parallel(write_by_librosa, str(target)),
    }
    try:
        times = _interleave(calls, repeats, lambda: shutil.rmtree(folder / "features.zarr", ignore_errors=True))
    finally:
        pool.shutdown()
        for each in (*clients.values(), *clusters.values()):
            each.close()
    floor = min(times[READING])
    return [
        {"case": f"{TITLE}, {suffix}", "engine": name, **summarise(seconds), "ratio": min(seconds) / floor}
        for name, seconds in times.items()
    ]


def _interleave(calls: dict[str, Callable[[], Any]], repeats: int, clean: Callable[[], None]) -> dict[str, list[float]]:
    """Run calls in turns, after one that is not timed, which starts processes and fills caches."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(repeats + 1):
        for name, call in calls.items():
            clean()
            started = time.perf_counter()
            call()
            if turn:
                seconds[name].append(time.perf_counter() - started)
    return seconds


READING = "soundfile alone, 2 processes"
SURVEY = "specwidget survey, 2 workers"
SURVEY_LAYER = "specwidget survey with a mel spectrogram, 2 workers"
SURVEY_LIBROSA = "librosa with joblib: mean and variance of bands, 2 processes"
WRITE = "specwidget write, 2 workers"
WRITE_ONE = "specwidget write, 1 worker"
WRITE_LIBROSA = "librosa with joblib: a file for each recording, 2 processes"
