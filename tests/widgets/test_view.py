"""The kernel's end of a connection: every update is acknowledged, and none is handled twice."""

import pytest

from specwidget.teach.figure_widget import FigureWidget
from specwidget.teach.figures import FIGURES
from tests.waiting import wait_until


@pytest.fixture
def widget(monkeypatch):
    """A widget that notes what it sends and which messages it handles."""
    widget = FigureWidget(FIGURES["leakage"])
    widget.sent, widget.handled = [], []
    monkeypatch.setattr(widget, "send", lambda content, buffers=None: widget.sent.append(content))
    widget.on_msg(lambda _widget, content, _buffers: widget.handled.append(content["kind"]))
    yield widget
    widget.close()


def receive(widget, data):
    widget._handle_msg({"content": {"data": data}, "buffers": []})


def send(widget, kind, update):
    receive(widget, {"method": "custom", "content": {"kind": kind, "update": update}})


def acknowledged(widget):
    return [content["update"] for content in widget.sent if content["kind"] == "acknowledged"]


def test_an_update_of_traits_is_acknowledged_before_it_is_followed(widget):
    widget.observe(lambda _change: widget.sent.append({"kind": "followed"}), names="values")
    values = {**widget.values, "frame_length": 2 * widget.values["frame_length"]}
    receive(widget, {"method": "update", "state": {"values": values, "_update": "page:1:0"}, "buffer_paths": []})
    assert widget.sent[0] == {"kind": "acknowledged", "update": "page:1:0"}
    assert {"kind": "followed"} in widget.sent
    assert widget.values == values


def test_a_message_that_comes_twice_is_acknowledged_twice_and_handled_once(widget):
    for update in ("page:1:0", "page:3:0", "page:1:1", "page:2:0", "page:3:1"):
        send(widget, "other", update)
    assert acknowledged(widget) == ["page:1:0", "page:3:0", "page:1:1", "page:2:0", "page:3:1"]
    assert widget.handled == ["other"] * 3


def test_traits_that_are_sent_again_are_set(widget):
    values = {**widget.values, "frame_length": 2 * widget.values["frame_length"]}
    content = {"kind": "traits", "state": {"values": values}, "update": "page:1:1"}
    receive(widget, {"method": "custom", "content": content})
    assert acknowledged(widget) == ["page:1:1"]
    assert widget.values == values
    assert widget.handled == []


def test_traits_that_come_twice_are_set_once_whatever_came_in_between(widget):
    before = widget.values
    state = {"values": {**before, "frame_length": 2 * before["frame_length"]}}
    receive(widget, {"method": "update", "state": {**state, "_update": "page:1:0"}, "buffer_paths": []})
    widget.values = before
    receive(widget, {"method": "custom", "content": {"kind": "traits", "state": state, "update": "page:1:1"}})
    assert acknowledged(widget) == ["page:1:0", "page:1:1"]
    assert widget.values == before


def test_an_update_that_was_interrupted_before_anybody_was_notified_is_followed(widget):
    followed, is_first = [], [True]

    def follow(change):
        if is_first.pop() if is_first else False:
            raise KeyboardInterrupt
        followed.append(change["new"])

    widget.observe(follow, names="values")
    values = {**widget.values, "frame_length": 2 * widget.values["frame_length"]}
    with pytest.raises(KeyboardInterrupt):
        receive(widget, {"method": "update", "state": {"values": values, "_update": "page:1:0"}, "buffer_paths": []})
    wait_until(lambda: followed)
    assert followed[0] == values == widget.values


def test_each_page_has_its_own_numbers(widget):
    send(widget, "other", "first:1:0")
    send(widget, "other", "second:1:0")
    assert widget.handled == ["other"] * 2


def test_a_message_without_a_number_is_handled(widget):
    receive(widget, {"method": "custom", "content": {"kind": "other"}})
    assert widget.handled == ["other"]
    assert widget.sent == []
