"""`front_end_difference`: the path to a front end, its constants, and what has no effect."""

import json

import numpy as np
import pytest

from specwidget import MFCC, STFTSpectrogram, front_end_difference, front_ends
from specwidget.matching.comparison_signal import make_comparison_signal
from specwidget.matching.difference import TOLERANCE
from specwidget.matching.switches import MEL_SWITCHES, STFT_SWITCHES
from specwidget.mel.settings import MelSettings
from specwidget.stft.settings import STFTSettings
from tests.matching.mistakes import KALDI_MISTAKES, MISTAKES, changed

SWITCHES = {
    "symmetry": "symmetry of the window",
    "scale": "mel scale",
    "logarithm": "logarithm, floor and normalization",
    "clamp": "logarithm, floor and normalization",
    "centring": "ends of the signal",
    "int16": "gain",
}


def switches(difference):
    return [step.switch for step in difference.path]


@pytest.mark.parametrize(
    ("name", "mistake"),
    [*(("whisper", each) for each in MISTAKES), *(("kaldi", each) for each in KALDI_MISTAKES)],
)
def test_one_mistake_is_one_step(name, mistake):
    changes = (MISTAKES if name == "whisper" else KALDI_MISTAKES)[mistake]
    difference = front_end_difference(changed(name, **changes), name)
    assert switches(difference) == [SWITCHES[mistake]]
    assert difference.path[0].left < 1e-9
    assert difference.path[0].alone > TOLERANCE
    assert not difference.agrees


@pytest.mark.slow
@pytest.mark.parametrize(("name", "mistakes"), [("whisper", MISTAKES), ("kaldi", KALDI_MISTAKES)])
def test_five_mistakes_together_are_a_path_to_the_front_end(name, mistakes):
    changes = {field: value for each in mistakes.values() for field, value in each.items()}
    difference = front_end_difference(changed(name, **changes), name)
    assert set(switches(difference)) == {SWITCHES[each] for each in mistakes}
    left = [step.left for step in difference.path]
    assert left == sorted(left, reverse=True)
    assert left[-1] < 1e-9
    # The corrected layer is the front end's.
    signal = make_comparison_signal(16_000)
    np.testing.assert_allclose(difference.corrected(signal), front_ends[name].layer(signal), rtol=1e-9)
    namespace = {}
    exec(difference.code, namespace)
    np.testing.assert_array_equal(namespace["layer"](signal), difference.corrected(signal))


def test_the_missing_scale_of_16_bits_is_read_aloud():
    difference = front_end_difference(changed("kaldi", gain=1.0), "kaldi")
    assert difference.path[0].reading == "+20.79 in every value = ln(2^30, the scale of 16-bit integers)"
    assert difference.path[0].reading in str(difference)


def test_a_missing_clamp_costs_a_lot_where_silence_follows():
    lacking = changed("whisper", top_db=None)
    voice = make_comparison_signal(16_000)[:20_000]
    with_silence = front_end_difference(lacking, "whisper").path[0].alone
    assert with_silence > 5 * front_end_difference(lacking, "whisper", voice).path[0].alone


def test_what_changes_nothing_here_is_listed_apart():
    # 800 Hz sine in the middle of zeros: the ends don't matter.
    signal = np.zeros(16_000)
    signal[4000:12_000] = np.sin(np.arange(8000) * np.pi / 10) * np.hanning(8000)
    difference = front_end_difference(changed("whisper", ends="zeros", periodic=False), "whisper", signal)
    assert switches(difference) == ["symmetry of the window"]
    assert [step.switch for step in difference.no_effect] == ["ends of the signal"]
    assert "No effect on this signal:" in str(difference)


def test_equal_front_ends_agree():
    difference = front_end_difference("kaldi", "kaldi")
    assert difference.agrees
    assert difference.path == ()
    assert str(difference).startswith("kaldi and kaldi agree: relative error 0.")


def test_shapes_are_compared_first():
    difference = front_end_difference(front_ends["whisper"].layer, "whisper")
    assert difference.path == ()
    assert not difference.agrees
    assert "whisper makes 480000 samples of these" in str(difference)


@pytest.mark.slow
def test_the_settings_of_a_function_are_identified():
    layer = changed("kaldi", gain=1.0, ends="reflect")

    def serving(samples):
        return layer(samples.astype("float32")).T

    difference = front_end_difference(serving, "kaldi")
    assert difference.mine == "serving"
    # Where the window lies in the FFT is one of two names for the framing that is found of the samples and the array.
    assert [name for name in switches(difference) if name != "place of the window in the FFT"] == [
        "gain",
        "ends of the signal",
    ]
    assert difference.path[-1].left < TOLERANCE


@pytest.mark.slow
def test_a_function_that_is_no_spectrogram_has_no_path():
    def cumulated(samples):
        return np.abs(np.cumsum(samples)[:16_000]).reshape(200, 80) ** 0.3

    difference = front_end_difference(cumulated, "kaldi", make_comparison_signal(16_000)[:16_000])
    assert difference.corrected is None
    assert "The settings of cumulated are not identified" in str(difference)
    assert not difference.agrees


def test_the_transform_has_a_path_as_well():
    mine, other = STFTSpectrogram(window="hamming", frame_step=100), STFTSpectrogram(scaling="spectrum")
    difference = front_end_difference(mine, other)
    assert set(switches(difference)) == {"window", "frame step", "scaling"}


def test_cepstra_are_compared():
    mel = front_ends["kaldi-mfcc"].mel
    difference = front_end_difference(MFCC(mel, 13, "librosa", 22.0), "kaldi-mfcc")
    assert switches(difference) == ["cosine transform"]
    assert "mfcc = specwidget.MFCC(layer, 13, 'kaldi', 22.0, True)" in difference.code


def test_bins_have_no_counterpart_in_bands():
    difference = front_end_difference(STFTSpectrogram(), "kaldi")
    assert "One side has bands and the other bins" in str(difference)


def test_every_setting_is_in_one_switch():
    listed = [field for switch in MEL_SWITCHES for field in switch.fields]
    conventions = MelSettings().conventions.to_dict()
    assert sorted(listed) == sorted(
        {*MelSettings.__dataclass_fields__, *conventions} - {"conventions", "dtype", "data_format"}
    )
    listed = [field for switch in STFT_SWITCHES for field in switch.fields]
    assert set(STFTSettings.__dataclass_fields__) - set(listed) == {
        "expand_dims",
        "data_format",
        "trainable",
        "dtype",
        "backend",
    }


def test_the_result_is_plain_data():
    difference = front_end_difference(changed("whisper", periodic=False), "whisper")
    found = json.loads(json.dumps(difference.to_dict()))
    assert found["path"][0]["switch"] == "symmetry of the window"
    assert "<table>" in difference._repr_html_()


def test_a_wrong_side_is_refused():
    with pytest.raises(ValueError, match=r"`mine` must be a layer, a function, or one of 'keras', .+; got 'kladi'"):
        front_end_difference("kladi", "whisper")
    with pytest.raises(TypeError, match="`other` must be a layer, a front end's name, or a function; got int"):
        front_end_difference("whisper", 3)
    with pytest.raises(ValueError, match=r"`signal` must have 1 axis \(time,\); got shape \(2, 100\)"):
        front_end_difference("whisper", "kaldi", np.zeros((2, 100)))
