"""Long sounds: a sketch at once, then the exact picture, unless something else is to be shown by then."""

import logging
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from specwidget.explorer.spectrogram_view.spectrogram_view import SpectrogramView
from specwidget.explorer.state import background, computation, picture_cache
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.layer import STFTSpectrogram
from specwidget.raster import columns as columns_module
from specwidget.raster.columns import Channel
from specwidget.raster.picture import REDUCTIONS, Columns, colour_map_kind, make_picture
from specwidget.raster.region import Grid, make_grid
from specwidget.sounds import as_sound
from specwidget.stft.settings import STFTSettings
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
    # A trait has its value before its observers are told.
    wait_until(lambda: state._derived.next_job() is None and ("overview", True) in seen)
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


@pytest.mark.parametrize("mode", ["log", "real", "angle", "stft"])
@pytest.mark.parametrize("rows", [60, 2000])
def test_the_overview_is_the_whole_result_reduced_twice(monkeypatch, mode, rows):
    # Once to the columns, and with few rows also to the rows of the picture; then to those of the overview.
    monkeypatch.setattr(picture_cache, "OVERVIEW_SIZE", (40, 24))
    state = ExplorerState(sound(40_000), mode=mode, canvas_size=(100, rows), decibels=False)
    try:
        state.flush()
        state.draw_overview()
        grid, settings = state.overview.grid, state.current.settings
        values = state.result.channel_values(0, 0)
    finally:
        state.close()
    assert grid.is_whole
    assert len(grid.column_starts) - 1 <= 40
    n_panels = 2 if mode == "stft" else 1
    assert len(grid.row_starts) - 1 <= 24 // n_panels
    reduce = REDUCTIONS[colour_map_kind(settings)]
    if mode == "angle":
        # The middle of middles is near the middle: any frame of the column, and any bin of the row.
        assert state.overview.codes.shape == (len(grid.row_starts) - 1, len(grid.column_starts) - 1)
        return
    panels = [values[:, at : at + settings.n_bins] for at in range(0, values.shape[1], settings.n_bins)]
    cells = np.concatenate([reduce(reduce(panel, grid.column_starts).T, grid.row_starts) for panel in panels])
    picture = state.overview
    decoded = picture.low + (picture.codes - 1.0) / 65534 * (picture.high - picture.low)
    np.testing.assert_allclose(decoded, cells, atol=(picture.high - picture.low) / 65000)
    assert picture.is_exact


def grid_of(column_size, row_starts=(0, 10, 129), frames=(0, 960)):
    """Return a grid with columns of this size."""
    starts = np.arange(frames[0], frames[1] + 1, column_size, dtype=np.int32)
    return Grid(starts, np.array(row_starts, np.int32), 960, 129)


@pytest.fixture
def cached():
    """Return a function that caches columns of 12 frames, with these rows."""

    def cache(rows=None, **changes):
        columns = Columns(np.zeros((80, 129)), grid_of(12).column_starts, rows)
        entry = picture_cache._CachedColumns("computation", (0, 1), grid_of(12), columns)
        return replace(entry, **changes)

    return cache


@pytest.mark.parametrize(("wanted", "serves"), [(8, False), (10, True), (12, True), (24, True), (30, False)])
def test_columns_serve_a_grid_that_is_neither_much_finer_nor_coarser(cached, wanted, serves):
    # 12 frames are at most 4 / 3 of 9 or more, and at least half of 24 or less.
    assert cached().serves("computation", (0, 1), grid_of(wanted)) is serves


def test_columns_of_exactly_four_thirds_of_the_size_serve(cached):
    assert cached(grid=grid_of(16)).serves("computation", (0, 1), grid_of(12))


def test_columns_serve_the_same_frames_of_the_same_channel_only(cached):
    grid = grid_of(12)
    assert cached().serves("computation", (0, 1), grid)
    assert not cached().serves("another", (0, 1), grid)
    assert not cached().serves("computation", (1, 0), grid)
    assert not cached().serves("computation", (0, 1), grid_of(12, frames=(0, 948)))


def test_columns_with_rows_serve_these_rows_only(cached):
    rows = np.array((0, 10, 129), np.int32)
    assert cached().serves("computation", (0, 1), grid_of(12, (0, 20, 129)))
    assert cached(rows).serves("computation", (0, 1), grid_of(12))
    assert not cached(rows).serves("computation", (0, 1), grid_of(12, (0, 20, 129)))


def test_only_exact_frames_with_every_bin_are_cut_out(cached):
    frames = Columns(np.zeros((960, 129)), grid_of(1).column_starts)
    entry = cached(grid=grid_of(1), columns=frames)
    has_all = picture_cache._has_every_frame
    assert has_all(entry, "computation", (0, 1))
    assert not has_all(entry, "another", (0, 1))
    assert not has_all(entry, "computation", (0, 0))
    assert not has_all(cached(), "computation", (0, 1))
    assert not has_all(replace(entry, columns=replace(frames, is_exact=False)), "computation", (0, 1))
    assert not has_all(replace(entry, columns=replace(frames, rows=np.arange(3))), "computation", (0, 1))


@pytest.mark.parametrize(
    ("cost", "pace", "is_fast"),
    [
        (picture_cache.AT_ONCE, 0.0, True),
        (picture_cache.AT_ONCE + 1, 0.0, False),
        (picture_cache.ALWAYS_AT_ONCE, 1.0, True),
        (picture_cache.ALWAYS_AT_ONCE + 1, 1.0, False),
        (2**21, picture_cache.UPDATE_S / 2**21, True),
        (2**21 + 1, picture_cache.UPDATE_S / 2**21, False),
    ],
)
def test_work_is_done_at_once_that_fits_an_update_at_the_last_speed(cost, pace, is_fast):
    pictures = picture_cache.PictureCache()
    pictures._pace = pace
    assert pictures._is_fast(cost) is is_fast


@pytest.mark.parametrize(
    ("pace", "cost"),
    [
        (0.0, picture_cache.PREVIEW),
        (1.0, picture_cache.ALWAYS_AT_ONCE),
        (picture_cache.PREVIEW_S / 2**21, 2**21),
        (1e-12, picture_cache.PREVIEW),
    ],
)
def test_a_sketch_takes_as_many_frames_as_its_time_allows(state, monkeypatch, pace, cost):
    monkeypatch.setattr(picture_cache, "AT_ONCE", -1)
    asked = []
    monkeypatch.setattr(
        picture_cache, "preview_columns", lambda channel, grid, n: asked.append(n) or Columns(None, grid.column_starts)
    )
    pictures = picture_cache.PictureCache()
    pictures._pace = pace
    pictures._columns("whole", state.current, state.display.picture)
    assert asked == [int(cost / state.current_channel().cost_per_frame)]


def test_the_cost_is_that_of_the_frames_that_are_computed(state):
    channel = state.current_channel()
    assert picture_cache.cost_of(channel, grid_of(12, frames=(60, 960))) == 900 * channel.cost_per_frame
    angle = ExplorerState(state.sound, mode="angle")
    angle.flush()
    channel = angle.current_channel()
    assert picture_cache.cost_of(channel, grid_of(12, frames=(60, 960))) == 75 * channel.cost_per_frame
    angle.close()


def test_the_speed_is_measured_on_large_work_and_the_floor_counted_on_the_whole(state, monkeypatch):
    ticks = iter(range(100))
    monkeypatch.setattr(picture_cache, "time", SimpleNamespace(perf_counter=lambda: 3.0 * next(ticks)))
    computed, options = computation.Computation(state.current.settings, state.sound, state.layer), state.display.picture
    pictures = picture_cache.PictureCache()
    grid = picture_cache._grid("whole", computed, options)
    pictures._read("part", computed, (0, 0), grid)()
    assert (pictures._pace, computed.n_on_floor, computed.seconds) == (0.0, {}, 0.0)
    cost = picture_cache.cost_of(computed.channel((0, 0)), grid)
    monkeypatch.setattr(picture_cache, "ALWAYS_AT_ONCE", cost)
    pictures._read("whole", computed, (0, 0), grid)()
    assert (pictures._pace, list(computed.n_on_floor), computed.seconds) == (0.0, [(0, 0)], 3.0)
    monkeypatch.setattr(picture_cache, "ALWAYS_AT_ONCE", cost - 1)
    computed.seconds = 7.0
    pictures._read("whole", computed, (0, 0), grid)()
    assert (pictures._pace, computed.seconds) == (3.0 / cost, 7.0)


def test_the_range_of_the_whole_is_computed_once_for_each_quantity(state, monkeypatch):
    pictures, options = picture_cache.PictureCache(), state.display.picture
    drawn = []
    draw = pictures._draw
    monkeypatch.setattr(pictures, "_draw", lambda *a, **k: drawn.append(a[2]) or draw(*a, **k))
    quantities = [options, replace(options, decibels=False), replace(options, unit="V")]
    ranges = [pictures.whole_range(state.current, each) for each in quantities for _ in range(2)]
    assert drawn == quantities
    assert ranges[::2] == ranges[1::2]
    assert ranges[0] == state.picture.automatic != ranges[2]


def test_a_count_of_the_floor_can_be_stopped_and_is_of_its_channel():
    samples = np.zeros((2, 5000, 2), "float32")
    samples[1, :, 0] = np.random.default_rng(0).standard_normal(5000)
    computed = computation.Computation(
        settings := STFTSettings(epsilon=1e-12), as_sound(samples, 8000), STFTSpectrogram.from_settings(settings)
    )
    with pytest.raises(columns_module.Cancelled):
        picture_cache._count(computed, (0, 0), lambda: True)
    for index in ((1, 0), (1, 1)):
        store = picture_cache._count(computed, index, lambda: False)
        assert index not in computed.n_on_floor
        store()
    assert computed.n_on_floor == {(1, 0): 0, (1, 1): computed.n_frames * settings.n_bins}


def test_jobs_are_first_what_is_visible_then_the_whole_then_the_floor_of_other_channels(long):
    state = long(sound=sound(100_000, channels=2), visible=(20_000.0, 60_000.0, 0.0, 1.0))
    state._refinement.close()
    state.flush()
    pictures, options = state._derived._pictures, state.display.picture
    seen = []
    while job := pictures.next_job(state.current, options):
        seen.append(job.args[0] if job.func == pictures._read else job.args[1])
        job(lambda: False)()
    assert seen == ["part", "whole", (0, 1)]
    assert pictures.next_columns(state.current, replace(options, visible=None)) is None


def test_without_a_part_there_is_one_job(long):
    state = long(canvas_size=(100, 60))
    state._refinement.close()
    state.flush()
    pictures, options = state._derived._pictures, state.display.picture
    job = pictures.next_job(state.current, options)
    assert job.args[0] == "whole"
    job(lambda: False)()
    assert pictures.next_job(state.current, options) is None


@pytest.mark.parametrize("visible", [None, (50_000.0, 150_000.0, 0.0, 0.5)])
def test_an_exact_picture_is_that_of_every_frame_with_the_range_of_the_whole(long, visible):
    state = long(canvas_size=(100, 60), sound=sound(channels=2), channel=1, visible=visible)
    state._refinement.close()
    state.flush()
    options = state.display.picture
    found = picture_cache.exact_picture(state.current, options, (-3.0, 5.0))
    expected = make_picture(state.result, n_columns=150, n_rows=60, channel=1, visible=visible)
    np.testing.assert_array_equal(found.codes, expected.codes)
    assert found.automatic == ((-3.0, 5.0) if visible else expected.automatic)
    assert picture_cache.exact_picture(state.current, options).automatic == expected.automatic


def test_a_sketch_is_made_once_for_each_channel(long, monkeypatch):
    made = []
    preview = picture_cache.preview_columns
    monkeypatch.setattr(picture_cache, "preview_columns", lambda *given: made.append(given[0]) or preview(*given))
    state = long(sound=sound(channels=2), canvas_size=(100, 60))
    state._refinement.close()
    state.flush()
    state.update(frequency_axis="log")
    state.draw_overview()
    assert len(made) == 1
    state.update(channel=1)
    state.update(decibels=False)
    assert len(made) == 2


def test_a_job_ends_when_it_is_told_to(long):
    state = long(canvas_size=(100, 60))
    state._refinement.close()
    state.flush()
    job = state._derived._pictures.next_job(state.current, state.display.picture)
    with pytest.raises(columns_module.Cancelled):
        job(lambda: True)


@pytest.mark.parametrize("mode", ["psd", "stft"])
def test_columns_with_rows_are_joined_along_both_axes(state, monkeypatch, mode):
    monkeypatch.setattr(picture_cache, "OVERVIEW_SIZE", (8, 7))
    state.update(mode=mode)
    n_panels = 2 if mode == "stft" else 1
    grid = picture_cache._grid("whole", state.current, state.display.picture)
    starts, rows = np.array([*range(0, 60, 2), 61], np.int32), np.array([*range(0, 120, 10), 129], np.int32)
    values = np.random.default_rng(0).standard_normal((30, n_panels * 12))
    columns = Columns(values, starts, rows, False, 0.25)
    joined, small = picture_cache.shrink(columns, grid, state.current, state.display.picture)
    assert (joined.is_exact, joined.lowest, small.n_frames, small.n_bins) == (False, 0.25, 61, 129)
    np.testing.assert_array_equal(small.column_starts, joined.starts)
    np.testing.assert_array_equal(small.row_starts, joined.rows)
    assert 4 < len(joined.starts) - 1 <= 8
    assert 1 < len(joined.rows) - 1 <= 7 // n_panels
    across = np.searchsorted(starts, joined.starts)
    down = np.searchsorted(rows, joined.rows)
    n_rows = len(joined.rows) - 1
    assert joined.values.shape == (len(joined.starts) - 1, n_panels * n_rows)
    for column, row in np.ndindex(joined.values.shape):
        panel, at = divmod(row, n_rows)
        block = values[across[column] : across[column + 1], 12 * panel + down[at] : 12 * panel + down[at + 1]].ravel()
        # The largest, of signed values by its magnitude.
        expected = block[np.abs(block).argmax()] if mode == "stft" else block.max()
        assert joined.values[column, row] == expected


@pytest.mark.parametrize("axis", ["linear", "log", "mel"])
def test_columns_of_every_bin_get_the_rows_of_an_overview(state, monkeypatch, axis):
    monkeypatch.setattr(picture_cache, "OVERVIEW_SIZE", (8, 20))
    state.update(mode="psd", frequency_axis=axis)
    options = state.display.picture
    grid = picture_cache._grid("whole", state.current, options)
    columns = Columns(np.zeros((61, 129)), np.arange(62, dtype=np.int32), None, True, 0.25)
    joined, small = picture_cache.shrink(columns, grid, state.current, options)
    assert (joined.rows, joined.is_exact, joined.lowest) == (None, True, 0.25)
    expected = make_grid(state.current.settings, 8000, 8000, axis=axis, n_columns=8, n_rows=20)
    np.testing.assert_array_equal(small.row_starts, expected.row_starts)


@pytest.mark.parametrize("axis", ["log", "mel"])
def test_a_picture_has_its_axis_and_the_sample_rate(state, axis):
    with state.hold():
        state.frequency_axis, state.canvas_size = axis, (100, 60)
    expected = make_picture(state.result, n_columns=150, n_rows=60, axis=axis)
    np.testing.assert_array_equal(state.picture.codes, expected.codes)
    np.testing.assert_array_equal(state.picture.grid.row_starts, expected.grid.row_starts)
    assert state.picture.header() == replace(expected, name="array").header()


@pytest.mark.parametrize(("n_rows", "most"), [(1, 1), (5, 2)])
def test_both_panels_share_the_rows_and_have_one_at_least(state, n_rows, most):
    state.update(mode="stft")
    grid = picture_cache._grid("whole", state.current, replace(state.display.picture, n_rows=n_rows))
    assert len(grid.row_starts) - 1 == most
