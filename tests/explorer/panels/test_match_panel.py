"""The tab "Match a model": rows are taken and given back, and what was set otherwise is forgotten."""

import numpy as np
import pytest

from specwidget import front_ends
from specwidget.explorer.panels.match_panel import MatchPanel
from specwidget.sounds import Sound, resample


@pytest.fixture
def panel(state):
    """Return the open panel of a state with bands, with a model chosen."""
    state.update(stage="mel", num_mel_bins=40)
    panel = MatchPanel(state)
    # The tests make the contents themselves.
    panel._debouncer.close()
    panel.is_open = True
    panel.set_state({"model": "kaldi"})
    yield panel
    panel.close()


def rows(panel):
    content, _ = panel.contents()["match"].make()
    return {row["name"]: row for row in content["rows"]}


def press(panel, kind, *names):
    panel._handle_custom_msg({"kind": kind, "names": list(names)}, [])


def test_an_stft_becomes_bands_first(panel, state):
    state.update(stage="stft")
    before = dict(state.history.present)
    assert [name for name, row in rows(panel).items() if row["fits"]] == ["stage"]
    press(panel, "take", "stage")
    assert (state.stage, rows(panel)["stage"]["is_taken"]) == ("mel", True)
    press(panel, "give_back", "stage")
    assert dict(state.history.present) == before


def test_without_a_model_there_is_nothing_to_take(panel, state):
    panel.set_state({"model": "no such model"})
    assert panel.model == ""
    assert panel.contents()["match"].make() == ({"rows": []}, [])
    press(panel, "take", "window")
    assert state.window == "hann"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["number of bands", "frame step", "FFT length", "sample rate"])
def test_a_row_alone_is_given_back_with_all_that_follows_settings(panel, state, name):
    before = dict(state.history.present)
    press(panel, "take", name)
    assert rows(panel)[name]["is_taken"]
    press(panel, "give_back", name)
    assert dict(state.history.present) == before


@pytest.mark.slow
@pytest.mark.parametrize("order", [1, -1])
def test_all_rows_are_given_back_one_by_one(panel, state, order):
    before = dict(state.history.present)
    names = list(rows(panel))
    press(panel, "take", *names)
    for name in names[::order]:
        press(panel, "give_back", name)
    assert dict(state.history.present) == before


def test_a_setting_that_followed_is_given_back_as_it_was_displayed_while_others_are_taken(panel, state):
    state.update(frame_length=256, fft_length=512)
    press(panel, "take", "window length", "frame step")
    press(panel, "give_back", "frame step")
    assert (state.frame_length, state.frame_step) == (400, 128)
    state.update(frame_step=64)
    press(panel, "give_back", "window length")
    # What was set meanwhile stays.
    assert (state.frame_length, state.frame_step) == (256, 64)


def test_a_row_is_taken_and_given_back(panel, state):
    state.update(frame_length=300)
    assert not rows(panel)["frame step"]["is_taken"]
    press(panel, "take", "frame step")
    assert (state.frame_step, rows(panel)["frame step"]["is_taken"]) == (160, True)
    press(panel, "give_back", "frame step")
    assert (state.frame_step, rows(panel)["frame step"]["is_taken"]) == (None, False)


def test_what_follows_a_setting_stays_as_it_is(panel, state):
    state.update(frame_length=256, fft_length=512)
    press(panel, "take", "window length")
    assert (state.frame_length, state.frame_step, state.fft_length, state.max_freq) == (400, 128, 512, 4000)


def test_taking_all_is_one_step_of_the_undo_history(panel, state, noise):
    before = dict(state.history.present)
    press(panel, "take", *rows(panel))
    model = front_ends["kaldi"]
    resampled = resample(noise, 16_000).samples[0, :, 0]
    np.testing.assert_allclose(state.result.values[0].T, model.layer(resampled), atol=1e-4)
    content, _ = panel.contents()["match"].make()
    assert content["sentences"] == ["The settings are those of Kaldi fbank."]
    assert all(row["is_taken"] for row in content["rows"])
    state.restore(state.history.back())
    assert {name: state.history.present[name] for name in before} == before
    assert not any(row["is_taken"] for row in rows(panel).values())


def test_the_sound_at_the_rate_of_the_model_is_given_back(panel, state, noise):
    press(panel, "take", "sample rate")
    assert state.sound.sample_rate == 16_000
    press(panel, "give_back", "sample rate")
    assert state.sound.sample_rate == 8000
    np.testing.assert_array_equal(state.sound.samples, noise.samples)


@pytest.mark.slow
def test_a_sound_chosen_meanwhile_stays(panel, state, noise):
    press(panel, "take", "sample rate")
    assert "sample rate" in rows(panel)
    second = Sound(noise.samples[:, :4000], 16_000.0, "second")
    state.adopt(second)
    state.flush()
    assert "sample rate" not in rows(panel)
    press(panel, "give_back", "sample rate")
    assert state.sound is second


def test_what_is_set_otherwise_is_forgotten(panel, state):
    press(panel, "take", "window")
    assert rows(panel)["window"]["is_taken"]
    state.update(window="hamming")
    found = rows(panel)["window"]
    assert (found["is_taken"], found["mine"]) == (False, "hamming")


@pytest.mark.slow
def test_another_model_begins_anew(panel):
    press(panel, "take", "window", "frame step")
    panel.set_state({"model": "whisper"})
    assert not any(row["is_taken"] for row in rows(panel).values())


def test_a_sound_without_a_sample_rate_has_no_bands(panel, state):
    state.update(stage="stft")
    state.update(sound=np.zeros(4000))
    with pytest.raises(ValueError, match="give the sound a sample rate"):
        panel.contents()["match"].make()


def test_the_content_is_made_again_for_other_settings_only(panel, state):
    key = panel.contents()["match"].key
    state.update(colour_map="viridis")
    assert panel.contents()["match"].key == key
    state.update(window=np.hanning(256))
    assert panel.contents()["match"].key != key
