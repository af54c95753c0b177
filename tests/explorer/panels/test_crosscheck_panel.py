"""The panel of the cross-check and what is behind it: who is asked, what is said, and what is dropped."""

import json
import logging
import threading
from dataclasses import replace

import numpy as np
import pytest

from specwidget.explorer.panels.crosscheck_panel import CrosscheckPanel
from specwidget.explorer.panels.error_map import map_message
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.layer import STFTSpectrogram
from specwidget.peers import PEERS, ErrorMap, PeerReport
from specwidget.peers.process import CrosscheckProcessError, PeerResult
from specwidget.sounds import as_sound
from specwidget.stft.settings import STFTSettings
from specwidget.summary.crosscheck_status import MAX_BYTES, CrosscheckStatus, peers_to_compare, select_samples
from tests.waiting import wait_until

QUICK = ("librosa", "scipy-stft", "scipy-spectrogram")


def rows_of(panel):
    """The panel's rows by peer."""
    return {row["peer"]: row for row in panel.rows}


class Said:
    """A cross-check process that gives fixed results, without a process."""

    def __init__(self, answer=lambda name: PeerResult(name, PeerReport(name, "agrees"))):
        self.answer = answer
        self.asked = []

    def run(self, settings, inputs, output, peers, receive, stop, kernels=()):
        self.asked.append((settings, tuple(peers)))
        for name in peers:
            if stop():
                return False
            receive(self.answer(name))
        return True

    def close(self):
        """Nothing to end."""


@pytest.fixture
def said(state):
    """What answers in the place of the process."""
    state._crosscheck._process = Said()
    return state._crosscheck._process


@pytest.mark.slow
def test_the_quick_peers_agree_and_cannot_hold_trained_kernels(state):
    panel = CrosscheckPanel(state)
    panel.is_open = True
    assert {row["status"] for name, row in rows_of(panel).items() if name in QUICK} == {"waiting"}
    wait_until(lambda: state.crosscheck.checked)
    assert all(state.crosscheck.reports[name].verdict == "agrees" for name in QUICK)
    weights = state.layer.get_weights()
    state.layer.set_weights([1.01 * weights[0], *weights[1:]])
    state.refresh()
    wait_until(lambda: state.crosscheck.checked)
    assert state.current.path == "matmul"
    assert all(rows_of(panel)[name]["verdict"] == "trained kernels" for name in QUICK)
    assert "is not compared: the layer has trained kernels" in rows_of(panel)["librosa"]["sentence"]
    panel.close()


@pytest.mark.slow
def test_peers_that_load_slowly_wait_until_they_are_asked(state, said, monkeypatch):
    monkeypatch.setattr(type(PEERS["torch"]), "missing", ())
    state.update(frame_length=128)
    panel = CrosscheckPanel(state)
    panel.is_open = True
    wait_until(lambda: state.crosscheck.checked)
    assert said.asked[-1][1] == QUICK
    assert rows_of(panel)["torch"]["status"] == "not compared"
    panel.handle({"kind": "check", "peers": ["torch", "no such"]}, [])
    assert rows_of(panel)["torch"]["status"] == "waiting"
    wait_until(lambda: rows_of(panel)["torch"]["status"] == "done")
    assert said.asked[-1][1] == ("torch",)
    state.update(frame_length=64)
    wait_until(lambda: state.crosscheck.checked)
    assert said.asked[-1][1] == (*QUICK, "torch")
    panel.close()


def test_a_peer_that_is_missing_is_asked_at_once_as_it_takes_nothing(monkeypatch):
    monkeypatch.setattr(type(PEERS["torch"]), "missing", ("something",))
    assert peers_to_compare(()) == tuple(PEERS)


def test_a_comparison_that_fails_is_told(state, said, caplog):
    said.answer = lambda name: PeerResult(name, None, "ImportError: no wheel")
    with caplog.at_level(logging.ERROR):
        state.update(frame_length=128)
        wait_until(lambda: state.crosscheck.checked)
    assert state.crosscheck.failures["librosa"] == "The comparison failed: ImportError: no wheel"
    assert "no wheel" in caplog.text


def test_a_process_that_ends_is_told_at_every_peer(state, caplog):
    class Broken(Said):
        def run(self, *args):
            raise CrosscheckProcessError("It has ended.")

    state._crosscheck._process = Broken()
    with caplog.at_level(logging.ERROR):
        state.update(frame_length=128)
        wait_until(lambda: state.crosscheck.checked)
    assert set(state.crosscheck.failures) >= set(QUICK)
    assert state.crosscheck.failures["librosa"] == "It has ended."


def test_an_answer_to_settings_that_have_moved_on_is_dropped(state):
    started, go = threading.Event(), threading.Event()

    class Slow(Said):
        def run(self, settings, inputs, output, peers, receive, stop, kernels=()):
            if settings.frame_length == 128:
                started.set()
                go.wait(10)
                receive(PeerResult("librosa", PeerReport("librosa", "disagrees")))
                return False
            return super().run(settings, inputs, output, peers, receive, stop, kernels)

    state._crosscheck._process = Slow()
    published = []
    state.observe(lambda change: published.append(change["new"].reports.get("librosa")), "crosscheck")
    state.update(frame_length=128)
    assert started.wait(10)
    state.update(frame_length=512)
    go.set()
    wait_until(lambda: state.crosscheck.checked)
    assert [report.verdict for report in published if report] == ["agrees"] * len([1 for each in published if each])


def test_a_display_change_meanwhile_loses_no_answer(state):
    started, go = threading.Event(), threading.Event()

    class Interrupted(Said):
        def run(self, settings, inputs, output, peers, receive, stop, kernels=()):
            if not started.is_set():
                started.set()
                go.wait(10)
                return False
            return super().run(settings, inputs, output, peers, receive, stop, kernels)

    state._crosscheck._process = Interrupted()
    state.update(frame_length=128)
    assert started.wait(10)
    state.update(frequency_axis="log")
    go.set()
    wait_until(lambda: state.crosscheck.checked)


def test_the_rows_are_json_and_infinity_is_a_text():
    report = PeerReport("librosa", "disagrees", max_abs_error=float("inf"), share_of_tolerance=float("inf"))
    rows = CrosscheckStatus().with_report(report).to_page()
    assert json.loads(json.dumps(rows, allow_nan=False))[0]["share_of_tolerance"] == "inf"
    assert [row["status"] for row in rows] == ["done", *["not compared"] * 5]


def test_the_map_of_a_peer_is_sent_to_a_row_that_opens(state, said):
    errors = ErrorMap(np.full((2, 3), 0.01, "float32"), np.array([0, 64, 129], "i4"), np.array([0, 20, 40, 61], "i4"))
    said.answer = lambda name: PeerResult(name, PeerReport(name, "agrees", errors=errors))
    state.update(frame_length=256, frame_step=128)
    state.refresh()
    wait_until(lambda: state.crosscheck.checked)
    panel = CrosscheckPanel(state)
    panel.is_open = True
    sent = []
    panel.send = lambda content, buffers=None: sent.append((content, buffers))
    panel.handle({"kind": "map", "peers": ["librosa", "no such"]}, [])
    (content, buffers) = sent[0]
    assert len(sent) == 1
    assert (content["peer"], content["header"]["rows"], content["header"]["columns"]) == ("librosa", 2, 3)
    assert np.frombuffer(buffers[2], "i4").tolist() == [0, 20, 40, 61]
    json.dumps(content, allow_nan=False)
    panel.close()


def test_a_map_spans_the_tolerance_and_what_is_beyond():
    starts = np.array([0, 1, 2], "i4")
    small = ErrorMap(np.array([[0, 0.5], [0.1, 0.001]], "float32"), starts, starts)
    header, _ = map_message(small, STFTSettings(), 1000, 8000.0)
    assert header["range"] == [-3, 0]
    large = replace(small, shares=np.array([[0, 1e7], [1, np.inf]], "float32"))
    header, buffers = map_message(large, STFTSettings(), 1000, None)
    assert header["range"] == pytest.approx([3, 7])
    assert np.frombuffer(buffers[0], "u2")[3] == 0
    assert not header["has_rate"]


def test_a_saved_page_has_what_was_compared(state, said):
    errors = ErrorMap(np.ones((1, 1), "float32"), np.array([0, 129], "i4"), np.array([0, 61], "i4"))
    said.answer = lambda name: PeerResult(name, PeerReport(name, "agrees", errors=errors))
    panel = CrosscheckPanel(state)
    panel.is_open = True
    state._crosscheck._requested = ()
    state.update(frame_length=128)
    standing = panel.to_static()()
    assert {row["status"] for row in standing.traits["rows"]} == {"left"}
    wait_until(lambda: state.crosscheck.checked)
    standing = panel.to_static()()
    assert standing.traits["rows"][0]["status"] == "done"
    assert standing.messages[0][0]["peer"] == "librosa"
    standing.to_json()
    panel.close()


def test_a_new_view_gets_the_rows(state):
    panel = CrosscheckPanel(state)
    panel.is_open = True
    said = []
    panel.send_state = said.append
    panel.handle({"kind": "want"}, [])
    assert said == [["rows", "sentence"]]
    panel.close()


def test_all_of_a_short_sound_is_compared(state):
    result = state.result
    part = select_samples(state.layer, state.sound, (0, 0), result)
    assert part.output is result.values
    assert (part.n_samples, part.sentence) == (8000, "")
    assert np.array_equal(select_samples(state.layer, state.sound, (0, 0)).output, result.values)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_of_much_only_a_part_of_the_channel_shown_is_compared(monkeypatch, data_format):
    monkeypatch.setattr("specwidget.summary.crosscheck_status.MAX_BYTES", 129 * 4 * 10)
    layer = STFTSpectrogram(data_format=data_format)
    sound = as_sound(np.random.default_rng(0).standard_normal((2, 8000, 3)), 8000)
    part = select_samples(layer, sound, (1, 2))
    assert part.sentence == "The first 1,536 of 8,000 samples of the displayed channel are compared."
    assert np.array_equal(np.ravel(part.inputs), sound.samples[1, :1536, 2])
    assert np.array_equal(part.output, layer(part.inputs))
    assert MAX_BYTES >= 2**20


def test_all_explorers_compare_in_one_process_which_outlives_each_of_them(state, noise):
    other = ExplorerState(noise)
    other.flush()
    wait_until(lambda: state.crosscheck.checked and other.crosscheck.checked)
    other.close()
    assert state._crosscheck._process is other._crosscheck._process
    assert state._crosscheck._process._process.poll() is None


def test_a_page_that_is_saved_while_results_are_awaited_does_not_say_that_it_compares(state):
    panel = CrosscheckPanel(state)
    state.crosscheck = CrosscheckStatus(waiting=("librosa",))
    assert (panel.badge(), panel.static_badge()) == ("comparing\u2026", "")
    panel.close()
