"""`specwidget code`: the code of a shape or a file, with settings from options and files."""

import json

import numpy as np
import pytest
import soundfile

from specwidget import STFTSettings
from specwidget.cli import lab, main
from specwidget.codegen import CODE_TARGETS, to_code
from specwidget.export import save_settings


@pytest.fixture
def file(tmp_path):
    """A file of settings."""
    path = tmp_path / "front-end.json"
    save_settings(STFTSettings("psd", 400, 160, window=("kaiser", 8.6), data_format="channels_first"), path)
    return path


@pytest.mark.parametrize("target", CODE_TARGETS)
def test_the_code_of_a_shape_is_printed(target, capsys):
    assert main(["code", "(2, 16000, 1)", "--target", target, "--frame-length=400"]) == 0
    assert capsys.readouterr().out == to_code(STFTSettings(frame_length=400), (2, 16_000, 1), target)


def test_the_shape_of_a_file_is_taken_in_the_layer_s_order(tmp_path, capsys):
    soundfile.write(tmp_path / "two.wav", np.zeros((500, 2)), 8000)
    assert main(["code", str(tmp_path / "two.wav"), "--target=numpy", "--data-format=channels_first"]) == 0
    assert "standard_normal((1, 2, 500)" in capsys.readouterr().out


def test_the_sample_rate_of_a_file_reaches_the_code(tmp_path, capsys):
    soundfile.write(tmp_path / "a.wav", np.zeros(500), 8000)
    assert main(["code", str(tmp_path / "a.wav"), "--target=scipy", "--mode=psd"]) == 0
    assert capsys.readouterr().out == to_code(STFTSettings("psd"), (1, 500, 1), "scipy", 8000.0)


def test_a_file_named_like_a_shape_is_a_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    soundfile.write("1,700,1", np.zeros((500, 2)), 8000, format="WAV")
    assert main(["code", "1,700,1", "--target=numpy"]) == 0
    assert "standard_normal((1, 500, 2)" in capsys.readouterr().out


def test_settings_of_a_file_are_taken_and_an_option_goes_before_them(file, capsys):
    assert main(["code", "1,1,5000", "--target=scipy", f"--settings={file}", "--frame-step=100"]) == 0
    expected = STFTSettings("psd", 400, 100, window=("kaiser", 8.6), data_format="channels_first")
    assert capsys.readouterr().out == to_code(expected, (1, 1, 5000), "scipy")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["1,100,1", "--target=numpy"], "`shape` must have at least frame_length=256 samples"),
        (["1,1000,1", "--target=matlab"], "`target` must be one of 'specwidget', 'keras'"),
        (["1,1000,1", "--target=numpy", "--frame-step=999"], "`frame_step` must be between 1 and frame_length=256"),
        (["no-such.wav", "--target=numpy"], "no-such.wav"),
        (["1,1000,1", "--target=numpy", "--settings=no.json"], "`--settings` must be a readable file; got no"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(words, sentence, capsys):
    assert main(["code", *words]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("specwidget code: ")
    assert sentence in told.err


@pytest.mark.parametrize("command", ["code", "show", "lab"])
def test_a_damaged_file_of_settings_is_refused_by_each_command(command, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lab, "serve", lambda _: None)
    path, sound = tmp_path / "damaged.json", tmp_path / "a.wav"
    soundfile.write(sound, np.zeros(500), 8000)
    record = json.loads(STFTSettings().to_json())
    record["settings"]["frame_step"] = 999
    path.write_text(json.dumps(record))
    words = ["--target=numpy"] if command == "code" else []
    assert main([command, str(sound), f"--settings={path}", *words]) == 2
    told = capsys.readouterr().err
    assert "`--settings` must be a settings file; got" in told
    assert "`frame_step` must be between 1 and frame_length=256; got 999." in told


def test_show_takes_settings_from_a_file(file, tmp_path, capsys):
    soundfile.write(tmp_path / "a.wav", np.zeros(5000), 8000)
    assert main(["show", str(tmp_path / "a.wav"), f"--settings={file}", "--frame-length=300"]) == 0
    told = capsys.readouterr().out
    assert "(300, 1, 257)" in told
    assert "batch, channels, time" in told
