"""The transform on array-api-strict arrays on a device other than the host, which has the requirements of a GPU.

`array-api-strict` has no function that the standard lacks, and refuses to hand an array of its second device to NumPy.
"""

import array_api_strict as xp
import numpy as np
import pytest

from specwidget.arrays import to_numpy
from specwidget.stft.settings import MODES
from tests.layers import make_layer, make_matmul_layer
from tests.reference import reference_spectrogram
from tests.tolerances import allowed_error, assert_within

DEVICE = xp.Device("device1")
BOTH_PATHS = pytest.mark.parametrize("make", [make_layer, make_matmul_layer], ids=["fft", "matmul"])
ALL_MODES = pytest.mark.parametrize("mode", MODES)
LAYOUTS = [{}, {"data_format": "channels_first"}, {"expand_dims": True, "padding": "same"}]


def noise(*shape, dtype="float64"):
    return np.random.default_rng(4).standard_normal(shape).astype(dtype)


def on_device(values):
    return xp.asarray(values, device=DEVICE)


def on_host(array):
    """The values as a NumPy array, after checking that they are on the device."""
    assert array.device == DEVICE
    return np.asarray(array.to_device(xp.Device("CPU_DEVICE")))


def test_the_device_refuses_conversion_to_numpy():
    with pytest.raises(RuntimeError, match="device"):
        np.asarray(on_device(np.ones(3)))


@BOTH_PATHS
@ALL_MODES
@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_output_is_on_the_input_device_and_equals_the_reference(make, mode, layout, dtype):
    inputs = noise(2, 3, 70) if layout.get("data_format") else noise(2, 70, 3)
    arguments = {"mode": mode, "frame_length": 16, "frame_step": 5, "dtype": dtype, **layout}
    output = on_host(make(**arguments)(on_device(inputs)))
    assert output.dtype == dtype
    assert_within(output, reference_spectrogram(inputs, **arguments), allowed_error(inputs, **arguments), mode)


@BOTH_PATHS
@ALL_MODES
@pytest.mark.parametrize("nonfinite", [np.nan, np.inf])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_nonfinite_sample_affects_only_its_frames(make, mode, nonfinite):
    inputs = noise(1, 64, 1)
    inputs[0, 20, 0] = nonfinite
    output = on_host(make(mode=mode, frame_length=16, frame_step=16)(on_device(inputs)))
    np.testing.assert_array_equal(np.isnan(output[0]).all(axis=-1), [False, True, False, False])
    np.testing.assert_array_equal(np.isnan(output[0]).any(axis=-1), [False, True, False, False])


@pytest.mark.parametrize("backend", ["auto", "numpy", "cupy"])
def test_backend_leaves_other_arrays_where_they_are(backend):
    result = make_layer(backend=backend).spectrogram(on_device(noise(1, 300, 1)))
    assert result.library == "array-api-strict"
    assert result.note == ""
    assert result.values.device == DEVICE


def test_results_on_a_device_equal_numpys():
    inputs = noise(2, 700, 2)
    expected = make_layer(mode="stft", dtype="float64")(inputs)
    actual = on_host(make_layer(mode="stft", dtype="float64")(on_device(inputs)))
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("dtype", [xp.int32, xp.complex64, xp.bool])
def test_any_other_dtype_is_a_type_error(dtype):
    with pytest.raises(TypeError, match=r"^`inputs` must have dtype float16, float32 or float64; got"):
        make_layer()(xp.zeros((1, 300, 1), dtype=dtype, device=DEVICE))


def test_a_batch_may_be_empty():
    assert make_layer()(on_device(np.zeros((0, 300, 2)))).shape == (0, 1, 258)


def test_kernels_are_set_from_arrays_of_another_library():
    layer = make_layer(frame_length=16)
    doubled = [2 * kernel for kernel in layer.get_weights()]
    layer.set_weights([xp.asarray(kernel) for kernel in doubled])
    np.testing.assert_array_equal(layer.real_kernel, doubled[0])


def test_a_numpy_array_is_itself_on_the_host():
    values = np.ones(3)
    assert to_numpy(values) is values
    np.testing.assert_array_equal(to_numpy(xp.asarray(values)), values)
