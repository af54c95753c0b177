"""`PeerReport`: what a comparison with another library found."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Verdict = Literal["agrees", "differs by convention", "disagrees", "not comparable", "not installed"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True)
class Difference:
    """A convention of a peer's that can't be aligned, by name.

    Parameters
    ----------
    name : str
        What differs, in few words.
    sentence : str
        What the peer does, and what the layer does.
    """

    name: str
    sentence: str


@dataclass(frozen=True, eq=False)
class ErrorMap:
    """Where two results differ: the largest error of each group of frames and bins.

    Parameters
    ----------
    shares : ndarray (rows, columns) of float32
        Errors in units of what is allowed at their place, the largest over all batch items and channels. Row 0 holds
        the lowest bins; infinite where a value is not finite.
    row_starts, column_starts : ndarray (rows + 1,), (columns + 1,) of int32
        Row `r` covers bins ``row_starts[r]`` to ``row_starts[r + 1] - 1``; so do columns with frames.
    """

    shares: NDArray[np.float32]
    row_starts: NDArray[np.int32]
    column_starts: NDArray[np.int32]


@dataclass(frozen=True)
class PeerReport:
    """What a comparison with another library found.

    Parameters
    ----------
    peer : str
        Name of the peer, as `crosscheck` takes it.
    verdict : {"agrees", "differs by convention", "disagrees", "not comparable", "not installed"}
        Whether every value is within the tolerance, or why not, or why that can't be told. A result differs by
        convention where the peer's values are those of its own convention, computed plainly, and the layer's those of
        the layer's.
    title : str
        Name of the peer, as it is written.
    version : str
        Version of the library; empty where it is not installed.
    max_abs_error : float
        Largest absolute difference, in the unit of the mode; angles the shorter way round.
    max_rel_error : float
        The same, relative to the largest absolute value of the peer's.
    share_of_tolerance : float
        Largest difference in units of what is allowed at its place: at most 1 where the peers agree.
    worst : tuple of 4 int or None
        Batch item, channel, frame and bin where the difference is largest in these units.
    tolerance : str
        What is allowed, and where it comes from.
    call : str
        The aligned call of the peer, as text that runs; `x` is one channel of the signal.
    conventions : tuple of str
        Differences between the conventions, by name, and how each was aligned.
    differences : tuple of Difference
        Conventions that can't be aligned; they explain the verdict where it is "differs by convention".
    reason : str
        Why the two can't be compared, or how to install the peer; where they disagree in shape, both shapes.
    errors : ErrorMap or None
        Where the two differ.
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
    call: str = ""
    conventions: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    reason: str = ""
    errors: ErrorMap | None = field(default=None, repr=False, compare=False)

    @property
    def agrees(self) -> bool:
        """Whether every value is within the tolerance."""
        return self.verdict == "agrees"

    @property
    def sentence(self) -> str:
        """The verdict as a sentence."""
        title = self.title or self.peer
        if self.verdict in ("not comparable", "not installed"):
            return f"{title} is {self.verdict}: {self.reason}"
        errors = f"largest error {self.max_abs_error:.2g} absolute, {self.max_rel_error:.2g} relative"
        name = f"{title} {self.version}".rstrip()
        if self.verdict == "agrees":
            return f"{name} agrees: {errors}, at most {_percent(self.share_of_tolerance)} of the tolerance."
        if self.verdict == "disagrees" and self.reason:
            return f"{name} does not agree: {self.reason}"
        if self.verdict == "disagrees":
            return f"{name} does not agree: {errors}, {self._excess()}."
        return f"{name} differs by convention ({self._names()}): {errors}, {self._excess()}."

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON knows it, without the map of errors: a number that is not finite is a text."""
        values = {**asdict(replace(self, errors=None)), "sentence": self.sentence}
        del values["errors"]
        for name in ("max_abs_error", "max_rel_error", "share_of_tolerance"):
            values[name] = values[name] if math.isfinite(values[name]) else str(values[name])
        values |= {name: list(values[name]) for name in ("conventions", "differences")}
        values["worst"] = None if self.worst is None else list(self.worst)
        return values

    def _names(self) -> str:
        """Name the conventions that differ."""
        return ", ".join(difference.name for difference in self.differences)

    def _excess(self) -> str:
        """Tell how far beyond the tolerance the largest error is, and where."""
        times = f"{self.share_of_tolerance:.3g} times" if self.share_of_tolerance < float("inf") else "far beyond"
        if self.worst is None:
            return f"{times} the tolerance"
        batch, channel, frame, k = self.worst
        return f"{times} the tolerance at frame {frame}, bin {k} (batch item {batch}, channel {channel})"


def _percent(share: float) -> str:
    """Return a share as a text that never rounds up to a false 0."""
    return "0 %" if share == 0 else f"{100 * share:.2g} %"
