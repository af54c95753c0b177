"""As in a browser's Python: no thread and no process starts, and librosa and JupyterLab are missing."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

BROWSER = """
import subprocess, sys, threading

def refuse(*_arguments, **_options):
    raise RuntimeError("can't start new thread")

def refuse_process(*_arguments, **_options):
    raise OSError("emscripten does not support processes.")

threading.Thread.start = refuse
subprocess.Popen.__init__ = refuse_process
sys.modules |= dict.fromkeys(["librosa", "jupyterlab", "numba"])

import numpy as np
import specwidget

noise = np.random.default_rng(0).standard_normal((1, 400_000, 1)).astype("float32")
"""

LAYER = """
layer = specwidget.STFTSpectrogram("stft", 1024, 256)
output = layer(noise)
print(output.shape, float(abs(layer.inverse(output, length=400_000).signal - noise)[0, 1024:-1024].max()) < 1e-4)
print(layer.vjp(noise, output).inputs.shape)
print(specwidget.MelSpectrogram()(noise[0, :, 0]).shape)
print([report.verdict for report in specwidget.crosscheck(layer, noise[:, :9000], ["librosa", "scipy-stft"]).values()])
print(specwidget.codegen.to_code(layer, noise.shape, "scipy").count("import"))
"""

EXPLORER = """
explorer = specwidget.explore(noise[0, :, 0], 16_000)
state = explorer.state
state.frame_length = 512
print(state.picture.settings.frame_length, state.picture.is_exact)
state.set_b()
for name in explorer.workbench.pages:
    explorer.workbench.open_tab = name
    explorer.set(mode="psd", frame_length=400)
panels = explorer.panels
print(bool(panels["window"]._messages), bool(panels["kernels"]._messages), "pair" in panels["compare"]._messages)
print(sorted(set(state.crosscheck.failures.values())))
explorer.save_html("page.html")
explorer.save_figure("figure.png")
print(explorer.snapshot())
explorer.close()
"""

COURSE = """
from specwidget.teach import ask, check, exercises, figures
for name in figures.FIGURES:
    getattr(figures, name)().close()
for name in exercises.EXERCISES:
    ask(name).close()
print(len(figures.FIGURES) > 15, len(exercises.EXERCISES) > 10)
"""


NO_PROCESS = (
    "The cross-check process could not be started: emscripten does not support processes. "
    "specwidget.crosscheck compares without one."
)


def run(code, folder):
    done = subprocess.run(
        [sys.executable, "-c", BROWSER + code], capture_output=True, text=True, cwd=folder, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout.splitlines()


def test_layers_compute(tmp_path):
    assert run(LAYER, tmp_path) == [
        "(1, 1559, 1026) True",
        "(1, 400000, 1)",
        "(128, 782)",
        "['not installed', 'agrees']",
        "2",
    ]


def test_the_explorer_follows_in_place(tmp_path):
    *told, caption = run(EXPLORER, tmp_path)
    assert told == [
        "512 True",
        "True True True",
        f"[{NO_PROCESS!r}]",
    ]
    assert caption.startswith("array: Mode psd, frame length 400 (25 ms)")
    assert (tmp_path / "page.html").stat().st_size > 100_000
    assert (tmp_path / "figure.png").stat().st_size > 10_000


def test_figures_and_exercises_of_the_course_open(tmp_path):
    assert run(COURSE, tmp_path) == ["True True"]
