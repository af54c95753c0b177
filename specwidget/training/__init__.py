"""Training of the layer's kernels, without a framework.

`fit` is the training loop. For each batch it computes the layer's output, evaluates a loss and its gradient, computes
the gradients of the kernels by `compute_vjp`, and lets an optimizer update them. It returns a new layer and a
`History`.

- Losses: `mean_squared_error`, `SoftmaxReadout`, or any function of an output and a target that returns the loss and
  its gradient with respect to the output.
- Optimizers: `Adam` and `SGD`, frozen dataclasses; their state is passed in and returned, as in optax.
- `measure_drift` measures how far each bin's kernels have moved from the Fourier kernels.
- `save_kernels` and `load_kernels` store kernels in a file.
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
