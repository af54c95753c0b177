"""Shapes: integers that hold for every length, step and frame."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from specwidget.stft import shapes
from specwidget.stft.settings import STFTSettings


@st.composite
def lengths(draw, padding):
    """A signal's length and settings of frame, step and padding, without a window."""
    frame_length = draw(st.integers(1, 600))
    settings = STFTSettings(
        frame_length=frame_length, frame_step=draw(st.integers(1, frame_length)), window=None, padding=padding
    )
    return draw(st.integers(1, 3000)), settings


@given(lengths("valid"))
def test_the_last_frame_fits_and_one_more_would_not(case):
    n_samples, settings = case
    assume(n_samples >= settings.frame_length)
    last_start = (shapes.count_frames(n_samples, settings) - 1) * settings.step
    assert last_start + settings.frame_length <= n_samples
    assert last_start + settings.step + settings.frame_length > n_samples


@given(lengths("valid"))
def test_the_dropped_tail_is_the_samples_after_the_last_frame(case):
    n_samples, settings = case
    assume(n_samples >= settings.frame_length)
    end = shapes.frame_start(shapes.count_frames(n_samples, settings) - 1, n_samples, settings) + settings.frame_length
    assert shapes.dropped_tail(n_samples, settings) == n_samples - end
    assert 0 <= shapes.dropped_tail(n_samples, settings) < settings.step
    assert shapes.padding_amounts(n_samples, settings) == (0, 0)


@given(lengths("valid"))
def test_a_signal_shorter_than_a_frame_has_no_valid_frame(case):
    n_samples, settings = case
    assume(n_samples < settings.frame_length)
    assert shapes.count_frames(n_samples, settings) == 0


@given(lengths("same"))
def test_same_padding_keeps_one_frame_per_step(case):
    n_samples, settings = case
    n_frames = shapes.count_frames(n_samples, settings)
    assert (n_frames - 1) * settings.step < n_samples <= n_frames * settings.step


@given(lengths("same"))
def test_same_padding_adds_no_more_zeros_than_the_last_frame_needs(case):
    n_samples, settings = case
    left, right = shapes.padding_amounts(n_samples, settings)
    needed = (shapes.count_frames(n_samples, settings) - 1) * settings.step + settings.frame_length
    assert left + right == max(needed - n_samples, 0)
    assert right - left in (0, 1)


@given(lengths("same"))
def test_same_padding_covers_every_sample_and_drops_none(case):
    n_samples, settings = case
    covered = np.zeros(n_samples, bool)
    for t in range(shapes.count_frames(n_samples, settings)):
        start = shapes.frame_start(t, n_samples, settings)
        covered[max(start, 0) : start + settings.frame_length] = True
    assert covered.all()
    assert shapes.dropped_tail(n_samples, settings) == 0


@given(lengths("same"), st.data())
def test_a_frame_starts_a_step_after_the_one_before_and_is_centred_half_a_frame_later(case, data):
    n_samples, settings = case
    t = data.draw(st.integers(0, shapes.count_frames(n_samples, settings) - 1))
    start = t * settings.step - shapes.padding_amounts(n_samples, settings)[0]
    assert shapes.frame_start(t, n_samples, settings) == start
    assert shapes.frame_centre(t, n_samples, settings) == start + settings.frame_length / 2


def test_one_more_sample_moves_the_first_frame_with_same_padding():
    settings = STFTSettings(frame_length=400, frame_step=160, padding="same")
    assert shapes.frame_centre(0, 16000, settings) == 80
    assert shapes.frame_centre(0, 16001, settings) == 1


@pytest.mark.parametrize(
    ("input_shape", "arguments", "output_shape"),
    [
        ((3, 160000, 1), {}, (3, 1249, 257)),
        ((3, 160000, 2), {"padding": "same"}, (3, 1250, 514)),
        ((3, 160000, 3), {"padding": "same", "expand_dims": True}, (3, 1250, 257, 3)),
        ((3, 2, 160000), {"data_format": "channels_first"}, (3, 514, 1249)),
        ((3, 2, 160000), {"data_format": "channels_first", "expand_dims": True}, (3, 2, 1249, 257)),
        ((3, 160000, 2), {"mode": "stft"}, (3, 1249, 1028)),
        ((3, 160000, 2), {"mode": "stft", "expand_dims": True}, (3, 1249, 514, 2)),
        ((0, 160000, 1), {}, (0, 1249, 257)),
        ((None, 160000, 1), {}, (None, 1249, 257)),
        ((3, None, 1), {}, (3, None, 257)),
        ((None, None, 2), {"padding": "same", "expand_dims": True}, (None, None, 257, 2)),
        ((None, 2, None), {"data_format": "channels_first"}, (None, 514, None)),
    ],
)
def test_the_output_shape_is_computed_without_an_array(input_shape, arguments, output_shape):
    settings = STFTSettings(frame_length=256, frame_step=128, fft_length=512, **arguments)
    assert shapes.output_shape(input_shape, settings) == output_shape


@pytest.mark.parametrize(
    ("shape", "arguments", "message"),
    [
        ((9,), {}, r"3 axes \(batch, time, channels\); got shape \(9,\)\. Add them with inputs\[None, :, None\]\.$"),
        (
            (9,),
            {"data_format": "channels_first"},
            r"3 axes \(batch, channels, time\); got .*inputs\[None, None, :\]\.$",
        ),
        ((2, 16000), {}, r"3 axes \(batch, time, channels\); got shape \(2, 16000\)"),
        ((1, 2, 3, 4), {}, r"3 axes .*got shape \(1, 2, 3, 4\)"),
        ((), {}, r"3 axes .*got shape \(\)"),
        ((1, 0, 1), {}, r"at least 1 sample.*got shape \(1, 0, 1\)"),
        ((1, 0, 1), {"padding": "same"}, r"at least 1 sample.*got shape \(1, 0, 1\)"),
        ((1, 300, 0), {}, r"at least 1 channel.*got shape \(1, 300, 0\)"),
        ((1, 255, 1), {}, r"frame_length=256.*got 255"),
        ((1, 1, 255), {"data_format": "channels_first"}, r"frame_length=256.*got 255"),
        ((1, 2, 16000), {}, r"frame_length=256.*got 2 .*axes look swapped"),
        ((1, 16000, 2), {"data_format": "channels_first"}, r"frame_length=256.*got 2 .*axes look swapped"),
        ((None, None, None), {}, r"known number of channels.*got shape \(None, None, None\)"),
    ],
)
def test_an_invalid_shape_is_an_error_with_its_rule(shape, arguments, message):
    with pytest.raises(ValueError, match=f"^`inputs` must have .*{message}"):
        shapes.output_shape(shape, STFTSettings(**arguments))


def test_swapped_axes_are_suspected_only_if_the_other_axis_is_long():
    with pytest.raises(ValueError, match="got 100") as excinfo:
        shapes.output_shape((1, 100, 2), STFTSettings())
    assert "swapped" not in str(excinfo.value)


@pytest.mark.parametrize("n_samples", [1, 2, 255])
def test_same_padding_accepts_a_shape_shorter_than_a_frame(n_samples):
    assert shapes.output_shape((1, n_samples, 1), STFTSettings(padding="same"))[1] == -(-n_samples // 128)
