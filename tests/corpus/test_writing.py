"""Stores of features: bits, resumption, refusals."""

import copy
import os

import numpy as np
import pytest

import specwidget
from specwidget.corpus import CorpusError, WriteReport, features, load, survey, write, writing
from specwidget.corpus.store import locked, read_parts
from tests.corpus.recordings import features_of, write_noise

MEL = specwidget.MelSpectrogram(512, 160, 400, num_mel_bins=20)
FIRST = specwidget.STFTSpectrogram("stft", padding="same", data_format="channels_first")


@pytest.fixture
def store(tmp_path):
    return tmp_path / "features.zarr"


@pytest.fixture
def written(client, store):
    return lambda files, layer=MEL, **options: write(files, layer, store, client=client, progress=False, **options)


def check(store, layer, paths):
    """Check that a store has exactly these files, each once, with the bits of the layer."""
    found = load(store)
    assert sorted(found) == sorted(map(str, paths))
    assert sorted(each.path for part in read_parts(store).values() for each in part) == sorted(map(str, paths))
    for path in paths:
        np.testing.assert_array_equal(found[path], features_of(layer, path))


@pytest.mark.parametrize("layer", [MEL, FIRST, specwidget.MFCC(MEL, 13)], ids=["mel", "stft", "mfcc"])
def test_a_store_has_the_bits_of_the_layer(layer, corpus_folder, written, store):
    write_noise(corpus_folder / "stereo.wav", 3000, 2)
    paths = sorted(corpus_folder.iterdir())
    assert written(corpus_folder, layer) == WriteReport(13, 0)
    check(store, layer, paths)


@pytest.mark.parametrize("layer", [MEL, FIRST], ids=["mel", "stft"])
def test_long_recordings_have_parts_of_their_own(layer, corpus_folder, written, store, monkeypatch):
    monkeypatch.setattr(features, "WHOLE_SAMPLES", 2**11)
    monkeypatch.setattr("specwidget.corpus.store.SHARD_BYTES", 2**14)
    assert written(corpus_folder, layer, chunks=3).n_written == 12
    assert len(read_parts(store)) > 2
    check(store, layer, sorted(corpus_folder.iterdir()))


def test_a_task_writes_as_soon_as_it_holds_enough(corpus_folder, written, store, monkeypatch):
    monkeypatch.setattr(writing, "PART_BYTES", 2**11)
    assert written(corpus_folder).n_written == 12
    assert len(read_parts(store)) > 3
    check(store, MEL, sorted(corpus_folder.iterdir()))


def test_a_file_whose_values_cannot_be_computed_is_listed_and_stops_nothing(corpus_folder, written, store, monkeypatch):
    iter_values, left = writing.iter_values, [MemoryError("no room")]

    def fail_once(recording, settings):
        if left:
            raise left.pop()
        return iter_values(recording, settings)

    monkeypatch.setattr(writing, "iter_values", fail_once)
    report = written(corpus_folder)
    assert report.n_written == 11
    assert ["no room" in reason for reason in report.problems.values()] == [True]
    assert len(load(store)) == 11


def test_features_are_in_the_order_of_their_paths_whatever_was_written_when(corpus_folder, written, store):
    paths = sorted(corpus_folder.iterdir())[:5]
    for path in reversed(paths):
        written(path)
    assert [*load(store)] == [str(path) for path in paths]
    for values, path in zip(load(store).values(), paths, strict=True):
        np.testing.assert_array_equal(values, features_of(MEL, path))


def test_asking_for_a_path_reads_no_array(corpus_folder, written, store, monkeypatch):
    written(corpus_folder)
    found = load(store)
    monkeypatch.setattr(found, "_array", None)
    assert corpus_folder / "03.wav" in found
    assert str(corpus_folder / "03.wav") in found
    assert "other.wav" not in found
    assert 3 not in found


def test_a_second_run_keeps_everything_and_writes_new_files(corpus_folder, written, store):
    written(corpus_folder)
    assert written(corpus_folder) == WriteReport(0, 12)
    write_noise(corpus_folder / "new.wav", 2000)
    assert written(corpus_folder) == WriteReport(1, 12)
    check(store, MEL, sorted(corpus_folder.iterdir()))


def test_a_changed_file_is_written_anew_and_only_once(corpus_folder, written, store):
    paths = sorted(corpus_folder.iterdir())
    written(corpus_folder)
    write_noise(paths[3], 4321, seed=99)
    assert written(corpus_folder) == WriteReport(1, 11)
    check(store, MEL, paths)


def test_a_part_of_changed_files_alone_is_deleted(tmp_path, written, store):
    path = write_noise(tmp_path / "sounds" / "a.wav", 3000)
    written(path)
    before = set(read_parts(store))
    write_noise(path, 4000)
    written(path)
    assert not before & set(read_parts(store))
    check(store, MEL, [path])


def test_files_that_are_not_named_stay(corpus_folder, written, store):
    paths = sorted(corpus_folder.iterdir())
    written(paths[:5])
    assert written(paths[5:]) == WriteReport(7, 0)
    check(store, MEL, paths)


def test_what_a_killed_run_left_is_replaced(corpus_folder, written, store, monkeypatch):
    paths = sorted(corpus_folder.iterdir())
    written(paths[:4])

    def die(self, recordings):
        raise CorpusError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(writing.PartWriter, "finish", die)
        with pytest.raises(CorpusError, match="killed"):
            written(paths)
    assert len(list((store / "parts").iterdir())) > len(read_parts(store)) + 1
    assert written(paths) == WriteReport(8, 4)
    check(store, MEL, paths)
    assert len(list((store / "parts").iterdir())) == len(read_parts(store)) + 1


def test_content_decides_on_demand(corpus_folder, written, store):
    paths = sorted(corpus_folder.iterdir())
    written(corpus_folder, by_content=True)
    for path in paths:
        os.utime(path, ns=(0, 1))
    assert written(corpus_folder, by_content=True) == WriteReport(0, 12)
    # The same size at the same time, which the default would keep.
    write_noise(paths[0], 1000, seed=77)
    os.utime(paths[0], ns=(0, 1))
    assert written(corpus_folder, by_content=True) == WriteReport(1, 11)
    check(store, MEL, paths)


def test_other_settings_are_refused_in_words(corpus_folder, written):
    written(corpus_folder)
    other = specwidget.MelSpectrogram(512, 160, 320, num_mel_bins=24)
    expected = "it has frame_length=400, the layer 320; it has num_mel_bins=20, the layer 24"
    with pytest.raises(ValueError, match=expected):
        written(corpus_folder, other)
    with pytest.raises(ValueError, match="it has stage='mel', the layer 'stft'"):
        written(corpus_folder, specwidget.STFTSpectrogram())
    with pytest.raises(ValueError, match="must not exist with resume=False"):
        written(corpus_folder, resume=False)


def test_something_else_is_not_overwritten(corpus_folder, written, store):
    store.mkdir()
    (store / "thesis.txt").write_text("words")
    with pytest.raises(ValueError, match="must be a new folder or a store of features"):
        written(corpus_folder)
    assert [each.name for each in store.iterdir()] == ["thesis.txt"]


def test_broken_files_are_listed_and_tried_again(corpus_folder, written, store):
    bad = corpus_folder / "bad.wav"
    bad.write_bytes(b"RIFF" + bytes(200))
    report = written(corpus_folder)
    assert (report.n_written, list(report.problems)) == (12, [str(bad)])
    assert "12 recordings written, 0 kept, 1 not written." in str(report)
    write_noise(bad, 2000)
    assert written(corpus_folder) == WriteReport(1, 12)


def test_files_of_another_rate_are_listed(corpus_folder, written):
    write_noise(corpus_folder / "fast.wav", 4000, rate=44_100)
    report = written(corpus_folder)
    assert "must have the layer's sample rate, 16000 Hz" in report.problems[str(corpus_folder / "fast.wav")]


def test_files_that_change_or_vanish_after_the_survey_are_listed(corpus_folder, client, written, store):
    found = survey(corpus_folder, client=client, progress=False)
    paths = sorted(corpus_folder.iterdir())
    paths[0].unlink()
    write_noise(paths[1], 5000)
    report = written(found)
    assert report.n_written == 10
    assert "has vanished since" in report.problems[str(paths[0])]
    assert "has changed since" in report.problems[str(paths[1])]
    check(store, MEL, paths[2:])


def test_a_file_that_changes_while_it_is_read_is_listed(corpus_folder, written, store, monkeypatch):
    target = corpus_folder / "03.wav"
    read = writing.read_recording

    def read_and_change(path):
        recording = read(path)
        if path == str(target):
            write_noise(target, 9000)
        return recording

    with monkeypatch.context() as patch:
        patch.setattr(writing, "read_recording", read_and_change)
        report = written(corpus_folder)
    assert report.n_written == 11
    assert "has changed since" in report.problems[str(target)]
    assert written(corpus_folder) == WriteReport(1, 11)
    check(store, MEL, sorted(corpus_folder.iterdir()))


def test_zero_files_are_refused(written, tmp_path, client, store):
    with pytest.raises(ValueError, match="must name at least 1 sound file"):
        written([])
    broken = survey(["missing.wav"], client=client, progress=False)
    with pytest.raises(ValueError, match="must have at least 1 file that can be read"):
        written(broken)
    assert not store.exists()


def test_a_second_writer_is_refused(corpus_folder, written, store):
    with locked(store), pytest.raises(CorpusError, match="must have one writer at a time"):
        written(corpus_folder)
    assert written(corpus_folder).n_written == 12


def test_names_that_are_not_utf_8(tmp_path, written, store):
    paths = [write_noise(tmp_path / "sounds" / os.fsdecode(name), 2000) for name in (b"caf\xe9.wav", b"\xff.wav")]
    assert written(tmp_path / "sounds") == WriteReport(2, 0)
    assert written(tmp_path / "sounds") == WriteReport(0, 2)
    check(store, MEL, paths)


def test_features_are_a_mapping_and_a_dataset(corpus_folder, written, store):
    written(corpus_folder)
    found, path = load(store), corpus_folder / "05.wav"
    assert len(found) == len(found.values()) == 12
    assert path in found
    assert str(path) in found.keys()  # noqa: SIM118
    np.testing.assert_array_equal(found.values()[[*found].index(str(path))], found[path])
    assert [each.shape for each in found.values()[:2]] == [each.shape for each in [*found.values()][:2]]
    assert found.sample_rate(path) == 16_000
    assert found.layer.settings == MEL.settings
    # A data loader sends it to its processes.
    again = copy.deepcopy(found)
    np.testing.assert_array_equal(again[path], found[path])
    with pytest.raises(KeyError):
        found["missing.wav"]


def test_what_is_no_store_is_refused(tmp_path):
    with pytest.raises(ValueError, match="must be a store of features"):
        load(tmp_path)


@pytest.mark.parametrize("chunks", [0, -1])
def test_chunks_have_at_least_a_frame(chunks, corpus_folder, written):
    with pytest.raises(ValueError, match="must be at least 1"):
        written(corpus_folder, chunks=chunks)
