"""The switches of a front end: settings that are right or wrong together, each with a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from specwidget.matching.stages import Stages
from specwidget.mel.conventions import MelConventions
from specwidget.mel.settings import MelSettings
from specwidget.stft.formatting import short_repr
from specwidget.stft.windows import window_repr

CONVENTIONS = frozenset(MelConventions.__dataclass_fields__)


@dataclass(frozen=True)
class Switch:
    """Settings that belong together.

    Parameters
    ----------
    name : str
        What they are about, for display.
    fields : tuple of str
        Fields of the settings or of the conventions; empty for the cosine transform.
    """

    name: str
    fields: tuple[str, ...]

    def values(self, stages: Stages) -> tuple[Any, ...]:
        """Return the values of the fields."""
        if not self.fields:
            return (stages.cepstrum,)
        return tuple(read_field(stages.settings, field) for field in self.fields)

    def copy(self, source: Stages, target: Stages) -> Stages:
        """Return `target` with the values that `source` has.

        Raises
        ------
        ValueError
            If they don't fit the other settings.
        """
        if not self.fields:
            return replace(target, cepstrum=source.cepstrum)
        changes = dict(zip(self.fields, self.values(source), strict=True))
        return replace(target, settings=change_fields(target.settings, changes))

    def fits(self, source: Stages, target: Stages) -> bool:
        """Return whether the values that `source` has fit the other settings of `target`."""
        try:
            return self.copy(source, target).layer is not None
        except ValueError:
            return False

    def describe(self, stages: Stages, other: Stages) -> str:
        """Write the fields in which two front ends differ, with the values of the first."""
        if not self.fields:
            return (
                "none" if stages.cepstrum is None else ", ".join(f"{k}={v!r}" for k, v in vars(stages.cepstrum).items())
            )
        pairs = zip(self.fields, self.values(stages), self.values(other), strict=True)
        return ", ".join(f"{name}={_value_repr(name, value)}" for name, value, theirs in pairs if value != theirs)


def _value_repr(name: str, value: Any) -> str:
    if name == "window":
        return window_repr(value)
    return f"{value:.6g}" if isinstance(value, float) else short_repr(value)


def read_field(settings: Any, field: str) -> Any:
    """Return a field of settings or of their conventions."""
    return getattr(settings.conventions if field in CONVENTIONS and _is_mel(settings) else settings, field)


def change_fields(settings: Any, changes: dict[str, Any]) -> Any:
    """Return settings with other values of fields, of their own or of their conventions."""
    if not _is_mel(settings):
        return replace(settings, **changes)
    own = {field: value for field, value in changes.items() if field not in CONVENTIONS}
    others = {field: value for field, value in changes.items() if field in CONVENTIONS}
    return replace(settings, **own, conventions=replace(settings.conventions, **others))


def _is_mel(settings: Any) -> bool:
    return isinstance(settings, MelSettings)


MEL_SWITCHES: tuple[Switch, ...] = (
    Switch("sample rate", ("sampling_rate",)),
    Switch("number of bands", ("num_mel_bins",)),
    Switch("frame step", ("sequence_stride",)),
    Switch("FFT length", ("fft_length",)),
    Switch("window length", ("sequence_length",)),
    Switch("window", ("window",)),
    Switch("symmetry of the window", ("periodic",)),
    Switch("place of the window in the FFT", ("placement",)),
    Switch("ends of the signal", ("ends", "margin")),
    Switch("last frame", ("drop_last_frame",)),
    Switch("gain", ("gain",)),
    Switch("mean", ("remove_mean",)),
    Switch("pre-emphasis", ("preemphasis", "preemphasis_over")),
    Switch("power or magnitude", ("mag_exp",)),
    Switch("offset in the root", ("power_offset",)),
    Switch("mel scale", ("mel_scale",)),
    Switch("shape of the triangles", ("triangles",)),
    Switch("area of the triangles", ("norm",)),
    Switch("lowest frequency", ("min_freq",)),
    Switch("highest frequency", ("max_freq",)),
    # One alone may look right beside a wrong other one.
    Switch(
        "logarithm, floor and normalization",
        (
            *("power_to_db", "logarithm", "floor", "min_power", "ref_power", "top_db"),
            *("normalization", "mean", "deviation", "ddof", "variance_epsilon", "deviation_epsilon"),
        ),
    ),
    Switch("cosine transform", ()),
)
"""The switches of `MelSpectrogram` and `MFCC`, in the order of the computation."""

STFT_SWITCHES: tuple[Switch, ...] = (
    Switch("frame length", ("frame_length",)),
    Switch("frame step", ("frame_step",)),
    Switch("FFT length", ("fft_length",)),
    Switch("window", ("window",)),
    Switch("symmetry of the window", ("periodic",)),
    Switch("scaling", ("scaling",)),
    Switch("ends of the signal", ("padding",)),
    Switch("mode and floor", ("mode", "epsilon")),
)
"""The switches of `STFTSpectrogram`."""


def differing_switches(mine: Stages, other: Stages) -> Iterator[Switch]:
    """Yield the switches in which two front ends of the same kind differ."""
    for switch in MEL_SWITCHES if _is_mel(mine.settings) else STFT_SWITCHES:
        if switch.values(mine) != switch.values(other):
            yield switch
