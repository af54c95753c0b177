"""Batches of files as tasks of Dask: on a cluster of this machine or on a client's, with progress, and after faults.

A worker that dies takes a task with it, and Dask gives the task to another. A batch with which several workers die is
divided into its files. Dask also blames a task that only waited on a worker that died. So a file is reported only if
workers die with it once more while no other task of this run is submitted. The other files are computed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from specwidget.arrays import count_cpus
from specwidget.corpus.listing import ListedFile

Result = TypeVar("Result")
Batch = tuple[ListedFile, ...]

INSTALL = "Install it with: pip install 'specwidget[corpus]'"


LOST_SCHEDULER = (
    "The Dask scheduler stopped answering, or cancelled the tasks. What was written is kept: call again to continue."
)

MOST_ATTEMPTS = 5
"""Times that a batch is begun whose result is lost with a worker."""


class CorpusError(RuntimeError):
    """Raised where a run over a corpus can't go on; the message says what is done and what to do."""


@dataclass(frozen=True)
class _Task:
    """A batch that is computed: its index in the run, how often it was begun, and whether nothing runs beside it."""

    index: int
    batch: Batch
    attempt: int = 1
    is_alone: bool = False


def import_distributed() -> Any:
    """Import Dask's scheduler, or say how to install it."""
    try:
        import distributed
    except ImportError as error:
        raise CorpusError(f"Dask is missing. {INSTALL} ({error}).") from error
    return distributed


@contextmanager
def connected(client: Any, n_batches: int) -> Iterator[Any]:
    """Yield a client of Dask: the one that is given, or one of a cluster on this machine, closed at the end."""
    distributed = import_distributed()
    if client is not None:
        yield client
        return
    n_workers = max(1, min(count_cpus(), n_batches))
    with (
        # By default its pages are open to the network.
        distributed.LocalCluster(
            n_workers=n_workers, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster) as own,
    ):
        yield own


def run_batches(
    client: Any,
    function: Callable[..., Result],
    batches: Sequence[Batch],
    arguments: tuple[Any, ...],
    on_lost: Callable[[ListedFile], Result],
    *,
    progress: bool,
    title: str,
) -> Iterator[tuple[int, Result]]:
    """Run a function on batches of files, and yield each result with the index of its batch, as they are computed.

    Parameters
    ----------
    client : distributed.Client
        The client.
    function : callable
        Takes a batch and `arguments`.
    batches : sequence of tuple of ListedFile
        The batches.
    arguments : tuple
        The other arguments.
    on_lost : callable
        Returns the result for a file with which workers die.
    progress : bool
        Whether to show a progress bar of files.
    title : str
        What the bar says.

    Raises
    ------
    CorpusError
        If the scheduler is lost, or the function raised one.
    """
    from tqdm.auto import tqdm

    distributed = import_distributed()

    pending: dict[Any, _Task] = {}

    def submit(task: _Task) -> Any:
        # A pure name would make Dask return the result of an earlier run over the same files.
        future = client.submit(function, task.batch, *arguments, pure=False)
        pending[future] = task
        return future

    completed = distributed.as_completed([submit(_Task(*item)) for item in enumerate(batches)])
    suspects: list[_Task] = []
    with tqdm(total=sum(map(len, batches)), unit="file", desc=title, disable=not progress) as bar:
        try:
            for future in completed:
                task = pending.pop(future)
                found, error = _outcome_of(future)
                is_killer = isinstance(error, distributed.KilledWorker)
                again: list[_Task] = []
                if error is None or (is_killer and task.is_alone):
                    yield task.index, on_lost(task.batch[0]) if found is None else found
                    bar.update(len(task.batch))
                elif is_killer and len(task.batch) == 1:
                    suspects.append(_Task(task.index, task.batch, is_alone=True))
                elif is_killer:
                    again = [_Task(task.index, (file,)) for file in task.batch]
                elif isinstance(error, CancelledError) and client.status == "running" and task.attempt < MOST_ATTEMPTS:
                    # The result was on a worker that died. A batch that is repeated finds what it has written.
                    again = [replace(task, attempt=task.attempt + 1)]
                elif isinstance(error, CancelledError):
                    raise CorpusError(LOST_SCHEDULER)
                else:
                    raise error
                if suspects and not (pending or again):
                    again = [suspects.pop()]
                # A result that is held would be computed again with the worker that has it.
                future.release()
                for part in again:
                    completed.add(submit(part))
        finally:
            if pending and client.status == "running":
                client.cancel(list(pending), force=True)


def _outcome_of(future: Any) -> tuple[Any, BaseException | None]:
    """Return the result of a task, or why it has none: a `CancelledError` if its result or its scheduler was lost."""
    try:
        if future.status == "finished":
            return future.result(), None
        if future.status == "error" and (error := future.exception(timeout=10)) is not None:
            return None, error
    except (CancelledError, asyncio.CancelledError, TimeoutError, OSError):
        pass
    return None, CancelledError()
