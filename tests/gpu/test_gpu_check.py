"""`python -m specwidget.gpu_check`: the table of a person with a device, here made by the stand-in."""

import pytest

from specwidget import devices, gpu_check
from specwidget.stft import device_blocks, pipeline
from tests.gpu import fake_cupy


@pytest.fixture
def check(fake, monkeypatch, tmp_path):
    """Return a function that checks with few lengths and short sounds, and returns the status and the report."""
    monkeypatch.setattr(gpu_check, "FFT_LENGTHS", (1, 7, 64))
    monkeypatch.setattr(gpu_check, "SOUNDS", {"short": (2, 3000, 256, 128)})
    monkeypatch.setattr(gpu_check, "REPEATS", 1)
    monkeypatch.setattr(gpu_check, "FEWEST_TIMED", 1)
    monkeypatch.setattr(gpu_check, "_least_size", lambda: "2**17")
    monkeypatch.setattr(gpu_check, "LONG", 20_000)
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", 2**16)

    def run():
        path = tmp_path / "report.txt"
        status = gpu_check.main(["-o", str(path)])
        return status, path.read_text(encoding="utf-8")

    return run


@pytest.mark.slow
def test_all_is_right_on_the_stand_in(check):
    status, report = check()
    assert (status, "FAILED" in report) == (0, False), report
    assert report.startswith("Configuration\n")
    for title in gpu_check.SECTIONS:
        assert f"\n{title}\n" in f"\n{report}"
    assert "device 1 " in report
    assert report.rstrip().endswith("All checks passed.")


@pytest.mark.slow
def test_a_wrong_value_and_a_misplaced_nan_fail(check, monkeypatch):
    place = device_blocks.TransformBlocks.place

    def place_elsewhere(blocks, first, values):
        return place(blocks, first + (blocks.settings.mode == "psd"), values)

    monkeypatch.setattr(device_blocks.TransformBlocks, "place", place_elsewhere)
    status, report = check()
    assert status == 1
    assert "FAILED FFT length 64" in report


@pytest.mark.slow
def test_an_error_is_a_row_and_the_other_checks_go_on(check, monkeypatch):
    def fail():
        yield gpu_check.Row("before", "right")
        raise RuntimeError("CUFFT_INTERNAL_ERROR")

    monkeypatch.setitem(gpu_check.SECTIONS, "Accuracy", fail)
    status, report = check()
    assert status == 1
    assert "FAILED ended by" in report
    assert "RuntimeError: CUFFT_INTERNAL_ERROR" in report
    assert "\nMemory\n" in report
    assert "1 failed." in report


def test_without_a_device_the_report_says_why(check, monkeypatch):
    monkeypatch.setattr(devices, "_has_driver", lambda: False)
    devices.forget_devices()
    status, report = check()
    assert status == 1
    assert "no CUDA driver is installed" in report
    assert "Accuracy" not in report


@pytest.mark.slow
def test_the_limit_of_memory_is_lifted_after_a_check(check):
    check()
    assert fake_cupy.ndarray.max_bytes == float("inf")
