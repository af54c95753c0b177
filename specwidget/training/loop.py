"""The loop: batches in, a layer with new kernels out, and what happened on the way."""

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
from specwidget.training.steps import DivergenceError, TrainState, iter_steps, place
from specwidget.training.training_history import End, History


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
        The layer to begin with, which stays as it is. It must be trainable.
    loss : callable
        Takes the layer's output and the batch's target (None where there is none). Returns the loss, a number, and its
        cotangent: the derivative of that number by the output, an array of the output's shape.
        `mean_squared_error` and `SoftmaxReadout` are such.
    batches : sequence or iterable
        Batches: arrays of inputs (batch, time, channels), or pairs (inputs, target). A sequence is gone round as often
        as needed; any other iterable is taken as it comes, and training ends when it does.
    optimizer : Optimizer, optional
        What moves the kernels; None is `Adam()`.
    steps : int
        Number of steps to take, a batch each.
    progress : bool, default True
        Whether a bar shows the progress and the loss.
    history : History, optional
        The history that came with `layer`: training goes on from there, bit for bit as if it had never stopped.
    stop : callable, optional
        Asked after each step, with the number of steps taken in all and the loss; training ends where it returns True.
    drift_every : int, default 10
        Steps from one measurement of the kernels' drift to the next.

    Returns
    -------
    layer : STFTSpectrogram
        A new layer with the same settings and the trained kernels.
    history : History
        Losses, drift, why it ended, and what going on needs.

    Raises
    ------
    ValueError
        If the layer is not trainable, `history` belongs to other kernels or another kind of optimizer, or a number is
        outside its bounds.
    TypeError
        If something is of the wrong kind.

    Warns
    -----
    RuntimeWarning
        If a loss or the kernels would be NaN or infinite: training ends with the last good kernels.

    Notes
    -----
    A keyboard interrupt (the stop button of a notebook) ends training after the last whole step, and `fit` returns what
    was reached. An iterator's batch that the interrupt cut short is not given again.

    Everything is computed where the batches are: on the device for CuPy, PyTorch or JAX arrays, kernels and optimizer
    included; `backend` is not asked. The kernels are always correlated with (`layer.path` "matmul"), the first step's,
    which may be Fourier's, too.

    Examples
    --------
    Kernels of one window learn another's.

    >>> import numpy as np
    >>> from specwidget.training import Adam, fit, mean_squared_error
    >>> teacher, pupil = STFTSpectrogram("stft", 32), STFTSpectrogram("stft", 32, window="boxcar")
    >>> noise = np.random.default_rng(0).standard_normal((1, 4000, 1)).astype("float32")
    >>> batches = [(noise, teacher(noise))]
    >>> trained, history = fit(pupil, mean_squared_error, batches, Adam(0.01), steps=100, progress=False)
    >>> bool(history.losses[-1] < 0.01 * history.losses[0]), history.message
    (True, 'All 100 steps were taken.')
    """
    optimizer = Adam() if optimizer is None else optimizer
    _check_layer(layer)
    steps, drift_every = check_count("steps", steps), check_count("drift_every", drift_every)
    point = _first_point(layer, optimizer, history)
    begin, fourier = point.state.step, fourier_weights(layer.settings)
    losses: list[float] = []
    drifts = {} if history is not None else {0: _measure(point.weights, fourier, layer.settings)}
    end: End = "exhausted"
    trouble = ""
    pairs = islice(iter_batches(batches, begin), steps)
    try:
        with _progress_bar(steps, progress) as show:
            for reached in iter_steps(point, pairs, loss, optimizer, layer.settings):
                losses.append(reached.loss)
                if reached.state.step % drift_every == 0:
                    drifts[reached.state.step] = _measure(reached.weights, fourier, layer.settings)
                # The point moves last: a step that an interrupt cuts short does not count.
                point = reached
                show(point.loss)
                if stop is not None and stop(point.state.step, point.loss):
                    end = "stopped"
                    break
    except KeyboardInterrupt:
        end = "interrupted"
    except DivergenceError as error:
        end, trouble = "diverged", str(error)
        warnings.warn(trouble, RuntimeWarning, stacklevel=2)
    taken = point.state.step - begin
    end = "finished" if end == "exhausted" and taken == steps else end
    message = trouble or _tell(end, point.state.step, taken, steps)
    kept = {step: drift for step, drift in drifts.items() if step <= point.state.step}
    trained = _with_weights(layer, point.weights)
    return trained, _write_history(history, losses[:taken], kept, end, message, optimizer, point.state, trained)


def _check_layer(layer: object) -> None:
    """Raise unless this is a layer whose kernels may change."""
    if not isinstance(layer, STFTSpectrogram):
        raise TypeError(f"`layer` must be an STFTSpectrogram; got {type(layer).__name__}.")
    if not layer.settings.trainable:
        raise ValueError(
            "`layer` must have trainable=True for its kernels to learn; got trainable=False. "
            "Make one with trainable=True, and give it these weights."
        )


def _check_history(history: History, layer: STFTSpectrogram, optimizer: Optimizer) -> None:
    """Raise unless training can go on from here."""
    if not isinstance(history, History):
        raise TypeError(f"`history` must be a History or None; got {type(history).__name__}.")
    if type(optimizer) is not type(history.optimizer):
        raise ValueError(
            f"`optimizer` must be {type(history.optimizer).__name__}, which `history` was made with; "
            f"got {type(optimizer).__name__}. Leave `history` out to begin afresh."
        )
    weights = layer.weights
    if len(weights) != len(history.weights) or not all(map(np.array_equal, weights, history.weights)):
        raise ValueError(
            "`history` must be the one that came with `layer`; got one that ended with other kernels. "
            "Leave it out to begin afresh."
        )


def _first_point(layer: STFTSpectrogram, optimizer: Optimizer, history: History | None) -> TrainState:
    """Return where training begins, or goes on."""
    weights = tuple(layer.weights)
    if history is None:
        return TrainState(weights, optimizer.start(weights))
    _check_history(history, layer, optimizer)
    return TrainState(weights, history.state)


def _measure(weights: Arrays, fourier: Arrays, settings: STFTSettings) -> NDArray[Any]:
    """Return the distance of each bin's kernels from Fourier's, on the host."""
    return to_numpy(bin_distances(weights, place(fourier, weights[0]), settings))


@contextmanager
def _progress_bar(steps: int, progress: bool) -> Iterator[Callable[[float], None]]:
    """Give a function that shows a step and its loss, on a widget in a notebook and as text in a terminal."""
    if not progress:
        yield lambda loss: None
        return
    # Imported at first use: it looks then whether it runs in a notebook.
    from tqdm.auto import tqdm

    with tqdm(total=steps, desc="Training", unit="step") as bar:

        def show(loss: float) -> None:
            bar.set_postfix(loss=f"{loss:.4g}", refresh=False)
            bar.update()

        yield show


def _tell(end: End, number: int, taken: int, steps: int) -> str:
    """Return why a run ended, in a sentence."""
    return {
        "finished": f"All {steps} steps were taken.",
        "interrupted": f"Interrupted after step {number}, with {taken} of {steps} steps taken.",
        "stopped": f"`stop` ended it after step {number}, with {taken} of {steps} steps taken.",
        "exhausted": f"`batches` ended after step {number}, with {taken} of {steps} steps taken.",
    }[end]


def _with_weights(layer: STFTSpectrogram, weights: Arrays) -> STFTSpectrogram:
    """Return a new layer with the settings of another, and these kernels."""
    made = type(layer).from_settings(layer.settings, layer.name)
    made.set_weights([to_numpy(weight) for weight in weights])
    return made


def _write_history(
    before: History | None,
    losses: list[float],
    drifts: dict[int, NDArray[Any]],
    end: End,
    message: str,
    optimizer: Optimizer,
    state: OptimizerState,
    layer: STFTSpectrogram,
) -> History:
    """Return the history of a run, after that of the runs before."""
    measured = np.array([*drifts.values()], dtype=np.float64).reshape(-1, layer.settings.n_bins)
    numbers = np.array([*drifts], dtype=np.int64)
    values = np.array(losses, dtype=np.float64)
    if before is not None:
        values = np.concatenate([before.losses, values])
        numbers = np.concatenate([before.drift_steps, numbers])
        measured = np.concatenate([before.drifts, measured])
    averages = tuple(tuple(to_numpy(array) for array in average) for average in state.averages)
    on_host = OptimizerState(state.step, averages)
    return History(values, numbers, measured, end, message, optimizer, on_host, tuple(layer.weights))
