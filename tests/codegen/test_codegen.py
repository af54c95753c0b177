"""Generated code: every snippet runs as it stands and gives the layer's values, or says what it can't."""

import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import scipy.signal

from specwidget import STFTSettings, STFTSpectrogram
from specwidget.codegen import CODE_TARGETS, to_code
from specwidget.stft.settings import MODES
from specwidget.stft.shapes import output_shape
from specwidget.training import save_kernels
from tests.codegen.cases import GRID, PEER_TARGETS, can_compute, code_of, run, run_case, share_of_tolerance
from tests.layers import make_layer
from tests.selection import slow_but

HERE = ("specwidget", "librosa", "scipy", "numpy")
PYTHON = [*(name for name, target in CODE_TARGETS.items() if target.language == "python"), *PEER_TARGETS]
WITHOUT_KERNELS = ("librosa", "scipy", "torch")
QUIET = {"trainable": False}


def test_the_grid_has_500_settings_and_every_choice():
    assert len(set(GRID)) >= 500
    for name in ("mode", "scaling", "padding", "expand_dims", "data_format", "periodic", "trainable", "dtype"):
        assert len({getattr(case.settings, name) for case in GRID}) >= 2
    assert {case.settings.n_fft % 2 for case in GRID} == {0, 1}


@pytest.mark.parametrize("mode", slow_but(MODES, ("psd", "stft").__contains__))
@pytest.mark.parametrize("target", [*HERE, "scipy_spectrogram"])
def test_a_snippet_gives_the_layer_s_values(target, mode):
    for case in GRID:
        if case.settings.mode == mode and can_compute(case, target):
            x, y = run_case(case, target)
            assert y.dtype == case.settings.result_dtype, case
            assert share_of_tolerance(x, y, case.settings) <= 1, case


@pytest.mark.parametrize("target", HERE)
@pytest.mark.parametrize("mode", ["psd", "angle", "stft"])
def test_another_setting_is_not_within_the_tolerance(target, mode):
    settings = STFTSettings(mode, 32, 8, scaling=None, dtype="float64")
    x, y = run(to_code(settings, (1, 200, 1), target))
    assert share_of_tolerance(x, y, settings) <= 1
    for change in ({"periodic": True}, {"window": "hamming"}):
        assert share_of_tolerance(x, y, replace(settings, **change)) > 100


@pytest.mark.parametrize("target", HERE)
def test_the_padding_follows_the_signal_s_length(target):
    settings = STFTSettings("stft", 40, 16, padding="same", dtype="float64")
    code = to_code(settings, (1, 160, 1), target)
    for n_samples in (1, 39, 161, 175):
        x = np.random.default_rng(2).standard_normal((2, n_samples, 1))
        assert share_of_tolerance(*run(code, x=x), settings) <= 1


@pytest.mark.parametrize("target", CODE_TARGETS)
@pytest.mark.parametrize("case", GRID[::50], ids=str)
def test_the_last_line_is_the_output_s_shape(target, case):
    last = to_code(case.settings, case.shape, target).splitlines()[-1]
    shape, axes = re.fullmatch(r"# y: (\(.*\)), float\d\d: (.*)", last).groups()
    assert shape == str(output_shape(case.shape, case.settings))
    assert len(axes.split(", ")) == len(shape.split(", "))


@pytest.mark.parametrize("target", ["specwidget", "numpy"])
@pytest.mark.parametrize("mode", MODES)
def test_the_layer_s_own_kernels_are_read_from_a_file(target, mode, tmp_path, monkeypatch):
    layer = make_layer(mode=mode, frame_length=12, fft_length=13, dtype="float64", padding="same")
    rng = np.random.default_rng(3)
    layer.set_weights([rng.standard_normal(weight.shape) for weight in layer.weights])
    save_kernels(layer, tmp_path / "kernels.npz")
    monkeypatch.chdir(tmp_path)
    x, y = run(to_code(layer, (2, 50, 2), target))
    np.testing.assert_allclose(y, layer(x), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("target", HERE)
def test_a_long_window_of_values_is_read_from_a_file(target, tmp_path, monkeypatch):
    window = np.random.default_rng(4).random(600)
    np.savetxt(tmp_path / "window.txt", window)
    monkeypatch.chdir(tmp_path)
    settings = STFTSettings("stft", 600, window=window, dtype="float64", **QUIET)
    code = to_code(settings, (1, 2000, 1), target)
    assert 'np.savetxt("window.txt", window)' in code
    assert len(code) < 2000
    assert share_of_tolerance(*run(code), settings) <= 1


@pytest.mark.parametrize("target", WITHOUT_KERNELS)
def test_a_note_says_that_a_library_has_no_kernels(target):
    assert "has no kernels to train" in to_code(STFTSettings(trainable=True), (1, 1000, 1), target)
    assert "kernels" not in to_code(STFTSettings(trainable=False), (1, 1000, 1), target)
    layer = make_layer()
    layer.set_weights([2 * weight for weight in layer.weights])
    code = " ".join(to_code(layer, (1, 1000, 1), target).replace("\n# ", " ").split())
    assert "this computes the DFT" in code


@pytest.mark.parametrize("target", [name for name in CODE_TARGETS if name != "specwidget"])
def test_a_note_says_that_a_library_has_no_cupy_backend(target):
    settings = STFTSettings(frame_length=256, backend="cupy", **QUIET)
    assert '# backend="cupy"' in to_code(settings, (1, 1000, 1), target)
    assert "cupy" not in to_code(replace(settings, backend="auto"), (1, 1000, 1), target)


@pytest.mark.parametrize("target", ["keras", "keras3"])
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Keras rounds the phases of its kernels: its cosines are off by up to 2e-04."),
        ({"frame_length": 4096}, "off by up to 3e-03"),
        ({"window": ("kaiser", 8.6)}, "Keras has no windows with parameters"),
        ({"fft_length": 257}, "Keras makes the kernels of another DFT where fft_length is odd"),
        ({"epsilon": 1e-5}, "Keras has one epsilon for all its layers"),
        ({"dtype": "float64"}, 'Keras computes mode "log" in float32, whatever the dtype.'),
    ],
)
def test_notes_state_keras_s_limitations(target, changes, sentence):
    code = to_code(STFTSettings(**changes), (1, 10_000, 1), target)
    assert sentence in code.replace("\n# ", " ")


@pytest.mark.parametrize("target", HERE)
def test_defaults_have_short_snippets_without_a_warning_about_the_library(target):
    code = to_code(STFTSettings(**QUIET), (1, 16_000, 1), target)
    assert len(code.splitlines()) <= 20
    assert not code.startswith("#")


def test_librosa_s_own_window_is_passed_by_name():
    settings = STFTSettings(periodic=True, scaling=None, **QUIET)
    assert 'window="hann", center=False' in to_code(settings, (1, 1000, 1), "librosa")


@pytest.mark.slow
def test_every_python_snippet_passes_ruff(tmp_path):
    for number, case in enumerate(GRID[::3]):
        for target in PYTHON:
            if not can_compute(case, target):
                continue
            code = code_of(case, target)
            # A table of numbers is filled line by line, which a formatter would not do.
            kind = "table" if "np.array([\n" in code else "code"
            (tmp_path / f"{kind}_{target}_{number}.py").write_text(code)
    ruff = [sys.executable, "-m", "ruff"]
    found = "E,F,I,B,C4,PIE,SIM,UP,NPY"
    for command in (
        [*ruff, "check", "--isolated", "--line-length=100", f"--select={found}", "--ignore=NPY002", "."],
        [*ruff, "format", "--isolated", "--line-length=88", "--check", "--exclude=table_*", "."],
    ):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(
    ("settings", "shape", "target", "error", "sentence"),
    [
        (STFTSettings(), (1, 1000, 1), "matlab", ValueError, "`target` must be one of 'specwidget', .*; got 'matlab'"),
        ({"mode": "log"}, (1, 1000, 1), "numpy", TypeError, "`settings` must be STFTSettings, .*; got dict"),
        (STFTSettings(), (1, None, 1), "numpy", ValueError, r"`shape` must have integers of at least 1; got \(1, None"),
        (STFTSettings(), (1, 1000.0, 1), "numpy", ValueError, "`shape` must have integers of at least 1"),
        (STFTSettings(), (0, 1000, 1), "numpy", ValueError, "`shape` must have integers of at least 1"),
        (STFTSettings(), (1000,), "numpy", ValueError, r"`shape` must have 3 axes \(batch, time, channels\); got"),
        (STFTSettings(), (1, 100, 1), "numpy", ValueError, "`shape` must have at least frame_length=256 samples"),
    ],
)
def test_invalid_arguments_are_rejected(settings, shape, target, error, sentence):
    with pytest.raises(error, match=f"^{sentence}"):
        to_code(settings, shape, target)


def test_writing_code_imports_none_of_the_libraries():
    script = (
        "import sys; from specwidget.codegen import CODE_TARGETS, to_code; from specwidget import STFTSettings\n"
        "for name in CODE_TARGETS: to_code(STFTSettings(window=None), (1, 1000, 1), name)\n"
        "print([name for name in ('keras', 'librosa', 'torch', 'scipy.signal') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("rate", [16_000.0, 0.1, 44_100])
@pytest.mark.parametrize("mode", MODES)
def test_with_a_sample_rate_a_snippet_gives_the_same_values(mode, rate):
    for scaling, window in (("density", "hann"), ("spectrum", "hann"), ("spectrum", "flattop"), ("density", None)):
        settings = STFTSettings(mode, 32, 8, scaling=scaling, window=window, dtype="float64")
        for target in HERE:
            x, y = run(to_code(settings, (1, 200, 1), target, rate))
            assert share_of_tolerance(x, y, settings) <= 1, (target, settings)


def test_scipys_own_axes_and_density_are_in_hertz_where_the_rate_is_known():
    settings = STFTSettings("psd", 256, 128, periodic=True, dtype="float64")
    code = to_code(settings, (1, 4096, 1), "scipy", 12_000.0)
    names = {}
    exec(code, names)
    assert "fs=12000," in code
    assert names["sft"].f[-1] == 6000.0
    signal = names["x"][0, :, 0]
    _, _, density = scipy.signal.spectrogram(signal, 12_000.0, window="hann", nperseg=256, noverlap=128, detrend=False)
    assert "# y is a density per cycle/sample; y / 12000 is per Hz." in code
    np.testing.assert_allclose(names["y"][0].T / 12_000, density, rtol=1e-10)
    assert "fs=1," in to_code(settings, (1, 4096, 1), "scipy")


def test_only_a_density_is_converted_to_hertz():
    for changes in ({"scaling": "spectrum"}, {"scaling": None}, {"window": None}, {"mode": "real", "scaling": None}):
        code = to_code(STFTSettings(**{"mode": "psd", "trainable": False, **changes}), (1, 4096, 1), "scipy", 12_000.0)
        assert "fs=12000," in code
        assert "per Hz" not in code
        assert "z *= 12000" not in code


def test_a_sample_rate_that_is_none_is_refused():
    with pytest.raises(ValueError, match="`sample_rate` must be finite and above 0, or None; got 0"):
        to_code(STFTSettings(), (1, 4096, 1), "scipy", 0)


@pytest.mark.parametrize(("level", "epsilon"), [(1e20, 1e-7), (1e-21, 1e-44)])
@pytest.mark.parametrize("mode", ["log", "magnitude"])
@pytest.mark.parametrize("target", HERE)
def test_a_level_whose_power_is_out_of_range_is_computed(target, mode, level, epsilon):
    settings = STFTSettings(mode, 32, 8, epsilon=epsilon)
    x = (level * np.random.default_rng(0).standard_normal((1, 200, 1))).astype("float32")
    _, y = run(to_code(settings, x.shape, target), x=x)
    expected = STFTSpectrogram.from_settings(replace(settings, dtype="float64"))(x.astype("float64"))
    np.testing.assert_allclose(y, expected, rtol=1e-3)
