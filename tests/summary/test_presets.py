"""The presets: each keeps what its reason promises."""

import numpy as np
import pytest
from scipy.signal import get_window

from specwidget.explorer.panels.presets_panel import PresetsPanel
from specwidget.layer import STFTSpectrogram
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import output_shape
from specwidget.summary.notes import notes_on
from specwidget.summary.presets import FRONT_END_PRESETS, PRESETS, settings_of

RATE = 44_100.0


def spectrogram_of(name, samples, rate):
    """Return the decibels (T, F) of a signal by a preset's settings, and its axes."""
    settings = STFTSettings(**settings_of(PRESETS[name], rate))
    result = STFTSpectrogram.from_settings(settings).spectrogram(samples[None, :, None], rate)
    return result.decibels(), result.times, result.frequencies


def dip(levels, places, first, second):
    """Return by how many decibels the level falls between two places, from the lower of the two peaks."""
    reach = max(abs(second - first) / 4, places[1] - places[0])
    near = [levels[np.abs(places - place) <= reach].max() for place in (first, second)]
    between = levels[np.abs(places - (first + second) / 2) <= reach].min()
    return min(near) - between


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("rate", [None, 8000.0, 16_000.0, 22_050.0, 44_100.0, 192_000.0])
def test_every_preset_is_possible_at_every_usual_rate(name, rate):
    settings = STFTSettings(**settings_of(PRESETS[name], rate))
    assert settings.step <= settings.frame_length <= settings.n_fft


@pytest.mark.parametrize("name", PRESETS)
def test_no_preset_raises_a_note_that_has_a_fix(name):
    noise = 0.1 * np.random.default_rng(0).standard_normal((1, 40_000, 1))
    settings = STFTSettings(**settings_of(PRESETS[name], 16_000.0))
    assert [note.name for note in notes_on(settings, noise, 0.0, 2**30) if note.fix] == []


@pytest.mark.parametrize(
    ("name", "shape", "output"),
    [
        ("example mono", (3, 160_000, 1), (3, 1249, 257)),
        ("example stereo", (3, 160_000, 2), (3, 1250, 514)),
        ("example dims", (3, 160_000, 3), (3, 1250, 257, 3)),
    ],
)
def test_the_examples_have_the_shapes_they_show(name, shape, output):
    sound = PRESETS[name].sound.make()
    assert sound.samples.shape == shape
    assert str(shape) in PRESETS[name].title
    assert output_shape(shape, STFTSettings(**settings_of(PRESETS[name], sound.sample_rate))) == output


@pytest.mark.parametrize(("name", "bandwidth"), [("broad band", 300), ("narrow band", 45)])
def test_the_filters_of_speech_are_as_wide_as_they_say(name, bandwidth):
    """The width at -3 dB of the window's own spectrum, finely sampled."""
    length = settings_of(PRESETS[name], RATE)["frame_length"]
    response = np.abs(np.fft.rfft(get_window("hann", length, False), 1 << 20))
    half = np.flatnonzero(response < response[0] / np.sqrt(2))[0]
    assert 2 * half * RATE / (1 << 20) == pytest.approx(bandwidth, rel=0.1)


@pytest.mark.parametrize(
    ("name", "lines_apart", "clicks_apart"), [("long window", True, False), ("short window", False, True)]
)
def test_one_window_splits_the_sines_and_the_other_the_clicks(name, lines_apart, clicks_apart):
    samples = PRESETS[name].sound.make().samples[0, :, 0]
    levels, times, frequencies = spectrogram_of(name, samples, 16_000.0)
    clicks = np.flatnonzero(np.abs(np.diff(samples, 2)) > 0.5)
    first, last = (clicks[0] + 1) / 16_000, clicks[-1] / 16_000
    quiet = levels[np.abs(times - 0.03).argmin()]
    above = levels[:, frequencies > 4000].mean(axis=1)
    assert (dip(quiet, frequencies, 1000.0, 1200.0) > 6) == lines_apart
    assert (dip(above, times, first, last) > 6) == clicks_apart


def test_music_separates_semitones_from_about_300_hertz_on():
    time = np.arange(int(RATE)) / RATE
    for low, apart in ((300.0, True), (120.0, False)):
        high = low * 2 ** (1 / 12)
        pair = np.sin(2 * np.pi * low * time) + np.sin(2 * np.pi * high * time)
        levels, _, frequencies = spectrogram_of("music", pair.astype("float32"), RATE)
        assert (dip(levels[len(levels) // 2], frequencies, low, high) > 3) == apart


def test_transients_tells_strokes_3_ms_apart():
    samples = np.zeros(int(RATE / 4), "float32")
    second = 5000 + round(0.003 * RATE)
    samples[[5000, second]] = 0.5
    levels, times, _ = spectrogram_of("transients", samples, RATE)
    assert dip(levels.mean(axis=1), times, 5000 / RATE, second / RATE) > 6


@pytest.mark.parametrize("name", [name for name, preset in PRESETS.items() if preset.sound])
def test_a_sound_that_is_brought_has_the_rate_it_says(name):
    assert PRESETS[name].sound.make().sample_rate == PRESETS[name].sound.sample_rate


@pytest.fixture
def panel(state):
    """Return the panel of presets."""
    panel = PresetsPanel(state)
    yield panel
    panel.close()


def test_the_page_knows_every_preset_with_its_reason(panel):
    models = [f"front end {name}" for name in FRONT_END_PRESETS]
    assert [each["name"] for each in panel.presets] == [*PRESETS, *models]
    assert all(each["reason"].endswith(".") and " / " in each["facts"] for each in panel.presets)


def test_a_preset_is_taken_in_one_step_and_known_as_the_one_in_use(panel, state, noise):
    before = state.n_computed
    assert panel.in_use == ["default"]
    panel._handle_custom_msg({"kind": "use", "name": "narrow band"}, [])
    assert (state.frame_length, state.sound, panel.in_use) == (256, noise, ["narrow band"])
    assert (state.n_computed, len(state.history.past)) == (before + 1, 1)
    state.update(frame_step=1)
    assert panel.in_use == []


def test_a_preset_that_belongs_to_a_sound_brings_it(panel, state, noise):
    panel._handle_custom_msg({"kind": "use", "name": "example dims"}, [])
    assert state.current.shape == (3, 1250, 257, 3)
    state.restore(state.history.back())
    assert (state.sound, state.frame_step) == (noise, None)


def test_a_preset_that_is_not_there_changes_nothing(panel, state):
    panel._handle_custom_msg({"kind": "use", "name": "nope"}, [])
    assert (state.history.past, state.errors) == ((), {})
