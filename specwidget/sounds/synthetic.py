"""Synthetic signals with a known spectrogram.

Each signal is one function that returns the samples and a text with the expected values, computed from the same
parameters. "spectrum" and "density" are values of the layer's `scaling`; bins are those of an FFT of `N_FFT` samples.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from specwidget.sounds.sound import Sound
from specwidget.stft.other_names import argument_hint
from specwidget.stft.settings import check_number

N_FFT = 256
SAMPLE_RATE = 16000.0  # Hz
SECONDS = 2.0  # default duration
VOWEL_BANDWIDTHS = (80.0, 90.0, 120.0)
"""Bandwidths of the three resonances of a vowel, Hz."""

Samples: TypeAlias = NDArray[np.float64]
Signal: TypeAlias = tuple[Samples, str]
"""Samples, and a text with the expected values."""


def sine_on_bin(
    *, bin_number: int = 16, amplitude: float = 0.5, sample_rate: float = SAMPLE_RATE, seconds: float = SECONDS
) -> Signal:
    """Compute a sine at the centre of a bin, for every FFT length that is a multiple of 256."""
    frequency = bin_number * sample_rate / N_FFT
    return amplitude * _sine(frequency, sample_rate, seconds), (
        f"A line at {frequency:g} Hz, bin {bin_number} of {N_FFT // 2}. With scaling 'spectrum' that bin has "
        f"magnitude A/2 = {amplitude / 2:g} and psd A^2/2 = {amplitude**2 / 2:g}, whatever the window."
    )


def sine_between_bins(
    *, bin_number: int = 16, amplitude: float = 0.5, sample_rate: float = SAMPLE_RATE, seconds: float = SECONDS
) -> Signal:
    """Compute a sine halfway between two bins: the worst case of scalloping loss."""
    frequency = (bin_number + 0.5) * sample_rate / N_FFT
    # Response of the Hann window half a bin from its centre, relative to the peak.
    hann = 8 / (3 * math.pi)
    return amplitude * _sine(frequency, sample_rate, seconds), (
        f"A line at {frequency:g} Hz, halfway between bins {bin_number} and {bin_number + 1}: with scaling 'spectrum' "
        f"and a Hann window both have magnitude {hann * amplitude / 2:.3g}, 1.42 dB below the {amplitude / 2:g} of a "
        f"sine on a bin. With fft_length {2 * N_FFT} it is on bin {2 * bin_number + 1}, with {amplitude / 2:g}."
    )


def two_sines_two_clicks(*, gap: float = 0.003, sample_rate: float = SAMPLE_RATE, seconds: float = SECONDS) -> Signal:
    """Compute sines at 1000 and 1200 Hz with two close clicks in the middle: no single frame length resolves both."""
    samples = 0.2 * (_sine(1000, sample_rate, seconds) + _sine(1200, sample_rate, seconds))
    first = len(samples) // 2
    second = min(first + max(round(gap * sample_rate), 1), len(samples) - 1)
    samples[[first, second]] += 0.5
    return samples, (
        f"Two lines 200 Hz apart and two clicks {(second - first) / sample_rate * 1000:g} ms apart, at "
        f"{first / sample_rate:g} s. A Hann window resolves the lines if the frame is longer than about "
        f"{2 * sample_rate / 200:.0f} samples, and the clicks if it is shorter than about {2 * (second - first)}: "
        "no single frame length does both."
    )


def linear_chirp(
    *, start: float = 100.0, stop: float = 7000.0, sample_rate: float = SAMPLE_RATE, seconds: float = SECONDS
) -> Signal:
    """Compute a linear chirp: the frequency changes by the same number of Hz in each second."""
    return _chirp(start, stop, sample_rate, seconds, "linear"), (
        f"A straight line from {start:g} to {stop:g} Hz: {(stop - start) / seconds:g} Hz/s, "
        f"{(start + stop) / 2:g} Hz at {seconds / 2:g} s."
    )


def log_chirp(
    *, start: float = 100.0, stop: float = 6400.0, sample_rate: float = SAMPLE_RATE, seconds: float = SECONDS
) -> Signal:
    """Compute a logarithmic chirp: the frequency changes by the same number of octaves in each second."""
    return _chirp(start, stop, sample_rate, seconds, "logarithmic"), (
        f"A curved line from {start:g} to {stop:g} Hz: {math.log2(stop / start) / seconds:g} octaves/s, "
        f"{math.sqrt(start * stop):g} Hz at {seconds / 2:g} s. On a logarithmic frequency axis it is straight."
    )


def impulse_train(
    *, frequency: float = 50.0, amplitude: float = 0.9, sample_rate: float = SAMPLE_RATE, seconds: float = SECONDS
) -> Signal:
    """Compute a train of single samples at equal intervals, the first one interval after the start."""
    # A whole number of samples, so that every impulse is a single sample.
    period = max(round(sample_rate / frequency), 1)
    samples = np.zeros(_n_samples(sample_rate, seconds))
    samples[period::period] = amplitude
    return samples, (
        f"An impulse every {period / sample_rate * 1000:g} ms ({period} samples). Frames shorter than that show single "
        "impulses, equal in all bins; frames several times longer show lines "
        f"{sample_rate / period:g} Hz apart."
    )


def am_tone(
    *,
    carrier: float = 2000.0,
    modulation: float = 250.0,
    depth: float = 1.0,
    sample_rate: float = SAMPLE_RATE,
    seconds: float = SECONDS,
) -> Signal:
    """Compute a sine with sinusoidal amplitude modulation."""
    envelope = 1 + depth * np.cos(2 * np.pi * modulation * _times(sample_rate, seconds))
    return 0.4 * envelope * _sine(carrier, sample_rate, seconds), (
        f"Three lines: {carrier:g} Hz with amplitude 0.4, and {carrier - modulation:g} and {carrier + modulation:g} Hz "
        f"with {0.4 * depth / 2:g} ({20 * math.log10(depth / 2):.1f} dB). Frames shorter than {1000 / modulation:g} ms "
        "show one line of varying level instead."
    )


def fm_tone(
    *,
    carrier: float = 3000.0,
    modulation: float = 2.0,
    deviation: float = 1000.0,
    sample_rate: float = SAMPLE_RATE,
    seconds: float = SECONDS,
) -> Signal:
    """Compute a sine with sinusoidal frequency modulation."""
    times = _times(sample_rate, seconds)
    phase = deviation / modulation * np.sin(2 * np.pi * modulation * times)
    return 0.5 * np.sin(2 * np.pi * carrier * times + phase), (
        f"A line that oscillates between {carrier - deviation:g} and {carrier + deviation:g} Hz, {modulation:g} times "
        f"a second, highest at 0 s and steepest at {250 / modulation:g} ms with "
        f"{2 * math.pi * modulation * deviation:.0f} Hz/s."
    )


def vowel(
    *,
    pitch: float = 120.0,
    first: float = 730.0,
    second: float = 1090.0,
    third: float = 2440.0,
    sample_rate: float = SAMPLE_RATE,
    seconds: float = SECONDS,
) -> Signal:
    """Compute a vowel by the source-filter model: pulses of the glottis, and three resonances of the vocal tract.

    Harmonic k of the pulses has the amplitude 1/k, and a resonance at f with bandwidth b the transfer function
    (f^2 + b^2/4) / ((b/2 + i x)^2 + f^2) at frequency x (Fant, *Acoustic Theory of Speech Production*, 1960).
    """
    harmonics = np.arange(1, int(sample_rate / 2 / pitch) + 1) * pitch
    response = np.ones(harmonics.size, dtype=complex)
    for formant, bandwidth in zip((first, second, third), VOWEL_BANDWIDTHS, strict=True):
        half = bandwidth / 2
        response *= (formant**2 + half**2) / ((half + 1j * harmonics) ** 2 + formant**2)
    times = _times(sample_rate, seconds)
    samples = np.zeros(times.size)
    for k, (frequency, value) in enumerate(zip(harmonics, response, strict=True), start=1):
        samples += np.abs(value) / k * np.cos(2 * np.pi * frequency * times + np.angle(value))
    return 0.5 * samples / max(np.abs(samples).max(), 1e-12), (
        f"Lines {pitch:g} Hz apart, strongest near the resonances at {first:g}, {second:g} and {third:g} Hz. Computed "
        "by a source-filter model, not recorded."
    )


def white_noise(
    *, variance: float = 0.01, seed: int = 0, sample_rate: float = SAMPLE_RATE, seconds: float = SECONDS
) -> Signal:
    """Compute Gaussian white noise of known power spectral density."""
    noise = np.random.default_rng(seed).standard_normal(_n_samples(sample_rate, seconds))
    return math.sqrt(variance) * noise, (
        f"No line anywhere. With scaling 'density' the psd is 2v = {2 * variance:g} on average in every bin but the "
        f"first and last, where it is v = {variance:g}, whatever the window and frame length."
    )


def silence(*, sample_rate: float = SAMPLE_RATE, seconds: float = SECONDS) -> Signal:
    """Compute zeros, which show the floor of the modes "log" and "magnitude"."""
    return np.zeros(_n_samples(sample_rate, seconds)), (
        "All values are clipped at epsilon: with the default of 1e-7, magnitude is 3.16e-4 and log is -8.06; psd is 0."
    )


@dataclass(frozen=True)
class SyntheticSignal:
    """A synthetic signal: its title, and the function that computes samples and expected values."""

    title: str
    function: Callable[..., Signal]

    @property
    def parameters(self) -> dict[str, float]:
        """Names and defaults of the parameters, in order."""
        return {name: parameter.default for name, parameter in inspect.signature(self.function).parameters.items()}

    @property
    def expected(self) -> str:
        """Text with the expected values for the default parameters; a `Sound` has those of its own parameters."""
        return self.function()[1]


SYNTHETIC_SIGNALS: dict[str, SyntheticSignal] = {
    "sine_on_bin": SyntheticSignal("Sine on a bin", sine_on_bin),
    "sine_between_bins": SyntheticSignal("Sine between bins", sine_between_bins),
    "two_sines_two_clicks": SyntheticSignal("Two sines, two clicks", two_sines_two_clicks),
    "linear_chirp": SyntheticSignal("Linear chirp", linear_chirp),
    "log_chirp": SyntheticSignal("Logarithmic chirp", log_chirp),
    "impulse_train": SyntheticSignal("Impulse train", impulse_train),
    "am_tone": SyntheticSignal("Amplitude modulation", am_tone),
    "fm_tone": SyntheticSignal("Frequency modulation", fm_tone),
    "vowel": SyntheticSignal("Vowel", vowel),
    "white_noise": SyntheticSignal("White noise", white_noise),
    "silence": SyntheticSignal("Silence", silence),
}
"""Every synthetic signal by name, in the order of the menu."""


def make_synthetic(name: str, **parameters: float) -> Sound:
    """Compute a synthetic signal.

    Parameters
    ----------
    name : str
        A key of `SYNTHETIC_SIGNALS`.
    **parameters : float, optional
        Parameters of the signal, those of ``SYNTHETIC_SIGNALS[name].parameters``: frequencies and `sample_rate` in Hz,
        `seconds` and `gap` in seconds, amplitudes with full scale 1.

    Returns
    -------
    Sound
        Samples of shape (1, L, 1), float32, reproducible; the description has the expected values.

    Raises
    ------
    ValueError
        If there is no such signal, or a parameter is out of bounds.
    TypeError
        If the signal has no such parameter, or one is not a number.

    Examples
    --------
    >>> sound = make_synthetic("linear_chirp", start=1000, stop=8000, seconds=1)
    >>> sound.samples.shape
    (1, 16000, 1)
    >>> print(sound.description)
    A straight line from 1000 to 8000 Hz: 7000 Hz/s, 4500 Hz at 0.5 s.
    """
    if name not in SYNTHETIC_SIGNALS:
        raise ValueError(f"`name` must be one of {', '.join(map(repr, SYNTHETIC_SIGNALS))}; got {name!r}.")
    known = SYNTHETIC_SIGNALS[name].parameters
    for parameter in parameters:
        if parameter not in known:
            raise TypeError(
                f"`{name}` must have one of the parameters {', '.join(known)}; got {parameter!r}."
                + (f" {hint}" if (hint := argument_hint(parameter, known)) else "")
            )
    settings = known | parameters
    _check(settings, whole={key for key, default in known.items() if isinstance(default, int)})
    samples, expected = SYNTHETIC_SIGNALS[name].function(
        **{key: type(known[key])(value) for key, value in settings.items()}
    )
    return Sound(
        samples.astype(np.float32)[None, :, None],
        float(settings["sample_rate"]),
        name,
        credit="computed, not recorded",
        description=expected,
        parameters=settings,
    )


def _check(settings: dict[str, float], whole: set[str]) -> None:
    """Raise an error for parameters that are not numbers, out of bounds, or not integers although `whole` has them."""
    for name, value in settings.items():
        check_number(name, value)
    for name, (low, high) in _bounds(settings).items():
        if name not in settings:
            continue
        value = settings[name]
        if not low <= value <= high:
            raise ValueError(f"`{name}` must be between {low:g} and {high:g}; got {value:g}.")
        if name in whole and value != int(value):
            raise ValueError(f"`{name}` must be an integer; got {value:g}.")


def _bounds(settings: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Return the bounds of every parameter within which nothing clips or exceeds half the sample rate.

    Other bounds depend on the sample rate, so that is checked first.
    """
    rate = settings["sample_rate"]
    carrier = settings.get("carrier", 0)
    sidebands = min(carrier, rate / 2 - carrier)
    return {
        "sample_rate": (4000, 192000),
        "seconds": (0.001, 600),
        "bin_number": (1, N_FFT // 2 - 2),
        "amplitude": (0, 1),
        "gap": (0.001, 0.1),
        "frequency": (1, rate / 2),
        "start": (1, rate / 2),
        "stop": (1, rate / 2),
        "pitch": (20, rate / 2),
        "first": (50, rate / 2),
        "second": (50, rate / 2),
        "third": (50, rate / 2),
        "carrier": (1, rate / 2),
        "modulation": (0.1, sidebands),
        "deviation": (0, sidebands),
        "depth": (0.01, 1),
        "variance": (0, 0.04),
        "seed": (0, 2**32 - 1),
    }


def _n_samples(sample_rate: float, seconds: float) -> int:
    return round(seconds * sample_rate)


def _times(sample_rate: float, seconds: float) -> Samples:
    return np.arange(_n_samples(sample_rate, seconds)) / sample_rate


def _sine(frequency: float, sample_rate: float, seconds: float) -> Samples:
    return np.sin(2 * np.pi * frequency * _times(sample_rate, seconds))


def _chirp(
    start: float, stop: float, sample_rate: float, seconds: float, method: Literal["linear", "logarithmic"]
) -> Samples:
    """Compute a chirp of amplitude 0.5."""
    from scipy.signal import chirp

    # -90 degrees turns SciPy's cosine into a sine, which starts at 0 without a click.
    sweep: Samples = chirp(_times(sample_rate, seconds), start, seconds, stop, method=method, phi=-90)
    return 0.5 * sweep
