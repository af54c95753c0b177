"""Optimizers with optax's interface: `init` and `update` are pure functions of weights, gradients and state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from specwidget.arrays import namespace
from specwidget.training.checks import check_fraction, check_positive

Arrays: TypeAlias = tuple[Any, ...]
"""One array for each kernel, in the order of the layer's weights."""


@dataclass(frozen=True, eq=False)
class OptimizerState:
    """State of an optimizer between steps.

    Parameters
    ----------
    step : int
        Number of updates so far.
    averages : tuple of tuple of array
        Moving averages of the optimizer, each with one array for every kernel.
    """

    step: int
    averages: tuple[Arrays, ...]


class Optimizer(Protocol):
    """Interface of the optimizers that `fit` accepts. Neither method modifies its arguments."""

    def init(self, weights: Arrays) -> OptimizerState:
        """Create the state before the first update."""

    def update(self, weights: Arrays, gradients: Arrays, state: OptimizerState) -> tuple[Arrays, OptimizerState]:
        """Return the updated weights and state."""


@dataclass(frozen=True)
class Adam:
    """Adam optimizer: each weight changes by about the learning rate, whatever the scale of its gradient.

    Parameters
    ----------
    learning_rate : float, default 1e-3
        Step size, in units of the kernels. Kernels scaled by "density" have values near `1 / sqrt(frame_length)`.
    beta_1, beta_2 : float, default 0.9 and 0.999
        Decay rates of the moving averages of the gradient and of its square, per step.
    epsilon : float, default 1e-8
        Added to the root of the second average, against division by 0.

    Raises
    ------
    ValueError
        If a value is out of bounds.
    TypeError
        If a value is not a number.

    Notes
    -----
    With the gradient `g` of step `t`: ``m = beta_1 m + (1 - beta_1) g``, ``v = beta_2 v + (1 - beta_2) g^2``, and the
    weights change by ``-learning_rate (m / (1 - beta_1^t)) / (sqrt(v / (1 - beta_2^t)) + epsilon)``: Algorithm 1 of
    [1]_, with its correction for the bias of averages that are initialised with 0.

    References
    ----------
    .. [1] D. P. Kingma and J. Ba, "Adam: A method for stochastic optimization", ICLR 2015, arXiv:1412.6980.

    Examples
    --------
    >>> import numpy as np
    >>> adam, weights = Adam(learning_rate=0.1), (np.array([1.0, 1.0]),)
    >>> updated, state = adam.update(weights, (np.array([3.0, -0.01]),), adam.init(weights))
    >>> updated[0].round(4).tolist(), state.step
    ([0.9, 1.1], 1)
    """

    learning_rate: float = 1e-3
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        """Validate every setting."""
        _set_checked(self, check_positive, "learning_rate", "epsilon")
        _set_checked(self, check_fraction, "beta_1", "beta_2")

    def init(self, weights: Arrays) -> OptimizerState:
        """Create the state before the first update, with both averages 0.

        Parameters
        ----------
        weights : tuple of array
            The kernels.

        Returns
        -------
        OptimizerState
            With the averages `m` and `v`, in the shapes and dtypes of the kernels.
        """
        return OptimizerState(0, (_zeros(weights), _zeros(weights)))

    def update(self, weights: Arrays, gradients: Arrays, state: OptimizerState) -> tuple[Arrays, OptimizerState]:
        """Perform one step. The arguments are not modified.

        Parameters
        ----------
        weights, gradients : tuple of array
            The kernels, and the gradients of the loss with respect to them.
        state : OptimizerState
            State before this step.

        Returns
        -------
        weights : tuple of array
            Updated kernels.
        state : OptimizerState
            State after this step.
        """
        step = state.step + 1
        first = _moving_average(self.beta_1, state.averages[0], gradients)
        second = _moving_average(self.beta_2, state.averages[1], tuple(g * g for g in gradients))
        # Averages that start at 0 are too small by these factors.
        correction_1, correction_2 = 1 - self.beta_1**step, 1 - self.beta_2**step
        updated = tuple(
            w - self.learning_rate * (m / correction_1) / (namespace(v).sqrt(v / correction_2) + self.epsilon)
            for w, m, v in zip(weights, first, second, strict=True)
        )
        return updated, OptimizerState(step, (first, second))


@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent with momentum.

    Parameters
    ----------
    learning_rate : float, default 1e-2
        Step size, in units of the kernels per unit of the gradient.
    momentum : float, default 0.9
        Decay rate of the velocity, per step; 0 gives plain gradient descent.

    Raises
    ------
    ValueError
        If a value is out of bounds.
    TypeError
        If a value is not a number.

    Notes
    -----
    With the gradient `g`: ``velocity = momentum velocity + g``, and the weights change by
    ``-learning_rate velocity``: the heavy-ball method of [1]_, in the form of PyTorch's `SGD`.

    References
    ----------
    .. [1] B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Computational
       Mathematics and Mathematical Physics 4 (5), 1964.

    Examples
    --------
    >>> import numpy as np
    >>> sgd, weights = SGD(learning_rate=0.1, momentum=0.5), (np.array([1.0]),)
    >>> weights, state = sgd.update(weights, (np.array([2.0]),), sgd.init(weights))
    >>> weights, state = sgd.update(weights, (np.array([2.0]),), state)
    >>> weights[0].round(4).tolist()
    [0.5]
    """

    learning_rate: float = 1e-2
    momentum: float = 0.9

    def __post_init__(self) -> None:
        """Validate every setting."""
        _set_checked(self, check_positive, "learning_rate")
        _set_checked(self, check_fraction, "momentum")

    def init(self, weights: Arrays) -> OptimizerState:
        """Create the state before the first update, with velocity 0.

        Parameters
        ----------
        weights : tuple of array
            The kernels.

        Returns
        -------
        OptimizerState
            With the velocity, in the shapes and dtypes of the kernels.
        """
        return OptimizerState(0, (_zeros(weights),))

    def update(self, weights: Arrays, gradients: Arrays, state: OptimizerState) -> tuple[Arrays, OptimizerState]:
        """Perform one step. The arguments are not modified.

        Parameters
        ----------
        weights, gradients : tuple of array
            The kernels, and the gradients of the loss with respect to them.
        state : OptimizerState
            State before this step.

        Returns
        -------
        weights : tuple of array
            Updated kernels.
        state : OptimizerState
            State after this step.
        """
        velocity = tuple(self.momentum * v + g for v, g in zip(state.averages[0], gradients, strict=True))
        updated = tuple(w - self.learning_rate * v for w, v in zip(weights, velocity, strict=True))
        return updated, OptimizerState(state.step + 1, (velocity,))


def _set_checked(optimizer: object, check: Callable[[str, object], float], *names: str) -> None:
    """Validate settings and store them as Python floats: a NumPy float64 would promote float32 kernels."""
    for name in names:
        object.__setattr__(optimizer, name, check(name, getattr(optimizer, name)))


def _zeros(weights: Arrays) -> Arrays:
    return tuple(namespace(weight).zeros_like(weight) for weight in weights)


def _moving_average(decay: float, averages: Arrays, values: Arrays) -> Arrays:
    return tuple(decay * average + (1 - decay) * value for average, value in zip(averages, values, strict=True))
