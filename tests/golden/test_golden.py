"""The layer against recorded outputs of Keras; see `make_golden.py`.

What Keras may be off by, and what the tolerance therefore allows:

- its phases are `-2 n (k / N) pi`, multiplied in the layer's own dtype: four roundings of half an `eps`, relative to a
  phase that reaches `pi frame_length`. In float64 this is nothing; in float32 it is why the package differs on purpose;
- a layer of dtype "float64" computes log, magnitude and angle in float32 after the transform, and all outputs are
  stored as float32.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.layers import make_layer, make_matmul_layer
from tests.reference import DEFAULTS, reference_spectrogram
from tests.selection import slow_but
from tests.tolerances import allowed_error, assert_within, compute_dtype

ARCHIVE = Path(__file__).with_name("keras.npz")


def read_archive():
    """Signals by name, and cases, each with its inputs and Keras's output."""
    arrays = np.load(ARCHIVE, allow_pickle=False)
    about = json.loads(arrays["about"].tobytes())
    ends = np.cumsum([np.prod(case["shape"], dtype=int) for case in about["cases"]])
    for case, output in zip(about["cases"], np.split(arrays["outputs"], ends[:-1]), strict=True):
        inputs = arrays[case["signal"]][: case["batch"], : case["samples"], : case["channels"]]
        last = case["settings"].get("data_format") != "channels_first"
        case["inputs"] = inputs if last else inputs.transpose(0, 2, 1)
        case["output"] = output.reshape(case["shape"])
    return about["cases"], about["versions"]


CASES, VERSIONS = read_archive()


def name_case(number):
    """Number and main settings of a case, for the name of the test."""
    settings = DEFAULTS | CASES[number]["settings"]
    return f"{number}-{settings['mode']}-{settings['frame_length']}-{settings['padding']}-{settings['dtype']}"


all_cases = pytest.mark.parametrize("number", range(len(CASES)), ids=name_case)


def keras_error(case):
    """The tolerance for Keras, including the rounding of the layer."""
    settings = DEFAULTS | case["settings"]
    phase_error = 4 * 0.5 * np.finfo(compute_dtype(settings)).eps * np.pi * settings["frame_length"]
    allowed = allowed_error(case["inputs"], kernel_error=phase_error, mode_dtype="float32", **settings)
    return allowed + np.finfo("float32").eps * np.abs(case["output"])


def test_the_archive_is_small_and_covers_the_grid():
    assert ARCHIVE.stat().st_size < 2**20
    seen = {(c["settings"].get("mode"), c["settings"].get("padding"), c["settings"].get("scaling")) for c in CASES}
    assert len(seen) >= 7 * 2 * 3
    assert VERSIONS["keras"] == "3.15.1"


@pytest.mark.slow
@all_cases
def test_the_reference_agrees_with_keras(number):
    case = CASES[number]
    expected = reference_spectrogram(case["inputs"], **case["settings"])
    assert_within(case["output"], expected, keras_error(case), case["settings"].get("mode", "log"))


@all_cases
@pytest.mark.parametrize(
    "make", slow_but([make_layer, make_matmul_layer], lambda make: make is make_layer), ids=["fft", "matmul"]
)
def test_the_layer_agrees_with_keras(number, make):
    case = CASES[number]
    layer = make(**case["settings"])
    actual = layer(case["inputs"])
    assert actual.dtype == case["settings"].get("dtype", "float32")
    assert layer.compute_output_shape(case["inputs"].shape) == tuple(case["shape"])
    assert_within(actual, case["output"].astype(np.float64), keras_error(case), case["settings"].get("mode", "log"))
