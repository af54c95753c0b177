"""The process that compares: it answers as `crosscheck` does, drops what is no longer asked, and ends."""

import io
import sys
import threading
import time

import numpy as np
import pytest

from specwidget.peers import crosscheck, worker
from specwidget.peers.messages import read_message, report_from_message, report_to_message, write_message
from specwidget.peers.process import Checker, CheckError, worker_environment
from tests.peers.cases import make_layer, make_signal

NAMES = ("scipy-stft", "scipy-spectrogram")


@pytest.fixture
def checker():
    """A checker, ended after the test."""
    checker = Checker()
    yield checker
    checker.close()


@pytest.fixture(scope="module")
def running():
    """A checker for tests that leave its process running."""
    checker = Checker()
    yield checker
    checker.close()


def never():
    """Whether to stop."""
    return False


@pytest.mark.parametrize("window", ["hann", ("kaiser", 8.6), np.hanning(100), None])
def test_the_answers_are_those_of_the_cross_check(running, window):
    layer = make_layer("psd", (100, 37, 151), window=window, dtype="float64", data_format="channels_first")
    signal, answers = make_signal(layer), []
    output = layer(signal)
    output[0, 3, 4] += 1
    assert running.ask(layer.settings, signal, output, NAMES, answers.append, never)
    expected = crosscheck(layer, signal, NAMES, output=output)
    assert [answer.report for answer in answers] == list(expected.values())
    for answer in answers:
        assert np.array_equal(answer.report.errors.shares, expected[answer.peer].errors.shares)


def test_a_process_that_has_ended_is_started_again(checker):
    layer = make_layer()
    signal = make_signal(layer)
    for _ in range(2):
        answers = []
        assert checker.ask(layer.settings, signal, layer(signal), NAMES[:1], answers.append, never)
        assert [answer.report.verdict for answer in answers] == ["agrees"]
        checker._process.kill()
        checker._process.wait()


def test_nothing_is_waited_for_that_is_not_wanted_any_more(checker):
    layer = make_layer()
    signal, answers = make_signal(layer), []
    assert not checker.ask(layer.settings, signal, layer(signal), NAMES, answers.append, lambda: True)
    checker._answers.put(({"serial": 1, "done": True}, []))
    # The next question gets its own answers, and none of the first.
    assert checker.ask(layer.settings, signal, layer(signal), NAMES[:1], answers.append, never)
    assert [answer.peer for answer in answers] == ["scipy-stft"]


def test_what_fails_is_an_answer(running):
    layer, answers = make_layer(), []
    signal = make_signal(layer)
    assert running.ask(layer.settings, signal, layer(signal)[:, :3], NAMES[:1], answers.append, never)
    assert answers[0].report is None
    assert answers[0].failure.startswith("ValueError: ")


def test_a_process_that_dies_under_way_is_told(checker):
    layer = make_layer()
    signal = make_signal(layer)

    def kill(_answer):
        checker._process.kill()

    with pytest.raises(CheckError, match="has ended on its own"):
        checker.ask(layer.settings, signal, layer(signal), [NAMES[0]] * 50, kill, never)


def test_a_closed_checker_answers_nothing(checker):
    layer = make_layer()
    signal = make_signal(layer)
    checker.close()
    with pytest.raises(CheckError, match="closed"):
        checker.ask(layer.settings, signal, layer(signal), NAMES, lambda answer: None, never)


def test_no_python_to_start_is_told(checker, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    layer = make_layer()
    with pytest.raises(CheckError, match="could not be started"):
        checker.ask(layer.settings, make_signal(layer), layer(make_signal(layer)), NAMES, lambda answer: None, never)


def test_the_worker_takes_the_path_and_keras_s_backend(monkeypatch):
    class Keras:
        class config:
            @staticmethod
            def backend():
                return "jax"

    monkeypatch.setitem(sys.modules, "keras", Keras)
    monkeypatch.syspath_prepend("/somewhere/special")
    environment = worker_environment()
    assert environment["KERAS_BACKEND"] == "jax"
    assert environment["PYTHONPATH"].startswith("/somewhere/special")


def test_the_worker_ends_when_nobody_asks():
    read, _write = io.BytesIO(), io.BytesIO()
    started = time.monotonic()
    worker.serve(read, io.BytesIO(), patience=30)
    assert time.monotonic() - started < 5


def test_the_worker_ends_of_patience():
    class Silent(io.BytesIO):
        def read(self, *_):
            threading.Event().wait(5)
            return b""

    started = time.monotonic()
    worker.serve(Silent(), io.BytesIO(), patience=0.05)
    assert time.monotonic() - started < 3


def test_a_newer_question_ends_the_one_under_way(monkeypatch):
    questions, answers = io.BytesIO(), io.BytesIO()
    layer = make_layer()
    signal = make_signal(layer)
    for serial in (1, 2):
        content = {"serial": serial, "settings": layer.settings.to_dict(), "peers": list(NAMES)}
        write_message(questions, content, [signal, layer(signal)])
    questions.seek(0)
    # The listener is through before the first answer begins; the end of the stream would count as newer, too.
    listen = worker._listen

    def without_end(incoming, queue):
        listen(incoming, type("Open", (), {"put": lambda self, each: each and queue.put(each)})())

    monkeypatch.setattr(worker, "_listen", without_end)
    monkeypatch.setattr(
        worker.threading,
        "Thread",
        lambda target, args, daemon: type("Now", (), {"start": lambda self: target(*args)})(),
    )
    worker.serve(questions, answers, patience=0.01)
    answers.seek(0)
    said = []
    while (message := read_message(answers)) is not None:
        said.append((message[0]["serial"], message[0].get("peer", "done")))
    assert said == [(2, "scipy-stft"), (2, "scipy-spectrogram"), (2, "done")]


def test_a_report_survives_the_way():
    layer = make_layer("log")
    signal = make_signal(layer)
    output = layer(signal)
    output[0, 0, 0] = np.nan
    report = crosscheck(layer, signal, ["librosa"], output=output)["librosa"]
    stream = io.BytesIO()
    write_message(stream, *report_to_message(report))
    stream.seek(0)
    found = report_from_message(*read_message(stream))
    assert found == report
    assert found.share_of_tolerance == np.inf
    assert np.array_equal(found.errors.shares, report.errors.shares)
