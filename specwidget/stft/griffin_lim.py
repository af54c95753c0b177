"""Phase reconstruction from magnitudes by the fast Griffin-Lim algorithm."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from specwidget.arrays import device_of, namespace, on_device_of, rfft, scalar_like, supports_out, to_device_of
from specwidget.devices import compile_kernel
from specwidget.stft.device_blocks import TYPE_NAMES, TransformBlocks, for_each_block, launch
from specwidget.stft.device_synthesis import synthesis_kernel, synthesize_on_device
from specwidget.stft.frames import frame_signal
from specwidget.stft.inverse import (
    COMPLEX_DTYPES,
    Reconstruction,
    check_array,
    checked_from_output,
    crop,
    empty_signal,
    to_signal,
)
from specwidget.stft.modes import floor_value, onesided_weights
from specwidget.stft.pipeline import frames_per_block, iter_blocks, parallel_for
from specwidget.stft.settings import DTYPES, Mode, STFTSettings, check_integer, check_number
from specwidget.stft.shapes import frames_extent
from specwidget.stft.synthesis import SynthesisPlan, plan_synthesis, synthesize_blocked, synthesize_unblocked
from specwidget.stft.transform import scaled_window, windowed_workspace, write_nan

MIN_WINDOW_SHARE = 0.1
"""Least summed squared window to divide by, relative to the interior; below it the ends of the signal fade out."""

PHASES_SOURCE = "random_phases.cu"
"""File with the CUDA code of the initial phases."""

PHASE_DRAWS = 64
"""Draws of a thread of `random_phases.cu`, of two phases each."""

PHASE_THREADS = 128
"""Threads that are launched together to draw phases."""

BlockIndex = tuple[int, int, slice]
"""Batch item, channel and frames of a block."""


def magnitude_from_magnitude(values: Any, settings: STFTSettings, floor: float) -> Any:
    """Return magnitudes, with 0 for values at the floor."""
    return namespace(values).where(values <= floor, scalar_like(0.0, values), values)


def magnitude_from_log(values: Any, settings: STFTSettings, floor: float) -> Any:
    """Compute magnitudes from their natural logarithms, with 0 for values at the floor."""
    xp = namespace(values)
    return xp.where(values <= floor, scalar_like(0.0, values), xp.exp(values))


def magnitude_from_psd(values: Any, settings: STFTSettings, floor: float) -> Any:
    """Compute magnitudes from one-sided powers, with 0 for values that are not positive."""
    xp = namespace(values)
    power = xp.where(values <= floor, scalar_like(0.0, values), values)
    return xp.sqrt(power / onesided_weights(settings, like=values))


TO_MAGNITUDE: dict[Mode, Callable[[Any, STFTSettings, float], Any]] = {
    "magnitude": magnitude_from_magnitude,
    "log": magnitude_from_log,
    "psd": magnitude_from_psd,
}
"""Conversion to magnitudes, by mode. "stft" has the phase already, and the other modes do not determine magnitudes."""


def griffin_lim(
    spectrogram: Any,
    settings: STFTSettings,
    length: int | None = None,
    n_iter: int = 32,
    momentum: float = 0.99,
    seed: int | None = 0,
    progress: bool = False,
) -> Reconstruction:
    """Estimate a signal from magnitudes by the fast Griffin-Lim algorithm.

    Parameters
    ----------
    spectrogram : array
        Values of mode "magnitude", "log" or "psd", in the layout of the settings.
    settings : STFTSettings
        Settings of the forward transform, which used Fourier kernels.
    length : int, optional
        Length of the signal, samples; as for `compute_inverse`.
    n_iter : int, default 32
        Number of iterations.
    momentum : float, default 0.99
        Momentum of the fast algorithm; 0 gives the original algorithm of Griffin and Lim.
    seed : int or None, default 0
        Seed of the random initial phases; None draws other phases at each call.
    progress : bool, default False
        Show a progress bar.

    Returns
    -------
    Reconstruction
        The signal, the number of lost samples, and the spectral convergence ``norm(|X| - A) / norm(A)`` with the given
        magnitudes `A` and the transform `X` of the returned signal.

    Raises
    ------
    ValueError
        If the mode has no magnitudes, a value is out of bounds, or for the reasons of `compute_inverse`.
    TypeError
        If `spectrogram` is not an array of a float type, or a parameter has the wrong type.

    Notes
    -----
    Each iteration projects the spectrum onto those of signals, ``c = STFT(ISTFT(A exp(i phase)))``, and takes the phase
    of ``c + momentum (c - previous c)``, as in [1]_. It runs on the device of the spectrogram.

    Values at the floor of "magnitude" and "log" are read as 0; otherwise silence would become noise. Negative
    magnitudes and powers are read as 0 too. Frames with a NaN or infinite value are treated as silence during the
    iterations and excluded from the convergence; at the end the samples under them become NaN.

    With padding "valid" the signal fades out at the ends, where the summed squared window is under a tenth of its
    value in the interior. Dividing by it would magnify the inconsistency of the spectrum to peaks of size `1 / w`.

    The magnitudes do not determine the sign of the signal, and often not more of its phase either.

    References
    ----------
    .. [1] N. Perraudin, P. Balazs and P. L. Soendergaard, "A fast Griffin-Lim algorithm", IEEE Workshop on
       Applications of Signal Processing to Audio and Acoustics, 2013.

    Examples
    --------
    >>> import numpy as np
    >>> from specwidget.stft.pipeline import compute_spectrogram
    >>> settings = STFTSettings("magnitude", frame_length=64, frame_step=16, scaling="spectrum")
    >>> tone = np.sin(2 * np.pi * np.arange(1024.0) / 16).reshape(1, 1024, 1)
    >>> result = griffin_lim(compute_spectrogram(tone, settings), settings)
    >>> result.signal.shape, result.convergence < 0.1
    ((1, 1024, 1), True)
    """
    check_array("spectrogram", spectrogram, DTYPES)
    if settings.mode not in TO_MAGNITUDE:
        listed = ", ".join(repr(mode) for mode in TO_MAGNITUDE)
        hint = " Use `inverse`." if settings.mode == "stft" else ""
        raise ValueError(f"`mode` must be one of {listed} to reconstruct a signal; got {settings.mode!r}.{hint}")
    alpha, generator = _momentum_weight(momentum), _make_generator(seed)
    values = checked_from_output("spectrogram", spectrogram, settings.n_bins, settings)
    plan = plan_synthesis(values.shape[2], length, settings, spectrogram, min_share=MIN_WINDOW_SHARE)
    iterations = _make_iterations(n_iter, progress)
    with on_device_of(spectrogram), np.errstate(all="ignore"):
        magnitudes, nonfinite = _read_magnitudes(values, settings)
        problem = _Problem(magnitudes, nonfinite, scaled_window(settings, like=magnitudes), alpha, plan, settings)
        if not supports_out(spectrogram):
            return _iterate_unblocked(problem, generator, iterations)
        iterate = _iterate_blocked if isinstance(spectrogram, np.ndarray) else _iterate_on_device
        return iterate(problem, generator, iterations)


@dataclass(frozen=True, eq=False)
class _Problem:
    """The constants of the iterations.

    Parameters
    ----------
    magnitudes : array (batch, channels, T, n_bins)
        Given magnitudes, 0 in frames that are not finite.
    nonfinite : array of bool (batch, channels, T)
        Frames with a NaN or infinite value.
    window : array (frame_length,)
        The scaled window.
    alpha : float
        Weight of the previous spectrum, subtracted from the current one before its phase is taken.
    plan : SynthesisPlan
        Windows and factors of the overlap-add.
    settings : STFTSettings
        Settings of the transform.
    """

    magnitudes: Any
    nonfinite: Any
    window: Any
    alpha: float
    plan: SynthesisPlan
    settings: STFTSettings


def _iterate_blocked(problem: _Problem, generator: np.random.Generator, iterations: Iterable[int]) -> Reconstruction:
    """Run the iterations block by block, for NumPy."""
    magnitudes, plan, settings = problem.magnitudes, problem.plan, problem.settings
    n_batch, n_channels, n_frames, _ = magnitudes.shape
    total, block = n_batch * n_channels * n_frames, frames_per_block(magnitudes, settings)
    estimate = np.empty(magnitudes.shape, dtype=COMPLEX_DTYPES[settings.compute_dtype])
    previous = np.zeros_like(estimate)
    # The padding stays 0; the overlap-add writes to the view without it.
    samples = np.zeros((n_batch, n_channels, _padded_length(plan, settings)), dtype=settings.compute_dtype)
    rows = samples[..., plan.left : plan.left + plan.n_samples]

    def read(batch: int, channel: int, begin: int, end: int) -> Any:
        return estimate[batch, channel, begin:end]

    def update_phases(first: int, end: int) -> None:
        """Update the phases of a range of frames, counted over batch, channels and frames."""
        windowed = windowed_workspace(min(block, end - first), settings, magnitudes)
        with np.errstate(all="ignore"):
            for index in _iter_block_indices(magnitudes.shape, first, end, block):
                spectrum = _frame_spectra(samples, index, problem, windowed)
                _update_block(spectrum, magnitudes[index], previous[index], estimate[index], problem.alpha)

    # Drawn block by block in the order of frames, so that a seed gives the same phases for every block size.
    for index in _iter_block_indices(magnitudes.shape, 0, total, block):
        estimate[index] = magnitudes[index] * _random_phases(magnitudes[index], generator, settings)
    for _ in iterations:
        synthesize_blocked(read, rows, plan, settings)
        parallel_for(update_phases, total, magnitudes, settings)
    # Bin 0 contributes to every sample of a frame, so NaN there makes the whole frame NaN.
    write_nan(estimate[..., :1], problem.nonfinite)
    synthesize_blocked(read, rows, plan, settings)
    windowed = windowed_workspace(min(block, total), settings, magnitudes)
    error, size = np.zeros((), dtype=magnitudes.dtype), np.zeros((), dtype=magnitudes.dtype)
    for index in _iter_block_indices(magnitudes.shape, 0, total, block):
        sums = _squared_errors(_frame_spectra(samples, index, problem, windowed), magnitudes[index])
        error, size = error + sums[0], size + sums[1]
    signal, signal_rows = empty_signal(magnitudes, plan, settings)
    signal_rows[...] = rows
    return Reconstruction(signal, plan.n_lost, float(_spectral_convergence(error, size)))


def _iterate_on_device(problem: _Problem, generator: np.random.Generator, iterations: Iterable[int]) -> Reconstruction:
    """Run the iterations for CuPy, in blocks that cross channels and batch items."""
    plan, settings = problem.plan, problem.settings
    magnitudes = namespace(problem.magnitudes).ascontiguousarray(problem.magnitudes)
    xp, n_frames, n_bins = namespace(magnitudes), magnitudes.shape[2], settings.n_bins
    n_block = frames_per_block(magnitudes, settings)
    estimate = xp.empty(magnitudes.shape, dtype=COMPLEX_DTYPES[settings.compute_dtype])
    previous = xp.zeros_like(estimate)
    signal, rows = empty_signal(magnitudes, plan, settings, settings.compute_dtype)
    # Of samples in the compute dtype, whatever the dtype of the result.
    blocks = TransformBlocks(rows, n_frames, replace(settings, dtype=settings.compute_dtype), None)
    update = synthesis_kernel("update_phases", settings)
    weights = [magnitudes.dtype.type(value) for value in (problem.alpha, _smallest_normal(magnitudes))]

    def update_phases(first: int, n_rows: int) -> None:
        spectrum = blocks.transform(first, n_rows).complex
        counts = *spectrum.shape, first, blocks.total
        arguments = (estimate, previous, spectrum, magnitudes, *weights, *map(np.int64, counts))
        launch(update, spectrum.shape, arguments)

    _write_random_phases(estimate, magnitudes, generator, settings)
    for _ in iterations:
        n_block = synthesize_on_device(estimate, rows, plan, settings, n_block)
        n_block = for_each_block(blocks.total, n_block, update_phases)
    write_nan(estimate[..., :1], problem.nonfinite)
    n_block = synthesize_on_device(estimate, rows, plan, settings, n_block)
    given = magnitudes.reshape(-1, n_bins)
    sums = xp.zeros(2, dtype=magnitudes.dtype)

    def add_errors(first: int, n_rows: int) -> None:
        some = given[first : first + n_rows]
        spectrum = blocks.transform(first, n_rows).complex[: some.shape[0]]
        xp.add(sums, xp.stack(_squared_errors(spectrum, some)), out=sums)

    for_each_block(blocks.total, n_block, add_errors)
    # Stays on the device, as reading it would wait.
    convergence = _spectral_convergence(sums[0], sums[1])
    return Reconstruction(signal.astype(settings.result_dtype, copy=False), plan.n_lost, convergence)


def _iterate_unblocked(problem: _Problem, generator: np.random.Generator, iterations: Iterable[int]) -> Reconstruction:
    """Run the iterations on all frames at once, without writing to an array."""
    magnitudes, plan, settings = problem.magnitudes, problem.plan, problem.settings
    xp = namespace(magnitudes)
    n_right = _padded_length(plan, settings) - plan.left - plan.n_samples
    device = device_of(magnitudes)
    zeros = [xp.zeros((*magnitudes.shape[:2], n), dtype=magnitudes.dtype, device=device) for n in (plan.left, n_right)]

    def to_frames(estimate: Any) -> Any:
        """Return the frames of the signal that the overlap-add computes from these spectra."""
        rows = crop(synthesize_unblocked(estimate, plan, settings), plan)
        return frame_signal(xp.concat([zeros[0], rows, zeros[1]], axis=-1), settings)

    estimate = magnitudes * _random_phases(magnitudes, generator, settings)
    previous = xp.zeros_like(estimate)
    for _ in iterations:
        spectrum = rfft(to_frames(estimate) * problem.window, settings.n_fft)
        accelerated = spectrum - previous * problem.alpha
        estimate = accelerated * (magnitudes / (xp.abs(accelerated) + _smallest_normal(magnitudes)))
        previous = spectrum
    estimate = xp.where(problem.nonfinite[..., None], scalar_like(xp.nan, estimate), estimate)
    error, size = _squared_errors(rfft(to_frames(estimate) * problem.window, settings.n_fft), magnitudes)
    signal = to_signal(synthesize_unblocked(estimate, plan, settings), plan, settings)
    return Reconstruction(signal, plan.n_lost, _spectral_convergence(error, size))


def _update_block(spectrum: Any, magnitudes: Any, previous: Any, estimate: Any, alpha: float) -> None:
    """Write the given magnitudes with new phases to `estimate`, and `spectrum` to `previous`."""
    np.multiply(previous, previous.dtype.type(alpha), out=previous)
    np.subtract(spectrum, previous, out=previous)
    factors = np.abs(previous)
    # Against division by 0; a normal number changes no magnitude that matters.
    factors += _smallest_normal(magnitudes)
    np.divide(magnitudes, factors, out=factors)
    np.multiply(previous, factors, out=estimate)
    previous[...] = spectrum


def _frame_spectra(samples: Any, index: BlockIndex, problem: _Problem, windowed: Any) -> Any:
    """Return the spectra of a block of frames of the padded signal; `windowed` is the buffer for their windowing."""
    batch, channel, frames = index
    settings = problem.settings
    windowed = windowed[: frames.stop - frames.start]
    block = frame_signal(samples[batch, channel], settings)[frames]
    np.multiply(block, problem.window, out=windowed[:, : settings.frame_length])
    return rfft(windowed, settings.n_fft)


def _iter_block_indices(shape: tuple[int, ...], first: int, last: int, block: int) -> Iterator[BlockIndex]:
    for batch, channel, begin, end in iter_blocks(shape, first, last, block):
        yield batch, channel, slice(begin, end)


def _squared_errors(spectrum: Any, magnitudes: Any) -> tuple[Any, Any]:
    """Return the sums of the squared magnitude errors and of the squared magnitudes, over finite values."""
    xp = namespace(magnitudes)
    differences = xp.abs(spectrum) - magnitudes
    finite = xp.isfinite(differences)
    zero = scalar_like(0.0, magnitudes)
    return xp.sum(xp.where(finite, differences, zero) ** 2), xp.sum(xp.where(finite, magnitudes, zero) ** 2)


def _spectral_convergence(error: Any, size: Any) -> Any:
    """Return the root of `error / size`; for silence, where `size` is 0, the root of the error."""
    xp = namespace(error)
    return xp.sqrt(xp.where(size > 0, error / xp.where(size > 0, size, scalar_like(1.0, size)), error))


def _read_magnitudes(values: Any, settings: STFTSettings) -> tuple[Any, Any]:
    """Return magnitudes in the compute dtype, 0 in frames that are not finite, and the mask of these frames."""
    xp = namespace(values)
    floor = floor_value(settings)
    if floor is None:
        limit = 0.0
    else:
        # The floor was rounded to the dtype of the values, possibly by another library than ours.
        kinds = [np.finfo(settings.result_dtype), np.finfo(check_array("spectrogram", values, DTYPES))]
        eps = max(float(kind.eps) for kind in kinds)
        absolute = eps if settings.mode == "log" else max(float(kind.smallest_subnormal) for kind in kinds)
        limit = floor + 4 * eps * abs(floor) + absolute
    computed = xp.astype(values, getattr(xp, settings.compute_dtype))
    nonfinite = ~xp.all(xp.isfinite(computed), axis=-1)
    magnitudes = TO_MAGNITUDE[settings.mode](computed, settings, limit)
    return xp.where(nonfinite[..., None], scalar_like(0.0, magnitudes), magnitudes), nonfinite


def _random_phases(like: Any, generator: np.random.Generator, settings: STFTSettings) -> Any:
    """Return `exp(i phase)` with random phases, in the shape and on the device of an array."""
    # In float32 whatever the dtype, and drawn on the host: a seed gives the same phases on every device.
    turns = generator.random(like.shape, dtype=np.float32)
    phases = np.exp(np.complex64(2j * math.pi) * turns)
    return to_device_of(phases.astype(COMPLEX_DTYPES[settings.compute_dtype]), like)


def _write_random_phases(
    spectrum: Any, magnitudes: Any, generator: np.random.Generator, settings: STFTSettings
) -> None:
    """Write magnitudes with random phases, those of `_random_phases`, for contiguous arrays of CuPy."""
    # CUDA refuses an empty grid.
    if magnitudes.size == 0:
        return
    state: Any = generator.bit_generator.state["state"]
    options = phase_options(TYPE_NAMES[settings.compute_dtype])
    halves = (part for value in (state["state"], state["inc"]) for part in divmod(value, 2**64))
    n_blocks = -(-magnitudes.size // (2 * PHASE_DRAWS * PHASE_THREADS))
    compile_kernel(PHASES_SOURCE, "write_random_phases", options)(
        (n_blocks,), (PHASE_THREADS,), (spectrum, magnitudes, np.uint64(magnitudes.size), *map(np.uint64, halves))
    )


def phase_options(real: str) -> tuple[str, ...]:
    """Return the compiler options of `random_phases.cu`, for the CUDA type of the magnitudes."""
    return f"-DREAL={real}", "--device-int128"


def _padded_length(plan: SynthesisPlan, settings: STFTSettings) -> int:
    """Return the length of the padded signal, including samples after the last frame."""
    return max(frames_extent(plan.n_frames, settings), plan.left + plan.n_samples)


def _smallest_normal(like: Any) -> float:
    return float(namespace(like).finfo(like.dtype).smallest_normal)


def _make_iterations(n_iter: int, progress: bool) -> Iterable[int]:
    """Return the range of iterations, with a progress bar if requested."""
    checked = check_integer("n_iter", n_iter)
    if checked < 1:
        raise ValueError(f"`n_iter` must be at least 1; got {checked}.")
    if not progress:
        return range(checked)
    from tqdm.auto import tqdm

    bar: Iterable[int] = tqdm(range(checked), desc="Griffin-Lim", unit="iteration")
    return bar


def _momentum_weight(momentum: float) -> float:
    """Return the weight of the previous spectrum.

    The phase of `c + momentum (c - previous)` is that of `c - previous momentum / (1 + momentum)`, which has one
    multiplication less.
    """
    checked = check_number("momentum", momentum)
    if not 0 <= checked < math.inf:
        raise ValueError(f"`momentum` must be finite and at least 0; got {checked:g}.")
    return checked / (1.0 + checked)


def _make_generator(seed: int | None) -> np.random.Generator:
    if seed is not None and check_integer("seed", seed) < 0:
        raise ValueError(f"`seed` must be at least 0, or None; got {seed}.")
    return np.random.default_rng(seed)
