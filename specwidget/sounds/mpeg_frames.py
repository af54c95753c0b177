"""Frames of MPEG audio, layers I to III (MP3): found and counted without decoding.

libsndfile takes the length of such a file from its first frame: from the count in a Xing header, which only layer III
has, or from the bit rate. Without a Xing header, a file of variable bit rate therefore seems shorter or longer than it
is, and the rest is not read. Padding between a tag and the first frame makes it refuse the file. `rewrite` returns the
same frames as a file whose length libsndfile does not underestimate.

References
----------
.. [1] ISO/IEC 11172-3:1993, 2.4.2.3, and ISO/IEC 13818-3:1998: the header of a frame.
.. [2] https://www.mp3-tech.org/programmer/frame_header.html, with the Xing header.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from functools import lru_cache

_SYNC = re.compile(rb"\xff[\xe2-\xff]", re.DOTALL)
_MIN_FRAMES = 4
"""Fewest frames in a row that count as MPEG audio; single headers occur in any data."""

_MAX_JUNK = 2**16
"""Most bytes before the first frame, behind the tags."""

_BIT_RATES = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Bit rates, kbit/s, of the indices 1 to 14, by MPEG version (2 for 2.5, too) and layer."""

_SAMPLE_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""Sample rates, Hz, by the version's code in the header."""


@dataclass(frozen=True)
class FrameHeader:
    """What the header of a frame says.

    Parameters
    ----------
    n_bytes : int
        Length of the frame, bytes.
    n_samples : int
        Samples of each channel.
    layer : int
        1, 2 or 3.
    sample_rate : int
        Sample rate, Hz.
    channels : int
        1 or 2.
    side_bytes : int
        Bytes of side information of layer 3, after the header.
    """

    n_bytes: int
    n_samples: int
    layer: int
    sample_rate: int
    channels: int
    side_bytes: int


@dataclass(frozen=True)
class MPEGStream:
    """The frames of a file.

    Parameters
    ----------
    header : FrameHeader
        Header of the first frame.
    n_frames : int
        Frames with sound.
    runs : tuple of (int, int)
        First byte of each run of frames and the byte after its last, without tags and padding.
    has_info : bool
        Whether the first run begins with a frame that is a Xing or VBRI header and holds no sound.
    """

    header: FrameHeader
    n_frames: int
    runs: tuple[tuple[int, int], ...]
    has_info: bool

    @property
    def n_samples(self) -> int:
        """Samples of each channel in all frames, with those that an encoder adds at both ends."""
        return self.n_frames * self.header.n_samples


def parse_header(data: bytes, offset: int) -> FrameHeader | None:
    """Parse the header of a frame; None if there is none at the offset, or its length is not stated.

    Examples
    --------
    >>> parse_header(bytes.fromhex("fffb9064"), 0)
    FrameHeader(n_bytes=417, n_samples=1152, layer=3, sample_rate=44100, channels=2, side_bytes=32)
    """
    return _parse(data[offset : offset + 4])


@lru_cache(maxsize=1024)
def _parse(head: bytes) -> FrameHeader | None:
    # Cached, as the frames of a file have few different headers, and an hour has 140,000 frames.
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    second, third, fourth = head[1:]
    version, layer = second >> 3 & 3, 4 - (second >> 1 & 3)
    rate_index, bit_rate_index, padding = third >> 2 & 3, third >> 4, third >> 1 & 1
    # Reserved values, and index 0, a "free" bit rate that no header states.
    if version == 1 or layer == 4 or rate_index == 3 or bit_rate_index in (0, 15):
        return None
    is_first = version == 3
    sample_rate = _SAMPLE_RATES[version][rate_index]
    bit_rate = 1000 * _BIT_RATES[1 if is_first else 2, layer][bit_rate_index - 1]
    channels = 1 if fourth >> 6 == 3 else 2
    if layer == 1:
        return FrameHeader((12 * bit_rate // sample_rate + padding) * 4, 384, layer, sample_rate, channels, 0)
    n_samples = 1152 if is_first or layer == 2 else 576
    side = {(True, 2): 32, (True, 1): 17, (False, 2): 17, (False, 1): 9}[is_first, channels] if layer == 3 else 0
    return FrameHeader(
        n_samples // 8 * bit_rate // sample_rate + padding, n_samples, layer, sample_rate, channels, side
    )


def find_frames(data: bytes) -> MPEGStream | None:
    """Find the frames of MPEG audio.

    Parameters
    ----------
    data : bytes
        The whole file. Tags and other data before, between and after the frames are skipped.

    Returns
    -------
    MPEGStream or None
        None if it does not begin with MPEG audio, behind tags and at most 64 KiB of other data.
    """
    begin = _skip_tags(data)
    first = _find_run(data, begin, min(len(data), begin + _MAX_JUNK))
    if first is None:
        return None
    header = parse_header(data, first)
    assert header is not None
    has_info = _is_info(data, first, header)
    runs: list[tuple[int, int]] = []
    n_frames, offset = -int(has_info), first
    while True:
        count, end = _follow(data, offset, header)
        n_frames += count
        runs.append((offset, end))
        next_run = _find_run(data, end, len(data), header)
        if next_run is None:
            break
        offset = next_run
    return MPEGStream(header, n_frames, tuple(runs), has_info)


def rewrite(data: bytes, stream: MPEGStream) -> bytes:
    """Return the frames of a file, without anything between them, as a file that libsndfile reads to the end.

    Layer III gets a Xing header with the number of frames; libmpg123 leaves out the first 529 samples, the delay of a
    decoder, of a file with such a header. Layers I and II get silent frames at the end, up to the size from which
    libsndfile takes no less than their length; `MPEGStream.n_samples` of the samples are those of the file.
    """
    runs = list(stream.runs)
    if stream.has_info:
        first = parse_header(data, runs[0][0])
        assert first is not None
        runs[0] = (runs[0][0] + first.n_bytes, runs[0][1])
    frames = b"".join(data[begin:end] for begin, end in runs)
    if stream.header.layer == 3:
        return _info_frame(data, stream) + frames
    # All bits behind the header are 0, so that none are allocated; and there is no checksum.
    head = data[runs[0][0] : runs[0][0] + 4]
    silent = bytes([head[0], head[1] | 1, *head[2:]]).ljust(stream.header.n_bytes, b"\0")
    # Padding changes the size of a frame by up to 4 bytes.
    missing = stream.n_frames * (len(silent) + 4) - len(frames)
    return frames + silent * max(0, -(-missing // len(silent)))


def _skip_tags(data: bytes) -> int:
    """Return the offset behind the ID3v2 tags at the start; their size has 7 bits in each of 4 bytes."""
    offset = 0
    while data[offset : offset + 3] == b"ID3" and len(data) >= offset + 10:
        size = sum(
            (byte & 0x7F) << shift for byte, shift in zip(data[offset + 6 : offset + 10], (21, 14, 7, 0), strict=True)
        )
        offset += 10 + size + (10 if data[offset + 5] & 0x10 else 0)
    # A damaged size may point beyond the end.
    return offset if offset < len(data) else 0


def _find_run(data: bytes, begin: int, end: int, like: FrameHeader | None = None) -> int | None:
    """Return the offset of the first of several frames in a row, or of a single last one."""
    for match in _SYNC.finditer(data, begin, end):
        header = parse_header(data, match.start())
        if header is None or (like is not None and not _matches(header, like)):
            continue
        count, stop = _follow(data, match.start(), header, _MIN_FRAMES)
        if count == _MIN_FRAMES or (count > 0 and like is not None and stop == len(data)):
            return match.start()
    return None


def _follow(data: bytes, offset: int, like: FrameHeader, limit: int | None = None) -> tuple[int, int]:
    """Return the number of complete frames from an offset on, and the offset behind them."""
    count = 0
    while limit is None or count < limit:
        header = parse_header(data, offset)
        if header is None or not _matches(header, like) or offset + header.n_bytes > len(data):
            break
        count, offset = count + 1, offset + header.n_bytes
    return count, offset


def _matches(header: FrameHeader, like: FrameHeader) -> bool:
    """Return whether frames belong to one stream: only the bit rate and the stereo mode may change."""
    return (header.layer, header.sample_rate, header.n_samples) == (like.layer, like.sample_rate, like.n_samples)


def _is_info(data: bytes, offset: int, header: FrameHeader) -> bool:
    start = offset + 4 + header.side_bytes
    return header.layer == 3 and (
        data[start : start + 4] in (b"Xing", b"Info") or data[offset + 36 : offset + 40] == b"VBRI"
    )


def _info_frame(data: bytes, stream: MPEGStream) -> bytes:
    """Return a frame without sound that states the number of frames."""
    offset = stream.runs[0][0]
    for index in range(1, 15):
        # The header of the first frame, without checksum and padding, and with the first bit rate that has the room.
        head = bytes([0xFF, data[offset + 1] | 1, index << 4 | data[offset + 2] & 0x0C, data[offset + 3]])
        header = parse_header(head, 0)
        assert header is not None
        content = head + bytes(header.side_bytes) + b"Xing" + struct.pack(">II", 1, stream.n_frames)
        if header.n_bytes >= len(content):
            return content + bytes(header.n_bytes - len(content))
    raise AssertionError("the highest bit rates have frames of more than 100 bytes")
