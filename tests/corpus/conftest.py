"""A client whose workers are threads of this process, and a small corpus."""

from __future__ import annotations

import pytest

from tests.corpus.recordings import write_noise


@pytest.fixture(scope="session")
def client():
    """Return a client of two workers in this process, which starts at once."""
    import distributed

    with distributed.Client(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0"
    ) as client:
        yield client


@pytest.fixture
def corpus_folder(tmp_path):
    """Return a folder of twelve recordings of noise."""
    folder = tmp_path / "sounds"
    for i in range(12):
        write_noise(folder / f"{i:02d}.wav", 1000 + 300 * i, seed=i)
    return folder
