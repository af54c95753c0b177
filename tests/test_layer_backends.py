"""`backend`: fallback to NumPy for each of five ways in which a CUDA device can be missing."""

import logging
import re
import sys
import types

import numpy as np
import pytest

from specwidget import STFTSpectrogram, arrays


class CUDARuntimeError(RuntimeError):
    """Fake of the error that CuPy raises for driver and device failures."""


class OutOfMemoryError(Exception):
    """Fake of CuPy's error, which is recognised by this name."""


def raising(error):
    def raise_it(*args, **keywords):
        raise error

    return raise_it


def fake_cupy(*, count=1, rfft=np.fft.rfft, asarray=np.asarray):
    """A fake cupy module with this number of devices, FFT and transfer function."""
    module = types.ModuleType("cupy")
    get_count = raising(count) if isinstance(count, Exception) else lambda: count
    module.cuda = types.SimpleNamespace(runtime=types.SimpleNamespace(getDeviceCount=get_count))
    module.fft = types.SimpleNamespace(rfft=rfft)
    module.ones, module.matmul, module.float32, module.asarray = np.ones, np.matmul, np.float32, asarray
    return module


FALLBACKS = {
    "no CuPy": (None, "CuPy is not installed"),
    "no driver": (
        fake_cupy(count=CUDARuntimeError("cudaErrorInsufficientDriver: CUDA driver version is insufficient")),
        "driver does not respond.*insufficient",
    ),
    "no device": (
        fake_cupy(count=CUDARuntimeError("cudaErrorNoDevice: no CUDA-capable device")),
        "no CUDA device",
    ),
    "zero devices": (fake_cupy(count=0), "no CUDA device"),
    "a missing library": (
        fake_cupy(rfft=raising(ImportError("libcufft.so.11: cannot open shared object file"))),
        "CUDA library is missing.*libcufft",
    ),
    "no memory at the start": (fake_cupy(rfft=raising(OutOfMemoryError("allocating 64 bytes"))), "memory"),
    "no memory for the signal": (
        fake_cupy(asarray=raising(OutOfMemoryError("allocating 64 GiB"))),
        "ran out of memory",
    ),
}
all_fallbacks = pytest.mark.parametrize("case", FALLBACKS)


@pytest.fixture
def place_cupy(monkeypatch):
    """Replace the module that `import cupy` finds (None: no module), and clear the caches before and after."""

    def forget():
        arrays.find_gpu.cache_clear()
        arrays._log_once.cache_clear()

    def place(module):
        monkeypatch.setitem(sys.modules, "cupy", module)
        forget()

    yield place
    monkeypatch.undo()
    forget()


@pytest.fixture
def inputs():
    return np.random.default_rng(0).standard_normal((2, 700, 1)).astype(np.float32)


@all_fallbacks
def test_auto_falls_back_to_numpy_with_the_same_bits_and_a_note(place_cupy, inputs, case):
    module, reason = FALLBACKS[case]
    expected = STFTSpectrogram(backend="numpy")(inputs)
    place_cupy(module)
    result = STFTSpectrogram(backend="auto").spectrogram(inputs)
    np.testing.assert_array_equal(result.values, expected, strict=True)
    assert result.library == "NumPy"
    assert re.search(reason, result.note)


@all_fallbacks
def test_the_fallback_is_logged_once(place_cupy, inputs, case, caplog):
    place_cupy(FALLBACKS[case][0])
    layer = STFTSpectrogram()
    with caplog.at_level(logging.DEBUG, logger="specwidget"):
        notes = {layer.spectrogram(inputs).note for _ in range(3)}
    assert [record.getMessage() for record in caplog.records] == list(notes)


@all_fallbacks
def test_cupy_without_a_device_is_an_error_with_the_reason(place_cupy, inputs, case):
    module, reason = FALLBACKS[case]
    place_cupy(module)
    layer = STFTSpectrogram(backend="cupy")
    with pytest.raises(arrays.DeviceError, match=f"^`backend` .*{reason}"):
        layer(inputs)


def test_without_cupy_the_error_says_what_to_install(place_cupy, inputs):
    place_cupy(None)
    with pytest.raises(arrays.DeviceError, match=r"pip install .*cuda12"):
        STFTSpectrogram(backend="cupy")(inputs)


def test_a_cupy_that_fails_to_import_is_not_reported_as_missing(place_cupy, inputs, monkeypatch):
    place_cupy(None)
    found = ImportError("libcuda.so.1: cannot open shared object file")
    monkeypatch.setattr(arrays.importlib, "import_module", raising(found))
    note = STFTSpectrogram().spectrogram(inputs).note
    assert "libcuda.so.1" in note
    assert "not installed" not in note


def test_backend_numpy_does_not_look_for_a_device(place_cupy, inputs):
    place_cupy(fake_cupy(count=AssertionError("looked for a device")))
    result = STFTSpectrogram(backend="numpy").spectrogram(inputs)
    assert (result.library, result.note) == ("NumPy", "")


def test_the_device_is_probed_once(place_cupy, inputs):
    counted = []

    def count():
        counted.append(1)
        return 0

    module = fake_cupy()
    module.cuda.runtime.getDeviceCount = count
    place_cupy(module)
    for _ in range(3):
        STFTSpectrogram()(inputs)
    assert len(counted) == 1


def test_other_errors_on_the_device_are_raised(place_cupy, inputs):
    place_cupy(fake_cupy(asarray=raising(ZeroDivisionError("a defect"))))
    with pytest.raises(ZeroDivisionError, match="a defect"):
        STFTSpectrogram()(inputs)


def test_invalid_input_raises_the_same_error_for_every_backend(place_cupy):
    place_cupy(None)
    for backend in ("auto", "numpy", "cupy"):
        with pytest.raises(ValueError, match=r"^`inputs` must have 3 axes"):
            STFTSpectrogram(backend=backend)(np.zeros(300, np.float32))


def test_with_a_device_numpy_input_is_computed_there_and_returned_as_numpy(place_cupy, inputs):
    sent = []
    module = fake_cupy(asarray=lambda array: sent.append(array.dtype) or np.asarray(array))
    place_cupy(module)
    for given in (inputs, inputs.astype(">f4")):
        result = STFTSpectrogram().spectrogram(given)
        assert (type(result.values), result.library, result.note) == (np.ndarray, "CuPy", "")
    assert [dtype.isnative for dtype in sent] == [True, True]
