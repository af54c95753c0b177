"""Mel spectrograms beside librosa: they agree, an error is found, and what can't be compared is named."""

from dataclasses import replace

import numpy as np
import pytest

from specwidget import MFCC, MelSpectrogram, crosscheck, front_ends
from specwidget.mel.settings import MelSettings
from specwidget.mel.stages import BandSettings
from specwidget.peers import BAND_PEERS, PEERS, peers_of
from specwidget.peers.band_comparison import value_tolerance
from specwidget.sounds import load_recording, resample
from specwidget.stft.settings import STFTSettings

COMPARED = [name for name in front_ends if front_ends[name].mel.settings.conventions.triangles == "hertz"]


def voice_at(rate):
    return resample(load_recording("voice"), rate).samples[0, :, 0]


@pytest.mark.parametrize("name", COMPARED)
def test_librosa_agrees(name):
    layer, signal = front_ends[name].layer, voice_at(front_ends[name].sample_rate)
    report = crosscheck(layer, signal, ["librosa"])["librosa"]
    assert report.verdict == "agrees", report.sentence
    assert report.errors.shares.max() == pytest.approx(report.share_of_tolerance)


@pytest.mark.parametrize(
    "wrong",
    [{"num_mel_bins": 79}, {"min_freq": 5.0}, {"max_freq": 7990.0}, {"mag_exp": 2.001}, {"sequence_length": 398}],
    ids=str,
)
def test_a_small_mistake_is_found(wrong):
    signal, settings = voice_at(16_000), front_ends["whisper"].mel.settings
    output = MelSpectrogram.from_settings(replace(settings, **wrong))(signal[None, :, None])
    if output.shape[-1] != 80:
        output = np.pad(output, ((0, 0), (0, 0), (0, 1)))
    report = crosscheck(front_ends["whisper"].layer, signal, ["librosa"], output=output)["librosa"]
    assert report.verdict == "disagrees"


def test_the_worst_value_is_named():
    layer, signal = front_ends["whisper"].layer, voice_at(16_000)
    output = np.array(layer(signal[None, :, None]))
    output[0, 57, 33] += 0.01
    report = crosscheck(layer, signal, ["librosa"], output=output)["librosa"]
    assert (report.verdict, report.worst) == ("disagrees", (0, 0, 57, 33))
    assert report.errors.shares[33, 57] == report.errors.shares.max()


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_every_channel_is_compared(data_format):
    settings = replace(front_ends["whisper"].mel.settings, data_format=data_format)
    rows = np.random.default_rng(0).standard_normal((2, 3, 4000)).astype("float32")
    signal = rows if data_format == "channels_first" else rows.swapaxes(1, 2)
    layer = MFCC(MelSpectrogram.from_settings(settings), 13)
    output = np.array(layer(signal))
    assert crosscheck(layer, signal, ["librosa"], output=output)["librosa"].verdict == "agrees"
    index = (1, 4, 2 * 13 + 5) if data_format == "channels_last" else (1, 2 * 13 + 5, 4)
    output[index] += 1
    assert crosscheck(layer, signal, ["librosa"], output=output)["librosa"].worst == (1, 2, 4, 5)


def test_the_tolerance_covers_the_rounding_of_float32_and_little_more():
    """The layer's own rounding, against float64, is between a thousandth of the tolerance and a half of it."""
    for name in ("whisper", "kaldi", "speech2text", "librosa-mfcc"):
        settings, row = BandSettings.of(front_ends[name].layer), voice_at(front_ends[name].sample_rate)
        exact = replace(settings, mel=replace(settings.mel, dtype="float64"))
        signal = row[None, :, None]
        error = np.abs(settings.layer(signal) - exact.layer(signal.astype(float)))[0]
        share = (error / value_tolerance(row, settings)).max()
        assert 1e-4 < share < 0.5, name


@pytest.mark.parametrize(
    ("name", "peer", "reason"),
    [
        ("kaldi", "librosa", "triangles are straight over Hz"),
        (
            "whisper",
            "keras",
            "other conventions than drop_last_frame=True, mel_scale='slaney', triangles='hertz'",
        ),
        ("whisper", "kaldi", "complete frames only"),
    ],
)
@pytest.mark.parametrize("is_installed", [True, False])
def test_what_cannot_be_compared_is_named(name, peer, reason, is_installed, monkeypatch):
    # Installing the library would not help.
    monkeypatch.setattr("specwidget.peers.band_comparison.is_installed", lambda _module: is_installed)
    report = crosscheck(front_ends[name].layer, voice_at(16_000), [peer])[peer]
    assert report.verdict == "not comparable"
    assert reason in report.reason


def test_samples_that_are_not_finite_are_not_compared():
    signal = np.full(4000, np.nan, "float32")
    assert "NaN or infinite" in crosscheck(front_ends["whisper"].layer, signal, ["librosa"])["librosa"].reason


def test_the_peers_follow_from_the_settings():
    assert peers_of(STFTSettings()) is PEERS
    assert peers_of(BandSettings(MelSettings())) is BAND_PEERS
    with pytest.raises(
        ValueError, match="`peers` must be among 'librosa', 'keras', 'kaldi', 'transformers', 'nnaudio'; got 'torch'"
    ):
        crosscheck(front_ends["whisper"].layer, np.zeros(4000), ["torch"])
