"""What is lost when processes are killed and the disk is full: nothing that was whole, and nothing is there twice."""

import os
import resource
import signal
import subprocess
import sys
import textwrap
import threading
from contextlib import contextmanager

import distributed
import numpy as np
import pytest
import soundfile

import specwidget
from specwidget.corpus import CorpusError, WriteReport, survey, write
from specwidget.corpus.store import locked, read_parts
from tests.corpus.recordings import write_noise
from tests.corpus.test_writing import MEL, check
from tests.waiting import wait_until

N_FILES = 24


@pytest.fixture
def store(tmp_path):
    return tmp_path / "features.zarr"


@pytest.fixture
def paths(tmp_path, monkeypatch):
    """Return the files of a corpus that takes twelve tasks."""
    monkeypatch.setattr("specwidget.corpus.listing.BATCH_FILES", 2)
    return [write_noise(tmp_path / "sounds" / f"{i:02d}.flac", 300_000, seed=i) for i in range(N_FILES)]


@pytest.fixture
def cluster(request):
    """Return a cluster of two processes, which gives a task up with the first or second worker that dies."""
    import dask

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": getattr(request, "param", 1)}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1", silence_logs=50
        ) as cluster,
    ):
        yield cluster


def has_part(store):
    """Return whether a store has a whole part."""
    return (store / "parts").exists() and bool(read_parts(store))


@contextmanager
def when_written(store, function):
    """Call a function beside a block, as soon as a store has a whole part; not at all if the block fails before."""
    is_over = threading.Event()

    def watch():
        while not is_over.wait(0.005):
            if has_part(store):
                function()
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
        thread.join(60)
    finally:
        is_over.set()
        thread.join(60)


@pytest.mark.slow
def test_workers_that_are_killed_lose_nothing(paths, store, cluster):
    with distributed.Client(cluster) as client:
        pids = list(client.run(os.getpid).values())

        def kill():
            for pid in pids:
                os.kill(pid, signal.SIGKILL)

        with when_written(store, kill):
            report = write(paths, MEL, store, client=client, progress=False)
    assert (report.n_written, report.problems) == (N_FILES, {})
    check(store, MEL, paths)


class DeadlyFile(distributed.WorkerPlugin):
    """Kills each worker that reads a file, as one that runs out of memory would be."""

    def setup(self, worker):
        from specwidget.corpus import file_survey, writing

        for module in (file_survey, writing):
            read = module.read_recording

            def read_or_die(path, *arguments, read=read):
                if "05" in os.path.basename(path):  # noqa: PTH119
                    os.kill(os.getpid(), signal.SIGKILL)
                return read(path, *arguments)

            module.read_recording = read_or_die


# With the first, as then each task is blamed that waits on a worker that dies.
@pytest.mark.slow
@pytest.mark.parametrize("cluster", [0], indirect=True)
def test_a_file_that_kills_workers_is_listed_and_stops_nothing(paths, store, cluster):
    with distributed.Client(cluster) as client:
        client.register_plugin(DeadlyFile())
        report = write(paths, MEL, store, client=client, progress=False)
        assert report.n_written == N_FILES - 1
        assert "with which workers died" in report.problems[str(paths[5])]
        found = survey(paths, client=client, progress=False)
    assert [file.path for file in found.unreadable] == [str(paths[5])]
    check(store, MEL, [path for path in paths if path != paths[5]])


@pytest.mark.slow
def test_a_scheduler_that_is_killed_ends_in_a_sentence_and_the_rest_is_written_later(paths, store, client, tmp_path):
    address_file = tmp_path / "scheduler.json"
    options = ["--scheduler-file", str(address_file)]
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", *options, "--host", "127.0.0.1", "--port", "0"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", *options, "--nworkers", "1", "--nthreads", "1"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scheduler = subprocess.Popen([*command, "--no-dashboard"], **quiet)
    workers = subprocess.Popen([*worker, "--no-dashboard", "--death-timeout", "120"], **quiet)
    with scheduler, workers:
        try:
            with distributed.Client(scheduler_file=str(address_file), timeout="120s") as remote:
                failure = pytest.raises(CorpusError, match="What was written is kept: call again to continue")
                with when_written(store, scheduler.kill), failure:
                    write(paths, MEL, store, client=remote, progress=False)
        finally:
            scheduler.kill()
            workers.terminate()
    report = write(paths, MEL, store, client=client, progress=False)
    assert report.n_kept >= 2
    assert report.n_written + report.n_kept == N_FILES
    check(store, MEL, paths)


@pytest.mark.slow
def test_a_run_that_is_killed_is_continued(paths, store, client):
    program = textwrap.dedent(
        """
        import sys
        import specwidget
        from specwidget.corpus import listing, write

        if __name__ == "__main__":
            listing.BATCH_FILES = 2
            layer = specwidget.MelSpectrogram(512, 160, 400, num_mel_bins=20)
            write(sys.argv[1], layer, sys.argv[2], progress=False)
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(paths[0].parent), str(store)], start_new_session=True
    ) as process:
        wait_until(lambda: has_part(store) or process.poll() is not None, 240)
        assert process.poll() is None, "ended before anything was written"
        os.killpg(process.pid, signal.SIGKILL)
    report = write(paths, MEL, store, client=client, progress=False)
    assert report.n_kept >= 2
    assert report.n_written + report.n_kept == N_FILES
    check(store, MEL, paths)


@pytest.mark.slow
def test_a_writer_that_is_killed_leaves_no_lock(tmp_path, store, client, paths):
    program = f"""
import time
from pathlib import Path
from specwidget.corpus.store import locked
with locked(Path({str(store)!r})):
    print("locked", flush=True)
    time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"locked\n"
        with pytest.raises(CorpusError, match="must have one writer at a time"):
            write(paths, MEL, store, client=client, progress=False)
        process.kill()
    assert write(paths, MEL, store, client=client, progress=False) == WriteReport(N_FILES, 0)


@pytest.fixture
def full_disk():
    """Let no file grow beyond 64 KiB, as a full disk would."""
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, limits[1]))
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, before)


def test_a_full_disk_ends_in_a_sentence_and_the_rest_is_written_later(client, tmp_path, store, request):
    short = write_noise(tmp_path / "a" / "short.wav", 4000)
    long = write_noise(tmp_path / "b" / "long.wav", 300_000)
    assert write(short, MEL, store, client=client, progress=False).n_written == 1
    free = request.getfixturevalue("full_disk")
    with pytest.raises(CorpusError, match=r"What is whole is kept\. Free some space, and call write again"):
        write([short, long], MEL, store, client=client, progress=False)
    free()
    assert write([short, long], MEL, store, client=client, progress=False) == WriteReport(1, 1)
    check(store, MEL, [short, long])


def test_a_part_that_another_run_deletes_is_not_finished(client, tmp_path, store, monkeypatch):
    path = write_noise(tmp_path / "a.wav", 4000)
    finish = specwidget.corpus.writing.PartWriter.finish

    def delete_and_finish(self, recordings):
        (self._folder / "zarr.json").unlink()
        finish(self, recordings)

    monkeypatch.setattr(specwidget.corpus.writing.PartWriter, "finish", delete_and_finish)
    with pytest.raises(CorpusError, match="was deleted while it was written"):
        write(path, MEL, store, client=client, progress=False)
    assert read_parts(store) == {}


MEMORY = """
import sys
import specwidget
from specwidget.corpus.features import settings_document
from specwidget.corpus.file_survey import survey_batch
from specwidget.corpus.listing import list_files
from specwidget.corpus.store import open_store
from specwidget.corpus.writing import write_batch
from pathlib import Path

layer = specwidget.MelSpectrogram(512, 160, 400, num_mel_bins=80)
document = settings_document(layer)
store = Path(sys.argv[2])
open_store(store, document, resume=True)
files = tuple(list_files(sys.argv[1]))
report = write_batch(files, str(store), document, None, False)
assert report.n_written == 1, report
assert survey_batch(files, document).files[0].n_frames == 360001
# What getrusage says includes the memory of the process that started this one.
print(next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")))
"""


@pytest.mark.slow
def test_an_hour_takes_less_than_200_mib(tmp_path, store):
    path = tmp_path / "hour.wav"
    minute = (0.1 * np.random.default_rng(0).standard_normal(60 * 16_000)).astype("float32")
    with soundfile.SoundFile(path, "w", 16_000, 1) as file:
        for _ in range(60):
            file.write(minute)
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(path), str(store)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) / 1024 < 200


def test_two_runs_at_once_write_nothing_twice(client, paths, store):
    with locked(store), pytest.raises(CorpusError, match="must have one writer at a time"):
        write(paths, MEL, store, client=client, progress=False)
    assert not (store / "parts").exists()
