"""What a snippet is made for, and how its text is put together: notes, imports, blocks of code, the output shape."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from specwidget.spectrogram import per_hertz_decibels
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import output_shape

WIDTH = 88
"""Longest line, in characters: the default of Python's formatters."""

KERNEL_FILE = "kernels.npz"
"""The file that a snippet reads the layer's own kernels from."""


@dataclass(frozen=True)
class CodeRequest:
    """The computation that a snippet has to reproduce.

    Parameters
    ----------
    settings : STFTSettings
        The settings.
    shape : (int, int, int)
        Shape of the input, with the axes in the order of `data_format`.
    has_own_kernels : bool
        Whether the layer's kernels differ from the Fourier kernels.
    sample_rate : float or None
        Sample rate of the signal, Hz, for libraries that take it.
    """

    settings: STFTSettings
    shape: tuple[int, int, int]
    has_own_kernels: bool = False
    sample_rate: float | None = None

    @property
    def rate_text(self) -> str:
        """The sample rate as code; 1, the layer's, where it is not known."""
        rate = 1.0 if self.sample_rate is None else self.sample_rate
        return str(int(rate)) if rate.is_integer() else repr(rate)

    @property
    def n_channels(self) -> int:
        """Channels of the signal."""
        return self.shape[2] if self.settings.channels_last else self.shape[1]

    @property
    def time_axis(self) -> int:
        """Index of the time axis of the input."""
        return 1 if self.settings.channels_last else 2

    @property
    def axes(self) -> str:
        """The names of the input's axes."""
        return "(batch, time, channels)" if self.settings.channels_last else "(batch, channels, time)"

    @property
    def zeros_after_frame(self) -> int:
        """Zeros that pad a frame to the FFT length."""
        return self.settings.n_fft - self.settings.frame_length


@dataclass(frozen=True)
class CodeTarget:
    """A library that code can be written for.

    Parameters
    ----------
    label : str
        Name in menus.
    language : {"python", "r"}
        Language of the code.
    write : callable
        Takes a `CodeRequest`, or a `MelCodeRequest` for a mel spectrogram; returns the code.
    needs : tuple of str
        Packages to install besides those that the code imports.
    """

    label: str
    language: Literal["python", "r"]
    write: Callable[[Any], str]
    needs: tuple[str, ...] = ()


def render(
    notes: Iterable[str],
    imports: Iterable[str],
    blocks: Iterable[list[str]],
    request: CodeRequest,
    dtype: str | None = None,
) -> str:
    """Assemble the text of a snippet.

    Parameters
    ----------
    notes : iterable of str
        Sentences on what the library can't do as requested; comments at the top.
    imports : iterable of str
        Import statements, in any order.
    blocks : iterable of list of str
        Lines of code; an empty line separates the blocks.
    request : CodeRequest
        The computation, for the comment on the output shape at the end.
    dtype : str, optional
        Type of the output, where it differs from the requested one.

    Returns
    -------
    str
        The code.
    """
    ordered = sorted(set(imports), key=lambda line: (line.startswith("from"), line))
    parts = [[line for note in notes for line in comment(note)], ordered, *blocks]
    ending = [*density_comment(request), shape_comment(request, dtype)]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n" + "\n".join(ending) + "\n"


def shape_comment(request: CodeRequest, dtype: str | None = None) -> str:
    """Describe the output's shape, type and axes in a comment."""
    settings, bins = request.settings, "2 * bins" if request.settings.mode == "stft" else "bins"
    axes = {
        (True, True): f"batch, frames, {bins}, channels",
        (False, True): f"batch, channels, frames, {bins}",
        (True, False): f"batch, frames, channels * {bins}",
        (False, False): f"batch, channels * {bins}, frames",
    }[settings.channels_last, settings.expand_dims]
    return f"# y: {output_shape(request.shape, settings)}, {dtype or settings.result_dtype}: {axes}"


def density_comment(request: CodeRequest) -> list[str]:
    """Say what a power spectral density is per Hz, where the sample rate is known."""
    if per_hertz_decibels(request.settings, request.sample_rate) is None:
        return []
    return [f"# y is a density per cycle/sample; y / {request.rate_text} is per Hz."]


def comment(sentence: str) -> list[str]:
    """Wrap a sentence into lines of comment, as Python and R write them."""
    return textwrap.wrap(sentence, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def call(function: str, arguments: Iterable[str], indent: str = "    ", last: str = ",") -> list[str]:
    """Format a call: on one line, with all arguments on a second, or with one argument on each line.

    Parameters
    ----------
    function : str
        The text before the parenthesis.
    arguments : iterable of str
        The arguments, as code.
    indent : str
        Indentation of the arguments.
    last : str
        Text after the last argument, where each has its own line.

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
    """Write a value as a Python literal, with double quotes.

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


def trained_kernels_note(request: CodeRequest, library: str) -> list[str]:
    """Say that a library computes by FFT and so has no kernels to load or train, where the request has any."""
    if request.has_own_kernels:
        others = "specwidget, keras, keras3, torch_conv1d and numpy"
        reason = (
            f"The layer's kernels were changed, and {library} has no kernels to load them into: this computes the DFT."
        )
        return [f"{reason} The code for {others} loads them."]
    if request.settings.trainable:
        return [f"trainable=True: {library} has no kernels to train; torch_conv1d and keras have."]
    return []


def device_note(request: CodeRequest, device: str) -> list[str]:
    """Say where the code runs, where the request has a backend that only specwidget's own layer has."""
    if request.settings.backend != "cupy":
        return []
    return [f'backend="cupy" is for NumPy input of specwidget; this runs {device}.']
