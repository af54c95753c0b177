"""Mel spectrograms beside live libraries, by the cross-check: within the tolerance, and a mistake beyond it."""

from dataclasses import replace

import numpy as np
import pytest

from specwidget import MelSpectrogram, crosscheck, front_ends
from specwidget.sounds import load_recording, resample

NAMES = {
    "keras": ("keras",),
    "kaldi": ("kaldi", "kaldi-mfcc", "speech2text", "seamless"),
    "transformers": tuple(name for name in front_ends if not front_ends[name].mel.settings.conventions.power_offset),
    "nnaudio": ("librosa", "librosa-mfcc", "torchaudio", "whisper", "speecht5", "clap", "espnet"),
}
CASES = [(peer, name) for peer, names in NAMES.items() for name in names]


def signal_of(recording):
    return resample(load_recording(recording), 16_000).samples[0, :, 0]


@pytest.mark.parametrize("recording", ["voice", "ambi_piano"])
@pytest.mark.parametrize(("peer", "name"), CASES)
def test_the_library_agrees(peer, name, recording):
    report = crosscheck(front_ends[name].layer, signal_of(recording), [peer])[peer]
    assert report.verdict == "agrees", report.sentence


@pytest.mark.parametrize(
    "changes",
    [{"num_mel_bins": 23}, {"mag_exp": 1.0}, {"window": "hamming"}, {"fft_length": 400}, {"min_freq": 100.0}],
    ids=str,
)
def test_kaldis_options_follow_the_settings(changes):
    settings = replace(front_ends["kaldi"].mel.settings, **changes)
    report = crosscheck(MelSpectrogram.from_settings(settings), signal_of("voice"), ["kaldi"])["kaldi"]
    assert report.verdict == "agrees", report.sentence


@pytest.mark.parametrize(
    "changes",
    [{"num_mel_bins": 40}, {"power_to_db": False}, {"mag_exp": 1.0}, {"top_db": None}, {"sequence_length": 1000}],
    ids=str,
)
def test_keras_arguments_follow_the_settings(changes):
    settings = replace(front_ends["keras"].mel.settings, **changes)
    report = crosscheck(MelSpectrogram.from_settings(settings), signal_of("voice"), ["keras"])["keras"]
    assert report.verdict == "agrees", report.sentence


@pytest.mark.parametrize(
    ("peer", "name"), [("keras", "keras"), ("kaldi", "kaldi"), ("transformers", "ast"), ("nnaudio", "whisper")]
)
def test_a_mistake_is_found(peer, name):
    layer, signal = front_ends[name].layer, signal_of("voice")
    wrong = replace(layer.settings, min_freq=layer.settings.min_freq + 2)
    output = MelSpectrogram.from_settings(wrong)(signal[None, :, None])
    report = crosscheck(layer, signal, [peer], output=np.asarray(output))[peer]
    assert report.verdict == "disagrees"


@pytest.mark.parametrize(
    "changes",
    [{"num_mel_bins": 23}, {"mag_exp": 1.5}, {"window": "hamming"}, {"sequence_length": 300}, {"max_freq": 5000.0}],
    ids=str,
)
@pytest.mark.parametrize("peer", ["transformers", "nnaudio"])
def test_arguments_of_transformers_and_nnaudio_follow_the_settings(peer, changes):
    settings = replace(front_ends["whisper"].mel.settings, **changes)
    report = crosscheck(MelSpectrogram.from_settings(settings), signal_of("voice"), [peer])[peer]
    assert report.verdict == "agrees", report.sentence


@pytest.mark.parametrize("placement", ["left", "centre"])
@pytest.mark.parametrize("peer", ["transformers", "nnaudio"])
def test_the_place_of_a_short_window_follows_the_settings(peer, placement):
    settings = front_ends["whisper"].mel.settings
    conventions = replace(settings.conventions, placement=placement)
    settings = replace(settings, fft_length=512, sequence_length=401, conventions=conventions)
    report = crosscheck(MelSpectrogram.from_settings(settings), signal_of("voice"), [peer])[peer]
    assert report.verdict == "agrees", report.sentence
