"""Code for other libraries: the transform as a program that runs as it stands.

There is one module for each target, and one table of them, `CODE_TARGETS`. A snippet makes noise in place of a signal,
computes, and ends with the output's shape; comments at its top say what the library can't do as requested.
"""

from __future__ import annotations

import numbers
import re
from collections.abc import Sequence
from typing import Any

from specwidget.codegen import (
    keras,
    keras3,
    librosa,
    mel_keras,
    mel_librosa,
    mel_numpy,
    mel_specwidget,
    mel_torchaudio,
    mel_transformers,
    numpy,
    scipy,
    specwidget,
    torch_conv1d,
    torch_stft,
)
from specwidget.codegen.mel_steps import MelCodeRequest
from specwidget.codegen.snippet import CodeRequest, CodeTarget
from specwidget.layer import STFTSpectrogram
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.mfcc import MFCC
from specwidget.mel.settings import MelSettings
from specwidget.mel.shapes import check_input_shape as check_mel_shape
from specwidget.mel.stages import BandSettings, FrontEndSettings
from specwidget.stft.settings import STFTSettings, check_sample_rate
from specwidget.stft.shapes import check_input_shape

CODE_TARGETS: dict[str, CodeTarget] = {
    "specwidget": specwidget.TARGET,
    "keras": keras.TARGET,
    "keras3": keras3.TARGET,
    "librosa": librosa.TARGET,
    "scipy": scipy.TARGET,
    "torch": torch_stft.TARGET,
    "torch_conv1d": torch_conv1d.TARGET,
    "numpy": numpy.TARGET,
}
"""The libraries that code can be written for, whatever the settings, by name."""

MEL_CODE_TARGETS: dict[str, CodeTarget] = {
    "specwidget": CodeTarget("specwidget", "python", mel_specwidget.write),
    "keras": CodeTarget("Keras", "python", mel_keras.write, ("torch",)),
    "keras3": CodeTarget("keras3 (R)", "r", mel_keras.write_r),
    "librosa": CodeTarget("librosa", "python", mel_librosa.write),
    "torchaudio": CodeTarget("torchaudio", "python", mel_torchaudio.write),
    "transformers": CodeTarget("transformers", "python", mel_transformers.write),
    "numpy": CodeTarget("NumPy", "python", mel_numpy.write),
}
"""The libraries that code for a mel spectrogram can be written for, by name."""

MFCC_CODE_TARGETS: dict[str, CodeTarget] = {
    name: MEL_CODE_TARGETS[name] for name in ("specwidget", "librosa", "transformers", "numpy")
}
"""The libraries that code for cepstral coefficients can be written for, by name."""

IMPORTED_PACKAGE = re.compile(r"^(?:import|from) (\w+)", re.MULTILINE)
"""Matches the packages that Python code imports; all of them are installed by these names."""


def to_code(
    settings: CodeSource,
    shape: Sequence[int],
    target: str,
    sample_rate: float | None = None,
) -> str:
    """Write code that computes what a layer computes, with another library.

    Parameters
    ----------
    settings : STFTSettings, STFTSpectrogram, MelSettings, MelSpectrogram, BandSettings or MFCC
        The settings, or a layer that has them. Where the layer's kernels were changed, code for a library that has
        kernels reads them from a file; a comment says how to write it.
    shape : sequence of 3 int
        Shape of the signal, (batch, time, channels), or (batch, channels, time) for "channels_first"; (time,) or
        (batch, time) for a mel spectrogram or MFCC.
    target : str
        A name in `CODE_TARGETS`, in `MEL_CODE_TARGETS` for a mel spectrogram, or in `MFCC_CODE_TARGETS`.
    sample_rate : float, optional
        Sample rate of the signal, Hz: SciPy's frequencies and times are then in Hz and seconds, its densities per Hz.
        The result `y` is the layer's all the same.

    Returns
    -------
    str
        A program that runs as it stands, with noise `x` in place of the signal; the result is `y`, and a comment at
        the end gives its shape. The padding is computed from the length of `x`, so it is right for other signals, too.
        Comments at the top say what the library can't do as requested.

    Raises
    ------
    ValueError
        If there is no such target, the transform does not accept the shape, or the sample rate is not above 0.
    TypeError
        If `settings` is of another type.

    Examples
    --------
    >>> print(to_code(STFTSettings(trainable=False), (1, 16_000, 1), "librosa"), end="")
    import librosa
    import numpy as np
    from scipy.signal import get_window
    <BLANKLINE>
    # Your signal: (batch, time, channels).
    x = np.random.default_rng(0).standard_normal((1, 16000, 1), dtype="float32")
    <BLANKLINE>
    w = get_window("hann", 256, fftbins=False)
    w /= np.linalg.norm(w)
    z = librosa.stft(
        x.transpose(0, 2, 1), n_fft=256, hop_length=128, window=w, center=False
    )
    # z: (batch, channels, bins, frames)
    <BLANKLINE>
    y = np.log(np.maximum(np.abs(z), 1e-07**0.5))
    y = y.transpose(0, 3, 1, 2)
    y = y.reshape(*y.shape[:2], -1)
    # y: (1, 124, 129), float32: batch, frames, channels * bins
    """
    if isinstance(settings, MelSettings):
        settings = BandSettings(settings)
    elif isinstance(settings, MelSpectrogram | MFCC):
        settings = BandSettings.of(settings)
    if isinstance(settings, BandSettings):
        return _to_mel_code(settings, shape, target)
    has_own_kernels = isinstance(settings, STFTSpectrogram) and settings.path == "matmul"
    resolved = settings.settings if isinstance(settings, STFTSpectrogram) else settings
    if not isinstance(resolved, STFTSettings):
        raise TypeError(
            f"`settings` must be STFTSettings, MelSettings, or a layer that has them; got {type(resolved).__name__}."
        )
    if target not in CODE_TARGETS:
        raise ValueError(f"`target` must be one of {', '.join(map(repr, CODE_TARGETS))}; got {target!r}.")
    request = CodeRequest(resolved, _check_shape(shape, resolved), has_own_kernels, check_sample_rate(sample_rate))
    return CODE_TARGETS[target].write(request)


def code_targets(settings: FrontEndSettings) -> dict[str, CodeTarget]:
    """Return the libraries that code for settings can be written for, by name."""
    if isinstance(settings, STFTSettings):
        return CODE_TARGETS
    return MEL_CODE_TARGETS if settings.cepstrum is None else MFCC_CODE_TARGETS


def _to_mel_code(settings: BandSettings, shape: Sequence[int], target: str) -> str:
    targets = code_targets(settings)
    if target not in targets:
        raise ValueError(f"`target` must be one of {', '.join(map(repr, targets))}; got {target!r}.")
    lengths = _check_lengths(shape)
    if len(lengths) > 2:
        raise ValueError(f"`shape` must have axes (time,) or (batch, time) for a mel spectrogram; got {lengths}.")
    check_mel_shape(lengths, settings.mel)
    return targets[target].write(MelCodeRequest(settings.mel, lengths, settings.cepstrum))


def install_command(code: str, target: str) -> str:
    """Write the command that installs the packages that code needs.

    Parameters
    ----------
    code : str
        Code from `to_code`.
    target : str
        The target that it was written for.

    Returns
    -------
    str
        A command for a terminal, or for R; empty where the code needs nothing but specwidget.

    Examples
    --------
    >>> install_command(to_code(STFTSettings(), (1, 1000, 1), "librosa"), "librosa")
    'pip install librosa numpy scipy'
    """
    chosen = (MEL_CODE_TARGETS | CODE_TARGETS)[target]
    if chosen.language == "r":
        return 'install.packages("keras3"); keras3::install_keras()'
    packages = sorted({*IMPORTED_PACKAGE.findall(code), *chosen.needs})
    return "" if "specwidget" in packages else f"pip install {' '.join(packages)}"


def _check_shape(shape: Sequence[int], settings: STFTSettings) -> tuple[int, int, int]:
    """Validate a shape and convert it to integers."""
    lengths = _check_lengths(shape)
    try:
        check_input_shape(tuple(shape), settings)
    except ValueError as error:
        raise ValueError(str(error).replace("`inputs`", "`shape`", 1)) from None
    batch, second, third = lengths
    return batch, second, third


def _check_lengths(shape: Sequence[int]) -> tuple[int, ...]:
    """Convert a shape to integers; the code makes noise of it, so no length may be 0 or unknown."""
    lengths: list[Any] = list(shape)
    for length in lengths:
        if isinstance(length, bool) or not isinstance(length, numbers.Integral) or length < 1:
            raise ValueError(f"`shape` must have integers of at least 1; got {tuple(shape)}.")
    return tuple(map(int, lengths))


CodeSource = STFTSettings | STFTSpectrogram | MelSettings | MelSpectrogram | BandSettings | MFCC
"""What code is written from."""

__all__ = [
    "CODE_TARGETS",
    "MEL_CODE_TARGETS",
    "MFCC_CODE_TARGETS",
    "CodeTarget",
    "code_targets",
    "install_command",
    "to_code",
]
