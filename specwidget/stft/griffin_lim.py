"""Phase reconstruction from magnitudes by the fast Griffin-Lim algorithm."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import device_of, namespace, on_device_of, rfft, scalar_like, supports_out, to_device_of
from specwidget.devices import DeviceOutOfMemory, run_on_gpu
from specwidget.stft.batch_splitting import Part, exceeds_part, for_each_part
from specwidget.stft.device_griffin_lim import DeviceEstimates
from specwidget.stft.frame_selection import frame_support, without_padding
from specwidget.stft.frames import frame_signal, read_frames
from specwidget.stft.inverse import (
    COMPLEX_DTYPES,
    Reconstruction,
    check_array,
    checked_from_output,
    crop,
    empty_signal,
    synthesize_in_parts,
    to_signal,
)
from specwidget.stft.layout import to_rows
from specwidget.stft.magnitudes import (
    TO_MAGNITUDE,
    Problem,
    highest_floor,
    read_magnitudes,
    smallest_normal,
    spectral_convergence,
    squared_errors,
)
from specwidget.stft.pipeline import frames_per_block, iter_blocks
from specwidget.stft.settings import DTYPES, STFTSettings, check_integer, check_number
from specwidget.stft.shapes import frames_extent
from specwidget.stft.synthesis import SynthesisPlan, plan_synthesis, synthesize_blocked, synthesize_unblocked
from specwidget.stft.transform import scaled_window, transform_rfft, windowed_workspace, write_nan

MIN_WINDOW_SHARE = 0.1
"""Least summed squared window to divide by, relative to the interior; below it the ends of the signal fade out."""


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
    of ``c + momentum (c - previous c)``, as in [1]_. It runs on the device of the spectrogram. That is the transform of
    ``x + momentum (x - previous x)`` with the signals `x` of the projections, so no spectrum is stored.

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
    problem = _read_problem(spectrogram, settings, length, seed)
    alpha, iterations = _momentum_weight(momentum), _make_iterations(n_iter, progress)
    with on_device_of(spectrogram), np.errstate(all="ignore"):
        if not supports_out(spectrogram):
            return _iterate_unblocked(problem, alpha, iterations)
        if isinstance(spectrogram, np.ndarray):
            return _iterate(HostEstimates(problem), problem, alpha, iterations)
        estimates = DeviceEstimates(problem, frames_per_block(spectrogram, settings))
        return _iterate(estimates, problem, alpha, iterations)


def griffin_lim_on_gpu(
    spectrogram: NDArray[Any],
    settings: STFTSettings,
    length: int | None = None,
    n_iter: int = 32,
    momentum: float = 0.99,
    seed: int | None = 0,
    progress: bool = False,
) -> Reconstruction:
    """Do as `griffin_lim` for a NumPy spectrogram on the CUDA device, in parts if it does not fit.

    Parameters
    ----------
    spectrogram, settings, length, n_iter, momentum, seed, progress
        As for `griffin_lim`.

    Returns
    -------
    Reconstruction
        The result of `griffin_lim`, on the host.

    Raises
    ------
    DeviceOutOfMemory
        If a single frame of a single batch item does not fit.

    Notes
    -----
    The whole is sent once. Parts are sent in each iteration, each with the samples under its frames, and the signal
    remains on the host.
    """
    with suppress(DeviceOutOfMemory):
        whole: Reconstruction = run_on_gpu(
            spectrogram, lambda array: griffin_lim(array, settings, length, n_iter, momentum, seed, progress)
        )
        return whole
    problem = _read_problem(spectrogram, settings, length, seed)
    with np.errstate(all="ignore"):
        iterations = _make_iterations(n_iter, progress)
        return _iterate(PartEstimates(problem), problem, _momentum_weight(momentum), iterations)


def _read_problem(spectrogram: Any, settings: STFTSettings, length: int | None, seed: int | None) -> Problem:
    """Return what the iterations are given, after checking it."""
    dtype = check_array("spectrogram", spectrogram, DTYPES)
    if settings.mode not in TO_MAGNITUDE:
        listed = ", ".join(repr(mode) for mode in TO_MAGNITUDE)
        hint = " Use `inverse`." if settings.mode == "stft" else ""
        raise ValueError(f"`mode` must be one of {listed} to reconstruct a signal; got {settings.mode!r}.{hint}")
    generator = _make_generator(seed)
    values = checked_from_output("spectrogram", spectrogram, settings.n_bins, settings)
    n_frames = values.shape[2]
    plan = plan_synthesis(n_frames, length, settings, spectrogram, min_share=MIN_WINDOW_SHARE)
    return Problem(values, highest_floor(dtype, settings), generator, (0, n_frames, 0), plan, settings)


class Estimates(Protocol):
    """The given magnitudes with estimated phases."""

    def synthesize(self, samples: Any | None, output: Any, *, with_nan: bool = False) -> None:
        """Write the signal of the magnitudes with the phases of the transform of `samples`; random ones for None.

        Parameters
        ----------
        samples : array (batch, time, channels), optional
            A signal in the layout of the settings and the compute dtype.
        output : array (batch, time, channels)
            The result; not the memory of `samples`.
        with_nan : bool, default False
            Whether the samples under frames that are not finite become NaN; else these frames are silent.
        """

    def squared_errors(self, samples: Any) -> Any:
        """Return the sums of `magnitudes.squared_errors` for the transform of `samples`."""


def _iterate(estimates: Estimates, problem: Problem, alpha: float, iterations: Iterable[int]) -> Reconstruction:
    """Run the iterations, for NumPy and CuPy."""
    values, plan, settings = problem.values, problem.plan, problem.settings
    xp = namespace(values)
    output, previous, spare = (empty_signal(values, plan, settings, settings.compute_dtype)[0] for _ in range(3))
    previous[...] = 0
    samples = None
    for _ in iterations:
        estimates.synthesize(samples, output)
        xp.multiply(previous, scalar_like(-alpha, previous), out=previous)
        xp.add(previous, output, out=previous)
        samples, previous, output, spare = previous, output, spare, previous
    estimates.synthesize(samples, output, with_nan=True)
    # Stays on a device, as reading it would wait.
    convergence = spectral_convergence(*estimates.squared_errors(output))
    return Reconstruction(
        output.astype(settings.result_dtype, copy=False),
        plan.n_lost,
        float(convergence) if isinstance(output, np.ndarray) else convergence,
    )


class HostEstimates:
    """The given magnitudes with estimated phases, for NumPy; see `Estimates`.

    Parameters
    ----------
    problem : Problem
        With values of NumPy.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem, settings = problem, problem.settings
        self.magnitudes, self.nonfinite = read_magnitudes(problem.values, problem.floor, settings)
        self.window = scaled_window(settings, like=self.magnitudes)
        self.precise = _precise(settings)

    def synthesize(self, samples: Any | None, output: Any, *, with_nan: bool = False) -> None:
        """Write the signal of the magnitudes with the phases of the transform of `samples`; random ones for None."""
        rows = None if samples is None else to_rows(samples, self.precise)

        def read(batch: int, channel: int, begin: int, end: int) -> Any:
            place = batch, channel, slice(begin, end)
            magnitudes = self.magnitudes[place]
            if rows is None:
                n_channels, n_frames = self.magnitudes.shape[1:3]
                first = (batch * n_channels + channel) * n_frames + begin
                spectra = magnitudes * _random_phases(magnitudes.shape, first, self.problem)
            else:
                spectra = self._transform(rows[batch, channel], begin, end)
                factors = np.abs(spectra)
                factors += smallest_normal(magnitudes)
                np.divide(magnitudes, factors, out=factors)
                spectra *= factors
            if with_nan:
                # Bin 0 contributes to every sample of a frame, so NaN there makes the whole frame NaN.
                write_nan(spectra[:, :1], self.nonfinite[place])
            return spectra

        synthesize_blocked(read, to_rows(output, self.precise), self.problem.plan, self.problem.settings)

    def squared_errors(self, samples: Any) -> Any:
        """Return the sums of `magnitudes.squared_errors` for the transform of `samples`."""
        rows, block = to_rows(samples, self.precise), frames_per_block(samples, self.precise)
        n_batch, n_channels, n_frames, _ = self.magnitudes.shape
        sums = np.zeros(2, dtype=self.magnitudes.dtype)
        for batch, channel, begin, end in iter_blocks(self.magnitudes.shape, 0, n_batch * n_channels * n_frames, block):
            spectra = self._transform(rows[batch, channel], begin, end)
            sums += squared_errors(spectra, self.magnitudes[batch, channel, begin:end])
        return sums

    def _transform(self, row: Any, begin: int, end: int) -> Any:
        """Return the spectra of frames `begin` to `end - 1` of one channel."""
        frames = read_frames(row, begin, end, self.precise)
        windowed = windowed_workspace(end - begin, self.precise, like=frames)
        return transform_rfft(frames, self.window, self.precise.n_fft, windowed).complex


class PartEstimates:
    """The given magnitudes with estimated phases, for NumPy on a device that they do not fit; see `Estimates`.

    Parameters
    ----------
    problem : Problem
        With values of NumPy.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        n_batch, _, n_frames, _ = problem.values.shape
        self.whole = Part(0, n_batch, 0, n_frames)

    def synthesize(self, samples: Any | None, output: Any, *, with_nan: bool = False) -> None:
        """Write the signal of the magnitudes with the phases of the transform of `samples`; random ones for None."""
        plan, settings = self.problem.plan, self.problem.settings

        def compute(part: Part) -> Any:
            def on_device(values: Any) -> Any:
                estimates = self._on_device(values, part)
                signal, _ = empty_signal(values, estimates.problem.plan, settings, settings.compute_dtype)
                estimates.synthesize(self._support(samples, part, values), signal, with_nan=with_nan)
                return signal

            return run_on_gpu(self._values(part), on_device)

        rows = to_rows(output, settings)
        synthesize_in_parts(self.whole, self._is_large, compute, rows, plan, settings)

    def squared_errors(self, samples: Any) -> Any:
        """Return the sums of `magnitudes.squared_errors` for the transform of `samples`."""
        sums = np.zeros(2, dtype=self.problem.settings.compute_dtype)

        def add_errors(part: Part) -> None:
            nonlocal sums
            sums += run_on_gpu(
                self._values(part),
                lambda values: self._on_device(values, part).squared_errors(self._support(samples, part, values)),
            )

        for_each_part(self.whole, self._is_large, add_errors)
        return sums

    def _is_large(self, part: Part) -> bool:
        settings, values = self.problem.settings, self.problem.values
        sample_bytes = np.dtype(settings.compute_dtype).itemsize
        return exceeds_part(part, values.shape[1], sample_bytes, settings.n_bins * values.itemsize, settings)

    def _values(self, part: Part) -> Any:
        return self.problem.values[part.begin : part.end, :, part.first : part.last]

    def _support(self, samples: Any | None, part: Part, like: Any) -> Any:
        """Return the samples under the frames of a part on the device of `like`."""
        if samples is None:
            return None
        some = frame_support(samples[part.begin : part.end], part.first, part.last, self.problem.settings)
        return to_device_of(some, like)

    def _on_device(self, values: Any, part: Part) -> DeviceEstimates:
        """Return the estimates of a part, whose values are on the device."""
        problem, settings = self.problem, without_padding(self.problem.settings)
        _, n_channels, n_frames, _ = problem.values.shape
        plan = plan_synthesis(part.last - part.first, None, settings, values, min_share=MIN_WINDOW_SHARE)
        origin = (part.begin * n_channels, n_frames, part.first)
        of_part = replace(problem, values=values, origin=origin, plan=plan, settings=settings)
        return DeviceEstimates(of_part, frames_per_block(values, settings))


def _iterate_unblocked(problem: Problem, alpha: float, iterations: Iterable[int]) -> Reconstruction:
    """Run the iterations on all frames at once, without writing to an array."""
    plan, settings = problem.plan, problem.settings
    magnitudes, nonfinite = read_magnitudes(problem.values, problem.floor, settings)
    xp, device, window = namespace(magnitudes), device_of(magnitudes), scaled_window(settings, like=magnitudes)
    n_right = _padded_length(plan, settings) - plan.left - plan.n_samples
    zeros = [xp.zeros((*magnitudes.shape[:2], n), dtype=magnitudes.dtype, device=device) for n in (plan.left, n_right)]

    def transform(rows: Any) -> Any:
        frames = frame_signal(xp.concat([zeros[0], rows, zeros[1]], axis=-1), settings)
        return rfft(frames * window, settings.n_fft)

    spectra = magnitudes * to_device_of(_random_phases(magnitudes.shape, 0, problem), magnitudes)
    previous: Any = 0.0
    for _ in iterations:
        rows = crop(synthesize_unblocked(spectra, plan, settings), plan)
        ahead = transform(rows - alpha * previous)
        spectra = ahead * (magnitudes / (xp.abs(ahead) + smallest_normal(magnitudes)))
        previous = rows
    spectra = xp.where(nonfinite[..., None], scalar_like(xp.nan, spectra), spectra)
    samples = synthesize_unblocked(spectra, plan, settings)
    convergence = spectral_convergence(*squared_errors(transform(crop(samples, plan)), magnitudes))
    return Reconstruction(to_signal(samples, plan, settings), plan.n_lost, convergence)


def _precise(settings: STFTSettings) -> STFTSettings:
    """Return the settings for samples in the compute dtype, whatever the dtype of the result."""
    return replace(settings, dtype=settings.compute_dtype)


def _random_phases(shape: tuple[int, ...], first: int, problem: Problem) -> NDArray[Any]:
    """Return `exp(i phase)` with the random phases of frames from `first` on, counted over batch and channels."""
    # In float32 whatever the dtype, and drawn on the host: a seed gives the same phases on every device.
    generator = copy.deepcopy(problem.generator)
    n_before = first * shape[-1]
    # Each draw of 64 bits gives two numbers.
    generator.bit_generator.advance(n_before // 2)  # type: ignore[attr-defined]
    n_skipped = n_before % 2
    turns = generator.random(n_skipped + math.prod(shape), dtype=np.float32)[n_skipped:].reshape(shape)
    phases: NDArray[Any] = np.exp(np.complex64(2j * math.pi) * turns)
    return phases.astype(COMPLEX_DTYPES[problem.settings.compute_dtype])


def _padded_length(plan: SynthesisPlan, settings: STFTSettings) -> int:
    """Return the length of the padded signal, including samples after the last frame."""
    return max(frames_extent(plan.n_frames, settings), plan.left + plan.n_samples)


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
