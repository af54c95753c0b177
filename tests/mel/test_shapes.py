"""Numbers of frames, their formula, and shapes."""

import pytest

from specwidget import MelSettings
from specwidget.mel.shapes import count_frames, frame_centre, frames_formula, output_shape
from tests.mel.cases import ARGUMENTS, CONVENTIONS

ALL = [MelSettings(**arguments, conventions=each) for arguments in ARGUMENTS.values() for each in CONVENTIONS.values()]


@pytest.mark.parametrize("settings", ALL)
def test_the_last_frame_fits_and_one_more_would_not(settings):
    for n_samples in (80, 81, 95, 331):
        n_frames = count_frames(n_samples, settings) + settings.conventions.drop_last_frame
        covered = (n_frames - 1) * settings.step + settings.span
        assert covered <= n_samples + 2 * settings.margin < covered + settings.step


@pytest.mark.parametrize("settings", ALL)
def test_the_formula_gives_the_number_of_frames(settings):
    assert eval(frames_formula(settings), {"L": 331}) == count_frames(331, settings)


def test_frames_are_centred_on_multiples_of_the_step():
    assert frame_centre(7, MelSettings(512, 160, 400)) == 7 * 160


def test_unknown_lengths_stay_unknown():
    assert output_shape((None, None), MelSettings()) == (None, 128, None)
    assert output_shape((None, None, 2), MelSettings()) == (None, None, 256)
    with pytest.raises(ValueError, match="known number of channels"):
        output_shape((1, 16_000, None), MelSettings())
