"""CuPy without a device: it has every function that the transform calls on one, with these parameters.

The fake CuPy of tests/gpu records every call while everything runs on it once; CuPy itself is only inspected.
"""

import inspect
import os
import subprocess
import sys
from functools import reduce

import array_api_compat.cupy
import cupy
import numpy as np
import pytest
from cupy.fft._cache import PlanCache

from specwidget import MFCC, MelSpectrogram, training
from specwidget.stft import pipeline
from specwidget.stft.settings import MODES
from tests.gpu import fake_cupy
from tests.gpu.conftest import installed_fake_cupy
from tests.layers import make_layer, make_matmul_layer, noise
from tests.mel.cases import ARGUMENTS, CONVENTIONS

SIZES = {"frame_length": 40, "frame_step": 16, "fft_length": 64}


def run_all(put):
    """Run all that runs on a device, where the stand-in is installed, which restores the size of blocks."""
    inputs = put(noise(2, 170, 2))
    for mode in MODES:
        for make in (make_layer, make_matmul_layer):
            for layout in ({}, {"expand_dims": True, "padding": "same", "dtype": "float16"}):
                layer = make(mode=mode, **SIZES, **layout)
                layer.vjp(inputs, layer(inputs))
    parts = make_layer(mode="stft", padding="same", **SIZES)
    parts.inverse(parts(inputs), 170)
    levels = make_layer(mode="psd", **SIZES)
    levels.reconstruct(levels(inputs), n_iter=2)
    training.fit(levels, training.mean_squared_error, [(inputs, levels(inputs))], steps=1, progress=False)
    # Blocks of a part of a recording, and of both.
    for n_bytes in (2**10, 2**16):
        pipeline.BLOCK_BYTES["CuPy"] = n_bytes
        for conventions in CONVENTIONS.values():
            mel = MelSpectrogram(**ARGUMENTS["short window"], conventions=conventions)
            mel.vjp(inputs, mel(inputs))
            MFCC(mel, 5)(inputs)


@pytest.fixture
def called(monkeypatch):
    """Return the functions that were called by all that runs on a device, and the methods of arrays."""
    monkeypatch.setattr(fake_cupy, "CALLS", set())
    monkeypatch.setattr(fake_cupy, "METHODS", set())
    with installed_fake_cupy() as device:
        run_all(device.put)
    return fake_cupy.CALLS, fake_cupy.METHODS


def fits(function, n_arguments, keywords):
    """Whether a function of CuPy's takes so many arguments and these keywords; a ufunc tells by `nin` alone."""
    if isinstance(function, cupy.ufunc):
        return n_arguments <= function.nin + function.nout and set(keywords) <= {"out", "dtype", "casting"}
    try:
        inspect.signature(function).bind(*range(n_arguments), **dict.fromkeys(keywords))
    except TypeError:
        return False
    return True


def test_cupy_has_every_function_with_the_parameters_that_it_is_called_with(called):
    calls, _ = called
    assert {"fft.rfft", "fft.irfft", "matmul", "lib.stride_tricks.as_strided", "abs"} <= {name for name, _, _ in calls}
    namespace = array_api_compat.cupy
    missing = [call for call in calls if not fits(reduce(getattr, call[0].split("."), namespace), *call[1:])]
    assert missing == []


def test_cupys_arrays_have_every_method_that_is_asked_for(called):
    _, methods = called
    assert {"shape", "strides", "astype"} <= methods
    assert [name for name in methods if not hasattr(cupy.ndarray, name)] == []


def test_cupy_has_what_devices_and_their_check_ask_for():
    asked = {
        cupy: ["RawKernel", "get_default_memory_pool", "get_default_pinned_memory_pool"],
        cupy.fft.config: ["get_plan_cache", "clear_plan_cache"],
        PlanCache: ["get_memsize", "set_memsize", "get_curr_size", "get_curr_memsize"],
        cupy.get_default_memory_pool(): ["free_all_blocks", "get_limit", "set_limit", "used_bytes", "total_bytes"],
        cupy.get_default_pinned_memory_pool(): ["n_free_blocks"],
        cupy.cuda: ["Device", "get_current_stream"],
        cupy.cuda.runtime: ["getDeviceCount", "driverGetVersion", "runtimeGetVersion", "getDeviceProperties"],
        cupy.cuda.Stream: ["done", "synchronize"],
    }
    assert [name for owner, names in asked.items() for name in names if not hasattr(owner, name)] == []
    # Nothing is compiled before the first launch.
    assert cupy.RawKernel("", "name", options=("-DREAL=float",)).options == ("-DREAL=float",)


def test_a_function_that_cupy_does_not_take_so_is_noticed():
    assert not fits(array_api_compat.cupy.zeros, 2, ())
    assert not fits(array_api_compat.cupy.concat, 1, ("axes",))
    assert not fits(array_api_compat.cupy.sqrt, 3, ())


def test_without_a_device_the_layer_says_why_and_computes_on_the_host():
    result = make_layer(backend="auto").spectrogram(noise(1, 1000, 1))
    if cupy.cuda.is_available():
        assert result.library == "CuPy"
    else:
        assert result.library == "NumPy"
        assert "Computed with NumPy: " in result.note
    assert isinstance(result.values, np.ndarray)


def test_a_home_that_can_not_be_written_to_is_no_error(tmp_path):
    code = (
        "import numpy as np; from specwidget import STFTSpectrogram, devices; devices._has_driver = lambda: True;"
        "print(STFTSpectrogram().spectrogram(np.zeros((1, 1000, 1), 'f4')).note)"
    )
    readonly = tmp_path / "file"
    readonly.touch()
    environment = {**os.environ, "HOME": str(readonly)}
    environment.pop("CUPY_CACHE_DIR", None)
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert "CUPY_CACHE_DIR" in done.stdout
