"""Settings files: JSON, to be kept with results."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from specwidget.files import atomic_write
from specwidget.layer import STFTSpectrogram
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.mfcc import MFCC
from specwidget.mel.settings import MelSettings
from specwidget.mel.stages import BandSettings, FrontEndSettings, sample_rate_from_json, settings_from_json
from specwidget.stft.settings import STFTSettings

S = TypeVar("S")

MAX_BYTES = 2**25
"""Largest settings file; a window of a million values takes 20 MB."""


def save_settings(
    settings: STFTSettings | STFTSpectrogram | MelSettings | MelSpectrogram | BandSettings | MFCC,
    path: str | os.PathLike[str],
    sample_rate: float | None = None,
) -> None:
    """Save settings as a JSON file.

    Parameters
    ----------
    settings : STFTSettings, STFTSpectrogram, MelSettings, MelSpectrogram, BandSettings or MFCC
        The settings, or a layer that has them. Trained kernels are not saved; see `specwidget.training.save_kernels`.
    path : path-like
        Name of the file. An existing file is replaced when the new one is complete.
    sample_rate : float, optional
        Sample rate that the settings of an STFT are used at, Hz, to be kept beside them: `load_sample_rate` reads it.
        Those of a mel spectrogram have their own.

    Raises
    ------
    ValueError
        If the sample rate is not above 0, or given for a mel spectrogram.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> save_settings(STFTSettings(frame_length=400), f"{folder.name}/settings.json")
    >>> load_settings(f"{folder.name}/settings.json").frame_length
    400
    >>> folder.cleanup()
    """
    if isinstance(settings, MFCC):
        settings = BandSettings.of(settings)
    resolved = settings.settings if isinstance(settings, STFTSpectrogram | MelSpectrogram) else settings
    if not isinstance(resolved, STFTSettings) and sample_rate is not None:
        raise ValueError(
            f"`sample_rate` must be None for a mel spectrogram, whose settings have it; got {sample_rate}."
        )
    text = resolved.to_json(sample_rate) if isinstance(resolved, STFTSettings) else resolved.to_json()
    with atomic_write(path) as file:
        file.write(text.encode())


def load_settings(path: str | os.PathLike[str]) -> STFTSettings:
    """Load settings from a file that `save_settings` wrote.

    Parameters
    ----------
    path : path-like
        Name of the file. Reading it runs no code, whatever it contains.

    Returns
    -------
    STFTSettings
        The settings, equal to those that were saved.

    Raises
    ------
    ValueError
        If the file is not a settings file or is damaged, a field is missing, unknown or invalid; the message names the
        file and the field.
    OSError
        If the file cannot be read.
    """
    return _load(path, STFTSettings.from_json)


def load_sample_rate(path: str | os.PathLike[str]) -> float | None:
    """Load the sample rate from a file that `save_settings` or the explorer wrote.

    Parameters
    ----------
    path : path-like
        Name of the file.

    Returns
    -------
    float or None
        Hz; None if the settings were saved without one.

    Raises
    ------
    ValueError
        If the file is not a settings file; see `load_settings`.
    OSError
        If the file cannot be read.
    """
    return _load(path, sample_rate_from_json)


def load_mel_settings(path: str | os.PathLike[str]) -> MelSettings:
    """Load settings of a mel spectrogram from a file that `save_settings` wrote.

    Parameters
    ----------
    path : path-like
        Name of the file. Reading it runs no code, whatever it contains.

    Returns
    -------
    MelSettings
        The settings, equal to those that were saved.

    Raises
    ------
    ValueError
        If the file is not a file of such settings; see `load_settings`.
    OSError
        If the file cannot be read.
    """
    return _load(path, MelSettings.from_json)


def load_front_end(path: str | os.PathLike[str]) -> FrontEndSettings:
    """Load the settings of an STFT, a mel spectrogram or MFCC from a file that `save_settings` wrote.

    Parameters
    ----------
    path : path-like
        Name of the file. Reading it runs no code, whatever it contains.

    Returns
    -------
    STFTSettings or BandSettings
        The settings, equal to those that were saved.

    Raises
    ------
    ValueError
        If the file is not a file of such settings; see `load_settings`.
    OSError
        If the file cannot be read.
    """
    return _load(path, settings_from_json)


def _load(path: str | os.PathLike[str], from_json: Callable[[str], S]) -> S:
    name = repr(os.fspath(path))
    with Path(path).open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(
            f"`path` must be a settings file of at most {MAX_BYTES // 2**20} MiB; got {name}, which is larger."
        )
    try:
        return from_json(content.decode())
    except UnicodeDecodeError:
        raise ValueError(f"`path` must be a settings file, a text in UTF-8; got {name}, which is not.") from None
    except (ValueError, TypeError, MemoryError) as error:
        reason = str(error).rstrip(".") or "out of memory"
        raise ValueError(f"`path` must be a settings file; got {name}, which is not: {reason}.") from error
