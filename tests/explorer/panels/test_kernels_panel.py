"""The kernels panel: it sends the kernels of the layer, and never computes large kernels as a whole."""

import json
import time

import numpy as np
import pytest

from specwidget.explorer.panels import kernels_panel
from specwidget.explorer.panels.kernels_panel import (
    KernelsPanel,
    close_region,
    make_curves_part,
    make_drift_part,
    make_images_part,
)
from specwidget.raster.kernel_images import SAMPLES_PER_CELL, make_kernel_images
from specwidget.stft.kernels import make_kernels
from specwidget.stft.settings import STFTSettings
from specwidget.summary.window_readouts import MAX_POINTS
from tests.waiting import wait_until


@pytest.fixture
def panel(state):
    """Return an unfolded panel whose messages are caught, the last of each kind by its name."""
    panel = KernelsPanel(state)
    panel.sent = {}
    panel.send = lambda content, buffers=None: panel.sent.update({content["kind"]: (content, buffers)})
    panel.is_open = True
    wait_until(lambda: len(panel.sent) == 3)
    yield panel
    panel.close()


def train(state, bin_number=5):
    """Give one bin's cosine another value."""
    weights = state.layer.get_weights()
    weights[0][:, 0, bin_number] *= 3
    state.layer.set_weights(weights)
    state.refresh()


@pytest.mark.parametrize("mode", ["log", "real", "imag"])
def test_a_picture_of_small_kernels_has_every_value(mode):
    settings = STFTSettings(mode, frame_length=64, window=("kaiser", 4.0))
    images = make_kernel_images(settings)
    assert images.names == {"log": ("real", "imag"), "real": ("real",), "imag": ("imag",)}[mode]
    kernels = make_kernels(settings)
    for name, values in zip(images.names, images.values, strict=True):
        np.testing.assert_array_equal(values, getattr(kernels, name)[:, 0, :].T)


def test_a_picture_of_trained_kernels_keeps_the_value_farthest_from_zero():
    settings = STFTSettings("real", frame_length=300)
    weights = np.zeros((300, 1, settings.n_bins), "float32")
    weights[123, 0, 200] = -7
    images = make_kernel_images(settings, [weights], n_columns=30, n_rows=20)
    row, column = np.unravel_index(images.values[0].argmin(), images.values[0].shape)
    assert images.values[0].min() == -7
    assert images.row_starts[row] <= 200 < images.row_starts[row + 1]
    assert images.column_starts[column] <= 123 < images.column_starts[column + 1]


@pytest.mark.parametrize("is_trained", [False, True])
def test_a_close_up_has_every_value_of_its_part(is_trained):
    settings = STFTSettings("real", frame_length=600, window="hamming")
    kernel = make_kernels(settings).real
    images = make_kernel_images(settings, [kernel] if is_trained else None, (100, 356, 40, 65))
    assert (images.column_starts[0], images.column_starts[-1]) == (100, 356)
    assert (images.row_starts[0], images.row_starts[-1]) == (40, 65)
    np.testing.assert_array_equal(images.values[0], kernel[100:356, 0, 40:65].T)


@pytest.mark.parametrize(("number", "bins"), [(0, (0, 25)), (100, (88, 113)), (512, (488, 513))])
def test_a_close_up_lies_round_the_bin_and_in_the_middle_of_the_frame(number, bins):
    assert close_region(STFTSettings(frame_length=1024), number) == (384, 640, *bins)
    assert close_region(STFTSettings(frame_length=16), number) == (0, 16, 0, 9)


def test_long_frames_are_shown_close_up_unless_somebody_asks_for_the_whole(panel, state):
    assert panel.sent["kernels"][0]["is_close"] is False
    state.update(frame_length=1024)
    wait_until(lambda: panel.sent["kernels"][0]["is_close"])
    panel.set_state({"view": "whole"})
    wait_until(lambda: not panel.sent["kernels"][0]["is_close"])
    state.update(frame_length=64)
    panel.set_state({"view": "close up"})
    wait_until(lambda: panel.sent["kernels"][0]["is_close"])
    assert panel.sent["kernels"][0]["bins"] == (0, 24)


def test_large_kernels_are_drawn_without_being_made(monkeypatch):
    made = []
    part = kernels_panel.make_kernel_block
    monkeypatch.setattr(
        "specwidget.raster.kernel_images.make_kernel_block",
        lambda settings, samples, bins: made.append(len(samples) * len(bins)) or part(settings, samples, bins),
    )
    settings = STFTSettings(frame_length=2**18)
    content, buffers = make_images_part(settings, 44_100.0, None)
    assert made[0] <= SAMPLES_PER_CELL**2 * 512 * 256
    for axes in content["scene"]["axes"]:
        (image,) = axes["items"]
        codes = buffers[image["values"]["buffer"]].view(np.uint16)
        assert codes.size == image["rows"] * image["columns"] <= 512 * 256
    assert content["in_cell"] == [512, 513]


def lines_of(content, buffers):
    """Return x and y of each line of a message, by its label."""
    items = content["scene"]["axes"][0]["items"]
    arrays = [np.frombuffer(buffer, np.uint8).view(np.float32) for buffer in buffers]
    return {item["label"]: (arrays[item["x"]["buffer"]], arrays[item["y"]["buffer"]]) for item in items}


@pytest.mark.parametrize("number", [0, 3, 128])
def test_the_curves_are_the_kernels_of_the_bin(number):
    settings = STFTSettings()
    content, buffers = make_curves_part(settings, 8000.0, None, number)
    kernels = make_kernels(settings)
    lines = lines_of(content, buffers)
    assert list(lines) == ["cosine", "sine"]
    for label, name in (("cosine", "real"), ("sine", "imag")):
        x, y = lines[label]
        np.testing.assert_array_equal(x, np.arange(256))
        np.testing.assert_array_equal(y, getattr(kernels, name)[:, 0, number])
    assert (content["frequency"], content["cycles"]) == (number * 31.25, number)


@pytest.mark.slow
def test_long_curves_keep_every_extreme():
    settings = STFTSettings("real", frame_length=16_384)
    content, buffers = make_curves_part(settings, None, None, 3)
    (line,) = content["scene"]["axes"][0]["items"]
    low, high = (buffers[line[name]["buffer"]].view(np.float32) for name in ("y", "y_max"))
    kernel = make_kernels(settings).real[:, 0, 3]
    assert len(low) <= MAX_POINTS
    assert (low.min(), high.max()) == (kernel.min(), kernel.max())


def test_the_panel_sends_picture_curves_and_no_drift(panel):
    contents = {kind: content for kind, (content, _) in panel.sent.items()}
    json.dumps(contents, allow_nan=False)
    assert contents["kernels"]["names"] == ["real", "imag"]
    assert contents["curves"]["bin"] == 8
    assert contents["drift"]["is_trained"] is False


def test_another_bin_is_shown_and_the_picture_stays(panel):
    serial = panel.sent["kernels"][0]["serial"]
    panel.set_state({"bin": 20})
    wait_until(lambda: panel.sent["curves"][0]["bin"] == 20)
    assert panel.sent["kernels"][0]["serial"] == serial
    assert panel.serials["kernels"] == serial


@pytest.mark.parametrize("value", [-1, 129, 2.5, "abc", True, None])
def test_a_bin_that_is_not_there_gets_its_sentence(panel, value):
    panel.set_state({"bin": value})
    assert panel.bin_problem == f"Bin must be a whole number from 0 to 128; got {value!r}."
    panel.set_state({"bin": 3})
    assert panel.bin_problem == ""
    wait_until(lambda: panel.sent["curves"][0]["bin"] == 3)


def test_fewer_bins_show_the_last_one(panel, state):
    panel.set_state({"bin": 100})
    state.update(frame_length=32)
    wait_until(lambda: panel.sent["curves"][0]["bin"] == 16)


def test_settings_that_leave_the_kernels_leave_the_panel(panel, state):
    before = dict(panel.serials)
    state.update(frame_step=17, padding="same", mode="psd", expand_dims=True)
    time.sleep(0.2)
    assert panel.serials == before
    state.update(scaling="spectrum")
    wait_until(lambda: panel.sent["kernels"][0]["serial"] == before["kernels"] + 1)


def test_trained_kernels_are_shown_with_their_drift(panel, state):
    panel.set_state({"bin": 5})
    train(state)
    wait_until(lambda: panel.sent["drift"][0]["is_trained"])
    content, buffers = panel.sent["drift"]
    # Thrice the cosine is two of its sizes away, and its size is a fraction of the window's.
    weights, k = state.current.settings.scaled_window, 5
    size = np.sqrt(np.sum((weights * np.cos(2 * np.pi * k * np.arange(256) / 256)) ** 2) / np.sum(weights**2))
    (_, distance) = lines_of(content, buffers)[""]
    assert distance[k] == pytest.approx(2 * size, rel=1e-5)
    assert np.count_nonzero(distance) == 1
    assert (content["farthest"], content["largest"]) == (k, pytest.approx(2 * size, rel=1e-5))
    wait_until(lambda: panel.sent["curves"][0]["is_trained"])
    lines = lines_of(*panel.sent["curves"])
    assert list(lines) == ["cosine", "sine", "Fourier cosine", "Fourier sine"]
    np.testing.assert_allclose(lines["cosine"][1], 3 * lines["Fourier cosine"][1], rtol=1e-6)
    serial = panel.serials["drift"]
    train(state, bin_number=9)
    wait_until(lambda: panel.sent["drift"][0]["serial"] == serial + 1)


def test_fouriers_kernels_have_no_drift_to_send():
    assert make_drift_part(8000.0, None) == ({"is_trained": False}, [])
