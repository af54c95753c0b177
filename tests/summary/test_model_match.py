"""Settings beside a model's front end: the rows, and what taking them sets."""

import numpy as np
import pytest

from specwidget import front_ends
from specwidget.matching.comparison_signal import make_comparison_signal
from specwidget.matching.stages import Stages
from specwidget.matching.switches import differing_switches
from specwidget.mel.stages import FRONT_END_DEFAULTS, BandSettings, make_settings, values_of
from specwidget.summary.model_match import (
    NO_RATE,
    STAGE,
    band_values,
    is_as_model,
    match_model,
    taken_values,
)

RATE = 22_050


def bands(**values):
    return band_values({**FRONT_END_DEFAULTS, "stage": "mel", **values}, RATE)[0]


@pytest.mark.parametrize("name", front_ends)
def test_taking_every_row_gives_the_values_of_the_model(name):
    model = front_ends[name]
    own = bands()
    switches = differing_switches(Stages.of(own.layer), Stages.of(model.layer))
    changes = {}
    for switch in switches:
        changes |= taken_values(switch.name, name)
    rate = changes.pop("sample_rate", RATE)
    # What follows other settings where it is None has been set.
    made = make_settings({**values_of(own), "max_freq": RATE / 2, **changes}, rate)
    signal = make_comparison_signal(rate)[:8000]
    np.testing.assert_allclose(made.layer(signal), model.layer(signal), rtol=1e-4, atol=1e-4)


def test_rows_that_are_taken_come_first_and_count_no_more():
    own = bands(frame_length=400, frame_step=128, num_mel_bins=80)
    match = match_model(own, "kaldi", ["frame step"])
    first, *rest = match.rows
    assert (first.title, first.mine, first.theirs, first.is_taken) == ("Frame step", "128", "160", True)
    assert not any(row.is_taken for row in rest)
    assert match.sentences[0] == f"{len(rest)} settings differ from Kaldi fbank."
    assert match.rows[-1].left == "0"


def test_values_are_those_of_the_menus():
    rows = {row.title: (row.mine, row.theirs) for row in match_model(bands(top_db=None), "librosa").rows}
    assert rows["Mel scale"] == ("HTK", "Slaney")
    assert rows["Lowest frequency"] == ("20 Hz", "0 Hz")
    assert rows["Logarithm, floor and normalization"] == (
        "logarithm yes, range below the top none",
        "logarithm no, range below the top 80",
    )


def test_what_does_not_fit_yet_waits_for_the_rows_above():
    fits = {row.name: row.fits for row in match_model(bands(frame_length=1024), "whisper").rows}
    # An FFT of 400 samples holds no frame of 1024.
    assert (fits["FFT length"], fits["window length"]) == (False, True)
    after = match_model(bands(frame_length=1024), "whisper", ["window length"]).rows
    assert all(row.fits for row in after)


def test_an_stft_has_a_row_for_its_stage():
    own, is_stft = band_values(FRONT_END_DEFAULTS, RATE)
    row = match_model(own, "librosa", is_stft=is_stft).rows[0]
    assert (row.title, row.mine, row.theirs) == ("Stage", "STFT", "Mel spectrogram")
    assert taken_values(STAGE, "librosa") == {"stage": "mel"}
    assert not is_as_model(STAGE, own, "librosa", is_stft=True)
    assert [row.name for row in match_model(own, "librosa", is_stft=is_stft).rows if row.fits] == [STAGE]


def test_coefficients_are_a_stage():
    assert taken_values("cosine transform", "kaldi-mfcc")["stage"] == "mfcc"
    assert taken_values("cosine transform", "kaldi") == {"stage": "mel"}


def test_the_settings_of_a_model_are_said_to_be_its():
    own = BandSettings.of(front_ends["whisper"].layer)
    assert match_model(own, "whisper").sentences == ("The settings are those of Whisper.",)
    assert match_model(own, "whisper").rows == ()


def test_bands_need_a_sample_rate():
    with pytest.raises(ValueError, match=NO_RATE):
        band_values(FRONT_END_DEFAULTS, None)
