"""What a snippet is made from, and how its text is laid out: notes, imports, blocks, and the shape that comes out."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import output_shape

WIDTH = 88
"""Longest line, in characters, as Python's formatters have it."""

KERNEL_FILE = "kernels.npz"
"""The file that a snippet reads the layer's own kernels from."""


@dataclass(frozen=True)
class Task:
    """What a snippet has to compute.

    Parameters
    ----------
    settings : STFTSettings
        The settings.
    shape : (int, int, int)
        Shape of the input, in the order that `data_format` says.
    has_own_kernels : bool
        Whether the layer's kernels are others than Fourier's.
    """

    settings: STFTSettings
    shape: tuple[int, int, int]
    has_own_kernels: bool = False

    @property
    def n_channels(self) -> int:
        """Channels of the signal."""
        return self.shape[2] if self.settings.channels_last else self.shape[1]

    @property
    def time_axis(self) -> int:
        """Axis of the input that is time."""
        return 1 if self.settings.channels_last else 2

    @property
    def axes(self) -> str:
        """The input's axes in words."""
        return "(batch, time, channels)" if self.settings.channels_last else "(batch, channels, time)"

    @property
    def zeros_after_frame(self) -> int:
        """Zeros that fill the FFT after a frame."""
        return self.settings.n_fft - self.settings.frame_length


@dataclass(frozen=True)
class CodeTarget:
    """A library that code can be written for.

    Parameters
    ----------
    label : str
        What it is called in a menu.
    language : {"python", "r"}
        Language of the code.
    write : callable
        Takes a task, returns the code.
    needs : tuple of str
        Packages that it needs besides those that the code imports.
    """

    label: str
    language: Literal["python", "r"]
    write: Callable[[Task], str]
    needs: tuple[str, ...] = ()


def lay_out(
    notes: Iterable[str], imports: Iterable[str], blocks: Iterable[list[str]], task: Task, dtype: str | None = None
) -> str:
    """Return the text of a snippet.

    Parameters
    ----------
    notes : iterable of str
        Sentences about what the library can't do as asked.
    imports : iterable of str
        Lines that import, in any order.
    blocks : iterable of list of str
        Lines that belong together.
    task : Task
        What is computed, for the shape at the end.
    dtype : str, optional
        Type of what comes out, where it is not the one that was asked for.

    Returns
    -------
    str
        The code; blocks are separated by an empty line.
    """
    ordered = sorted(set(imports), key=lambda line: (line.startswith("from"), line))
    parts = [[line for note in notes for line in comment(note)], ordered, *blocks]
    return "\n\n".join("\n".join(part) for part in parts if part) + f"\n{shape_comment(task, dtype)}\n"


def shape_comment(task: Task, dtype: str | None = None) -> str:
    """Return the comment that tells the shape of what comes out, its type, and what its axes are."""
    settings, bins = task.settings, "2 * bins" if task.settings.mode == "stft" else "bins"
    axes = {
        (True, True): f"batch, frames, {bins}, channels",
        (False, True): f"batch, channels, frames, {bins}",
        (True, False): f"batch, frames, channels * {bins}",
        (False, False): f"batch, channels * {bins}, frames",
    }[settings.channels_last, settings.expand_dims]
    return f"# y: {output_shape(task.shape, settings)}, {dtype or settings.result_dtype}: {axes}"


def comment(sentence: str) -> list[str]:
    """Return a sentence as lines of comment, in Python or R."""
    return textwrap.wrap(sentence, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def call(function: str, arguments: Iterable[str], indent: str = "    ", last: str = ",") -> list[str]:
    """Return a call on one line, with its arguments on a line of their own, or each on one, as formatters have it.

    Parameters
    ----------
    function : str
        What stands before the parenthesis.
    arguments : iterable of str
        The arguments, written.
    indent : str
        What stands before an argument on a line of its own.
    last : str
        What stands after the last of many.

    Returns
    -------
    list of str
        The lines.

    Examples
    --------
    >>> call("y = f", ["a", "b=1"])
    ['y = f(a, b=1)']
    """
    listed = list(arguments)
    inside = ", ".join(listed)
    if len(function) + len(inside) + 2 <= WIDTH:
        return [f"{function}({inside})"]
    if len(indent) + len(inside) <= WIDTH:
        return [f"{function}(", f"{indent}{inside}", ")"]
    lines = [f"{indent}{each}," for each in listed]
    return [f"{function}(", *lines[:-1], f"{lines[-1].removesuffix(',')}{last}", ")"]


def literal(value: Any) -> str:
    """Return a value as Python writes it, with double quotes.

    Examples
    --------
    >>> literal(("kaiser", 8.6)), literal(None), literal("hann")
    ('("kaiser", 8.6)', 'None', '"hann"')
    """
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    return repr(value)


def without_kernels(task: Task, library: str) -> list[str]:
    """Return what is to be said where a library computes by FFT and has no kernels that could be trained."""
    if task.has_own_kernels:
        others = "specwidget, keras, keras3, torch_conv1d and numpy take the layer's"
        return [f"The layer's kernels are its own. {library} has none: this computes with Fourier's; {others}."]
    if task.settings.trainable:
        return [f"trainable=True: {library} has no kernels to train; torch_conv1d and keras have."]
    return []


def on_the_processor(task: Task, place: str) -> list[str]:
    """Return what is to be said where a device is asked for that only specwidget's own layer knows."""
    if task.settings.backend != "cupy":
        return []
    return [f'backend="cupy" is for NumPy input of specwidget; this {place}.']
