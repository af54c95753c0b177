"""Modules of the spectrogram view that need a browser, each alone in a bare page."""

import numpy as np
import pytest

HEADER = {
    "n_samples": 16_000,
    "duration": 2.0,
    "has_rate": True,
    "n_frames": 124,
    "n_bins": 129,
    "window_length": 256,
    "step_samples": 128,
    "left": 0,
    "spacing": 31.25,
    "top": 4000,
    "panels": [""],
    "kind": "sequential",
    "label": "magnitude",
    "unit": "dB",
    "mode": "log",
    "has_decibels": True,
}
"""Of two seconds at 8 kHz."""

WHOLE = {"first": 0, "last": 16_000, "low": 0, "high": 1}
FULL = """(await (async (axis) => {
    if (axis === 'linear') return { domain: [0, 4000], toUnit: (f) => f / 4000, invert: (unit) => unit * 4000 };
    const span = Math.log(4000 / 15.625);
    const invert = (unit) => 15.625 * Math.exp(unit * span);
    return { domain: [15.625, 4000], invert, toUnit: (f) => f > 0 ? Math.log(f / 15.625) / span : -1 };
})(argument[0]))"""


# Regions


@pytest.mark.parametrize("at", [0, 3000, 16_000])
def test_a_zoom_keeps_what_is_under_the_pointer(call, at):
    region = call("raster/region.js", "m.zoomTime(argument[0], argument[1], argument[2], 0.5)", [WHOLE, HEADER, at])
    assert region["last"] - region["first"] == pytest.approx(8000)
    assert (at - region["first"]) / 8000 == pytest.approx(at / 16_000)
    assert (region["low"], region["high"]) == (0, 1)


@pytest.mark.parametrize("axis", ["linear", "log"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_zoom_in_frequency_keeps_it_on_every_axis(call, axis, times):
    twice = (
        "((full) => Array(argument[2]).fill().reduce((region) => m.zoomFrequency(region, full, 500, 0.5), argument[1]))"
    )
    region = call("raster/region.js", f"{twice}({FULL})", [axis, WHOLE, times])

    def place(hertz):
        """Return where a frequency lies on the whole axis."""
        return hertz / 4000 if axis == "linear" else max(0, np.log(max(hertz, 1e-9) / 15.625) / np.log(4000 / 15.625))

    low, high = place(4000 * region["low"]), place(4000 * region["high"])
    assert high - low == pytest.approx(0.5**times)
    assert (place(500) - low) / (high - low) == pytest.approx(place(500))


def test_a_zoom_out_ends_with_all_and_a_zoom_in_with_what_can_be_read(call):
    out = call(
        "raster/region.js", "m.zoomTime({ ...argument[0], first: 8000 }, argument[1], 9000, 100)", [WHOLE, HEADER]
    )
    assert out == WHOLE
    close = call("raster/region.js", "m.zoomTime(argument[0], argument[1], 9000, 1e-9)", [WHOLE, HEADER])
    assert close["last"] - close["first"] == call("raster/region.js", "m.SMALLEST_SPAN")


@pytest.mark.parametrize("by", [-1e6, -100, 0.5, 1e6])
def test_a_pan_keeps_the_length_and_stays_in_the_sound(call, by):
    part = {**WHOLE, "first": 4000, "last": 5000}
    region = call("raster/region.js", "m.panTime(argument[0], argument[1], argument[2])", [part, HEADER, by])
    assert region["last"] - region["first"] == pytest.approx(1000)
    assert 0 <= region["first"] < region["last"] <= 16_000


def test_a_box_is_the_region_between_its_corners_in_any_order(call):
    corners = [{"sample": 9000, "hz": 3000}, {"sample": 3000, "hz": 1000}]
    expression = f"m.between(argument[1], argument[2], {FULL}, ...argument[3])"
    region = call("raster/region.js", expression, ["linear", WHOLE, HEADER, corners])
    assert region == {"first": 3000, "last": 9000, "low": 0.25, "high": 0.75}
    timed = call(
        "raster/region.js",
        f"m.between(argument[1], argument[2], {FULL}, ...argument[3], {{ time: true, frequency: false }})",
        ["linear", WHOLE, HEADER, corners],
    )
    assert timed == {"first": 3000, "last": 9000, "low": 0, "high": 1}


def test_the_kernel_is_told_nothing_of_the_whole_and_four_numbers_of_a_part(call):
    assert call("raster/region.js", "m.toVisible(argument[0], argument[1])", [WHOLE, HEADER]) is None
    part = [100, 900, 0.25, 0.5]
    there_and_back = "m.toVisible(m.fromVisible(argument[0], argument[1]), argument[1])"
    assert call("raster/region.js", there_and_back, [part, HEADER]) == part


def test_a_cell_outside_is_brought_into_view_and_one_inside_moves_nothing(call):
    part = {"first": 4000, "last": 5000, "low": 0.25, "high": 0.5}
    expression = f"m.reveal(argument[1], argument[2], {FULL}, argument[3])"
    inside = call("raster/region.js", expression, ["linear", part, HEADER, {"sample": 4500, "hz": 1500}])
    assert inside == part
    beyond = call("raster/region.js", expression, ["linear", part, HEADER, {"sample": 6000, "hz": 3000}])
    assert beyond["first"] < 6000 < beyond["last"]
    assert beyond["low"] * 4000 <= 3000 <= beyond["high"] * 4000 + 1e-9


# Cells


def test_a_cell_lies_where_its_frame_and_bin_do(call):
    centres = call("raster/cells.js", "[0, 1, 123].map((frame) => m.centreOf(argument, frame))", HEADER)
    assert centres == [128, 256, 15_872]
    assert call("raster/cells.js", "m.cellAt(argument, { sample: 250, hz: 60 })", HEADER) == {"frame": 1, "bin": 2}
    assert call("raster/cells.js", "m.cellAt(argument, { sample: 10, hz: 60 })", HEADER) is None


def test_a_cell_keeps_its_time_and_frequency_when_settings_change(call):
    other = {**HEADER, "step_samples": 64, "n_frames": 247, "spacing": 15.625, "n_bins": 257}
    cell = call("raster/cells.js", "m.remapCell({ frame: 10, bin: 20, panel: 0 }, ...argument)", [HEADER, other])
    assert cell == {"frame": 20, "bin": 40, "panel": 0}


# The time axis


@pytest.mark.parametrize(
    ("first", "last", "chosen", "title", "labels"),
    [
        (0, 16_000, "seconds", "Time (s)", ["0.0", "0.5", "1.0", "1.5", "2.0"]),
        (0, 4000, "seconds", "Time (ms)", ["0", "100", "200", "300", "400", "500"]),
        (0, 16_000, "samples", "Time (samples)", ["0", "5000", "10000", "15000"]),
        (1000, 2000, "frames", "Frame", ["8", "10", "12", "14"]),
    ],
)
def test_the_time_axis_counts_as_it_is_asked_to(call, first, last, chosen, title, labels):
    axis = call(
        "charts/timeline.js",
        "m.timeAxis(argument[0], argument[3], argument[1], argument[2], 5)",
        [HEADER, first, last, chosen],
    )
    assert axis["title"] == title
    assert [tick["label"] for tick in axis["ticks"]] == labels


def test_ticks_of_frames_stand_at_their_centres(call):
    shifted = {**HEADER, "left": 37}
    ticks = call("charts/timeline.js", "m.timeAxis(argument, 'frames', 1000, 2000, 5).ticks", shifted)
    assert {tick["sample"] for tick in ticks} == {128 - 37 + 128 * int(tick["label"]) for tick in ticks}


def test_long_sounds_are_told_in_minutes(call):
    long = {**HEADER, "n_samples": 8000 * 3600, "duration": 3600}
    axis = call("charts/timeline.js", "m.timeAxis(argument, 'seconds', 0, 8000 * 3600, 5)", long)
    assert [tick["label"] for tick in axis["ticks"]] == ["0:00", "15:00", "30:00", "45:00", "1:00:00"]
    assert call("charts/timeline.js", "m.clockText(3725)") == "1:02:05"
