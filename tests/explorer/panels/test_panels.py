"""The panels without a browser: what the page sends is taken, what the state publishes goes out."""

import io
import json
import logging
import time

import numpy as np
import pytest
import soundfile

from specwidget.explorer.panels import sound_panel
from specwidget.explorer.panels.controls_panel import ControlsPanel
from specwidget.explorer.panels.shapes_panel import ShapesPanel
from specwidget.explorer.panels.sound_panel import SoundPanel
from specwidget.explorer.spectrogram_view.spectrogram_view import SpectrogramView
from specwidget.mel.stages import STAGE_DEFAULTS
from specwidget.sounds import RECORDINGS, SYNTHETIC_SIGNALS, as_sound, load_recording
from specwidget.stft.settings import SETTING_DEFAULTS
from specwidget.summary.controls import DISPLAY_CONTROLS, SETTING_CONTROLS, STAGE_CONTROLS, decode, encode
from specwidget.summary.display import DISPLAY_DEFAULTS
from specwidget.summary.errors import GENERAL


def sent_by(panel):
    """Catch what a panel sends."""
    sent = []
    panel.send = lambda content, buffers=None: sent.append((content, buffers or []))
    return sent


def wav(seconds=0.5, rate=8000, channels=1):
    """Return a WAV file of noise."""
    file = io.BytesIO()
    samples = 0.1 * np.random.default_rng(0).standard_normal((int(seconds * rate), channels))
    soundfile.write(file, samples, rate, format="WAV")
    return file.getvalue()


def upload(panel, data, name="mine.wav", slice_bytes=1000, key="a"):
    """Send a file in slices, as the page does."""
    for offset in range(0, max(1, len(data)), slice_bytes):
        content = {"kind": "slice", "key": key, "name": name, "size": len(data), "offset": offset}
        panel._handle_custom_msg(content, [memoryview(data[offset : offset + slice_bytes])])


def test_every_argument_and_every_display_choice_has_a_control():
    assert {control.name for control in SETTING_CONTROLS} == set(SETTING_DEFAULTS)
    assert {control.name for control in STAGE_CONTROLS} == set(STAGE_DEFAULTS)
    assert {control.name for control in DISPLAY_CONTROLS} == set(DISPLAY_DEFAULTS)


def test_every_control_says_what_it_does():
    for control in (*SETTING_CONTROLS, *STAGE_CONTROLS, *DISPLAY_CONTROLS):
        assert len(control.tooltip) > 20
        assert control.tooltip.endswith(".")


OTHER_VALUES = {
    "data_format": "channels_first",
    "backend": "numpy",
    "expand_dims": True,
    "trainable": False,
    "time_axis": "frames",
}


def test_what_is_said_to_leave_the_picture_alone_does(state):
    before = state.picture.codes
    controls = (*SETTING_CONTROLS, *DISPLAY_CONTROLS)
    said = [each.name for each in controls if "spectrogram stays the same" in each.tooltip]
    assert set(said) == set(OTHER_VALUES)
    for name in said:
        state.update(**{name: OTHER_VALUES[name]})
        assert (getattr(state, name), state.errors) == (OTHER_VALUES[name], {})
        assert np.array_equal(state.picture.codes, before)


@pytest.mark.parametrize(
    "value", [None, 512, True, "hann", ("kaiser", 8.6), ("general_gaussian", 1.5, 40.0), (1.0, 2.0)]
)
def test_values_go_to_the_page_and_back(value):
    assert decode(json.loads(json.dumps(encode(value)))) == value


@pytest.mark.parametrize("value", [object(), float("inf"), 10**400, np.float32(3), np.arange(5), b"x", {"a": 1}])
def test_whatever_python_sets_can_be_shown(value):
    json.dumps(encode(value))


def test_a_change_of_the_page_is_computed_before_the_handler_returns(state):
    panel = ControlsPanel(state)
    before = state.n_computed
    panel.set_state({"frame_length": 512, "frame_step": 64})
    assert state.n_computed == before + 1
    assert state.current.settings.step == 64
    assert panel.resolved == {"frame_step": 64, "fft_length": 512}


def test_a_bad_value_of_the_page_stays_in_the_control_with_its_sentence(state):
    panel = ControlsPanel(state)
    panel.set_state({"frame_step": 999})
    assert panel.frame_step == 999
    assert panel.errors == {"frame_step": "Frame step must be between 1 and frame length = 256; got 999."}
    panel.set_state({"frame_step": None})
    assert panel.errors == {}


def test_a_change_from_python_reaches_the_controls(state):
    panel = ControlsPanel(state)
    state.update(frame_length=1024, window=("kaiser", 5.0), frame_step=None)
    assert panel.frame_length == 1024
    assert panel.window == {"name": "kaiser", "parameters": [5.0]}
    assert panel.resolved["frame_step"] == 512


def test_an_array_window_can_be_left_and_taken_again(state):
    panel = ControlsPanel(state)
    state.update(window=np.hanning(256))
    assert panel.array_window == 256
    panel.set_state({"window": "boxcar"})
    assert state.current.settings.window == "boxcar"
    panel.set_state({"window": {"samples": 256}})
    assert np.array_equal(state.current.settings.window_values, np.hanning(256))


def test_the_picture_is_sent_to_a_view_that_asks(state):
    panel = SpectrogramView(state)
    sent = sent_by(panel)
    panel._handle_custom_msg({"kind": "want"}, [])
    (content, buffers) = sent[0]
    assert content["kind"] == "picture"
    json.dumps(content)
    codes = np.frombuffer(buffers[0], np.uint16).reshape(content["header"]["rows"], content["header"]["columns"])
    assert np.array_equal(codes, state.picture.codes)
    assert np.frombuffer(buffers[1], np.int32)[-1] == state.picture.settings.n_bins
    assert np.frombuffer(buffers[2], np.int32)[-1] == state.current.n_frames


def test_the_view_names_the_gaps_of_the_displayed_channel(state):
    samples = np.zeros((4000, 2), "float32")
    samples[100:105, 1] = np.nan
    panel = SpectrogramView(state)
    state.update(sound=(samples, 8000))
    assert panel.gaps == ""
    state.update(channel=1)
    assert panel.gaps == "The samples from 12.5 ms to 13.1 ms are NaN; frame 0 is blank."
    state.update(frame_length=50)
    assert panel.gaps.endswith("frames 3 to 4 are blank.")


def received(sent, kind):
    """Return headers and buffers of the messages of a kind."""
    return [(content["header"], buffers) for content, buffers in sent if content["kind"] == kind]


def test_a_view_that_asks_gets_everything_that_is_drawn(state):
    panel = SpectrogramView(state)
    sent = sent_by(panel)
    panel._handle_custom_msg({"kind": "want"}, [])
    assert [content["kind"] for content, _ in sent] == ["picture", "overview", "waveform", "waveform_overview"]
    json.dumps([content for content, _ in sent])
    [(header, buffers)] = received(sent, "waveform_overview")
    lowest, highest = (np.frombuffer(buffer, np.float32) for buffer in buffers)
    samples = state.sound.samples[0, :, 0]
    assert (header["first"], len(lowest)) == (0, header["n"])
    assert (lowest.min(), highest.max()) == (samples.min(), samples.max())


def test_a_zoom_of_the_page_sends_the_part_with_its_margin(state):
    panel = SpectrogramView(state)
    sent = sent_by(panel)
    panel.set_state({"visible": [2000, 4000, 0.25, 0.5]})
    assert (panel.visible, panel.errors) == ([2000, 4000, 0.25, 0.5], {})
    assert sorted({content["kind"] for content, _ in sent}) == ["picture", "waveform"]
    [(header, buffers)] = received(sent, "picture")
    columns, rows = (np.frombuffer(buffers[i], np.int32) for i in (2, 1))
    times, frequencies = state.result.times * 8000, state.result.frequencies / 4000
    assert header["visible"] == [2000, 4000, 0.25, 0.5]
    assert not header["is_whole"]
    assert times[columns[0]] <= 1000 + 64 <= 5000 - 64 <= times[columns[-1] - 1]
    assert frequencies[rows[0]] <= 0.125 + 1 / 128 <= 0.625 - 1 / 128 <= frequencies[rows[-1] - 1]
    [(header, _)] = received(sent, "waveform")
    assert (header["first"], header["last"]) == (1000, 5000)
    panel.set_state({"visible": None})
    assert received(sent, "picture")[-1][0]["is_whole"]


def test_a_part_that_is_not_there_has_its_sentence_and_the_whole_is_shown(state):
    panel = SpectrogramView(state)
    panel.set_state({"visible": [4000, 2000, 0, 1]})
    assert panel.errors["visible"].startswith("Visible must be None or four numbers, the lower first: two samples from")
    assert state.picture.grid.is_whole


def test_a_new_sound_is_shown_whole(state, noise):
    state.update(visible=(0, 100, 0, 1))
    state.update(sound=noise.samples[0] * 2)
    assert state.visible is None
    assert state.picture.grid.is_whole


def test_settings_can_change_while_a_part_is_shown(state):
    state.update(visible=(2000, 4000, 0, 1))
    state.update(frame_length=64, frame_step=8)
    assert state.errors == {}
    assert state.picture.grid.frames[0] > 0
    state.draw_overview()
    assert state.overview.grid.is_whole
    assert state.overview.settings.frame_length == 64


def test_the_version_changes_with_what_is_shown_and_not_with_the_part_of_it(state):
    panel = SpectrogramView(state)
    sent = sent_by(panel)
    changes = [{"visible": (0, 4000, 0, 1)}, {"frequency_axis": "log"}, {"frame_step": 100}, {"unit": "V"}]
    versions = [state.version]
    for change in changes:
        state.update(**change)
        versions.append(received(sent, "picture")[-1][0]["version"])
    assert np.diff(versions).tolist() == [0, 0, 1, 1]


def test_the_values_of_a_frame_are_in_the_unit_of_the_picture(state):
    state.update(mode="psd", unit="Pa")
    panel = SpectrogramView(state)
    sent = sent_by(panel)
    panel._handle_custom_msg({"kind": "frame", "frame": 3}, [])
    [(_, buffers)] = received(sent, "slice")
    assert state.picture.header()["full_unit"] == "dB re 1 Pa²/Hz"
    per_hertz = state.result.channel_values()[3] / state.sound.sample_rate
    assert np.allclose(np.frombuffer(buffers[0], np.float32), 10 * np.log10(per_hertz), atol=1e-4)
    assert "PSD (Pa² per cycle/sample)" in [row.value for row in state.results]


def test_a_frame_is_sent_with_its_exact_values_its_samples_and_the_window(state):
    state.update(padding="same", window="hamming", mode="psd", decibels=False)
    panel = SpectrogramView(state)
    sent = sent_by(panel)
    for frame in (0, 30):
        panel._handle_custom_msg({"kind": "frame", "frame": frame}, [])
    for (header, buffers), frame in zip(received(sent, "slice"), (0, 30), strict=True):
        values, samples, window = (np.frombuffer(buffer, np.float32) for buffer in buffers)
        assert (header["frame"], header["label"], header["unit"]) == (frame, "PSD", "")
        assert np.array_equal(values, state.result.channel_values()[frame])
        assert np.allclose(np.hamming(256), window)
        # 63 frames reach over 8192 samples, 192 more than there are: half of them are zeros before the first.
        padded = np.pad(state.sound.samples[0, :, 0], 96)
        assert np.array_equal(samples, padded[128 * frame : 128 * frame + 256])


def test_a_frame_that_is_not_there_is_not_sent(state):
    panel = SpectrogramView(state)
    sent = sent_by(panel)
    panel._handle_custom_msg({"kind": "frame", "frame": 10**6}, [])
    assert sent == []


def test_the_channel_is_sent_to_be_heard_in_pieces(state, monkeypatch):
    monkeypatch.setattr("specwidget.explorer.spectrogram_view.spectrogram_view.PIECE_SAMPLES", 1000)
    panel = SpectrogramView(state)
    sent = sent_by(panel)
    panel._handle_custom_msg({"kind": "sound", "from": 500, "to": 3000}, [])
    headers = [header for header, _ in received(sent, "sound")]
    assert [(header["first"], header["last"]) for header in headers] == [(500, 1500), (1500, 2500), (2500, 3000)]
    assert {(header["from"], header["to"], header["total"], header["rate"]) for header in headers} == {
        (500, 3000, 8000, 8000)
    }
    heard = np.concatenate([np.frombuffer(buffers[0], "<i2") for _, buffers in received(sent, "sound")])
    assert np.abs(heard / 2**15 - state.sound.samples[0, 500:3000, 0]).max() <= 0.5 / 2**15 + 1e-7


def wait_for_sound(sent, source):
    """Wait until a sound has come from the thread that makes it, and return its messages."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        told = [(header, buffers) for header, buffers in received(sent, "sound") if header["source"] == source]
        if told and ("reason" in told[-1][0] or told[-1][0].get("last") == told[-1][0]["to"]):
            return told
        time.sleep(0.01)
    raise AssertionError(f"no sound of {source} came: {sent}")


def test_what_the_layer_keeps_is_sent_to_be_heard_or_why_it_cannot_be(state):
    state.update(mode="stft", padding="same", frame_length=128)
    panel = SpectrogramView(state)
    try:
        sent = sent_by(panel)
        panel._handle_custom_msg({"kind": "sound", "from": 500, "to": 3000, "source": "reconstruction"}, [])
        told = wait_for_sound(sent, "reconstruction")
        heard = np.concatenate([np.frombuffer(buffers[0], "<i2") for _, buffers in told if buffers])
        assert np.abs(heard / 2**15 - state.sound.samples[0, 500:3000, 0]).max() < 1e-4
        state.update(mode="angle")
        sent.clear()
        panel._handle_custom_msg({"kind": "sound", "from": 0, "to": 100, "source": "reconstruction"}, [])
        assert wait_for_sound(sent, "reconstruction")[0][0]["reason"].endswith(
            "got 'angle'. Phase alone determines no level."
        )
    finally:
        panel.close()


@pytest.mark.parametrize(
    ("rate", "request_", "reason"),
    [
        (None, {}, "Playback needs a sample rate."),
        (8000, {"speed": 1e6}, "Playback speed 1e+06 is not possible."),
        (8000, {"speed": 0}, "Playback speed 0 is not possible."),
    ],
)
def test_what_can_not_be_played_says_why(state, rate, request_, reason):
    state.sound = as_sound(np.ones(2000), rate)
    panel = SpectrogramView(state)
    sent = sent_by(panel)
    panel._handle_custom_msg({"kind": "sound", "from": 0, "to": 100, **request_}, [])
    assert received(sent, "sound")[0][0]["reason"] == reason


def test_colours_are_taken_without_sending_a_picture(state):
    panel = SpectrogramView(state)
    sent = sent_by(panel)
    panel.set_state({"colour_map": "viridis", "value_range": [-40, 0]})
    assert state.colour_map == "viridis"
    assert state.value_range == (-40, 0)
    assert sent == []


def test_a_smaller_canvas_gets_a_smaller_picture(state):
    state.update(frame_step=4)
    panel = SpectrogramView(state)
    panel.set_state({"canvas_size": [128, 64]})
    assert state.picture.codes.shape[1] <= 256
    panel.set_state({"canvas_size": [1920, 640]})
    assert state.picture.codes.shape[1] == state.current.n_frames


def test_the_view_says_that_the_picture_is_an_old_one(state):
    panel = SpectrogramView(state)
    assert not panel.is_stale
    state.update(frame_step=999)
    assert panel.is_stale
    state.update(frame_step=10)
    assert not panel.is_stale


def test_the_shapes_are_shown_step_by_step(state):
    panel = ShapesPanel(state)
    assert (panel.shapes, panel.results) == ([], [])
    panel.is_open = True
    assert panel.steps == ["input", "padded", "frames", "kernels", "bins", "output"]
    assert [row["name"] for row in panel.shapes][:3] == ["input", "padded", "frames"]
    assert panel.shapes[0]["axes"][1] == {"symbol": "L", "name": "time", "length": 8000}
    json.dumps(panel.shapes)
    state.update(frame_length=512)
    assert next(row["value"] for row in panel.shapes if row["name"] == "FFT length") == "N = 512"


def test_the_readout_shows_results(state):
    panel = ShapesPanel(state)
    panel.is_open = True
    assert any(row["name"] == "computed by" for row in panel.results)
    json.dumps(panel.results)


def test_a_message_that_nobody_foresaw_is_logged_and_told(state, caplog):
    panel = SpectrogramView(state)
    panel.handle = lambda content, buffers: 1 / 0
    with caplog.at_level(logging.ERROR):
        panel._handle_custom_msg({"kind": "want"}, [])
    assert state.errors[GENERAL] == "Internal error (ZeroDivisionError). See the log for details."
    assert "ZeroDivisionError" in caplog.text


@pytest.fixture
def sounds(state, tmp_path):
    """Return the panel of sounds over an empty folder."""
    return SoundPanel(state, folder=tmp_path)


def test_recordings_and_signals_can_be_chosen(sounds, state):
    sounds.set_state({"selected": "recording:tabla_ghe1"})
    assert state.sound.name == "tabla_ghe1"
    assert sounds.details["credit"] == RECORDINGS["tabla_ghe1"].credit
    sounds.set_state({"selected": "synthetic:linear_chirp"})
    assert sounds.parameters == SYNTHETIC_SIGNALS["linear_chirp"].parameters
    assert "A straight line from 100 to 7000 Hz" in sounds.details["description"]
    assert state.picture.name == "linear_chirp"


def test_parameters_of_a_signal_change_it(sounds, state):
    sounds.set_state({"selected": "synthetic:linear_chirp"})
    sounds.set_state({"parameters": {**sounds.parameters, "stop": 3000}})
    assert "to 3000 Hz" in sounds.details["description"]
    sounds.set_state({"parameters": {**sounds.parameters, "stop": 1e9}})
    assert sounds.failure.startswith("Stop must be between")
    assert "to 3000 Hz" in state.sound.description
    sounds.set_state({"parameters": {**sounds.parameters, "stop": 2000}})
    assert sounds.failure == ""


def test_each_signal_begins_with_its_own_parameters(sounds):
    sounds.set_state({"selected": "synthetic:sine_on_bin"})
    sounds.set_state({"parameters": {**sounds.parameters, "bin_number": 30}})
    sounds.set_state({"selected": "synthetic:sine_between_bins"})
    assert sounds.parameters == SYNTHETIC_SIGNALS["sine_between_bins"].parameters


@pytest.mark.parametrize("name", SYNTHETIC_SIGNALS)
def test_every_signal_is_computed_from_the_page(sounds, state, name):
    sounds.set_state({"selected": f"synthetic:{name}"})
    assert (sounds.failure, state.errors) == ("", {})
    assert state.picture.name == name


def test_a_file_of_the_folder_can_be_chosen(sounds, state, tmp_path):
    (tmp_path / "here.wav").write_bytes(wav())
    sounds._handle_custom_msg({"kind": "list"}, [])
    assert ["Files in this folder", [["file:here.wav", "here.wav"]]] in sounds.choices
    sounds.set_state({"selected": "file:here.wav"})
    assert state.sound.name == "here.wav"
    assert (sounds.details["facts"][0], sounds.sample_rate) == ("500 ms", 8000)


def test_what_the_caller_passed_in_stays_in_the_menu(sounds, state):
    assert sounds.selected == "own:array"
    sounds.set_state({"selected": "recording:voice"})
    sounds.set_state({"selected": "own:array"})
    assert state.sound.name == "array"


def test_a_sound_set_from_python_is_shown(sounds, state):
    state.update(sound=load_recording("misc_crow"))
    assert sounds.selected == "recording:misc_crow"


def test_an_upload_arrives_in_slices_each_acknowledged(sounds, state):
    sent, data = sent_by(sounds), wav()
    upload(sounds, data)
    assert [content["bytes"] for content, _ in sent[:-1]] == [*range(1000, len(data), 1000), len(data)]
    assert sent[-1][0]["kind"] == "read"
    assert state.sound.name == "mine.wav"
    assert sounds.selected == "own:mine.wav"
    assert state.picture.name == "mine.wav"


def test_undo_and_the_swap_of_a_and_b_come_back_to_the_choice_in_the_menu(sounds, state, tmp_path):
    (tmp_path / "here.wav").write_bytes(wav())
    sounds._handle_custom_msg({"kind": "list"}, [])
    sounds.set_state({"selected": "file:here.wav"})
    state.set_b()
    sounds.set_state({"selected": "recording:voice"})
    state.swap_ab()
    assert (sounds.selected, state.sound.name) == ("file:here.wav", "here.wav")
    state.restore(state.history.back())
    assert sounds.selected == "recording:voice"
    assert ["Your sounds", [["own:array", "array"]]] in sounds.choices


def test_a_sound_that_is_closed_to_save_memory_is_listed_as_such(sounds, state, monkeypatch):
    # Two sounds of 0.5 s as float32.
    monkeypatch.setattr(sound_panel, "MAX_OWN_BYTES", 2 * 4000 * 4)
    for number in range(4):
        upload(sounds, wav(0.5), name=f"{number}.wav", key=str(number))
    groups = dict(sounds.choices)
    assert [name for _, name in groups["Your sounds"]] == ["2.wav", "3.wav"]
    labels = ["array (open the file again)", "0.wav (open the file again)", "1.wav (open the file again)"]
    assert [label for _, label in groups["Closed to save memory"]] == labels
    sounds.set_state({"selected": "closed:0.wav"})
    assert sounds.failure == "0.wav was closed to save memory. Open the file again."
    assert (sounds.selected, state.sound.name) == ("own:3.wav", "3.wav")
    upload(sounds, wav(0.5), name="0.wav", key="again")
    assert [name for _, name in dict(sounds.choices)["Your sounds"]] == ["3.wav", "0.wav"]
    assert "closed:0.wav" not in dict(dict(sounds.choices)["Closed to save memory"])


def test_an_upload_of_the_same_name_replaces_the_first(sounds, state):
    upload(sounds, wav(0.5))
    upload(sounds, wav(0.25), key="b")
    assert state.sound.samples.shape == (1, 2000, 1)
    sounds.set_state({"selected": "recording:voice"})
    sounds.set_state({"selected": "own:mine.wav"})
    assert state.sound.samples.shape == (1, 2000, 1)


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"", "empty.wav", "File must hold at least 1 byte; got the empty 'empty.wav'."),
        (b"just some text, not a sound\n" * 100, "text.wav", "text.wav"),
        (wav()[:30], "cut.wav", "cut.wav"),
        (b"\x00" * 5000, "zeros.wav", "zeros.wav"),
    ],
)
def test_a_file_that_is_no_sound_gets_a_sentence_and_changes_nothing(sounds, state, data, name, sentence):
    sound, picture = state.sound, state.picture
    upload(sounds, data, name)
    assert sentence in sounds.failure
    assert (state.sound, state.picture) == (sound, picture)
    assert sounds.selected == "own:array"
    upload(sounds, wav(), key="b")
    assert sounds.failure == ""
    assert state.sound.name == "mine.wav"


def test_a_second_upload_takes_the_place_of_the_first(sounds, state):
    data, sent = wav(), []
    sounds.send = lambda content, buffers=None: sent.append(content)
    first = {"kind": "slice", "key": "a", "name": "a.wav", "size": len(data), "offset": 0}
    sounds._handle_custom_msg(first, [memoryview(data[:1000])])
    upload(sounds, data, name="b.wav", key="b")
    reason = "The upload was ended, as another window opened b.wav."
    assert [each for each in sent if each["key"] == "a"][-1] == {"kind": "refused", "key": "a", "reason": reason}
    assert sent[-1] == {"kind": "read", "key": "b"}
    sounds._handle_custom_msg({**first, "offset": 1000}, [memoryview(data[1000:2000])])
    assert state.sound.name == "b.wav"
    assert sounds.failure == ""


@pytest.mark.parametrize("choice", ["file:../secret.wav", "file:/etc/passwd", "synthetic:nope", "own:gone", "else"])
def test_the_page_may_choose_from_its_list_alone(sounds, choice):
    before, shown = sounds.selected, sounds._source.sound
    sounds.set_state({"selected": choice})
    assert sounds.failure == f"The sound must be one of the menu; got {choice!r}."
    assert (sounds.selected, sounds._source.sound) == (before, shown)


def test_showing_the_state_never_writes_it_back(state):
    panel = ControlsPanel(state)
    try:
        panel.frame_length = 300
        assert state.frame_length == 256
        panel.set_state({"frame_length": 310})
        assert state.frame_length == 310
    finally:
        panel.close()
