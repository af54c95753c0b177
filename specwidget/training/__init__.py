"""Kernels that learn, without a framework.

`fit` gives batches to a layer, asks a loss for its value and its cotangent, pulls that back to the kernels by
`layer.vjp`'s closed form, and lets an optimizer move them; it returns a new layer and a `History`.

- Losses: `mean_squared_error`, `SoftmaxReadout`, or any function of an output and a target that returns both.
- Optimizers: `Adam`, `SGD`, frozen, whose state goes in and comes out.
- `measure_drift` tells what training did to each bin's kernels.
- `save_kernels` and `load_kernels` keep them in a file.
"""

from specwidget.training.checkpoints import load_kernels, save_kernels
from specwidget.training.drift import Drift, measure_drift
from specwidget.training.loop import fit
from specwidget.training.losses import Loss, SoftmaxReadout, mean_squared_error
from specwidget.training.optimizers import SGD, Adam, Optimizer, OptimizerState
from specwidget.training.training_history import History

__all__ = [
    "SGD",
    "Adam",
    "Drift",
    "History",
    "Loss",
    "Optimizer",
    "OptimizerState",
    "SoftmaxReadout",
    "fit",
    "load_kernels",
    "mean_squared_error",
    "measure_drift",
    "save_kernels",
]
