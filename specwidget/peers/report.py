"""`PeerReport`: the result of a comparison with another library."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from specwidget.stft.formatting import ShortRepr

Verdict = Literal["agrees", "differs by convention", "disagrees", "trained kernels", "not comparable", "not installed"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

NOT_COMPARED: tuple[Verdict, ...] = ("trained kernels", "not comparable", "not installed")
"""Verdicts without a comparison."""


@dataclass(frozen=True)
class Difference:
    """A convention of a peer that can't be aligned.

    Parameters
    ----------
    name : str
        Short name of what differs.
    sentence : str
        What the peer does, and what the layer does.
    """

    name: str
    sentence: str


@dataclass(frozen=True, eq=False, repr=False)
class ErrorMap(ShortRepr):
    """Errors over time and frequency: the largest of each group of frames and bins.

    Parameters
    ----------
    shares : ndarray (rows, columns) of float32
        Largest error over all batch items and channels, relative to the tolerance. Row 0 has the lowest bins. Infinite
        where a value is not finite.
    row_starts, column_starts : ndarray (rows + 1,), (columns + 1,) of int32
        Row `r` covers bins ``row_starts[r]`` to ``row_starts[r + 1] - 1``; columns cover frames in the same way.
    """

    shares: NDArray[np.float32]
    row_starts: NDArray[np.int32]
    column_starts: NDArray[np.int32]


@dataclass(frozen=True)
class PeerReport:
    """The result of a comparison with another library.

    Parameters
    ----------
    peer : str
        Name of the peer, as `crosscheck` takes it.
    verdict : {"agrees", "differs by convention", "disagrees", "trained kernels", "not comparable", "not installed"}
        Whether every value is within the tolerance, or why there is no comparison. The verdict is "differs by
        convention" where the peer's values match a direct computation of its own convention, and the layer's match one
        of the layer's. It is "trained kernels" where the layer's kernels are not the Fourier kernels and the peer can't
        hold them, so that nothing is compared.
    title : str
        Name of the peer for display.
    version : str
        Version of the library; empty where it is not installed.
    max_abs_error : float
        Largest absolute difference, in the unit of the mode; angles modulo a full turn.
    max_rel_error : float
        The same, relative to the peer's largest absolute value.
    share_of_tolerance : float
        Largest difference relative to the tolerance at its frame and bin: at most 1 where the peers agree.
    worst : tuple of 4 int or None
        Batch item, channel, frame and bin of `share_of_tolerance`.
    tolerance : str
        The tolerance and where it comes from.
    code : str
        A program that computes the layer's values with the peer's library, for an input of this shape, as
        `specwidget.codegen.to_code` writes it; empty for trained kernels.
    conventions : tuple of str
        A sentence on each difference of convention that was aligned, and how.
    differences : tuple of Difference
        Conventions that can't be aligned; they explain the verdict "differs by convention".
    reason : str
        Why there is no comparison, or how to install the peer; where the shapes disagree, both shapes.
    errors : ErrorMap or None
        Errors over time and frequency.
    """

    peer: str
    verdict: Verdict
    title: str = ""
    version: str = ""
    max_abs_error: float = 0.0
    max_rel_error: float = 0.0
    share_of_tolerance: float = 0.0
    worst: tuple[int, int, int, int] | None = None
    tolerance: str = ""
    code: str = ""
    conventions: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    reason: str = ""
    errors: ErrorMap | None = field(default=None, repr=False, compare=False)

    @property
    def agrees(self) -> bool:
        """Whether every value is within the tolerance."""
        return self.verdict == "agrees"

    @property
    def is_compared(self) -> bool:
        """Whether values were compared."""
        return self.verdict not in NOT_COMPARED

    @property
    def sentence(self) -> str:
        """The verdict as a sentence."""
        title = self.title or self.peer
        if self.verdict == "trained kernels":
            return f"{title} is not compared: {self.reason}"
        if not self.is_compared:
            return f"{title} is {self.verdict}: {self.reason}"
        errors = f"largest error {self.max_abs_error:.2g} absolute, {self.max_rel_error:.2g} relative"
        name = f"{title} {self.version}".rstrip()
        if self.verdict == "agrees":
            return f"{name} agrees: {errors}, at most {_percent(self.share_of_tolerance)} of the tolerance."
        if self.verdict == "disagrees" and self.reason:
            return f"{name} does not agree: {self.reason}"
        if self.verdict == "disagrees":
            return f"{name} does not agree: {errors}, {self._excess()}."
        names = ", ".join(difference.name for difference in self.differences)
        return f"{name} differs by convention ({names}): {errors}, {self._excess()}."

    def to_dict(self) -> dict[str, Any]:
        """Convert the report to JSON values, without the map of errors; numbers that are not finite become strings."""
        values = {**asdict(replace(self, errors=None)), "sentence": self.sentence}
        del values["errors"]
        for name in ("max_abs_error", "max_rel_error", "share_of_tolerance"):
            values[name] = values[name] if math.isfinite(values[name]) else str(values[name])
        values |= {name: list(values[name]) for name in ("conventions", "differences")}
        values["worst"] = None if self.worst is None else list(self.worst)
        return values

    def _excess(self) -> str:
        """Say by how much the largest error exceeds the tolerance, and where."""
        times = f"{self.share_of_tolerance:.3g} times" if self.share_of_tolerance < float("inf") else "far beyond"
        if self.worst is None:
            return f"{times} the tolerance"
        batch, channel, frame, k = self.worst
        return f"{times} the tolerance at frame {frame}, bin {k} (batch item {batch}, channel {channel})"


def _percent(share: float) -> str:
    """Format a share with two digits, so that only an exact 0 reads as 0."""
    return "0 %" if share == 0 else f"{100 * share:.2g} %"
