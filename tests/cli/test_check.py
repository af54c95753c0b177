"""`specwidget check`: shapes, notes and every peer's verdict; exit status 1 where one disagrees."""

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from specwidget.cli import main
from specwidget.layer import STFTSpectrogram
from specwidget.stft.settings import STFTSettings

QUICK = "librosa,scipy-stft,scipy-spectrogram"


@pytest.fixture
def sine(tmp_path):
    """A quarter of a second of a sine in two channels."""
    path = tmp_path / "sine.wav"
    soundfile.write(path, 0.5 * np.sin(np.arange(4000).reshape(2000, 2) / 7), 8000, subtype="FLOAT")
    return path


def change_values(monkeypatch):
    """Let every layer that is made give values 1 % too large."""
    compute = STFTSpectrogram.spectrogram

    def compute_louder(layer, *given):
        spectrogram = compute(layer, *given)
        return replace(spectrogram, values=np.float32(1.01) * spectrogram.values)

    monkeypatch.setattr(STFTSpectrogram, "spectrogram", compute_louder)


@pytest.mark.slow
def test_trained_kernels_that_no_library_holds_are_exit_status_2(sine, capsys, monkeypatch):
    make = STFTSpectrogram.from_settings

    def with_louder_kernel(settings):
        layer = make(settings)
        layer.set_weights([np.float32(1.01) * kernel for kernel in layer.get_weights()])
        return layer

    monkeypatch.setattr(STFTSpectrogram, "from_settings", with_louder_kernel)
    assert main(["check", str(sine), "--peers", QUICK]) == 2
    assert "nothing was compared. librosa is not compared: the layer has trained kernels" in capsys.readouterr().err


@pytest.mark.slow
def test_shapes_notes_and_each_peer_are_printed(sine, capsys):
    words = ["--peers", QUICK, "--frame-length=100", "--fft-length=200", "--padding=same", "--mode=stft"]
    assert main(["check", str(sine), *words]) == 0
    printed = capsys.readouterr().out
    assert "sine.wav: 2 channels, 2000 samples, 8000 Hz, 250 ms" in printed
    assert "output             (1, 40, 404)" in printed
    assert "`fft_length` should be a power of two" in printed
    assert printed.count(" agrees: ") == 3
    assert "    z = librosa.stft(" in printed
    assert "Window placement" in printed


@pytest.mark.slow
def test_json_says_the_same_to_a_program(sine, capsys):
    assert main(["check", str(sine), "--json", "--peers", QUICK, "--scaling=none"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["agrees"] is True
    assert found["output_shape"] == [1, 14, 258]
    assert STFTSettings(**found["settings"]) == STFTSettings(scaling=None)
    assert list(found["peers"]) == QUICK.split(",")
    assert found["peers"]["librosa"]["verdict"] == "agrees"
    assert "import librosa" in found["peers"]["librosa"]["code"]


@pytest.mark.slow
def test_a_disagreement_is_exit_status_1(sine, capsys, monkeypatch):
    change_values(monkeypatch)
    assert main(["check", str(sine), "--peers", QUICK]) == 1
    assert "does not agree" in capsys.readouterr().out
    assert main(["check", str(sine), "--peers", QUICK, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["agrees"] is False
    assert found["peers"]["librosa"]["worst"][0] == 0


@pytest.mark.parametrize("shape", ["3,16000,2", "(3, 16000, 2)"])
def test_a_shape_stands_for_noise(shape, capsys):
    words = ["--frame-step=128", "--fft-length=512", "--padding=same", "--expand-dims", "--peers", "scipy-stft"]
    assert main(["check", shape, *words]) == 0
    assert "(3, 125, 257, 2)" in capsys.readouterr().out


def test_a_shape_has_the_order_of_the_data_format(capsys):
    assert main(["check", "3,2,16000", "--data-format=channels_first", "--peers=scipy-stft"]) == 0
    assert "(3, 258, 124)" in capsys.readouterr().out


def test_peers_that_are_missing_are_told_and_no_disagreement(sine, capsys, monkeypatch):
    monkeypatch.setattr("specwidget.peers.peer.is_installed", lambda module: module == "scipy")
    assert main(["check", str(sine)]) == 0
    printed = capsys.readouterr().out
    assert "PyTorch is not installed: install it with: pip install torch" in printed


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_where_nothing_was_compared_nothing_has_succeeded(words, tmp_path, capsys):
    soundfile.write(tmp_path / "nan.wav", np.full(1000, np.nan), 8000, subtype="FLOAT")
    assert main(["check", str(tmp_path / "nan.wav"), "--peers", QUICK, *words]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("specwidget check: nothing was compared. librosa is not comparable: samples are NaN")
    if words:
        found = json.loads(printed.out)
        assert (found["agrees"], found["compared"]) == (False, [])


def test_one_peer_that_can_be_compared_is_enough(sine, capsys):
    assert main(["check", str(sine), "--frame-length=1", "--window=none", "--peers=keras, librosa", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["compared"][-1:] == ["librosa"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["no-such.wav"], "no-such.wav"),
        (["1,16000"], "`signal` must be a sound file, or a shape of 3 lengths such as 3,16000,1; got '1,16000'."),
        (["1 16000 1"], "got '1 16000 1'."),
        (["1,100,1"], "at least frame_length=256 samples"),
        (["1,16000,1", "--peers=matlab"], "`peers` must be among 'librosa', "),
        (["1,16000,1", "--frame-step=300"], "`frame_step` must be between 1 and frame_length=256; got 300."),
        (["9,99999999999,9"], "must keep the output within "),
    ],
)
def test_what_is_impossible_is_refused(words, sentence, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(["check", *words]) == 2
    assert sentence in capsys.readouterr().err
