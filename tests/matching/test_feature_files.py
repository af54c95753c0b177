"""Files with arrays of features: which array is taken, and what is refused."""

import io
import zipfile

import numpy as np
import pytest

from specwidget.matching import feature_files
from specwidget.matching.feature_files import read_features


def saved(save, *arrays, **named):
    file = io.BytesIO()
    save(file, *arrays, **named)
    file.seek(0)
    return file


def test_an_array_is_read():
    array = np.arange(12.0).reshape(3, 4)
    found, key = read_features(saved(np.save, array), "mel.npy")
    np.testing.assert_array_equal(found, array)
    assert key == ""


def test_of_several_arrays_the_largest_with_two_axes_is_taken():
    arrays = {
        "times": np.arange(500.0),
        "values": np.ones((1, 20, 10)),
        "other": np.ones((3, 4)),
        "name": np.array("x"),
    }
    found, key = read_features(saved(np.savez, **arrays), "mel.npz")
    assert (key, found.shape) == ("values", (1, 20, 10))


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (io.BytesIO(b"no array at all"), "magic string is not correct"),
        (io.BytesIO(), "."),
        (saved(np.save, np.array([{}], dtype=object), allow_pickle=True), "Object arrays cannot be loaded"),
        (saved(np.save, np.array([["a"]])), "it has dtype <U1"),
        (saved(np.savez, times=np.arange(5)), "it has no array of numbers with two axes"),
        (io.BytesIO(saved(np.save, np.ones((9, 9))).getvalue()[:200]), "."),
        (io.BytesIO(saved(np.savez, np.ones((9, 9))).getvalue()[:-30]), "."),
    ],
    ids=["text", "empty", "objects", "strings", "one axis", "cut", "cut archive"],
)
def test_what_is_no_array_of_numbers_is_refused(file, reason):
    with pytest.raises(ValueError, match=rf"^`features` must be .*; got 'x' \(.*{reason}"):
        read_features(file, "x")


@pytest.mark.parametrize(
    ("where", "at", "value", "reason"),
    [
        (b"PK\1\2", 8, 1, "encrypted"),
        (b"PK\1\2", 10, 77, "compression method"),
        (b"a.npy", 5, 0xFF, "Error -3 while decompressing"),
    ],
    ids=["encrypted", "unknown compression", "damaged data"],
)
def test_an_archive_that_is_damaged_is_refused(where, at, value, reason):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", saved(np.save, np.ones((9, 9))).getvalue())
    data = bytearray(file.getvalue())
    data[data.index(where) + at] = value
    with pytest.raises(ValueError, match=rf"^`features` must be .*; got 'x' \(.*{reason}"):
        read_features(io.BytesIO(data), "x")


def test_an_archive_that_grows_beyond_the_limit_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(feature_files, "MOST_BYTES", 1000)
    file = saved(np.savez_compressed, np.zeros((100, 100)))
    with pytest.raises(ValueError, match=r"its arrays have 80128 bytes, more than 1000\)"):
        read_features(file, "x")
