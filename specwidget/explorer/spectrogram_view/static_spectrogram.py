"""Static state of the spectrogram view: fine pictures, values of each frame, and the sound."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import soundfile

from specwidget.arrays import to_numpy
from specwidget.explorer.state.snapshot import Snapshot
from specwidget.raster.picture import Picture
from specwidget.raster.quantity import to_displayed
from specwidget.raster.waveform import Envelope
from specwidget.widgets.pcm import encode_pcm, full_scale_gain, peak_of
from specwidget.widgets.static_view import KEPT_CELLS, N_LEVELS, Buffers, Extra, pack, static_codes

BROWSER_CHOICES = ("frequency_axis", "time_axis", "colour_map", "value_range")
"""Display choices that work without a kernel."""

FINEST_SIZE = (4096, 1536)
"""Most columns and rows of a saved picture; it has one for each frame and bin, if these are fewer."""

MOST_CELLS = 2**21
"""Most cells of a saved picture."""

WAVEFORM_PARTS = 8192
"""Parts of a saved waveform."""

NOMINAL_RATE = 44_100
"""Sample rate of the sound's file. The page knows the true one: a browser would resample to its own."""

ENCODER_SAMPLES = 2**14
"""Samples that the encoder gets at a time: libvorbis needs a stack for all of them."""

SOUND_FORMS = {
    "FLAC": ("PCM_16", "16-bit FLAC, without loss."),
    "OGG": ("VORBIS", "Ogg Vorbis, with the loss of that codec: what is heard is not exactly the sound."),
}
"""By format the codec of libsndfile, and how it is named in the page."""


def static_messages(snapshot: Snapshot) -> tuple[list[tuple[dict[str, Any], Buffers]], str]:
    """Return the first messages to the view, pictures and waveforms, and how precise they are.

    Parameters
    ----------
    snapshot : Snapshot
        What the page displays.

    Returns
    -------
    messages : list of (message, buffers)
        As a kernel sends them. The picture is of the whole, and the view opens it at the visible part.
    sentence : str
        What is saved of the picture.
    """
    settings, options = snapshot.computation.settings, snapshot.choices.picture
    visible = options.visible
    # With as many rows as bins, a linear axis has one for each, and the browser can draw every axis from it.
    axis = "linear" if settings.n_outputs <= FINEST_SIZE[1] else options.frequency_axis
    n_rows = min(settings.n_outputs, FINEST_SIZE[1])
    n_columns = min(FINEST_SIZE[0], MOST_CELLS // n_rows)
    picture = snapshot.picture(n_columns, n_rows, visible=None, frequency_axis=axis)
    waveform = Envelope(snapshot.samples).between(0, snapshot.computation.n_samples, WAVEFORM_PARTS)
    header = {**picture.header(), "visible": None if visible is None else list(visible), "resolution": _step(picture)}
    messages: list[tuple[str, dict[str, Any], Buffers]] = [("picture", header, _picture_buffers(picture))]
    if snapshot.overview is not None:
        messages.append(("overview", snapshot.overview.header(), _picture_buffers(snapshot.overview)))
    messages += [(kind, waveform.header(), waveform.buffers()) for kind in ("waveform", "waveform_overview")]
    with_serial = [({"kind": kind, "header": {"serial": 0, **header}}, buffers) for kind, header, buffers in messages]
    return with_serial, describe_picture(picture)


def describe_picture(picture: Picture) -> str:
    """Return how many cells a saved picture has, and how precise their values are."""
    rows, columns = picture.codes.shape
    size = f"The picture has {columns:,} by {rows:,} cells for {picture.grid.n_frames:,} frames"
    step = _step(picture)
    if step is None:
        return f"{size}, in 65,535 levels."
    unit = f" {picture.quantity.unit}" if picture.quantity.unit else ""
    return f"{size}, in {N_LEVELS} levels that are {step:.2g}{unit} apart."


def _step(picture: Picture) -> float | None:
    """Return the distance of two levels; None where the codes are kept."""
    return None if picture.codes.size <= KEPT_CELLS else (picture.high - picture.low) / (N_LEVELS - 1)


def static_extras(snapshot: Snapshot) -> tuple[Extra, ...]:
    """Return the data that answers later requests of the view, each of which may be left out."""
    computation = snapshot.computation
    # A bit of Ogg Vorbis for a sample, a byte for a value: few sounds need less.
    n_sound = 0 if computation.sample_rate is None else computation.n_samples // 8
    n_values = computation.n_frames * computation.settings.n_outputs
    return (
        Extra("sound", "the sound", n_sound, lambda: _sound_forms(snapshot, computation.sample_rate)),
        Extra("values", "the exact values of every frame", n_values, lambda: _values_forms(snapshot)),
    )


def static_window(snapshot: Snapshot) -> Any:
    """Return the window, float32, which is drawn over the waveform."""
    settings = snapshot.computation.settings
    window = np.ones(settings.frame_length) if settings.window_values is None else settings.window_values
    return pack(window.astype("<f4").tobytes())


def _picture_buffers(picture: Picture) -> Buffers:
    _, *starts = picture.buffers()
    return [static_codes(picture.codes), *starts]


def _sound_forms(snapshot: Snapshot, rate: float | None) -> Iterator[tuple[str, Any]]:
    """Yield the channel as files of audio, of which the page decodes the samples."""
    samples = to_numpy(snapshot.samples)
    gain = full_scale_gain(peak_of(samples))
    pcm = np.frombuffer(encode_pcm(samples.astype(np.float32) * np.float32(gain)), "<i2")
    for kind, (codec, name) in SOUND_FORMS.items():
        file = io.BytesIO()
        with soundfile.SoundFile(file, "w", NOMINAL_RATE, 1, format=kind, subtype=codec) as encoder:
            for first in range(0, len(pcm), ENCODER_SAMPLES):
                encoder.write(pcm[first : first + ENCODER_SAMPLES])
        facts = {"rate": rate, "gain": gain, "total": len(samples), "nominal": NOMINAL_RATE}
        yield f"The sound is stored as {name}", {**facts, "data": file.getvalue()}


def _values_forms(snapshot: Snapshot) -> Iterator[tuple[str, Any]]:
    """Yield the frames of the channel, float32, in the displayed unit."""
    settings, n_frames = snapshot.computation.settings, snapshot.computation.n_frames
    quantity = snapshot.choices.quantity(settings, snapshot.computation.sample_rate)
    values = to_displayed(snapshot.channel.frames(0, n_frames), settings, quantity)
    data = np.ascontiguousarray(values, dtype="<f4").tobytes()
    yield (
        "The cursor reads the exact values of every frame.",
        {"frames": n_frames, "width": settings.n_outputs, "data": data},
    )
