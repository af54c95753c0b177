"""`backend`: fallback to NumPy for each way in which a CUDA device can be missing, with its reason."""

import logging
import os
import re
import sys
import types

import numpy as np
import pytest

from specwidget import STFTSpectrogram, devices


class CUDARuntimeError(RuntimeError):
    """Fake of the error that CuPy raises for driver and device failures."""


class OutOfMemoryError(MemoryError):
    """Fake of CuPy's error."""


class DynamicLibNotFoundError(RuntimeError):
    """Fake of the error of the package that looks for NVIDIA's libraries."""


def raising(error):
    def raise_it(*args, **keywords):
        raise error

    return raise_it


def fake_cupy(*, count=1, rfft=np.fft.rfft, asarray=np.asarray):
    """A fake cupy module with this number of devices, FFT and transfer function."""
    module = types.ModuleType("cupy")
    get_count = raising(count) if isinstance(count, Exception) else lambda: count
    module.cuda = types.SimpleNamespace(runtime=types.SimpleNamespace(getDeviceCount=get_count))
    module.fft = types.SimpleNamespace(rfft=rfft, config=types.SimpleNamespace(clear_plan_cache=lambda: None))
    module.get_default_memory_pool = lambda: types.SimpleNamespace(free_all_blocks=lambda: None)
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
    "after a fork": (
        fake_cupy(count=CUDARuntimeError("cudaErrorInitializationError: initialization error")),
        "a forked process can't use .* Start processes by 'spawn'",
    ),
    "a missing library": (
        fake_cupy(rfft=raising(ImportError("libcufft.so.11: cannot open shared object file"))),
        r"CUDA libraries are missing, or of another CUDA version than CuPy: libcufft.*\[ctk\]",
    ),
    "a missing compiler": (
        fake_cupy(rfft=raising(DynamicLibNotFoundError('Failure finding "libnvrtc.so.13"'))),
        r"CUDA libraries are missing.*libnvrtc.*\[ctk\]",
    ),
    "a library that fails": (
        fake_cupy(rfft=raising(CUDARuntimeError("CUFFT_INTERNAL_ERROR"))),
        "a CUDA library does not work: CUFFT_INTERNAL_ERROR",
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
    """Replace the module that `import cupy` finds (None: no module) beside a driver; forget what was found before."""

    def place(module):
        monkeypatch.setitem(sys.modules, "cupy", module)
        monkeypatch.setattr(devices, "_has_driver", lambda: True)
        # The tests' signals are short.
        monkeypatch.setattr(devices, "MIN_GPU_VALUES", 0)
        devices.forget_devices()

    yield place
    monkeypatch.undo()
    devices.forget_devices()


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
    with pytest.raises(devices.DeviceError, match=f"^`backend` .*{reason}"):
        layer(inputs)


def test_without_cupy_the_error_says_what_to_install(place_cupy, inputs):
    place_cupy(None)
    with pytest.raises(devices.DeviceError, match=r"pip install .*cuda13x\[ctk\]>=14.*cuda12x\[ctk\]>=14"):
        STFTSpectrogram(backend="cupy")(inputs)


def test_a_cupy_that_fails_to_import_is_not_reported_as_missing(place_cupy, inputs, monkeypatch):
    place_cupy(fake_cupy())
    found = ImportError("libcuda.so.1: cannot open shared object file")
    monkeypatch.setattr(devices.importlib, "import_module", raising(found))
    note = STFTSpectrogram().spectrogram(inputs).note
    assert "libcuda.so.1" in note
    assert "not installed" not in note


BANNER = """
================================================================
Failed to import CuPy.

Original error:
  ImportError: libcublas.so.12: cannot open shared object file
================================================================
"""


def test_the_reason_is_the_cause_and_not_the_frame_that_cupy_draws(place_cupy, inputs, monkeypatch):
    place_cupy(fake_cupy())
    failed = ImportError(BANNER)
    monkeypatch.setattr(devices.importlib, "import_module", raising(failed))
    assert STFTSpectrogram().spectrogram(inputs).note == (
        "Computed with NumPy: CuPy does not import: Failed to import CuPy."
    )
    devices.forget_devices()
    failed.__cause__ = ImportError("libcublas.so.12: cannot open shared object file")
    assert "CuPy does not import: libcublas.so.12" in STFTSpectrogram().spectrogram(inputs).note


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), FileNotFoundError(2, "No such file")])
def test_a_cupy_that_can_not_make_its_folder_falls_back_with_the_remedy(place_cupy, inputs, monkeypatch, error):
    place_cupy(fake_cupy())
    monkeypatch.setattr(devices.importlib, "import_module", raising(error))
    result = STFTSpectrogram().spectrogram(inputs)
    assert result.library == "NumPy"
    assert "Set the environment variable CUPY_CACHE_DIR" in result.note


@pytest.mark.parametrize("error", [RuntimeError("broken"), AttributeError("no attribute"), ValueError("dtype size")])
def test_whatever_fails_while_cupy_is_imported_falls_back(place_cupy, inputs, monkeypatch, error):
    place_cupy(fake_cupy())
    monkeypatch.setattr(devices.importlib, "import_module", raising(error))
    assert f"CuPy does not import: {error}" in STFTSpectrogram().spectrogram(inputs).note


def test_without_a_driver_cupy_is_not_imported(place_cupy, inputs, monkeypatch):
    place_cupy(fake_cupy())
    monkeypatch.setattr(devices, "_has_driver", lambda: False)
    monkeypatch.setattr(devices.importlib, "import_module", raising(AssertionError("imported")))
    assert STFTSpectrogram().spectrogram(inputs).note == "Computed with NumPy: no CUDA driver is installed."


NAMES_OF_EXHAUSTION = [
    MemoryError("std::bad_alloc: out_of_memory: RMM failure"),
    OutOfMemoryError("Out of memory allocating 64 bytes"),
    CUDARuntimeError("CUFFT_ALLOC_FAILED"),
    CUDARuntimeError("CUBLAS_STATUS_ALLOC_FAILED"),
    CUDARuntimeError("CUDA_ERROR_OUT_OF_MEMORY: out of memory"),
    CUDARuntimeError("cudaErrorMemoryAllocation: out of memory"),
]


@pytest.mark.parametrize("error", NAMES_OF_EXHAUSTION, ids=str)
def test_every_name_of_exhausted_memory_is_known(place_cupy, inputs, error):
    place_cupy(fake_cupy(asarray=raising(error)))
    result = STFTSpectrogram().spectrogram(inputs)
    assert (result.library, result.note) == ("NumPy", "Computed with NumPy: the CUDA device ran out of memory.")


def test_the_plans_are_freed_before_the_blocks_that_they_hold(place_cupy, inputs):
    freed, module = [], fake_cupy(asarray=raising(OutOfMemoryError("allocating 64 GiB")))
    module.fft.config.clear_plan_cache = lambda: freed.append("plans")
    module.get_default_memory_pool = lambda: types.SimpleNamespace(free_all_blocks=lambda: freed.append("blocks"))
    place_cupy(module)
    STFTSpectrogram()(inputs)
    assert freed[:2] == ["plans", "blocks"]


def test_a_lack_of_memory_that_passes_is_not_remembered(place_cupy, inputs):
    attempts = []

    def rfft(array):
        attempts.append(1)
        if len(attempts) == 1:
            raise OutOfMemoryError("allocating 64 bytes")
        return np.fft.rfft(array)

    place_cupy(fake_cupy(rfft=rfft))
    libraries = [STFTSpectrogram().spectrogram(inputs).library for _ in range(3)]
    assert (libraries, len(attempts)) == (["NumPy", "CuPy", "CuPy"], 2)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_forgets_what_its_parent_found(place_cupy, inputs):
    module = fake_cupy()
    place_cupy(module)
    assert STFTSpectrogram().spectrogram(inputs).library == "CuPy"
    module.cuda.runtime.getDeviceCount = raising(CUDARuntimeError("cudaErrorInitializationError"))
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        # Without leaving this branch, as the rest of the tests belongs to the parent.
        try:
            os.write(writer, STFTSpectrogram().spectrogram(inputs).note.encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    with os.fdopen(reader) as notes:
        assert "a forked process" in notes.read()


def test_auto_computes_small_input_with_numpy(place_cupy, inputs, monkeypatch):
    place_cupy(fake_cupy())
    monkeypatch.setattr(devices, "MIN_GPU_VALUES", inputs.size + 1)
    small = STFTSpectrogram().spectrogram(inputs)
    assert (small.library, small.note[:34]) == ("NumPy", "Computed with NumPy: fewer than 14")
    assert STFTSpectrogram(backend="cupy").spectrogram(inputs).library == "CuPy"
    assert STFTSpectrogram().spectrogram(np.tile(inputs, (2, 1, 1))).library == "CuPy"


def test_the_gradients_of_numpy_input_follow_the_backend(place_cupy, inputs):
    sent = []
    place_cupy(fake_cupy(asarray=lambda array: sent.append(array) or np.asarray(array)))
    layer = STFTSpectrogram("psd")
    layer.vjp(inputs, np.ones(layer.compute_output_shape(inputs.shape)))
    assert len(sent) == 1
    place_cupy(None)
    with pytest.raises(devices.DeviceError, match="CuPy is not installed"):
        STFTSpectrogram("psd", backend="cupy").vjp(inputs, np.ones(layer.compute_output_shape(inputs.shape)))


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
