"""What the layer keeps, made audible: the signal that its output stands for, piece by piece.

From real and imaginary parts the signal comes back as it was, but for rounding; from levels a phase is searched for.
Each piece is made from the frames that cover it, so that the first can be told while the others are under way.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import DeviceError, to_numpy
from specwidget.layer import STFTSpectrogram
from specwidget.raster.columns import Channel
from specwidget.spectrogram import LEVEL_MODES
from specwidget.stft.frame_selection import without_padding
from specwidget.stft.shapes import frame_start
from specwidget.widgets.debounce import Debouncer

logger = logging.getLogger(__name__)

PIECE_SAMPLES = 2**16
"""Samples that are made at a time: a second and a half at 44.1 kHz."""

SILENT_MODES = {
    "real": "The real part alone keeps neither level nor phase.",
    "imag": "The imaginary part alone keeps neither level nor phase.",
    "angle": "An angle keeps no level.",
}
"""Why some modes can't be heard."""

Samples = NDArray[np.float32]


def check_kept(layer: STFTSpectrogram) -> None:
    """Raise a ValueError whose sentence says why nothing can be brought back from the output of a layer."""
    mode = layer.settings.mode
    if mode in SILENT_MODES:
        listed = ", ".join(map(repr, ("stft", *LEVEL_MODES)))
        raise ValueError(f"`mode` must be one of {listed} to be heard; got {mode!r}. {SILENT_MODES[mode]}")
    if layer.path != "fft":
        raise ValueError(
            "`weights` must be Fourier's kernels to be heard; got kernels of the layer's own, which have no way back."
        )


def iter_resynthesis(
    channel: Channel, first: int, last: int, length: int = PIECE_SAMPLES
) -> Iterator[tuple[int, Samples]]:
    """Bring back the signal that the output of a layer stands for, piece by piece.

    Parameters
    ----------
    channel : Channel
        One channel and the layer, whose output for it is brought back.
    first, last : int
        Samples `first` to `last - 1` are wanted.
    length : int
        Samples in a piece.

    Yields
    ------
    begin : int
        Number of the first sample of the piece.
    piece : ndarray (n,) of float32
        The samples. They are 0 where the output says nothing about them.

    Raises
    ------
    ValueError
        If the mode, the kernels or the window have no way back.

    Notes
    -----
    Two pieces are searched for apart, and have no common phase: a signal and its negative have the same levels. So
    each one gets the sign in which it is more like the one before, and fades in over the length of a frame.
    """
    check_kept(channel.layer)
    fade = channel.settings.frame_length
    # A piece holds several frames, so that what it costs is not the margin round it.
    length = max(length, 8 * fade)
    tail: Samples = np.empty(0, np.float32)
    for begin in range(first, last, length):
        end = min(begin + length, last)
        piece = _bring_back(channel, begin, min(end + fade, channel.n_samples))
        piece[: len(tail)] = _faded(tail, piece)
        tail = piece[end - begin :]
        yield begin, piece[: end - begin]


def _faded(tail: Samples, piece: Samples) -> Samples:
    """Fade from the end of the last piece to the beginning of this one, which is turned round if that fits better."""
    if tail @ piece[: len(tail)] < 0:
        piece *= -1
    rise = (np.arange(len(tail), dtype=np.float32) + 1) / (len(tail) + 1)
    return np.asarray(tail * (1 - rise) + piece[: len(tail)] * rise, dtype=np.float32)


def _bring_back(channel: Channel, begin: int, end: int) -> Samples:
    """Bring back samples `begin` to `end - 1` from the frames that cover them and a frame's length on each side."""
    settings, n_frames, n_samples = channel.settings, channel.n_frames, channel.n_samples
    margin, start = settings.frame_length, frame_start(0, n_samples, settings)
    one = min(max((begin - 2 * margin - start) // settings.step, 0), n_frames - 1)
    end_frame = min(max(-(-(end + margin - start) // settings.step), one + 1), n_frames)
    values = channel.layer.frames(channel.inputs, one, end_frame)
    back = STFTSpectrogram.from_settings(without_padding(settings))
    made = back.inverse(values) if settings.mode == "stft" else back.reconstruct(values)
    signal = to_numpy(made.signal).reshape(-1)
    at = frame_start(one, n_samples, settings)
    piece = np.zeros(end - begin, np.float32)
    into = slice(max(at - begin, 0), max(min(at + len(signal), end) - begin, 0))
    piece[into] = signal[max(begin - at, 0) :][: into.stop - into.start]
    return piece


@dataclass(frozen=True, eq=False)
class Request:
    """What is to be heard, and whether it still is.

    Parameters
    ----------
    channel : Channel
        The channel, with the layer.
    first, last : int
        Samples `first` to `last - 1`.
    about : dict
        What the page is told of it beside the samples.
    is_current : callable
        Tells whether this is still what is shown.
    """

    channel: Channel
    first: int
    last: int
    about: dict[str, Any]
    is_current: Callable[[], bool]


class ResynthesisWorker:
    """Brings a signal back in a thread of its own; the latest request wins.

    Parameters
    ----------
    tell : callable
        Called with the request, a number of the first sample and the samples, for each piece; or with the request, None
        and the sentence that says why there is nothing to be heard.
    """

    def __init__(self, tell: Callable[[Request, int | None, Any], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._request: Request | None = None
        self._work = Debouncer(self._run, 0.0)

    def request(self, request: Request | None) -> None:
        """Ask for a signal, or for none; what is under way for an earlier request is abandoned."""
        with self._lock:
            self._request = request
        if request is not None:
            self._work.request()

    def close(self) -> None:
        """Stop."""
        self.request(None)
        self._work.close()

    def _run(self) -> None:
        """Bring the latest request back, as long as it is the latest."""
        request = self._request
        if request is None:
            return
        try:
            for begin, piece in iter_resynthesis(request.channel, request.first, request.last):
                if self._request is not request or not request.is_current():
                    return
                self._tell(request, begin, piece)
        except (ValueError, MemoryError, DeviceError) as error:
            self._tell(request, None, str(error))
