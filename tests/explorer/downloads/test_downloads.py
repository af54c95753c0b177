"""What is taken away: the files are what they say, and come back as they went."""

import io
import logging
import threading

import numpy as np
import pytest
from matplotlib.image import imread

from specwidget import explore
from specwidget.charts.figure_options import FigureOptions
from specwidget.explorer.downloads.downloads import (
    DOWNLOADS,
    content_of,
    figure_writer,
    file_name,
    settings_writer,
    values_writer,
)
from specwidget.explorer.panels import export_panel
from specwidget.explorer.panels.export_panel import PIECE_BYTES, ExportPanel
from specwidget.explorer.spectrogram_view.spectrogram_view import SpectrogramView
from specwidget.explorer.state import snapshot
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.layer import STFTSpectrogram
from specwidget.sounds import as_sound
from specwidget.stft.settings import STFTSettings
from tests.colour import count_colours
from tests.selection import slow_but
from tests.waiting import wait_until


@pytest.fixture
def explorer(noise):
    """Return an explorer of noise."""
    explorer = explore(noise, frame_length=400, frame_step=160, window=("kaiser", 8.6))
    yield explorer
    explorer.close()


def test_values_come_back_with_axes_rate_and_settings(state):
    state.update(frame_length=400, mode="psd")
    with np.load(io.BytesIO(content_of(values_writer(state))), allow_pickle=False) as file:
        assert np.array_equal(file["values"], state.result.values)
        assert np.array_equal(file["times"], state.result.times)
        assert np.array_equal(file["frequencies"], state.result.frequencies)
        assert file["sample_rate"] == 8000
        assert STFTSettings.from_json(str(file["settings"])) == state.result.settings


def test_a_sound_without_a_rate_has_none_in_the_file():
    state = ExplorerState(as_sound(np.ones(1000)))
    with np.load(io.BytesIO(content_of(values_writer(state))), allow_pickle=False) as file:
        assert np.isnan(file["sample_rate"])


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["log", "stft", "angle"])
def test_the_picture_has_the_size_and_the_dots_of_print(state, mode):
    state.update(mode=mode, colour_map="viridis" if mode == "log" else "automatic")
    pixels = imread(io.BytesIO(content_of(figure_writer(state, "png"))))
    assert pixels.shape[:2] == (1080, 2160)
    assert count_colours(pixels) > 100


def test_the_axes_of_the_svg_are_text_and_lines_beside_one_image(state):
    text = content_of(figure_writer(state, "svg")).decode()
    assert text.count("<image") == 2
    assert "Time (s)" in text
    assert "Frequency (kHz)" in text


@pytest.mark.parametrize(
    ("time_axis", "ends"), [("seconds", (0.2, 0.5)), ("samples", (1600, 4000)), ("frames", (11.5, 30.25))]
)
def test_the_picture_is_of_the_visible_part(state, monkeypatch, time_axis, ends):
    """The centre of frame t lies at sample 128 t + 128."""
    seen = {}
    monkeypatch.setattr(
        "specwidget.charts.spectrogram_figure.to_file", lambda figure, _kind: seen.update(axes=figure.axes[0]) or b""
    )
    state.update(visible=(1600, 4000, 0.25, 0.5), time_axis=time_axis)
    content_of(figure_writer(state, "png"))
    assert seen["axes"].get_xlim() == pytest.approx(ends)
    assert seen["axes"].get_ylim() == pytest.approx((1000, 2000))


@pytest.mark.parametrize(
    ("choices", "shape"), [({"width": 3.5, "height": 2.5, "dpi": 200}, (500, 700)), ({"caption": False}, (1080, 2160))]
)
def test_the_page_chooses_size_and_resolution_of_a_figure(panel, choices, shape):
    panel._handle_custom_msg({"kind": "download", "what": "png", "key": "k", "choices": choices}, [])
    wait_until(lambda: len(panel.sent) >= 2)
    assert imread(io.BytesIO(bytes(panel.sent[1][1][0]))).shape[:2] == shape


def test_the_page_is_told_what_a_figure_can_not_be(panel):
    panel._handle_custom_msg({"kind": "download", "what": "png", "key": "k", "choices": {"dpi": "high"}}, [])
    assert panel.failure.endswith("must be a number; got 'high'.")
    panel._handle_custom_msg({"kind": "download", "what": "png", "key": "k", "choices": {"time_limits": [7, 8]}}, [])
    assert "must have a part of 0 to 1 s between them" in panel.failure


def test_a_figure_has_the_limits_and_the_colours_that_are_asked_for_and_the_settings_below(state, monkeypatch):
    seen = {}
    monkeypatch.setattr(
        "specwidget.charts.spectrogram_figure.to_file", lambda figure, _kind: seen.update(figure=figure) or b""
    )
    limits = {"time_limits": (0.2, 0.5), "frequency_limits": (500, 1500), "value_range": (-50, -20)}
    content_of(figure_writer(state, "png", FigureOptions(**limits)))
    axes = seen["figure"].axes[0]
    assert (axes.get_xlim(), axes.get_ylim()) == (pytest.approx((0.2, 0.5)), pytest.approx((500, 1500)))
    assert axes.images[0].get_clim() == (-50, -20)
    assert seen["figure"].get_supxlabel().replace("\n", " ").startswith("Mode log, frame length 256 (32 ms)")
    content_of(figure_writer(state, "png", FigureOptions(caption=False)))
    assert seen["figure"].get_supxlabel() == ""


@pytest.mark.parametrize("suffix", slow_but([".png", ".svg", ".pdf"], ".png".__eq__))
def test_a_figure_is_saved_by_its_suffix(explorer, tmp_path, suffix):
    explorer.save_figure(tmp_path / f"picture{suffix}")
    start = (tmp_path / f"picture{suffix}").read_bytes()[:5]
    assert start == {".png": b"\x89PNG\r", ".svg": b"<?xml", ".pdf": b"%PDF-"}[suffix]


def test_an_unknown_kind_of_picture_is_refused(explorer, tmp_path):
    with pytest.raises(ValueError, match=r"`path` must end with one of .*\.png.*; got '.*picture\.doc'\."):
        explorer.save_figure(tmp_path / "picture.doc")
    assert list(tmp_path.iterdir()) == []


def test_settings_and_values_are_saved_and_loaded(explorer, tmp_path):
    explorer.save_settings(tmp_path / "settings.json")
    explorer.save_values(tmp_path / "values.npz")
    explorer.set(frame_length=64, frame_step=None, window="hann")
    explorer.load_settings(tmp_path / "settings.json")
    assert explorer.result.settings.window == ("kaiser", 8.6)
    with np.load(tmp_path / "values.npz") as file:
        assert np.array_equal(file["values"], explorer.result.values)


def test_nothing_computed_is_nothing_to_take(tmp_path):
    explorer = explore(np.ones(100), 8000)
    with pytest.raises(ValueError, match="Nothing to save: the settings don't fit the sound"):
        explorer.save_values(tmp_path / "values.npz")
    assert list(tmp_path.iterdir()) == []
    explorer.close()


def test_names_of_files_hold_nothing_but_letters_digits_and_dashes():
    sound = as_sound(np.zeros(1000), 8000)
    object.__setattr__(sound, "name", "../my <voice>: take 2.wav")
    assert file_name(ExplorerState(sound), "values") == "my-voice-take-2-log-256-128.npz"


@pytest.fixture
def panel(state):
    """Return the panel, with what it sends."""
    panel = ExportPanel(state)
    panel.sent = []
    panel.send = lambda content, buffers=None: panel.sent.append((content, buffers or []))
    yield panel
    panel.close()


def receive(panel, what):
    """Ask for a file as the page does, and return its name and content."""
    panel._handle_custom_msg({"kind": "download", "what": what, "key": "k"}, [])
    wait_until(lambda: len(panel.sent) >= 2)
    (about, _), *pieces = panel.sent
    data = b"".join(bytes(buffers[0]) for _, buffers in pieces)
    while len(data) < about["bytes"]:
        panel._handle_custom_msg({"kind": "piece", "key": "k", "offset": len(data)}, [])
        data += bytes(panel.sent[-1][1][0])
    return about["name"], data


@pytest.mark.parametrize("what", DOWNLOADS)
def test_every_file_arrives_whole(panel, what):
    panel.companions = {}
    name, data = receive(panel, what)
    assert name == f"array-log-256-128{DOWNLOADS[what].suffix}"
    assert len(data) == panel.sent[0][0]["bytes"]
    assert panel.failure == ""


def test_a_large_file_travels_in_pieces(panel, state):
    state.update(frame_step=1)
    _, data = receive(panel, "values")
    assert len(panel.sent) == 1 + -(-len(data) // PIECE_BYTES) > 3
    with np.load(io.BytesIO(data)) as file:
        assert np.array_equal(file["values"], state.result.values)


class Slow:
    """Work that waits until it is let go."""

    def __init__(self, monkeypatch):
        self.go, self.started = threading.Event(), threading.Event()
        monkeypatch.setattr(snapshot, "exact_picture", self.slowly(snapshot.exact_picture))
        monkeypatch.setattr(STFTSpectrogram, "spectrogram", self.slowly(STFTSpectrogram.spectrogram))

    def slowly(self, work):
        """Return work that says that it has begun, and waits."""

        def wait(*args, **kwargs):
            self.started.set()
            assert self.go.wait(20)
            return work(*args, **kwargs)

        return wait


def moves_on(state):
    """Tell whether a setting is followed within a few seconds."""
    hand = threading.Thread(target=lambda: state.update(frame_length=512), daemon=True)
    hand.start()
    hand.join(5)
    return not hand.is_alive() and state.picture.settings.frame_length == 512


@pytest.mark.parametrize("what", ["png", "svg", "values", "page"])
def test_a_file_under_way_keeps_no_slider_waiting_and_is_of_its_moment(panel, state, monkeypatch, what):
    slow = Slow(monkeypatch)
    panel.companions = {"picture": SpectrogramView(state)}
    panel._handle_custom_msg({"kind": "download", "what": what, "key": "k"}, [])
    assert slow.started.wait(10)
    try:
        assert moves_on(state)
    finally:
        slow.go.set()
    wait_until(lambda: len(panel.sent) >= 2)
    assert panel.sent[0][0]["name"].startswith("array-log-256-128")
    if what == "values":
        data = b"".join(bytes(buffers[0]) for _, buffers in panel.sent[1:])
        assert np.load(io.BytesIO(data))["values"].shape == (1, 61, 129)
    panel.companions["picture"].close()


@pytest.mark.parametrize(
    ("method", "name"), [("save_figure", "a.png"), ("save_values", "a.npz"), ("save_html", "a.html")]
)
def test_saving_from_python_keeps_no_slider_waiting(explorer, tmp_path, monkeypatch, method, name):
    slow = Slow(monkeypatch)
    saving = threading.Thread(target=lambda: getattr(explorer, method)(tmp_path / name))
    saving.start()
    assert slow.started.wait(10)
    try:
        assert moves_on(explorer.state)
    finally:
        slow.go.set()
        saving.join(20)
    assert (tmp_path / name).stat().st_size > 1000


def test_the_last_file_that_was_asked_for_is_given(panel, monkeypatch):
    slow = Slow(monkeypatch)
    panel._handle_custom_msg({"kind": "download", "what": "png", "key": "first"}, [])
    assert slow.started.wait(10)
    panel._handle_custom_msg({"kind": "download", "what": "settings", "key": "second"}, [])
    slow.go.set()
    wait_until(lambda: len(panel.sent) == 2)
    assert {content["key"] for content, _ in panel.sent} == {"second"}


def test_a_file_that_fails_in_an_unknown_way_is_told(panel, monkeypatch, caplog):
    monkeypatch.setattr(snapshot, "exact_picture", lambda *_args: 1 / 0)
    with caplog.at_level(logging.ERROR):
        panel._handle_custom_msg({"kind": "download", "what": "png", "key": "k"}, [])
        wait_until(lambda: panel.sent)
    assert panel.sent == [({"kind": "refused", "key": "k"}, [])]
    assert panel.failure == "Internal error (ZeroDivisionError). See the log for details."
    assert "A file could not be made" in caplog.text


def test_a_file_that_is_too_large_for_the_page_is_refused(panel, monkeypatch):
    monkeypatch.setattr(export_panel, "MAX_DOWNLOAD_BYTES", 1000)
    panel._handle_custom_msg({"kind": "download", "what": "values", "key": "k"}, [])
    assert panel.sent == [({"kind": "refused", "key": "k"}, [])]
    assert panel.failure.startswith("A download must have at most 1000 B; got ")
    assert panel.failure.endswith("Save it from Python with explorer.save_values.")


def test_settings_go_to_a_file_and_come_back(panel, state):
    state.update(frame_length=400, frame_step=100, mode="angle")
    text = content_of(settings_writer(state)).decode()
    state.update(frame_length=256, frame_step=None, mode="log")
    panel._handle_custom_msg({"kind": "settings", "name": "mine.json", "text": text}, [])
    assert (state.frame_length, state.frame_step, state.mode) == (400, 100, "angle")
    assert panel.sent == [({"kind": "settings", "is_loaded": True, "remark": ""}, [])]


@pytest.mark.parametrize(
    ("rate", "remark"),
    [
        (44_100, "They were saved at 8000 Hz; this sound has 44100 Hz."),
        (None, "They were saved at 8000 Hz; this sound has no sample rate."),
    ],
)
def test_settings_that_were_saved_at_another_rate_say_so(panel, state, rate, remark):
    text = content_of(settings_writer(state)).decode()
    state.set_sample_rate(rate)
    panel._handle_custom_msg({"kind": "settings", "name": "mine.json", "text": text}, [])
    assert panel.sent[-1][0]["remark"] == remark


@pytest.mark.parametrize("text", ["", "{}", "[1, 2]", "not json", '{"frame_length": 1}'])
def test_what_holds_no_settings_is_told_and_changes_nothing(panel, state, text):
    before = state.history
    panel._handle_custom_msg({"kind": "settings", "name": "odd.json", "text": text}, [])
    assert panel.failure.startswith("The file 'odd.json' holds no settings: ")
    assert state.history is before
    assert state.errors == {}
