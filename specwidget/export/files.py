"""Settings in a file: JSON that a person can read and keep beside her results."""

from __future__ import annotations

import os
from pathlib import Path

from specwidget.layer import STFTSpectrogram
from specwidget.stft.serialization import atomic_write
from specwidget.stft.settings import STFTSettings

MAX_BYTES = 2**25
"""Most bytes of a settings file, which are read in seconds; a window of a million values has 20 MB."""


def save_settings(settings: STFTSettings | STFTSpectrogram, path: str | os.PathLike[str]) -> None:
    """Save settings as a JSON file.

    Parameters
    ----------
    settings : STFTSettings or STFTSpectrogram
        The settings, or a layer that has them. Kernels that were trained are not among them; see
        `specwidget.training.save_kernels`.
    path : path-like
        Name of the file. One of that name is replaced, but only once the new one is whole.

    Raises
    ------
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
    chosen = settings.settings if isinstance(settings, STFTSpectrogram) else settings
    with atomic_write(path) as file:
        file.write(chosen.to_json().encode())


def load_settings(path: str | os.PathLike[str]) -> STFTSettings:
    """Load settings that `save_settings` saved.

    Parameters
    ----------
    path : path-like
        Name of the file. Whatever it holds, reading it runs no code.

    Returns
    -------
    STFTSettings
        Equal to those that were saved.

    Raises
    ------
    ValueError
        If the file is no such file or damaged, lacks a field or has an unknown one, or a value is impossible; the
        sentence names the file and the field.
    OSError
        If the file cannot be read.
    """
    name = repr(os.fspath(path))
    with Path(path).open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"`path` must hold settings, at most {MAX_BYTES // 2**20} MiB; got more in {name}.")
    try:
        return STFTSettings.from_json(content.decode())
    except UnicodeDecodeError:
        raise ValueError(f"`path` must hold settings, as text in UTF-8; got {name}, which is not.") from None
    except (ValueError, TypeError, MemoryError) as error:
        reason = str(error).rstrip(".") or "they need more memory than there is"
        raise ValueError(f"`path` must hold settings; got {name}, which does not: {reason}.") from error
