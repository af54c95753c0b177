"""The table of a CUDA device, here made by the stand-in; tests/frameworks has it beside PyTorch."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import gpu
from benchmarks.__main__ import table
from benchmarks.cases import CASES, MODES, Case
from specwidget import devices
from tests.gpu.test_counts import count

SHORT = Case("short", "0.1 s at 16 kHz, 64/32", 0.1, 16_000, 64, 32)


@pytest.fixture
def copied(monkeypatch):
    """Let little be copied to measure the memory, and results be compared over the length of the sound."""
    monkeypatch.setattr(gpu, "COPIED", 2**12)
    monkeypatch.setattr("benchmarks.measure.EXACT_SECONDS", SHORT.seconds)


def test_bytes_are_those_of_three_launches():
    # 2048 samples in steps of 512, in float32: 512 samples are read; 2048 written and read; 1025 complex values written
    # and read; 1025 magnitudes written. 5164 frames are rounded up to three bits.
    case = CASES["60s"]
    assert (case.n_frames, gpu.rows_computed(case)) == (5164, 0b1100000000000)
    moved = 5164 * (2048 + 8200 + 4100) + 6144 * (2 * 8192 + 8200)
    assert gpu.bytes_moved(case, "magnitude") == moved
    assert gpu.bytes_moved(case, "stft") == moved + 5164 * 4100


@pytest.mark.parametrize("mode", ["magnitude", "stft"])
def test_bytes_are_those_that_the_stand_in_counts(fake, mode):
    case = replace(SHORT, seconds=0.5)
    layer, there = gpu.make_layer(case, mode), fake.put(case.make_signal())
    counted = count(lambda: layer(there))["bytes"]
    rows = gpu.rows_computed(case)
    assert rows > case.n_frames
    # It counts arrays as a whole: the window, and the spectra of frames that are not written.
    not_read = 64 * 4 + (rows - case.n_frames) * 33 * 8
    assert counted - not_read == pytest.approx(gpu.bytes_moved(case, mode), rel=0.001)


def test_what_is_to_be_expected_are_the_bytes_moved():
    text = Path(gpu.__file__).with_name("GPU.md").read_text()
    rates = [
        float(number) for number in re.findall(r", (\d+) GB/s", text.partition("\n| case |")[2].partition("\n")[0])
    ]
    assert len(rates) == 4
    for case in CASES.values():
        megabytes, rows = gpu.bytes_moved(case, "magnitude") / 1e6, gpu.rows_computed(case)
        expected = " | ".join(f"{1e3 * megabytes / rate:.0f}" for rate in rates)
        assert f"\n| {case.title} | {case.n_frames} | {rows} | {megabytes:.1f} | {expected} |\n" in text


def test_without_a_peer_each_mode_has_its_rows(fake, copied, monkeypatch):
    monkeypatch.setattr(gpu, "find_spec", lambda _: None)
    rows = gpu.measure_gpu(1, cases=[SHORT])
    for mode in MODES:
        found = {row["engine"].partition(", at ")[0]: row for row in rows if row["mode"] == mode}
        assert list(found) == [gpu.CUPY, "the FFTs alone", "the bytes moved"]
        assert found[gpu.CUPY]["ratio"] == 1
        assert found[gpu.CUPY]["error"] < 1e-5
    others = {row["engine"] for row in rows if row["mode"] not in MODES}
    assert {
        "the first call of the case",
        "to the host",
        "NumPy on the host",
        "one plain matrix product",
        "blocks of 4 MiB",
    } <= others
    assert all("error" in row for row in rows if row["engine"] == gpu.TRAINED or "blocks" in row["engine"])
    text = table(rows)
    assert text.count("\n") == len(rows) + 1
    assert "disagrees" not in text


def test_a_wrong_result_has_no_ratio(fake, copied, monkeypatch):
    make = gpu.make_layer
    monkeypatch.setattr(gpu, "find_spec", lambda _: None)

    def make_wrong(case, mode, **settings):
        layer = make(case, mode, **settings)
        return lambda inputs: layer(inputs) + np.float32(1)

    monkeypatch.setattr(gpu, "reader_of", lambda layer: lambda result: result.get()[:, None])
    monkeypatch.setattr(gpu, "make_layer", make_wrong)
    rows = gpu._measure_forward(SHORT, "magnitude", 1, [], "cuda", 1e9)
    assert rows[0]["ratio"] is None
    assert "disagrees" in table(rows)


def test_the_command_writes_the_table_and_names_the_device(fake, copied, monkeypatch, tmp_path, capsys):
    # In this process, where the stand-in is.
    monkeypatch.setattr(gpu, "find_spec", lambda _: None)
    monkeypatch.setattr(command, "run_section", lambda _, repeats: gpu.measure_gpu(int(repeats), cases=[SHORT]))
    monkeypatch.setattr(command, "GPU_RESULTS", tmp_path / "RESULTS_GPU.md")
    monkeypatch.setattr("sys.argv", ["benchmarks", "--gpu", "--write", "--repeats", "1"])
    command.main()
    text = (tmp_path / "RESULTS_GPU.md").read_text()
    assert "CUDA of driver, of CuPy 13.0, 13.0, device 0 stand-in, compute 9.0, 16.0 GiB" in text
    assert "\n## On a CUDA device\n\n| case | engine |" in text
    assert f"| {SHORT.title}, magnitude | {gpu.CUPY} |" in text
    assert text.split("\n## ")[1].strip() in capsys.readouterr().out


def test_without_a_device_the_command_tells_the_reason(monkeypatch):
    monkeypatch.setattr(command, "find_gpu", lambda: devices.GPUStatus(False, "CuPy found no CUDA device."))
    monkeypatch.setattr("sys.argv", ["benchmarks", "--gpu"])
    with pytest.raises(SystemExit, match="no CUDA device can be used: CuPy found no CUDA device"):
        command.main()
