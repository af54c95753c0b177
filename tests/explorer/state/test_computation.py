"""A computation: its channels, what is counted of them, and the whole result on request."""

import numpy as np
import pytest

from specwidget.explorer.state import computation as module
from specwidget.explorer.state.computation import Computation
from specwidget.layer import STFTSpectrogram
from specwidget.sounds import as_sound

SAMPLES = np.random.default_rng(0).standard_normal((2, 300, 3)).astype("float32")


def make(**settings):
    layer = STFTSpectrogram(frame_length=16, **settings)
    return Computation(layer.settings, as_sound(SAMPLES, 8000), layer)


def test_a_channel_is_one_of_one_batch_item():
    computation = make()
    assert computation.channel_indices == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    for item, channel in computation.channel_indices:
        samples = computation.channel((item, channel)).samples
        np.testing.assert_array_equal(samples, SAMPLES[item : item + 1, :, channel, None])
        assert samples.shape == (1, 300, 1)


def test_the_share_at_the_floor_is_known_once_every_channel_is_counted():
    computation = make(mode="log")
    n_values = computation.n_frames * computation.settings.n_bins
    for number, index in enumerate(computation.channel_indices):
        assert computation.floor_share() is None
        assert computation.uncounted() == computation.channel_indices[number:]
        computation.n_on_floor[index] = number * 10
    assert computation.uncounted() == []
    assert computation.floor_share() == 150 / (6 * n_values)


def test_a_mode_without_a_floor_has_nothing_to_count():
    computation = make(mode="psd")
    assert computation.uncounted() == []
    assert computation.floor_share() is None


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_the_whole_result_is_that_of_the_layer_and_is_cached_unless_it_is_large(data_format, monkeypatch):
    computation = make(data_format=data_format)
    inputs = SAMPLES if data_format == "channels_last" else SAMPLES.swapaxes(1, 2)
    result = computation.spectrogram(2**30)
    np.testing.assert_array_equal(result.values, computation.layer(inputs))
    assert computation.shape == result.shape
    assert result.sample_rate == 8000.0
    assert computation.spectrogram(2**30) is result
    monkeypatch.setattr(module, "MAX_CACHED_BYTES", result.values.nbytes - 1)
    large = make(data_format=data_format)
    assert large.spectrogram(2**30) is not large.spectrogram(2**30)


def test_a_result_over_the_limit_is_refused():
    with pytest.raises(ValueError, match="within"):
        make().spectrogram(1000)
