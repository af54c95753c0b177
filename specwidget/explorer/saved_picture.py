"""What the picture needs where no kernel answers: itself at its finest, the values of each frame, the sound."""

from __future__ import annotations

from typing import Any

import numpy as np

from specwidget.explorer.shown import Shown
from specwidget.explorer.sounding import encode_pcm
from specwidget.explorer.standing import Buffers
from specwidget.explorer.state import ExplorerState
from specwidget.pixels.picture import DECIBELS
from specwidget.pixels.waveform import Envelope
from specwidget.result import to_decibels

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


def saved_messages(state: ExplorerState, shown: Shown, display: dict[str, Any]) -> list[tuple[dict[str, Any], Buffers]]:
    """Return what the view is told at first: the pictures and the waveforms.

    Parameters
    ----------
    state : ExplorerState
        What the page shows.
    shown : Shown
        What is drawn.
    display : dict
        The display choices, as `check_display` returns them.

    Returns
    -------
    list of (message, buffers)
        As they are sent to a view with a kernel; the first picture is of the whole, and opens at the visible part.
    """
    # On a linear axis no two bins share a row as long as there are rows enough, whatever the axis shown.
    axis = "linear" if shown.settings.n_outputs <= FINEST[1] else display["axis"]
    whole = state.exact_picture(*FINEST, visible=None, axis=axis)
    channel = shown.sound.samples[display["batch_item"], :, display["channel"]]
    wave = Envelope(channel).between(0, shown.n_samples, WAVE_PARTS)
    seen = {**whole.header(), "visible": None if display["visible"] is None else list(display["visible"])}
    told: list[tuple[str, dict[str, Any], Buffers]] = [("picture", seen, whole.buffers())]
    state.draw_overview()
    if state.overview is not None:
        told.append(("overview", state.overview.header(), state.overview.buffers()))
    told += [(kind, wave.header(), wave.buffers()) for kind in ("waveform", "waveform_overview")]
    return [({"kind": kind, "header": {"serial": 0, **header}}, buffers) for kind, header, buffers in told]


def saved_answers(state: ExplorerState, shown: Shown, display: dict[str, Any]) -> dict[str, Any]:
    """Return what questions are answered from: `values` with `window`, and `sound`, where they are not too large.

    Parameters
    ----------
    state : ExplorerState
        What the page shows.
    shown : Shown
        What is drawn.
    display : dict
        The display choices, as `check_display` returns them.

    Returns
    -------
    dict
        `values`: the frames of the channel, float32, in the unit shown; `window`: its values, float32; `sound`: 16-bit
        samples of the channel and their rate in Hz.
    """
    found: dict[str, Any] = {}
    settings = shown.settings
    if shown.n_frames * settings.n_outputs <= MOST_VALUES:
        values = shown.channel(display["batch_item"], display["channel"]).read(0, shown.n_frames)
        told = to_decibels(values, settings) if display["decibels"] and settings.mode in DECIBELS else values
        window = np.ones(settings.frame_length) if settings.window_values is None else settings.window_values
        data = np.ascontiguousarray(told, dtype="<f4").tobytes()
        found["values"] = {"frames": shown.n_frames, "width": settings.n_outputs, "data": data}
        found["window"] = window.astype("<f4").tobytes()
    samples, rate = state.heard_channel()
    if rate is not None and len(samples) <= MOST_SOUND:
        found["sound"] = {"rate": rate, "data": encode_pcm(samples)}
    return found
