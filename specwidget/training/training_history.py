"""What happened in training, and what going on from there needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from specwidget.training.optimizers import Optimizer, OptimizerState

End = Literal["finished", "interrupted", "stopped", "exhausted", "diverged"]


@dataclass(frozen=True, eq=False)
class History:
    """What happened in training, from its first step on, runs that it went on from included.

    Parameters
    ----------
    losses : ndarray (n_steps,)
        Loss of each step, before that step moved the kernels.
    drift_steps : ndarray of int (n,)
        Numbers of steps after which the drift was measured; 0 is before the first.
    drifts : ndarray (n, n_bins)
        Distance of each bin's kernels from Fourier's, as in `Drift.distance`.
    end : {"finished", "interrupted", "stopped", "exhausted", "diverged"}
        Why the last run ended: all its steps were taken, a keyboard interrupt, `stop` said so, the batches ran out, or
        a value was NaN or infinite.
    message : str
        The same in a sentence.
    optimizer : Optimizer
        What moved the kernels.
    state : OptimizerState
        The optimizer's state after the last step, on the host.
    weights : tuple of ndarray
        The kernels after the last step, read-only.
    """

    losses: NDArray[np.float64]
    drift_steps: NDArray[np.int64]
    drifts: NDArray[np.float64]
    end: End
    message: str
    optimizer: Optimizer
    state: OptimizerState
    weights: tuple[NDArray[Any], ...]

    @property
    def n_steps(self) -> int:
        """Number of steps that were taken."""
        return len(self.losses)

    def __repr__(self) -> str:
        """Tell the number of steps, the first and the last loss, and why it ended."""
        losses = f", loss {self.losses[0]:.4g} to {self.losses[-1]:.4g}" if self.n_steps else ""
        return f"<History: {self.n_steps} steps{losses}. {self.message}>"
