"""A frame of another library beside ours, and what brings it to ours: place, window, mean, scale and phase."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from specwidget.arrays import rfft
from specwidget.charts.scene import Axes, Line, ReferenceLine, Scene, Values, padded_extent
from specwidget.peers.keras import keras_kernels
from specwidget.stft.inverse import compute_inverse
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames
from specwidget.stft.windows import make_window
from specwidget.summary.controls import Control
from specwidget.teach.analysis import decibels, transform
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, normalised, slider, switch
from specwidget.teach.scenes.conventions import CONVENTIONS, places
from specwidget.teach.scenes.griffin_lim import RATE, words

Spectrum: TypeAlias = NDArray[np.complex128]

FRAME_LENGTH, FRAME_STEP, FFT_LENGTH = 400, 160, 512
LOWEST = -340.0
"""Level, dB, at which no difference at all is drawn."""

ROUNDING = 1e-12
"""Largest difference, as a share of the largest value, that is called rounding."""

EDGE = FRAME_LENGTH // 2
"""Samples at both ends that are silent where a library's values are taken for ours: hardly a window reaches there."""


@dataclass(frozen=True)
class Library:
    """What a library does when it is called with lengths, step and a Hann window by its name.

    Parameters
    ----------
    title : str
        The call.
    convention : str
        Key of `CONVENTIONS`: where its frames lie, and from where it counts the phase.
    is_periodic : bool
        Whether a window by name is periodic.
    is_scaled : bool
        Whether values are divided by the root of the window's energy.
    keeps_mean : bool
        Whether the mean of a frame stays in it.
    beyond : {"constant", "reflect"}
        What lies beyond the ends of the signal: zeros, or its mirror image.
    rounds_phases : bool
        Whether the phases of its kernels are rounded to float32.
    """

    title: str
    convention: str
    is_periodic: bool = True
    is_scaled: bool = False
    keeps_mean: bool = True
    beyond: Literal["constant", "reflect"] = "constant"
    rounds_phases: bool = False


LIBRARIES: dict[str, Library] = {
    "librosa": Library("librosa.stft", "librosa"),
    "torch": Library("torch.stft", "torch", beyond="reflect"),
    "scipy": Library("scipy ShortTimeFFT", "scipy"),
    "scipy_spectrogram": Library("scipy spectrogram", "scipy_spectrogram", is_scaled=True, keeps_mean=False),
    "keras": Library("Keras STFTSpectrogram", "specwidget", is_periodic=False, is_scaled=True, rounds_phases=True),
}
"""The libraries by name, in the order of the menu."""

SWITCHES: tuple[Control, ...] = (
    switch("frames", False, "Frame t begins at sample t step, and nothing is padded.", label="Frames where ours are"),
    switch("window", False, "Symmetric, as ours, in place of periodic.", label="Our window"),
    switch("mean", False, "SciPy's spectrogram takes the mean off each frame.", label="Mean kept"),
    switch("scale", False, "Divided by the root of the window's energy.", label="Our scale"),
    switch("phase", False, "Counted from the first sample of the window.", label="Our phase"),
)
"""What can be aligned: a switch for each."""


def draw(*, library: str, frame: int, shown: str, **switches: bool) -> Scene:
    """Draw one frame by us and by a library, and how far they are apart."""
    chosen, aligned = LIBRARIES[library], frozenset(name for name, is_on in switches.items() if is_on)
    mine, other = ours()[frame], theirs(library, aligned)[frame]
    largest = float(np.abs(ours()).max())
    apart = {
        "complex values": np.abs(mine - other) / largest,
        "magnitudes": np.abs(np.abs(mine) - np.abs(other)) / largest,
    }
    frequencies = np.arange(len(mine)) * RATE / FFT_LENGTH
    span = (0.0, float(frequencies[-1]))
    curves = [PARTS[shown][1](values, largest) for values in (mine, other)]
    axes = (
        Axes(
            f"Frame {frame}: {PARTS[shown][0]}",
            "frequency (Hz)",
            PARTS[shown][2],
            span,
            padded_extent(curves),
            [
                Line(frequencies, curves[0], "specwidget"),
                Line(frequencies, curves[1], chosen.title, "second", "dashed"),
            ],
        ),
        Axes(
            "How far they are apart",
            "frequency (Hz)",
            "relative to the largest (dB)",
            span,
            (LOWEST, 60.0),
            [
                ReferenceLine(y=float(decibels(np.finfo(np.float64).eps, LOWEST)), label="eps of float64"),
                Line(frequencies, decibels(apart["complex values"], LOWEST), "complex values", "third"),
                Line(frequencies, decibels(apart["magnitudes"], LOWEST), "magnitudes", "fourth", "dashed"),
            ],
            y_ticks=tuple((float(level), str(level).replace("-", "−")) for level in range(-300, 61, 60)),
        ),
    )
    worst = {name: float(values.max()) for name, values in apart.items()}
    return Scene(axes, f"{_distance(chosen, frame, worst)} {_what_is_left(library, aligned)}")


def settings_of() -> STFTSettings:
    """Return the settings of ours."""
    return STFTSettings("stft", FRAME_LENGTH, FRAME_STEP, FFT_LENGTH, dtype="float64")


@lru_cache(maxsize=1)
def ours() -> Spectrum:
    """Return our transform of the words, (n_frames, n_bins)."""
    settings = settings_of()
    return _to_complex(
        transform(words(), mode="stft", frame_length=FRAME_LENGTH, frame_step=FRAME_STEP, fft_length=FFT_LENGTH)
        .panel()
        .reshape(-1, 2, settings.n_bins)
    )


@lru_cache(maxsize=256)
def theirs(library: str, aligned: frozenset[str]) -> Spectrum:
    """Return a library's transform of the words, (n_frames, n_bins), with some of its conventions made ours."""
    chosen, settings = LIBRARIES[library], settings_of()
    start, origin = place_of(library)
    window = make_window("hann", FRAME_LENGTH, chosen.is_periodic and "window" not in aligned)
    assert window is not None
    frames = read_frames(words(), 0 if "frames" in aligned else start, chosen.beyond)
    if not chosen.keeps_mean and "mean" not in aligned:
        frames = frames - frames.mean(axis=1, keepdims=True)
    if chosen.rounds_phases:
        real, imag = keras_kernels(STFTSettings("stft", FRAME_LENGTH, FRAME_STEP, FFT_LENGTH))
        return np.asarray(frames @ real + 1j * (frames @ imag))
    spectrum = rfft(frames * window, FFT_LENGTH)
    if "phase" not in aligned:
        turns = np.arange(settings.n_bins) * origin % FFT_LENGTH / FFT_LENGTH
        spectrum = spectrum * np.exp(2j * np.pi * turns)
    if chosen.is_scaled:
        return np.asarray(spectrum / np.sqrt(np.sum(window**2)))
    return np.asarray(spectrum / settings.kernel_scale if "scale" in aligned else spectrum)


def read_frames(samples: Values, start: int, beyond: Literal["constant", "reflect"]) -> Values:
    """Return as many frames as ours are, the first of which begins at sample `start`."""
    room = FFT_LENGTH
    around = np.pad(samples, room, mode=beyond)
    return sliding_window_view(around, FRAME_LENGTH)[start + room :: FRAME_STEP][
        : count_frames(len(samples), settings_of())
    ]


def place_of(library: str) -> tuple[int, int]:
    """Return where the first window begins, and how many samples after its beginning the phase is counted from."""
    _, window, origin, _ = places(CONVENTIONS[LIBRARIES[library].convention], settings_of(), len(words()))
    return window, origin - window


def to_align(library: str) -> tuple[str, ...]:
    """Return the switches by which a library's values change."""
    chosen, (start, origin) = LIBRARIES[library], place_of(library)
    differs = {
        "frames": start != 0,
        "window": chosen.is_periodic,
        "mean": not chosen.keeps_mean,
        "scale": not chosen.is_scaled,
        "phase": origin != 0,
    }
    return tuple(name for name, is_other in differs.items() if is_other)


def hear(**_values: object) -> AudioClip:
    """Return the words."""
    return AudioClip(normalised(words()), RATE)


def hear_mixed_up(*, library: str, frame: int, shown: str, **switches: bool) -> AudioClip:
    """Return what comes back where a library's values are taken for ours, but for the ends."""
    aligned = frozenset(name for name, is_on in switches.items() if is_on)
    samples = np.array(compute_inverse(theirs(library, aligned)[None], settings_of()).signal[0, :, 0])
    # Values that don't fade with our window are divided by nearly nothing there, and would drown all the rest.
    samples[:EDGE] = samples[-EDGE:] = 0.0
    return AudioClip(normalised(samples), RATE)


def _level(values: Spectrum, largest: float) -> Values:
    """Return magnitudes in decibels relative to the largest of ours."""
    return decibels(np.abs(values) / largest, -100.0)


def _real(values: Spectrum, largest: float) -> Values:
    """Return real parts as a share of the largest magnitude of ours."""
    shares: Values = values.real / largest
    return shares


PARTS: dict[str, tuple[str, Any, str]] = {
    "magnitude": ("the magnitudes", _level, "level (dB)"),
    "real": ("the real parts", _real, "share of the largest"),
}
"""What can be looked at: its title, the function that makes it, the name of its axis."""


def _to_complex(parts: Values) -> Spectrum:
    """Return complex values of real and imaginary parts (n_frames, 2, n_bins)."""
    return np.asarray(parts[:, 0] + 1j * parts[:, 1])


def _distance(library: Library, frame: int, worst: dict[str, float]) -> str:
    """Return how far the two are apart."""
    if max(worst.values()) < ROUNDING:
        return f"Frame {frame} of {library.title} is ours: what is left of the difference is rounding."
    told = ", ".join(f"{name} {_amount(worst[name])}" for name in ("magnitudes", "complex values"))
    return f"Frame {frame} of {library.title} and ours are apart: {told}."


def _amount(share: float) -> str:
    """Return a share of the largest value in words."""
    return "by rounding alone" if share < ROUNDING else f"by up to {share:.2g} times our largest value"


def _what_is_left(library: str, aligned: frozenset[str]) -> str:
    """Return what is still to be aligned."""
    labels = {each.name: each.label for each in SWITCHES}
    left = [labels[name].lower() for name in to_align(library) if name not in aligned]
    if left:
        return f"Still to align: {', '.join(left)}."
    if LIBRARIES[library].rounds_phases:
        return "Its conventions are ours; what is left is that its kernels are made of phases rounded to float32."
    return "Nothing is left to align."


PLAN = FigureSpec(
    "aligning",
    "One convention after the other",
    draw,
    (
        choice(
            "library",
            "librosa",
            "Each is called with lengths, step and 'hann'.",
            choices=tuple((name, library.title) for name, library in LIBRARIES.items()),
        ),
        slider("frame", 15, "Look at the first frames, too: they reach beyond the signal.", span=(0, 53)),
        choice(
            "shown",
            "magnitude",
            "Magnitudes agree before real parts do.",
            choices=(("magnitude", "magnitude"), ("real", "real part")),
        ),
        *SWITCHES,
    ),
    {"Hear the signal": hear, "Hear theirs, read as ours": hear_mixed_up},
)
