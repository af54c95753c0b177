"""Batches of files as tasks of Dask: on a cluster of this machine or on a client's, with progress, and after faults.

A worker that dies takes a task with it, and Dask gives the task to another. A batch that kills several workers is
divided into its files, and a file that does so by itself is reported, so that it stops nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
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

    def submit(batch: Batch) -> Any:
        # A pure name would make Dask return the result of an earlier run over the same files.
        return client.submit(function, batch, *arguments, pure=False)

    pending = {submit(batch): (index, batch, 1) for index, batch in enumerate(batches)}
    completed = distributed.as_completed(list(pending))
    with tqdm(total=sum(map(len, batches)), unit="file", desc=title, disable=not progress) as bar:
        try:
            for future in completed:
                index, batch, attempt = pending.pop(future)
                found, error = _outcome_of(future)
                is_killer = isinstance(error, distributed.KilledWorker)
                again: list[tuple[Batch, int]] = []
                if error is None or (is_killer and len(batch) == 1):
                    yield index, on_lost(batch[0]) if found is None else found
                    bar.update(len(batch))
                elif is_killer:
                    again = [((file,), 1) for file in batch]
                elif isinstance(error, CancelledError) and client.status == "running" and attempt < MOST_ATTEMPTS:
                    # The result was on a worker that died. A batch that is repeated finds what it has written.
                    again = [(batch, attempt + 1)]
                elif isinstance(error, CancelledError):
                    raise CorpusError(LOST_SCHEDULER)
                else:
                    raise error
                for part, n_attempts in again:
                    repeated = submit(part)
                    pending[repeated] = (index, part, n_attempts)
                    completed.add(repeated)
                future.release()
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
