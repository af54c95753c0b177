"""The time of a search, and whoever watches it."""

import threading
import time

import numpy as np
import pytest

from specwidget import identify
from specwidget.matching.budget import Budget, OutOfTimeError


def test_no_time_is_left_after_it_is_used(monkeypatch):
    now = [5.0]
    monkeypatch.setattr("time.thread_time", lambda: now[0])
    seen = []
    budget = Budget(2.0, seen.append)
    now[0] = 6.0
    budget.check()
    part = budget.part(10.0)
    assert (budget.left, part.left) == (1.0, 1.0)
    now[0] = 7.5
    with pytest.raises(OutOfTimeError):
        part.check()
    with pytest.raises(OutOfTimeError):
        budget.check()
    # A part tells the share of the whole.
    assert seen == [0.5, 1.0, 1.0]


def test_the_work_of_other_threads_is_not_counted():
    budget, before = Budget(100.0), time.process_time()

    def work():
        while time.process_time() < before + 0.2:
            pass

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert budget.left > 99.9


def test_whoever_watches_can_end_the_search():
    class EndedError(Exception):
        pass

    shares = []

    def watch(share):
        shares.append(share)
        if share > 0.01:
            raise EndedError

    rng = np.random.default_rng(0)
    with pytest.raises(EndedError):
        identify(rng.random((60, 80)), rng.standard_normal(16_000), 16_000, progress=watch)
    assert shares == sorted(shares)
    assert 0.01 < shares[-1] < 0.5
