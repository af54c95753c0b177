"""`fit`: the training loop."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import to_numpy
from specwidget.layer import STFTSpectrogram
from specwidget.stft.settings import STFTSettings
from specwidget.training.batches import iter_batches
from specwidget.training.checks import check_count
from specwidget.training.drift import bin_distances, fourier_weights
from specwidget.training.losses import Loss
from specwidget.training.optimizers import Adam, Arrays, Optimizer, OptimizerState
from specwidget.training.steps import DivergenceError, TrainState, iter_steps, move_to_device_of
from specwidget.training.training_history import History, StopReason


def fit(
    layer: STFTSpectrogram,
    loss: Loss,
    batches: Any,
    optimizer: Optimizer | None = None,
    *,
    steps: int,
    progress: bool = True,
    history: History | None = None,
    stop: Callable[[int, float], bool] | None = None,
    drift_every: int = 10,
) -> tuple[STFTSpectrogram, History]:
    """Train the kernels of a layer.

    Parameters
    ----------
    layer : STFTSpectrogram
        The initial layer, which is not modified. It must be trainable.
    loss : callable
        Takes the layer's output and the batch's target (None if there is none). Returns the loss, a number, and its
        cotangent: the gradient of that number with respect to the output, an array of the output's shape.
        `mean_squared_error` and `SoftmaxReadout` are such functions.
    batches : sequence or iterable
        Batches: arrays of inputs (batch, time, channels), or pairs (inputs, target). A sequence is repeated as often as
        needed; any other iterable is consumed once, and training ends when it is exhausted.
    optimizer : Optimizer, optional
        Updates the kernels; None means `Adam()`.
    steps : int
        Number of steps, with one batch each.
    progress : bool, default True
        Whether to show a bar with the progress and the loss.
    history : History, optional
        The history that was returned with `layer`: training resumes there, with the same bits as an uninterrupted run.
    stop : callable, optional
        Called after each step with the total number of steps and the loss; training ends if it returns True.
    drift_every : int, default 10
        Number of steps between measurements of the kernels' drift.

    Returns
    -------
    layer : STFTSpectrogram
        A new layer with the same settings and the trained kernels.
    history : History
        Losses, drift, the reason why training ended, and the state to resume from.

    Raises
    ------
    ValueError
        If the layer is not trainable, `history` belongs to other kernels or another type of optimizer, or a number is
        out of bounds.
    TypeError
        If an argument has the wrong type.

    Warns
    -----
    RuntimeWarning
        If the loss or the kernels would become NaN or infinite: training ends with the last finite kernels.

    Notes
    -----
    A keyboard interrupt (the stop button of a notebook) ends training after the last complete step, and `fit` returns
    normally. A batch of an iterator whose step was interrupted is lost.

    Everything is computed in the library and on the device of the batches (CuPy, PyTorch, JAX), including kernels and
    optimizer; `backend` has no effect. All steps use the matrix product (`layer.path` "matmul"), even the first, whose
    kernels may be Fourier kernels.

    Examples
    --------
    Train the kernels of a rectangular window to those of a Hann window.

    >>> import numpy as np
    >>> from specwidget.training import Adam, fit, mean_squared_error
    >>> target, layer = STFTSpectrogram("stft", 32), STFTSpectrogram("stft", 32, window="boxcar")
    >>> noise = np.random.default_rng(0).standard_normal((1, 4000, 1)).astype("float32")
    >>> batches = [(noise, target(noise))]
    >>> trained, history = fit(layer, mean_squared_error, batches, Adam(0.01), steps=100, progress=False)
    >>> bool(history.losses[-1] < 0.01 * history.losses[0]), history.message
    (True, 'Completed all 100 steps.')
    """
    optimizer = Adam() if optimizer is None else optimizer
    _check_layer(layer)
    steps, drift_every = check_count("steps", steps), check_count("drift_every", drift_every)
    state = _initial_state(layer, optimizer, history)
    first_step, fourier = state.optimizer_state.step, fourier_weights(layer.settings)
    losses: list[float] = []
    drifts = {} if history is not None else {0: _measure(state.weights, fourier, layer.settings)}
    reason: StopReason = "exhausted"
    error_message = ""
    pairs = islice(iter_batches(batches, first_step), steps)
    try:
        with _progress_bar(steps, progress) as show:
            for new_state in iter_steps(state, pairs, loss, optimizer, layer.settings):
                losses.append(new_state.loss)
                step = new_state.optimizer_state.step
                if step % drift_every == 0:
                    drifts[step] = _measure(new_state.weights, fourier, layer.settings)
                # Assigned last: an interrupt before this line leaves the previous step as the last complete one.
                state = new_state
                show(state.loss)
                if stop is not None and stop(step, state.loss):
                    reason = "stopped"
                    break
    except KeyboardInterrupt:
        reason = "interrupted"
    except DivergenceError as error:
        reason, error_message = "diverged", str(error)
        warnings.warn(error_message, RuntimeWarning, stacklevel=2)
    last_step = state.optimizer_state.step
    n_done = last_step - first_step
    reason = "finished" if reason == "exhausted" and n_done == steps else reason
    message = error_message or _describe(reason, last_step, n_done, steps)
    # Losses and drifts of an interrupted step are dropped.
    complete = {step: drift for step, drift in drifts.items() if step <= last_step}
    trained = _with_weights(layer, state.weights)
    return trained, _make_history(
        history, losses[:n_done], complete, reason, message, optimizer, state.optimizer_state, trained
    )


def _check_layer(layer: object) -> None:
    if not isinstance(layer, STFTSpectrogram):
        raise TypeError(f"`layer` must be an STFTSpectrogram; got {type(layer).__name__}.")
    if not layer.settings.trainable:
        raise ValueError(
            "`layer` must have trainable=True to be trained; got trainable=False. "
            "Create a layer with trainable=True and set these weights."
        )


def _check_history(history: History, layer: STFTSpectrogram, optimizer: Optimizer) -> None:
    """Raise `ValueError` unless training can be resumed from here."""
    if not isinstance(history, History):
        raise TypeError(f"`history` must be a History or None; got {type(history).__name__}.")
    if type(optimizer) is not type(history.optimizer):
        raise ValueError(
            f"`optimizer` must be {type(history.optimizer).__name__}, as in `history`; "
            f"got {type(optimizer).__name__}. Use history=None to start a new run."
        )
    weights = layer.weights
    if len(weights) != len(history.weights) or not all(map(np.array_equal, weights, history.weights)):
        raise ValueError(
            "`history` must be the one that was returned with `layer`; got one with other kernels. "
            "Use history=None to start a new run."
        )


def _initial_state(layer: STFTSpectrogram, optimizer: Optimizer, history: History | None) -> TrainState:
    weights = tuple(layer.weights)
    if history is None:
        return TrainState(weights, optimizer.init(weights))
    _check_history(history, layer, optimizer)
    return TrainState(weights, history.state)


def _measure(weights: Arrays, fourier: Arrays, settings: STFTSettings) -> NDArray[Any]:
    """Return the relative distance of each bin's kernels from the Fourier kernels, on the host."""
    return to_numpy(bin_distances(weights, move_to_device_of(fourier, weights[0]), settings))


@contextmanager
def _progress_bar(steps: int, progress: bool) -> Iterator[Callable[[float], None]]:
    """Yield a function that counts a step and shows its loss: a widget in a notebook, text in a terminal."""
    if not progress:
        yield lambda loss: None
        return
    # tqdm checks at import whether it runs in a notebook.
    from tqdm.auto import tqdm

    with tqdm(total=steps, desc="Training", unit="step") as bar:

        def show(loss: float) -> None:
            bar.set_postfix(loss=f"{loss:.4g}", refresh=False)
            bar.update()

        yield show


def _describe(reason: StopReason, last_step: int, n_done: int, steps: int) -> str:
    return {
        "finished": f"Completed all {steps} steps.",
        "interrupted": f"Interrupted after step {last_step}, with {n_done} of {steps} steps completed.",
        "stopped": f"`stop` returned True after step {last_step}, with {n_done} of {steps} steps completed.",
        "exhausted": f"`batches` ended after step {last_step}, with {n_done} of {steps} steps completed.",
    }[reason]


def _with_weights(layer: STFTSpectrogram, weights: Arrays) -> STFTSpectrogram:
    """Return a new layer with the settings and name of another, and these kernels."""
    trained = type(layer).from_settings(layer.settings, layer.name)
    trained.set_weights([to_numpy(weight) for weight in weights])
    return trained


def _make_history(
    previous: History | None,
    losses: list[float],
    drifts: dict[int, NDArray[Any]],
    reason: StopReason,
    message: str,
    optimizer: Optimizer,
    state: OptimizerState,
    layer: STFTSpectrogram,
) -> History:
    """Return the history of a run, appended to that of the previous runs."""
    measured = np.array([*drifts.values()], dtype=np.float64).reshape(-1, layer.settings.n_bins)
    numbers = np.array([*drifts], dtype=np.int64)
    values = np.array(losses, dtype=np.float64)
    if previous is not None:
        values = np.concatenate([previous.losses, values])
        numbers = np.concatenate([previous.drift_steps, numbers])
        measured = np.concatenate([previous.drifts, measured])
    # On the host, so that a history holds no device memory and can be pickled.
    averages = tuple(tuple(to_numpy(array) for array in average) for average in state.averages)
    on_host = OptimizerState(state.step, averages)
    return History(values, numbers, measured, reason, message, optimizer, on_host, tuple(layer.weights))
