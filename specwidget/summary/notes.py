"""Notes: warnings about conflicting settings, each with a one-click fix where there is one.

A note is made by a function of the settings and the sound, in the table `NOTES`. A fix is a change of settings and the
label of its button. It is only offered if the changed settings are valid, and applying it removes its note.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

import numpy as np

from specwidget.keras_differences import applicable_differences
from specwidget.mel.front_ends import front_ends
from specwidget.mel.stages import (
    BandSettings,
    FrontEndSettings,
    make_settings,
    transform_of,
    values_of,
)
from specwidget.stft.kernels import count_kernel_values
from specwidget.stft.overlap import check_cola, check_nola, overlap_sums
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import dropped_tail
from specwidget.stft.synthesis import check_inversion, least_peak, scaled_peak
from specwidget.stft.windows import make_window
from specwidget.summary.floor import find_epsilon
from specwidget.summary.gaps import describe_gaps
from specwidget.summary.limits import check_memory
from specwidget.summary.presets import FRONT_END_PRESETS, find_preset, lengths_at
from specwidget.summary.quantities import format_duration, format_hertz
from specwidget.summary.readouts import format_bytes, format_share
from specwidget.summary.signal_statistics import SignalStatistics, signal_statistics

FLOOR_SHARE_WARN = 0.5
"""Fraction of the output at the floor above which there is a note."""

MIN_COVERAGE = 1e-3
"""Sum of squared window values, as a fraction of the largest, below which a sample counts as not covered."""

TAIL_SHARE_WARN = 0.1
"""Fraction of the sound in the dropped tail above which there is a note."""

MIN_LOSS_DB = 0.005
"""Loss of a sine's level by negative values of the window below which there is no note, dB."""

MOST_LOSS_DB = 100.0
"""Loss above which a sine has no level: the sum of the window is a rounding error."""

OFFSET_WARN = 1.0
"""Mean, in units of the standard deviation, above which there is a note."""

CONSTANT_DEVIATION = 1e-6
"""Standard deviation, in units of the mean, below which a signal counts as constant."""

LISTED_BANDS = 8
"""Most bands that a note lists."""

PEAK_WARN = 10.0
"""Largest magnitude of a sample above which there is a note."""


@dataclass(frozen=True)
class Fix:
    """A change of settings, and the label of its button."""

    label: str
    changes: dict[str, Any] = field(hash=False)


@dataclass(frozen=True)
class Note:
    """A sentence about the settings, under a unique name, and its fix."""

    name: str
    sentence: str
    fix: Fix | None = None

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, eq=False)
class NoteContext:
    """Input of the functions that make notes.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    samples : array (B, L, C)
        The signal, channels last.
    floor_share : float or None
        Fraction of the output at the floor; None where the mode has none.
    memory_limit : int
        Most bytes that kernels may take without a note.
    signal : SignalStatistics
        Statistics of the samples.
    sample_rate : float or None
        Sample rate of the signal, Hz.
    bands : BandSettings, optional
        The bands after the transform, if there are any.
    """

    settings: STFTSettings
    samples: Any
    floor_share: float | None
    memory_limit: int
    signal: SignalStatistics
    sample_rate: float | None = None
    bands: BandSettings | None = None

    @property
    def front_end(self) -> FrontEndSettings:
        """The settings of the transform, or of the bands after it."""
        return self.bands or self.settings

    @property
    def n_samples(self) -> int:
        """Length of the signal, L."""
        return int(self.samples.shape[1])

    @cached_property
    def window(self) -> Any:
        """Values of the window, ones where there is none."""
        values = self.settings.window_values
        return np.ones(self.settings.frame_length) if values is None else values


def notes_on(
    settings: FrontEndSettings,
    samples: Any,
    floor_share: float | None,
    memory_limit: int,
    signal: SignalStatistics | None = None,
    sample_rate: float | None = None,
) -> list[Note]:
    """List the notes about a result.

    Parameters
    ----------
    settings : STFTSettings or BandSettings
        Settings of the front end.
    samples : array (B, L, C)
        The signal, channels last.
    floor_share : float or None
        Fraction of the output at the floor; None where the mode has none.
    memory_limit : int
        Most bytes that kernels may take without a note.
    signal : SignalStatistics, optional
        Statistics of the samples, where they are known from an earlier call.
    sample_rate : float or None
        Sample rate of the signal, Hz.

    Returns
    -------
    list of Note
        No two have the same fix.

    Examples
    --------
    >>> settings = STFTSettings(frame_step=256)
    >>> noise = np.random.default_rng(0).standard_normal((1, 8000, 1))
    >>> [note] = notes_on(settings, noise, 0.0, 2**30)
    >>> note.fix
    Fix(label='Step by half a frame', changes={'frame_step': None})
    """
    statistics = signal or signal_statistics(samples)
    bands = settings if isinstance(settings, BandSettings) else None
    transform = transform_of(settings)
    context = NoteContext(transform, samples, floor_share, memory_limit, statistics, sample_rate, bands)
    notes: list[Note] = []
    fixes: list[Fix] = []
    if bands is not None:
        found = [*_notes_by(BAND_NOTES, context)]
    else:
        found = [*_notes_by(NOTES, context), *keras_notes(transform), *_notes_by(LAST_NOTES, context)]
    for note in found:
        if note.fix is not None and note.fix not in fixes and _is_valid(note.fix, context):
            fixes.append(note.fix)
            notes.append(note)
        else:
            notes.append(replace(note, fix=None))
    return notes


def _notes_by(functions: Iterable[Callable[[NoteContext], Note | None]], context: NoteContext) -> Iterator[Note]:
    for function in functions:
        note = function(context)
        if note is not None:
            yield note


def _is_valid(fix: Fix, context: NoteContext) -> bool:
    """Whether the settings after a fix are valid, fit the sound and need no more memory than the limit."""
    batch, n_samples, channels = context.samples.shape
    try:
        changed = make_settings({**values_of(context.front_end), **fix.changes}, context.sample_rate)
        shape = (batch, n_samples, channels) if changed.channels_last else (batch, channels, n_samples)
        check_memory(changed, shape, context.memory_limit)
    except (ValueError, TypeError):
        return False
    return True


def note_holes(context: NoteContext) -> Note | None:
    """Warn of samples that the windows hardly cover: the step is too long for the window."""
    step = context.settings.step
    nola = check_inversion(context.settings)
    if nola.is_too_small:
        return _small_window(context)
    if nola.holds and nola.margin >= MIN_COVERAGE:
        return None
    squares = overlap_sums((context.window / (np.abs(context.window).max() or 1.0)) ** 2, step)
    share = float(np.mean(squares < MIN_COVERAGE * squares.max())) if squares.max() > 0 else 1.0
    holes = f"{format_share(share)} of the samples are (nearly) zero in every windowed frame"
    if nola.holds:
        growth = f"{1 / math.sqrt(nola.margin):.0f}"
        sentence = (
            f"At a step of {step} samples {holes}. They are hardly visible in the spectrogram, and the inverse "
            f"amplifies errors there by up to {growth}."
        )
    else:
        sentence = (
            f"At a step of {step} samples the windows fail NOLA: {holes}. They are missing from the spectrogram, which "
            "can't be inverted."
        )
    half = max(1, context.settings.frame_length // 2)
    shorter = (half >> power for power in range(half.bit_length()))
    fits = next((each for each in shorter if each < step and _covers_all(context, each)), None)
    if fits is None:
        return Note("holes", sentence)
    if fits == half:
        return Note("holes", sentence, Fix("Step by half a frame", {"frame_step": None}))
    return Note("holes", sentence, Fix(f"Step by {fits} samples", {"frame_step": fits}))


def _small_window(context: NoteContext) -> Note:
    """Warn of a window that is too small for the dtype of the computation."""
    settings = context.settings
    sentence = (
        f"The largest value of the window, {scaled_peak(settings):.1e}, is too small for {settings.compute_dtype}: the "
        f"spectrogram can't be inverted. It must be at least {least_peak(settings):.1e}."
    )
    return Note("holes", sentence, Fix("Scale the window", {"scaling": "density"}))


def _covers_all(context: NoteContext, step: int) -> bool:
    """Whether at this step the windows cover every sample."""
    return check_nola(context.window, step).margin >= MIN_COVERAGE


def note_symmetric(context: NoteContext) -> Note | None:
    """Warn of a symmetric window that fails COLA, where the periodic one meets it.

    Only in mode "stft", from which overlap-add reconstructs the signal; for the other modes a symmetric window is as
    good.
    """
    settings = context.settings
    if settings.mode != "stft" or settings.periodic or not settings.has_named_window:
        return None
    try:
        periodic = make_window(settings.window, settings.frame_length, periodic=True)
    except ValueError:
        return None
    if periodic is None or check_cola(context.window, settings.step).holds:
        return None
    if not check_cola(periodic, settings.step).holds:
        return None
    sentence = (
        f"With a step of {settings.step} samples, the periodic window satisfies the COLA condition and the symmetric "
        "window only approximately. Overlap-add without normalization requires COLA; `inverse` does not."
    )
    return Note("symmetric", sentence, Fix("Make the window periodic", {"periodic": True}))


def note_floor(context: NoteContext) -> Note | None:
    """Warn if much of the output lies at the floor, and offer a lower one."""
    if context.floor_share is None or context.floor_share <= FLOOR_SHARE_WARN:
        return None
    sentence = f"{format_share(context.floor_share)} of the output is clipped at epsilon."
    present = context.settings.result_dtype
    for dtype in dict.fromkeys((present, "float32", "float64")):
        epsilon = find_epsilon(context.samples, replace(context.settings, dtype=dtype))
        if epsilon is None:
            continue
        if dtype == present:
            return Note("floor", sentence, Fix(f"Lower epsilon to {epsilon:g}", {"epsilon": epsilon}))
        fix = Fix(f"Compute in {dtype} with epsilon {epsilon:g}", {"dtype": dtype, "epsilon": epsilon})
        return Note("floor", f"{sentence} Their power is too small for {present}.", fix)
    if context.signal.peak == 0:
        return Note("floor", f"{sentence} All samples are 0.")
    return Note("floor", f"{sentence} No lower epsilon changes that for most of them, as their power is 0.")


def note_negative_window(context: NoteContext) -> Note | None:
    """Warn where "spectrum" divides by more than the sum of the window, as some of its values are negative."""
    settings = context.settings
    if settings.scaling != "spectrum" or settings.window is None or not (context.window < 0).any():
        return None
    total, magnitudes = float(context.window.sum()), float(np.abs(context.window).sum())
    gain = abs(total) / magnitudes
    loss = -20 * math.log10(gain) if gain > 0 else math.inf
    if loss < MIN_LOSS_DB:
        return None
    reads = "no level at all" if loss > MOST_LOSS_DB else f"{loss:.2f} dB too low"
    sentence = (
        f"The window has negative values, and scaling 'spectrum' divides by the sum of |w| = {magnitudes:.4g}, as in "
        f"Keras, not by the sum of w = {total:.4g}: a sine reads {reads}."
    )
    if loss > MOST_LOSS_DB:
        return Note("negative window", sentence)
    return Note("negative window", f"{sentence} Multiply the samples by {1 / gain:.4g} to correct it.")


def note_not_finite(context: NoteContext) -> Note | None:
    """Warn of samples that are NaN or infinite."""
    gaps = context.signal.gaps
    if not gaps:
        return None
    (item, channel), first = next(iter(gaps.items()))
    sentence = describe_gaps(first, context.n_samples, context.settings, context.sample_rate)
    batch, _, channels = context.samples.shape
    if batch * channels == 1:
        return Note("not finite", sentence)
    place = f"channel {channel + 1}" if batch == 1 else f"batch item {item}, channel {channel + 1}"
    others = len(gaps) - 1
    more = f" So it is in {others} more channel{'s' if others > 1 else ''}." if others else ""
    return Note("not finite", f"In {place}: {sentence[0].lower()}{sentence[1:]}{more}")


def note_offset(context: NoteContext) -> Note | None:
    """Warn of a mean that is larger than the standard deviation: it leaks from bin 0 into its neighbours."""
    mean, deviation = context.signal.mean, context.signal.deviation
    if not abs(mean) > OFFSET_WARN * deviation:
        return None
    if deviation <= abs(mean) * CONSTANT_DEVIATION:
        return Note(
            "offset", f"The signal is constant at {mean:.4g}: only bin 0 and the side lobes around it have power."
        )
    return Note(
        "offset",
        f"The mean of the signal is {mean:.4g}, {abs(mean) / deviation:.3g} times its standard deviation: bin 0 and "
        "its neighbours show this offset. Subtract the mean if it is of no interest.",
    )


def note_scale(context: NoteContext) -> Note | None:
    """Warn of samples far beyond 1, to which levels in dB and epsilon refer."""
    peak = context.signal.peak
    if peak <= PEAK_WARN:
        return None
    return Note(
        "scale",
        f"The samples reach {peak:.4g}; sound files lie within ±1. Levels in dB refer to 1, and so does epsilon. "
        "Divide integer samples by their full scale, such as 32768 for 16 bits.",
    )


def note_long_frame(context: NoteContext) -> Note | None:
    """Warn of a frame that is longer than the sound, so that every frame is partly padding."""
    settings, n_samples = context.settings, context.n_samples
    if settings.frame_length <= n_samples:
        return None
    length = 1 << max(0, (n_samples // 4).bit_length() - 1)
    step = None if settings.frame_step is None or settings.frame_step > length else settings.frame_step
    changes = {"frame_length": length, "frame_step": step, "fft_length": None}
    sentence = (
        f"The frame length of {settings.frame_length} samples exceeds the {n_samples} samples of the sound: every "
        "frame contains zeros from the padding, and there is hardly any resolution in time."
    )
    return Note("long frame", sentence, Fix(f"Shorten the frame to {length}", changes))


def note_preset(context: NoteContext) -> Note | None:
    """Warn of lengths that a preset has at another sample rate, so that they last longer or less long here."""
    settings, rate = context.settings, context.sample_rate
    found = None if rate is None else find_preset(settings, rate)
    if found is None or rate is None:
        return None
    preset, meant = found
    lengths = lengths_at(preset, rate)
    there, here = (
        f"{format_duration(settings.frame_length / each)} every {format_duration(settings.step / each)}"
        for each in (meant, rate)
    )
    sentence = (
        f"The lengths are those of the preset {preset.title!r} at {format_hertz(meant)}, where frames last {there}. At "
        f"the {format_hertz(rate)} of this sound they last {here}."
    )
    return Note("preset", sentence, Fix(f"Use frames of {lengths['frame_length']} samples", lengths))


def note_tail(context: NoteContext) -> Note | None:
    """Warn if much of the sound's end is in no frame."""
    tail = dropped_tail(context.n_samples, context.settings)
    if context.settings.padding == "same" or tail <= TAIL_SHARE_WARN * context.n_samples:
        return None
    sentence = (
        f"The last {tail} samples, {format_share(tail / context.n_samples)} of the sound, are in no frame: padding "
        "'valid' drops an incomplete last frame."
    )
    return Note("tail", sentence, Fix("Pad the ends", {"padding": "same"}))


def note_advice(context: NoteContext) -> Note | None:
    """Return the settings' own advice about the FFT length."""
    advice = context.settings.advice
    return Note("fft length", " ".join(advice), _power_of_two(context.settings)) if advice else None


def _power_of_two(settings: STFTSettings) -> Fix:
    """Return the fix of an FFT length that is no power of two: the next one, or the default if that is equal."""
    length = 1 << (settings.n_fft - 1).bit_length()
    is_default = replace(settings, fft_length=None).n_fft == length
    return Fix(f"Use an FFT of {length} samples", {"fft_length": None if is_default else length})


def note_kernels(context: NoteContext) -> Note | None:
    """Warn of kernels that exceed the memory limit; the spectrogram is computed by FFT without them."""
    needed = count_kernel_values(context.settings) * np.dtype(context.settings.compute_dtype).itemsize
    if needed <= context.memory_limit:
        return None
    sentence = (
        f"The kernels would take {format_bytes(needed)}, more than the limit of {format_bytes(context.memory_limit)}. "
        "The spectrogram is computed by FFT, without kernels; to train them, reduce `frame_length` or `fft_length`."
    )
    return Note("kernels", sentence)


def keras_notes(settings: STFTSettings) -> list[Note]:
    """Return a note for each difference from Keras that these settings meet, in the words of the cross-check."""
    fixes = {name: make(settings) for name, make in KERAS_FIXES.items()}
    return [
        Note(f"keras {each.name}", each.sentence, fixes.get(each.name)) for each in applicable_differences(settings)
    ]


KERAS_FIXES: dict[str, Callable[[STFTSettings], Fix]] = {
    "odd fft_length": _power_of_two,
    "psd's last bin": _power_of_two,
}
"""Fixes that avoid a difference from Keras, by its name."""


def note_empty_bands(context: NoteContext) -> Note | None:
    """Warn of bands that hold no bin, so that they are constant; libraries only warn of them, if that."""
    assert context.bands is not None
    mel = context.bands.mel
    empty = mel.bank.empty_bands
    if not empty:
        return None
    listed = ", ".join(map(str, empty[:LISTED_BANDS])) + (", \u2026" if len(empty) > LISTED_BANDS else "")
    sentence = (
        f"Bands without a bin, {len(empty)} of {mel.n_bands}, have one value whatever the sound: {listed}. Their "
        "triangles lie between two bins."
    )
    for n_fft in (mel.n_fft << power for power in range(1, 4)):
        if not replace(mel, fft_length=n_fft).bank.empty_bands:
            return Note("empty bands", sentence, Fix(f"FFT length {n_fft}", {"fft_length": n_fft}))
    return Note("empty bands", sentence)


def note_above_half_the_rate(context: NoteContext) -> Note | None:
    """Warn of bands above half the sample rate, where there are no bins."""
    assert context.bands is not None
    mel = context.bands.mel
    top = mel.sampling_rate / 2
    if mel.highest_frequency <= top:
        return None
    sentence = (
        f"The bands reach to {format_hertz(mel.highest_frequency, 5)}, but the sound ends at {format_hertz(top, 5)}, "
        "half its sample rate: bands above it are empty."
    )
    return Note("above half the rate", sentence, Fix("End at half the rate", {"max_freq": None}))


def note_features(context: NoteContext) -> Note | None:
    """Tell that the original of these settings does more than the layer."""
    assert context.bands is not None
    values = _apart_from_arrays(context.bands)
    for name, given in _arranging_front_ends().items():
        if given == values:
            sentence = (
                f"{FRONT_END_PRESETS[name].title} pads, cuts or arranges the recording, too, which this page does not: "
                f"in Python, specwidget.front_ends[{name!r}].features(samples) returns its features."
            )
            return Note("features", sentence)
    return None


@cache
def _arranging_front_ends() -> dict[str, dict[str, Any]]:
    """Return the values of the settings of the front ends that do more than their layer, by name."""
    layers = {name: each.layer for name, each in front_ends.items() if not each.is_layer_alone}
    return {name: _apart_from_arrays(BandSettings.of(layer)) for name, layer in layers.items()}


def _apart_from_arrays(settings: BandSettings) -> dict[str, Any]:
    """Return values and sample rate, without layout and type of the arrays."""
    values = values_of(settings) | {"data_format": None, "dtype": None}
    return values | {"sampling_rate": settings.mel.sampling_rate}


BAND_NOTES: tuple[Callable[[NoteContext], Note | None], ...] = (
    note_not_finite,
    note_scale,
    note_above_half_the_rate,
    note_empty_bands,
    note_features,
)
"""Functions that make notes about a mel spectrogram or MFCC."""

NOTES: tuple[Callable[[NoteContext], Note | None], ...] = (
    note_not_finite,
    note_scale,
    note_offset,
    note_holes,
    note_long_frame,
    note_preset,
    note_tail,
    note_symmetric,
    note_negative_window,
    note_floor,
)
"""Functions that make notes, in the order of display. A new note is one more function."""

LAST_NOTES: tuple[Callable[[NoteContext], Note | None], ...] = (note_advice, note_kernels)
"""Functions whose notes follow those about Keras, which say more where both apply."""
