"""Run every benchmark and print the table; `--write` puts it into benchmarks/RESULTS.md, or RESULTS_GPU.md.

Each section runs in a process of its own with two threads for everyone. A ratio is taken between the least times of
interleaved runs: on a shared machine noise only adds. No ratio is printed where results disagree.

In the first table "times ours" is the time of a peer by ours, "of it" ours by that of what is named. The limit is what
the FFT, and a copy that can't be avoided, take alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

from benchmarks import targets
from benchmarks.cases import CASES, MODES
from benchmarks.results import GPU_RESULTS, RESULTS, read_part, write_head, write_part
from benchmarks.sections import PEER_SETS, SECTIONS
from specwidget.devices import find_gpu
from specwidget.gpu_check import configuration

PACKAGES = (
    *("specwidget", "numpy", "scipy", "librosa", "torch", "jax", "keras", "nnAudio", "transformers"),
    *("kaldi-native-fbank", "pyfftw", "mkl_fft", "cupy-cuda12x", "cupy-cuda13x"),
)


def run_section(*arguments: str, plain_blas: bool = True) -> list[dict]:
    """Run one section in a fresh process and return its rows."""
    n_threads = "1" if os.environ.get("BENCHMARK_ONE_CPU") == "1" else "2"
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), n_threads)
    environment = os.environ | {"KERAS_BACKEND": "torch"} | threads
    if plain_blas:
        # What forces a kernel upon OpenBLAS slows NumPy's matrix product, and nobody else's.
        for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
            environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.sections", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"benchmarks: section {' '.join(arguments)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def table(rows: list[dict]) -> str:
    """Return rows as a Markdown table."""
    lines = ["| case | engine | least ms | median ms | ratio | worst error |", "|---|---|---:|---:|---:|---:|"]
    for row in rows:
        title = f"{row['case']}, {row['mode']}" if "mode" in row else row["case"]
        ratio = f"{row['ratio']:.2f}" if row["ratio"] is not None else "disagrees"
        error = f"{row['error']:.1e}" if "error" in row else ""
        lines.append(f"| {title} | {row['engine']} | {row['least']:.2f} | {row['median']:.2f} | {ratio} | {error} |")
        if "memory" in row:
            lines.append(
                f"| | peak memory above the result {row['memory']:.0f} MiB; "
                f"{row['slower']:.2f} times the cost of sixty minutes | | | | |"
            )
    return "\n".join(lines)


def about(*, gpu: bool = False) -> str:
    """Return machine and versions; with `gpu` also driver and devices."""
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    if gpu:
        found += [f"{name} {result}" for name, result, _ in configuration() if name.startswith(("CUDA", "device"))]
    return f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}; {', '.join(found)}."


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--repeats", type=int, default=30, help="runs of each engine (default 30)")
    parser.add_argument("--only", choices=[*SECTIONS, "compare"], help="one section")
    parser.add_argument("--gpu", action="store_true", help="on a CUDA device instead; needs CuPy; see GPU.md")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}, or {GPU_RESULTS.name}")
    parser.add_argument("--one-cpu", action="store_true", help="CPU time on one CPU, for a machine that others use")
    arguments = parser.parse_args()
    if arguments.gpu and arguments.only:
        parser.error("--gpu has no sections; leave --only out")
    if arguments.one_cpu:
        os.environ["BENCHMARK_ONE_CPU"] = "1"
    if arguments.gpu and not (status := find_gpu()).available:
        raise SystemExit(f"benchmarks: no CUDA device can be used: {status.reason}")
    repeats = str(arguments.repeats)
    how = GPU_HOW if arguments.gpu else __doc__.split("\n", 2)[2].strip()
    head = f"# Results\n\n{about(gpu=arguments.gpu)}\n\n{how}"
    print(head, flush=True)
    parts: dict[str, str] = {}
    tables: targets.Tables = {}
    for name in ["gpu"] if arguments.gpu else [*SECTIONS, "compare"]:
        if name == "gpu" or arguments.only in (None, name):
            tables[name] = compare(repeats) if name == "compare" else run_section(name, repeats)
            parts[TITLES[name]] = table(tables[name])
            print(f"\n## {TITLES[name]}\n\n{parts[TITLES[name]]}", flush=True)
    if not arguments.gpu:
        parts = {REACH: targets.table(tables, read_part(REACH))} | parts
        print(f"\n## {REACH}\n\n{parts[REACH]}")
    if arguments.write:
        path = GPU_RESULTS if arguments.gpu else RESULTS
        write_head(head, path)
        for title, text in parts.items():
            write_part(title, text, path)


def compare(repeats: str) -> list[dict]:
    """Measure ours against each set of peers, on each case and mode."""
    rows = []
    for peers in PEER_SETS:
        for case in CASES:
            for mode in MODES:
                rows += run_section("compare", repeats, case, mode, ",".join(peers))
    return rows


GPU_HOW = (
    "[GPU.md](GPU.md) says what was measured, and how. A ratio is taken between the least times of interleaved runs. "
    "No ratio is printed where results disagree."
)
REACH = "What we reach for"
TITLES = {
    "floor": "Threads, and the floor that the FFTs alone set",
    "kernels": "Trained kernels, and the gradient",
    "fft": "Other FFTs, set as the backend of scipy.fft",
    "fixed": "The cost of a call",
    "hour": "An hour",
    "tensors": "PyTorch tensors",
    "jax": "JAX arrays",
    "start": "The first cell of a notebook",
    "mel": "Mel spectrograms",
    "corpus": "A corpus",
    "compare": "Against the peers",
    "gpu": "On a CUDA device",
}

if __name__ == "__main__":
    main()
