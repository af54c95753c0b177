"""The figure of two sounds in one: what its colours and its sentence say."""

import re

import numpy as np
import pytest

from specwidget.charts.scene import Image
from specwidget.teach.figures import FIGURES
from specwidget.teach.masking import ideal_mask, make_pair, separate, signal_to_distortion
from specwidget.teach.scenes.separation import hear_first, hear_second, settings_of, share_kept

PLAN = FIGURES["separation"]


def test_a_cell_has_the_colour_of_the_louder_sound():
    image = next(item for item in PLAN.scene(frame_length=512).axes[0].items if isinstance(item, Image))
    own = ideal_mask(*make_pair(), settings_of(512, 4, "hann")).T[: len(image.values)]
    assert np.array_equal(image.values > 0, own & (image.values != 0))
    assert image.values.max() == pytest.approx(60) or image.values.min() == pytest.approx(-60)


def test_the_caption_tells_how_far_the_distortion_lies_below_each():
    caption = PLAN.scene(other="ambi_piano", frame_length=2048, level_db=5.0).caption
    pair = make_pair("ambi_piano", 0.0, 5.0)
    found = separate(*pair, settings_of(2048, 4, "hann"))
    told = [float(number) for number in re.findall(r"([\d.]+) dB", caption)]
    assert told == pytest.approx([signal_to_distortion(a, b) for a, b in zip(pair, found, strict=True)], abs=0.05)


def test_all_energy_is_kept_where_everything_is_one_s_own():
    voice, _ = make_pair()
    settings = settings_of(512, 4, "hann")
    mask = ideal_mask(voice, voice, settings)
    assert share_kept(voice, ~mask, settings) == pytest.approx(1)
    assert share_kept(voice, mask, settings) == 0


def test_both_that_are_heard_are_the_two_that_are_found():
    values = PLAN.defaults
    pair = make_pair()
    louder = 0.5 / np.abs(pair[0] + pair[1]).max()
    for hear, samples in zip((hear_first, hear_second), separate(*pair, settings_of(256, 4, "hann")), strict=True):
        assert hear(**values).samples == pytest.approx(louder * samples, abs=1e-12)
