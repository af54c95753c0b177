"""A and B: what is kept, what is flipped, what the two columns and the two pictures say."""

from dataclasses import replace

import numpy as np
import pytest

from specwidget.explorer.panels.compare_panel import ComparePanel, make_pair, make_rows
from specwidget.explorer.panels.history_panel import HistoryPanel
from specwidget.explorer.state import picture_cache
from specwidget.explorer.state.comparison_renderer import ComparisonRenderer
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.layer import STFTSpectrogram
from specwidget.raster import columns as columns_module
from specwidget.raster.columns import Cancelled
from specwidget.raster.picture import N_CODES, make_picture
from specwidget.sounds import as_sound
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import output_shape
from specwidget.summary.comparison import Variant, compare
from tests.waiting import wait_until

A = STFTSettings()
B = STFTSettings(frame_length=1024, window="boxcar", padding="same")


def column(a, b, shape=(1, 16_000, 2), rate=16_000):
    """Return the two columns by name."""
    sound = as_sound(np.broadcast_to(np.float32(0), (shape[0], shape[1], shape[2])), rate)
    return {row.name: row.values for row in compare(Variant(a, sound), Variant(b, sound))}


def test_the_columns_say_what_the_transform_gives():
    values = column(A, B)
    assert values["Output"] == tuple(str(output_shape((1, 16_000, 2), each)) for each in (A, B))
    assert values["Δt"] == ("16 ms", "64 ms")
    # The equivalent noise bandwidth of a rectangular window of 64 ms is 1 / 64 ms.
    assert values["Δf"][1] == "15.62 Hz"
    assert values["Bins F"] == ("129", "513")


def test_without_a_rate_there_are_no_seconds_and_no_hertz():
    text = str(column(A, B, rate=None))
    assert "Hz" not in text
    assert " ms" not in text
    assert "cycles/sample" in text


def test_settings_that_take_no_such_sound_say_so():
    values = column(A, STFTSettings(frame_length=512), shape=(1, 300, 1))
    assert values["Frames T"] == ("1", "sound too short")
    assert values["Δt"] == ("16 ms", "32 ms")


def test_only_what_differs_is_marked():
    sound = as_sound(np.zeros(1000), 8000)
    rows, _ = make_rows(Variant(A, sound), Variant(STFTSettings(mode="psd"), sound), "A")
    assert [row["name"] for row in rows["rows"] if row["differs"]] == ["Mode, scaling"]


def test_the_picture_of_b_is_that_of_its_own_transform(state, noise):
    kept = STFTSettings(frame_length=400, frame_step=160, mode="psd")
    options = state.display.picture
    content, arrays = make_pair(state.picture, ComparisonRenderer(Variant(kept, noise)).draw(options, 2**30), "A")
    header, codes = content["headers"][1], arrays[3].astype(float)
    values = header["low"] + (codes - 1) * (header["high"] - header["low"]) / (N_CODES - 1)
    expected = STFTSpectrogram.from_settings(kept).spectrogram(noise.samples, 8000).decibels()
    assert np.allclose(values, expected.T, atol=0.01)
    assert arrays[0] is state.picture.codes
    _, swapped = make_pair(state.picture, ComparisonRenderer(Variant(kept, noise)).draw(options, 2**30), "B")
    assert swapped[3] is state.picture.codes


def test_a_b_that_takes_no_such_sound_is_refused_with_its_sentence(state, noise):
    options = state.display.picture
    with pytest.raises(ValueError, match="at least frame_length=9000 samples"):
        ComparisonRenderer(Variant(STFTSettings(frame_length=9000), noise)).draw(options, 2**30)


@pytest.fixture
def panel(state):
    """Return the panel of A and B."""
    panel = ComparePanel(state)
    yield panel
    panel.close()


def test_the_panel_follows_with_the_first_b(panel, state):
    panel.is_open = True
    assert (panel.has_b, panel.contents(), panel.badge()) == (False, {}, "")
    history = HistoryPanel(state)
    history._handle_custom_msg({"kind": "set_b"}, [])
    assert (panel.has_b, history.has_b, history.shown, panel.badge()) == (True, True, "A", "A shown")
    before = dict(panel.serials)
    state.update(frame_length=300)
    assert panel.serials == {name: serial + 1 for name, serial in before.items()}
    history.close()


@pytest.fixture
def long(monkeypatch):
    """Return a state in which everything takes too long to be computed at once, and a B."""
    monkeypatch.setattr(picture_cache, "AT_ONCE", 0)
    monkeypatch.setattr(picture_cache, "PREVIEW", 2**16)
    monkeypatch.setattr(columns_module, "ONE_BLOCK", 0)
    noise = np.random.default_rng(4).standard_normal(200_000) * np.linspace(0, 0.3, 200_000)
    state = ExplorerState(as_sound(noise.astype("float32"), 8000), canvas_size=(100, 60))
    state.stored = Variant(STFTSettings(frame_length=400, frame_step=160), state.sound)
    yield state
    state.close()


def is_exact(content):
    """Tell of A and B whether they are exact."""
    return [header["is_exact"] for header in content["headers"]]


def exact_codes(state, visible=None):
    """Return the picture of B, computed from its whole transform."""
    result = STFTSpectrogram.from_settings(state.stored.settings).spectrogram(state.sound.samples, 8000)
    return make_picture(result, n_columns=150, n_rows=60, visible=visible).codes


@pytest.mark.parametrize("visible", [None, (50_000.0, 150_000.0, 0.0, 0.5)])
def test_b_of_a_long_sound_is_sketched_and_then_exact(long, visible):
    panel, sent = ComparePanel(long), []
    panel.send = lambda content, buffers=None: sent.append((content, buffers))
    long.update(visible=visible)
    panel.is_open = True
    wait_until(lambda: any(content["kind"] == "pair" and all(is_exact(content)) for content, _ in sent))
    pairs = [(content, buffers) for content, buffers in sent if content["kind"] == "pair"]
    assert not is_exact(pairs[0][0])[1]
    # A is exact before B is looked at again.
    assert [False, True] not in [is_exact(content) for content, _ in pairs]
    codes = np.frombuffer(pairs[-1][1][3], np.uint16)
    assert np.array_equal(codes, exact_codes(long, visible).ravel())
    panel.close()


def test_b_is_abandoned_where_something_else_is_to_be_shown(long):
    beside = ComparisonRenderer(long.stored)
    long.flush()
    options = long.display.picture
    assert not beside.draw(options, 2**30).is_exact
    with pytest.raises(Cancelled):
        list(beside.refine(options, lambda: True))
    *_, last = beside.refine(options, lambda: False)
    assert np.array_equal(last.codes, exact_codes(long))
    # What is exact is kept, and shown another way at once.
    assert beside.draw(replace(options, frequency_axis="log"), 2**30).is_exact


def test_the_panel_knows_the_visible_part(state, panel):
    panel.is_open = True
    state.update(visible=(2000.0, 6000.0, 0.0, 0.5))
    assert panel.visible == [2000.0, 6000.0, 0.0, 0.5]


@pytest.mark.parametrize("visible", [None, (50_000.0, 150_000.0, 0.0, 0.5)])
def test_a_saved_page_has_both_whole_and_exact(long, visible):
    panel = ComparePanel(long)
    long.update(visible=visible)
    with long.hold():
        make = panel.to_static()
    pair = next(message for message in make().messages if message[0]["kind"] == "pair")
    assert is_exact(pair[0]) == [True, True]
    assert [header["is_whole"] for header in pair[0]["headers"]] == [True, True]
    assert np.array_equal(np.frombuffer(pair[1][3], np.uint16), exact_codes(long).ravel())
    panel.close()


@pytest.fixture
def other():
    """Return a sound of another length, rate and number of channels than `noise`."""
    return as_sound(np.random.default_rng(1).standard_normal((30_000, 1)).astype("float32"), 16_000)


def test_the_displayed_sound_can_be_that_of_both(state, other, panel):
    panel.is_open = True
    state.set_b()
    state.update(sound=other)
    assert panel.sounds == ["array", "array"]
    panel._handle_custom_msg({"kind": "share_sound"}, [])
    assert state.stored.sound is state.sound
    assert panel.sounds == []
    state.restore(state.history.back())
    assert state.stored.sound is not state.sound


def test_rows_of_two_sounds_have_the_numbers_of_each(state, other):
    rows = {row.name: row.values for row in compare(Variant(A, state.sound), Variant(A, other))}
    assert rows["Sound"] == ("array, 1 s, 8000 Hz", "array, 1.875 s, 16000 Hz")
    assert rows["Frames T"] == ("61", "233")
    assert rows["Bin spacing"] == ("31.25 Hz", "62.5 Hz")
