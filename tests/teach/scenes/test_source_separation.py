"""Test the colours and the caption of the source separation figure."""

import re

import numpy as np
import pytest

from specwidget.charts.scene import Image
from specwidget.teach.figures import FIGURES
from specwidget.teach.masking import ideal_mask, make_pair, separate, signal_to_distortion
from specwidget.teach.scenes.source_separation import make_settings, masked_energy_share, render_other, render_voice

FIGURE = FIGURES["source_separation"]


def test_the_sign_of_a_cell_is_that_of_the_louder_source():
    image = next(item for item in FIGURE.scene(frame_length=512).axes[0].items if isinstance(item, Image))
    own = ideal_mask(*make_pair(), make_settings(512, 4, "hann")).T[: len(image.values)]
    assert np.array_equal(image.values > 0, own & (image.values != 0))
    assert image.values.max() == pytest.approx(60) or image.values.min() == pytest.approx(-60)


def test_the_caption_has_both_signal_to_distortion_ratios():
    caption = FIGURE.scene(other="ambi_piano", frame_length=2048, level_db=5.0).caption
    pair = make_pair("ambi_piano", 0.0, 5.0)
    found = separate(*pair, make_settings(2048, 4, "hann"))
    told = [float(number) for number in re.findall(r"([\d.]+) dB", caption)]
    assert told == pytest.approx([signal_to_distortion(a, b) for a, b in zip(pair, found, strict=True)], abs=0.05)


def test_the_energy_share_of_a_full_mask_is_1():
    voice, _ = make_pair()
    settings = make_settings(512, 4, "hann")
    mask = ideal_mask(voice, voice, settings)
    assert masked_energy_share(voice, ~mask, settings) == pytest.approx(1)
    assert masked_energy_share(voice, mask, settings) == 0


def test_the_audio_is_that_of_the_separated_sources():
    values = FIGURE.defaults
    pair = make_pair()
    louder = 0.5 / np.abs(pair[0] + pair[1]).max()
    for render, samples in zip(
        (render_voice, render_other), separate(*pair, make_settings(256, 4, "hann")), strict=True
    ):
        assert render(**values).samples == pytest.approx(louder * samples, abs=1e-12)
