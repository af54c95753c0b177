"""Selected frames of a signal: the same bits as in the whole transform."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwidget.stft.frame_selection import compute_frames, compute_frames_at, frame_support
from specwidget.stft.pipeline import compute_spectrogram
from specwidget.stft.settings import DTYPES, MODES, STFTSettings
from specwidget.stft.shapes import count_frames
from tests.layers import make_layer, make_matmul_layer


@st.composite
def regions(draw):
    """Settings, a signal, and a range of its frames."""
    frame_length = draw(st.integers(1, 80))
    settings = STFTSettings(
        mode=draw(st.sampled_from(MODES)),
        frame_length=frame_length,
        frame_step=draw(st.integers(1, frame_length)),
        fft_length=frame_length + draw(st.integers(0, 40)),
        window=draw(st.sampled_from([None, "hamming", "boxcar"])),
        padding=draw(st.sampled_from(["valid", "same"])),
        dtype=draw(st.sampled_from(DTYPES)),
        data_format=draw(st.sampled_from(["channels_last", "channels_first"])),
        expand_dims=draw(st.booleans()),
    )
    least = frame_length if settings.padding == "valid" else 1
    n_samples = draw(st.integers(least, least + 400))
    signal = np.random.default_rng(draw(st.integers(0, 9))).standard_normal((2, n_samples, 2))
    if draw(st.booleans()):
        signal[1, draw(st.integers(0, n_samples - 1)), 0] = np.nan
    inputs = signal if settings.channels_last else signal.swapaxes(1, 2)
    n_frames = count_frames(n_samples, settings)
    first = draw(st.integers(0, n_frames - 1))
    return settings, inputs, first, draw(st.integers(first + 1, n_frames))


def frames_of(values, settings):
    """Move the axis of frames to the front."""
    if settings.channels_last:
        return values.swapaxes(0, 1)
    return np.moveaxis(values, 2 if settings.expand_dims else -1, 0)


@given(regions())
def test_a_range_of_frames_has_the_bits_of_the_whole_transform(region):
    settings, inputs, first, last = region
    whole = compute_spectrogram(inputs, settings)
    some = compute_frames(inputs, first, last, settings)
    np.testing.assert_array_equal(frames_of(some, settings), frames_of(whole, settings)[first:last], strict=True)


@given(regions(), st.data())
def test_frames_at_indices_have_the_bits_of_the_whole_transform(region, data):
    settings, inputs, _, last = region
    frames = data.draw(st.lists(st.integers(0, last - 1), min_size=1, max_size=8))
    whole = compute_spectrogram(inputs, settings)
    some = compute_frames_at(inputs, frames, settings)
    np.testing.assert_array_equal(frames_of(some, settings), frames_of(whole, settings)[frames], strict=True)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_selected_frames_use_the_kernels_of_the_layer(padding):
    inputs = np.random.default_rng(0).standard_normal((2, 3000, 2))
    for make in (make_layer, make_matmul_layer):
        layer = make(padding=padding, dtype="float64")
        np.testing.assert_allclose(layer.frames(inputs, 5, 9), layer(inputs)[:, 5:9], rtol=0, atol=1e-11)


@given(regions())
def test_a_reused_buffer_holds_the_same_bits_in_the_same_memory(region):
    settings, inputs, first, last = region
    layer = make_layer(**settings.to_dict())
    kept = layer.frames(inputs, first, last)
    reused = layer.frames(inputs, first, last, reuse_buffer=True)
    np.testing.assert_array_equal(reused, kept, strict=True)
    again = layer.frames(inputs, first, last, reuse_buffer=True)
    assert np.shares_memory(reused, again)
    assert not np.shares_memory(kept, again)


def test_only_samples_under_the_frames_are_read():
    settings = STFTSettings(frame_length=100, frame_step=50)
    inputs = np.zeros((1, 10_000, 1))
    covered = frame_support(inputs, 20, 22, settings)
    assert covered.shape == (1, 150, 1)
    assert np.shares_memory(covered, inputs[:, 1000:1150])


@pytest.mark.parametrize(("first", "last"), [(-1, 3), (3, 3), (0, 78), (5, 2)])
def test_a_range_of_missing_frames_is_an_error(first, last):
    with pytest.raises(ValueError, match=r"^`first` and `last` must satisfy 0 <= first < last <= n_frames=77; got"):
        compute_frames(np.zeros((1, 10_000, 1)), first, last, STFTSettings())


def test_an_empty_list_of_frames_is_an_error():
    with pytest.raises(ValueError, match=r"^`frames` must have at least 1 index; got none\.$"):
        make_layer().frames_at(np.zeros((1, 10_000, 1)), [])


def test_an_index_must_be_an_integer():
    with pytest.raises(TypeError, match=r"^`first` must be an integer; got 0\.5\."):
        make_layer().frames(np.zeros((1, 10_000, 1)), 0.5, 2)
