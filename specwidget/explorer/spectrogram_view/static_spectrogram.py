"""What the picture needs where no kernel answers: itself at its finest, the values of each frame, the sound."""

from __future__ import annotations

from typing import Any

import numpy as np

from specwidget.explorer.state.snapshot import Snapshot
from specwidget.raster.picture import DECIBELS
from specwidget.raster.waveform import Envelope
from specwidget.spectrogram import to_decibels
from specwidget.widgets.pcm import encode_pcm
from specwidget.widgets.static_view import Buffers

IN_BROWSER = ("frequency_axis", "time_axis", "colour_map", "value_range")
"""Display choices that need no kernel."""

FINEST = (4096, 1536)
"""Most columns and rows that are saved; where there are no more frames and bins, each has its own."""

WAVE_PARTS = 8192
"""Parts of the waveform that are saved."""

MOST_VALUES = 2**21
"""Most values that are saved exactly: 8 MiB."""

MOST_SOUND = 2**21
"""Most samples of a sound that is saved to be heard: 4 MiB, 48 s at 44.1 kHz."""


def saved_messages(still: Snapshot) -> list[tuple[dict[str, Any], Buffers]]:
    """Return what the view is told at first: the pictures and the waveforms.

    Parameters
    ----------
    still : Still
        What is shown.

    Returns
    -------
    list of (message, buffers)
        As they are sent to a view with a kernel; the first picture is of the whole, and opens at the visible part.
    """
    shown, visible = still.shown, still.display["visible"]
    # On a linear axis no two bins share a row as long as there are rows enough, whatever the axis shown.
    axis = "linear" if shown.settings.n_outputs <= FINEST[1] else still.display["axis"]
    whole = still.picture(*FINEST, visible=None, axis=axis)
    wave = Envelope(still.samples).between(0, shown.n_samples, WAVE_PARTS)
    seen = {**whole.header(), "visible": None if visible is None else list(visible)}
    told: list[tuple[str, dict[str, Any], Buffers]] = [("picture", seen, whole.buffers())]
    if still.overview is not None:
        told.append(("overview", still.overview.header(), still.overview.buffers()))
    told += [(kind, wave.header(), wave.buffers()) for kind in ("waveform", "waveform_overview")]
    return [({"kind": kind, "header": {"serial": 0, **header}}, buffers) for kind, header, buffers in told]


def saved_answers(still: Snapshot) -> dict[str, Any]:
    """Return what questions are answered from: `values` with `window`, and `sound`, where they are not too large.

    Parameters
    ----------
    still : Still
        What is shown.

    Returns
    -------
    dict
        `values`: the frames of the channel, float32, in the unit shown; `window`: its values, float32; `sound`: 16-bit
        samples of the channel and their rate in Hz.
    """
    found: dict[str, Any] = {}
    settings, n_frames = still.shown.settings, still.shown.n_frames
    if n_frames * settings.n_outputs <= MOST_VALUES:
        values = still.channel.frames(0, n_frames)
        told = to_decibels(values, settings) if still.display["decibels"] and settings.mode in DECIBELS else values
        window = np.ones(settings.frame_length) if settings.window_values is None else settings.window_values
        data = np.ascontiguousarray(told, dtype="<f4").tobytes()
        found["values"] = {"frames": n_frames, "width": settings.n_outputs, "data": data}
        found["window"] = window.astype("<f4").tobytes()
    if still.playback_rate is not None and still.shown.n_samples <= MOST_SOUND:
        found["sound"] = {"rate": still.playback_rate, "data": encode_pcm(still.samples)}
    return found
