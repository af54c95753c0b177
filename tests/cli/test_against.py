"""`specwidget check --front-end NAME --against MODULE:FUNCTION`: exit status 1 where the function differs."""

import json
import re

import numpy as np
import pytest
import soundfile

from specwidget.cli import main
from specwidget.matching.comparison_signal import make_comparison_signal

MODULE = """
import specwidget

right = specwidget.front_ends["kaldi"].features

def wrong(samples):
    return right(samples * 0.5)

def fails(samples):
    raise RuntimeError("no features")

number = 3
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with a module and a sound."""
    (tmp_path / "served_features.py").write_text(MODULE)
    soundfile.write(tmp_path / "voice.wav", make_comparison_signal(16_000)[:20_000], 16_000, subtype="FLOAT")
    soundfile.write(tmp_path / "music.wav", np.zeros(800), 8000)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def check(*words):
    return main(["check", *words])


def test_the_right_function_is_exit_status_0(folder, capsys):
    assert check("voice.wav", "--front-end", "kaldi", "--against", "served_features:right") == 0
    assert "features and kaldi agree" in capsys.readouterr().out


@pytest.mark.slow
def test_a_wrong_function_is_exit_status_1(folder, capsys):
    assert check("voice.wav", "--front-end", "kaldi", "--against", "served_features:wrong", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert not found["agrees"]
    assert [step["switch"] for step in found["path"]] == ["gain", "logarithm, floor and normalization"]


def test_front_ends_can_be_compared_by_name(folder, capsys):
    assert check("voice.wav", "--front-end", "kaldi", "--against", "speech2text") == 1
    assert "normalization='band'" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["voice.wav", "--against", "kaldi"], "`--front-end` must be given with `--against`"),
        (["voice.wav", "--front-end", "kladi", "--against", "kaldi"], "`--front-end` must be one of .+; got 'kladi'"),
        (["voice.wav", "--front-end", "kaldi", "--against", "mine"], "`--against` must be MODULE:FUNCTION"),
        (
            ["voice.wav", "--front-end", "kaldi", "--against", "served_features:fails"],
            "raised RuntimeError: no features",
        ),
        (["voice.wav", "--front-end", "kaldi", "--against", "no_such:f"], "`--against` must name a module that can"),
        (["voice.wav", "--front-end", "kaldi", "--against", "served_features:number"], "has no 'number'"),
        (["music.wav", "--front-end", "kaldi", "--against", "served_features:right"], "must have the sample rate"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(folder, capsys, words, message):
    assert check(*words) == 2
    assert re.search(message, capsys.readouterr().err)
