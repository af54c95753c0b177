"""Debounced work: done once after a burst, by one thread, and again after a failure."""

import logging
import threading

from specwidget.widgets.debounce import Debouncer


def test_work_that_fails_is_logged_and_the_next_is_done(caplog):
    failed, done = threading.Event(), threading.Event()

    def work():
        if failed.is_set():
            done.set()
        else:
            failed.set()
            raise RuntimeError("once")

    debouncer = Debouncer(work, 0.001)
    try:
        with caplog.at_level(logging.ERROR):
            debouncer.request()
            assert failed.wait(5)
            debouncer.request()
            assert done.wait(5)
        assert "Debounced work failed" in caplog.text
    finally:
        debouncer.close()


def test_requests_in_a_burst_are_done_once():
    calls, done = [], threading.Event()
    debouncer = Debouncer(lambda: calls.append(1) or done.set(), 0.1)
    try:
        for _ in range(50):
            debouncer.request()
        assert done.wait(5)
        assert calls == [1]
    finally:
        debouncer.close()


def test_all_work_is_done_by_one_thread():
    threads, done = [], threading.Semaphore(0)
    debouncer = Debouncer(lambda: threads.append(threading.current_thread()) or done.release(), 0.001)
    try:
        for _ in range(3):
            debouncer.request()
            assert done.acquire(timeout=5)
        assert len(set(threads)) == 1
        assert threads[0].is_alive()
    finally:
        debouncer.close()
