"""`specwidget corpus`: what it prints, saves and returns."""

import contextlib
import json

import distributed
import pytest

import specwidget
from specwidget.cli import corpus, main
from specwidget.corpus import Survey, load
from specwidget.export import save_settings
from tests.corpus.recordings import write_noise


@pytest.fixture(scope="module")
def workers():
    """Return a client with two threads as workers."""
    with distributed.Client(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0"
    ) as client:
        yield client


@pytest.fixture(autouse=True)
def _threads_for_workers(workers, monkeypatch, request):
    """Let workers be threads of this process, which start at once."""
    if request.node.get_closest_marker("slow") is None:
        monkeypatch.setattr(corpus, "connected", lambda _arguments: contextlib.nullcontext(workers))


@pytest.fixture
def folder(tmp_path):
    for i in range(3):
        write_noise(tmp_path / "sounds" / f"{i}.wav", 4000, seed=i)
    return tmp_path / "sounds"


@pytest.fixture
def settings(tmp_path):
    save_settings(specwidget.MelSpectrogram(512, 160, num_mel_bins=20), tmp_path / "front-end.json")
    return str(tmp_path / "front-end.json")


def test_a_survey_is_printed(folder, settings, capsys):
    assert main(["corpus", "survey", str(folder), "--settings", settings]) == 0
    printed = capsys.readouterr()
    assert "3 files" in printed.out
    assert "Normalise by mean" in printed.out
    assert "3/3" in printed.err


def test_without_settings_there_is_no_layer(folder, capsys):
    assert main(["corpus", "survey", str(folder), "--json", "--quiet"]) == 0
    found = Survey.from_dict(json.loads(capsys.readouterr().out))
    assert found.settings is None
    assert len(found.files) == 3


def test_a_file_that_cannot_be_read_is_exit_status_1(folder, capsys):
    (folder / "bad.wav").write_bytes(b"")
    assert main(["corpus", "survey", str(folder), "--quiet"]) == 1
    assert main(["corpus", "write", str(folder), str(folder / "f.zarr"), "--quiet"]) == 1
    assert "bad.wav" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", [".json", ".parquet", pytest.param(".html", marks=pytest.mark.slow)])
def test_a_report_is_saved(suffix, folder, tmp_path, workers, monkeypatch):
    monkeypatch.setattr(corpus, "connected", lambda _arguments: contextlib.nullcontext(workers))
    path = tmp_path / f"report{suffix}"
    assert main(["corpus", "survey", str(folder), "--quiet", "-o", str(path)]) == 0
    assert path.stat().st_size > 500


@pytest.mark.parametrize("output", ["report.txt", "missing/report.html"])
def test_a_report_that_cannot_be_saved_is_refused_first(output, folder, capsys):
    assert main(["corpus", "survey", str(folder), "--quiet", "-o", output]) == 2
    assert "`--output` must" in capsys.readouterr().err


def test_features_are_written_and_kept(folder, settings, tmp_path, capsys):
    command = ["corpus", "write", str(folder), str(tmp_path / "features.zarr"), "--settings", settings, "--quiet"]
    assert main(command) == 0
    assert main(command) == 0
    assert capsys.readouterr().out.splitlines() == [
        "3 recordings written, 0 kept, 0 not written.",
        "0 recordings written, 3 kept, 0 not written.",
    ]
    assert len(load(tmp_path / "features.zarr")) == 3


def test_zero_files_and_other_settings_are_usage_errors(folder, tmp_path, settings, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["corpus", "survey", str(tmp_path / "empty")]) == 2
    store = str(tmp_path / "features.zarr")
    assert main(["corpus", "write", str(folder), store, "--settings", settings, "--quiet"]) == 0
    assert main(["corpus", "write", str(folder), store, "--mode", "psd"]) == 2
    errors = capsys.readouterr().err
    assert "specwidget corpus: `files` must name at least 1 sound file" in errors
    assert "`layer` must have the settings of the store" in errors


@pytest.mark.slow
def test_a_scheduler_that_does_not_run_is_a_usage_error(folder, capsys):
    assert main(["corpus", "survey", str(folder), "--scheduler", "tcp://127.0.0.1:1"]) == 2
    assert "`--scheduler` must be that of a running scheduler" in capsys.readouterr().err


@pytest.mark.slow
def test_both_commands_run_on_a_cluster_of_this_machine(folder, settings, tmp_path, capsys):
    assert main(["corpus", "survey", str(folder), "--settings", settings]) == 0
    assert main(["corpus", "write", str(folder), str(tmp_path / "features.zarr"), "--settings", settings]) == 0
    assert "3 recordings written" in capsys.readouterr().out
