"""The leaf modules of the panels under the picture, each alone in the browser."""

import pytest


def test_zeros_are_drawn_even_where_they_are_few(call):
    assert call("explorer/panels/glyphs.js", "m.paddingWidths([0.0001, 0.2], 100)") == [3, 20]
    assert call("explorer/panels/glyphs.js", "m.paddingWidths([0, 0.9], 100)") == [0, 35]


@pytest.mark.parametrize("step", [0.1, 0.5, 1.0])
def test_frames_are_drawn_as_far_apart_as_their_step(call, step):
    places = call("explorer/panels/glyphs.js", "m.framePlaces([argument], 5, 100)", step)
    assert places[1]["x"] == pytest.approx(step * places[0]["width"])
    assert places[4]["x"] + places[4]["width"] == pytest.approx(100)
