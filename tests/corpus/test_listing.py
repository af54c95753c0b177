"""Which files are meant, which have changed, and how they are divided."""

import os

import pytest

from specwidget.corpus import listing
from specwidget.corpus.listing import ListedFile, list_files, make_batches
from tests.corpus.recordings import write_noise


def paths(files):
    return [file.path for file in list_files(files)]


def test_a_folder_stands_for_the_sound_files_in_it_and_below(tmp_path):
    wanted = [write_noise(tmp_path / name, 10) for name in ("b.wav", "deep/er/a.flac")]
    for name in ("text.txt", ".hidden.wav"):
        (tmp_path / name).write_bytes(b"")
    assert paths(tmp_path) == [str(path) for path in wanted]


def test_folders_behind_links_are_listed_as_by_a_pattern(tmp_path):
    write_noise(tmp_path / "real" / "a.wav", 10)
    root = tmp_path / "root"
    root.mkdir()
    (root / "train").symlink_to(tmp_path / "real")
    assert paths(root) == paths(f"{root}/**/*.wav") == [str(root / "train" / "a.wav")]


@pytest.mark.parametrize(("link", "target"), [("a/above", "."), ("b", "a")])
def test_a_folder_that_a_link_leads_to_again_is_listed_once(link, target, tmp_path):
    path = write_noise(tmp_path / "a" / "a.wav", 10)
    (tmp_path / link).symlink_to(tmp_path / target)
    assert paths(tmp_path) == [str(path)]


def test_a_pattern_a_path_and_paths(tmp_path):
    first, second = (str(write_noise(tmp_path / name, 10)) for name in ("a.wav", "b.wav"))
    assert paths(f"{tmp_path}/*.wav") == [first, second]
    assert paths(first) == [first]
    assert paths([tmp_path / "b.wav", first, second]) == [second, first]


def test_a_table_has_a_column_of_paths():
    assert paths({"path": ["a.wav", "b.wav"], "label": [0, 1]}) == ["a.wav", "b.wav"]
    import pyarrow as pa

    assert paths(pa.table({"path": ["a.wav"]})) == ["a.wav"]


def test_a_table_may_have_names_of_columns_alone():
    class Table:
        column_names = ("path",)

        def __getitem__(self, name):
            return {"path": ["a.wav"]}[name]

    assert paths(Table()) == ["a.wav"]


def test_a_table_without_paths_is_refused():
    with pytest.raises(ValueError, match="must have a column 'path' if it is a table; got the columns"):
        list_files({"file": ["a.wav"]})


@pytest.mark.parametrize("files", [[], {"path": []}])
def test_zero_files_are_refused(files):
    with pytest.raises(ValueError, match="must name at least 1 sound file"):
        list_files(files)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="which has none"):
        list_files(tmp_path)


@pytest.mark.parametrize("files", [3, [3], [None]])
def test_what_is_no_path_is_refused(files):
    with pytest.raises(TypeError, match="must"):
        list_files(files)


def test_a_name_with_a_null_character_is_a_file_that_is_not_there():
    assert list_files(["a\0.wav"]) == [ListedFile("a\0.wav", -1, 0)]


def test_a_file_says_how_it_has_changed(tmp_path):
    path = write_noise(tmp_path / "a.wav", 10)
    file = ListedFile.of(str(path))
    assert file.change() == ""
    write_noise(path, 20)
    assert "has changed since (from 64 to 84 bytes)" in file.change()
    path.unlink()
    assert "has vanished since" in file.change()


def test_the_same_size_at_another_time_is_a_change(tmp_path):
    path = write_noise(tmp_path / "a.wav", 10)
    file = ListedFile.of(str(path))
    os.utime(path, ns=(0, 1))
    assert "has changed since" in file.change()


def test_batches_end_at_a_number_and_a_size(monkeypatch):
    monkeypatch.setattr(listing, "BATCH_FILES", 3)
    monkeypatch.setattr(listing, "BATCH_BYTES", 100)
    files = [ListedFile(str(i), size, 0) for i, size in enumerate([10, 10, 10, 10, 90, 200, -1])]
    assert [[file.size for file in batch] for batch in make_batches(files)] == [[10, 10, 10], [10, 90], [200], [-1]]
    assert make_batches([]) == []
