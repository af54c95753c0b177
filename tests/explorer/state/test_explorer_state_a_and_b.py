"""A and B of the state: what is stored, what is displayed, and what both have in common."""

from dataclasses import replace

import numpy as np
import pytest

from specwidget.sounds import as_sound
from specwidget.stft.settings import STFTSettings
from specwidget.summary.comparison import Variant


@pytest.fixture
def other():
    """Return a sound of another length, rate and number of channels than `noise`."""
    return as_sound(np.random.default_rng(1).standard_normal((30_000, 1)).astype("float32"), 16_000)


def test_flipping_swaps_the_settings_in_one_step(state):
    state.set_b()
    state.update(frame_length=512, mode="psd")
    state.swap_ab()
    assert (state.frame_length, state.mode, state.stored.settings.frame_length, state.shown) == (256, "log", 512, "B")
    state.swap_ab()
    assert (state.frame_length, state.mode, state.shown) == (512, "psd", "A")
    assert state.stored == Variant(STFTSettings(), state.sound)
    state.restore(state.history.back())
    assert (state.frame_length, state.shown) == (256, "B")


def test_undoing_a_flip_loses_neither(state):
    state.update(frame_length=400)
    state.set_b()
    state.update(frame_length=1600)
    state.swap_ab()
    state.restore(state.history.back())
    a, b = state.compared()
    assert (state.frame_length, a.settings.frame_length, b.settings.frame_length, state.shown) == (1600, 1600, 400, "A")
    state.restore(state.history.forward())
    a, b = state.compared()
    assert (state.frame_length, a.settings.frame_length, b.settings.frame_length, state.shown) == (400, 1600, 400, "B")


def test_what_is_changed_while_b_is_displayed_is_b(state):
    state.set_b()
    state.update(frame_length=512)
    state.swap_ab()
    state.update(frame_length=1024)
    a, b = state.compared()
    assert (a.settings.frame_length, b.settings.frame_length) == (512, 1024)


def test_a_b_can_be_undone(state):
    state.set_b()
    state.restore(state.history.back())
    assert (state.stored, state.compared()) == (None, None)


def test_without_b_there_is_nothing_to_flip(state):
    before = state.history
    state.swap_ab()
    assert state.history is before


def test_what_is_kept_are_the_settings_of_what_is_shown(state):
    state.update(frame_step=9999)
    state.set_b()
    assert state.stored == Variant(STFTSettings(), state.sound)


def test_b_keeps_its_sound(state, other):
    first = state.sound
    state.set_b()
    state.update(sound=other, frame_length=512)
    a, b = state.compared()
    assert (a.sound, a.settings.frame_length, b.sound, b.settings.frame_length) == (state.sound, 512, first, 256)
    state.swap_ab()
    assert (state.sound, state.current.sound, state.frame_length, state.shown) == (first, first, 256, "B")
    state.swap_ab()
    assert (state.sound, state.frame_length, state.shown) == (a.sound, 512, "A")
    state.restore(state.history.back())
    assert (state.sound, state.shown) == (first, "B")


def test_two_sounds_of_one_length_are_looked_at_in_the_same_place(state, noise):
    state.set_b()
    state.update(sound=replace(noise, samples=noise.samples[:, ::-1]))
    state.update(visible=(2000.0, 6000.0, 0.0, 0.5))
    state.swap_ab()
    assert state.visible == (2000.0, 6000.0, 0.0, 0.5)


def test_a_corrected_rate_is_that_of_b_too(state, other):
    state.set_b()
    state.set_sample_rate(4000)
    assert (state.current.sample_rate, state.stored.sound) == (4000, state.sound)
    state.update(sound=other)
    state.set_sample_rate(8000)
    assert (state.current.sample_rate, state.stored.sound.sample_rate) == (8000, 4000)


def test_bands_of_b_follow_the_sample_rate_of_their_sound(state, other):
    state.update(stage="mel", num_mel_bins=20)
    state.set_b()
    state.set_sample_rate(4000)
    assert (state.stored.sample_rate, state.stored.settings.mel.sampling_rate) == (4000, 4000)
    state.update(sound=other)
    state.share_sound()
    assert (state.stored.sample_rate, state.stored.settings.mel.sampling_rate) == (16_000, 16_000)
    state.set_sample_rate(None)
    assert state.stored is None


def test_the_swap_to_another_stage_keeps_the_time_alone(state):
    state.set_b()
    state.update(stage="mel", num_mel_bins=20)
    state.update(visible=(1000.0, 5000.0, 0.25, 0.5))
    state.swap_ab()
    assert state.visible == (1000.0, 5000.0, 0.0, 1.0)


def test_without_b_there_is_nothing_to_share(state):
    before = state.history
    state.share_sound()
    assert (state.stored, state.history) == (None, before)


@pytest.mark.parametrize("change", ["shape", "rate"])
def test_sounds_that_differ_are_each_looked_at_from_the_start(state, noise, change):
    state.set_b()
    samples = noise.samples[:, :-1] if change == "shape" else noise.samples[:, ::-1]
    state.update(sound=as_sound(samples[0].copy(), 8000 if change == "shape" else 4000))
    state.update(visible=(2000.0, 6000.0, 0.0, 0.5))
    state.swap_ab()
    assert state.visible is None


def test_sharing_a_sound_is_a_step_of_its_own(state, other):
    state.set_b()
    state.update(sound=other)
    state.update(frame_length=300)
    stored, n_steps = state.stored, len(state.history.past)
    state.share_sound()
    assert state.stored == Variant(stored.settings, state.sound)
    assert len(state.history.past) == n_steps + 1
    state.restore(state.history.back())
    assert (state.stored, state.frame_length) == (stored, 300)
