"""`Identification`: what `identify` answers with."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from specwidget.layer import STFTSpectrogram
from specwidget.matching.arguments import check_signal
from specwidget.matching.tables import format_error, html_page, html_table, text_table
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.mfcc import MFCC

SEARCHED = (
    "Searched were complex spectra, magnitudes, powers and mel bands, with logarithms and normalizations, and the "
    "front ends of `specwidget.front_ends`; no cepstral coefficients but theirs, and no phases."
)
"""What an answer that nothing fits is about."""

Level = Literal["found", "these settings, another signal", "nothing fits"]


@dataclass(frozen=True)
class Rival:
    """Settings that differ in one switch, and their relative error."""

    switch: str
    value: str
    error: float


@dataclass(frozen=True)
class Undetermined:
    """A switch that this signal says nothing about: the values that fit, and why."""

    switch: str
    values: tuple[str, ...]
    reason: str


@dataclass(frozen=True, eq=False)
class Identification:
    """The settings behind an array.

    Parameters
    ----------
    level : {"found", "these settings, another signal", "nothing fits"}
        Whether the settings reproduce the array; or are right but for the signal, which was changed (dithered,
        resampled, another channel); or there are none.
    error : float
        Root of the mean squared error of the values, relative to their standard deviation.
    layer : MelSpectrogram, MFCC, STFTSpectrogram or None
        The layer, as far as a layer does it; `code` has the rest.
    settings : tuple of (str, str)
        The settings by name, for display.
    conventions : tuple of str
        Names that mean the same: front ends, and framings of libraries.
    constant : str
        A constant factor or offset with its readings; empty if there is none.
    undetermined : tuple of Undetermined
        Switches that this signal says nothing about.
    rivals : tuple of Rival
        The best settings that differ in one switch.
    nearest : str
        The nearest settings where nothing fits; else empty.
    layout : str
        What the axes of the array are.
    code : str
        A program.
    rest : tuple of str
        The lines of `code` before and after the layer: what no layer does.
    notes : tuple of str
        Sentences about the signal, the sample rate, or frames that were added.
    """

    level: Level
    error: float
    layer: MelSpectrogram | MFCC | STFTSpectrogram | None
    settings: tuple[tuple[str, str], ...] = ()
    conventions: tuple[str, ...] = ()
    constant: str = ""
    undetermined: tuple[Undetermined, ...] = ()
    rivals: tuple[Rival, ...] = ()
    nearest: str = ""
    layout: str = ""
    code: str = ""
    rest: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    _apply: Any = field(default=None, repr=False)

    def apply(self, signal: Any) -> NDArray[Any]:
        """Return the array of another signal in the same layout.

        Parameters
        ----------
        signal : array (time,)
            Samples of a float type.

        Returns
        -------
        ndarray
            What the pipeline would return, in the dtype and layout of the array.

        Raises
        ------
        ValueError
            If nothing was found.
        TypeError
            If `signal` is not an array of a float type.
        """
        if self._apply is None:
            raise ValueError("Nothing was found that could be applied; got the level 'nothing fits'.")
        return np.asarray(self._apply(check_signal("signal", signal)))

    @property
    def sentences(self) -> tuple[str, ...]:
        """The result in sentences."""
        verdicts = {
            "found": f"Found, with a relative error of {format_error(self.error)}.",
            "these settings, another signal": (
                "These settings, but another signal: loud values fit, the relative error is "
                f"{format_error(self.error)}. The signal was dithered, resampled, mixed or changed otherwise."
            ),
            "nothing fits": "Nothing fits" + (f"; the nearest: {self.nearest}. " if self.nearest else ". ") + SEARCHED,
        }
        said = [verdicts[self.level]]
        if self.level != "nothing fits":
            if self.conventions:
                said.append("It is: " + "; ".join(self.conventions) + ".")
            if self.constant:
                said.append(f"{self.constant}.")
            said += [f"{each.switch}: {' or '.join(each.values)} ({each.reason})." for each in self.undetermined]
        return (*said, *self.notes)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-serialisable values."""
        return {
            "level": self.level,
            "error": self.error if math.isfinite(self.error) else None,
            "settings": dict(self.settings),
            "conventions": list(self.conventions),
            "constant": self.constant,
            "undetermined": [vars(each) for each in self.undetermined],
            "rivals": [vars(each) for each in self.rivals],
            "nearest": self.nearest,
            "layout": self.layout,
            "code": self.code,
            "sentences": list(self.sentences),
        }

    def __str__(self) -> str:
        """Return sentences, settings and code as text."""
        parts = [list(self.sentences)]
        if self.settings:
            parts.append(text_table(("setting", "value"), self.settings))
        if self.code and self.level != "nothing fits":
            parts.append(self.code.splitlines())
        return "\n\n".join("\n".join(lines) for lines in parts)

    def _repr_html_(self) -> str:
        tables = [html_table(("setting", "value"), self.settings)] if self.settings else []
        return html_page(self.sentences, tables, self.code if self.level != "nothing fits" else "")
