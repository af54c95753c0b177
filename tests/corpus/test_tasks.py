"""Batches as tasks, after faults, with a stand-in for Dask's client. `test_faults.py` has real workers that die."""

from types import SimpleNamespace

import distributed
import pytest

from specwidget.corpus import tasks
from specwidget.corpus.listing import ListedFile

FILES = tuple(ListedFile(f"{i}.wav", 1, 0) for i in range(8))
KILLER = "5.wav"


class Future:
    """A task whose outcome is known when it is taken."""

    def __init__(self, batch):
        self.batch, self.error = batch, None

    @property
    def status(self):
        return "finished" if self.error is None else "error"

    def result(self):
        return tuple(file.path for file in self.batch)

    def exception(self, timeout):
        return self.error

    def release(self):
        pass


class Client:
    """Runs tasks in order. The killer takes every task with it that waits: all are blamed."""

    status = "running"

    def __init__(self):
        self.waiting = []

    def submit(self, function, batch, *arguments, pure):
        future = Future(batch)
        self.waiting.append(future)
        return future

    def take(self):
        future = self.waiting[0]
        if any(file.path == KILLER for file in future.batch):
            for each in self.waiting:
                each.error = distributed.KilledWorker("task", None, 0)
        return self.waiting.pop(0)

    def cancel(self, futures, *, force):
        raise AssertionError("cancelled")


@pytest.fixture
def client(monkeypatch):
    """Return the client whose tasks are completed in order."""
    client = Client()

    class Completed:
        def __init__(self, futures):
            pass

        def add(self, future):
            pass

        def __iter__(self):
            while client.waiting:
                yield client.take()

    known = SimpleNamespace(as_completed=Completed, KilledWorker=distributed.KilledWorker)
    monkeypatch.setattr(tasks, "import_distributed", lambda: known)
    return client


@pytest.mark.parametrize("size", [1, 2, 8])
def test_a_file_is_reported_only_if_workers_die_with_it_alone(client, size):
    batches = [FILES[i : i + size] for i in range(0, len(FILES), size)]
    lost = []

    def report(file):
        lost.append(file.path)
        return (file.path,)

    results = list(tasks.run_batches(client, None, batches, (), report, progress=False, title="test"))
    assert lost == [KILLER]
    assert sorted(path for _, paths in results for path in paths) == [file.path for file in FILES]
    assert all(FILES[index * size].path <= path for index, paths in results for path in paths)
