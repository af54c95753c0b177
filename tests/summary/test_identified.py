"""What was found, for the page: whether and how it sets the controls."""

import json

import pytest

from specwidget import MFCC, MelSpectrogram, STFTSpectrogram, front_ends
from specwidget.matching.result import SEARCHED, Identification
from specwidget.mel.stages import FRONT_END_DEFAULTS, BandSettings, make_settings
from specwidget.summary.identified import describe_identification, settings_to_set


@pytest.mark.parametrize(
    "layer", [STFTSpectrogram("psd", 400, window="hamming"), front_ends["kaldi"].layer, front_ends["kaldi-mfcc"].layer]
)
def test_the_controls_get_the_settings_of_the_layer(layer):
    values, rate = settings_to_set(Identification("found", 1e-7, layer))
    made = make_settings({**FRONT_END_DEFAULTS, **values}, rate)
    wanted = layer.settings if isinstance(layer, STFTSpectrogram) else BandSettings.of(layer)
    assert type(made) is type(wanted)
    assert (made.frame_length, made.step, made.n_fft, made.n_outputs) == (
        *(wanted.frame_length, wanted.step, wanted.n_fft, wanted.n_outputs),
    )
    assert rate == (None if isinstance(layer, STFTSpectrogram) else 16_000)
    assert isinstance(layer, STFTSpectrogram | MelSpectrogram | MFCC)


def test_another_sample_rate_is_announced():
    about = describe_identification(Identification("found", 1e-7, front_ends["kaldi"].layer), 44_100)
    assert about["remarks"] == ["Setting them gives this sound the sample rate 16000 Hz."]
    assert describe_identification(Identification("found", 1e-7, front_ends["kaldi"].layer), 16_000)["remarks"] == []
    about = describe_identification(
        Identification("found", 1e-7, front_ends["kaldi"].layer), 44_100, is_its_sound=False
    )
    assert about["remarks"] == ["The array was made of another sound: setting them resamples this one to 16000 Hz."]


def test_what_no_layer_does_is_in_the_code():
    found = Identification("found", 1e-7, STFTSpectrogram(), code="code", rest=("y = y - y.max()",))
    assert describe_identification(found, None)["remarks"] == ["The controls don't have all of it; the code has."]
    without = describe_identification(Identification("found", 1e-7, None, code="code"), None)
    assert (without["can_set"], without["remarks"]) == (
        False,
        ["The controls don't have these settings; the code has."],
    )


def test_nothing_is_set_where_nothing_fits():
    found = Identification("nothing fits", 0.2, STFTSpectrogram(), (("window", "hann"),), code="code", nearest="this")
    about = json.loads(json.dumps(describe_identification(found, None)))
    assert (about["can_set"], about["settings"], about["code"]) == (False, [], "")
    assert about["sentences"] == [f"Nothing fits; the nearest: this. {SEARCHED}"]
