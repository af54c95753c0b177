"""The text for R: read and run by R itself where it is installed, looked through for open brackets everywhere."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from specwidget import STFTSettings
from specwidget.codegen import CODE_TARGETS, to_code
from specwidget.codegen.window_steps import has_window_values
from specwidget.stft.kernels import make_kernels
from tests.codegen.cases import GRID
from tests.layers import make_layer

NO_R = "R is not installed; on Debian and Ubuntu: sudo apt install r-base-core"
TOKEN = re.compile(r"""\#[^\n]*|"(?:[^"\\]|\\.)*"|%%|<-|[\w.]+|[-+*/^:$,=()\[\]]|\s+""")
PARTNERS = {")": "(", "]": "["}


def r_code(case):
    """The text for R of a case."""
    return to_code(case.settings, case.shape, "keras3")


def problem_in(text):
    """Look through a text of R for what can't be: return the token that it fails at, or nothing."""
    found = [match[0] for match in TOKEN.finditer(text)]
    if "".join(found) != text:
        return "no token"
    tokens = [token for token in found if token.strip() and not token.startswith("#")]
    opened = []
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        if token in PARTNERS.values():
            opened.append(token)
        if token in PARTNERS and (not opened or opened.pop() != PARTNERS[token]):
            return token
        # An empty argument is right in an index alone: real[, , 3].
        if token == "," and following in (")", ",") and opened[-1:] == ["("]:
            return token
        if token in ("None", "True", "False"):
            return token
    return "".join(opened)


def test_brackets_and_strings_are_closed_and_no_argument_is_empty():
    for case in GRID:
        assert problem_in(r_code(case)) == "", case


@pytest.mark.parametrize(
    ("text", "token"),
    [('f("hann)', "no token"), ("f(a, b]", "]"), ("f(a,)", ","), ("f(None)", "None"), ("f(a", "("), ("a)", ")")],
)
def test_the_scan_finds_syntax_errors(text, token):
    assert problem_in(text) == token


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Return the folder in which R has read and run every snippet of the grid."""
    if shutil.which("Rscript") is None:
        pytest.skip(NO_R)
    folder = tmp_path_factory.mktemp("r")
    for number, case in enumerate(GRID):
        (folder / f"{number}.R").write_text(r_code(case))
    script = Path(__file__).with_name("run_snippets.R")
    done = subprocess.run(["Rscript", "--vanilla", script], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def as_r(value):
    """A value as the script writes it."""
    if value is None or isinstance(value, bool):
        return "NULL" if value is None else str(value).upper()
    return f'"{value}"' if isinstance(value, str) else str(value)


@pytest.mark.slow
def test_r_gives_the_layer_the_settings(ran):
    for number, case in enumerate(GRID):
        settings = case.settings
        given = dict(line.split("=", 1) for line in (ran / f"{number}.txt").read_text().splitlines())
        expected = {
            "frame_length": settings.frame_length,
            "frame_step": settings.step,
            "fft_length": settings.n_fft,
            "padding": settings.padding,
            "expand_dims": settings.expand_dims,
            "data_format": "channels_last" if settings.channels_last else "channels_first",
            "trainable": settings.trainable,
            "dtype": settings.compute_dtype,
        }
        defaults = {"padding": "valid", "expand_dims": False, "trainable": True}
        for name, value in expected.items():
            assert given.pop(name, as_r(defaults.get(name))) == as_r(value), (name, case)
        if settings.n_fft % 2 == 0:
            assert given.pop("mode") in (as_r(settings.mode), '"magnitude"')
            assert given.pop("scaling", '"density"') == as_r(settings.scaling)
            assert given.pop("periodic", "FALSE") == as_r(settings.periodic)
            window = given.pop("window")
            if settings.window is None or isinstance(settings.window, str):
                assert window == as_r(settings.window)
            elif has_window_values(settings):
                assert np.array_equal(np.array(window.split(), float), settings.window), case
        else:
            assert given.pop("window") == "NULL"
        assert set(given) <= {"mode"}


@pytest.mark.slow
def test_kernels_made_in_r_are_the_layer_s(ran):
    checked = 0
    for number, case in enumerate(GRID):
        settings = replace(case.settings, dtype="float64")
        if settings.n_fft % 2 == 0:
            continue
        if settings.window not in (None, "boxcar") and not has_window_values(settings):
            # The stand-in for SciPy makes a ramp.
            settings = replace(settings, window=np.arange(1.0, settings.frame_length + 1))
        names = ["real"] if settings.mode == "psd" and settings.n_fft == 1 else ["real", "imag"]
        kernels = make_kernels(settings)
        expected = [getattr(kernels, name).copy() for name in names if getattr(kernels, name) is not None]
        if settings.mode == "psd" and settings.n_fft > 1:
            for kernel in expected:
                kernel[..., -1] *= np.sqrt(2)
        found = np.fromfile(ran / f"{number}.bin")
        flat = np.concatenate([kernel.ravel(order="F") for kernel in expected])
        np.testing.assert_allclose(found, flat, rtol=0, atol=1e-13 * np.abs(flat).max())
        checked += 1
    assert checked > 200


@pytest.mark.parametrize("mode", ["real", "psd"])
def test_the_layer_s_own_kernels_are_read_from_a_file(mode):
    layer = make_layer(mode=mode, frame_length=8, fft_length=9)
    layer.set_weights([2 * weight for weight in layer.weights])
    code = to_code(layer, (1, 100, 1), "keras3")
    assert 'reticulate::py_get_item(kernels, "real_kernel")' in code
    assert ("imag" in code) == (mode == "psd")


def test_a_long_window_of_values_is_read_from_a_file():
    code = to_code(STFTSettings(frame_length=600, window=np.ones(600)), (1, 1000, 1), "keras3")
    assert 'w <- scan("window.txt")' in code
    assert CODE_TARGETS["keras3"].language == "r"
