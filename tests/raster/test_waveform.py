"""The waveform: lowest and highest of each part, against the samples themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwidget.raster import waveform as waveform_module
from specwidget.raster.waveform import Envelope

NOISE = np.random.default_rng(2).standard_normal(70_001).astype("float32")


@given(ends=st.tuples(st.floats(0, 1), st.floats(0, 1)), n=st.integers(1, 3000))
def test_every_part_holds_the_extremes_of_its_samples(ends, n):
    low, high = sorted(end * len(NOISE) for end in ends)
    if high - low < 1:
        return
    drawn = ENVELOPE.between(low, high, n)
    length, rest = divmod(drawn.last - drawn.first, len(drawn.minimum))
    assert rest == 0
    assert drawn.first <= low
    assert drawn.last >= high
    assert len(drawn.minimum) <= n + 1
    for i in {0, len(drawn.minimum) // 2, len(drawn.minimum) - 1}:
        part = NOISE[drawn.first + i * length : drawn.first + (i + 1) * length]
        assert (drawn.minimum[i], drawn.maximum[i]) == (part.min(), part.max())


ENVELOPE = Envelope(NOISE)


def test_where_there_is_room_the_samples_themselves_are_drawn():
    drawn = ENVELOPE.between(1000, 1500, 800)
    assert np.array_equal(drawn.minimum, NOISE[1000:1500])
    assert np.array_equal(drawn.maximum, NOISE[1000:1500])


def test_the_summary_is_the_same_however_it_is_read(monkeypatch):
    monkeypatch.setattr(waveform_module, "READ_SAMPLES", 1024)
    again = Envelope(NOISE)
    assert np.array_equal(again.lowest, ENVELOPE.lowest)
    assert np.array_equal(again.highest, ENVELOPE.highest)


def test_a_sample_that_is_not_a_number_shows_in_its_part_alone():
    samples = np.zeros(10_000, "float64")
    samples[5000] = np.nan
    drawn = Envelope(samples).between(0, 10_000, 100)
    assert np.flatnonzero(np.isnan(drawn.minimum)).tolist() == [50]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_channels_of_any_stride_and_type_are_drawn(dtype):
    stereo = NOISE[:60_000].reshape(-1, 2).astype(dtype)
    drawn = Envelope(stereo[:, 1]).between(0, 30_000, 300)
    assert drawn.minimum.dtype == np.float32
    assert drawn.minimum.min() == stereo[:, 1].min().astype("float32")
