"""Fixtures: a stand-in for CuPy, always; and CuPy on a CUDA device, with `-m gpu`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import array_api_compat
import numpy as np
import pytest

from specwidget import arrays, devices
from specwidget.stft import pipeline
from tests.gpu import fake_cupy


@dataclass(frozen=True)
class Device:
    """Transfer to and from a device."""

    name: str
    put: Any
    module: Any

    def get(self, array: Any) -> np.ndarray:
        """Return the values on the host, after checking that they are on the device."""
        assert arrays.library_of(array) == "CuPy"
        return array.get()


@contextmanager
def installed_fake_cupy() -> Iterator[Device]:
    """Let the stand-in be the CuPy that is installed, on a machine with two devices."""
    namespace_of, device_of = array_api_compat.array_namespace, array_api_compat.device

    def namespace(*given: Any, **keywords: Any) -> Any:
        is_fake = any(isinstance(array, fake_cupy.ndarray) for array in given)
        return fake_cupy.NAMESPACE if is_fake else namespace_of(*given, **keywords)

    def device(array: Any) -> Any:
        return array.device if isinstance(array, fake_cupy.ndarray) else device_of(array)

    with ExitStack() as stack, pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(array_api_compat, "array_namespace", namespace)
        monkeypatch.setattr(array_api_compat, "device", device)
        monkeypatch.setitem(sys.modules, "cupy", fake_cupy.NAMESPACE)
        monkeypatch.setattr(devices, "_has_driver", lambda: True)
        # The tests' signals are short.
        monkeypatch.setattr(devices, "MIN_GPU_VALUES", 0)
        # One core does the work of a device, also for the frames of a block that are too many.
        monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", 2**16)
        fake_cupy.PLANS.clear()
        devices.forget_devices()
        stack.callback(devices.forget_devices)
        yield Device("stand-in", lambda values: fake_cupy.ndarray(np.array(values)), fake_cupy.NAMESPACE)


@pytest.fixture
def fake() -> Iterator[Device]:
    """The stand-in for CuPy."""
    with installed_fake_cupy() as device:
        yield device


@pytest.fixture(params=["fake", pytest.param("cupy", marks=pytest.mark.gpu)])
def device(request: pytest.FixtureRequest) -> Iterator[Device]:
    """A device to compute on."""
    if request.param == "fake":
        yield request.getfixturevalue("fake")
        return
    yield request.getfixturevalue("cupy_device")


def require_device() -> None:
    """Skip a test without a driver, and fail it where there is one and CuPy does not work."""
    if not devices._has_driver():
        pytest.skip("There is no CUDA driver.")
    found = devices.find_gpu()
    assert found.available, found.reason


@pytest.fixture
def cupy_device(monkeypatch: pytest.MonkeyPatch) -> Iterator[Device]:
    """A CUDA device."""
    require_device()
    monkeypatch.setattr(devices, "MIN_GPU_VALUES", 0)
    cupy = sys.modules["cupy"]
    yield Device("CuPy", cupy.asarray, cupy)
    cupy.get_default_memory_pool().free_all_blocks()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let CuPy's own warnings pass, such as those of a new version of it; everywhere else they are errors."""
    for item in items:
        if item.get_closest_marker("gpu"):
            item.add_marker(pytest.mark.filterwarnings("default"))
