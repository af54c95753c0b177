"""Optimizers: pure functions of kernels, gradients and a state, with their settings in a frozen dataclass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from specwidget.arrays import namespace
from specwidget.training.checks import check_fraction, check_positive

Arrays: TypeAlias = tuple[Any, ...]
"""One array for each kernel, in one order."""


@dataclass(frozen=True, eq=False)
class OptimizerState:
    """What an optimizer remembers from step to step.

    Parameters
    ----------
    step : int
        Number of updates so far.
    averages : tuple of tuple of array
        The running averages that the optimizer keeps, each with an array for every kernel.
    """

    step: int
    averages: tuple[Arrays, ...]


class Optimizer(Protocol):
    """What `fit` asks of an optimizer. Neither function changes what it is given."""

    def start(self, weights: Arrays) -> OptimizerState:
        """Return the state before the first update."""

    def update(self, weights: Arrays, gradients: Arrays, state: OptimizerState) -> tuple[Arrays, OptimizerState]:
        """Return new weights, and the state after this update."""


@dataclass(frozen=True)
class Adam:
    """Move each weight by about the learning rate, whatever the size of its gradient.

    Parameters
    ----------
    learning_rate : float, default 1e-3
        Step size, in units of the kernels. Kernels scaled by "density" have values near `1 / sqrt(frame_length)`.
    beta_1, beta_2 : float, default 0.9 and 0.999
        How much of the averages of the gradient and of its square is kept in a step.
    epsilon : float, default 1e-8
        Added to the root of the second average.

    Raises
    ------
    ValueError
        If a value is outside its bounds.
    TypeError
        If a value is no number.

    Notes
    -----
    With the gradient `g` of step `t`: ``m = beta_1 m + (1 - beta_1) g``, ``v = beta_2 v + (1 - beta_2) g^2``, and the
    weights move by ``-learning_rate (m / (1 - beta_1^t)) / (sqrt(v / (1 - beta_2^t)) + epsilon)``: Algorithm 1 of [1]_,
    with the bias of averages that begin at 0 corrected.

    References
    ----------
    .. [1] D. P. Kingma and J. Ba, "Adam: A method for stochastic optimization", ICLR 2015, arXiv:1412.6980.

    Examples
    --------
    >>> import numpy as np
    >>> adam, weights = Adam(learning_rate=0.1), (np.array([1.0, 1.0]),)
    >>> moved, state = adam.update(weights, (np.array([3.0, -0.01]),), adam.start(weights))
    >>> moved[0].round(4).tolist(), state.step
    ([0.9, 1.1], 1)
    """

    learning_rate: float = 1e-3
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        """Check every setting."""
        _keep(self, check_positive, "learning_rate", "epsilon")
        _keep(self, check_fraction, "beta_1", "beta_2")

    def start(self, weights: Arrays) -> OptimizerState:
        """Return the state before the first update: both averages 0.

        Parameters
        ----------
        weights : tuple of array
            The kernels.

        Returns
        -------
        OptimizerState
            With the averages `m` and `v`, in the kernels' shapes and types.
        """
        return OptimizerState(0, (_zeros(weights), _zeros(weights)))

    def update(self, weights: Arrays, gradients: Arrays, state: OptimizerState) -> tuple[Arrays, OptimizerState]:
        """Return what one step makes of kernels; nothing that is given changes.

        Parameters
        ----------
        weights, gradients : tuple of array
            The kernels, and the derivatives of the loss by them.
        state : OptimizerState
            The state after the step before.

        Returns
        -------
        weights : tuple of array
            New kernels.
        state : OptimizerState
            The state after this step.
        """
        step = state.step + 1
        first = _blend(self.beta_1, state.averages[0], gradients)
        second = _blend(self.beta_2, state.averages[1], tuple(g * g for g in gradients))
        unbias_1, unbias_2 = 1 - self.beta_1**step, 1 - self.beta_2**step
        moved = tuple(
            w - self.learning_rate * (m / unbias_1) / (namespace(v).sqrt(v / unbias_2) + self.epsilon)
            for w, m, v in zip(weights, first, second, strict=True)
        )
        return moved, OptimizerState(step, (first, second))


@dataclass(frozen=True)
class SGD:
    """Move the weights down the gradient, with momentum.

    Parameters
    ----------
    learning_rate : float, default 1e-2
        Step size, in units of the kernels by units of the gradient.
    momentum : float, default 0.9
        How much of the velocity is kept in a step; 0 is plain gradient descent.

    Raises
    ------
    ValueError
        If a value is outside its bounds.
    TypeError
        If a value is no number.

    Notes
    -----
    With the gradient `g`: ``velocity = momentum velocity + g``, and the weights move by ``-learning_rate velocity``:
    the heavy ball of [1]_, as PyTorch's `SGD` does it.

    References
    ----------
    .. [1] B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Computational
       Mathematics and Mathematical Physics 4 (5), 1964.

    Examples
    --------
    >>> import numpy as np
    >>> sgd, weights = SGD(learning_rate=0.1, momentum=0.5), (np.array([1.0]),)
    >>> weights, state = sgd.update(weights, (np.array([2.0]),), sgd.start(weights))
    >>> weights, state = sgd.update(weights, (np.array([2.0]),), state)
    >>> weights[0].round(4).tolist()
    [0.5]
    """

    learning_rate: float = 1e-2
    momentum: float = 0.9

    def __post_init__(self) -> None:
        """Check every setting."""
        _keep(self, check_positive, "learning_rate")
        _keep(self, check_fraction, "momentum")

    def start(self, weights: Arrays) -> OptimizerState:
        """Return the state before the first update: at rest.

        Parameters
        ----------
        weights : tuple of array
            The kernels.

        Returns
        -------
        OptimizerState
            With the velocity, in the kernels' shapes and types.
        """
        return OptimizerState(0, (_zeros(weights),))

    def update(self, weights: Arrays, gradients: Arrays, state: OptimizerState) -> tuple[Arrays, OptimizerState]:
        """Return what one step makes of kernels; nothing that is given changes.

        Parameters
        ----------
        weights, gradients : tuple of array
            The kernels, and the derivatives of the loss by them.
        state : OptimizerState
            The state after the step before.

        Returns
        -------
        weights : tuple of array
            New kernels.
        state : OptimizerState
            The state after this step.
        """
        velocity = tuple(self.momentum * v + g for v, g in zip(state.averages[0], gradients, strict=True))
        moved = tuple(w - self.learning_rate * v for w, v in zip(weights, velocity, strict=True))
        return moved, OptimizerState(state.step + 1, (velocity,))


def _keep(optimizer: object, check: Callable[[str, object], float], *names: str) -> None:
    """Check settings, and keep them as Python numbers: a float64 of NumPy's would widen the kernels."""
    for name in names:
        object.__setattr__(optimizer, name, check(name, getattr(optimizer, name)))


def _zeros(weights: Arrays) -> Arrays:
    """Return an array of zeros for each kernel."""
    return tuple(namespace(weight).zeros_like(weight) for weight in weights)


def _blend(kept: float, averages: Arrays, values: Arrays) -> Arrays:
    """Return running averages that keep a fraction of themselves, and take the rest from new values."""
    return tuple(kept * average + (1 - kept) * value for average, value in zip(averages, values, strict=True))
