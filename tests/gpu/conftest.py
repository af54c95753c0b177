"""The device of this folder's tests: a stand-in for CuPy, always; and CuPy on a CUDA device, with `-m gpu`."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from specwidget import arrays
from tests.gpu import fake_cupy

PLACES = ["arrays", "stft.pipeline", "stft.transform", "stft.frames", "stft.modes", "stft.layout", "stft.gradients"]
PLACES += ["stft.synthesis", "stft.griffin_lim", "stft.inverse", "stft.frame_selection", "layer", "spectrogram"]
PLACES += ["training.steps", "training.losses", "training.optimizers", "training.drift"]


@dataclass(frozen=True)
class Device:
    """A device: how an array gets there and back."""

    name: str
    put: Any
    module: Any

    def get(self, array: Any) -> np.ndarray:
        """Return the values, which must still lie on the device."""
        assert arrays.library_of(array) == "CuPy"
        return array.get()


def use_stand_in(monkeypatch: pytest.MonkeyPatch) -> Device:
    """Let every module of the transform take the stand-in for CuPy."""

    def namespace(array: Any) -> Any:
        return fake_cupy.NAMESPACE if isinstance(array, fake_cupy.ndarray) else np

    def to_device_of(array: np.ndarray, like: Any) -> Any:
        return array if isinstance(like, np.ndarray) else fake_cupy.ndarray(array.copy())

    for place in PLACES:
        module = importlib.import_module(f"specwidget.{place}")
        for name, function in (("namespace", namespace), ("to_device_of", to_device_of)):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, function)
        if hasattr(module, "device_of"):
            monkeypatch.setattr(module, "device_of", lambda _array: None)
    # CuPy itself, where it is installed without a device, would be asked to free its memory.
    monkeypatch.delitem(sys.modules, "cupy", raising=False)
    monkeypatch.setattr(arrays, "find_gpu", lambda: arrays.GPUStatus(True))
    monkeypatch.setattr(arrays, "_to_cupy", lambda values: fake_cupy.ndarray(np.array(values)))
    return Device("a stand-in for CuPy", lambda values: fake_cupy.ndarray(np.array(values)), fake_cupy.NAMESPACE)


@pytest.fixture(params=["stand-in", pytest.param("cupy", marks=pytest.mark.gpu)])
def device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Device]:
    """Return a device to compute on."""
    if request.param == "stand-in":
        yield use_stand_in(monkeypatch)
        return
    found = arrays.find_gpu()
    if not found.available:
        pytest.skip(found.reason)
    cupy = sys.modules["cupy"]
    yield Device("CuPy", cupy.asarray, cupy)
    cupy.get_default_memory_pool().free_all_blocks()
