"""Training steps: loss, gradients and optimizer update for one batch after another."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from specwidget.arrays import device_of, is_array, namespace, on_device_of, stop_gradient, to_device_of, to_numpy
from specwidget.stft.gradients import compute_vjp
from specwidget.stft.kernels import Kernels, kernel_names
from specwidget.stft.pipeline import compute_spectrogram
from specwidget.stft.settings import STFTSettings
from specwidget.training.losses import Loss
from specwidget.training.optimizers import Arrays, Optimizer, OptimizerState


class DivergenceError(ArithmeticError):
    """Raised if a step would make the loss or the kernels NaN or infinite."""


@dataclass(frozen=True, eq=False)
class TrainState:
    """State of training after a step. Its fields are replaced together, so an interrupt can't separate them.

    Parameters
    ----------
    weights : tuple of array
        The kernels, real before imaginary.
    optimizer_state : OptimizerState
        State of the optimizer.
    loss : float
        The loss before this step; NaN before the first.
    """

    weights: Arrays
    optimizer_state: OptimizerState
    loss: float = math.nan


def iter_steps(
    state: TrainState, batches: Iterable[tuple[Any, Any]], loss: Loss, optimizer: Optimizer, settings: STFTSettings
) -> Iterator[TrainState]:
    """Perform one training step for each batch.

    Parameters
    ----------
    state : TrainState
        State before the first batch.
    batches : iterable of (inputs, target)
        One batch for each step.
    loss : callable
        As for `specwidget.training.fit`.
    optimizer : Optimizer
        Updates the kernels.
    settings : STFTSettings
        Settings of the transform.

    Yields
    ------
    TrainState
        State after each step, in the library and on the device of the batch.

    Raises
    ------
    DivergenceError
        If the loss of a step, or the kernels or averages after it, would be NaN or infinite.
    """
    for inputs, target in batches:
        # Otherwise PyTorch and JAX would record every step for their own differentiation, and keep its arrays.
        constant = stop_gradient(inputs) if is_array(inputs) else inputs
        with on_device_of(constant), np.errstate(all="ignore"):
            state = _take_step(state, constant, target, loss, optimizer, settings)
        yield state


def move_to_device_of(arrays: Arrays, like: Any) -> Arrays:
    """Return arrays in the library and on the device of another; arrays that are there already are not copied."""
    if not is_array(like):
        return arrays
    return tuple(array if _is_on_device_of(array, like) else to_device_of(to_numpy(array), like) for array in arrays)


def _take_step(
    state: TrainState, inputs: Any, target: Any, loss: Loss, optimizer: Optimizer, settings: STFTSettings
) -> TrainState:
    weights, names = move_to_device_of(state.weights, inputs), kernel_names(settings)
    named = dict(zip(names, weights, strict=True))
    kernels = Kernels(named.get("real"), named.get("imag"))
    value, cotangent = _evaluate_loss(loss, compute_spectrogram(inputs, settings, kernels), target)
    step = state.optimizer_state.step + 1
    if not math.isfinite(value):
        raise DivergenceError(f"The loss of step {step} was {value}; training stopped with the kernels before it.")
    gradients = compute_vjp(inputs, cotangent, settings, kernels, wrt_inputs=False)
    d_weights = tuple(getattr(gradients, f"{name}_kernel") for name in names)
    averages = tuple(move_to_device_of(average, inputs) for average in state.optimizer_state.averages)
    updated, optimizer_state = optimizer.update(weights, d_weights, OptimizerState(step - 1, averages))
    if [(w.shape, w.dtype) for w in updated] != [(w.shape, w.dtype) for w in weights]:
        raise TypeError(f"`optimizer` must keep the kernels' shapes and dtypes; {type(optimizer).__name__} does not.")
    # The averages too: an infinite second moment would make every later step of Adam 0.
    if not _are_finite(sum(optimizer_state.averages, updated)):
        raise DivergenceError(
            f"Step {step} would have made kernels nan or infinite; training stopped with the kernels before it."
        )
    return TrainState(updated, optimizer_state, value)


def _evaluate_loss(loss: Loss, output: Any, target: Any) -> tuple[float, Any]:
    """Return the value of a loss as a Python number, and its gradient with respect to the output."""
    result: Any = loss(output, target)
    if not isinstance(result, tuple) or len(result) != 2:
        raise TypeError(f"`loss` must return its value and its cotangent; got {type(result).__name__}.")
    value, cotangent = result
    # The one transfer of a step besides the finite check: the loss is needed on the host to report it.
    host = to_numpy(value) if is_array(value) else np.asarray(value)
    if host.size != 1 or host.dtype.kind not in "fiu":
        raise TypeError(f"`loss` must return a number as its value; got {host.dtype} of shape {host.shape}.")
    return float(host.reshape(()).item()), cotangent


def _are_finite(arrays: Arrays) -> bool:
    """Return whether all values of all arrays are finite, with a single transfer from their device."""
    xp = namespace(arrays[0])
    return bool(to_numpy(reduce(xp.logical_and, [xp.all(xp.isfinite(array)) for array in arrays])))


def _is_on_device_of(array: Any, like: Any) -> bool:
    return namespace(array) is namespace(like) and bool(device_of(array) == device_of(like))
