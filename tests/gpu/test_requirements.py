"""What `pytest -m gpu` does without a device, and with one that does not work."""

import sys

import pytest

from specwidget import devices
from tests.gpu import conftest


@pytest.fixture
def driver(monkeypatch):
    """Return a function that says whether there is a driver; CuPy is not installed."""

    def is_there(answer):
        monkeypatch.setitem(sys.modules, "cupy", None)
        monkeypatch.setattr(devices, "_has_driver", lambda: answer)
        devices.forget_devices()

    yield is_there
    monkeypatch.undo()
    devices.forget_devices()


def test_without_a_driver_a_test_is_skipped(driver):
    driver(False)
    with pytest.raises(pytest.skip.Exception, match="no CUDA driver"):
        conftest.require_device()


def test_with_a_driver_a_cupy_that_does_not_work_fails_it(driver):
    driver(True)
    with pytest.raises(AssertionError, match="CuPy is not installed"):
        conftest.require_device()


class Item:
    """A test as pytest collects it, with these markers."""

    def __init__(self, *markers):
        self.markers = {marker.name: marker for marker in markers}

    def get_closest_marker(self, name):
        return self.markers.get(name)

    def add_marker(self, marker):
        self.markers[marker.name] = marker


def test_warnings_of_cupy_are_errors_on_the_stand_in_alone():
    here, there = Item(), Item(pytest.mark.gpu)
    conftest.pytest_collection_modifyitems([here, there])
    assert here.markers == {}
    assert there.markers["filterwarnings"].args == ("default",)
