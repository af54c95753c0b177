"""Panels that fold: nothing is made while they are folded, and what is made is of the newest settings."""

import json
import logging
import threading
import time

import numpy as np
import pytest

from specwidget.explorer.lazy_panel import LazyContent, LazyPanel
from specwidget.explorer.panels.window_panel import WindowPanel
from specwidget.raster.columns import Cancelled
from tests.waiting import wait_until


class Refining(LazyPanel):
    """A panel whose one content, the frame length, is refined in steps that a test lets go."""

    def __init__(self, state):
        self.go, self.stopped = threading.Semaphore(0), []
        super().__init__(state)

    def contents(self):
        """Return the frame length as a content."""
        length = self._source.current.settings.frame_length
        return {"length": LazyContent(length, lambda: self.make(length), lambda stop: self.refine(length, stop))}

    def make(self, length):
        """Make the content."""
        if length == 13:
            raise ValueError("`frame_length` must not be unlucky; got 13.")
        return {"length": length, "level": 0}, []

    def refine(self, length, stop):
        """Yield it twice more."""
        for step in (1, 2):
            assert self.go.acquire(timeout=20)
            if stop():
                self.stopped.append(length)
                raise Cancelled
            yield {"length": length, "level": step}, []


class Counting(LazyPanel):
    """A panel whose one content is the frame length, and which counts how often it was made."""

    def contents(self):
        """Return the frame length as a content."""
        length = self._source.current.settings.frame_length
        return {"length": LazyContent(length, lambda: self.make(length))}

    def make(self, length):
        """Make the content."""
        self.made = [*getattr(self, "made", []), length]
        if length == 19:
            self._source.update(frame_length=23)
        if length == 13:
            raise ValueError("`frame_length` must not be unlucky; got 13.")
        if length == 17:
            raise RuntimeError("broken")
        return {"length": length}, [np.arange(length, dtype=np.int16)]


def caught(panel):
    """Return a panel whose messages are caught."""
    panel.sent = []
    panel.send = lambda content, buffers=None: panel.sent.append((content, buffers))
    return panel


@pytest.fixture
def refining(state):
    """Return a panel whose content is refined."""
    panel = caught(Refining(state))
    yield panel
    panel.go.release(100)
    panel.close()


@pytest.fixture
def panel(state):
    """Return a counting panel whose messages are caught."""
    panel = caught(Counting(state))
    yield panel
    panel.close()


def test_a_folded_panel_makes_nothing(panel, state):
    state.update(frame_length=100)
    time.sleep(0.2)
    assert not hasattr(panel, "made")
    assert panel.serials == {}


def test_an_opened_panel_shows_what_is_there_and_follows(panel, state):
    panel.is_open = True
    wait_until(lambda: panel.sent)
    content, buffers = panel.sent[0]
    assert content == {"kind": "length", "serial": 1, "length": 256}
    assert np.frombuffer(buffers[0], np.int16).tolist() == list(range(256))
    state.update(frame_length=100)
    wait_until(lambda: len(panel.sent) == 2)
    assert (panel.sent[1][0]["length"], panel.sent[1][0]["serial"]) == (100, 2)
    assert panel.serials == {"length": 2}


def test_a_change_that_it_does_not_follow_from_makes_nothing(panel, state):
    panel.is_open = True
    wait_until(lambda: panel.sent)
    state.update(mode="psd", colour_map="viridis")
    time.sleep(0.2)
    assert panel.made == [256]


def test_changes_in_a_burst_end_on_the_last_and_are_made_a_few_times(panel, state):
    panel.is_open = True
    for length in range(20, 60):
        state.update(frame_length=length)
    wait_until(lambda: panel.sent and panel.sent[-1][0]["length"] == 59)
    assert panel.sent[-1][0]["serial"] == panel.serials["length"]
    assert len(panel.made) < 30


def test_what_is_overtaken_while_it_is_made_is_not_sent(panel, state):
    panel.is_open = True
    state.update(frame_length=19)
    wait_until(lambda: panel.sent and panel.sent[-1][0]["length"] == 23)
    assert 19 in panel.made
    assert 19 not in [content["length"] for content, _ in panel.sent]


def test_a_panel_folded_before_anything_was_made_makes_nothing(panel):
    panel.is_open = True
    panel.is_open = False
    time.sleep(0.2)
    assert not hasattr(panel, "made")


def test_a_panel_folded_again_stops_and_catches_up(panel, state):
    panel.is_open = True
    wait_until(lambda: panel.sent)
    panel.is_open = False
    state.update(frame_length=64)
    time.sleep(0.2)
    assert panel.made == [256]
    panel.is_open = True
    wait_until(lambda: panel.made == [256, 64])


def test_a_view_that_asks_gets_what_was_made(panel):
    panel._handle_custom_msg({"kind": "want"}, [])
    assert panel.sent == []
    panel.is_open = True
    wait_until(lambda: panel.sent)
    panel._handle_custom_msg({"kind": "want"}, [])
    assert panel.sent[1] == panel.sent[0]
    assert panel.made == [256]


def test_what_cant_be_made_has_its_sentence(panel, state, caplog):
    panel.is_open = True
    state.update(frame_length=13)
    wait_until(lambda: panel.sent and "problem" in panel.sent[-1][0])
    assert panel.sent[-1][0]["problem"] == "Frame length must not be unlucky; got 13."
    assert caplog.records == []
    with caplog.at_level(logging.ERROR):
        state.update(frame_length=17)
        wait_until(lambda: "RuntimeError" in str(panel.sent[-1][0].get("problem")))
    assert "broken" in caplog.text
    state.update(frame_length=18)
    wait_until(lambda: panel.sent[-1][0].get("length") == 18)


def test_a_closed_panel_sends_nothing(panel, state):
    panel.is_open = True
    panel.close()
    state.update(frame_length=64)
    time.sleep(0.2)
    assert panel.sent == []


def test_the_window_is_sent_for_what_is_shown(state):
    panel = WindowPanel(state)
    sent = []
    panel.send = lambda content, buffers=None: sent.append((content, buffers))
    panel.is_open = True
    wait_until(lambda: sent)
    state.update(window=("kaiser", 5.0), frame_length=100)
    wait_until(lambda: sent[-1][0]["title"] == "kaiser (5.0), 100 samples")
    json.dumps(sent[-1][0], allow_nan=False)
    panel.close()


def steps(panel):
    """Return what was sent: the length, and how refined."""
    return [(content["length"], content["level"]) for content, _ in panel.sent]


def test_a_sketch_is_followed_by_what_is_better_under_the_same_number(refining):
    refining.is_open = True
    wait_until(lambda: steps(refining) == [(256, 0)])
    refining.go.release(2)
    wait_until(lambda: steps(refining) == [(256, 0), (256, 1), (256, 2)])
    assert {content["serial"] for content, _ in refining.sent} == {1}
    refining._handle_custom_msg({"kind": "want"}, [])
    assert steps(refining)[-1] == (256, 2)


def test_refinement_gives_way_to_what_is_wanted_next(refining, state):
    refining.is_open = True
    wait_until(lambda: steps(refining) == [(256, 0)])
    state.update(frame_length=100)
    refining.go.release(3)
    wait_until(lambda: steps(refining)[-1] == (100, 2))
    assert refining.stopped == [256]
    assert (256, 1) not in steps(refining)


def test_refinement_stops_while_the_panel_is_folded_and_is_taken_up_again(refining):
    refining.is_open = True
    wait_until(lambda: steps(refining) == [(256, 0)])
    refining.is_open = False
    refining.go.release(1)
    wait_until(lambda: refining.stopped == [256])
    refining.go.release(2)
    refining.is_open = True
    wait_until(lambda: steps(refining) == [(256, 0), (256, 1), (256, 2)])


def test_what_cant_be_made_is_not_refined(refining, state):
    state.update(frame_length=13)
    refining.go.release(10)
    refining.is_open = True
    wait_until(lambda: refining.sent)
    time.sleep(0.2)
    assert [content.get("problem") for content, _ in refining.sent] == ["Frame length must not be unlucky; got 13."]
