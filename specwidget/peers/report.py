"""`PeerReport`: what a comparison with another library found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["agrees", "disagrees", "not comparable", "not installed"]


@dataclass(frozen=True)
class PeerReport:
    """What a comparison with another library found.

    Parameters
    ----------
    peer : str
        Name of the library.
    verdict : {"agrees", "disagrees", "not comparable", "not installed"}
        Whether every value is within the tolerance, or why that can't be told.
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
    reason : str
        Why the two can't be compared.
    """

    peer: str
    verdict: Verdict
    version: str = ""
    max_abs_error: float = 0.0
    max_rel_error: float = 0.0
    share_of_tolerance: float = 0.0
    worst: tuple[int, int, int, int] | None = None
    tolerance: str = ""
    call: str = ""
    conventions: tuple[str, ...] = ()
    reason: str = ""

    @property
    def agrees(self) -> bool:
        """Whether every value is within the tolerance."""
        return self.verdict == "agrees"

    @property
    def sentence(self) -> str:
        """The verdict as a sentence."""
        if self.verdict in ("not comparable", "not installed"):
            return f"{self.peer} is {self.verdict}: {self.reason}"
        name = f"{self.peer} {self.version}"
        errors = f"largest error {self.max_abs_error:.2g} absolute, {self.max_rel_error:.2g} relative"
        if self.verdict == "agrees":
            return f"{name} agrees: {errors}, at most {_percent(self.share_of_tolerance)} of the tolerance."
        return f"{name} does not agree: {errors}, {_times(self.share_of_tolerance)} the tolerance{self._place()}."

    def _place(self) -> str:
        """Tell where the difference is largest."""
        if self.worst is None:
            return ""
        batch, channel, frame, k = self.worst
        return f" at frame {frame}, bin {k} (batch item {batch}, channel {channel})"


def _percent(share: float) -> str:
    """Return a share as a text that never rounds up to a false 0."""
    return "0 %" if share == 0 else f"{100 * share:.2g} %"


def _times(share: float) -> str:
    """Return a factor as text."""
    return f"{share:.3g} times" if share < float("inf") else "far beyond"
