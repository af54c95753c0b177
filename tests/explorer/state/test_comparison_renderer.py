"""Pictures of settings B: those of a layer with these settings, a sketch first where the exact one takes long."""

from dataclasses import replace

import numpy as np
import pytest

from specwidget.explorer.state import picture_cache
from specwidget.explorer.state.comparison_renderer import ComparisonRenderer
from specwidget.layer import STFTSpectrogram
from specwidget.raster import columns as columns_module
from specwidget.raster.columns import Cancelled, Channel
from specwidget.raster.picture import make_picture
from specwidget.sounds import as_sound
from specwidget.stft.settings import STFTSettings
from specwidget.summary.comparison import Variant
from specwidget.summary.display import PictureOptions

SETTINGS = STFTSettings("psd", frame_length=100, padding="same")
OPTIONS = PictureOptions(0, 1, False, "linear", None, n_columns=90, n_rows=50)


@pytest.fixture
def sound():
    """Return two channels of noise, of which the second is louder at its end."""
    samples = np.random.default_rng(2).standard_normal((60_000, 2)) * np.linspace(0.1, [0.2, 1], 60_000)
    return as_sound(samples.astype("float32"), 8000)


def expected(sound, **options):
    return make_picture(
        STFTSpectrogram.from_settings(SETTINGS).spectrogram(sound.samples, 8000), channel=1, decibels=False, **options
    )


def test_the_picture_is_that_of_the_settings_channel_and_size(sound):
    renderer = ComparisonRenderer(Variant(SETTINGS, sound))
    assert renderer.variant == Variant(SETTINGS, sound)
    picture = renderer.draw(OPTIONS, 2**30)
    np.testing.assert_array_equal(picture.codes, expected(sound, n_columns=90, n_rows=50).codes)


def test_a_second_picture_is_drawn_from_the_same_columns(sound, monkeypatch):
    renderer = ComparisonRenderer(Variant(SETTINGS, sound))
    renderer.draw(OPTIONS, 2**30)
    monkeypatch.setattr(Channel, "frames", None)
    assert renderer.draw(replace(OPTIONS, decibels=True), 2**30).quantity.unit.startswith("dB")


def test_work_beyond_the_limit_and_settings_that_do_not_fit_are_refused(sound):
    with pytest.raises(ValueError, match=r"must keep the .* within 1\.953 KiB"):
        ComparisonRenderer(Variant(SETTINGS, sound)).draw(OPTIONS, 2000)
    with pytest.raises(ValueError, match="at least frame_length=70000 samples"):
        ComparisonRenderer(Variant(STFTSettings(frame_length=70_000), sound)).draw(OPTIONS, 2**30)


@pytest.fixture
def long(sound, monkeypatch):
    """Return a renderer for which everything takes too long to be drawn at once."""
    monkeypatch.setattr(picture_cache, "AT_ONCE", 0)
    monkeypatch.setattr(picture_cache, "PREVIEW", 2**16)
    monkeypatch.setattr(columns_module, "ONE_BLOCK", 0)
    return ComparisonRenderer(Variant(SETTINGS, sound))


def test_a_sketch_is_refined_until_the_picture_is_exact(long, sound):
    assert not long.draw(OPTIONS, 2**30).is_exact
    *_, last = list(long.refine(OPTIONS, lambda: False))
    assert last.is_exact
    np.testing.assert_array_equal(last.codes, expected(sound, n_columns=90, n_rows=50).codes)
    assert long.draw(OPTIONS, 2**30).is_exact
    assert list(long.refine(OPTIONS, lambda: False)) == []


def test_the_visible_part_is_exact_first(long):
    options = replace(OPTIONS, visible=(20_000.0, 40_000.0, 0.0, 1.0))
    long.draw(options, 2**30)
    pictures = list(long.refine(options, lambda: False))
    # Then the whole, whose range of colours it has.
    assert [picture.is_exact for picture in pictures] == [True, True]


def test_the_refinement_stops_when_it_is_told_to(long):
    with pytest.raises(Cancelled):
        list(long.refine(OPTIONS, lambda: True))
