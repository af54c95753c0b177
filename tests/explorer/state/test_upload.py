"""Uploads: slices in order make up a file, and nothing else does."""

import pytest

from specwidget.explorer.state.upload import MAX_UPLOAD_BYTES, Upload, UploadError


def test_slices_in_order_make_up_the_file():
    upload = Upload("key", "x.wav", 10)
    assert upload.add(0, b"abcd") == 4
    assert not upload.is_complete
    assert upload.add(4, b"e") == 5
    assert upload.add(5, memoryview(b"fghij")) == 10
    assert upload.is_complete
    assert upload.data == b"abcdefghij"


@pytest.mark.parametrize(("offset", "n_bytes"), [(5, 10), (0, 101), (0, 0)])
def test_slices_out_of_order_are_refused(offset, n_bytes):
    with pytest.raises(UploadError, match=r"`file` must arrive in order; got 'x.wav' up to byte 0 of 100\. Choose it"):
        Upload("key", "x.wav", 100).add(offset, b"x" * n_bytes)


def test_a_slice_that_reaches_past_the_end_is_refused():
    upload = Upload("key", "x.wav", 10)
    upload.add(0, b"abcd")
    for offset, data in ((4, b"efghijk"), (3, b"d"), (4, b"")):
        with pytest.raises(UploadError, match="up to byte 4 of 10"):
            upload.add(offset, data)
    assert upload.data == b"abcd"


@pytest.mark.parametrize("size", [1, MAX_UPLOAD_BYTES])
def test_a_file_of_any_size_up_to_the_limit_is_taken(size):
    assert not Upload("key", "x.wav", size).is_complete


def test_a_file_beyond_the_limit_and_an_empty_one_are_refused():
    assert MAX_UPLOAD_BYTES == 512 * 2**20
    with pytest.raises(UploadError, match=r"must have at most 512 MiB; got 600 MiB in 'x.wav'\. Copy it into"):
        Upload("key", "x.wav", 600 * 2**20)
    with pytest.raises(UploadError, match="must have at most 512 MiB; got 512 MiB"):
        Upload("key", "x.wav", MAX_UPLOAD_BYTES + 1)
    with pytest.raises(UploadError, match="must hold at least 1 byte; got the empty"):
        Upload("key", "x.wav", 0)
