"""Numbers with the precision of their axis, the same in Python and on the page."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import specwidget
from specwidget.summary.quantities import axis_unit, format_duration, format_frequency, format_hertz, format_time

MODULE = Path(specwidget.__file__).parent / "summary" / "quantities.js"


@pytest.mark.parametrize("sample_rate", [0.1, 1.0, 50.0, 1000.0, 44_100.0, 4e6])
@pytest.mark.parametrize("n_fft", [64, 256, 4096])
def test_two_bins_never_read_the_same(sample_rate, n_fft):
    spacing = sample_rate / n_fft
    texts = [format_frequency(k * spacing, spacing) for k in range(n_fft // 2 + 1)]
    assert len(set(texts)) == len(texts)
    assert not any("e" in text for text in texts)


@pytest.mark.parametrize("step", [1e-5, 1e-3, 0.01, 60.0])
@pytest.mark.parametrize("start", [0.0, 1.0, 200_000.0])
def test_two_frames_never_read_the_same(step, start):
    texts = [format_time(start + t * step, step) for t in range(100)]
    assert len(set(texts)) == len(texts)
    assert not any("e" in text for text in texts)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (59.9949, "59.99 s"),
        (59.996, "1 min 0.0 s"),
        (3599.96, "1 h 0 min 0 s"),
        (86_399.6, "1 d 0 h 0 min"),
        (0.35, "350 ms"),
        (1.57, "1.57 s"),
    ],
)
def test_a_duration_carries_into_the_next_unit(seconds, text):
    assert format_duration(seconds) == text


def test_the_page_writes_the_same():
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is missing")
    rng = np.random.default_rng(0)
    sizes = [float(size) for size in 10 ** rng.uniform(-6, 8, 2000)]
    finer = [float(size * 10 ** rng.uniform(-6, 0)) for size in sizes]
    halves = [0.5, 2.5, 12.5, 0.125, 1050.0, 99.95, 59.995, 3599.95, -0.0004, 0.0]
    cases = {
        "formatFrequency": [[*pair] for pair in zip(sizes, finer, strict=True)] + [[half, 0.0] for half in halves],
        "formatTime": [[*pair] for pair in zip(sizes, finer, strict=True)] + [[half, 0.01] for half in halves],
        "formatHertz": [[size, 5] for size in sizes] + [[size, 10] for size in sizes],
        "formatDuration": [[size] for size in sizes] + [[-size] for size in sizes] + [[half] for half in halves],
        "axisUnit": [[size] for size in sizes],
    }
    script = (
        f"const m = await import({json.dumps(MODULE.as_uri())});"
        "let text = ''; for await (const part of process.stdin) text += part;"
        "const cases = JSON.parse(text);"
        "const run = ([name, all]) => [name, all.map((values) => m[name](...values))];"
        "console.log(JSON.stringify(Object.fromEntries(Object.entries(cases).map(run))));"
    )
    run = subprocess.run(
        [node, "--input-type=module", "-e", script], input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    found = json.loads(run.stdout)
    formats = {
        "formatFrequency": format_frequency,
        "formatTime": format_time,
        "formatHertz": format_hertz,
        "formatDuration": format_duration,
    }
    for name, function in formats.items():
        assert [text.replace("\u2212", "-") for text in found[name]] == [function(*values) for values in cases[name]]
    assert [tuple(pair) for pair in found["axisUnit"]] == [axis_unit(size) for (size,) in cases["axisUnit"]]
