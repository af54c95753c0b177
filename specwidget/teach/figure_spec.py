"""A figure before it is opened: its controls, the function that makes its scene, and what can be heard."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from specwidget.charts.scene import Scene
from specwidget.stft.settings import check_integer, check_number

Kind = Literal["length", "slider", "choice", "switch"]


@dataclass(frozen=True)
class Control:
    """One control of a figure.

    Parameters
    ----------
    name : str
        The argument that it sets.
    label : str
        What it is called on the page.
    kind : {"length", "slider", "choice", "switch"}
        Whole numbers on a logarithmic slider, numbers on a linear one, one of several, or on and off.
    value : object
        Where it stands at first.
    tooltip : str
        What to look for when it moves.
    unit : str
        Unit of the value.
    span : tuple of float
        For "length" and "slider", lowest and highest value.
    step : float
        For "slider", distance of its values; where it is whole and so is `value`, values are integers.
    steps : int
        For "length", values of the slider in an octave; any integer within the span can be typed.
    choices : tuple of (value, text)
        For "choice".
    """

    name: str
    label: str
    kind: Kind
    value: Any
    tooltip: str
    unit: str = ""
    span: tuple[float, float] = (0.0, 1.0)
    step: float = 1.0
    steps: int = 8
    choices: tuple[tuple[Any, str], ...] = ()
    optional: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether its values are integers."""
        return self.kind == "length" or (self.kind == "slider" and isinstance(self.value, int))

    def check(self, value: Any) -> Any:
        """Return a value that this control may have.

        Parameters
        ----------
        value : object
            What the page or a caller gives.

        Returns
        -------
        object
            The value as the figure takes it.

        Raises
        ------
        ValueError
            If it is outside the span, or none of the choices.
        TypeError
            If it is of the wrong kind.
        """
        if self.kind == "choice":
            return self._check_choice(value)
        if self.kind == "switch":
            if not isinstance(value, bool):
                raise TypeError(f"`{self.name}` must be True or False; got {value!r}.")
            return value
        if self.is_whole:
            number: float = check_integer(self.name, value)
        else:
            number = check_number(self.name, value)
        low, high = self.span
        if not (math.isfinite(number) and low <= number <= high):
            raise ValueError(f"`{self.name}` must be between {low:g} and {high:g}; got {value!r}.")
        return number

    def to_page(self) -> dict[str, Any]:
        """Return the control as JSON knows it."""
        return asdict(self)

    def _check_choice(self, value: Any) -> Any:
        """Return one of the choices."""
        for choice, _ in self.choices:
            if type(choice) is type(value) and choice == value:
                return choice
        listed = ", ".join(repr(choice) for choice, _ in self.choices)
        raise ValueError(f"`{self.name}` must be one of {listed}; got {value!r}.")


@dataclass(frozen=True, eq=False)
class AudioClip:
    """Samples to be heard, (n,), and their rate in Hz."""

    samples: NDArray[Any]
    sample_rate: float


@dataclass(frozen=True)
class FigureSpec:
    """A figure before it is opened.

    Parameters
    ----------
    name : str
        Its name in `specwidget.teach.figures`.
    title : str
        What it is about.
    draw : callable
        Takes the values of the controls by name, and returns a `Scene`: the same for the same values.
    controls : tuple of Control
        What moves.
    sounds : mapping of str to callable
        What can be heard, by the text of its button; each takes the controls' values and returns `AudioClip`.
    """

    name: str
    title: str
    draw: Callable[..., Scene]
    controls: tuple[Control, ...]
    sounds: Mapping[str, Callable[..., AudioClip]] = field(default_factory=dict)

    @property
    def defaults(self) -> dict[str, Any]:
        """Values of the controls at first."""
        return {control.name: control.value for control in self.controls}

    def check(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values for every control; those that are not given stand where they do at first.

        Parameters
        ----------
        values : mapping
            Values by the names of controls.

        Returns
        -------
        dict

        Raises
        ------
        ValueError
            If a value is not one that its control may have.
        TypeError
            If there is no such control, or a value is of the wrong kind.
        """
        known = {control.name: control for control in self.controls}
        for name in values:
            if name not in known:
                raise TypeError(f"`{name}` must be one of the controls {', '.join(known)}; {self.name} has no other.")
        return {name: control.check(values.get(name, control.value)) for name, control in known.items()}

    def scene(self, **values: Any) -> Scene:
        """Return the scene for some values of the controls."""
        return self.draw(**self.check(values))


def length(
    name: str, value: int, tooltip: str, *, span: tuple[int, int], label: str = "", unit: str = "samples"
) -> Control:
    """Return a control of a whole number, on a logarithmic slider."""
    return Control(name, label or _spoken(name), "length", value, tooltip, unit=unit, span=span)


def slider(
    name: str,
    value: float,
    tooltip: str,
    *,
    span: tuple[float, float],
    step: float = 1.0,
    label: str = "",
    unit: str = "",
) -> Control:
    """Return a control of a number, on a linear slider; of a whole one where `value` is an integer."""
    return Control(name, label or _spoken(name), "slider", value, tooltip, unit=unit, span=span, step=step)


def choice(name: str, value: Any, tooltip: str, *, choices: tuple[Any, ...], label: str = "") -> Control:
    """Return a menu; each choice is a value that is called by its own name, or a pair of value and text."""
    pairs = tuple(
        each if isinstance(each, tuple) else (each, "none" if each is None else str(each)) for each in choices
    )
    return Control(name, label or _spoken(name), "choice", value, tooltip, choices=pairs)


def switch(name: str, value: bool, tooltip: str, *, label: str = "") -> Control:
    """Return a control that is on or off."""
    return Control(name, label or _spoken(name), "switch", value, tooltip)


def normalised(samples: NDArray[Any], peak: float = 0.8) -> NDArray[np.float64]:
    """Return samples with their largest value at `peak`; silence stays silence.

    Examples
    --------
    >>> normalised(np.array([0.0, 0.2, -0.1])).tolist()
    [0.0, 0.8, -0.4]
    """
    values = np.nan_to_num(np.asarray(samples, dtype=np.float64))
    largest = float(np.abs(values).max(initial=0.0))
    scaled: NDArray[np.float64] = values * (peak / largest) if largest > 0 else values
    return scaled


def _spoken(name: str) -> str:
    """Return an argument's name as a label."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
