"""What the picture view computes in the browser: regions, cursor, notes, levels, envelopes, keys, sound."""

import io
import itertools

import numpy as np
import pytest
import soundfile
from scipy.signal import get_window

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


# Cells and the cursor


def test_a_cell_lies_where_its_frame_and_bin_do(call):
    centres = call("raster/cells.js", "[0, 1, 123].map((frame) => m.centreOf(argument, frame))", HEADER)
    assert centres == [128, 256, 15_872]
    assert call("raster/cells.js", "m.cellAt(argument, { sample: 250, hz: 60 })", HEADER) == {"frame": 1, "bin": 2}
    assert call("raster/cells.js", "m.cellAt(argument, { sample: 10, hz: 60 })", HEADER) is None


def test_a_cell_keeps_its_time_and_frequency_when_settings_change(call):
    other = {**HEADER, "step_samples": 64, "n_frames": 247, "spacing": 15.625, "n_bins": 257}
    cell = call("raster/cells.js", "m.remapCell({ frame: 10, bin: 20, panel: 0 }, ...argument)", [HEADER, other])
    assert cell == {"frame": 20, "bin": 40, "panel": 0}


@pytest.mark.parametrize(
    ("key", "shift", "cell"),
    [
        ("ArrowRight", False, (6, 5)),
        ("ArrowRight", True, (15, 5)),
        ("ArrowLeft", True, (0, 5)),
        ("ArrowUp", False, (5, 6)),
        ("ArrowDown", True, (5, 0)),
        ("Home", False, (0, 5)),
        ("End", False, (123, 5)),
        ("End", True, (5, 128)),
    ],
)
def test_keys_move_the_cursor_by_frame_and_bin(call, key, shift, cell):
    event = {"key": key, "shiftKey": shift}
    found = call(
        "explorer/spectrogram_view/cursor.js", "m.moved({ frame: 5, bin: 5, panel: 0 }, ...argument)", [event, HEADER]
    )
    assert (found["frame"], found["bin"]) == cell


def test_a_third_pin_begins_a_new_pair_and_a_click_on_a_pin_takes_it_away(call):
    clicks = [{"frame": frame, "bin": 1, "panel": 0} for frame in (1, 2, 3)]
    pins = call(
        "explorer/spectrogram_view/cursor.js",
        "argument.reduce((pins, cell) => [...pins, m.pinned(pins.at(-1), cell)], [[]])",
        clicks,
    )
    assert [len(each) for each in pins] == [0, 1, 2, 1]
    assert call("explorer/spectrogram_view/cursor.js", "m.pinned([argument[0]], argument[0])", clicks) == []


# What is read


@pytest.mark.parametrize(
    ("hertz", "note"),
    [(440, "A4"), (261.6256, "C4"), (27.5, "A0"), (445, "A4 +20 cents"), (311.127, "E♭4"), (0, ""), (30_000, "")],
)
def test_a_frequency_has_its_nearest_note(call, hertz, note):
    assert call("explorer/spectrogram_view/reading.js", "m.noteText(argument)", hertz) == note


@pytest.mark.parametrize(
    ("mode", "unit", "shown", "own", "decibels"),
    [
        ("log", "dB", -20.0, np.log(0.1), -20.0),
        ("log", "", np.log(0.1), np.log(0.1), -20.0),
        ("magnitude", "dB", -20.0, 0.1, -20.0),
        ("magnitude", "", 0.1, 0.1, -20.0),
        ("psd", "dB", -20.0, 0.01, -20.0),
        ("psd", "", 0.01, 0.01, -20.0),
    ],
)
def test_a_value_is_told_in_the_layers_unit_and_in_decibels(call, mode, unit, shown, own, decibels):
    header = {**HEADER, "mode": mode, "unit": unit}
    found = call("explorer/spectrogram_view/levels.js", "m.bothOf(...argument)", [header, shown])
    assert found == pytest.approx({"own": own, "decibels": decibels})


def test_two_cells_differ_in_time_frequency_and_level(call):
    cells = [{"frame": 10, "bin": 16, "panel": 0}, {"frame": 20, "bin": 32, "panel": 0}]
    words = call(
        "explorer/spectrogram_view/reading.js",
        "m.describeDifference(argument[0], 'seconds', argument[1], [-40, -20])",
        [HEADER, cells],
    )
    assert words == {
        "time": "+160.0 ms",
        "frequency": "+500 Hz",
        "note": "+12.00 semitones",
        "value": "+20.0 dB",
        "own": "× 10",
        "frame": "+10",
        "bin": "+16",
    }


@pytest.mark.parametrize(("mode", "factor"), [("log", 10), ("magnitude", 10), ("psd", 100)])
def test_twenty_decibels_are_ten_times_the_magnitude_and_a_hundred_times_the_power(call, mode, factor):
    found = call(
        "explorer/spectrogram_view/levels.js", "m.compare(argument, -40, -20).factor", {**HEADER, "mode": mode}
    )
    assert found == pytest.approx(factor)


def test_angles_differ_the_short_way_round(call):
    header = {**HEADER, "mode": "angle", "kind": "cyclic", "unit": "rad", "has_decibels": False}
    assert call("explorer/spectrogram_view/levels.js", "m.compare(argument, 3, -3).by", header) == pytest.approx(
        2 * np.pi - 6
    )


@pytest.mark.parametrize("name", ["hann", "hamming", "boxcar", "blackmanharris"])
def test_the_noise_bandwidth_is_that_of_the_definition(call, name):
    window = get_window(name, 64)
    spectrum = np.abs(np.fft.fft(window, 4096)) ** 2
    expected = spectrum.mean() / spectrum[0] * 64
    found = call(
        "explorer/spectrogram_view/resolution.js", "m.noiseBandwidth(Float64Array.from(argument))", window.tolist()
    )
    assert found == pytest.approx(expected)


def test_the_resolution_box_is_a_frame_by_its_bandwidth(call):
    box = call("explorer/spectrogram_view/resolution.js", "m.boxOf(argument, 1.5, 10, 40)", HEADER)
    assert (box["first"], box["last"]) == (1280, 1536)
    assert box["rise"] == pytest.approx(1.5 * 8000 / 256)
    assert (box["low"] + box["high"]) / 2 == pytest.approx(1250)


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


# Waveform and spectrum


@pytest.mark.parametrize(("first", "last", "width"), [(0, 1000, 50), (130.5, 690.25, 37), (400, 410, 30)])
def test_the_envelope_of_each_pixel_holds_every_extreme(call, first, last, width):
    values = np.random.default_rng(0).standard_normal(1000).astype("float32")
    found = call(
        "explorer/spectrogram_view/envelope.js",
        "(() => { const wave = { first: 0, last: 1000, minimum: Float32Array.from(argument[0]),"
        " maximum: Float32Array.from(argument[0]) };"
        " const { low, high } = m.envelopeOf(wave, { first: argument[1], last: argument[2] }, argument[3]);"
        " return [[...low], [...high]]; })()",
        [values.tolist(), first, last, width],
    )
    edges = first + np.arange(width + 1) * (last - first) / width
    for x, (begin, end) in enumerate(itertools.pairwise(edges)):
        part = values[int(np.floor(begin)) : max(int(np.floor(begin)) + 1, int(np.ceil(end - 1e-6)))]
        assert (found[0][x], found[1][x]) == pytest.approx((part.min(), part.max()))


def test_a_line_in_a_spectrum_survives_on_a_small_screen(call):
    values = np.full(1025, -80.0)
    values[700] = 0.0
    high = call(
        "explorer/spectrogram_view/envelope.js",
        "[...m.profileOf(Float32Array.from(argument), 1, { invert: (unit) => unit * 1024 }, 100).high]",
        values.tolist(),
    )
    assert np.flatnonzero(np.array(high) == 0.0).tolist() == [68]


# Hands


@pytest.mark.parametrize(
    ("event", "action"),
    [
        ({"key": " "}, "play"),
        ({"key": "+"}, "timeIn"),
        ({"key": "ArrowLeft", "altKey": True}, "left"),
        ({"key": "ArrowLeft"}, None),
        ({"key": "0", "ctrlKey": True}, None),
        ({"key": "[", "ctrlKey": True, "altKey": True}, "frequencyOut"),
    ],
)
def test_a_key_has_one_action_and_the_browsers_own_keys_none(call, event, action):
    assert call("explorer/spectrogram_view/keys.js", "m.actionOf(argument)", event) == action


@pytest.mark.parametrize(
    ("part", "event", "meaning"),
    [
        ("plot", {"deltaY": 100}, None),
        ("plot", {"deltaY": 100, "ctrlKey": True}, {"zoom": "time"}),
        ("plot", {"deltaY": 100, "ctrlKey": True, "shiftKey": True}, {"zoom": "frequency"}),
        ("plot", {"deltaX": 50, "deltaY": 3}, {"pan": 50}),
        ("time", {"deltaY": 100}, {"zoom": "time"}),
        ("frequency", {"deltaY": 100}, {"zoom": "frequency"}),
    ],
)
def test_a_plain_wheel_over_the_picture_belongs_to_the_page(call, part, event, meaning):
    assert (
        call(
            "explorer/spectrogram_view/gestures.js",
            "m.wheelOf({ part: argument[0] }, { deltaX: 0, ...argument[1] })",
            [part, event],
        )
        == meaning
    )


@pytest.mark.parametrize(
    ("across", "up", "axes"),
    [
        (0.002, 0.002, None),
        (0.5, 0.5, {"time": True, "frequency": True}),
        (0.5, 0.01, {"time": True, "frequency": False}),
        (0.002, 0.5, {"time": False, "frequency": True}),
    ],
)
def test_a_thin_box_is_meant_for_one_axis(call, across, up, axes):
    corners = [{"across": 0, "up": 0}, {"across": across, "up": up}]
    assert (
        call("explorer/spectrogram_view/gestures.js", "m.meant({ width: 600, height: 400 }, ...argument)", corners)
        == axes
    )


@pytest.mark.parametrize("width", [360, 600, 1000])
def test_plots_spectra_and_bar_stand_side_by_side(call, width):
    place = call(
        "explorer/spectrogram_view/layout.js", "m.layout(argument, 400, ['real part', 'imaginary part'])", width
    )
    plot, bar = place["plots"][0], place["bar"]
    edges = [plot["x"], plot["x"] + plot["width"]]
    edges += [x for box in place["spectra"][:1] for x in (box["x"], box["x"] + box["width"])]
    edges += [bar["x"], bar["x"] + bar["width"], width]
    assert edges == sorted(edges)
    parts = "[10, argument.plots[0].x + 5, argument.width - 5].map((x) => m.partAt(argument, x, 60)?.part ?? null)"
    assert call("explorer/spectrogram_view/layout.js", parts, place) == ["frequency", "plot", None]


# Words about the framing


@pytest.mark.parametrize(
    ("what", "spans"),
    [
        ("frame", [[1280, 1536]]),
        ("step", [[1280, 1408]]),
        ("tail", []),
        ("padding", []),
        ("sound", [[0, 16_000]]),
        ("bin", []),
        ("value", [[1344, 1472]]),
    ],
)
def test_a_word_marks_what_it_means(call, what, spans):
    mark = call(
        "explorer/spectrogram_view/highlight.js",
        "m.highlightOf(argument[0], argument[1], { frame: 10, bin: 4 })",
        [what, HEADER],
    )
    assert mark["spans"] == spans
    assert (mark["rise"] == [109.375, 140.625]) == (what in ("bin", "value"))


def test_padding_and_tail_are_marked_where_there_are_some(call):
    padded = {**HEADER, "left": 64, "n_frames": 125}
    assert call("explorer/spectrogram_view/highlight.js", "m.highlightOf('padding', argument, {}).spans", padded) == [
        [-64, 0],
        [16_000, 16_064],
    ]
    cut = {**HEADER, "n_samples": 16_100}
    assert call("explorer/spectrogram_view/highlight.js", "m.highlightOf('tail', argument, {}).spans", cut) == [
        [16_000, 16_100]
    ]


# Sound


def test_a_wav_file_is_what_it_says(call):
    samples = np.array([0, 1000, -32_768, 32_767], "<i2")
    header = bytes(call("widgets/wav.js", "[...new Uint8Array(m.wavHeader(4, 22050))]"))
    read, rate = soundfile.read(io.BytesIO(header + samples.tobytes()), dtype="int16")
    assert rate == 22_050
    assert read.tolist() == samples.tolist()


@pytest.mark.parametrize(("source", "reason"), [("kept", "made by a kernel"), ("sound", "too long to be saved")])
def test_a_saved_page_says_what_it_cannot_play(call, source, reason):
    asked = {"kind": "sound", "from": 7, "to": 9, "source": source}
    header = call("explorer/downloads/html_page.js", "m.makeAnswers([], {})(argument)[0].message.header", asked)
    assert reason in header["reason"]
    assert (header["source"], header["from"]) == (source, 7)


def test_playing_begins_at_the_playhead_or_where_the_visible_part_does(call):
    begin = "[null, 500, 99, 900].map((at) => m.startOf(at, { first: 100, last: 900 }))"
    assert call("explorer/spectrogram_view/player.js", begin) == [100, 500, 100, 100]


def test_a_long_sound_is_fetched_round_the_playhead(call):
    assert call("explorer/spectrogram_view/player.js", "m.stretchOf(5000, 1e6)") == {"from": 0, "to": 1_000_000}
    stretch = call("explorer/spectrogram_view/player.js", "m.stretchOf(5e7, 1e8)")
    assert stretch["from"] < 5e7 < stretch["to"]
    assert stretch["to"] - stretch["from"] <= 2**21


# Requests


def test_what_does_not_come_is_asked_for_again_ever_more_patiently_until_it_is_there(call):
    asked = call(
        "explorer/spectrogram_view/throttle.js",
        """await (async () => {
            const times = [];
            const begin = performance.now();
            const wish = m.makeReminder(() => times.push(performance.now() - begin), 20, 3);
            wish.start();
            while (times.length < 3) await new Promise((done) => setTimeout(done, 20));
            const other = [];
            const heard = m.makeReminder(() => other.push(1), 20);
            heard.start();
            heard.stop();
            await new Promise((done) => setTimeout(done, 100));
            return [times, other.length];
        })()""",
    )
    waits = np.diff(asked[0])
    assert len(waits) == 3
    assert all(wait >= least - 1 for wait, least in zip(waits, (20, 40, 80), strict=True))
    assert asked[1] == 1
