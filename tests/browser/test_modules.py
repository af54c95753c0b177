"""JavaScript modules that need a browser, each alone in a bare page."""

import numpy as np
import pytest

from specwidget.raster.scales import FREQUENCY_AXES, axis_positions


@pytest.mark.parametrize("axis", FREQUENCY_AXES)
def test_the_browser_places_frequencies_as_python_does(call, axis):
    frequencies = [40.0, 100.0, 440.0, 3999.0, 8000.0]
    scale = "m.frequencyScale(argument[0], 8000, 31.25)"
    there = call("charts/scales.js", f"argument[1].map({scale}.toUnit)", [axis, frequencies])
    assert there == pytest.approx(axis_positions(np.array(frequencies), axis, 8000.0, 31.25).tolist())
    back = call("charts/scales.js", f"argument[1].map({scale}.invert)", [axis, there])
    assert back == pytest.approx(frequencies)


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 1.4, ["0.0", "0.5", "1.0"]),
        (-70, 10, ["−60", "−40", "−20", "0"]),
        (0, 0.003, ["0.000", "0.001", "0.002", "0.003"]),
        (5, 5, []),
    ],
)
def test_ticks_are_round_and_told_apart(call, low, high, labels):
    ticks = call("charts/ticks.js", "m.linearTicks(argument[0], argument[1], 4).map((tick) => tick.label)", [low, high])
    assert ticks == labels


def test_the_slider_stops_at_whole_numbers_and_every_power_of_two(call):
    stops = call("charts/scales.js", "m.sliderStops([8, 16384], 8)")
    assert all(isinstance(stop, int) for stop in stops)
    assert {2**power for power in range(3, 15)} <= set(stops)
    assert stops == sorted(set(stops))
    assert call("charts/scales.js", "m.sliderStops([1, 64], 8)")[:8] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert call("charts/scales.js", "m.nearestStop([8, 16, 32], 20)") == 1


RESAMPLE = """(() => {
    const { codes, rows, columns, width, height, kind, centre } = argument;
    const even = (count, size) => Float64Array.from({ length: count + 1 }, (_, i) => (i * size) / count);
    const target = new Uint32Array(width * height);
    m.resample(Uint16Array.from(codes), columns, m.coverage(even(columns, width), width),
        m.coverage(even(rows, height), height), kind, centre, target, width, height);
    return [...target];
})()"""


@pytest.mark.parametrize("kind", ["sequential", "diverging"])
@pytest.mark.parametrize(("rows", "columns", "width", "height"), [(12, 40, 10, 4), (5, 7, 21, 15), (9, 9, 9, 9)])
def test_resampling_keeps_the_extremes_of_each_pixel(call, kind, rows, columns, width, height):
    codes = np.random.default_rng(rows).integers(1, 65536, (rows, columns))
    centre = 30_000
    shown = call(
        "raster/raster.js",
        RESAMPLE,
        {
            "codes": codes.ravel().tolist(),
            "rows": rows,
            "columns": columns,
            "width": width,
            "height": height,
            "kind": kind,
            "centre": centre,
        },
    )
    shown = np.array(shown).reshape(height, width)[::-1]
    for y in range(height):
        for x in range(width):
            part = codes[
                y * rows // height : max(y * rows // height + 1, (y + 1) * rows // height),
                x * columns // width : max(x * columns // width + 1, (x + 1) * columns // width),
            ]
            expected = part.max() if kind == "sequential" else part.flat[np.abs(part - centre).argmax()]
            assert shown[y, x] == expected


def test_not_finite_wins_and_gaps_are_transparent(call):
    shown = call(
        "raster/raster.js",
        RESAMPLE,
        {
            "codes": [9, 0, 5, 7],
            "rows": 1,
            "columns": 4,
            "width": 2,
            "height": 1,
            "kind": "sequential",
            "centre": 0,
        },
    )
    assert shown == [0, 7]
    covered = call("raster/raster.js", "[...m.coverage(Float64Array.from([1, 2, 3]), 5).from]")
    assert covered == [-1, 0, 1, -1, -1]
    assert call("raster/raster.js", "m.colourTable('000000'.repeat(256), 0, 1, 0, 1, [1, 2, 3])[m.GAP]") == 0


def test_colours_span_the_range(call):
    table = "".join(f"{i:02x}0000" for i in range(256))
    red = call(
        "raster/raster.js",
        "[1, 16384, 32768, 49151, 65535].map((code) =>"
        " m.colourTable(argument, 0, 1, 0.25, 0.75, [0, 0, 0])[code] & 255)",
        table,
    )
    assert red == [0, 0, 127, 255, 255]


@pytest.mark.parametrize(
    ("kind", "frames", "bins", "told"),
    [
        ("sequential", [7, 8], [3, 4], ""),
        ("sequential", [320, 336], [3, 4], "largest of frames 320–335 and bin 3"),
        ("diverging", [7, 8], [8, 10], "largest magnitude of frame 7 and bins 8–9"),
        ("cyclic", [0, 2], [0, 2], "centre of frames 0–1 and bins 0–1"),
    ],
)
def test_a_value_that_stands_for_a_group_says_so(call, kind, frames, bins, told):
    assert call("raster/cells.js", "m.groupText(...argument)", [kind, frames, bins]) == told


def test_differences_are_those_of_the_values(call):
    headers = [{"low": -80.0, "high": 0.0}, {"low": -60.0, "high": 20.0}]
    codes = [[1, 65_535, 0, 100, 65_536], [1, 65_535, 5, 100, 7]]
    found = call(
        "explorer/panels/differences.js",
        "Array.from(m.differencesOf(new Uint32Array(argument[0][0]), argument[1][0],"
        " new Uint32Array(argument[0][1]), argument[1][1]), (value) => Number.isNaN(value) ? null : value)",
        [codes, headers],
    )
    assert found == [pytest.approx(-20), pytest.approx(-20), None, pytest.approx(-20), None]


def test_the_limit_of_differences_leaves_out_the_rarest(call):
    values = [*([1.0, -2.0] * 500), 15.0]
    assert call("explorer/panels/differences.js", "m.differenceLimit(Float32Array.from(argument))", values) == 2.0
    assert (
        call("explorer/panels/differences.js", "m.differenceLimit(Float32Array.from(argument))", [*values, 100.0])
        == 10.0
    )
    assert call("explorer/panels/differences.js", "m.differenceLimit(new Float32Array([NaN]))") == 1


@pytest.mark.parametrize(
    ("key", "target", "name", "taken"),
    [
        ({"key": "Z", "ctrlKey": True, "shiftKey": True}, "<input type='range'>", "ctrl+shift+z", False),
        ({"key": "z", "metaKey": True}, "<input type='text'>", "ctrl+z", True),
        ({"key": "b"}, "<select></select>", "b", True),
        ({"key": "z", "ctrlKey": True}, "<select></select>", "ctrl+z", False),
        ({"key": "b"}, "<button></button>", "b", False),
    ],
)
def test_keys_are_left_to_those_who_write(call, key, target, name, taken):
    found = call(
        "explorer/panels/history_panel.js",
        "(() => { const box = document.createElement('div'); box.innerHTML = argument[1];"
        " const name = m.keyName(argument[0]); return [name, m.isUsedByField(box.firstChild, name)]; })()",
        [key, target],
    )
    assert found == [name, taken]
