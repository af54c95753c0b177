"""Where five libraries put their first frame, the window in the FFT, and the origin of the phase."""

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

Place = Callable[[STFTSettings, int], int]


@dataclass(frozen=True)
class Convention:
    """What a library does when it is called with lengths and step alone.

    Parameters
    ----------
    title : str
        The call.
    fft_start : callable
        Sample at which the first FFT begins, from the settings and the length of the signal.
    window_offset : callable
        Sample of the FFT at which the window begins.
    origin_offset : callable
        Sample of the FFT from which the phase is counted.
    """

    title: str
    fft_start: Place
    window_offset: Place
    origin_offset: Place


def _none(_settings: STFTSettings, _n_samples: int) -> int:
    """Return 0: at the beginning."""
    return 0


def _same_start(settings: STFTSettings, n_samples: int) -> int:
    """Return where padding "same" puts the first frame."""
    return frame_start(0, n_samples, replace(settings, padding="same"))


def _half_before(settings: STFTSettings, _n_samples: int) -> int:
    """Return where an FFT begins whose middle is sample 0."""
    return -(settings.n_fft // 2)


def _in_middle(settings: STFTSettings, _n_samples: int) -> int:
    """Return where a window begins that lies in the middle of the FFT."""
    return (settings.n_fft - settings.frame_length) // 2


def _middle_of_window(settings: STFTSettings, _n_samples: int) -> int:
    """Return the middle of a window at the beginning of the FFT."""
    return settings.frame_length // 2


def _first_slice(settings: STFTSettings, _n_samples: int) -> int:
    """Return where the first slice begins whose window reaches into the signal, middles being multiples of the step."""
    after = settings.frame_length - settings.frame_length // 2
    return -((after - 1) // settings.step) * settings.step - settings.frame_length // 2


CONVENTIONS: dict[str, Convention] = {
    "specwidget": Convention("specwidget, Keras: valid", _none, _none, _none),
    "specwidget_same": Convention("specwidget, Keras: same", _same_start, _none, _none),
    "librosa": Convention("librosa.stft", _half_before, _in_middle, _none),
    "torch": Convention("torch.stft", _half_before, _in_middle, _none),
    "scipy": Convention("scipy ShortTimeFFT", _first_slice, _none, _middle_of_window),
    "scipy_spectrogram": Convention("scipy spectrogram", _none, _none, _none),
}
"""The conventions by name, from top to bottom."""

HEARD_SECONDS = 0.5
"""How long an FFT lasts when it is heard."""

PAUSE = 0.25
"""Silence, seconds, from one FFT to the next."""


def draw(*, frame_length: int, fft_length: int, frame_step: int, n_samples: int) -> Scene:
    """Draw for each library the first FFT, the window in it, its middle, and the origin of the phase."""
    settings = settings_of(frame_length, fft_length, frame_step)
    if n_samples < frame_length:
        raise ValueError(f"`n_samples` must be at least frame_length={frame_length}; got {n_samples}.")
    items: list[Item] = [ReferenceLine(x=0.0, label="start of the signal", colour="ink", style="solid")]
    ends = [0.0]
    for row, convention in enumerate(reversed(CONVENTIONS.values())):
        start, window, origin, middle = places(convention, settings, n_samples)
        named = row == 0
        ends += [start, start + settings.n_fft]
        items += [
            Band(
                (start, start + settings.n_fft),
                (row + 0.2, row + 0.8),
                "FFT" if named else "",
                colour="muted",
                fill="none",
            ),
            Band((window, window + frame_length), (row + 0.2, row + 0.8), "window" if named else "", colour="first"),
            Points([middle], [row + 0.5], "middle of the window" if named else "", "first"),
            Points([origin], [row + 0.5], "origin of the phase" if named else "", "second", "cross"),
        ]
    room = 0.04 * (max(ends) - min(ends))
    titles = [convention.title for convention in reversed(CONVENTIONS.values())]
    axes = Axes(
        "The first frame of each",
        "sample of the signal",
        "",
        (min(ends) - room, max(ends) + room),
        (0, len(CONVENTIONS)),
        [*items, *(_title(title, row, min(ends) - room) for row, title in enumerate(titles))],
        y_ticks=(),
        height=1.7,
    )
    ours, theirs = (places(CONVENTIONS[name], settings, n_samples)[3] for name in ("specwidget", "librosa"))
    caption = (
        f"Frame 0's window has its middle at sample {ours:g} here and at {theirs:g} in librosa and PyTorch, which pad "
        f"{fft_length // 2} samples before the signal. Magnitudes agree once frames stand at the same place; "
        f"angles differ by the turn from one origin of the phase to the other."
    )
    return Scene((axes,), caption)


def places(convention: Convention, settings: STFTSettings, n_samples: int) -> tuple[int, int, int, float]:
    """Return the sample at which the first FFT begins, its window, the origin of the phase, and the window's middle."""
    start = convention.fft_start(settings, n_samples)
    window = start + convention.window_offset(settings, n_samples)
    return start, window, start + convention.origin_offset(settings, n_samples), window + settings.frame_length / 2


def settings_of(frame_length: int, fft_length: int, frame_step: int) -> STFTSettings:
    """Return the settings that all of them are called with."""
    return STFTSettings(frame_length=frame_length, fft_length=fft_length, frame_step=frame_step, window=None)


def hear(*, frame_length: int, fft_length: int, frame_step: int, n_samples: int) -> AudioClip:
    """Return what the first FFT of each holds of a tone, slowed down, from the top row to the last.

    A tone sounds where the window lies on the signal; before the signal and outside of the window there are zeros.
    """
    settings = settings_of(frame_length, fft_length, frame_step)
    tone = sine(PITCH, round(HEARD_SECONDS * RATE), RATE)
    pause = np.zeros(round(PAUSE * RATE))
    ffts = [tone * _is_filled(each, settings, n_samples, len(tone)) for each in CONVENTIONS.values()]
    return AudioClip(normalised(np.concatenate([part for fft in ffts for part in (fft, pause)])), RATE)


def _is_filled(convention: Convention, settings: STFTSettings, n_samples: int, n_points: int) -> Values:
    """Return 1 where the first FFT holds samples of the signal and 0 elsewhere, at points evenly over it."""
    start, window, _, _ = places(convention, settings, n_samples)
    sample = start + np.arange(n_points) * settings.n_fft // n_points
    on_window = (sample >= window) & (sample < window + settings.frame_length)
    filled: Values = (on_window & (sample >= 0)).astype(np.float64)
    return filled


def _title(title: str, row: int, left: float) -> Item:
    """Return the name of a row, above its bar."""
    return Text(left, row + 0.9, f" {title}")


PLAN = FigureSpec(
    "conventions",
    "Five conventions, one signal",
    draw,
    (
        length("frame_length", 400, "Centred padding follows the FFT, not the frame.", span=(16, 1024)),
        length(
            "fft_length", 1024, "Longer than the frame: see where the zeros go.", span=(16, 2048), label="FFT length"
        ),
        length("frame_step", 160, "Decides where 'same' and ShortTimeFFT begin.", span=(1, 1024)),
        slider("n_samples", 16000, "Moves the first frame of 'same'.", span=(1024, 20000), label="Samples"),
    ),
    {"Hear the first FFT of each": hear},
)
