"""Gentle notes about settings that fight each other, each with its remedy where there is one.

A note is a function of what is known of a result, in the table `NOTES`. A remedy is settings to change and what its
button says; it is only offered where it is possible, and applying it makes its note disappear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from specwidget.keras_differences import applicable_differences
from specwidget.stft.kernels import count_kernel_values
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import dropped_tail
from specwidget.stft.windows import check_cola, check_nola, make_window, overlap_sums
from specwidget.summary.floor import find_epsilon
from specwidget.summary.limits import check_memory
from specwidget.summary.readouts import format_bytes, format_share

MUCH = 0.5
"""Share of the output on the floor from which on a note says so."""

LEAST_WEIGHT = 1e-3
"""Least weight of a sample, as a share of the largest, below which the windows are said to leave it out."""

LOST = 0.1
"""Share of the sound in the dropped tail from which on a note says so."""


@dataclass(frozen=True)
class Fix:
    """Settings to change, and what the button that changes them says."""

    label: str
    changes: dict[str, Any] = field(hash=False)


@dataclass(frozen=True)
class Note:
    """A sentence about the settings, under a name that no other note has, and what can be done about it."""

    name: str
    sentence: str
    remedy: Fix | None = None

    def __str__(self) -> str:
        """Return the sentence."""
        return self.sentence


@dataclass(frozen=True, eq=False)
class NoteContext:
    """What notes are made from.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    samples : array (B, L, C)
        What was transformed.
    floor_share : float or None
        Share of the output on the floor; None where the mode has none.
    memory_limit : int
        Most bytes that kernels may take without a note.
    """

    settings: STFTSettings
    samples: Any
    floor_share: float | None
    memory_limit: int

    @property
    def n_samples(self) -> int:
        """Length of the signal, L."""
        return int(self.samples.shape[1])

    @cached_property
    def window(self) -> Any:
        """Values of the window, ones where there is none."""
        values = self.settings.window_values
        return np.ones(self.settings.frame_length) if values is None else values


def notes_on(settings: STFTSettings, samples: Any, floor_share: float | None, memory_limit: int) -> list[Note]:
    """Tell what is worth knowing about a result, and what can be done about it.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    samples : array (B, L, C)
        What was transformed, channels last.
    floor_share : float or None
        Share of the output on the floor; None where the mode has none.
    memory_limit : int
        Most bytes that kernels may take without a note.

    Returns
    -------
    list of Note
        No two offer the same remedy.

    Examples
    --------
    >>> settings = STFTSettings(frame_step=256)
    >>> [note] = notes_on(settings, np.ones((1, 8000, 1)), 0.0, 2**30)
    >>> note.remedy
    Remedy(label='Step by half a frame', changes={'frame_step': None})
    """
    known = NoteContext(settings, samples, floor_share, memory_limit)
    notes: list[Note] = []
    offered: list[Fix] = []
    for note in (*_notes_by(NOTES, known), *keras_notes(known.settings), *_notes_by(LAST_NOTES, known)):
        useful = note.remedy is not None and note.remedy not in offered and _is_possible(note.remedy, known)
        if note.remedy is not None and useful:
            offered.append(note.remedy)
        notes.append(note if useful else replace(note, remedy=None))
    return notes


def _notes_by(makers: Iterable[Callable[[NoteContext], Note | None]], known: NoteContext) -> Iterator[Note]:
    """Yield the notes that are due."""
    for make in makers:
        note = make(known)
        if note is not None:
            yield note


def _is_possible(remedy: Fix, known: NoteContext) -> bool:
    """Tell whether settings can be changed as a remedy asks."""
    batch, n_samples, channels = known.samples.shape
    try:
        changed = replace(known.settings, **remedy.changes)
        shape = (batch, n_samples, channels) if changed.channels_last else (batch, channels, n_samples)
        check_memory(changed, shape, known.memory_limit)
    except (ValueError, TypeError):
        return False
    return True


def note_holes(known: NoteContext) -> Note | None:
    """Tell of samples that no frame gives weight to: the step is too long for the window."""
    step = known.settings.step
    if check_nola(known.window, step).margin >= LEAST_WEIGHT:
        return None
    squares = overlap_sums((known.window / (np.abs(known.window).max() or 1.0)) ** 2, step)
    share = float(np.mean(squares < LEAST_WEIGHT * squares.max())) if squares.max() > 0 else 1.0
    sentence = (
        f"With a step of {step} samples the windows fail NOLA: {format_share(share)} of the samples get no weight from "
        "any frame, or nearly none. What happens there is not in the picture, and can't be brought back."
    )
    half = max(1, known.settings.frame_length // 2)
    shorter = (half >> power for power in range(half.bit_length()))
    fits = next((each for each in shorter if each < step and _gives_weight(known, each)), None)
    if fits is None:
        return Note("holes", sentence)
    if fits == half:
        return Note("holes", sentence, Fix("Step by half a frame", {"frame_step": None}))
    return Note("holes", sentence, Fix(f"Step by {fits} samples", {"frame_step": fits}))


def _gives_weight(known: NoteContext, step: int) -> bool:
    """Tell whether at this step every sample gets weight."""
    return check_nola(known.window, step).margin >= LEAST_WEIGHT


def note_symmetric(known: NoteContext) -> Note | None:
    """Tell where a periodic window would add up to a constant, and the symmetric one doesn't.

    Only in mode "stft", from which a signal can be brought back by adding frames up; for the other modes a symmetric
    window is as good.
    """
    settings = known.settings
    if settings.mode != "stft" or settings.periodic or not settings.has_named_window:
        return None
    try:
        periodic = make_window(settings.window, settings.frame_length, periodic=True)
    except ValueError:
        return None
    if periodic is None or check_cola(known.window, settings.step).holds:
        return None
    if not check_cola(periodic, settings.step).holds:
        return None
    sentence = (
        f"At a step of {settings.step} samples the periodic window adds up to a constant (COLA), which is meant where "
        "frames are added up again; this symmetric one doesn't quite."
    )
    return Note("symmetric", sentence, Fix("Make the window periodic", {"periodic": True}))


def note_floor(known: NoteContext) -> Note | None:
    """Tell where much of the output lies on the floor, and offer a lower one."""
    if known.floor_share is None or known.floor_share <= MUCH:
        return None
    sentence = f"{format_share(known.floor_share)} of the output lies on the floor, and reads as the same silence."
    epsilon = find_epsilon(known.samples, known.settings)
    if epsilon is None:
        return Note("floor", f"{sentence} No floor would change that: so much of the sound itself is silent.")
    return Note("floor", sentence, Fix(f"Lower epsilon to {epsilon:g}", {"epsilon": epsilon}))


def note_long_frame(known: NoteContext) -> Note | None:
    """Tell where the frame is longer than the sound, so that most of what is transformed is padding."""
    settings, n_samples = known.settings, known.n_samples
    if settings.frame_length <= n_samples:
        return None
    length = 1 << max(0, (n_samples // 4).bit_length() - 1)
    step = None if settings.frame_step is None or settings.frame_step > length else settings.frame_step
    changes = {"frame_length": length, "frame_step": step, "fft_length": None}
    sentence = (
        f"A frame of {settings.frame_length} samples is longer than the sound, which has {n_samples}: each frame holds "
        "all of it, and nothing is told about time."
    )
    return Note("long frame", sentence, Fix(f"Shorten the frame to {length}", changes))


def note_tail(known: NoteContext) -> Note | None:
    """Tell where much of the sound's end is in no frame."""
    tail = dropped_tail(known.n_samples, known.settings)
    if known.settings.padding == "same" or tail <= LOST * known.n_samples:
        return None
    sentence = (
        f"The last {tail} samples, {format_share(tail / known.n_samples)} of the sound, are in no frame: with padding "
        "'valid' only whole frames count."
    )
    return Note("tail", sentence, Fix("Pad the ends", {"padding": "same"}))


def note_advice(known: NoteContext) -> Note | None:
    """Pass on the engine's own advice about the FFT length."""
    advice = known.settings.advice
    return Note("fft length", " ".join(advice), _power_of_two(known.settings)) if advice else None


def _power_of_two(settings: STFTSettings) -> Fix:
    """Return the remedy of an FFT length that is no power of two: the next one, or the default that is the same."""
    length = 1 << (settings.n_fft - 1).bit_length()
    is_default = replace(settings, fft_length=None).n_fft == length
    return Fix(f"Use an FFT of {length} samples", {"fft_length": None if is_default else length})


def note_kernels(known: NoteContext) -> Note | None:
    """Warn of kernels that would not fit into the memory limit; the picture by FFT needs none."""
    needed = count_kernel_values(known.settings) * np.dtype(known.settings.compute_dtype).itemsize
    if needed <= known.memory_limit:
        return None
    sentence = (
        f"The kernels would take {format_bytes(needed)}, more than the limit of {format_bytes(known.memory_limit)}. "
        "The picture needs none, but training does: choose a shorter `frame_length` or `fft_length` for it."
    )
    return Note("kernels", sentence)


def keras_notes(settings: STFTSettings) -> list[Note]:
    """Name the differences from Keras that these settings meet, in the words of the cross-check."""
    remedies = {name: make(settings) for name, make in KERAS_REMEDIES.items()}
    applicable = applicable_differences(settings)
    return [Note(f"keras {each.name}", each.sentence, remedies.get(each.name)) for each in applicable]


KERAS_REMEDIES: dict[str, Callable[[STFTSettings], Fix]] = {
    "odd fft_length": _power_of_two,
    "psd's last bin": _power_of_two,
}
"""What avoids a difference from Keras, by its name."""

NOTES: tuple[Callable[[NoteContext], Note | None], ...] = (
    note_holes,
    note_long_frame,
    note_tail,
    note_symmetric,
    note_floor,
)
"""What makes a note, in the order in which they are told. A new note is one more function."""

LAST_NOTES: tuple[Callable[[NoteContext], Note | None], ...] = (note_advice, note_kernels)
"""What is told after the differences from Keras, which say more where both apply."""
