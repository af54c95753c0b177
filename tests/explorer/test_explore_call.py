"""The call of `explore` is a program that opens the same explorer."""

import numpy as np
import pytest
import soundfile

from specwidget import explore
from specwidget.sounds import SYNTHETIC_SIGNALS, load_recording, make_synthetic
from tests.selection import slow_but

SETTINGS = {"mode": "psd", "frame_length": 400, "frame_step": "60 %", "window": ("kaiser", 8.6), "trainable": False}
DISPLAY = {"colour_map": "viridis", "value_range": (-80.0, 0.0), "frequency_axis": "mel", "unit": "Pa"}
WINDOW = np.hanning(258)[1:-1]
NOISE = np.random.default_rng(0).standard_normal((2000, 2))


def reopened(explorer, **names):
    """Return the explorer that the code opens."""
    namespace = dict(names)
    exec(explorer.to_code("explore"), namespace)
    return namespace["explorer"]


def displayed(explorer):
    """Return settings and display choices."""
    return explorer.state.current.settings, explorer.state.display


def check(explorer, **names):
    other = reopened(explorer, **names)
    assert displayed(other) == displayed(explorer)
    assert np.array_equal(other.state.sound.samples, explorer.state.sound.samples)
    assert other.state.sound.sample_rate == explorer.state.sound.sample_rate
    other.close()
    explorer.close()


@pytest.mark.parametrize(
    "settings", [{}, SETTINGS, {"window": np.hanning(258)[1:-1]}], ids=["default", "some", "values"]
)
@pytest.mark.parametrize("display", [{}, DISPLAY], ids=["default", "some"])
def test_settings_and_display_choices_come_back(settings, display):
    check(explore(**settings, **display))


@pytest.mark.parametrize("rate", [None, 8000, 11_025.5])
def test_samples_are_x(rate):
    check(explore(NOISE, rate, channel=1), x=NOISE)


@pytest.mark.parametrize("name", slow_but(SYNTHETIC_SIGNALS, "linear_chirp".__eq__))
def test_synthetic_signals_have_their_parameters(name):
    check(explore(make_synthetic(name)))


def test_other_recordings_are_loaded_by_name():
    check(explore(load_recording("misc_crow")))


def test_a_file_is_opened_by_its_name(tmp_path, monkeypatch):
    soundfile.write(tmp_path / 'a "new" sound.wav', NOISE * 0.1, 8000)
    monkeypatch.chdir(tmp_path)
    check(explore('a "new" sound.wav', frame_length=100))


@pytest.mark.parametrize("signal", [None, make_synthetic("linear_chirp")], ids=["recording", "synthetic"])
def test_a_sound_of_the_package_that_was_resampled_is_resampled(signal):
    explorer = explore(signal, front_end="clap")
    assert explorer.state.sound.resampled_from is not None
    check(explorer)


def test_an_array_that_was_resampled_is_x():
    explorer = explore(NOISE, 8000, front_end="hifigan")
    check(explorer, x=explorer.state.sound.samples)


def test_a_recording_whose_rate_was_corrected_is_x():
    explorer = explore()
    explorer.state.set_sample_rate(22_050)
    check(explorer, x=explorer.state.sound.samples)
