"""Loss functions that return their value and its gradient with respect to the layer's output."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from specwidget.arrays import device_of, is_array, library_of, namespace, on_device_of, to_device_of, to_numpy

Loss: TypeAlias = Callable[[Any, Any], tuple[Any, Any]]
"""Takes the layer's output and the batch's target (None if the batch has none). Returns the loss, a number or a
0-dimensional array, and its cotangent: the gradient with respect to the output, an array of the output's shape."""


def mean_squared_error(output: Any, target: Any) -> tuple[Any, Any]:
    """Compute the mean squared error and its gradient with respect to the output.

    Parameters
    ----------
    output : array
        Output of the layer.
    target : array
        Target values, in the same shape: of NumPy, or in the library and on the device of `output`.

    Returns
    -------
    value : 0-dimensional array
        The loss, computed in float32 if the output is float16.
    cotangent : array
        ``2 (output - target) / size``, in the output's shape.

    Raises
    ------
    TypeError
        If `target` is not an array, or one of another library or device that is not NumPy's.
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
            "Use batches that are pairs (inputs, target)."
        )
    if tuple(target.shape) != tuple(output.shape):
        raise ValueError(f"`target` must have the output's shape {tuple(output.shape)}; got {tuple(target.shape)}.")
    xp = namespace(output)
    with on_device_of(output):
        difference = _upcast_float16(output) - _upcast_float16(_on_device_of_output(target, output))
        return xp.mean(difference * difference), difference * (2 / max(1, math.prod(output.shape)))


def _on_device_of_output(target: Any, output: Any) -> Any:
    """Move a target of NumPy to the device of the output; refuse one that is on a device where the output is not."""
    if library_of(target) == library_of(output) and device_of(target) == device_of(output):
        return target
    if isinstance(target, np.ndarray):
        return to_device_of(target, output)
    places = [
        "NumPy" if isinstance(array, np.ndarray) else f"{library_of(array)} on {device_of(array)}"
        for array in (output, target)
    ]
    raise TypeError(
        f"`target` must be a NumPy array, or where the output is, {places[0]}; got {places[1]}. "
        "Give inputs and target on the same device."
    )


@dataclass(frozen=True, eq=False)
class SoftmaxReadout:
    """Softmax cross-entropy of a fixed linear classifier on the output's mean over frames.

    The classifier is constant; only the kernels are trained.

    Parameters
    ----------
    weights : array-like (features, n_classes)
        Weight of each feature of the output for each class.
    bias : array-like (n_classes,), optional
        None means 0.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Notes
    -----
    With the output's mean over frames `z`, the logits are ``z @ weights + bias``. The loss is the mean over the batch
    of the negative logarithm of the softmax of the correct class.

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
        """Validate the weights and store read-only float64 copies."""
        weights = np.array(self.weights, dtype=np.float64)
        if weights.ndim != 2:
            raise ValueError(f"`weights` must have 2 axes (features, n_classes); got shape {weights.shape}.")
        n_classes = weights.shape[1]
        bias = np.zeros(n_classes) if self.bias is None else np.array(self.bias, dtype=np.float64)
        if bias.shape != (n_classes,):
            raise ValueError(f"`bias` must have shape {(n_classes,)}, one value for each class; got {bias.shape}.")
        for name, values in (("weights", weights), ("bias", bias)):
            values.flags.writeable = False
            object.__setattr__(self, name, values)

    def logits(self, output: Any) -> Any:
        """Compute the logits.

        Parameters
        ----------
        output : array (batch, frames, features)
            Output of the layer, with channels last and bins flattened.

        Returns
        -------
        array (batch, n_classes)
            Logit of each class.

        Raises
        ------
        ValueError
            If `output` has other axes or another number of features.
        """
        n_features = self.weights.shape[0]
        shape = tuple(output.shape)
        if len(shape) != 3 or shape[2] != n_features:
            raise ValueError(f"`output` must have shape (batch, frames, {n_features}); got {shape}.")
        pooled = namespace(output).mean(_upcast_float16(output), axis=1)
        return pooled @ _to_array_like(self.weights, pooled) + _to_array_like(self.bias, pooled)

    def __call__(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Compute the cross-entropy and its gradient with respect to the output.

        Parameters
        ----------
        output : array (batch, frames, features)
            Output of the layer.
        target : array of int (batch,)
            Index of the correct class of each item.

        Returns
        -------
        value : 0-dimensional array
            The loss, in nats.
        cotangent : array (batch, frames, features)
            Gradient with respect to the output.

        Raises
        ------
        ValueError
            If a shape does not fit, or a class does not exist.
        """
        with on_device_of(output):
            return self._evaluate(output, target)

    def _evaluate(self, output: Any, target: Any) -> tuple[Any, Any]:
        logits = self.logits(output)
        xp = namespace(logits)
        one_hot = _to_array_like(self._one_hot(target, logits.shape[0]), logits)
        # Softmax is invariant to a constant shift, and without it exp would overflow for logits above 88 in float32.
        shifted = logits - xp.max(logits, axis=1, keepdims=True)
        log_softmax = shifted - xp.log(xp.sum(xp.exp(shifted), axis=1, keepdims=True))
        n_batch, n_frames, _ = output.shape
        value = -xp.sum(one_hot * log_softmax) / max(1, n_batch)
        d_logits = (xp.exp(log_softmax) - one_hot) / max(1, n_batch)
        d_frame = (d_logits @ _to_array_like(self.weights.T, logits)) / n_frames
        return value, xp.broadcast_to(d_frame[:, None, :], tuple(output.shape))

    def _one_hot(self, target: Any, n_batch: int) -> np.ndarray:
        labels = to_numpy(target) if is_array(target) else np.asarray(target)
        n_classes = self.weights.shape[1]
        if labels.shape != (n_batch,) or labels.dtype.kind not in "iu":
            raise ValueError(
                f"`target` must be integers of shape ({n_batch},), one class for each item; "
                f"got {labels.dtype} of shape {labels.shape}."
            )
        if labels.size and (labels.min() < 0 or labels.max() >= n_classes):
            raise ValueError(
                f"`target` must be between 0 and n_classes - 1={n_classes - 1}; got {labels.min()} to {labels.max()}."
            )
        return np.asarray(labels[:, None] == np.arange(n_classes))


def _upcast_float16(array: Any) -> Any:
    """Convert float16 to float32, as its squares and sums overflow above 65504; leave other dtypes unchanged."""
    xp = namespace(array)
    narrow = str(getattr(array.dtype, "name", array.dtype)).endswith("float16")
    return xp.asarray(array, dtype=xp.float32) if narrow else array


def _to_array_like(values: np.ndarray, like: Any) -> Any:
    """Convert a NumPy array to the library, dtype and device of another array."""
    return namespace(like).asarray(to_device_of(values, like), dtype=like.dtype)
