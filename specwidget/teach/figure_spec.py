"""Figures of the course as data: the controls, the function that computes the scene, and the sounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.charts.scene import Scene
from specwidget.stft.formatting import ShortRepr
from specwidget.summary.controls import Control


@dataclass(frozen=True, eq=False, repr=False)
class AudioClip(ShortRepr):
    """Audio samples, (n,), and their sample rate in Hz."""

    samples: NDArray[Any]
    sample_rate: float


@dataclass(frozen=True)
class FigureSpec:
    """The specification of a figure.

    Parameters
    ----------
    name : str
        Its name in `specwidget.teach.figures`.
    title : str
        Its title.
    draw : callable
        A pure function that takes the values of the controls by name and returns a `Scene`.
    controls : tuple of Control
        The controls.
    sounds : mapping of str to callable
        The sounds by the labels of their buttons; each takes the values of the controls and returns an `AudioClip`.
    """

    name: str
    title: str
    draw: Callable[..., Scene]
    controls: tuple[Control, ...]
    sounds: Mapping[str, Callable[..., AudioClip]] = field(default_factory=dict)

    @property
    def defaults(self) -> dict[str, Any]:
        """Initial values of the controls."""
        return {control.name: control.value for control in self.controls}

    def check(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Check values, and complete them with the initial values of the other controls.

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
            If a value is outside the range of its control.
        TypeError
            If there is no such control, or a value has the wrong type.
        """
        known = {control.name: control for control in self.controls}
        for name in values:
            if name not in known:
                raise TypeError(f"`{name}` must be one of the controls {', '.join(known)}; {self.name} has no other.")
        return {name: control.check(values.get(name, control.value)) for name, control in known.items()}

    def scene(self, **values: Any) -> Scene:
        """Compute the scene for some values of the controls."""
        return self.draw(**self.check(values))


def length(
    name: str, value: int, tooltip: str, *, span: tuple[int, int], label: str = "", unit: str = "samples"
) -> Control:
    """Return a control of an integer, with a logarithmic slider."""
    return Control(name, label or _label(name), "length", tooltip, value=value, unit=unit, span=span)


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
    """Return a control of a number, with a linear slider; of an integer if `value` is one."""
    return Control(name, label or _label(name), "slider", tooltip, value=value, unit=unit, span=span, step=step)


def choice(name: str, value: Any, tooltip: str, *, choices: tuple[Any, ...], label: str = "") -> Control:
    """Return a menu; each choice is a value, or a pair of a value and its label."""
    pairs = tuple(
        each if isinstance(each, tuple) else (each, "none" if each is None else str(each)) for each in choices
    )
    return Control(name, label or _label(name), "choice", tooltip, value=value, choices=pairs)


def switch(name: str, value: bool, tooltip: str, *, label: str = "") -> Control:
    """Return a switch."""
    return Control(name, label or _label(name), "switch", tooltip, value=value)


def normalised(samples: NDArray[Any], peak: float = 0.8) -> NDArray[np.float64]:
    """Scale samples to a peak amplitude; silence stays silent.

    Examples
    --------
    >>> normalised(np.array([0.0, 0.2, -0.1])).tolist()
    [0.0, 0.8, -0.4]
    """
    values = np.nan_to_num(np.asarray(samples, dtype=np.float64))
    largest = float(np.abs(values).max(initial=0.0))
    scaled: NDArray[np.float64] = values * (peak / largest) if largest > 0 else values
    return scaled


def _label(name: str) -> str:
    """Return the label of an argument, such as "Frame length"."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
