"""Figure: align the STFT of another library with ours: frame position, window, mean, scale and phase."""

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
from specwidget.teach.scenes.conventions import CONVENTIONS, frame_positions
from specwidget.teach.scenes.griffin_lim import RATE, speech_excerpt

Spectrum: TypeAlias = NDArray[np.complex128]

FRAME_LENGTH, FRAME_STEP, FFT_LENGTH = 400, 160, 512
MIN_LEVEL_DB = -340.0
"""Lower end of the error axis, dB, where a difference of 0 is drawn."""

ROUNDING_LIMIT = 1e-12
"""Largest difference attributed to rounding, relative to the largest value."""

EDGE_LENGTH = FRAME_LENGTH // 2
"""Samples muted at both ends of the inverse, where the sum of the squared windows is close to 0."""


@dataclass(frozen=True)
class LibraryDefaults:
    """Conventions of a library that is called with lengths, a step and ``window="hann"``.

    Parameters
    ----------
    title : str
        Name of the function.
    convention : str
        Key of `CONVENTIONS`: frame positions and phase origin.
    is_periodic : bool
        Whether named windows are periodic.
    is_scaled : bool
        Whether the values are divided by the root of the energy of the window.
    keeps_mean : bool
        Whether the mean of each frame is kept; False is SciPy's ``detrend="constant"``.
    pad_mode : {"constant", "reflect"}
        Mode of `numpy.pad` beyond the ends of the signal: zeros or reflection.
    has_float32_phases : bool
        Whether the phases of its kernels are rounded to float32.
    """

    title: str
    convention: str
    is_periodic: bool = True
    is_scaled: bool = False
    keeps_mean: bool = True
    pad_mode: Literal["constant", "reflect"] = "constant"
    has_float32_phases: bool = False


LIBRARIES: dict[str, LibraryDefaults] = {
    "librosa": LibraryDefaults("librosa.stft", "librosa"),
    "torch": LibraryDefaults("torch.stft", "torch", pad_mode="reflect"),
    "scipy": LibraryDefaults("scipy ShortTimeFFT", "scipy"),
    "scipy_spectrogram": LibraryDefaults("scipy spectrogram", "scipy_spectrogram", is_scaled=True, keeps_mean=False),
    "keras": LibraryDefaults(
        "Keras STFTSpectrogram", "specwidget", is_periodic=False, is_scaled=True, has_float32_phases=True
    ),
}
"""The libraries by name, in the order of the menu."""

SWITCHES: tuple[Control, ...] = (
    switch("frames", False, "Frame t starts at sample t × step, without padding.", label="Align frames"),
    switch("window", False, "Symmetric window, as ours, instead of a periodic one.", label="Align window"),
    switch("mean", False, "Keep the mean, which scipy.signal.spectrogram removes from each frame.", label="Align mean"),
    switch("scale", False, "Divide by the root of the energy of the window.", label="Align scale"),
    switch("phase", False, "Measure the phase from the first sample of the window.", label="Align phase"),
)
"""One switch per convention."""


def draw(*, library: str, frame: int, quantity: str, **switches: bool) -> Scene:
    """Draw one frame by specwidget and by a library, and the difference."""
    defaults, aligned = LIBRARIES[library], frozenset(name for name, is_on in switches.items() if is_on)
    ours, theirs = our_stft()[frame], library_stft(library, aligned)[frame]
    largest = float(np.abs(our_stft()).max())
    errors = {
        "complex values": np.abs(ours - theirs) / largest,
        "magnitudes": np.abs(np.abs(ours) - np.abs(theirs)) / largest,
    }
    frequencies = np.arange(len(ours)) * RATE / FFT_LENGTH
    span = (0.0, float(frequencies[-1]))
    curves = [QUANTITIES[quantity][1](values, largest) for values in (ours, theirs)]
    axes = (
        Axes(
            f"Frame {frame}: {QUANTITIES[quantity][0]}",
            "frequency (Hz)",
            QUANTITIES[quantity][2],
            span,
            padded_extent(curves),
            [
                Line(frequencies, curves[0], "specwidget"),
                Line(frequencies, curves[1], defaults.title, "second", "dashed"),
            ],
        ),
        Axes(
            "Difference",
            "frequency (Hz)",
            "difference (dB re largest)",
            span,
            (MIN_LEVEL_DB, 60.0),
            [
                ReferenceLine(y=float(decibels(np.finfo(np.float64).eps, MIN_LEVEL_DB)), label="float64 eps"),
                Line(frequencies, decibels(errors["complex values"], MIN_LEVEL_DB), "complex values", "third"),
                Line(frequencies, decibels(errors["magnitudes"], MIN_LEVEL_DB), "magnitudes", "fourth", "dashed"),
            ],
            y_ticks=tuple((float(level), str(level).replace("-", "−")) for level in range(-300, 61, 60)),
        ),
    )
    worst = {name: float(values.max()) for name, values in errors.items()}
    return Scene(axes, f"{_difference_text(defaults, frame, worst)} {_remaining_text(library, aligned)}")


def make_settings() -> STFTSettings:
    """Make the settings of our STFT."""
    return STFTSettings("stft", FRAME_LENGTH, FRAME_STEP, FFT_LENGTH, dtype="float64")


@lru_cache(maxsize=1)
def our_stft() -> Spectrum:
    """Compute our STFT of the speech, (n_frames, n_bins)."""
    settings = make_settings()
    return _to_complex(
        transform(
            speech_excerpt(), mode="stft", frame_length=FRAME_LENGTH, frame_step=FRAME_STEP, fft_length=FFT_LENGTH
        )
        .channel_values()
        .reshape(-1, 2, settings.n_bins)
    )


@lru_cache(maxsize=256)
def library_stft(library: str, aligned: frozenset[str]) -> Spectrum:
    """Compute the STFT of a library, (n_frames, n_bins), with some of its conventions replaced by ours."""
    defaults, settings = LIBRARIES[library], make_settings()
    start, origin = frame_offsets(library)
    window = make_window("hann", FRAME_LENGTH, defaults.is_periodic and "window" not in aligned)
    assert window is not None
    frames = cut_frames(speech_excerpt(), 0 if "frames" in aligned else start, defaults.pad_mode)
    if not defaults.keeps_mean and "mean" not in aligned:
        frames = frames - frames.mean(axis=1, keepdims=True)
    if defaults.has_float32_phases:
        real, imag = keras_kernels(STFTSettings("stft", FRAME_LENGTH, FRAME_STEP, FFT_LENGTH))
        return np.asarray(frames @ real + 1j * (frames @ imag))
    spectrum = rfft(frames * window, FFT_LENGTH)
    if "phase" not in aligned:
        # The modulo keeps the phase within one cycle, so that rounding does not grow with the bin.
        cycles = np.arange(settings.n_bins) * origin % FFT_LENGTH / FFT_LENGTH
        spectrum = spectrum * np.exp(2j * np.pi * cycles)
    if defaults.is_scaled:
        return np.asarray(spectrum / np.sqrt(np.sum(window**2)))
    return np.asarray(spectrum / settings.kernel_scale if "scale" in aligned else spectrum)


def cut_frames(samples: Values, start: int, pad_mode: Literal["constant", "reflect"]) -> Values:
    """Cut as many frames as ours has; the first one starts at sample `start`."""
    n_padded = FFT_LENGTH
    padded = np.pad(samples, n_padded, mode=pad_mode)
    return sliding_window_view(padded, FRAME_LENGTH)[start + n_padded :: FRAME_STEP][
        : count_frames(len(samples), make_settings())
    ]


def frame_offsets(library: str) -> tuple[int, int]:
    """Return the start of the first window, and the phase origin relative to it, in samples."""
    _, window, origin, _ = frame_positions(
        CONVENTIONS[LIBRARIES[library].convention], make_settings(), len(speech_excerpt())
    )
    return window, origin - window


def conventions_to_align(library: str) -> tuple[str, ...]:
    """List the switches that change the values of a library."""
    defaults, (start, origin) = LIBRARIES[library], frame_offsets(library)
    differs = {
        "frames": start != 0,
        "window": defaults.is_periodic,
        "mean": not defaults.keeps_mean,
        "scale": not defaults.is_scaled,
        "phase": origin != 0,
    }
    return tuple(name for name, is_different in differs.items() if is_different)


def render_audio(**_values: object) -> AudioClip:
    """Render the speech."""
    return AudioClip(normalised(speech_excerpt()), RATE)


def render_inverse(*, library: str, frame: int, quantity: str, **switches: bool) -> AudioClip:
    """Render our inverse of the library's values, with both ends muted."""
    aligned = frozenset(name for name, is_on in switches.items() if is_on)
    samples = np.array(compute_inverse(library_stft(library, aligned)[None], make_settings()).signal[0, :, 0])
    # At the ends the inverse divides by values close to 0. Frames that do not fade with our window get so loud there
    # that the normalisation would make the rest inaudible.
    samples[:EDGE_LENGTH] = samples[-EDGE_LENGTH:] = 0.0
    return AudioClip(normalised(samples), RATE)


def _level(values: Spectrum, largest: float) -> Values:
    """Convert magnitudes to dB relative to our largest one."""
    return decibels(np.abs(values) / largest, -100.0)


def _real(values: Spectrum, largest: float) -> Values:
    """Divide real parts by our largest magnitude."""
    ratios: Values = values.real / largest
    return ratios


QUANTITIES: dict[str, tuple[str, Any, str]] = {
    "magnitude": ("magnitude", _level, "magnitude (dB re largest)"),
    "real": ("real part", _real, "relative to largest"),
}
"""Quantities that can be drawn: title, function, axis label."""


def _to_complex(parts: Values) -> Spectrum:
    """Combine real and imaginary parts (n_frames, 2, n_bins) to complex values."""
    return np.asarray(parts[:, 0] + 1j * parts[:, 1])


def _difference_text(defaults: LibraryDefaults, frame: int, worst: dict[str, float]) -> str:
    if max(worst.values()) < ROUNDING_LIMIT:
        return f"Frame {frame} of {defaults.title} agrees with ours to rounding."
    differences = ", ".join(f"{name} {_amount(worst[name])}" for name in ("magnitudes", "complex values"))
    return f"Frame {frame} of {defaults.title} differs from ours: {differences}."


def _amount(share: float) -> str:
    """Format a difference relative to the largest value."""
    return "by rounding only" if share < ROUNDING_LIMIT else f"by up to {share:.2g} of our largest value"


def _remaining_text(library: str, aligned: frozenset[str]) -> str:
    labels = {each.name: each.label for each in SWITCHES}
    remaining = [labels[name].removeprefix("Align ") for name in conventions_to_align(library) if name not in aligned]
    if remaining:
        return f"Still to align: {', '.join(remaining)}."
    if LIBRARIES[library].has_float32_phases:
        return "All conventions are aligned; the remaining difference is due to kernel phases rounded to float32."
    return "All conventions are aligned."


FIGURE = FigureSpec(
    "library_alignment",
    "Aligning conventions",
    draw,
    (
        choice(
            "library",
            "librosa",
            "Called with lengths, step and window 'hann'.",
            choices=tuple((name, library.title) for name, library in LIBRARIES.items()),
        ),
        slider("frame", 15, "Frame number; the first frames may extend beyond the signal.", span=(0, 53)),
        choice(
            "quantity",
            "magnitude",
            "Magnitudes do not depend on the phase convention.",
            choices=(("magnitude", "magnitude"), ("real", "real part")),
        ),
        *SWITCHES,
    ),
    {"Play the signal": render_audio, "Play our inverse of their values": render_inverse},
)
