"""What `import specwidget` loads, and how long that takes, each in a fresh interpreter; every public name is there."""

import importlib
import pkgutil
import subprocess
import sys
from functools import cache

import pytest

HEAVY = {
    "IPython",
    "anywidget",
    "cupy",
    "dask",
    "distributed",
    "filelock",
    "ipywidgets",
    "jax",
    "jupyter_server",
    "keras",
    "librosa",
    "matplotlib",
    "onnx",
    "onnxruntime",
    "pyarrow",
    "soundfile",
    "torch",
    "traitlets",
    "zarr",
}

ENGINE = "import specwidget; specwidget.STFTSpectrogram, specwidget.STFTSettings, specwidget.Spectrogram"
BASELINE = "import numpy, scipy.fft, array_api_compat"


def run(code):
    """Run code in a fresh interpreter that knows this one's packages; return what it prints, word by word."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=600)
    return done.stdout.split()


@cache
def loaded_by(code):
    return frozenset(run(f"{code}\nimport sys; print(*sys.modules)"))


def test_the_package_itself_loads_nothing_but_itself():
    plain = loaded_by("import importlib, typing")
    added = {
        name for name in loaded_by("import specwidget") - plain if name.split(".")[0] not in sys.stdlib_module_names
    }
    assert added == {"specwidget"}


def test_the_engine_loads_no_page_no_plot_no_peer_and_no_gpu():
    modules = loaded_by(ENGINE)
    assert {"numpy", "specwidget.layer"} <= modules
    assert not HEAVY & {name.split(".")[0] for name in modules}
    assert "scipy.signal" not in modules


@pytest.mark.slow
@pytest.mark.parametrize(
    "start", ["specwidget.STFTSpectrogram()(sound[None, :, None])", "specwidget.explore(sound).state.snapshot()"]
)
def test_nobody_waits_for_scipy_signal_who_takes_the_usual_window(start):
    modules = loaded_by(f"import numpy, specwidget; sound = numpy.ones(1000, 'float32'); shown = {start}")
    assert "specwidget.stft.windows" in modules
    assert "scipy.signal" not in modules


def test_the_exports_and_the_layer_by_rs_name_load_no_framework():
    modules = loaded_by(
        "import specwidget; specwidget.layer_stft_spectrogram, *map(dir, [specwidget.codegen, specwidget.export])\n"
        "from specwidget.export import *"
    )
    expected = {"codegen.keras", "compose", "export.keras", "export.onnx"}
    assert {f"specwidget.{name}" for name in expected} <= modules
    assert not HEAVY & {name.split(".")[0] for name in modules}


def test_corpora_load_neither_dask_nor_zarr_before_they_are_used():
    modules = loaded_by("import specwidget; specwidget.corpus.survey, specwidget.corpus.write, specwidget.corpus.load")
    assert "specwidget.corpus.writing" in modules
    assert not {"dask", "distributed", "filelock", "matplotlib", "pyarrow", "zarr"} & modules


@pytest.mark.slow
def test_importing_the_engine_takes_little_more_than_numpy_and_scipy_fft():
    timed = "import time; start = time.process_time()\n{}\nprint(time.process_time() - start)"
    # The least of each, turn about: what else the machine does only adds, and after some rounds to both alike.
    least = {BASELINE: float("inf"), ENGINE: float("inf")}
    for turn in range(10):
        for code in least:
            least[code] = min(least[code], float(*run(timed.format(code))))
        if turn >= 2 and least[ENGINE] < 1.5 * least[BASELINE]:
            break
    assert least[ENGINE] < 1.5 * least[BASELINE]


def test_every_public_name_is_listed_and_loads():
    import specwidget

    assert set(specwidget.__all__) <= set(dir(specwidget))
    # All are classes or functions but one, a mapping.
    named = {name for name in specwidget.__all__ if getattr(getattr(specwidget, name), "__name__", None) == name}
    assert named == {*specwidget.__all__} - {"front_ends"}


def modules():
    """Return the names of all modules of the package but those that run when imported, or import a framework."""
    import specwidget

    names = [found.name for found in pkgutil.walk_packages(specwidget.__path__, "specwidget.")]
    return [name for name in names if not name.endswith((".__main__", "torch_module"))]


def test_every_module_has_what_it_exports():
    missing = [
        f"{name}.{public}"
        for name, module in ((name, importlib.import_module(name)) for name in modules())
        for public in getattr(module, "__all__", ())
        if not hasattr(module, public)
    ]
    assert missing == []


@pytest.mark.slow
@pytest.mark.parametrize("command", ["show", "check", "code"])
def test_the_command_line_loads_no_widget_library(command):
    modules = loaded_by(f"from specwidget import cli; cli.build_parser(); cli.{command}.run")
    assert f"specwidget.cli.{command}" in modules
    assert not {"IPython", "anywidget", "ipywidgets", "traitlets"} & {name.split(".")[0] for name in modules}
    assert not any(name.startswith("specwidget.explorer") for name in modules)


@pytest.mark.slow
def test_specwidget_show_loads_no_widget_library(tmp_path):
    path = tmp_path / "noise.wav"
    make = f"import numpy, soundfile; soundfile.write({str(path)!r}, numpy.zeros(4000) + 0.1, 8000)"
    modules = loaded_by(f"{make}; from specwidget.cli import main; main(['show', {str(path)!r}])")
    assert "specwidget.peers.librosa" in modules
    assert not {"IPython", "anywidget", "ipywidgets", "traitlets"} & {name.split(".")[0] for name in modules}


def test_an_unknown_name_is_refused_as_by_any_module():
    import specwidget

    with pytest.raises(AttributeError, match="module 'specwidget' has no attribute 'stft_spectrogram'"):
        specwidget.stft_spectrogram  # noqa: B018


ALONE = """
import sys

others = "IPython anywidget ipywidgets jupyterlab librosa matplotlib numba soundfile soxr tqdm traitlets"
sys.modules |= dict.fromkeys(others.split())

import numpy as np
import specwidget

noise = np.random.default_rng(0).standard_normal((1, 16_000, 1)).astype("float32")
layer = specwidget.STFTSpectrogram("magnitude")
values = layer(noise)
print(values.shape, layer.vjp(noise, values).inputs.shape, len(layer.reconstruct(values).signal))
samples = noise[0, :, 0]
print(specwidget.MelSpectrogram()(samples).shape, specwidget.front_ends["whisper"].features(samples).shape)
print(specwidget.crosscheck(layer, noise, ["scipy-stft"])["scipy-stft"].verdict)
print(layer.spectrogram(noise, 16_000).decibels().shape)
_, history = specwidget.training.fit(
    layer, specwidget.training.mean_squared_error, [(noise, values / 2)], steps=2, progress=False
)
print(history.losses[1] < history.losses[0])
"""


def test_the_layers_need_numpy_scipy_and_array_api_compat_alone():
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "(1, 124, 129) (1, 16000, 1) 1",
        "(128, 32) (80, 3000)",
        "agrees",
        "(124, 129)",
        "True",
    ]
