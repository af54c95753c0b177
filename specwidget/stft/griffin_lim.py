"""Back to a signal, from magnitudes alone: the phase is searched by the fast Griffin-Lim algorithm."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from specwidget.arrays import device_of, namespace, rfft, scalar_like, to_device_of, writes_in_place
from specwidget.stft.frames import cut
from specwidget.stft.inverse import (
    COMPLEX_DTYPES,
    Reconstruction,
    check_array,
    crop,
    empty_signal,
    to_inner,
    to_signal,
)
from specwidget.stft.modes import bin_sides, floor_value
from specwidget.stft.pipeline import blocks_of, frames_per_block, share_out
from specwidget.stft.settings import DTYPES, Mode, STFTSettings, check_integer, check_number
from specwidget.stft.shapes import frames_extent
from specwidget.stft.synthesis import Synthesis, add_up, add_up_whole, plan_synthesis
from specwidget.stft.transform import empty_windowed, scaled_window

LEAST_SHARE = 0.1
"""Share of the summed squared windows below which the ends fade: made up for, they would be as loud as 1 / w."""

Place = tuple[int, int, slice]
"""Batch item, channel and frames."""


def undo_magnitude(values: Any, settings: STFTSettings, floor: float) -> Any:
    """Return magnitudes, 0 on the floor."""
    return namespace(values).where(values <= floor, scalar_like(0.0, values), values)


def undo_log(values: Any, settings: STFTSettings, floor: float) -> Any:
    """Return the magnitudes of natural logarithms, 0 on the floor."""
    xp = namespace(values)
    return xp.where(values <= floor, scalar_like(0.0, values), xp.exp(values))


def undo_psd(values: Any, settings: STFTSettings, floor: float) -> Any:
    """Return the magnitudes of one-sided powers, of which most bins are doubled; 0 where not positive."""
    xp = namespace(values)
    power = xp.where(values <= floor, scalar_like(0.0, values), values)
    return xp.sqrt(power / bin_sides(settings, like=values))


MAGNITUDES: dict[Mode, Callable[[Any, STFTSettings, float], Any]] = {
    "magnitude": undo_magnitude,
    "log": undo_log,
    "psd": undo_psd,
}
"""How magnitudes are had from what each mode computes; the modes that are missing here have none, or have the phase."""


def compute_reconstruction(
    spectrogram: Any,
    settings: STFTSettings,
    length: int | None = None,
    n_iter: int = 32,
    momentum: float = 0.99,
    seed: int | None = 0,
    progress: bool = False,
) -> Reconstruction:
    """Find a signal with given magnitudes, by the fast Griffin-Lim algorithm.

    Parameters
    ----------
    spectrogram : array
        Values of mode "magnitude", "log" or "psd", in the layout of the settings.
    settings : STFTSettings
        Settings of the transform that made the values, by Fourier's kernels.
    length : int, optional
        Samples of the signal; as for `compute_inverse`.
    n_iter : int, default 32
        Iterations.
    momentum : float, default 0.99
        How far each iteration goes on in the direction of the last; 0 is the algorithm of Griffin and Lim.
    seed : int or None, default 0
        Seed of the phases to begin with; None is another one each time.
    progress : bool, default False
        Show a progress bar.

    Returns
    -------
    Reconstruction
        The signal, samples lost, and the spectral convergence ``norm(|X| - A) / norm(A)`` with the magnitudes `A` that
        were given and the transform `X` of the signal that is returned.

    Raises
    ------
    ValueError
        If the mode has no magnitudes, a value is outside its bounds, or a shape does not fit; as for `compute_inverse`.
    TypeError
        If `spectrogram` is no array of a float type, or a number of another kind.

    Notes
    -----
    Each iteration takes the spectrum to that of the nearest signal, ``c = STFT(ISTFT(A exp(i phase)))``, and the phase
    from ``c + momentum (c - last c)``, as in [1]_. It runs on the device of the spectrogram.

    Values on the floor of "magnitude" and "log" are read as 0: kept, silence would come back as noise. So are
    negative magnitudes and powers. Frames with a value that is NaN or infinite count as silent in the search, then
    the samples that they cover become NaN; they have no part in the convergence.

    At the ends of padding "valid", where the summed squared window is under a tenth of what it is inside, the signal
    fades: the nearest signal to a spectrum that is not one of a signal has peaks there, of the size of `1 / w`.

    A signal and its negative have the same magnitudes, so the sign is not determined, nor often more.

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
    >>> result = compute_reconstruction(compute_spectrogram(tone, settings), settings)
    >>> result.signal.shape, result.convergence < 0.1
    ((1, 1024, 1), True)
    """
    check_array("spectrogram", spectrogram, DTYPES)
    if settings.mode not in MAGNITUDES:
        listed = ", ".join(repr(mode) for mode in MAGNITUDES)
        advice = " Use `inverse`." if settings.mode == "stft" else ""
        raise ValueError(f"`mode` must be one of {listed} to reconstruct a signal; got {settings.mode!r}.{advice}")
    lag, generator = _lag(momentum), _generator(seed)
    values = to_inner("spectrogram", spectrogram, settings.n_bins, settings)
    plan = plan_synthesis(values.shape[2], length, settings, spectrogram, least_share=LEAST_SHARE)
    iterations = _iterations(n_iter, progress)
    with np.errstate(all="ignore"):
        given, bad = _read_magnitudes(values, settings)
        search = _Search(given, bad, scaled_window(settings, like=given), lag, plan, settings)
        run = _search_by_blocks if writes_in_place(spectrogram) else _search_whole
        return run(search, generator, iterations)


@dataclass(frozen=True, eq=False)
class _Search:
    """What stays the same from one iteration to the next.

    Parameters
    ----------
    given : array (batch, channels, T, n_bins)
        Magnitudes, 0 in bad frames.
    bad : array of bool (batch, channels, T)
        Frames with a value that is NaN or infinite.
    window : array (frame_length,)
        The scaled window.
    lag : float
        Share of the last spectrum that is taken off the new one, before its phase is read.
    plan : Synthesis
        How frames become samples.
    settings : STFTSettings
        Settings of the transform.
    """

    given: Any
    bad: Any
    window: Any
    lag: float
    plan: Synthesis
    settings: STFTSettings


def _search_by_blocks(search: _Search, generator: np.random.Generator, iterations: Iterable[int]) -> Reconstruction:
    """Search block by block, for NumPy and CuPy."""
    given, plan, settings = search.given, search.plan, search.settings
    xp = namespace(given)
    n_batch, n_channels, n_frames, _ = given.shape
    total, block = n_batch * n_channels * n_frames, frames_per_block(given, settings)
    target = xp.empty(given.shape, dtype=COMPLEX_DTYPES[settings.compute_dtype])
    last = xp.zeros_like(target)
    samples = xp.zeros((n_batch, n_channels, _extent(plan, settings)), dtype=settings.compute_dtype)
    rows = samples[..., plan.left : plan.left + plan.n_samples]

    def fetch(batch: int, channel: int, begin: int, end: int) -> Any:
        """Return the spectrum of some frames of a row."""
        return target[batch, channel, begin:end]

    def renew(first: int, end: int) -> None:
        """Renew the phases of some frames, counted over batch, channels and frames."""
        room = empty_windowed(min(block, end - first), settings, given)
        with np.errstate(all="ignore"):
            for place in _places(given.shape, first, end, block):
                spectrum = _spectra(samples, place, search, room)
                _renew_phases(spectrum, given[place], last[place], target[place], search.lag)

    for place in _places(given.shape, 0, total, block):
        target[place] = given[place] * _random_phases(given[place], generator, settings)
    for _ in iterations:
        add_up(fetch, rows, plan, settings)
        share_out(renew, total, given, settings)
    target[..., 0][search.bad] = xp.nan
    add_up(fetch, rows, plan, settings)
    room = empty_windowed(min(block, total), settings, given)
    error, size = xp.zeros((), dtype=given.dtype), xp.zeros((), dtype=given.dtype)
    for place in _places(given.shape, 0, total, block):
        parts = _errors(_spectra(samples, place, search, room), given[place])
        error, size = error + parts[0], size + parts[1]
    signal, places = empty_signal(given, plan, settings)
    places[...] = rows
    convergence = _convergence(error, size)
    return Reconstruction(signal, plan.n_lost, float(convergence) if isinstance(given, np.ndarray) else convergence)


def _search_whole(search: _Search, generator: np.random.Generator, iterations: Iterable[int]) -> Reconstruction:
    """Search in all frames at once, by functions that make new arrays."""
    given, plan, settings = search.given, search.plan, search.settings
    xp = namespace(given)
    # Outside of the signal, where the padding is, samples are 0.
    n_right = _extent(plan, settings) - plan.left - plan.n_samples
    device = device_of(given)
    zeros = [xp.zeros((*given.shape[:2], n), dtype=given.dtype, device=device) for n in (plan.left, n_right)]

    def to_frames(target: Any) -> Any:
        """Return the frames of the signal that has about these spectra."""
        rows = crop(add_up_whole(target, plan, settings), plan)
        return cut(xp.concat([zeros[0], rows, zeros[1]], axis=-1), settings)

    target = given * _random_phases(given, generator, settings)
    last = xp.zeros_like(target)
    for _ in iterations:
        spectrum = rfft(to_frames(target) * search.window, settings.n_fft)
        ahead = spectrum - last * search.lag
        target, last = ahead * (given / (xp.abs(ahead) + _tiny(given))), spectrum
    target = xp.where(search.bad[..., None], scalar_like(xp.nan, target), target)
    error, size = _errors(rfft(to_frames(target) * search.window, settings.n_fft), given)
    signal = to_signal(add_up_whole(target, plan, settings), plan, settings)
    return Reconstruction(signal, plan.n_lost, _convergence(error, size))


def _renew_phases(spectrum: Any, given: Any, last: Any, target: Any, lag: float) -> None:
    """Put the magnitudes that are given, with new phases, into `target`, and the spectrum into `last`."""
    xp = namespace(spectrum)
    xp.multiply(last, last.dtype.type(lag), out=last)
    xp.subtract(spectrum, last, out=last)
    factors = xp.abs(last)
    factors += _tiny(given)
    xp.divide(given, factors, out=factors)
    xp.multiply(last, factors, out=target)
    last[...] = spectrum


def _spectra(samples: Any, place: Place, search: _Search, room: Any) -> Any:
    """Return the spectra of frames of the padded signal, from where they are windowed in `room`."""
    batch, channel, frames = place
    settings = search.settings
    windowed = room[: frames.stop - frames.start]
    cut_frames = cut(samples[batch, channel], settings)[frames]
    namespace(samples).multiply(cut_frames, search.window, out=windowed[:, : settings.frame_length])
    return rfft(windowed, settings.n_fft)


def _places(shape: tuple[int, ...], first: int, last: int, block: int) -> Iterator[Place]:
    """Yield indices of blocks that cover frames `first` to `last - 1` of all rows."""
    for batch, channel, begin, end in blocks_of(shape, first, last, block):
        yield batch, channel, slice(begin, end)


def _errors(spectrum: Any, given: Any) -> tuple[Any, Any]:
    """Return the sums of squares of what magnitudes differ by, and of those given, where they are finite."""
    xp = namespace(given)
    differences = xp.abs(spectrum) - given
    finite = xp.isfinite(differences)
    zero = scalar_like(0.0, given)
    return xp.sum(xp.where(finite, differences, zero) ** 2), xp.sum(xp.where(finite, given, zero) ** 2)


def _convergence(error: Any, size: Any) -> Any:
    """Return the norm of the error as a share of that of the magnitudes; of silence, 0 where it is met."""
    xp = namespace(error)
    return xp.sqrt(xp.where(size > 0, error / xp.where(size > 0, size, scalar_like(1.0, size)), error))


def _read_magnitudes(values: Any, settings: STFTSettings) -> tuple[Any, Any]:
    """Return magnitudes in the type that is computed in, 0 in bad frames, and which frames are bad."""
    xp = namespace(values)
    floor = floor_value(settings)
    if floor is None:
        limit = 0.0
    else:
        # The floor may have been rounded to the type of the values, and by another library than ours.
        kinds = [np.finfo(settings.result_dtype), np.finfo(check_array("spectrogram", values, DTYPES))]
        eps = max(float(kind.eps) for kind in kinds)
        absolute = eps if settings.mode == "log" else max(float(kind.smallest_subnormal) for kind in kinds)
        limit = floor + 4 * eps * abs(floor) + absolute
    computed = xp.astype(values, getattr(xp, settings.compute_dtype))
    bad = ~xp.all(xp.isfinite(computed), axis=-1)
    magnitudes = MAGNITUDES[settings.mode](computed, settings, limit)
    return xp.where(bad[..., None], scalar_like(0.0, magnitudes), magnitudes), bad


def _random_phases(like: Any, generator: np.random.Generator, settings: STFTSettings) -> Any:
    """Return complex numbers of size 1 and of random phase, in the shape of an array and beside it."""
    turns = generator.random(like.shape, dtype=np.float32)
    phases = np.exp(np.complex64(2j * math.pi) * turns)
    return to_device_of(phases.astype(COMPLEX_DTYPES[settings.compute_dtype]), like)


def _extent(plan: Synthesis, settings: STFTSettings) -> int:
    """Return the samples of the padded signal: all that frames cover, and the tail after them."""
    return max(frames_extent(plan.n_frames, settings), plan.left + plan.n_samples)


def _tiny(like: Any) -> float:
    """Return the least normal number of an array's type."""
    return float(namespace(like).finfo(like.dtype).smallest_normal)


def _iterations(n_iter: int, progress: bool) -> Iterable[int]:
    """Return the iterations, behind a progress bar where asked for."""
    checked = check_integer("n_iter", n_iter)
    if checked < 1:
        raise ValueError(f"`n_iter` must be at least 1; got {checked}.")
    if not progress:
        return range(checked)
    from tqdm.auto import tqdm

    bar: Iterable[int] = tqdm(range(checked), desc="Searching the phase", unit="iteration")
    return bar


def _lag(momentum: float) -> float:
    """Return the share of the last spectrum to take off, for phases as of `c + momentum (c - last c)`."""
    checked = check_number("momentum", momentum)
    if not 0 <= checked < math.inf:
        raise ValueError(f"`momentum` must be finite and at least 0; got {checked:g}.")
    return checked / (1.0 + checked)


def _generator(seed: int | None) -> np.random.Generator:
    """Return the source of the phases to begin with."""
    if seed is not None and check_integer("seed", seed) < 0:
        raise ValueError(f"`seed` must be at least 0, or None; got {seed}.")
    return np.random.default_rng(seed)
