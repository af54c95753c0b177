"""`specwidget show`: every setting is an option, and what is printed is what the explorer says."""

import argparse
from dataclasses import fields, replace

import matplotlib as mpl
import numpy as np
import pytest
import soundfile
from matplotlib.image import imread

from specwidget.cli import main, show
from specwidget.layer import STFTSpectrogram
from specwidget.stft.settings import STFTSettings
from specwidget.summary.shape_readouts import shape_lines

RATE = 8000


@pytest.fixture
def sine(tmp_path):
    """A quarter of a second of 1 kHz, in two channels of which the second is silent."""
    path = tmp_path / "sine.wav"
    samples = np.zeros((RATE // 4, 2))
    samples[:, 0] = 0.5 * np.cos(2 * np.pi * 1000 * np.arange(RATE // 4) / RATE)
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    return path


def parse(*argv):
    parser = argparse.ArgumentParser()
    show.add_arguments(parser)
    return parser.parse_args([str(word) for word in argv])


def test_every_setting_has_an_option_that_reaches_the_layer(sine):
    options = {
        "mode": "psd",
        "frame_length": 200,
        "frame_step": 50,
        "fft_length": 512,
        "window": "hamming",
        "scaling": "spectrum",
        "padding": "same",
        "data_format": "channels_first",
        "dtype": "float64",
        "epsilon": 1e-5,
        "backend": "numpy",
    }
    switches = {"periodic": True, "expand_dims": True, "trainable": False}
    assert {*options, *switches} == {field.name for field in fields(STFTSettings)}
    words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    words += [f"--{'' if on else 'no-'}{name.replace('_', '-')}" for name, on in switches.items()]
    assert show.check_arguments(parse(sine, *words)).layer.settings == STFTSettings(**options, **switches)


def test_without_options_the_settings_are_the_layer_s_defaults(sine):
    assert show.check_arguments(parse(sine)).layer.settings == STFTSettings()


def test_none_is_written_none(sine):
    request = show.check_arguments(parse(sine, "--scaling=none", "--window=none", "--frame-step=none", "--dtype=none"))
    assert request.layer.settings == STFTSettings(scaling=None, window=None, frame_step=None, dtype=None)


def test_a_window_takes_its_parameters_behind_colons(sine):
    assert show.check_arguments(parse(sine, "--window=kaiser:8.6")).layer.settings.window == ("kaiser", 8.6)


def test_shapes_result_and_cross_check_are_printed(sine, capsys):
    assert main(["show", str(sine), "--frame-length=200", "--fft-length=200"]) == 0
    printed = capsys.readouterr().out
    settings = STFTSettings(frame_length=200, fft_length=200)
    assert "sine.wav: 2 channels, 2000 samples, 8000 Hz, 250 ms" in printed
    assert all(line in printed for line in shape_lines(settings, (1, 2000, 2), RATE))
    assert "NumPy, fft" in printed
    assert "`fft_length` should be a power of two" in printed
    assert "librosa" in printed
    assert " agrees: " in printed
    assert "SciPy ShortTimeFFT" in printed
    assert "specwidget check compares" in printed


def test_a_disagreement_is_printed_as_one(sine, capsys, monkeypatch):
    compute = STFTSpectrogram.spectrogram

    def compute_louder(layer, *given):
        spectrogram = compute(layer, *given)
        return replace(spectrogram, values=np.float32(1.01) * spectrogram.values)

    monkeypatch.setattr(STFTSpectrogram, "spectrogram", compute_louder)
    assert main(["show", str(sine)]) == 0
    assert "does not agree" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", [".png", ".svg", ".PDF"])
def test_a_figure_is_written_in_the_format_of_its_suffix(sine, tmp_path, suffix):
    path = tmp_path / f"picture{suffix}"
    assert main(["show", str(sine), "-o", str(path), "--channel=1", "--frequency-axis=mel", "--no-decibels"]) == 0
    start = path.read_bytes()[:8]
    assert start.startswith({".png": b"\x89PNG", ".svg": b"<?xml", ".PDF": b"%PDF"}[suffix])


def test_a_figure_has_the_size_the_resolution_and_the_limits_that_are_asked_for(sine, tmp_path):
    path, words = tmp_path / "picture.png", ["--width=3", "--height=2", "--dpi=50", "--no-caption"]
    assert main(["show", str(sine), "-o", str(path), *words]) == 0
    assert imread(path).shape[:2] == (100, 150)
    path = tmp_path / "picture.svg"
    words = ["--time-limits", "0.1", "0.2", "--frequency-limits", "0", "900"]
    assert main(["show", str(sine), "-o", str(path), *words]) == 0
    text = path.read_text(encoding="utf-8")
    assert "Time (ms)" in text
    assert "Frequency (Hz)" in text
    assert "frame length 256 (32 ms)" in text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--frame-step=300"], "`frame_step` must be between 1 and frame_length=256; got 300."),
        (["--frame-length=2.5"], "`frame_length` must be a whole number of samples, or a time such as"),
        (["--padding=full"], "`padding` must be one of 'valid', 'same'; got 'full'."),
        (["--epsilon=tiny"], "`epsilon` must be a number; got 'tiny'."),
        (["--frame-length=4096"], "at least frame_length=4096 samples"),
        (["--channel=2"], "`channel` must be an integer between 0 and 1; got 2."),
        (["--value-range", "3", "1"], "the lower first; got [3.0, 1.0]."),
        (["--time-limits", "1", "2"], "`time_limits` must have a part of 0 to 0.25 s between them; got (1.0, 2.0)."),
        (["--dpi=many"], "`dpi` must be a number; got 'many'."),
        (["--fft-length=1000000000"], "`fft_length` must keep the output within "),
        (["-o", "picture.mp4"], "`--output` must end with one of "),
        (["-o", "missing/picture.png"], "`--output` must be in an existing folder; got missing/picture.png."),
    ],
)
def test_what_is_impossible_is_refused_in_the_engine_s_words(sine, words, sentence, capsys):
    assert main(["show", str(sine), *words]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("specwidget show: `")
    assert sentence in printed.err


def test_a_figure_that_cannot_be_written_is_refused(sine, tmp_path, capsys):
    folder = tmp_path / "folder.png"
    folder.mkdir()
    assert main(["show", str(sine), "-o", str(folder)]) == 2
    assert "`--output` must be a writable file" in capsys.readouterr().err


def test_a_text_renamed_to_wav_is_refused(tmp_path, capsys):
    path = tmp_path / "letter.wav"
    path.write_text("Dear Ms Crow,\n")
    assert main(["show", str(path)]) == 2
    assert "which is text" in capsys.readouterr().err


def test_a_unit_is_in_the_readout_and_the_figure(sine, tmp_path, capsys):
    path = tmp_path / "figure.svg"
    words = ["--mode=psd", "--unit=m/s²", "--no-trainable", "-o", str(path)]
    with mpl.rc_context({"svg.fonttype": "none"}):
        assert main(["show", str(sine), *words]) == 0
    assert "PSD ((m/s²)² per cycle/sample)" in capsys.readouterr().out
    assert "PSD (dB re 1 (m/s²)²/Hz)" in path.read_text(encoding="utf-8")


def test_dollar_signs_in_a_unit_are_no_mathematics(sine, tmp_path):
    assert main(["show", str(sine), "--unit=$x^$", "-o", str(tmp_path / "figure.png")]) == 0


def test_every_setting_of_a_stage_has_an_option(sine):
    options = ("--stage=mfcc", "--bands=30", "--coefficients=7", "--mel-scale=slaney")
    layer = show.check_arguments(parse(sine, *options)).layer
    assert (layer.settings.mel.num_mel_bins, layer.settings.n_outputs) == (30, 7)
    assert layer.settings.mel.conventions.mel_scale == "slaney"
    with pytest.raises(show.UsageError, match="`norm` must be one of 'slaney', None; got 'area'"):
        show.check_arguments(parse(sine, "--stage=mel", "--norm=area"))


@pytest.mark.slow
def test_the_front_end_of_a_model_resamples_the_file_and_its_settings_can_be_replaced(sine, tmp_path, capsys):
    checked = show.check_arguments(parse(sine, "--front-end=whisper", "--num-mel-bins=40"))
    assert (checked.sound.sample_rate, checked.layer.settings.n_outputs) == (16_000, 40)
    assert main(["show", str(sine), "--front-end=whisper", "-o", str(tmp_path / "bands.png")]) == 0
    printed = capsys.readouterr().out
    assert "normalized log10 band power" in printed
    assert "librosa" in printed
    assert (tmp_path / "bands.png").stat().st_size > 1000
    with pytest.raises(show.UsageError, match=r"`--front-end` must be one of keras, .*; got 'whisperer'"):
        show.check_arguments(parse(sine, "--front-end=whisperer"))
