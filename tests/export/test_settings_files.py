"""Settings files: saved, loaded, and rejected with the file's name."""

import json
import os

import numpy as np
import pytest

from specwidget import MelConventions, MelSpectrogram, explore
from specwidget.export import load_mel_settings, load_sample_rate, load_settings, save_settings
from tests.layers import ARGUMENTS, make_layer


@pytest.fixture
def path(tmp_path):
    return tmp_path / "settings.json"


@pytest.mark.parametrize("window", ["hann", None, ("kaiser", 8.6), np.linspace(0.1, 1, 40)], ids=str)
def test_a_layer_s_settings_come_back(window, path):
    layer = make_layer(**ARGUMENTS | {"window": window})
    save_settings(layer, path)
    assert load_settings(str(path)) == layer.settings


def test_the_file_is_the_json_of_the_settings(path):
    settings = make_layer().settings
    save_settings(settings, path)
    assert path.read_bytes().decode("ascii") == settings.to_json()


def test_a_sample_rate_is_kept_beside_the_settings(path):
    settings = make_layer().settings
    save_settings(settings, path, 44_100)
    assert json.loads(path.read_text())["sample_rate"] == 44_100
    assert (load_settings(path), load_sample_rate(path)) == (settings, 44_100.0)
    assert explore(np.zeros(1000), settings=path).result.sample_rate == 44_100
    assert explore(np.zeros(1000), 8000, settings=path).result.sample_rate == 8000
    save_settings(settings, path)
    assert load_sample_rate(path) is None


@pytest.mark.parametrize("rate", ["0", "-1", "true", '"44100"', "1e999", "[1]"])
def test_a_file_with_an_impossible_sample_rate_is_rejected(path, rate):
    save_settings(make_layer().settings, path, 1)
    path.write_text(path.read_text().replace('"sample_rate": 1.0', f'"sample_rate": {rate}'))
    for load in (load_settings, load_sample_rate):
        with pytest.raises(ValueError, match=r"which is not: `sample_rate` must be"):
            load(path)


def test_the_sample_rate_of_a_mel_spectrogram_is_its_own(path):
    with pytest.raises(ValueError, match="`sample_rate` must be None for a mel spectrogram"):
        save_settings(MelSpectrogram(), path, 16_000)


def test_a_file_stays_as_it_was_where_writing_fails(path, monkeypatch):
    path.write_text("before")
    monkeypatch.setattr(os, "fsync", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError, match="division"):
        save_settings(make_layer(), path)
    assert path.read_text() == "before"
    assert [each.name for each in path.parent.iterdir()] == ["settings.json"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x80abc", "a text in UTF-8; got '.*settings.json', which is not"),
        (b"no", "got '.*settings.json', which is not: `text` must be JSON; got a syntax error at line 1, column 1"),
        (b"\x00\x00", "which is not: `text` must be JSON; got a syntax error at line 1, column 1"),
    ],
)
def test_another_file_is_rejected_by_name(content, reason, path):
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"^`path` must be a settings file.*{reason}\.$"):
        load_settings(path)


def test_the_error_for_an_invalid_value_names_the_file(path):
    path.write_text(make_layer().settings.to_json().replace('"frame_step": null', '"frame_step": 999'))
    with pytest.raises(ValueError, match=r"settings.json'.*: `frame_step` must be between 1 and frame_length=256; got"):
        load_settings(path)


def test_a_file_that_is_too_large_is_not_read(path, monkeypatch):
    monkeypatch.setattr("specwidget.export.settings_files.MAX_BYTES", 2**20)
    path.write_bytes(b" " * (2**20 + 1))
    with pytest.raises(
        ValueError, match=r"^`path` must be a settings file of at most 1 MiB; got .*settings.json', which is larger"
    ):
        load_settings(path)


def test_mel_settings_are_saved_and_loaded(tmp_path):
    layer = MelSpectrogram(512, 160, 400, ("kaiser", 8.6), num_mel_bins=80, conventions=MelConventions(ends="zeros"))
    save_settings(layer, tmp_path / "mel.json")
    assert load_mel_settings(tmp_path / "mel.json") == layer.settings
    with pytest.raises(ValueError, match=r"must be JSON of settings, .+; got 'mel settings'"):
        load_settings(tmp_path / "mel.json")
