"""`History`: the course of a training run, and the state from which it can be resumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from specwidget.stft.formatting import ShortRepr
from specwidget.training.optimizers import Optimizer, OptimizerState

StopReason = Literal["finished", "interrupted", "stopped", "exhausted", "diverged"]


@dataclass(frozen=True, eq=False, repr=False)
class History(ShortRepr):
    """Losses, kernel drift and final state of a training run, including the runs that it resumed.

    Parameters
    ----------
    losses : ndarray (n_steps,)
        Loss of each step, before that step updated the kernels.
    drift_steps : ndarray of int (n,)
        Numbers of the steps after which the drift was measured; 0 is before the first.
    drifts : ndarray (n, n_bins)
        Relative distance of each bin's kernels from the Fourier kernels, as `Drift.distance`.
    stop_reason : {"finished", "interrupted", "stopped", "exhausted", "diverged"}
        Why the last run ended: all steps were done, a keyboard interrupt, `stop` returned True, there were no more
        batches, or a value became NaN or infinite.
    message : str
        The reason as a sentence.
    optimizer : Optimizer
        The optimizer.
    state : OptimizerState
        State of the optimizer after the last step, on the host.
    weights : tuple of ndarray
        The kernels after the last step, read-only.
    """

    losses: NDArray[np.float64]
    drift_steps: NDArray[np.int64]
    drifts: NDArray[np.float64]
    stop_reason: StopReason
    message: str
    optimizer: Optimizer
    state: OptimizerState
    weights: tuple[NDArray[Any], ...]

    @property
    def n_steps(self) -> int:
        """Number of completed steps."""
        return len(self.losses)

    def __repr__(self) -> str:
        """Show the number of steps, the first and the last loss, and why training ended."""
        losses = f", loss {self.losses[0]:.4g} to {self.losses[-1]:.4g}" if self.n_steps else ""
        return f"<History: {self.n_steps} steps{losses}. {self.message}>"
