"""Resynthesis of a signal from the output of the layer, piece by piece, so that it can be played.

From real and imaginary parts the signal is reconstructed exactly but for rounding; from levels a phase is searched for,
and before that from bands and coefficients the levels of bins: one hears what they keep.
A piece is computed from the frames that cover it, so that the first can be sent while the others are under way.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import to_numpy
from specwidget.devices import DeviceError
from specwidget.front_end import BandLayer, FrontEndLayer, frame_start
from specwidget.layer import STFTSpectrogram
from specwidget.raster.columns import Channel
from specwidget.spectrogram import LEVEL_MODES
from specwidget.stft.frame_selection import without_padding
from specwidget.summary.errors import message_of
from specwidget.widgets.debounce import Debouncer
from specwidget.widgets.pcm import PcmStream, peak_of

PIECE_SAMPLES = 2**16
"""Samples that are computed at a time: a second and a half at 44.1 kHz."""

SILENT_MODES = {
    "real": "The real part alone determines neither level nor phase.",
    "imag": "The imaginary part alone determines neither level nor phase.",
    "angle": "Phase alone determines no level.",
}
"""Modes that can't be played, and why."""

Samples = NDArray[np.float32]


def check_resynthesis(layer: FrontEndLayer) -> None:
    """Check that a signal can be reconstructed from the output of a layer.

    Raises
    ------
    ValueError
        If it can't; the message says why.
    """
    if isinstance(layer, BandLayer):
        return
    mode = layer.settings.mode
    if mode in SILENT_MODES:
        listed = ", ".join(map(repr, ("stft", *LEVEL_MODES)))
        raise ValueError(f"`mode` must be one of {listed} for playback; got {mode!r}. {SILENT_MODES[mode]}")
    if layer.path != "fft":
        raise ValueError("The reconstruction needs Fourier kernels, but this layer's weights were changed.")


def iter_resynthesis(
    channel: Channel, first: int, last: int, length: int = PIECE_SAMPLES
) -> Iterator[tuple[int, Samples]]:
    """Reconstruct the signal from the output of a layer, piece by piece.

    Parameters
    ----------
    channel : Channel
        One channel, and the layer whose output for it is inverted.
    first, last : int
        Samples `first` to `last - 1` are reconstructed.
    length : int
        Samples in a piece.

    Yields
    ------
    begin : int
        Index of the first sample of the piece.
    piece : ndarray (n,) of float32
        The samples; 0 where no frame covers them.

    Raises
    ------
    ValueError
        If the mode, the kernels or the window allow no reconstruction.

    Notes
    -----
    The phases of two pieces are searched for independently, and a signal and its negative have the same levels. So each
    piece takes the sign in which it correlates with the one before, and is cross-faded with it over a frame length.
    """
    check_resynthesis(channel.layer)
    fade = channel.settings.frame_length
    # Several frames to a piece, so that the margin round it is not most of the work.
    length = max(length, 8 * fade)
    tail: Samples = np.empty(0, np.float32)
    for begin in range(first, last, length):
        end = min(begin + length, last)
        piece = _resynthesize(channel, begin, min(end + fade, channel.n_samples))
        piece[: len(tail)] = _cross_fade(tail, piece)
        tail = piece[end - begin :]
        yield begin, piece[: end - begin]


def _cross_fade(tail: Samples, piece: Samples) -> Samples:
    """Fade from the end of the last piece to the beginning of this one, whose sign is changed if it fits better."""
    if tail @ piece[: len(tail)] < 0:
        piece *= -1
    rise = (np.arange(len(tail), dtype=np.float32) + 1) / (len(tail) + 1)
    return np.asarray(tail * (1 - rise) + piece[: len(tail)] * rise, dtype=np.float32)


def _resynthesize(channel: Channel, begin: int, end: int) -> Samples:
    """Reconstruct samples `begin` to `end - 1` from the frames that cover them and a frame length on each side."""
    settings, n_frames, n_samples = channel.settings, channel.n_frames, channel.n_samples
    margin, start = settings.frame_length, frame_start(0, n_samples, settings)
    first_frame = min(max((begin - 2 * margin - start) // settings.step, 0), n_frames - 1)
    end_frame = min(max(-(-(end + margin - start) // settings.step), first_frame + 1), n_frames)
    signal = to_numpy(_invert(channel, first_frame, end_frame)).reshape(-1)
    # The first of these frames may begin before `begin`, and before the first sample.
    offset = frame_start(first_frame, n_samples, settings)
    piece = np.zeros(end - begin, np.float32)
    covered = slice(max(offset - begin, 0), max(min(offset + len(signal), end) - begin, 0))
    piece[covered] = signal[max(begin - offset, 0) :][: covered.stop - covered.start]
    return piece


def _invert(channel: Channel, first: int, last: int) -> Any:
    """Return the signal that some frames of the output determine, as far as they do."""
    layer = channel.layer
    if isinstance(layer, BandLayer):
        magnitudes = layer.magnitudes(channel.inputs, first, last)
        return STFTSpectrogram.from_settings(layer.magnitude_settings).reconstruct(magnitudes[None]).signal
    values = layer.frames(channel.inputs, first, last)
    inverse_layer = STFTSpectrogram.from_settings(without_padding(layer.settings))
    result = inverse_layer.inverse(values) if layer.settings.mode == "stft" else inverse_layer.reconstruct(values)
    return result.signal


@dataclass(frozen=True, eq=False)
class ResynthesisRequest:
    """Samples to reconstruct.

    Parameters
    ----------
    channel : Channel
        The channel, with the layer.
    first, last : int
        Samples `first` to `last - 1`.
    header : dict
        Header of the messages to the page.
    is_current : callable
        Tells whether the channel is still on display.
    sample_rate : float
        Sample rate of the channel, Hz.
    speed : float
        Playback speed.
    """

    channel: Channel
    first: int
    last: int
    header: dict[str, Any]
    is_current: Callable[[], bool]
    sample_rate: float
    speed: float = 1.0


class ResynthesisWorker:
    """Reconstructs signals in a thread of its own; the latest request wins.

    Parameters
    ----------
    send : callable
        Called with the request, what is to be added to its header, and PCM or None: first with the fraction of the
        samples that are computed, `progress`; then for each piece with its samples, `first` to `last - 1`, and their
        `gain`; or with the `reason` why there is none.

    Notes
    -----
    A reconstruction may exceed the peak of its signal, and full scale. So its own peak is known before the first piece
    is sent; the parts of one channel that are requested one after the other are scaled by the largest peak so far.
    """

    def __init__(self, send: Callable[[ResynthesisRequest, dict[str, Any], bytes | None], None]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._request: ResynthesisRequest | None = None
        self._loudest: tuple[object, float] = (None, 0.0)
        self._worker = Debouncer(self._run, 0.0)

    def request(self, request: ResynthesisRequest | None) -> None:
        """Reconstruct these samples, or none; an earlier request is cancelled."""
        with self._lock:
            self._request = request
        if request is not None:
            self._worker.request()

    def close(self) -> None:
        """Cancel the current request, and end the thread."""
        self.request(None)
        self._worker.close()

    def _run(self) -> None:
        request = self._request
        if request is None:
            return
        pieces: list[tuple[int, Samples]] = []
        try:
            for begin, piece in iter_resynthesis(request.channel, request.first, request.last):
                if self._worker.is_closed or self._request is not request or not request.is_current():
                    return
                pieces.append((begin, piece))
                done = (begin + len(piece) - request.first) / (request.last - request.first)
                self._send(request, {"progress": done}, None)
        except (ValueError, MemoryError, DeviceError) as error:
            self._send(request, {"reason": message_of(error)}, None)
            return
        stream = PcmStream(request.sample_rate, request.speed, self._peak(request, pieces))
        for begin, piece in pieces:
            last = begin + len(piece)
            pcm = stream.encode(piece, is_last=last >= request.last)
            self._send(request, {"first": begin, "last": last, "gain": stream.gain}, pcm)

    def _peak(self, request: ResynthesisRequest, pieces: list[tuple[int, Samples]]) -> float:
        """Return the largest magnitude of all that was reconstructed from a layer's output."""
        layer, before = self._loudest
        known = before if layer is request.channel.layer else 0.0
        peak = max([known, *(peak_of(piece) for _, piece in pieces)])
        self._loudest = request.channel.layer, peak
        return peak
