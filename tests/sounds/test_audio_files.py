import io
import os
import struct
import tracemalloc

import numpy as np
import pytest
import soundfile

from specwidget.sounds import SoundError, audio_files, list_sound_files, read_sound
from specwidget.sounds.audio_files import FORMATS

RATE = 8000
TONE = 0.5 * np.sin(2 * np.pi * 500 * np.arange(4000) / RATE).astype(np.float32)
STEREO = np.stack([TONE, -TONE / 2], axis=1)
DELAYED = ("GSM610", "G721_32", "G723_24", "G723_40", "NMS_ADPCM_16")


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
        (
            b"time,value\n0,1\n" * 900,
            r"`file` must be a WAV, FLAC, OGG, MP3, AIFF file; got 'x\.wav', which is text\.$",
        ),
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
    ],
    ids=["empty", "no samples", "text", "text with umlauts", "picture", "m4a", "photo"],
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


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [
        ("WAV", "GSM610"),
        ("AIFF", "GSM610"),
        ("W64", "GSM610"),
        ("WAV", "G721_32"),
        ("AU", "G721_32"),
        ("AU", "G723_24"),
        ("AU", "G723_40"),
        ("WAV", "NMS_ADPCM_16"),
        ("WAV", "NMS_ADPCM_24"),
        ("WAV", "NMS_ADPCM_32"),
        ("WAV", "MS_ADPCM"),
        ("WAV", "IMA_ADPCM"),
        ("AIFF", "IMA_ADPCM"),
        ("AIFF", "DWVW_16"),
        ("AIFF", "DWVW_24"),
        ("XI", "DPCM_16"),
        ("CAF", "ALAC_16"),
        ("SDS", "PCM_16"),
        ("OGG", "OPUS"),
    ],
)
def test_a_codec_that_cannot_seek_is_read(kind, subtype, tmp_path):
    tone = np.tile(TONE, 4)
    (tmp_path / "x").write_bytes(encode(tone, kind, subtype))
    for file in (tmp_path / "x", io.BytesIO((tmp_path / "x").read_bytes())):
        samples = read_sound(file).samples[0, :, 0]
        # Codecs with blocks of a fixed length fill the last one.
        assert 0 <= len(samples) - len(tone) < 512
        assert np.corrcoef(samples[200:3000], tone[200:3000])[0, 1] > (0.6 if subtype in DELAYED else 0.95)


def test_a_flac_file_of_unknown_length_is_read_to_its_end(monkeypatch):
    monkeypatch.setattr(audio_files, "BLOCK_SAMPLES", 1500)
    flac = with_total_samples(encode(STEREO, "FLAC"), 0)
    np.testing.assert_array_equal(
        read_sound(io.BytesIO(flac)).samples[0], soundfile.read(io.BytesIO(encode(STEREO, "FLAC")))[0]
    )
    with pytest.raises(SoundError, match=r"at most max_bytes=31999 bytes"):
        read_sound(io.BytesIO(flac), max_bytes=31999)


def pcm(bits):
    """A whole WAV file of integers of this many bits."""
    data = bytes(100 * bits // 8)
    form = struct.pack("<HHIIHH", 1, 1, RATE, RATE * bits // 8, bits // 8, bits)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


@pytest.mark.parametrize("bits", [40, 48, 64])
def test_an_encoding_that_is_not_read_is_an_error_with_the_librarys_reason(bits):
    message = r"that libsndfile reads; got 'in\.wav' \(libsndfile: File contains data in an unimplemented format\)"
    with pytest.raises(SoundError, match=message + r"\. Convert it with: ffmpeg -i in\.wav out\.wav\.$"):
        read_sound(io.BytesIO(pcm(bits)), "in.wav")


def test_flac_in_an_ogg_file_is_an_error_with_the_reason():
    page = b"OggS" + bytes(22) + bytes([1, 51]) + b"\x7fFLAC\x01\0\0\x01" + encode(TONE, "FLAC")[:42] + bytes(200)
    with pytest.raises(SoundError, match=r"\(libsndfile: .+ Opus in an Ogg file, not FLAC\)\. Convert it with"):
        read_sound(io.BytesIO(page), "x.oga")


def test_the_command_of_a_conversion_quotes_the_name():
    for name, shown in [
        ("my song.m4a", r"-i 'my song\.m4a' out"),
        ("a\nb.m4a", r"-i in\.m4a out"),
        ("\udcff.m4a", "-i in.m4a"),
    ]:
        with pytest.raises(SoundError, match=shown):
            read_sound(io.BytesIO(bytes(5000)), name)


def test_a_small_file_that_unpacks_beyond_the_memory_is_refused_before_it_is_read(monkeypatch, tmp_path):
    soundfile.write(tmp_path / "x.flac", np.zeros(2**20, np.int16), RATE)
    assert (tmp_path / "x.flac").stat().st_size < 2**17
    monkeypatch.setattr(audio_files, "available_memory", lambda: 2**22)
    monkeypatch.setattr(audio_files, "_read_samples", None)
    message = r"half of the available memory, 2097152 bytes, .+ takes 4194304 .+: ffmpeg -i x\.flac -t 600 out"
    with pytest.raises(SoundError, match=message):
        read_sound(tmp_path / "x.flac")


def test_memory_that_runs_out_while_reading_is_a_sound_error(monkeypatch):
    def run_out(*_arguments):
        raise MemoryError

    monkeypatch.setattr(audio_files, "_read_in_order", run_out)
    with pytest.raises(SoundError, match=r"must fit into the memory; got 'x', which does not\. Use a shorter excerpt"):
        read_sound(io.BytesIO(encode(TONE)), "x")


def test_the_available_memory_is_known_on_linux():
    available = audio_files.available_memory()
    assert available is not None
    assert 2**20 < available < 2**50


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


def test_a_file_that_states_samples_and_holds_none_is_refused():
    file = io.BytesIO()
    soundfile.write(file, np.random.default_rng(0).uniform(-0.5, 0.5, 1600), 16_000, format="FLAC")
    # Without some bytes of the checksum in the header, the decoder finds no frame.
    data = file.getvalue()[:29] + file.getvalue()[35:]
    assert soundfile.info(io.BytesIO(data)).frames == 1600
    with pytest.raises(SoundError, match="must hold at least 1 sample"):
        read_sound(io.BytesIO(data))
