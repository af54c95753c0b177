import io
import os
import tracemalloc

import numpy as np
import pytest
import soundfile

from specwidget.sounds import SoundError, audio_files, list_sound_files, read_sound
from specwidget.sounds.audio_files import FORMATS

RATE = 8000
TONE = 0.5 * np.sin(2 * np.pi * 500 * np.arange(4000) / RATE).astype(np.float32)
STEREO = np.stack([TONE, -TONE / 2], axis=1)


def encode(samples, kind="WAV", subtype=None, rate=RATE):
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=kind, subtype=subtype)
    return file.getvalue()


def with_total_samples(flac, total):
    """A FLAC stream with another length in its header: 36 bits from the low half of byte 21."""
    return flac[:21] + bytes([flac[21] & 0xF0 | total >> 32]) + (total % 2**32).to_bytes(4, "big") + flac[26:]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("extension", [".right", ".wav", ".raw", ".vox", ""])
def test_each_format_is_recognised_by_its_content(kind, extension, tmp_path):
    path = tmp_path / f"tone{extension}"
    path.write_bytes(encode(STEREO, kind))
    sound = read_sound(path)
    assert (sound.name, sound.sample_rate) == (path.name, RATE)
    assert sound.samples.shape == (1, 4000, 2)
    assert sound.samples.dtype == np.float32
    assert np.abs(sound.samples[0] - STEREO).max() < (0.1 if kind in ("OGG", "MP3") else 2**-15)


def test_a_mono_file_has_one_channel():
    assert read_sound(io.BytesIO(encode(TONE))).samples.shape == (1, 4000, 1)


def test_an_upload_is_read_from_its_start_and_left_open():
    file = io.BytesIO(encode(TONE, "FLAC"))
    file.seek(0, io.SEEK_END)
    sound = read_sound(file, name="upload.flac")
    assert (sound.name, sound.samples.shape) == ("upload.flac", (1, 4000, 1))
    assert not file.closed


def test_float_samples_keep_values_above_full_scale_and_not_finite():
    samples = np.array([0.0, 3.5, np.nan, np.inf, -np.inf], dtype=np.float32)
    sound = read_sound(io.BytesIO(encode(samples, subtype="FLOAT")))
    np.testing.assert_array_equal(sound.samples[0, :, 0], samples)


def test_a_truncated_wav_file_is_read_up_to_its_end():
    whole = encode(TONE)
    sound = read_sound(io.BytesIO(whole[: len(whole) - 2000]))
    assert sound.samples.shape == (1, 3000, 1)


@pytest.fixture
def in_parts(monkeypatch):
    """Read files with three threads, even short ones."""
    monkeypatch.setattr(audio_files, "MIN_CHUNK_SAMPLES", 1)
    monkeypatch.setattr(audio_files, "MAX_THREADS", 3)
    monkeypatch.setattr(audio_files, "count_cpus", lambda: 3)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.usefixtures("in_parts")
def test_several_threads_read_the_same_samples_as_one(kind, tmp_path):
    path = tmp_path / "noise"
    noise = 0.3 * np.random.default_rng(0).standard_normal((50_001, 2)).clip(-3, 3)
    path.write_bytes(encode(noise, kind))
    with path.open("rb") as file:
        expected = read_sound(file).samples
    assert np.array_equal(read_sound(path).samples, expected)


@pytest.mark.usefixtures("in_parts")
def test_several_threads_read_a_truncated_wav_file_up_to_its_end(tmp_path):
    path, whole = tmp_path / "cut.wav", encode(STEREO)
    path.write_bytes(whole[: len(whole) - 2000])
    assert np.array_equal(read_sound(path).samples, read_sound(io.BytesIO(path.read_bytes())).samples)


@pytest.mark.usefixtures("in_parts")
def test_several_threads_raise_an_error_for_a_truncated_flac_file(tmp_path):
    path, whole = tmp_path / "cut.flac", encode(STEREO, "FLAC")
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SoundError, match=r"damaged or truncated\. Copy or record it again\.$"):
        read_sound(path)


def test_reading_holds_the_samples_in_memory_once(tmp_path):
    path = tmp_path / "long.wav"
    soundfile.write(path, np.zeros((2**21, 1), np.int16), RATE)
    tracemalloc.start()
    sound = read_sound(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < sound.samples.nbytes + 2**20


def test_a_missing_file_is_an_error_that_names_it():
    with pytest.raises(SoundError, match=r"^`file` must exist; got 'no such\.wav', which does not\.$"):
        read_sound("no such.wav")


def test_a_folder_is_an_error(tmp_path):
    with pytest.raises(SoundError, match=r"^`file` must be a sound file; got '.+', a folder\. Choose one of its files"):
        read_sound(tmp_path)


def test_a_pipe_is_an_error_and_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(SoundError, match=r"^`file` must be a regular file; got '.+pipe\.wav', a device or a pipe\.$"):
        read_sound(tmp_path / "pipe.wav")


def test_an_unreadable_file_is_an_error_with_the_systems_reason(tmp_path, monkeypatch):
    (tmp_path / "mine.wav").write_bytes(encode(TONE))

    # Root may read every file, so the error is simulated.
    def refuse(path, mode):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(SoundError, match=r"^`file` must be readable; got '.+mine\.wav' \(Permission denied\)\.$"):
        read_sound(tmp_path / "mine.wav")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"`file` must hold a sound; got 'x\.wav', which is empty \(0 bytes\)\."),
        (encode(TONE[:0]), r"`file` must hold at least 1 sample; got 'x\.wav' with 0, or truncated before the"),
        (b"time,value\n0,1\n" * 900, r"`file` must be a WAV, FLAC, OGG, MP3, AIFF file; got 'x\.wav', which is text\."),
        ("Grüße\n".encode() * 900, r"`file` must be a .+ file; got 'x\.wav', which is text"),
        (
            b"\x89PNG\r\n\x1a\n" + bytes(99),
            r"`file` must be a WAV, .+; got 'x\.wav', which is in another format",
        ),
        (
            b"\0\0\0 ftypM4A " + bytes(99),
            r"`file` must be a WAV, .+; got 'x\.wav', which is in another format",
        ),
        (
            b"\xff\xd8\xff\xe0" + bytes(range(99)),
            r"`file` must be a WAV, .+; got 'x\.wav', which is in another format\.",
        ),
        (with_total_samples(encode(TONE, "FLAC"), 0), r"`file` must state its length; got 'x\.wav', which does not\."),
    ],
    ids=["empty", "no samples", "text", "text with umlauts", "picture", "m4a", "photo", "no length"],
)
def test_a_file_that_is_not_audio_is_an_error_with_the_reason(content, message, tmp_path):
    (tmp_path / "x.wav").write_bytes(content)
    with pytest.raises(SoundError, match=f"^{message}"):
        read_sound(tmp_path / "x.wav")
    with pytest.raises(SoundError, match=f"^{message}"):
        read_sound(io.BytesIO(content), name="x.wav")


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("length", [12, 20, 40])
def test_a_damaged_header_is_an_error_without_output_on_stderr(kind, length, capsys):
    with pytest.raises(SoundError, match=r"^`file` must be complete; got 'x', which is damaged or truncated\. Copy"):
        read_sound(io.BytesIO(encode(TONE, kind)[:length]), name="x")
    assert "Traceback" not in capsys.readouterr().err


def test_a_truncated_flac_file_is_an_error():
    flac = encode(np.random.default_rng(0).uniform(-1, 1, 40000), "FLAC")
    with pytest.raises(SoundError, match=r"^`file` must be complete; got 'x\.flac', which is damaged or truncated"):
        read_sound(io.BytesIO(flac[: len(flac) // 2]), name="x.flac")


def test_a_file_above_the_size_limit_is_an_error_before_it_is_read():
    with pytest.raises(
        SoundError, match=r"at most max_bytes=31999 bytes .+takes 32000 \(4000 samples, 2 channels\)\. Use"
    ):
        read_sound(io.BytesIO(encode(STEREO)), max_bytes=31999)
    assert read_sound(io.BytesIO(encode(STEREO)), max_bytes=32000).samples.nbytes == 32000


def test_the_limit_is_two_gibibytes():
    file = io.BytesIO(with_total_samples(encode(TONE, "FLAC"), 2**29 + 1))
    with pytest.raises(SoundError, match=r"at most max_bytes=2147483648 bytes .+ takes 2147483652 \(536870913 samples"):
        read_sound(file)


@pytest.mark.parametrize("file", [None, 3, b"RIFF", [0.1, 0.2], io.StringIO("text")])
def test_anything_but_a_path_or_file_is_a_type_error(file):
    with pytest.raises(TypeError, match=r"^`file` must be a path or a seekable binary file; got \w+\.$"):
        read_sound(file)


def test_sound_files_are_found_in_order_and_one_folder_deep(tmp_path):
    for name in ("B.WAV", "a.flac", "c.txt", ".d.wav", "sub/e.mp3", "sub/sub/f.ogg", ".g/h.wav", "i.wav/j.aiff"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in list_sound_files(tmp_path)]
    assert found == ["a.flac", "B.WAV", "i.wav/j.aiff", "sub/e.mp3"]


def test_a_folder_that_cannot_be_listed_has_no_sound_files(tmp_path):
    (tmp_path / "gone.wav").symlink_to(tmp_path / "nowhere.wav")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert list_sound_files(tmp_path) == []
    assert list_sound_files(tmp_path / "missing") == []
