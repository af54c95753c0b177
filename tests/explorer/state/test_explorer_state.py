"""The state: what follows from a change, and what does not."""

import logging
import threading
import tracemalloc
import warnings
from dataclasses import fields, replace

import numpy as np
import pytest

from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.layer import STFTSpectrogram
from specwidget.mel.stages import FRONT_END_DEFAULTS
from specwidget.raster.picture import make_picture
from specwidget.sounds import Sound, as_sound
from specwidget.stft.settings import STFTSettings
from specwidget.summary.errors import GENERAL
from tests.waiting import wait_until


def test_every_setting_is_a_trait_with_the_engines_default():
    state = ExplorerState(as_sound(np.zeros(1000), 8000))
    for field in fields(STFTSettings):
        assert getattr(state, field.name) == field.default


def test_the_result_is_that_of_the_layer(state, noise):
    state.update(frame_length=400, frame_step=160, mode="magnitude")
    expected = state.layer(noise.samples)
    assert np.array_equal(state.result.values, expected)
    assert state.result.settings.step == 160


def test_two_hundred_sets_compute_far_fewer_times_and_end_on_the_last(state):
    before = state.n_computed
    for length in range(100, 300):
        state.frame_length = length
    assert state.result.settings.frame_length == 299
    assert state.n_computed - before <= 20


def test_a_set_from_python_is_followed_without_asking(state):
    state.frame_length = 128
    wait_until(lambda: state.current.settings.frame_length == 128)


def test_the_last_of_many_sets_is_followed_without_asking(state):
    for length in range(100, 300):
        state.frame_length = length
    wait_until(lambda: state.picture.settings.frame_length == 299)


def test_a_preset_computes_once(state):
    before = state.n_computed
    state.update(frame_length=400, frame_step=160, fft_length=512, window="hamming", mode="psd", padding="same")
    assert state.n_computed == before + 1
    assert state.current.settings == STFTSettings(
        mode="psd", frame_length=400, frame_step=160, fft_length=512, window="hamming", padding="same"
    )


def test_hold_computes_once_at_its_end(state):
    before = state.n_computed
    with state.hold():
        state.frame_length = 64
        state.frame_step = 16
        assert state.n_computed == before
    assert state.n_computed == before + 1


def test_setting_the_same_computes_nothing(state):
    before = state.n_computed
    state.update(frame_length=state.frame_length, window="hann")
    assert state.n_computed == before


@pytest.mark.parametrize(
    "change", [{"colour_map": "viridis"}, {"value_range": (-50, 0)}, {"decibels": False}, {"frequency_axis": "log"}]
)
def test_display_choices_compute_nothing(state, change):
    before = state.n_computed
    state.update(**change)
    assert state.n_computed == before
    assert state.errors == {}


def test_colours_and_range_make_no_new_picture(state):
    picture = state.picture
    state.update(colour_map="viridis", value_range=(-50.0, 0.0))
    assert state.picture is picture


@pytest.mark.parametrize(
    ("change", "name", "sentence"),
    [
        ({"frame_step": 300}, "frame_step", "`frame_step` must be between 1 and frame_length=256; got 300."),
        (
            {"frame_length": "abc"},
            "frame_length",
            "`frame_length` must be a whole number of samples, or a time such as",
        ),
        ({"frame_length": 0}, "frame_length", "`frame_length` must be at least 1; got 0."),
        ({"fft_length": 100}, "fft_length", "`fft_length` must be at least frame_length=256; got 100."),
        ({"padding": "full"}, "padding", "`padding` must be one of 'valid', 'same'; got 'full'."),
        ({"window": np.ones(10)}, "window", "`window` must be a 1-D array of frame_length=256 values"),
        ({"window": "no such"}, "window", "`window` must be a window that SciPy makes"),
        ({"epsilon": "x"}, "epsilon", "`epsilon` must be a number; got 'x'."),
        ({"epsilon": float("nan")}, "epsilon", "`epsilon` must be finite and above 0"),
        ({"frame_length": 9000}, "frame_length", "at least frame_length=9000 samples with padding='valid'; got 8000"),
        ({"frame_length": 10**12}, "frame_length", "frame_length=1000000000000"),
        ({"frame_length": 10**12, "padding": "same"}, "frame_length", "within 1 GiB"),
        ({"fft_length": 10**9}, "fft_length", "within 1 GiB"),
        ({"channel": 1}, "channel", "`channel` must be an integer between 0 and 0; got 1."),
        ({"colour_map": "jet"}, "colour_map", "`colour_map` must be one of 'automatic'"),
        ({"value_range": [1, 0]}, "value_range", "`value_range` must be None or two finite numbers"),
        ({"frequency_axis": "bark"}, "frequency_axis", "`frequency_axis` must be one of 'linear', 'log', 'mel'"),
        ({"decibels": 2}, "decibels", "`decibels` must be True or False; got 2."),
    ],
)
def test_what_is_impossible_gets_a_sentence_and_leaves_the_last_result(state, change, name, sentence):
    result, picture, shapes = state.current, state.picture, state.shapes
    state.update(**change)
    assert list(state.errors) == [name]
    assert sentence in state.errors[name]
    assert (state.current, state.picture, state.shapes) == (result, picture, shapes)
    state.update(**{name: getattr(ExplorerState, name).default_value for name in change})
    assert state.errors == {}
    assert state.current.settings == STFTSettings()


def test_display_choices_are_followed_beside_an_invalid_setting(state):
    computation = state.current
    state.update(frame_step=0, colour_map="viridis", visible=(1000.0, 3000.0, 0.0, 0.5))
    assert list(state.errors) == ["frame_step"]
    assert state.current is computation
    assert (state.display.colour_map, state.picture.grid.visible) == ("viridis", (1000.0, 3000.0, 0.0, 0.5))


def test_without_a_valid_result_there_is_only_the_message(noise):
    state = ExplorerState(noise, frame_step=0)
    state.flush()
    assert list(state.errors) == ["frame_step"]
    assert (state.current, state.picture) == (None, None)
    state.close()


def test_background_work_is_asked_for_where_its_subject_changes(state, monkeypatch):
    asked = []
    monkeypatch.setattr(state._refinement, "request", lambda: asked.append("exact picture"))
    monkeypatch.setattr(state._crosscheck, "restart", lambda: asked.append("peers"))

    def asked_by(**values):
        asked.clear()
        state.update(**values)
        return asked

    assert asked_by(frame_length=128) == ["exact picture", "peers"]
    assert asked_by(colour_map="viridis") == []
    assert asked_by(visible=(1000.0, 3000.0, 0.0, 0.5)) == ["exact picture"]
    state.compares_peers = False
    assert asked_by(frame_length=64) == ["exact picture"]


def test_a_result_is_refused_before_its_memory_is_taken_and_the_page_goes_on(state):
    state.memory_limit = 100_000
    state.update(frame_length=256, frame_step=1)
    assert state.errors == {}
    assert state.picture.grid.n_frames == 7745
    with pytest.raises(ValueError, match=r"^`frame_step` must keep the output within 97.66 KiB; got 7745") as refused:
        state.result  # noqa: B018
    # The advice is the smallest step that fits.
    advised = int(str(refused.value).split("A frame_step of ")[1].split()[0])
    state.update(frame_step=advised)
    assert state.result.values.nbytes <= 100_000
    state.update(frame_step=advised - 1)
    with pytest.raises(ValueError, match=r"^`frame_step` must keep the output"):
        state.result  # noqa: B018


def test_a_cuda_backend_without_a_device_gets_its_sentence(state):
    state.update(backend="cupy")
    if state.errors:
        assert "backend" in state.errors
        assert state.current.settings.backend == "auto"


def test_what_nobody_foresaw_is_logged_and_told_in_one_sentence(state, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise RuntimeError("inside")

    monkeypatch.setattr(state._derived._pictures, "draw", fail)
    with caplog.at_level(logging.ERROR):
        state.update(frame_length=128)
    assert state.errors[GENERAL] == "Internal error (RuntimeError). See the log for details."
    assert caplog.messages == ["The explorer could not follow a change"]
    assert "inside" in caplog.text
    monkeypatch.undo()
    state.update(frame_length=64)
    assert state.errors == {}
    assert state.picture.settings.frame_length == 64


def test_nan_in_the_signal_is_shown_as_not_finite(noise):
    samples = noise.samples.copy()
    samples[0, 1000, 0] = np.nan
    state = ExplorerState(as_sound(samples[0], 8000))
    state.flush()
    assert state.errors == {}
    lost = np.flatnonzero((state.picture.codes == 0).all(axis=0))
    assert lost.tolist() == [6, 7]
    assert ((state.picture.codes == 0).sum(axis=0) > 0).sum() == 2


def test_shapes_are_published_before_the_transform_runs(state):
    seen = []
    state.observe(lambda change: seen.append(("shapes", state.current.settings.frame_length)), "shapes")
    state.observe(lambda change: seen.append(("picture", state.current.settings.frame_length)), "picture")
    state.update(frame_length=128)
    assert seen == [("shapes", 256), ("picture", 128)]


def test_an_unknown_name_is_refused(state):
    with pytest.raises(
        TypeError, match=r"^`set` must have only the arguments mode, frame_length, .+ is called `frame_step`"
    ):
        state.update(hop_length=1)


def test_the_size_of_the_canvas_is_not_for_a_person_to_set(state):
    with pytest.raises(TypeError, match=r"^`set` must have only the arguments .*; got 'canvas_size'"):
        state.update(canvas_size=(100, 100))


def test_a_new_sound_is_shown_from_its_first_channel():
    stereo = as_sound(np.zeros((1000, 2)), 8000)
    state = ExplorerState(stereo, channel=1)
    state.flush()
    state.update(sound=as_sound(np.ones(1000), 8000))
    assert state.channel == 0
    assert state.errors == {}


def test_channels_first_gives_the_same_picture(noise):
    samples = np.random.default_rng(1).standard_normal((2, 4000, 3)).astype("float32")
    states = [
        ExplorerState(as_sound(samples, 8000), data_format=order) for order in ("channels_last", "channels_first")
    ]
    for state in states:
        state.update(channel=2, batch_item=1)
    assert np.array_equal(states[0].picture.codes, states[1].picture.codes)
    assert states[1].current.shape == (2, 3 * 129, states[0].current.shape[1])


@pytest.mark.slow
def test_page_and_cell_at_once_end_consistent(state):
    """The page moves one setting in its thread while a cell sets another: both end on their last."""

    def move_slider():
        for step in range(1, 101):
            with state.hold():
                state.frame_step = step

    def run_cell():
        for length in range(128, 328):
            state.frame_length = length

    threads = [threading.Thread(target=move_slider), threading.Thread(target=run_cell)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    wait_until(lambda: state.current.settings.frame_length == 327)
    settings = state.result.settings
    assert (settings.frame_length, settings.frame_step) == (327, 100)
    assert state.picture.settings == settings
    assert state.errors == {}


def test_closing_stops_the_timers(state):
    state.frame_length = 64
    state.close()
    before = state.n_computed
    state.frame_length = 32
    state.flush()
    assert state.n_computed == before
    for debouncer in (state._lock._coalescer, state._crosscheck._debouncer):
        debouncer._thread.join(timeout=5)
        assert not debouncer._thread.is_alive()


def test_a_sound_that_is_too_short_is_told_at_the_sound(state):
    picture = state.picture
    state.update(sound=as_sound(np.zeros(100), 8000))
    assert list(state.errors) == ["sound"]
    assert "Use a frame_length of at most 100, or padding='same'." in state.errors["sound"]
    assert state.picture is picture
    state.update(frame_length=50)
    assert state.errors == {}
    assert state.picture.n_samples == 100


def test_settings_and_traits_are_the_same_table():
    assert set(FRONT_END_DEFAULTS) <= set(ExplorerState.class_trait_names())


def test_shapes_are_those_of_the_settings_again_after_a_failure(state, monkeypatch):
    state.update(frame_length=64)
    rows = list(state.shapes)
    monkeypatch.setattr(STFTSpectrogram, "frames", lambda *_args, **_named: (_ for _ in ()).throw(MemoryError))
    state.update(frame_length=512)
    assert state.errors["frame_length"].startswith("Out of memory. Reduce `frame_length`")
    assert state.shapes != rows
    state.update(frame_length=64)
    assert state.errors == {}
    assert state.shapes == rows


def test_computing_leaves_the_warnings_of_the_process_alone(state):
    filters, show = list(warnings.filters), warnings.showwarning
    seen = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        state.update(fft_length=400, frame_length=400)
        seen += caught
    assert seen == []
    assert str(state.notes[0]).startswith("`fft_length` should be a power of two")
    assert (list(warnings.filters), warnings.showwarning) == (filters, show)


def test_a_sound_and_its_channel_are_set_together_in_any_order(state):
    stereo = np.random.default_rng(0).standard_normal((4000, 2))
    state.update(channel=1, sound=as_sound(stereo, 8000))
    assert (state.channel, state.errors) == (1, {})


def test_a_sound_may_be_set_as_whatever_explore_takes(state):
    state.update(sound=np.zeros((5000, 2), "float32"))
    assert state.current_sound.samples.shape == (1, 5000, 2)


@pytest.mark.parametrize("name", ["colour_map", "frequency_axis"])
def test_an_array_is_no_choice(state, name):
    state.update(**{name: np.array([1, 2])})
    assert state.errors[name].startswith(f"`{name}` must be one of")


@pytest.mark.parametrize("value", [10**400, 1e99])
def test_a_number_that_is_none_gets_its_sentence(state, value):
    state.update(epsilon=value)
    assert state.errors["epsilon"].startswith("`epsilon` must be finite and above 0 in float32")


def test_every_impossible_setting_has_its_sentence_at_once(state):
    state.update(frame_step=0, fft_length="abc", epsilon=-1, window="no window", mode="power")
    assert set(state.errors) == {"frame_step", "fft_length", "epsilon", "window", "mode"}
    state.update(frame_step=None, fft_length=None, window="hann", mode="log")
    assert set(state.errors) == {"epsilon"}


@pytest.mark.parametrize(("batch_item", "channel"), [(0, 1), (1, 0), (2, 1)])
def test_a_frame_is_of_the_batch_item_and_the_channel_that_are_displayed(batch_item, channel):
    samples = np.random.default_rng(0).standard_normal((3, 700, 2)).astype("float32")
    state = ExplorerState(as_sound(samples, 8000), mode="magnitude", decibels=False)
    try:
        state.update(batch_item=batch_item, channel=channel)
        found = state.frame_slice(2)
        part = samples[batch_item, 256:512, channel]
        np.testing.assert_array_equal(found.samples, part)
        window = np.hanning(256) / np.linalg.norm(np.hanning(256))
        np.testing.assert_allclose(found.values, np.abs(np.fft.rfft(part * window)), rtol=1e-4, atol=1e-4)
    finally:
        state.close()


def test_an_error_from_outside_stays_beside_the_others_and_counts_as_an_update(state):
    state.update(frame_length=0)
    before, errors = state.revision, dict(state.errors)
    assert list(errors) == ["frame_length"]
    state.set_error("sound", "Too large.")
    assert state.errors == {**errors, "sound": "Too large."}
    state.set_error(GENERAL, "Lost.")
    assert state.errors == {**errors, "sound": "Too large.", GENERAL: "Lost."}
    assert state.revision == before + 2


def test_b_is_stored_and_displayed_in_one_step(state):
    assert state.stored is None
    state.swap_ab()
    a = state.displayed
    before = state.revision
    state.set_b()
    assert state.stored == a
    assert state.revision == before + 1
    state.update(frame_length=100, mode="psd", window="hamming")
    state.update(padding="same")
    n_steps, b = len(state.history.past), state.displayed
    state.swap_ab()
    assert (state.displayed, state.stored, state.shown) == (a, b, "B")
    assert len(state.history.past) == n_steps + 1
    state.restore(state.history.back())
    assert state.displayed == b
    state.swap_ab()
    state.swap_ab()
    assert (state.displayed, state.stored, state.shown) == (b, a, "A")


def test_a_and_b_are_compared_in_this_order_whichever_is_displayed(state):
    assert ExplorerState(state.sound).compared() is None
    assert state.compared() is None
    state.set_b()
    b = state.displayed
    state.update(frame_length=100)
    a = state.displayed
    assert state.compared() == (a, b)
    state.swap_ab()
    assert state.displayed == b
    assert state.compared() == (a, b)


def test_requested_peers_are_compared_from_now_on(state, monkeypatch):
    monkeypatch.setattr(state._crosscheck._debouncer, "request", lambda: None)
    state.request_peers(["torch"])
    assert state.crosscheck.waiting[-1] == "torch"


@pytest.mark.parametrize(("rate", "played"), [(8000, 8000), (22_050.4, 22_050.4), (0.2, 0.2), (None, None)])
def test_the_displayed_channel_is_what_is_played(rate, played):
    samples = np.random.default_rng(0).standard_normal((2, 900, 3)).astype("float32")
    state = ExplorerState(as_sound(samples, rate), batch_item=1, channel=2)
    state.flush()
    heard, found = state.audio_channel()
    np.testing.assert_array_equal(heard, samples[1, :, 2])
    assert found == played
    state.close()


def test_a_snapshot_has_the_exact_picture_of_what_is_displayed(state):
    state.update(mode="psd", visible=(1000, 3000, 0.0, 0.5), frequency_axis="log", unit="V")
    snapshot = state.snapshot()
    assert snapshot.computation is state.current
    assert snapshot.choices == state.display
    np.testing.assert_array_equal(snapshot.samples, state.sound.samples[0, :, 0])
    picture, expected = (
        snapshot.picture(300, 200),
        make_picture(state.result, axis="log", n_columns=300, n_rows=200, visible=(1000.0, 3000.0, 0.0, 0.5), unit="V"),
    )
    np.testing.assert_array_equal(picture.codes, expected.codes)
    assert picture.quantity == expected.quantity
    assert picture.is_exact
    # The colours are those of the whole, also where a part is visible.
    state.update(visible=None)
    assert picture.automatic == state.picture.automatic
    whole = snapshot.picture(300, 200, visible=None, decibels=False)
    assert whole.quantity.unit == "V² per cycle/sample"
    # The range of the displayed whole, in dB, is not that of another picture of the whole.
    assert whole.automatic == make_picture(state.result, n_columns=300, n_rows=200, decibels=False).automatic
    assert len(whole.column_starts) - 1 > len(picture.column_starts) - 1


def test_a_snapshot_draws_the_overview_first(state):
    snapshot = state.snapshot()
    assert snapshot.overview is state.overview
    assert snapshot.automatic is None
    assert state.overview.grid.is_whole


def test_a_sound_that_is_set_directly_is_copied_once(state):
    samples = np.random.default_rng(0).standard_normal(2000)
    before = samples.copy()
    state.sound = as_sound(samples, 16000)
    samples[:] = 0
    np.testing.assert_array_equal(state.sound.samples[0, :, 0], before)
    sound = state.sound
    state.update(frame_length=100, sound=before)
    state.sound = sound
    assert state.sound is sound
    fresh = as_sound(before)
    state.adopt(fresh)
    assert state.sound is fresh
    with pytest.raises(TypeError, match="The transform is for real signals"):
        state.sound = Sound(np.zeros((1, 1000, 1), "complex64"), None, "complex")


def test_a_sound_that_is_given_to_an_update_is_copied(state, noise):
    sound = replace(noise, samples=noise.samples.copy())
    state.update(sound=sound)
    sound.samples[:] = 0
    np.testing.assert_array_equal(state.sound.samples, noise.samples)


def test_the_sound_to_begin_with_is_not_copied(noise):
    assert ExplorerState(noise).sound is noise


def test_a_job_that_fails_is_told_as_a_message(state, monkeypatch):
    def fail(is_cancelled):
        raise MemoryError

    monkeypatch.setattr(state._derived, "next_job", lambda: fail)
    state._refinement.run()
    assert state.errors[GENERAL].startswith("The exact spectrogram could not be computed. Out of memory.")


def test_a_finished_job_is_published_as_one_update(state, monkeypatch):
    asked, before = [], state.revision
    monkeypatch.setattr(state._derived, "refined", lambda *given: asked.append(given) or [("gaps", "refined")])
    state._refinement._on_refined()
    assert asked == [(state.picture, state.overview, state.memory_limit)]
    assert (state.gaps, state.revision) == ("refined", before + 1)


def test_a_refresh_computes_again_with_the_layer_as_it_is(state):
    before, n_computed = state.current, state.n_computed
    state.layer.set_weights([2 * kernel for kernel in state.layer.get_weights()])
    state.refresh()
    assert state.n_computed == n_computed + 1
    assert state.current is not before
    assert state.current.layer is before.layer
    assert state.current.path == "matmul"


def test_a_sound_with_another_rate_is_no_longer_the_one_that_its_parameters_make(state, noise):
    state.update(sound=replace(noise, parameters={"frequency": 440.0}))
    assert state.sound.parameters is not None
    state.set_sample_rate(4000)
    assert (state.sound.sample_rate, state.sound.parameters) == (4000, None)
    np.testing.assert_array_equal(state.sound.samples, noise.samples)


def test_another_rate_of_the_same_samples_is_looked_at_in_the_same_place():
    samples = np.random.default_rng(0).standard_normal((2, 4000, 2)).astype("float32")
    state = ExplorerState(as_sound(samples, 8000))
    place = {"batch_item": 1, "channel": 1, "visible": (1000.0, 3000.0, 0.0, 0.5)}
    state.update(**place)
    state.set_sample_rate(4000)
    assert {name: getattr(state, name) for name in place} == place
    state.sound = as_sound(samples, 4000)
    assert (state.batch_item, state.channel, state.visible) == (0, 0, None)
    state.close()


def test_a_long_sound_is_followed_in_far_less_memory_than_it_takes():
    samples = np.resize(np.random.default_rng(0).standard_normal(2**20).astype("float32"), (1, 2**23, 1))
    state = ExplorerState(as_sound(np.zeros(1000), 8000))
    tracemalloc.start()
    try:
        state.adopt(Sound(samples, 44_100, "noise"))
        state.flush()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        state.close()
    # The first picture of a long sound is one of few frames; what is read of all samples is read in blocks.
    assert peak < samples.nbytes / 2
