"""Front ends as flat values: settings and values convert into each other, and errors name the values."""

from dataclasses import replace

import numpy as np
import pytest

from specwidget import MFCC, MelSettings, MelSpectrogram, STFTSettings, front_ends
from specwidget.mel.stages import (
    FRONT_END_DEFAULTS,
    STAGES,
    BandSettings,
    Cepstrum,
    make_settings,
    settings_from_json,
    transform_of,
    values_of,
)
from specwidget.stft.serialization import dump_json

MEL = {"stage": "mel", "frame_length": 400, "frame_step": 160}


@pytest.mark.parametrize("name", front_ends)
def test_values_make_the_settings_again(name):
    settings = BandSettings.of(front_ends[name].layer)
    # A length of None is that of the FFT.
    given = BandSettings(replace(settings.mel, sequence_length=settings.frame_length), settings.cepstrum)
    assert make_settings(values_of(settings), front_ends[name].sample_rate) == given
    assert settings_from_json(settings.to_json()) == settings


def test_the_defaults_are_those_of_the_layers():
    assert make_settings({}, None) == STFTSettings()
    mel = make_settings({"stage": "mel", "frame_length": 2048, "frame_step": 512, "periodic": True}, 16_000).mel
    given = MelSettings(2048, 512, 2048)
    assert mel == given
    cepstrum = make_settings({**MEL, "stage": "mfcc"}, 16_000).cepstrum
    layer = MFCC()
    assert vars(cepstrum) == {name: getattr(layer, name) for name in vars(cepstrum)}
    assert set(values_of(BandSettings(mel, cepstrum))) < set(FRONT_END_DEFAULTS)


def test_the_layer_computes_what_the_layer_of_the_settings_computes():
    signal = np.random.default_rng(0).standard_normal(4000)
    settings = make_settings({**MEL, "stage": "mfcc", "num_mel_bins": 40, "num_coefficients": 13}, 8000)
    expected = MFCC(MelSpectrogram.from_settings(settings.mel), 13)(signal)
    np.testing.assert_array_equal(settings.layer(signal), expected)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"stage": "cqt"}, "`stage` must be one of 'stft', 'mel', 'mfcc'; got 'cqt'"),
        ({**MEL, "frame_step": 401}, "`frame_step` must be between 1 and frame_length=400; got 401"),
        ({**MEL, "num_mel_bins": 0}, "`num_mel_bins` must be at least 1; got 0"),
        ({**MEL, "logarithm": "log2"}, "`logarithm` must be one of 'db', 'log10', 'ln'; got 'log2'"),
        ({**MEL, "window": "povy"}, "`window` must be"),
        ({**MEL, "stage": "mfcc", "power_to_db": False}, "`power_to_db` must be True for MFCC"),
        ({**MEL, "stage": "mfcc", "num_coefficients": 129}, "`num_coefficients` must be between 1 and 128; got 129"),
    ],
)
def test_an_error_names_the_value(values, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}"):
        make_settings(values, 8000)


@pytest.mark.parametrize("stage", STAGES[1:])
def test_bands_need_a_sample_rate(stage):
    with pytest.raises(ValueError, match=f"^`stage` must be 'stft' for a sound without a sample rate.*; got '{stage}'"):
        make_settings({"stage": stage}, None)


def test_htks_coefficient_0_comes_last():
    settings = BandSettings(MelSettings(), Cepstrum(5, "htk"))
    assert settings.coefficient_numbers.tolist() == [1, 2, 3, 4, 0]
    assert BandSettings(MelSettings(), Cepstrum(5, zeroth=False)).coefficient_numbers.tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_the_shape_is_that_of_the_layer(data_format):
    signal = np.zeros((2, 4000, 3) if data_format == "channels_last" else (2, 3, 4000))
    for cepstrum in (None, Cepstrum(7)):
        settings = BandSettings(MelSettings(512, 160, data_format=data_format), cepstrum)
        assert settings.output_shape(signal.shape) == settings.layer(signal).shape


def test_the_transform_is_that_before_the_bands():
    assert transform_of(STFTSettings("psd")) == STFTSettings("psd")
    assert transform_of(BandSettings(MelSettings(512, 160, 400))).n_bins == 257


def test_a_damaged_document_is_refused():
    text = dump_json("front end", 1, {"mel": 1, "cepstrum": None})
    with pytest.raises(TypeError, match="`mel` and `cepstrum` must be objects"):
        settings_from_json(text)
