"""Code to take away: the same transform in another library, as a text that runs as it stands.

One module for each target, and one table of them. A snippet makes noise in the place of the signal, computes, and
ends with the shape; what a library can't do as it is set is said at its top.
"""

from __future__ import annotations

import numbers
import re
from collections.abc import Sequence
from typing import Any

from specwidget.export.code import keras, keras3, librosa, numpy, scipy, specwidget, torch_conv1d, torch_stft
from specwidget.export.code.snippet import CodeTarget, Task
from specwidget.layer import STFTSpectrogram
from specwidget.stft.settings import STFTSettings
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
"""The libraries that code can be written for, by name."""


IMPORTED = re.compile(r"^(?:import|from) (\w+)", re.MULTILINE)
"""Finds the packages that Python code imports; all of them are installed by these names."""


def to_code(settings: STFTSettings | STFTSpectrogram, shape: Sequence[int], target: str) -> str:
    """Write code that computes what a layer computes, with another library.

    Parameters
    ----------
    settings : STFTSettings or STFTSpectrogram
        The settings, or a layer that has them. Where the layer's kernels are its own, code that can hold them reads
        them from a file, and says how it is made.
    shape : sequence of 3 int
        Shape of the signal, (batch, time, channels), or (batch, channels, time) for "channels_first".
    target : str
        A name in `CODE_TARGETS`.

    Returns
    -------
    str
        A program that runs as it stands, with noise `x` in the place of the signal; the result is `y`, and a comment
        at the end tells its shape. The padding is computed from the signal's length, so it holds for others, too.
        What the library can't do as it is set is said in a comment at the top.

    Raises
    ------
    ValueError
        If there is no such target, or the transform does not take the shape.
    TypeError
        If `settings` is of another kind.

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
    y = np.log(np.maximum(np.abs(z) ** 2, 1e-07)) / 2
    y = y.transpose(0, 3, 1, 2)
    y = y.reshape(*y.shape[:2], -1)
    # y: (1, 124, 129), float32: batch, frames, channels * bins
    """
    has_own_kernels = isinstance(settings, STFTSpectrogram) and settings.path == "matmul"
    chosen = settings.settings if isinstance(settings, STFTSpectrogram) else settings
    if not isinstance(chosen, STFTSettings):
        raise TypeError(f"`settings` must be STFTSettings or an STFTSpectrogram; got {type(chosen).__name__}.")
    if target not in CODE_TARGETS:
        raise ValueError(f"`target` must be one of {', '.join(map(repr, CODE_TARGETS))}; got {target!r}.")
    return CODE_TARGETS[target].write(Task(chosen, _check_shape(shape, chosen), has_own_kernels))


def install_command(code: str, target: str) -> str:
    """Return the command that installs what code needs.

    Parameters
    ----------
    code : str
        What `to_code` wrote.
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
    chosen = CODE_TARGETS[target]
    if chosen.language == "r":
        return 'install.packages("keras3"); keras3::install_keras()'
    imported = sorted({*IMPORTED.findall(code), *chosen.needs})
    return "" if "specwidget" in imported else f"pip install {' '.join(imported)}"


def _check_shape(shape: Sequence[int], settings: STFTSettings) -> tuple[int, int, int]:
    """Return a shape that the transform takes, in plain integers; noise of it must be there to be made."""
    lengths: list[Any] = list(shape)
    for length in lengths:
        if isinstance(length, bool) or not isinstance(length, numbers.Integral) or length < 1:
            raise ValueError(f"`shape` must have integers of at least 1; got {tuple(shape)}.")
    try:
        check_input_shape(tuple(shape), settings)
    except ValueError as error:
        raise ValueError(str(error).replace("`inputs`", "`shape`", 1)) from None
    batch, second, third = map(int, lengths)
    return batch, second, third


__all__ = ["CODE_TARGETS", "CodeTarget", "install_command", "to_code"]
