"""Gaps: the named frames are those that the transform leaves blank."""

import numpy as np
import pytest

from specwidget.layer import STFTSpectrogram
from specwidget.stft.settings import STFTSettings
from specwidget.summary.gaps import blank_frames, describe_gaps, find_gaps


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("length", "step"), [(256, 128), (100, 37), (64, 64), (50, 80)])
@pytest.mark.parametrize("span", [(0, 1), (500, 520), (999, 1000), (300, 900), (55, 60)])
def test_blank_frames_are_those_whose_output_is_not_finite(padding, length, step, span):
    samples = np.zeros((1, 1000, 1))
    samples[0, span[0] : span[1]] = np.nan
    settings = STFTSettings(frame_length=length, frame_step=min(step, length), padding=padding)
    is_blank = np.isnan(STFTSpectrogram.from_settings(settings)(samples)[0]).all(axis=1)
    first, end = blank_frames(span, 1000, settings)
    assert np.flatnonzero(is_blank).tolist() == list(range(first, end))


def sentence_about(samples, rate=None):
    """Return the sentence about the gaps of a channel."""
    return describe_gaps(find_gaps(samples), len(samples), STFTSettings(), rate)


def test_many_gaps_are_counted_and_the_first_ones_named():
    samples = np.zeros(8000)
    samples[1000:5000:500] = np.nan
    assert sentence_about(samples, 8000.0) == (
        "The samples at 125.0 ms, at 187.5 ms, at 250.0 ms and in 5 more gaps are NaN; frames 6 to 7, frames 10 to 11, "
        "frames 14 to 15 and those of the other gaps are blank."
    )


def test_a_single_infinite_sample_and_one_that_is_in_no_frame_are_named():
    samples = np.zeros(1000)
    samples[130] = np.inf
    assert sentence_about(samples) == "The sample 130 is infinite; frames 0 to 1 are blank."
    samples[130], samples[999] = 0, np.nan
    assert sentence_about(samples) == "The sample 999 is NaN, and in no frame."


def test_finite_samples_have_no_gap():
    assert find_gaps(np.ones(10)) is None
