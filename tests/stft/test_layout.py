"""Layout: four arrangements of the same values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwidget.stft.layout import from_output, to_output, to_rows
from specwidget.stft.settings import DATA_FORMATS, MODES, STFTSettings
from tests.layers import make_layer

LAYOUTS = [(data_format, expand) for data_format in DATA_FORMATS for expand in (False, True)]


def signal(channels=3):
    return np.random.default_rng(0).standard_normal((2, 40, channels)).astype(np.float32)


def compute(inputs, data_format, expand_dims, **arguments):
    """The layer's output for inputs (batch, time, channels), converted to its layout."""
    layer = make_layer(frame_length=8, data_format=data_format, expand_dims=expand_dims, **arguments)
    return layer(inputs if layer.settings.channels_last else inputs.transpose(0, 2, 1))


@pytest.mark.parametrize("mode", MODES)
def test_the_four_layouts_hold_the_same_bits(mode):
    batch, n_frames, n_bins, channels = compute(signal(), "channels_last", True, mode=mode).shape
    inner = compute(signal(), "channels_first", True, mode=mode)
    assert inner.shape == (batch, channels, n_frames, n_bins)
    np.testing.assert_array_equal(
        compute(signal(), "channels_last", True, mode=mode), inner.transpose(0, 2, 3, 1), strict=True
    )
    np.testing.assert_array_equal(
        compute(signal(), "channels_first", False, mode=mode),
        inner.transpose(0, 1, 3, 2).reshape(batch, channels * n_bins, n_frames),
        strict=True,
    )
    np.testing.assert_array_equal(
        compute(signal(), "channels_last", False, mode=mode),
        inner.transpose(0, 2, 1, 3).reshape(batch, n_frames, channels * n_bins),
        strict=True,
    )


@pytest.mark.parametrize("mode", MODES)
def test_the_channel_is_the_slow_index(mode):
    flat = compute(signal(), "channels_last", False, mode=mode)
    alone = [compute(signal()[:, :, [c]], "channels_last", False, mode=mode) for c in range(3)]
    np.testing.assert_array_equal(flat, np.concatenate(alone, axis=-1))


def test_stft_has_all_real_bins_of_a_channel_before_its_imaginary_ones():
    flat = compute(signal(2), "channels_last", False, mode="stft")
    real, imag = (compute(signal(2), "channels_last", True, mode=mode) for mode in ("real", "imag"))
    order = [real[..., 0], imag[..., 0], real[..., 1], imag[..., 1]]
    np.testing.assert_array_equal(flat, np.concatenate(order, axis=-1))


@pytest.mark.parametrize("case", ["CHANNELS_FIRST", "Channels_First"])
def test_the_data_format_may_be_written_in_any_case(case):
    np.testing.assert_array_equal(compute(signal(), case, False), compute(signal(), "channels_first", False))


def test_no_data_format_is_channels_last():
    np.testing.assert_array_equal(compute(signal(), None, True), compute(signal(), "channels_last", True))


@given(st.tuples(*[st.integers(1, 4)] * 3), st.sampled_from(LAYOUTS), st.sampled_from(["log", "stft"]))
def test_from_output_inverts_to_output(sizes, layout, mode):
    settings = STFTSettings(mode=mode, frame_length=4, data_format=layout[0], expand_dims=layout[1])
    inner = np.arange(np.prod(sizes) * settings.n_outputs, dtype=float).reshape(*sizes, settings.n_outputs)
    np.testing.assert_array_equal(from_output(to_output(inner, settings), settings), inner)


@pytest.mark.parametrize(("data_format", "expand_dims"), LAYOUTS)
def test_a_result_can_be_written_through_from_output(data_format, expand_dims):
    settings = STFTSettings(frame_length=4, data_format=data_format, expand_dims=expand_dims)
    output = np.ascontiguousarray(to_output(np.zeros((2, 3, 5, settings.n_outputs)), settings))
    from_output(output, settings)[1, 2, 4] = 7
    np.testing.assert_array_equal(from_output(output, settings)[1, 2, 4], 7)
    assert np.count_nonzero(output) == settings.n_outputs


def test_rows_are_a_view_of_the_input():
    inputs = signal()
    for data_format in DATA_FORMATS:
        rows = to_rows(inputs, STFTSettings(data_format=data_format))
        assert np.shares_memory(rows, inputs)
    assert to_rows(inputs, STFTSettings()).shape == (2, 3, 40)
