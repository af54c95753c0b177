"""Long sounds: a sketch at once, then the exact picture, unless something else is to be shown by then."""

import logging
import threading
import time

import numpy as np
import pytest

from specwidget.explorer.spectrogram_view.spectrogram_view import SpectrogramView
from specwidget.explorer.state import background, computation, picture_cache
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.raster import columns as columns_module
from specwidget.raster.columns import Channel
from specwidget.raster.picture import make_picture
from specwidget.sounds import as_sound
from specwidget.summary.errors import GENERAL
from tests.waiting import wait_until


def sound(n_samples=200_000, channels=1):
    """Return noise that swells, with a silence and a click."""
    noise = np.random.default_rng(4).standard_normal((n_samples, channels)) * np.linspace(0, 0.3, n_samples)[:, None]
    noise[n_samples // 2 : n_samples // 2 + 20_000] = 0
    noise[n_samples // 2 + 7777] = 1
    return as_sound(noise.astype("float32"), 8000)


@pytest.fixture
def long(monkeypatch):
    """Take everything for too long to be computed at once, and return a way to open an explorer's state on it."""
    monkeypatch.setattr(picture_cache, "AT_ONCE", 0)
    monkeypatch.setattr(picture_cache, "PREVIEW", 2**16)
    monkeypatch.setattr(columns_module, "ONE_BLOCK", 0)
    states = []

    def open_state(**settings):
        states.append(ExplorerState(settings.pop("sound", None) or sound(), **settings))
        return states[-1]

    yield open_state
    for state in states:
        state.close()


def test_the_first_picture_is_a_sketch_and_says_so_and_the_exact_one_follows(long):
    state = long(canvas_size=(100, 60))
    state.flush()
    assert not state.picture.is_exact
    assert state.picture.header()["sentence"] == "Preview, computed from some of the frames; refining…"
    assert [row.value for row in state.results if row.name == "spectrogram"] == ["preview"]
    wait_until(lambda: state.picture.is_exact and state.overview.is_exact)
    expected = make_picture(state.result, n_columns=150, n_rows=60)
    assert np.array_equal(state.picture.codes, expected.codes)
    assert state.picture.header()["sentence"] == ""
    assert [row.name for row in state.results] == ["layer value", "clipped at epsilon", "computed by", "took"]


def test_a_view_is_sent_both(long):
    state = long()
    panel = SpectrogramView(state)
    sent = []
    panel.send = lambda content, buffers=None: sent.append(content)
    panel._handle_custom_msg({"kind": "want"}, [])
    wait_until(lambda: [each["header"]["is_exact"] for each in sent if each["kind"] == "picture"][-1:] == [True])
    assert not next(each for each in sent if each["kind"] == "picture")["header"]["is_exact"]


@pytest.mark.parametrize("mode", ["log", "magnitude", "psd", "real"])
def test_the_share_on_the_floor_is_that_of_the_whole_result(long, mode):
    state = long(sound=sound(100_000, channels=3), mode=mode, channel=1)
    state.flush()
    wait_until(lambda: state._derived.next_job() is None)
    assert state.current.floor_share() == state.result.floor_share()
    assert all(row.value != "counting..." for row in state.results)


def test_a_part_is_refined_before_the_whole_and_has_its_colours(long):
    state = long(canvas_size=(100, 60))
    seen = []
    state.observe(lambda change: seen.append((change["name"], change["new"].is_exact)), ["picture", "overview"])
    state.update(visible=(50_000, 150_000, 0, 0.5))
    wait_until(lambda: state._derived.next_job() is None and state.overview.is_exact)
    assert seen.index(("picture", True)) < seen.index(("overview", True))
    part = make_picture(state.result, n_columns=150, n_rows=60, visible=(50_000.0, 150_000.0, 0.0, 0.5))
    whole = make_picture(state.result, n_columns=150, n_rows=60)
    assert np.array_equal(state.picture.codes, part.codes)
    assert state.picture.automatic == whole.automatic != part.automatic


class Slow:
    """Reads frames one block at a time, when it is let; remembers what was read."""

    def __init__(self, monkeypatch):
        self.go, self.started, self.read = threading.Semaphore(0), threading.Event(), []
        read = Channel.frames

        def slow(channel, first, last, **how):
            self.read.append(channel.settings.frame_length)
            self.started.set()
            assert self.go.acquire(timeout=20)
            return read(channel, first, last, **how)

        monkeypatch.setattr(Channel, "frames", slow)


def test_a_new_setting_abandons_the_work_under_way(long, monkeypatch):
    state, slow = long(), Slow(monkeypatch)
    exact = []
    state.observe(lambda change: exact.append(change["new"]), "picture")
    state.flush()
    assert slow.started.wait(10)
    state.update(frame_length=512)
    n_before = len(slow.read)
    slow.go.release(10**6)
    wait_until(lambda: state.picture.is_exact)
    assert [each.settings.frame_length for each in exact if each.is_exact] == [512]
    # Each thread ends the block that it was at, and begins no other.
    assert slow.read[n_before:].count(256) == 0


def test_a_zoom_abandons_the_work_under_way_and_a_colour_does_not(long, monkeypatch):
    state, slow = long(), Slow(monkeypatch)
    state.flush()
    assert slow.started.wait(10)
    token = state._derived.token
    state.update(colour_map="viridis", value_range=(-40.0, 0.0))
    assert state._derived.token is token
    state.update(visible=(0, 1000, 0, 1))
    assert state._derived.token is not token
    slow.go.release(10**6)
    wait_until(lambda: state._derived.next_job() is None)


@pytest.mark.parametrize("change", [{"decibels": False}, {"frequency_axis": "log"}, {"canvas_size": (880, 420)}])
def test_what_is_kept_is_shown_another_way_without_computing(long, monkeypatch, change):
    state = long()
    state.flush()
    wait_until(lambda: state._derived.next_job() is None)
    slow = Slow(monkeypatch)
    with state.hold():
        for name, value in change.items():
            setattr(state, name, value)
    assert state.picture.is_exact
    assert slow.read == []


def test_a_part_of_frames_that_are_kept_is_cut_out_of_them(state, monkeypatch):
    slow = Slow(monkeypatch)
    state.update(visible=(2000, 4000, 0, 1))
    assert slow.read == []
    expected = make_picture(state.result, n_columns=1350, n_rows=400, visible=(2000.0, 4000.0, 0.0, 1.0))
    assert np.array_equal(state.picture.codes, expected.codes)


def test_angles_are_exact_at_once_as_only_the_middle_of_each_column_is_computed(long, monkeypatch):
    monkeypatch.setattr(picture_cache, "AT_ONCE", 2**20)
    state = long(mode="angle", frame_step=1, canvas_size=(100, 60))
    state.flush()
    assert state.picture.is_exact
    expected = make_picture(state.result, n_columns=150, n_rows=60)
    assert np.array_equal(state.picture.codes, expected.codes)


def test_a_machine_that_is_slow_at_the_moment_shows_a_sketch_first():
    state = ExplorerState(sound(400_000), frame_step=16)
    try:
        state.flush()
        wait_until(lambda: state._derived.next_job() is None)
        for pace, is_exact in ((1.0, False), (1e-12, True)):
            state._derived._pictures._pace = pace
            with state.hold():
                state.mode = "psd" if is_exact else "magnitude"
            assert state.picture.is_exact == is_exact
        assert state._derived._pictures._pace > 1e-12
    finally:
        state.close()


def test_closing_ends_the_work_under_way(long, monkeypatch):
    state, slow = long(), Slow(monkeypatch)
    state.flush()
    assert slow.started.wait(10)
    state.close()
    slow.go.release(10**6)
    state._refinement._debouncer._thread.join(timeout=10)
    assert not state._refinement._debouncer._thread.is_alive()
    assert not state.picture.is_exact


def test_work_that_fails_on_the_way_is_told_and_the_sketch_stays(long, monkeypatch, caplog):
    def fail(*_args, **_how):
        raise MemoryError

    state = long()
    monkeypatch.setattr(Channel, "frames", fail)
    with caplog.at_level(logging.ERROR):
        state.flush()
        wait_until(lambda: GENERAL in state.errors)
    assert state.errors[GENERAL].startswith("The exact spectrogram could not be computed. Out of memory.")
    assert state.picture is not None
    monkeypatch.undo()
    state.update(frame_length=128)
    assert state.errors == {}


def test_what_was_shown_before_is_not_kept_beside_a_new_sound(long):
    state = long()
    state.update(visible=(50_000, 150_000, 0, 1))
    wait_until(lambda: state._derived.next_job() is None)
    state.update(sound=sound(50_000))
    wait_until(lambda: state._derived.next_job() is None)
    assert {cached.computation for cached in state._derived._pictures._cached.values()} == {state.current}
    assert np.shares_memory(state._derived._memo._entries["envelope"][1].samples, state.sound.samples)


@pytest.mark.slow
def test_the_check_waits_for_the_exact_picture_but_not_for_ever(long, monkeypatch):
    monkeypatch.setattr(background, "REFINE_PRIORITY_S", 1.0)
    compared = threading.Event()
    monkeypatch.setattr(background, "run_crosscheck", lambda *_: compared.set() or True)
    state, slow = long(), Slow(monkeypatch)
    started = time.monotonic()
    state.flush()
    assert compared.wait(30)
    assert time.monotonic() - started > 1.0
    assert not state.picture.is_exact
    slow.go.release(10**6)


def test_a_result_is_computed_once_when_it_is_asked_for(state, monkeypatch):
    first = state.result
    assert state.result is first
    state.update(frame_length=128)
    assert state.result is not first
    monkeypatch.setattr(computation, "MAX_CACHED_BYTES", 10)
    state.update(frame_length=64)
    assert state.result is not state.result
