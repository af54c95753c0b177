"""Padding, framing without a copy, and reading of frames."""

import array_api_strict
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwidget.stft.frames import frame_signal, pad, read_frames
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames
from tests.reference import DEFAULTS, reference_frames


@st.composite
def framings(draw):
    """A signal's length, and settings under which it has at least one frame."""
    frame_length = draw(st.integers(1, 60))
    step = draw(st.integers(1, frame_length))
    padding = draw(st.sampled_from(["valid", "same"]))
    n_samples = draw(st.integers(frame_length if padding == "valid" else 1, 300))
    return n_samples, {"frame_length": frame_length, "frame_step": step, "padding": padding, "window": None}


@given(framings())
def test_frames_are_slices_of_the_padded_signal(case):
    n_samples, arguments = case
    settings = STFTSettings(**arguments)
    signals = np.arange(1.0, 2 * n_samples + 1).reshape(1, 2, n_samples)
    np.testing.assert_array_equal(
        frame_signal(pad(signals, settings), settings), reference_frames(signals, DEFAULTS | arguments)
    )


@given(framings())
def test_frames_without_strided_views_are_the_same(case):
    n_samples, arguments = case
    settings = STFTSettings(**arguments)
    signals = np.arange(1.0, 2 * n_samples + 1).reshape(1, 2, n_samples)
    found = frame_signal(pad(array_api_strict.asarray(signals), settings), settings)
    np.testing.assert_array_equal(np.asarray(found), reference_frames(signals, DEFAULTS | arguments))


@given(framings(), st.data())
def test_any_range_of_frames_can_be_read(case, data):
    n_samples, arguments = case
    settings = STFTSettings(**arguments)
    row = np.arange(1, n_samples + 1, dtype=np.float32)
    first = data.draw(st.integers(0, count_frames(n_samples, settings) - 1))
    last = data.draw(st.integers(first + 1, count_frames(n_samples, settings)))
    expected = reference_frames(row[None, None], DEFAULTS | arguments)[0, 0, first:last]
    np.testing.assert_array_equal(read_frames(row, first, last, settings), expected)


def test_framing_makes_no_copy():
    signal = np.arange(100.0)[None, None]
    assert np.shares_memory(frame_signal(signal, STFTSettings(frame_length=16, frame_step=4)), signal)


def test_padding_by_0_makes_no_copy():
    signal = np.arange(256.0)[None, None]
    assert pad(signal, STFTSettings()) is signal
    assert pad(signal, STFTSettings(frame_length=16, frame_step=16, padding="same")) is signal


@pytest.mark.parametrize("row", [np.arange(40.0)[::-2], np.arange(20.0).astype(">f8"), np.arange(20).astype("<f2")])
def test_frames_are_read_from_any_stride_byte_order_and_dtype(row):
    frames = read_frames(row, 0, 5, STFTSettings(frame_length=8, frame_step=3))
    assert frames.dtype == np.dtype("float32")
    np.testing.assert_array_equal(frames[4], row[12:20])
