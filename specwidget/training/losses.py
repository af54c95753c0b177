"""Losses: each returns its value, and its derivative by the layer's output."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from specwidget.arrays import is_array, namespace, to_device_of, to_numpy

Loss: TypeAlias = Callable[[Any, Any], tuple[Any, Any]]
"""Takes the layer's output and the batch's target (None where the batch has none). Returns the loss, a number or an
array of no axes, and its cotangent: the derivative of that number by the output, an array of the output's shape."""


def mean_squared_error(output: Any, target: Any) -> tuple[Any, Any]:
    """Return the mean of the squared differences, and its derivative by the output.

    Parameters
    ----------
    output : array
        What the layer computed.
    target : array
        What it is to compute, in the same shape.

    Returns
    -------
    value : array of no axes
        The loss, computed in float32 where the output is float16.
    cotangent : array
        ``2 (output - target) / size``, in the output's shape.

    Raises
    ------
    TypeError
        If `target` is no array.
    ValueError
        If `target` has another shape.

    Examples
    --------
    >>> import numpy as np
    >>> value, cotangent = mean_squared_error(np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    >>> float(value), cotangent.tolist()
    (2.0, [0.0, -2.0])
    """
    if not is_array(target):
        raise TypeError(
            f"`target` must be an array of the output's shape {tuple(output.shape)}; got {type(target).__name__}. "
            "Give batches as pairs (inputs, target)."
        )
    if tuple(target.shape) != tuple(output.shape):
        raise ValueError(f"`target` must have the output's shape {tuple(output.shape)}; got {tuple(target.shape)}.")
    xp = namespace(output)
    difference = _widened(output) - _widened(target)
    return xp.mean(difference * difference), difference * (2 / max(1, math.prod(output.shape)))


@dataclass(frozen=True, eq=False)
class SoftmaxReadout:
    """Softmax cross-entropy of a fixed linear read-out of the output's mean over frames.

    The read-out stays as it is; the kernels learn to give it what it asks for.

    Parameters
    ----------
    weights : array-like (features, n_classes)
        Weight of each of the output's features in each class.
    bias : array-like (n_classes,), optional
        None is 0.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Notes
    -----
    With `z` the output's mean over frames, a class has the logit ``z @ weights + bias``; the loss is the mean over
    the batch of minus the logarithm of the right class's softmax.

    Examples
    --------
    >>> import numpy as np
    >>> readout = SoftmaxReadout([[1.0, 0.0], [0.0, 1.0]])
    >>> value, cotangent = readout(np.zeros((1, 4, 2)), np.array([1]))
    >>> round(float(value), 4), cotangent[0, 0].tolist()
    (0.6931, [0.125, -0.125])
    """

    weights: Any
    bias: Any = None

    def __post_init__(self) -> None:
        """Keep the read-out as read-only arrays of float64."""
        weights = np.array(self.weights, dtype=np.float64)
        if weights.ndim != 2:
            raise ValueError(f"`weights` must have 2 axes (features, n_classes); got shape {weights.shape}.")
        n_classes = weights.shape[1]
        bias = np.zeros(n_classes) if self.bias is None else np.array(self.bias, dtype=np.float64)
        if bias.shape != (n_classes,):
            raise ValueError(f"`bias` must have shape {(n_classes,)}, a value for each class; got {bias.shape}.")
        for name, values in (("weights", weights), ("bias", bias)):
            values.flags.writeable = False
            object.__setattr__(self, name, values)

    def logits(self, output: Any) -> Any:
        """Return the logit of each class.

        Parameters
        ----------
        output : array (batch, frames, features)
            What the layer computed, channels last and bins flattened.

        Returns
        -------
        array (batch, n_classes)
            Larger for the likelier class.

        Raises
        ------
        ValueError
            If `output` has other axes or another number of features.
        """
        n_features = self.weights.shape[0]
        shape = tuple(output.shape)
        if len(shape) != 3 or shape[2] != n_features:
            raise ValueError(f"`output` must have shape (batch, frames, {n_features}); got {shape}.")
        pooled = namespace(output).mean(_widened(output), axis=1)
        return pooled @ _beside(self.weights, pooled) + _beside(self.bias, pooled)

    def __call__(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return the cross-entropy, and its derivative by the output.

        Parameters
        ----------
        output : array (batch, frames, features)
            What the layer computed.
        target : array of int (batch,)
            The right class of each item, from 0.

        Returns
        -------
        value : array of no axes
            The loss, in nats.
        cotangent : array (batch, frames, features)
            Its derivative by the output.

        Raises
        ------
        ValueError
            If a shape does not fit, or a class does not exist.
        """
        logits = self.logits(output)
        xp = namespace(logits)
        right = _beside(self._one_hot(target, logits.shape[0]), logits)
        shifted = logits - xp.max(logits, axis=1, keepdims=True)
        log_softmax = shifted - xp.log(xp.sum(xp.exp(shifted), axis=1, keepdims=True))
        n_batch, n_frames, _ = output.shape
        value = -xp.sum(right * log_softmax) / max(1, n_batch)
        by_logits = (xp.exp(log_softmax) - right) / max(1, n_batch)
        by_frame = (by_logits @ _beside(self.weights.T, logits)) / n_frames
        return value, xp.broadcast_to(by_frame[:, None, :], tuple(output.shape))

    def _one_hot(self, target: Any, n_batch: int) -> np.ndarray:
        """Return 1 in each item's right class and 0 elsewhere, (batch, n_classes)."""
        labels = to_numpy(target) if is_array(target) else np.asarray(target)
        n_classes = self.weights.shape[1]
        if labels.shape != (n_batch,) or labels.dtype.kind not in "iu":
            raise ValueError(
                f"`target` must be integers of shape ({n_batch},), a class for each item; "
                f"got {labels.dtype} of shape {labels.shape}."
            )
        if labels.size and (labels.min() < 0 or labels.max() >= n_classes):
            raise ValueError(
                f"`target` must be between 0 and n_classes - 1={n_classes - 1}; got {labels.min()} to {labels.max()}."
            )
        return np.asarray(labels[:, None] == np.arange(n_classes))


def _widened(array: Any) -> Any:
    """Return an array of float16 as float32, whose squares and sums don't overflow; any other as it is."""
    xp = namespace(array)
    narrow = str(getattr(array.dtype, "name", array.dtype)).endswith("float16")
    return xp.asarray(array, dtype=xp.float32) if narrow else array


def _beside(values: np.ndarray, like: Any) -> Any:
    """Return host values in the library, the type and on the device of an array."""
    placed = to_device_of(values, like)
    return namespace(like).asarray(placed, dtype=like.dtype)
