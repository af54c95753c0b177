"""The tab Identify: a file is taken, searched in a thread, cancelled, and its answer sets the controls."""

import io
import threading

import numpy as np
import pytest

from specwidget import STFTSpectrogram, front_ends
from specwidget.explorer.panels import identify_panel
from specwidget.explorer.panels.identify_panel import IdentifyPanel
from specwidget.matching import identification
from specwidget.sounds import Sound, resample
from tests.explorer.panels.test_panels import sent_by, upload

PATIENCE_S = 60


@pytest.fixture
def panel(state):
    panel = IdentifyPanel(state)
    yield panel
    panel.close()


def file_of(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def search(panel, array, name="mel.npy", key="a"):
    """Upload an array, and wait for the answer."""
    upload(panel, file_of(array), name, 10_000, key)
    panel._worker.wait_done(PATIENCE_S)


def test_the_answer_sets_the_controls(panel, state, noise):
    layer = STFTSpectrogram("magnitude", 200, 50, window="hamming")
    search(panel, layer(noise.samples)[0])
    assert panel.answer["sentences"][0].startswith("Found, with a relative error of")
    assert panel.badge() == "found"
    assert panel.subject == "mel.npy, float32 of shape (157, 129), with array"
    panel._handle_custom_msg({"kind": "set"}, [])
    np.testing.assert_allclose(state.result.values, layer(noise.samples), atol=1e-5)


def test_the_sample_rate_that_the_bands_tell_of_is_set(panel, state, noise):
    samples = noise.samples[0, :, 0]
    search(panel, front_ends["kaldi"].features(samples))
    assert panel.answer["remarks"] == ["Setting them gives this sound the sample rate 16000 Hz."]
    panel._handle_custom_msg({"kind": "set"}, [])
    assert (state.sound.sample_rate, state.stage, state.errors) == (16_000, "mel", {})
    np.testing.assert_allclose(state.result.values[0], front_ends["kaldi"].features(samples), atol=1e-3)
    assert panel.answer["remarks"] == []


def test_another_sound_is_resampled_to_the_rate_that_was_found(panel, state, noise):
    search(panel, front_ends["kaldi"].features(noise.samples[0, :, 0]))
    second = Sound(noise.samples.copy(), 44_100.0, "second")
    state.adopt(second)
    state.flush()
    remark = "The array was made of another sound: setting them resamples this one to 16000 Hz."
    assert panel.answer["remarks"] == [remark]
    panel._handle_custom_msg({"kind": "set"}, [])
    np.testing.assert_array_equal(state.sound.samples, resample(second, 16_000).samples)
    assert (state.sound.sample_rate, state.stage, state.errors) == (16_000, "mel", {})
    assert panel.answer["remarks"] == []


def test_a_file_opens_the_tab_with_its_first_slice(panel):
    opened = []
    panel.observe(lambda change: opened.append(change["new"]), names="is_open")
    sent = sent_by(panel)

    def leave(content, buffers=None):
        sent.append((content, buffers))
        panel.is_open = False

    panel.send = leave
    upload(panel, file_of(np.eye(9)), slice_bytes=200)
    assert len(sent) > 3
    assert opened == [True, False]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no array", "Features must be an array of numbers in a .npy or .npz file; got 'mine.wav' (the magic string"),
        (file_of(np.ones(7)), "Features must have at least 2 frames and 2 bins or bands; got shape (7,)."),
        (file_of(np.full((9, 9), np.nan)), "Features must have finite values; got 81 that are not."),
        (b"", "File must hold at least 1 byte; got the empty 'mine.wav'."),
    ],
    ids=["text", "one axis", "NaN", "empty"],
)
def test_what_is_no_array_has_its_sentence(panel, data, reason):
    upload(panel, data)
    panel._worker.wait_done(PATIENCE_S)
    assert panel.failure.startswith(reason)
    assert (panel.is_searching, panel.answer) == (False, {})


@pytest.fixture
def held(monkeypatch):
    """Hold every search until it is released, and note how it ends."""
    begun, release, ended = threading.Event(), threading.Event(), []

    def identify(features, *arguments, progress, **options):
        begun.set()
        assert release.wait(PATIENCE_S)
        try:
            progress(0.5)
        except Exception as error:
            ended.append(type(error).__name__)
            raise
        ended.append("answered")
        raise ValueError("`features` must be others.")

    monkeypatch.setattr(identification, "identify", identify)
    return begun, release, ended


def test_a_search_is_cancelled_and_blocks_nothing(panel, state, held):
    begun, release, ended = held
    upload(panel, file_of(np.eye(9)))
    assert begun.wait(PATIENCE_S)
    assert (panel.is_searching, panel.badge()) == (True, "searching")
    # The page is answered meanwhile.
    state.update(frame_length=128)
    assert state.current.settings.frame_length == 128
    panel._handle_custom_msg({"kind": "cancel"}, [])
    assert (panel.is_searching, panel.failure) == (False, "The search was cancelled.")
    release.set()
    panel._worker.wait_done(PATIENCE_S)
    assert ended == ["Cancelled"]
    assert panel.failure == "The search was cancelled."


def test_the_latest_file_wins(panel, held):
    begun, release, ended = held
    upload(panel, file_of(np.eye(9)), key="a")
    assert begun.wait(PATIENCE_S)
    upload(panel, file_of(np.eye(8)), key="b")
    release.set()
    panel._worker.wait_done(PATIENCE_S)
    assert ended == ["Cancelled", "answered"]
    assert panel.failure == "Features must be others."


def test_a_search_ends_with_its_thread(panel, held):
    begun, release, ended = held
    upload(panel, file_of(np.eye(9)))
    assert begun.wait(PATIENCE_S)
    # As at Python's exit, which closes no panel.
    panel._worker.close()
    release.set()
    panel._worker.join(PATIENCE_S)
    assert ended == ["Cancelled"]


def test_progress_is_published(panel, held, monkeypatch):
    monkeypatch.setattr(identify_panel, "PROGRESS_S", 0.0)
    begun, release, _ = held
    upload(panel, file_of(np.eye(9)))
    assert begun.wait(PATIENCE_S)
    seen = []
    panel.observe(lambda change: seen.append(change["new"]), names="progress")
    release.set()
    panel._worker.wait_done(PATIENCE_S)
    assert seen == [0.5]


def test_a_fault_is_logged_and_said(panel, monkeypatch, caplog):
    def fail(*arguments, **options):
        raise RuntimeError("a fault")

    monkeypatch.setattr(identification, "identify", fail)
    search(panel, np.eye(9))
    assert panel.failure == "Internal error (RuntimeError). See the log for details."
    assert "a fault" in caplog.text


def test_the_page_is_told_of_each_slice(panel):
    sent = sent_by(panel)
    upload(panel, file_of(np.eye(4)), slice_bytes=200)
    assert [content["kind"] for content, _ in sent] == ["received", "received", "read"]


def test_nothing_is_set_before_there_is_an_answer(panel, state):
    before = dict(state.history.present)
    panel._handle_custom_msg({"kind": "set"}, [])
    assert dict(state.history.present) == before
