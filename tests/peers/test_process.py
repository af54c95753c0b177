"""The cross-check process: it reports as `crosscheck` does, drops requests that are no longer wanted, and ends."""

import io
import sys
import threading
import time

import numpy as np
import pytest

from specwidget.peers import crosscheck, worker
from specwidget.peers.messages import read_message, report_from_message, report_to_message, write_message
from specwidget.peers.process import CrosscheckProcess, CrosscheckProcessError, worker_environment
from tests.peers.cases import make_layer, make_signal

pytestmark = pytest.mark.slow

NAMES = ("scipy-stft", "scipy-spectrogram")


@pytest.fixture
def process():
    """A cross-check process, ended after the test."""
    process = CrosscheckProcess()
    yield process
    process.close()


@pytest.fixture(scope="module")
def running():
    """A cross-check process for tests that leave it running."""
    process = CrosscheckProcess()
    yield process
    process.close()


def never():
    """Do not stop."""
    return False


@pytest.mark.parametrize("window", ["hann", ("kaiser", 8.6), np.hanning(100), None])
def test_the_reports_are_those_of_crosscheck(running, window):
    layer = make_layer("psd", (100, 37, 151), window=window, dtype="float64", data_format="channels_first")
    signal, results = make_signal(layer), []
    output = layer(signal)
    output[0, 3, 4] += 1
    assert running.run(layer.settings, signal, output, NAMES, results.append, never)
    expected = crosscheck(layer, signal, NAMES, output=output)
    assert [result.report for result in results] == list(expected.values())
    for result in results:
        assert np.array_equal(result.report.errors.shares, expected[result.peer].errors.shares)


def test_a_process_that_has_ended_is_started_again(process):
    layer = make_layer()
    signal = make_signal(layer)
    for _ in range(2):
        results = []
        assert process.run(layer.settings, signal, layer(signal), NAMES[:1], results.append, never)
        assert [result.report.verdict for result in results] == ["agrees"]
        process._process.kill()
        process._process.wait()


def test_a_stopped_run_returns_and_its_results_are_dropped(process):
    layer = make_layer()
    signal, results = make_signal(layer), []
    assert not process.run(layer.settings, signal, layer(signal), NAMES, results.append, lambda: True)
    process._messages.put(({"serial": 1, "done": True}, []))
    # The next run gets its own results, and none of the first.
    assert process.run(layer.settings, signal, layer(signal), NAMES[:1], results.append, never)
    assert [result.peer for result in results] == ["scipy-stft"]


def test_requests_of_several_threads_are_answered_one_after_the_other(running):
    layer = make_layer()
    signal = make_signal(layer)
    output = layer(signal)
    results = [[], [], []]
    threads = [
        threading.Thread(target=running.run, args=(layer.settings, signal, output, NAMES, each.append, never))
        for each in results
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [[result.peer for result in each] for each in results] == [list(NAMES)] * 3


def test_a_request_that_is_not_wanted_any_more_does_not_wait_for_its_turn(running):
    layer = make_layer()
    with running._turn:
        assert not running.run(layer.settings, None, None, NAMES, print, lambda: True)


def test_an_exception_in_the_worker_is_a_result(running):
    layer, results = make_layer(), []
    signal = make_signal(layer)
    assert running.run(layer.settings, signal, layer(signal)[:, :3], NAMES[:1], results.append, never)
    assert results[0].report is None
    assert results[0].failure.startswith("ValueError: ")


def test_a_process_that_dies_raises_an_error(process):
    layer = make_layer()
    signal = make_signal(layer)

    def kill(_answer):
        process._process.kill()

    with pytest.raises(CrosscheckProcessError, match="ended on its own"):
        process.run(layer.settings, signal, layer(signal), [NAMES[0]] * 50, kill, never)


def test_a_closed_process_raises_an_error(process):
    layer = make_layer()
    signal = make_signal(layer)
    process.close()
    with pytest.raises(CrosscheckProcessError, match="closed"):
        process.run(layer.settings, signal, layer(signal), NAMES, lambda answer: None, never)


def test_an_interpreter_that_does_not_exist_raises_an_error(process, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    layer = make_layer()
    with pytest.raises(CrosscheckProcessError, match="could not be started"):
        process.run(layer.settings, make_signal(layer), layer(make_signal(layer)), NAMES, lambda answer: None, never)


def test_the_worker_has_the_import_path_and_keras_s_backend(monkeypatch):
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


def test_the_worker_ends_when_its_input_ends():
    read, _write = io.BytesIO(), io.BytesIO()
    started = time.monotonic()
    worker.serve(read, io.BytesIO(), idle_timeout_s=30)
    assert time.monotonic() - started < 5


def test_the_worker_ends_after_its_idle_time():
    class Silent(io.BytesIO):
        def read(self, *_):
            threading.Event().wait(5)
            return b""

    started = time.monotonic()
    worker.serve(Silent(), io.BytesIO(), idle_timeout_s=0.05)
    assert time.monotonic() - started < 3


def test_a_newer_request_cancels_the_one_in_progress(monkeypatch):
    questions, answers = io.BytesIO(), io.BytesIO()
    layer = make_layer()
    signal = make_signal(layer)
    for serial in (1, 2):
        content = {"serial": serial, "settings": layer.settings.to_json(), "peers": list(NAMES)}
        write_message(questions, content, [signal, layer(signal)])
    questions.seek(0)
    # The listener is through before the first answer begins; the end of the stream would count as newer, too.
    listen = worker._read_requests

    def without_end(incoming, queue):
        listen(incoming, type("Open", (), {"put": lambda self, each: each and queue.put(each)})())

    monkeypatch.setattr(worker, "_read_requests", without_end)
    monkeypatch.setattr(
        worker.threading,
        "Thread",
        lambda target, args, daemon: type("Now", (), {"start": lambda self: target(*args)})(),
    )
    worker.serve(questions, answers, idle_timeout_s=0.01)
    answers.seek(0)
    said = []
    while (message := read_message(answers)) is not None:
        said.append((message[0]["serial"], message[0].get("peer", "done")))
    assert said == [(2, "scipy-stft"), (2, "scipy-spectrogram"), (2, "done")]


def test_a_report_is_the_same_after_a_message():
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
