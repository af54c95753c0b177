"""One step after the other: the loss of a batch, its gradients, and what an optimizer makes of the kernels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from specwidget.arrays import device_of, is_array, namespace, stop_gradient, to_device_of, to_numpy
from specwidget.stft.gradients import compute_vjp
from specwidget.stft.kernels import Kernels, kernel_names
from specwidget.stft.pipeline import compute_spectrogram
from specwidget.stft.settings import STFTSettings
from specwidget.training.losses import Loss
from specwidget.training.optimizers import Arrays, Optimizer, OptimizerState


class DivergenceError(ArithmeticError):
    """Raised where a step would make the kernels NaN or infinite; says which, in a sentence."""


@dataclass(frozen=True, eq=False)
class TrainState:
    """Where training stands after a step: what only ever changes together.

    Parameters
    ----------
    weights : tuple of array
        The kernels, real before imaginary.
    state : OptimizerState
        What the optimizer remembers.
    loss : float
        The loss before this step; NaN before the first.
    """

    weights: Arrays
    state: OptimizerState
    loss: float = math.nan


def iter_steps(
    point: TrainState, batches: Iterable[tuple[Any, Any]], loss: Loss, optimizer: Optimizer, settings: STFTSettings
) -> Iterator[TrainState]:
    """Yield where each batch leads to.

    Parameters
    ----------
    point : TrainState
        Where training stands.
    batches : iterable of (inputs, target)
        A batch for each step.
    loss : callable
        As for `specwidget.training.fit`.
    optimizer : Optimizer
        What moves the kernels.
    settings : STFTSettings
        Settings of the transform.

    Yields
    ------
    TrainState
        In the library and on the device of the batch.

    Raises
    ------
    DivergenceError
        If the loss of a step, or the kernels after it, would be NaN or infinite.
    """
    for inputs, target in batches:
        # The library's own differentiation would hold on to every step.
        constant = stop_gradient(inputs) if is_array(inputs) else inputs
        with np.errstate(all="ignore"):
            point = _take_step(point, constant, target, loss, optimizer, settings)
        yield point


def place(arrays: Arrays, like: Any) -> Arrays:
    """Return arrays in the library and on the device of another: themselves where they are there already."""
    if not is_array(like):
        return arrays
    return tuple(array if _lies_beside(array, like) else to_device_of(to_numpy(array), like) for array in arrays)


def _take_step(
    point: TrainState, inputs: Any, target: Any, loss: Loss, optimizer: Optimizer, settings: STFTSettings
) -> TrainState:
    """Return where one batch leads to."""
    weights, names = place(point.weights, inputs), kernel_names(settings)
    named = dict(zip(names, weights, strict=True))
    kernels = Kernels(named.get("real"), named.get("imag"))
    value, cotangent = _judge(loss, compute_spectrogram(inputs, settings, kernels), target)
    step = point.state.step + 1
    if not math.isfinite(value):
        raise DivergenceError(f"The loss of step {step} was {value}; the kernels stay as they were before it.")
    gradients = compute_vjp(inputs, cotangent, settings, kernels, wrt_inputs=False)
    by_kernels = tuple(getattr(gradients, f"{name}_kernel") for name in names)
    state = OptimizerState(point.state.step, tuple(place(average, inputs) for average in point.state.averages))
    moved, state = optimizer.update(weights, by_kernels, state)
    if [(w.shape, w.dtype) for w in moved] != [(w.shape, w.dtype) for w in weights]:
        raise TypeError(f"`optimizer` must keep the kernels' shapes and types; {type(optimizer).__name__} does not.")
    # Averages, too: an infinite one would hold the kernels still from then on.
    if not _are_finite(sum(state.averages, moved)):
        raise DivergenceError(f"Step {step} would have made kernels nan or infinite; they stay as they were before it.")
    return TrainState(moved, state, value)


def _judge(loss: Loss, output: Any, target: Any) -> tuple[float, Any]:
    """Return the value of a loss as a Python number, and its cotangent."""
    answer: Any = loss(output, target)
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise TypeError(f"`loss` must return its value and its cotangent; got {type(answer).__name__}.")
    value, cotangent = answer
    host = to_numpy(value) if is_array(value) else np.asarray(value)
    if host.size != 1 or host.dtype.kind not in "fiu":
        raise TypeError(f"`loss` must return a number as its value; got {host.dtype} of shape {host.shape}.")
    return float(host.reshape(()).item()), cotangent


def _are_finite(arrays: Arrays) -> bool:
    """Return whether all values of some arrays are finite; one answer crosses from their device."""
    xp = namespace(arrays[0])
    return bool(to_numpy(reduce(xp.logical_and, [xp.all(xp.isfinite(array)) for array in arrays])))


def _lies_beside(array: Any, like: Any) -> bool:
    """Return whether two arrays are of one library and on one device."""
    return namespace(array) is namespace(like) and bool(device_of(array) == device_of(like))
