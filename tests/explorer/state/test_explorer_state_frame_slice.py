"""One frame: its spectrum, its samples and its window, of the displayed channel and no other."""

import numpy as np
import pytest

from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.sounds import as_sound
from specwidget.stft.settings import MODES
from specwidget.stft.windows import make_window

SAMPLES = np.random.default_rng(0).standard_normal((3, 700, 2)).astype("float32")


@pytest.fixture
def batch():
    """Three signals of two channels, with 64 samples in a frame."""
    state = ExplorerState(as_sound(SAMPLES, 8000), frame_length=64, frame_step=50, decibels=False, window="hamming")
    state.flush()
    yield state
    state.close()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize(("batch_item", "channel"), [(0, 0), (0, 1), (1, 0), (2, 1)])
def test_a_frame_is_that_of_the_batch_item_and_channel(batch, mode, data_format, batch_item, channel):
    batch.update(mode=mode, data_format=data_format, batch_item=batch_item, channel=channel)
    for frame in (0, 1, 12):
        found = batch.frame_slice(frame)
        np.testing.assert_array_equal(found.values, batch.result.channel_values(batch_item, channel)[frame])
        np.testing.assert_array_equal(found.samples, SAMPLES[batch_item, 50 * frame : 50 * frame + 64, channel])
        np.testing.assert_allclose(found.window, make_window("hamming", 64, False), rtol=1e-6)
        assert {array.dtype for array in (found.values, found.samples, found.window)} == {np.dtype("float32")}
        assert found.frame == frame


def test_there_is_no_frame_before_the_first_or_after_the_last(batch):
    assert batch.current.n_frames == 13
    for frame in (-1, 13, 14):
        assert batch.frame_slice(frame) is None


def test_a_frame_that_reaches_into_the_padding_has_zeros_there(batch):
    batch.update(padding="same")
    # 14 frames reach over 714 samples, 14 more than there are.
    found = batch.frame_slice(0)
    assert not found.samples[:7].any()
    np.testing.assert_array_equal(found.samples[7:], SAMPLES[0, :57, 0])


def test_without_a_window_it_is_ones_and_float16_values_are_exact(batch):
    batch.update(window=None, dtype="float16", mode="real")
    found = batch.frame_slice(3)
    assert found.window.tolist() == [1.0] * 64
    np.testing.assert_array_equal(found.values, batch.result.channel_values()[3].astype("float32"))


def test_values_beyond_float32_become_infinite_without_a_warning(batch):
    batch.update(sound=as_sound(1e30 * SAMPLES.astype("float64"), 8000), dtype="float64", mode="psd", scaling=None)
    assert np.isposinf(batch.frame_slice(3).values).all()


def test_what_goes_to_the_page_names_frame_and_quantity(batch):
    batch.update(mode="psd", decibels=True, unit="V")
    found = batch.frame_slice(5)
    assert found.header() == {"frame": 5, "label": "PSD", "unit": "dB", "other": None}
    values, samples, window = (np.frombuffer(buffer, np.float32) for buffer in found.buffers())
    for sent, array in ((values, found.values), (samples, found.samples), (window, found.window)):
        np.testing.assert_array_equal(sent, array)
    np.testing.assert_allclose(values, 10 * np.log10(batch.result.channel_values()[5] / 8000), rtol=1e-5)


def test_before_the_first_valid_result_there_is_no_frame_and_no_channel():
    state = ExplorerState(as_sound(np.zeros(10), 8000))
    state.flush()
    assert state.current is None
    assert state.current_channel() is None
    assert state.frame_slice(0) is None
    assert state.audio_channel() == (None, None)
    assert state.snapshot() is None
    state.close()


@pytest.mark.parametrize("mode", ["log", "stft"])
def test_the_other_of_a_and_b_comes_with_the_frame_at_the_same_time(batch, mode):
    batch.update(mode=mode)
    assert batch.frame_slice(3).other is None
    batch.set_b()
    batch.update(frame_length=128, frame_step=10, window="blackman", channel=1)
    # The centre of frame 20 is sample 264; those of B are 32 + 50 t.
    other = batch.frame_slice(20).other
    assert (other.frame, other.spacing) == (5, 8000 / 64)
    batch.swap_ab()
    np.testing.assert_array_equal(other.values, batch.result.channel_values(0, 1)[5])
    assert len(batch.frame_slice(5).buffers()) == 4


def test_another_quantity_has_no_curve_beside_it(batch):
    batch.update(mode="psd")
    batch.set_b()
    for changes in ({"mode": "magnitude"}, {"mode": "psd", "scaling": "spectrum"}):
        batch.update(**changes)
        assert batch.frame_slice(3).other is None


def test_the_other_may_be_of_another_sound_and_rate(batch):
    batch.set_b()
    batch.update(sound=(SAMPLES[0, :300, 0], 4000), frame_length=32, frame_step=32)
    # The centre of frame 2 is sample 80 at 4 kHz, which is sample 160 at 8 kHz; those of B are 32 + 50 t.
    other = batch.frame_slice(2).other
    assert (other.frame, other.spacing) == (3, 8000 / 64)
    batch.swap_ab()
    np.testing.assert_array_equal(other.values, batch.result.channel_values(0, 0)[3])


def test_the_other_has_the_batch_item_and_channel_that_are_displayed_or_its_last(batch):
    batch.set_b()
    batch.update(batch_item=1, channel=1, frame_length=128)
    other = batch.frame_slice(0).other
    np.testing.assert_array_equal(other.values, values_at(SAMPLES[1, 50 * other.frame :, 1]))
    batch.update(sound=as_sound(SAMPLES[1:, :, :1], 8000))
    batch.set_b()
    batch.update(sound=as_sound(SAMPLES, 8000), batch_item=2, channel=1)
    other = batch.frame_slice(0).other
    np.testing.assert_array_equal(other.values, batch._other.channel((1, 0)).frames(other.frame, other.frame + 1)[0])
    np.testing.assert_array_equal(batch._other.channel((1, 0)).samples[0, :, 0], SAMPLES[2, :, 0])


def values_at(samples):
    """Return the values of one frame of 64 samples."""
    state = ExplorerState(as_sound(samples[:64], 8000), frame_length=64, window="hamming", decibels=False)
    state.flush()
    try:
        return state.frame_slice(0).values
    finally:
        state.close()


def test_the_other_has_the_unit_that_is_displayed(batch):
    batch.update(mode="psd", decibels=True)
    expected = batch.frame_slice(3)
    batch.set_b()
    batch.update(sound=as_sound(SAMPLES[:1], 8000))
    other = batch.frame_slice(3).other
    assert other.frame == 3
    np.testing.assert_array_equal(other.values, expected.values)


@pytest.mark.parametrize(("rates", "is_shown"), [((None, None), True), ((8000, None), False), ((None, 8000), False)])
def test_sounds_have_a_time_in_common_where_both_or_neither_have_a_rate(batch, rates, is_shown):
    batch.update(sound=as_sound(SAMPLES, rates[0]))
    batch.set_b()
    batch.update(sound=as_sound(SAMPLES[:1], rates[1]))
    other = batch.frame_slice(3).other
    assert (other is not None) is is_shown
    if is_shown:
        assert (other.frame, other.spacing) == (3, 1 / 64)


@pytest.mark.parametrize(("n_samples", "is_shown"), [(132, True), (131, False)])
def test_after_the_end_of_the_other_there_is_no_curve(batch, n_samples, is_shown):
    batch.update(sound=as_sound(SAMPLES[0, :n_samples], 8000))
    batch.set_b()
    batch.update(sound=as_sound(SAMPLES, 8000))
    # The centre of frame 2 is sample 132.
    assert (batch.frame_slice(2).other is not None) is is_shown


def test_the_other_is_computed_once_and_again_when_b_changes(batch):
    batch.set_b()
    first = batch.frame_slice(3)
    computed = batch._other
    np.testing.assert_array_equal(first.other.values, first.values)
    assert batch.frame_slice(4).other is not None
    assert batch._other is computed
    batch.update(frame_length=128, frame_step=50)
    batch.set_b()
    second = batch.frame_slice(3)
    np.testing.assert_array_equal(second.other.values, second.values)
