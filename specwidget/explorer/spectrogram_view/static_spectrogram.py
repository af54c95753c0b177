"""Static state of the spectrogram view: finest pictures, values of each frame, and the sound."""

from __future__ import annotations

from typing import Any

import numpy as np

from specwidget.arrays import to_numpy
from specwidget.explorer.state.snapshot import Snapshot
from specwidget.raster.quantity import to_displayed
from specwidget.raster.waveform import Envelope
from specwidget.widgets.pcm import PcmStream, peak_of
from specwidget.widgets.static_view import Buffers

BROWSER_CHOICES = ("frequency_axis", "time_axis", "colour_map", "value_range")
"""Display choices that work without a kernel."""

FINEST_SIZE = (4096, 1536)
"""Most columns and rows of a saved picture; it has one for each frame and bin, if these are fewer."""

WAVEFORM_PARTS = 8192
"""Parts of a saved waveform."""

MAX_VALUES = 2**21
"""Most exact values that are saved: 8 MiB."""

MAX_SOUND_SAMPLES = 2**21
"""Most samples of a sound that is saved for playback: 4 MiB, 48 s at 44.1 kHz."""


def static_messages(snapshot: Snapshot) -> list[tuple[dict[str, Any], Buffers]]:
    """Return the first messages to the view: pictures and waveforms.

    Parameters
    ----------
    snapshot : Snapshot
        What the page displays.

    Returns
    -------
    list of (message, buffers)
        As a kernel sends them. The picture is of the whole, and the view opens it at the visible part.
    """
    settings, options = snapshot.computation.settings, snapshot.choices.picture
    visible = options.visible
    # With as many rows as bins, a linear axis has one for each, and the browser can draw every axis from it.
    axis = "linear" if settings.n_outputs <= FINEST_SIZE[1] else options.frequency_axis
    picture = snapshot.picture(*FINEST_SIZE, visible=None, frequency_axis=axis)
    waveform = Envelope(snapshot.samples).between(0, snapshot.computation.n_samples, WAVEFORM_PARTS)
    header = {**picture.header(), "visible": None if visible is None else list(visible)}
    messages: list[tuple[str, dict[str, Any], Buffers]] = [("picture", header, picture.buffers())]
    if snapshot.overview is not None:
        messages.append(("overview", snapshot.overview.header(), snapshot.overview.buffers()))
    messages += [(kind, waveform.header(), waveform.buffers()) for kind in ("waveform", "waveform_overview")]
    return [({"kind": kind, "header": {"serial": 0, **header}}, buffers) for kind, header, buffers in messages]


def static_store(snapshot: Snapshot) -> dict[str, Any]:
    """Return the data that answers later requests of the view, unless it is too large.

    Parameters
    ----------
    snapshot : Snapshot
        What the page displays.

    Returns
    -------
    dict
        `values`: the frames of the channel, float32, in the displayed unit; `window`: its values, float32; `sound`:
        16-bit PCM of the channel, its rate in Hz, and how many samples of the sound are heard in a second.
    """
    store: dict[str, Any] = {}
    settings, n_frames = snapshot.computation.settings, snapshot.computation.n_frames
    if n_frames * settings.n_outputs <= MAX_VALUES:
        quantity = snapshot.choices.quantity(settings, snapshot.computation.sample_rate)
        values = to_displayed(snapshot.channel.frames(0, n_frames), settings, quantity)
        window = np.ones(settings.frame_length) if settings.window_values is None else settings.window_values
        data = np.ascontiguousarray(values, dtype="<f4").tobytes()
        store["values"] = {"frames": n_frames, "width": settings.n_outputs, "data": data}
        store["window"] = window.astype("<f4").tobytes()
    rate = snapshot.computation.sample_rate
    if rate is not None and snapshot.computation.n_samples <= MAX_SOUND_SAMPLES:
        samples = to_numpy(snapshot.samples)
        stream = PcmStream(rate, peak=peak_of(samples))
        if len(samples) <= stream.longest:
            facts = {"rate": stream.rate, "heard": stream.heard, "gain": stream.gain, "total": len(samples)}
            store["sound"] = {**facts, "data": stream.encode(samples, is_last=True)}
    return store
