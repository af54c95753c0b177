"""MPEG audio is read whole: whatever their headers state, and whatever stands before the first frame."""

import io

import numpy as np
import pytest
import soundfile

from specwidget.sounds import SoundError, read_sound
from specwidget.sounds.mpeg_frames import find_frames, parse_header, rewrite

RATE = 16000


def quiet_then_loud(seconds=8):
    """Silence and then noise: at a variable bit rate, the first frames are the smallest."""
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, RATE * seconds)
    noise[: RATE * seconds // 2] = 0
    return noise


def encode(samples, mode="VARIABLE", rate=RATE):
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="MP3", bitrate_mode=mode, compression_level=0.5)
    return file.getvalue()


def without_info(mp3):
    """The file without its first frame, which states the number of frames."""
    assert find_frames(mp3).has_info
    return mp3[parse_header(mp3, 0).n_bytes :]


def tag(n_padding=0):
    size = bytes(n_padding >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3\x04\0\0" + size + bytes(n_padding)


VARIABLE = encode(quiet_then_loud())
CONSTANT = encode(quiet_then_loud(2), "CONSTANT")


def n_read(mp3):
    return read_sound(io.BytesIO(mp3)).samples.shape[1]


def test_the_frames_are_those_that_the_encoder_states():
    stated = int.from_bytes(VARIABLE[4 + 9 + 8 : 4 + 9 + 12], "big")
    stream = find_frames(VARIABLE)
    assert VARIABLE[13:17] in (b"Xing", b"Info")
    assert (stream.n_frames, stream.runs, stream.has_info) == (stated, ((0, len(VARIABLE)),), True)
    assert 0 <= stream.n_samples - 8 * RATE < 3 * 1152


@pytest.mark.parametrize("rate", [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_sample_rate_and_number_of_channels_is_counted(rate, channels):
    mp3 = encode(np.random.default_rng(0).uniform(-0.5, 0.5, (rate, channels)), rate=rate)
    stream = find_frames(mp3)
    assert (stream.header.sample_rate, stream.header.channels, len(stream.runs)) == (rate, channels, 1)
    assert 0 <= stream.n_samples - rate < 3 * 1152
    sound = read_sound(io.BytesIO(without_info(mp3)))
    assert (sound.sample_rate, sound.samples.shape) == (rate, (1, stream.n_samples - 529, channels))


def test_a_file_with_a_right_count_is_read_as_libsndfile_reads_it():
    expected, _ = soundfile.read(io.BytesIO(VARIABLE), dtype="float32", always_2d=True)
    # Equal up to rounding: libmpg123 chooses its decoder by the alignment of memory.
    np.testing.assert_allclose(read_sound(io.BytesIO(VARIABLE)).samples[0], expected, rtol=0, atol=2**-22)


def test_a_variable_bit_rate_without_a_count_is_read_to_its_end():
    cut = without_info(VARIABLE)
    assert soundfile.info(io.BytesIO(cut)).frames != find_frames(cut).n_samples
    assert n_read(cut) == find_frames(cut).n_samples - 529


def test_a_count_that_is_wrong_is_not_believed():
    wrong = VARIABLE[:21] + (20).to_bytes(4, "big") + VARIABLE[25:]
    assert soundfile.info(io.BytesIO(wrong)).frames < RATE
    assert n_read(wrong) == find_frames(wrong).n_samples - 529


def test_an_old_count_is_no_frame_of_the_file_written_anew():
    cut = without_info(VARIABLE)
    assert rewrite(VARIABLE, find_frames(VARIABLE)) == rewrite(cut, find_frames(cut))


def test_files_in_a_row_are_read_to_the_end_of_the_last():
    assert n_read(VARIABLE + CONSTANT) >= 10 * RATE


@pytest.mark.parametrize(
    "front",
    [tag(), tag(100), tag(100_000), tag(100) + bytes(3000), bytes(1000), b"\xff\xfb" * 99, tag(20) + tag(30) + b"junk"],
    ids=["tag", "padded", "long", "padding behind", "zeros", "false headers", "two tags"],
)
@pytest.mark.parametrize("end", [b"", b"TAG" + bytes(125), b"\0" * 5000], ids=["", "ID3v1", "zeros"])
@pytest.mark.parametrize("mp3", [VARIABLE, without_info(CONSTANT)], ids=["with a count", "without"])
def test_what_stands_before_and_after_the_frames_is_skipped(front, end, mp3, tmp_path):
    (tmp_path / "x.mp3").write_bytes(front + mp3 + end)
    assert abs(n_read(front + mp3 + end) - n_read(mp3)) <= 529 + 2 * 1152
    assert read_sound(tmp_path / "x.mp3").samples.shape[1] == n_read(front + mp3 + end)


def test_the_frames_behind_a_gap_are_read():
    frames = without_info(CONSTANT)
    size, count = parse_header(frames, 0).n_bytes, find_frames(frames).n_frames
    gap = frames[: 10 * size] + b"\0" * 777 + frames[10 * size :]
    stream = find_frames(gap)
    assert (stream.n_frames, len(stream.runs)) == (count, 2)
    assert rewrite(gap, stream) == rewrite(frames, find_frames(frames))


def silence(layer, version, *rates, n_frames=50, rate_index=1):
    """Frames of layer I or II that hold nothing: after the header, every bit that allocates others is 0."""
    frames = []
    for rate in rates:
        head = bytes([0xFF, 0xE1 | version << 3 | (4 - layer) << 1, rate << 4 | rate_index << 2, 0xC0])
        frames += n_frames * [head.ljust(parse_header(head, 0).n_bytes, b"\0")]
    return b"".join(frames)


LOWER_LAYERS = pytest.mark.parametrize(("layer", "n_samples"), [(1, 384), (2, 1152)])
EVERY_VERSION = pytest.mark.parametrize("version", [3, 2, 0], ids=["MPEG-1", "MPEG-2", "MPEG-2.5"])


@LOWER_LAYERS
@EVERY_VERSION
@pytest.mark.parametrize("rate_index", [0, 1, 2])
@pytest.mark.parametrize("rates", [(6,), (12, 4), (4, 12)], ids=["constant", "falling", "rising"])
def test_layers_one_and_two_are_read_to_the_end_at_any_bit_rate(layer, n_samples, version, rates, rate_index):
    data = silence(layer, version, *rates, rate_index=rate_index)
    stream = find_frames(data)
    assert (stream.header.layer, stream.n_samples) == (layer, 50 * len(rates) * n_samples)
    assert n_read(data) == stream.n_samples


@LOWER_LAYERS
def test_layers_one_and_two_are_read_behind_padding_and_over_a_gap(layer, n_samples):
    data = tag(100) + bytes(3000) + silence(layer, 3, 9) + bytes(777) + silence(layer, 3, 6) + b"TAG" + bytes(125)
    assert len(find_frames(data).runs) == 2
    assert n_read(data) == 100 * n_samples


def test_other_data_has_no_frames():
    assert find_frames(np.random.default_rng(0).bytes(2**18)) is None
    assert find_frames(b"ID3") is None
    assert find_frames(b"\xff" * 5000) is None
    with pytest.raises(SoundError, match="which is in another format"):
        read_sound(io.BytesIO(bytes(2**17) + CONSTANT))
