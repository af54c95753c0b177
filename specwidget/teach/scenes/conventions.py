"""Figure: position of the first frame, of the window in the FFT, and of the phase origin, by library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from specwidget.charts.scene import Axes, Band, Item, Points, ReferenceLine, Scene, Text, Values
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import frame_start
from specwidget.teach.analysis import sine
from specwidget.teach.audio import PITCH, RATE
from specwidget.teach.figure_spec import AudioClip, FigureSpec, length, normalised, slider

Offset = Callable[[STFTSettings, int], int]


@dataclass(frozen=True)
class Convention:
    """Framing convention of a library that is called with lengths and step only.

    Parameters
    ----------
    title : str
        Name of the function.
    fft_start : callable
        Sample at which the first FFT starts, a function of the settings and the length of the signal.
    window_offset : callable
        Offset of the window within the FFT, samples.
    origin_offset : callable
        Offset of the phase origin within the FFT, samples.
    """

    title: str
    fft_start: Offset
    window_offset: Offset
    origin_offset: Offset


def _zero(_settings: STFTSettings, _n_samples: int) -> int:
    return 0


def _same_start(settings: STFTSettings, n_samples: int) -> int:
    return frame_start(0, n_samples, replace(settings, padding="same"))


def _centred_start(settings: STFTSettings, _n_samples: int) -> int:
    """Start of an FFT whose centre is sample 0."""
    return -(settings.n_fft // 2)


def _centred_window(settings: STFTSettings, _n_samples: int) -> int:
    """Offset of a window centred in the FFT."""
    return (settings.n_fft - settings.frame_length) // 2


def _window_centre(settings: STFTSettings, _n_samples: int) -> int:
    """Offset of the centre of a window at the start of the FFT."""
    return settings.frame_length // 2


def _first_slice(settings: STFTSettings, _n_samples: int) -> int:
    """Start of the first slice whose window overlaps the signal; window centres are multiples of the step."""
    after = settings.frame_length - settings.frame_length // 2
    return -((after - 1) // settings.step) * settings.step - settings.frame_length // 2


CONVENTIONS: dict[str, Convention] = {
    "specwidget": Convention("specwidget, Keras (valid)", _zero, _zero, _zero),
    "specwidget_same": Convention("specwidget, Keras (same)", _same_start, _zero, _zero),
    "librosa": Convention("librosa.stft", _centred_start, _centred_window, _zero),
    "torch": Convention("torch.stft", _centred_start, _centred_window, _zero),
    "scipy": Convention("scipy ShortTimeFFT", _first_slice, _zero, _window_centre),
    "scipy_spectrogram": Convention("scipy spectrogram", _zero, _zero, _zero),
}
"""The conventions by name, from top to bottom."""

AUDIO_SECONDS = 0.5
"""Duration of one FFT in the audio, seconds."""

PAUSE = 0.25
"""Silence between two FFTs in the audio, seconds."""


def draw(*, frame_length: int, fft_length: int, frame_step: int, n_samples: int) -> Scene:
    """Draw the first FFT of each library with its window, the centre of the window, and the phase origin."""
    settings = make_settings(frame_length, fft_length, frame_step)
    if n_samples < frame_length:
        raise ValueError(f"`n_samples` must be at least frame_length={frame_length}; got {n_samples}.")
    items: list[Item] = [ReferenceLine(x=0.0, label="start of signal", colour="ink", style="solid")]
    ends = [0.0]
    for row, convention in enumerate(reversed(CONVENTIONS.values())):
        start, window, origin, centre = frame_positions(convention, settings, n_samples)
        is_labelled = row == 0
        ends += [start, start + settings.n_fft]
        items += [
            Band(
                (start, start + settings.n_fft),
                (row + 0.2, row + 0.8),
                "FFT" if is_labelled else "",
                colour="muted",
                fill="none",
            ),
            Band(
                (window, window + frame_length), (row + 0.2, row + 0.8), "window" if is_labelled else "", colour="first"
            ),
            Points([centre], [row + 0.5], "centre of window" if is_labelled else "", "first"),
            Points([origin], [row + 0.5], "phase origin" if is_labelled else "", "second", "cross"),
        ]
    margin = 0.04 * (max(ends) - min(ends))
    titles = [convention.title for convention in reversed(CONVENTIONS.values())]
    axes = Axes(
        "First frame of each library",
        "sample n",
        "",
        (min(ends) - margin, max(ends) + margin),
        (0, len(CONVENTIONS)),
        [*items, *(_title(title, row, min(ends) - margin) for row, title in enumerate(titles))],
        y_ticks=(),
        height=1.7,
    )
    ours, theirs = (frame_positions(CONVENTIONS[name], settings, n_samples)[3] for name in ("specwidget", "librosa"))
    caption = (
        f"The window of frame 0 is centred at sample {ours:g} in specwidget and at {theirs:g} in librosa and PyTorch, "
        f"which pad {fft_length // 2} samples before the signal. With frames at the same positions the magnitudes "
        f"agree; the angles differ by a phase shift due to the distance of the phase origins."
    )
    return Scene((axes,), caption)


def frame_positions(convention: Convention, settings: STFTSettings, n_samples: int) -> tuple[int, int, int, float]:
    """Compute the first sample of the first FFT and of its window, the phase origin, and the centre of the window."""
    start = convention.fft_start(settings, n_samples)
    window = start + convention.window_offset(settings, n_samples)
    return start, window, start + convention.origin_offset(settings, n_samples), window + settings.frame_length / 2


def make_settings(frame_length: int, fft_length: int, frame_step: int) -> STFTSettings:
    """Make the settings that every library is called with."""
    return STFTSettings(frame_length=frame_length, fft_length=fft_length, frame_step=frame_step, window=None)


def render_audio(*, frame_length: int, fft_length: int, frame_step: int, n_samples: int) -> AudioClip:
    """Render the first FFT of each library, from the top row to the bottom row, stretched in time.

    A tone sounds where the window overlaps the signal; the padding and the rest of the FFT are silent.
    """
    settings = make_settings(frame_length, fft_length, frame_step)
    tone = sine(PITCH, round(AUDIO_SECONDS * RATE), RATE)
    pause = np.zeros(round(PAUSE * RATE))
    ffts = [tone * _signal_mask(each, settings, n_samples, len(tone)) for each in CONVENTIONS.values()]
    return AudioClip(normalised(np.concatenate([part for fft in ffts for part in (fft, pause)])), RATE)


def _signal_mask(convention: Convention, settings: STFTSettings, n_samples: int, n_points: int) -> Values:
    """Mark with 1 the points of the first FFT that hold samples of the signal, and with 0 all others."""
    start, window, _, _ = frame_positions(convention, settings, n_samples)
    sample = start + np.arange(n_points) * settings.n_fft // n_points
    on_window = (sample >= window) & (sample < window + settings.frame_length)
    mask: Values = (on_window & (sample >= 0)).astype(np.float64)
    return mask


def _title(title: str, row: int, left: float) -> Item:
    """Make the title of a row, above its bar."""
    return Text(left, row + 0.9, f" {title}")


FIGURE = FigureSpec(
    "conventions",
    "Framing conventions",
    draw,
    (
        length(
            "frame_length", 400, "Libraries with centred frames pad by half an FFT, not half a frame.", span=(16, 1024)
        ),
        length(
            "fft_length",
            1024,
            "If longer than the frame, zeros follow or surround the window.",
            span=(16, 2048),
            label="FFT length",
        ),
        length("frame_step", 160, "Affects the first frame of 'same' and of ShortTimeFFT.", span=(1, 1024)),
        slider("n_samples", 16000, "Affects the first frame of 'same'.", span=(1024, 20000), label="Samples"),
    ),
    {"Play the first FFT of each": render_audio},
)
