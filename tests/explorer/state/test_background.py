"""Background jobs: what they take and publish under the lock, what cancels them, and what they leave."""

import logging
import threading
from types import SimpleNamespace

import pytest

from specwidget.explorer.state import background
from specwidget.explorer.state.background import CrosscheckJob, Refinement
from specwidget.explorer.state.inputs import UpdateLock
from specwidget.mel.settings import MelSettings
from specwidget.mel.stages import BandSettings
from specwidget.peers.band_peers import BAND_PEERS
from specwidget.raster.columns import Cancelled
from specwidget.stft.settings import STFTSettings
from specwidget.summary.crosscheck_status import CrosscheckStatus, peers_to_compare
from specwidget.widgets import debounce


@pytest.fixture
def lock():
    """Return the lock of a state without changes."""
    lock = UpdateLock(lambda: None)
    lock.is_pending = False
    yield lock
    lock.close()


def is_free(lock):
    """Whether another thread could take the lock."""
    found = []
    thread = threading.Thread(target=lambda: found.append(lock._lock.acquire(blocking=False)))
    thread.start()
    thread.join()
    if found[0]:
        # An RLock belongs to its thread, which has ended; a new one takes its place.
        lock._lock = threading.RLock()
    return found[0]


class Work:
    """Derived state with a list of jobs; remembers what happened, and whether the lock was free then."""

    def __init__(self, lock, *jobs):
        self.lock, self.jobs, self.events = lock, list(jobs), []
        self.token = object()
        self.refinement = Refinement(
            lock, self, lambda outputs: self.note(*outputs), lambda: self.note("refined"), lambda text: self.note(text)
        )

    def note(self, *events):
        self.events += [(event, is_free(self.lock)) for event in events]

    def overview(self):
        return ["overview"]

    def next_job(self):
        return self.jobs.pop(0) if self.jobs else None


def job(work_of, name, *, before=lambda work: None, result=None):
    """Return a job that notes that it runs and that it is stored."""

    def run(is_cancelled):
        work = work_of()
        before(work)
        work.note(f"{name}, {'cancelled' if is_cancelled() else 'wanted'}")
        if result is not None:
            raise result
        return lambda: work.note(f"store {name}")

    return run


def refine(lock, *arguments, **keywords):
    """Run the jobs `a`, made with these arguments, and `b`; return what happened."""
    holder = []
    work = Work(lock, job(lambda: holder[0], "a", *arguments, **keywords), job(lambda: holder[0], "b"))
    holder.append(work)
    work.refinement.run()
    return work.events


def test_jobs_are_done_one_after_the_other_outside_the_lock_and_stored_in_it(lock):
    once = [("overview", False), ("{0}, wanted", True), ("store {0}", False), ("refined", False)]
    expected = [(text.format(name), free) for name in "ab" for text, free in once]
    assert refine(lock) == [*expected, ("overview", False)]


def test_a_job_for_another_picture_is_cancelled_and_not_stored(lock):
    def replace_token(work):
        work.token = object()

    assert [event for event, _ in refine(lock, before=replace_token)] == ["overview", "a, cancelled"]


def test_closing_cancels_the_job_and_starts_no_other(lock):
    assert [event for event, _ in refine(lock, before=lambda work: work.refinement.close())] == [
        "overview",
        "a, cancelled",
    ]
    work = Work(lock, job(None, "a"))
    work.refinement.close()
    work.refinement.run()
    assert work.events == []


def test_a_cancelled_job_ends_without_a_word_and_a_failed_one_with_a_sentence(lock, caplog):
    assert [event for event, _ in refine(lock, result=Cancelled())] == ["overview", "a, wanted"]
    with caplog.at_level(logging.ERROR):
        *events, (sentence, is_outside) = refine(lock, result=ValueError("`epsilon` must be less."))
    assert [event for event, _ in events] == ["overview", "a, wanted"]
    assert sentence == "The exact spectrogram could not be computed. `epsilon` must be less."
    assert is_outside
    assert "could not be computed" in caplog.text
    with pytest.raises(ZeroDivisionError):
        refine(lock, result=ZeroDivisionError())


def test_a_request_is_followed_by_the_work(lock):
    work, done = Work(lock), threading.Event()
    work.overview = lambda: done.set() or []
    work.refinement.request()
    assert done.wait(60)
    work.refinement.close()


class Check:
    """A cross-check job, what it published and requested, and how `run_crosscheck` was called."""

    def __init__(self, lock, monkeypatch):
        self.published, self.n_requests, self.calls, self.now = [], 0, [], 100.0
        self.computation = SimpleNamespace(layer="layer", sound="sound", settings=STFTSettings())
        picture = SimpleNamespace(channel_index=(2, 1))
        displayed = SimpleNamespace(computation=self.computation, choices=SimpleNamespace(picture=picture))
        self.derived = SimpleNamespace(displayed=displayed, current=self.computation, next_job=lambda: None)
        self.lock, self.job = lock, CrosscheckJob(lock, self.derived, self.published.append)
        monkeypatch.setattr(self.job._debouncer, "request", self.request)
        monkeypatch.setattr(background, "run_crosscheck", self.run_crosscheck)
        monkeypatch.setattr(background, "time", SimpleNamespace(monotonic=lambda: self.now))
        self.is_done, self.during = True, lambda: None

    def request(self):
        self.n_requests += 1

    def run_crosscheck(self, process, layer, sound, index, peers, publish, stop):
        self.calls.append((process, layer, sound, index, peers))
        self.during()
        publish(lambda status: status.with_failure(peers[0], "text"))
        self.calls.append(stop())
        return self.is_done


@pytest.fixture
def check(lock, monkeypatch):
    """Return a cross-check of a computation that is displayed, after a restart."""
    check = Check(lock, monkeypatch)
    check.job.restart()
    return check


def test_a_restart_forgets_the_results_and_waits_for_the_quick_peers(check):
    quick = peers_to_compare(())
    assert check.job.status == CrosscheckStatus(waiting=quick)
    assert (check.published, check.n_requests) == ([check.job.status], 1)
    check.job.run()
    assert check.job.status.failures
    check.job.restart()
    assert check.job.status == CrosscheckStatus(waiting=quick)


def test_before_the_first_result_nothing_is_known_and_a_restart_compares_by_itself(lock, monkeypatch):
    compared = threading.Event()
    displayed = SimpleNamespace(
        computation=SimpleNamespace(layer=None, sound=None, settings=STFTSettings()),
        choices=SimpleNamespace(picture=SimpleNamespace(channel_index=(0, 0))),
    )
    derived = SimpleNamespace(displayed=displayed, current=displayed.computation, next_job=lambda: None)
    monkeypatch.setattr(background, "run_crosscheck", lambda *_: compared.set() or True)
    job = CrosscheckJob(lock, derived, lambda status: None)
    assert job.status == CrosscheckStatus()
    job.restart()
    assert compared.wait(60)
    job.close()


def test_what_is_displayed_is_compared_and_each_result_published(check):
    check.job.run()
    quick = peers_to_compare(())
    assert check.calls == [(background.SHARED_PROCESS, "layer", "sound", (2, 1), quick), False]
    assert check.published[-1] is check.job.status
    assert check.job.status.failures == {quick[0]: "text"}
    assert check.job.status.waiting == quick[1:]
    assert check.n_requests == 1


def test_nothing_is_compared_where_nothing_is_displayed_or_waits_or_after_closing(check):
    displayed, check.derived.displayed = check.derived.displayed, None
    check.job.run()
    check.derived.displayed = displayed
    check.job.status = CrosscheckStatus()
    check.job.run()
    check.job.restart()
    check.job.close()
    check.job.run()
    assert check.calls == []


@pytest.mark.parametrize("cause", ["another computation", "a change that waits", "closing"])
def test_a_result_for_what_is_no_longer_displayed_is_dropped(check, cause):
    def supersede():
        if cause == "another computation":
            check.derived.current = object()
        elif cause == "closing":
            check.job.close()
        else:
            check.lock.is_pending = True

    n_published, check.during, check.is_done = len(check.published), supersede, False
    check.job.run()
    assert check.calls[1] is True
    assert len(check.published) == n_published
    # Only a change of the display, which starts no other comparison, leaves the rest to this job.
    assert check.n_requests == (2 if cause == "a change that waits" else 1)


def test_an_exact_picture_has_priority_for_some_seconds(check):
    check.derived.next_job = lambda: "job"
    check.now += background.REFINE_PRIORITY_S - 0.01
    check.job.run()
    assert (check.calls, check.n_requests) == ([], 2)
    check.now += 0.01
    check.job.run()
    assert (len(check.calls), check.n_requests) == (2, 2)


def test_an_exact_picture_is_not_waited_for(check):
    check.job.run()
    assert (len(check.calls), check.n_requests) == (2, 1)


def test_requested_peers_are_added_once_and_stay(check):
    quick = peers_to_compare(())
    check.job.run()
    check.job.request_peers(["keras"])
    assert check.job.status.waiting == (*quick[1:], "keras")
    assert check.job.status.failures == {quick[0]: "text"}
    assert (check.published[-1], check.n_requests) == (check.job.status, 2)
    check.job.request_peers(["keras"])
    assert (check.job.status.waiting, check.n_requests) == ((*quick[1:], "keras"), 2)
    check.job.request_peers(["keras", "torch"])
    check.job.restart()
    assert check.job.status.waiting == peers_to_compare(("keras", "torch"))
    assert {"keras", "torch"} <= set(check.job.status.waiting)


def test_peers_that_are_requested_before_the_first_result_wait_for_it(lock, monkeypatch):
    check = Check(lock, monkeypatch)
    check.derived.current = None
    check.job.request_peers(["torch"])
    assert (check.published, check.n_requests) == ([], 0)
    check.job.restart()
    assert "torch" in check.job.status.waiting


def test_a_stage_after_the_transform_is_compared_with_its_own_peers(check):
    check.computation.settings = BandSettings(MelSettings())
    check.job.request_peers(["keras", "torch"])
    check.job.restart()
    expected = CrosscheckStatus(waiting=peers_to_compare(("keras",), BAND_PEERS), peers=BAND_PEERS)
    assert check.job.status == expected
    assert "keras" in expected.waiting


def test_peers_that_are_requested_alone_do_not_wait_for_an_exact_picture(lock, monkeypatch):
    # Without comparisons of its own the explorer never restarts the job.
    check = Check(lock, monkeypatch)
    check.derived.next_job = lambda: "job"
    check.job.request_peers(["torch"])
    check.job.run()
    assert check.calls[0][-1] == ("torch",)


@pytest.mark.parametrize(
    "make", [lambda lock: Refinement(lock, *[None] * 4), lambda lock: CrosscheckJob(lock, None, None)]
)
def test_a_burst_of_requests_is_one_run(lock, monkeypatch, make):
    debouncer, now = make(lock)._debouncer, [0.0]
    monkeypatch.setattr(debounce, "time", SimpleNamespace(monotonic=lambda: now[0]))
    due = []
    for now[0] in (0.0, 0.01, 0.02):
        debouncer.request()
        due.append(debouncer._due - now[0])
    # Each request begins the wait anew.
    assert due == pytest.approx([debouncer._delay] * 3)
    assert debouncer._delay in (background.REFINE_DELAY_S, background.CROSSCHECK_DELAY_S)
