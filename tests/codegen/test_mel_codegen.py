"""Code for mel spectrograms: every snippet runs as it stands and gives the layer's values, or says what it can't."""

import ast
import subprocess
import sys

import numpy as np
import pytest

from specwidget import MelConventions, MelSettings, MelSpectrogram, front_ends
from specwidget.codegen import CODE_TARGETS, MEL_CODE_TARGETS, install_command, to_code
from tests.codegen.cases import run
from tests.codegen.mel_cases import SETTINGS, can_compute
from tests.mel.cases import ARGUMENTS

HERE = ("specwidget", "librosa", "numpy")
PYTHON = [name for name, target in MEL_CODE_TARGETS.items() if target.language == "python"]
KALDI = MelSettings(512, 160, 400, "povey", conventions=front_ends["kaldi"].mel.settings.conventions)


def check_values(target, name, shape, rtol=2e-4):
    """Run a snippet and compare its result with the layer's; return whether the library can compute it."""
    settings = SETTINGS[name]
    if not can_compute(settings, target):
        return False
    x, y = run(to_code(settings, shape, target))
    expected = MelSpectrogram.from_settings(settings)(x)
    assert (x.shape, y.dtype) == (shape, settings.result_dtype), name
    np.testing.assert_allclose(y, expected, rtol=rtol, atol=rtol * max(1.0, np.abs(expected).max() / 100), err_msg=name)
    return True


@pytest.mark.filterwarnings("ignore:`num_mel_bins` should", "ignore:Empty filters", "ignore:.*n_fft=")
@pytest.mark.parametrize("target", HERE)
@pytest.mark.parametrize("group", [*ARGUMENTS, *front_ends])
def test_a_snippet_gives_the_layers_values(group, target):
    names = [name for name in SETTINGS if name.partition(",")[0] == group]
    assert names
    for name in names:
        assert check_values(target, name, (2, 3000) if "," in name else (3000,))


@pytest.mark.parametrize("target", MEL_CODE_TARGETS)
def test_a_snippet_is_short_formatted_and_ends_with_the_shape(target):
    for name, settings in SETTINGS.items():
        code = to_code(settings, (2, 48_000), target)
        lines = code.splitlines()
        # The values of a window may be many.
        assert all(len(line) <= 88 or "window" in line for line in lines), name
        shape = MelSpectrogram.from_settings(settings).compute_output_shape((2, 48_000))
        assert lines[-1] == f"# y: {shape}: batch, bands, frames"
        if target in PYTHON:
            ast.parse(code)


@pytest.mark.parametrize("target", PYTHON)
def test_ruff_finds_nothing(target):
    for settings in (KALDI, front_ends["hifigan"].mel.settings, front_ends["nemo"].mel.settings):
        code = to_code(settings, (48_000,), target)
        command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E4,E7,E9,F,UP,B", "-"]
        done = subprocess.run(command, input=code, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout + code


def test_keras_names_the_conventions_that_it_does_not_have():
    code = to_code(KALDI, (16_000,), "keras")
    assert "gain=32768.0" in code.replace("\n# ", " ")
    assert "Keras accepts the names" in code.replace("\n# ", " ")


def test_rs_layer_has_the_arguments_in_rs_literals():
    settings = MelSettings(512, 160, 400, num_mel_bins=80, power_to_db=False)
    code = to_code(settings, (2, 16_000), "keras3")
    assert code.startswith("library(keras3)")
    assert "layer <- layer_mel_spectrogram(" in code
    assert "fft_length = 512L" in code
    assert "power_to_db = FALSE" in code


def test_torchaudio_computes_kaldis_features_by_its_own_function():
    code = to_code(KALDI, (16_000,), "torchaudio")
    assert "torchaudio.compliance.kaldi.fbank(" in code
    assert 'window_type="povey"' in code
    code = to_code(front_ends["librosa"].mel, (16_000,), "torchaudio")
    assert "torchaudio.transforms.MelSpectrogram(" in code
    assert not code.startswith("#")


def test_what_to_install_is_told():
    assert install_command(to_code(MelSettings(), (16_000,), "transformers"), "transformers") == (
        "pip install numpy scipy transformers"
    )
    assert install_command(to_code(MelSettings(), (16_000,), "specwidget"), "specwidget") == ""


def test_targets_and_shapes_are_checked():
    with pytest.raises(ValueError, match=r"`target` must be one of 'specwidget', 'keras', .+; got 'scipy'"):
        to_code(MelSettings(), (16_000,), "scipy")
    with pytest.raises(ValueError, match=r"`shape` must have axes \(time,\) or \(batch, time\) .+; got \(1, 2, 3\)"):
        to_code(MelSettings(), (1, 2, 3), "numpy")
    assert {"specwidget", "keras", "keras3", "librosa", "numpy"} <= {*MEL_CODE_TARGETS} & {*CODE_TARGETS}
    with pytest.raises(TypeError, match="`settings` must be STFTSettings, MelSettings, or a layer that has them"):
        to_code(MelConventions(), (16_000,), "numpy")
