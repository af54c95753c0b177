"""Names that other libraries have for arguments and windows, and what they are called here.

The tables serve every call and the command line: whoever writes librosa's `hop_length` reads that it is `frame_step`.
"""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from specwidget.stft.formatting import short_repr

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=type)

OTHER_NAMES: dict[str, str] = {
    **dict.fromkeys(("n_fft", "nfft", "NFFT", "mfft", "fft_size", "fft_len"), "fft_length"),
    **dict.fromkeys(("hop_length", "hop", "hop_size", "step", "stride", "shift"), "frame_step"),
    **dict.fromkeys(("win_length", "window_length", "window_size", "nperseg", "frame_size"), "frame_length"),
    **dict.fromkeys(("sr", "fs", "Fs", "samplerate", "rate", "sampling_rate"), "sample_rate"),
    **dict.fromkeys(("window_fn", "win", "window_type"), "window"),
    **dict.fromkeys(("y", "x", "audio", "waveform"), "signal"),
    **dict.fromkeys(("n_mels", "n_bands", "num_bins"), "num_mel_bins"),
    **dict.fromkeys(("fmin", "f_min", "low_freq"), "min_freq"),
    **dict.fromkeys(("fmax", "f_max", "high_freq"), "max_freq"),
    "sym": "periodic",
    "fftbins": "periodic",
    "amin": "epsilon",
    "cmap": "colour_map",
    "color_map": "colour_map",
    "y_axis": "frequency_axis",
    "x_axis": "time_axis",
}
"""Names in librosa, SciPy, PyTorch, TensorFlow and matplotlib, and the name here."""

EXPLANATIONS: dict[str, str] = {
    "noverlap": "The overlap is frame_length - frame_step here: pass `frame_step`.",
    "overlap": "The overlap is frame_length - frame_step here: pass `frame_step`.",
    "center": "For center=False use padding='valid'; padding='same' adds zeros at both ends, for one frame every step.",
    "pad_mode": "Padding is with zeros here: padding='same', or 'valid' for none.",
    "boundary": "Padding is with zeros here: padding='same', or 'valid' for none.",
    "padded": "Padding is with zeros here: padding='same', or 'valid' for none.",
    "normalized": "The window's scale is chosen by `scaling` here.",
    "power": "Magnitude or power is chosen by `mode` here: 'magnitude' or 'psd'.",
    "onesided": "Spectra are one-sided here, as the transform is for real signals.",
    "return_complex": "Real and imaginary parts are given by mode='stft' here.",
}
"""Arguments of other libraries that are not the same argument under another name."""

OTHER_WINDOWS: dict[str, str] = {
    **dict.fromkeys(("hanning", "hannwindow", "vonhann", "raisedcosine"), "'hann'"),
    "hammingwindow": "'hamming'",
    **dict.fromkeys(("rectangle", "uniform", "dirichlet", "none"), "'boxcar', or None for no window and no scaling"),
    **dict.fromkeys(("triangular", "triangle"), "'triang'"),
    "fejer": "'bartlett'",
    "sine": "'cosine'",
    "sinc": "'lanczos'",
    "flattopwin": "'flattop'",
    "blackmannuttall": "'nuttall'",
    "tapercosine": "('tukey', 0.5)",
    **dict.fromkeys(
        ("gauss", "gss", "gaussian", "gausswin"), "('gaussian', 40), with the standard deviation in samples"
    ),
    **dict.fromkeys(("kaiser", "ksr"), "('kaiser', 8.6)"),
    **dict.fromkeys(
        ("dolph", "dolphchebyshev", "chebyshev", "chebwin", "cheb"), "('chebwin', 100), with the attenuation in dB"
    ),
    **dict.fromkeys(("dpss", "slepian", "multitaper"), "('dpss', 2.5)"),
    "generalhamming": "('general_hamming', 0.54)",
    "generalgaussian": "('general_gaussian', 1.5, 40)",
    "kaiserbesselderived": "('kaiser_bessel_derived', 8.6)",
}
"""Names of windows in other libraries, in lower case and without spaces and signs, and what to pass here."""


def argument_hint(name: str, known: Iterable[str]) -> str:
    """Return the sentence about an argument that a call does not have; empty if there is nothing to say.

    Examples
    --------
    >>> argument_hint("hop_length", ["frame_step"])
    '`hop_length` is called `frame_step` here.'
    >>> argument_hint("frame_lenght", ["frame_step", "frame_length"])
    'Did you mean `frame_length`?'
    """
    known = list(known)
    here = OTHER_NAMES.get(name, name)
    if here in known:
        return f"`{name}` is called `{here}` here."
    if here == "sample_rate" and "frame_step" in known:
        return "A layer has no sample rate: pass it to `spectrogram`, as `sample_rate`, or to `explore`."
    if name in EXPLANATIONS and "frame_step" in known:
        return EXPLANATIONS[name]
    close = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean `{close[0]}`?" if close else ""


def window_hint(name: str, known: Iterable[str]) -> str:
    """Return the sentence about a window that SciPy does not make; empty if there is nothing to say.

    Examples
    --------
    >>> window_hint("hanning", ["hann"]), window_hint("Blackman-Harris", ["blackman", "blackmanharris"])
    ("Pass 'hann'.", "Pass 'blackmanharris'.")
    """
    plain = "".join(filter(str.isalnum, name.lower()))
    if plain in OTHER_WINDOWS:
        return f"Pass {OTHER_WINDOWS[plain]}."
    names = {"".join(filter(str.isalnum, each)): each for each in known}
    close = difflib.get_close_matches(plain.removesuffix("window"), names, n=1, cutoff=0.75)
    return f"Pass {names[close[0]]!r}." if close else ""


def check_arguments(call: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise `TypeError` for the first of the given arguments that a call does not have."""
    known = list(known)
    for name in given:
        if name not in known:
            hint = argument_hint(name, known)
            raise TypeError(
                f"`{call}` must have only the arguments {', '.join(known)}; got {short_repr(name)}. {hint}".rstrip()
            )


def hinting(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function refuse an unknown argument with a sentence, instead of Python's own."""
    known = [name for name in inspect.signature(function).parameters if name != "self"]
    call = function.__qualname__.removesuffix(".__init__")
    names = frozenset(known)

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        if not names.issuperset(kwargs):
            check_arguments(call, kwargs, known)
        return function(*args, **kwargs)

    return checked


def hinting_class(cls: C) -> C:
    """Let the constructor of a class refuse an unknown argument with a sentence."""
    cls.__init__ = hinting(cls.__init__)  # type: ignore[misc]
    return cls
