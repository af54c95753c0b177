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


@pytest.fixture
def other():
    """Return a renderer of one channel of a second at twice the rate."""
    samples = np.random.default_rng(1).standard_normal((16_000, 1)).astype("float32")
    return ComparisonRenderer(Variant(SETTINGS, as_sound(samples, 16_000)))


def with_sound(renderer, **changes):
    return ComparisonRenderer(Variant(SETTINGS, replace(renderer.variant.sound, **changes)))


def test_the_same_sound_has_the_same_options(sound):
    options = replace(OPTIONS, visible=(100.0, 200.0, 0.0, 0.5))
    assert ComparisonRenderer(Variant(SETTINGS, sound)).options_for(options, sound) is options


def test_a_part_of_one_sound_is_the_same_time_and_frequency_of_the_other(other, sound):
    options = replace(OPTIONS, visible=(2000.0, 6000.0, 0.25, 0.5), frequency_axis="mel")
    changed = other.options_for(options, sound)
    # 8 kHz against 16 kHz: a quarter of a second is twice as many samples, 1 to 2 kHz half the share.
    assert changed == replace(options, visible=(4000.0, 12_000.0, 0.125, 0.25), channel=0)
    assert other.draw(changed, 2**30).grid.visible == (4000.0, 12_000.0, 0.125, 0.25)


def test_a_part_ends_with_the_other_sound_and_its_highest_frequency(other, sound):
    ends = {
        # Seconds 0.5 to 2 of a second.
        (4000.0, 16_000.0, 0.0, 1.0): (8000.0, 16_000.0, 0.0, 0.5),
        (7000.0, 8000.0, 0.0, 1.0): (14_000.0, 16_000.0, 0.0, 0.5),
        # Nothing of it is after a second.
        (8000.0, 9000.0, 0.0, 1.0): None,
    }
    for visible, expected in ends.items():
        assert other.options_for(replace(OPTIONS, visible=visible), sound).visible == expected
    slow = with_sound(other, sample_rate=4000)
    # 2 to 4 kHz is above its highest frequency, 1 to 4 kHz is not.
    for low, expected in ((0.5, None), (0.25, (1000.0, 2000.0, 0.5, 1.0))):
        assert slow.options_for(replace(OPTIONS, visible=(2000.0, 4000.0, low, 1.0)), sound).visible == expected


def test_without_a_sample_rate_there_is_no_time_in_common_with_one_that_has_a_rate(other, sound):
    options = replace(OPTIONS, visible=(2000.0, 6000.0, 0.25, 0.5), frequency_axis="mel")
    changed = with_sound(other, sample_rate=None).options_for(options, sound)
    assert (changed.visible, changed.frequency_axis) == (None, "linear")
    for low in (0.0, 0.25):
        part = replace(options, visible=(2000.0, 6000.0, low, 1.0))
        assert with_sound(other, sample_rate=None).options_for(part, sound).visible is None
    without = replace(sound, sample_rate=None)
    changed = other.options_for(options, without)
    assert (changed.visible, changed.frequency_axis) == (None, "mel")
    # Without both, a sample is a sample.
    changed = with_sound(other, sample_rate=None).options_for(options, without)
    assert (changed.visible, changed.frequency_axis) == (options.visible, "linear")
    assert with_sound(other, sample_rate=None).options_for(OPTIONS, sound).frequency_axis == "linear"


def test_the_whole_is_the_whole_of_the_other_and_its_last_item_and_channel(other, sound):
    assert other.options_for(OPTIONS, sound) == replace(OPTIONS, channel=0)
    samples = np.zeros((2, 3000, 3), "float32")
    options = replace(OPTIONS, batch_item=5, channel=7, frequency_axis="log")
    assert with_sound(other, samples=samples).options_for(options, sound) == replace(options, batch_item=1, channel=2)
    assert with_sound(other, samples=samples).options_for(OPTIONS, sound) == OPTIONS
