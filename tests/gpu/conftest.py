"""Fixtures: a fake of CuPy, always; and CuPy on a CUDA device, with `-m gpu`."""

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

MODULES = ["arrays", "stft.pipeline", "stft.transform", "stft.frames", "stft.modes", "stft.layout", "stft.gradients"]
MODULES += ["stft.synthesis", "stft.griffin_lim", "stft.inverse", "stft.frame_selection", "layer", "spectrogram"]
MODULES += ["stft.extension", "mel.framing", "mel.bands", "mel.pipeline", "mel.gradients", "mel.mfcc"]
MODULES += ["training.steps", "training.losses", "training.optimizers", "training.drift"]


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


def use_fake_cupy(monkeypatch: pytest.MonkeyPatch) -> Device:
    """Replace CuPy by the fake in every module of the transform."""

    def namespace(array: Any) -> Any:
        return fake_cupy.NAMESPACE if isinstance(array, fake_cupy.ndarray) else np

    def to_device_of(array: np.ndarray, like: Any) -> Any:
        return array if isinstance(like, np.ndarray) else fake_cupy.ndarray(array.copy())

    for module_name in MODULES:
        module = importlib.import_module(f"specwidget.{module_name}")
        for name, function in (("namespace", namespace), ("to_device_of", to_device_of)):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, function)
        if hasattr(module, "device_of"):
            monkeypatch.setattr(module, "device_of", lambda _array: None)
    # If CuPy is installed without a device, freeing its memory pool would fail.
    monkeypatch.delitem(sys.modules, "cupy", raising=False)
    monkeypatch.setattr(arrays, "find_gpu", lambda: arrays.GPUStatus(True))
    monkeypatch.setattr(arrays, "_to_cupy", lambda values: fake_cupy.ndarray(np.array(values)))
    return Device("fake CuPy", lambda values: fake_cupy.ndarray(np.array(values)), fake_cupy.NAMESPACE)


@pytest.fixture(params=["fake", pytest.param("cupy", marks=pytest.mark.gpu)])
def device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Device]:
    """A device to compute on."""
    if request.param == "fake":
        yield use_fake_cupy(monkeypatch)
        return
    found = arrays.find_gpu()
    if not found.available:
        pytest.skip(found.reason)
    cupy = sys.modules["cupy"]
    yield Device("CuPy", cupy.asarray, cupy)
    cupy.get_default_memory_pool().free_all_blocks()
