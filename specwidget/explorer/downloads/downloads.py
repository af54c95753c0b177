"""What is taken away from the page, as a file: the picture, the values, the settings, the view.

One entry in `FILES` is one file that the page offers.
"""

from __future__ import annotations

import io
import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from specwidget.arrays import to_numpy
from specwidget.explorer.downloads.html_page import document_of
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.state.snapshot import Snapshot
from specwidget.raster.colours import AUTOMATIC
from specwidget.raster.picture import Picture
from specwidget.stft.serialization import atomic_write
from specwidget.stft.settings import STFTSettings

if TYPE_CHECKING:
    from specwidget.explorer.panel import Panel

FIGURE_SIZE = (7.2, 3.6)
"""Width and height of a figure, inches: the width of a page of text."""

FIGURE_DPI = 300
"""Dots per inch of a figure that is printed."""


FileWriter = Callable[[IO[bytes]], None]
"""What writes a file into an open one. It is of the moment when it was asked for, and needs no lock, so that a page
goes on while it is at work."""


def figure_of(
    state: ExplorerState,
    kind: str,
    *,
    size: tuple[float, float] = FIGURE_SIZE,
    dpi: float = FIGURE_DPI,
    picture: Picture | None = None,
) -> FileWriter:
    """Return what writes a figure of what the page shows: the channel, the colours, the axis and the visible part.

    Parameters
    ----------
    state : ExplorerState
        What the page shows.
    kind : str
        What matplotlib writes: "png", "svg", "pdf".
    size : tuple of float
        Width and height, inches.
    dpi : float
        Dots per inch.
    picture : Picture, optional
        The picture, where it is made already; None is one for the figure's dots, in which every frame is looked at.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If nothing has been computed.
    """
    still = _still(state)

    def write(file: IO[bytes]) -> None:
        """Draw it."""
        from specwidget.charts.spectrogram_figure import make_picture_figure, to_file

        colour_map = still.looks["colour_map"]
        figure = make_picture_figure(
            still.picture if picture is None else lambda _columns, _rows: picture,
            title=_title(still),
            size=size,
            dpi=dpi,
            frequency_axis=still.display["axis"],
            time_axis=still.looks["time_axis"],
            colour_map=None if colour_map == AUTOMATIC else colour_map,
            value_range=still.looks["value_range"],
        )
        file.write(to_file(figure, kind))

    return write


def values_of(state: ExplorerState) -> FileWriter:
    """Return what writes a NumPy ``.npz`` file of the result.

    In it are the arrays `values`, in the layer's layout; `times`, the centres of the frames, and `frequencies`, of the
    bins, in seconds and Hz, or in samples and cycles per sample; `sample_rate` in Hz, NaN where there is none; and
    `settings`, the JSON text of the settings. Nothing in it is pickled.

    Parameters
    ----------
    state : ExplorerState
        What the page shows.

    Returns
    -------
    callable
        Raises a ValueError if the result would take more than the state's `memory_limit`.

    Raises
    ------
    ValueError
        If nothing has been computed.
    """
    shown = _still(state).shown

    def write(file: IO[bytes]) -> None:
        """Compute the whole, unless it is there, and write it without a second copy."""
        result = state.result_of(shown)
        np.savez(
            file,
            values=to_numpy(result.values),
            times=result.times,
            frequencies=result.frequencies,
            sample_rate=np.float64(np.nan if result.sample_rate is None else result.sample_rate),
            settings=np.array(result.settings.to_json()),
        )

    return write


def settings_of(state: ExplorerState) -> FileWriter:
    """Return what writes a JSON file of the settings that what is shown was computed with.

    Parameters
    ----------
    state : ExplorerState
        What the page shows.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If nothing has been computed.
    """
    text = _still(state).shown.settings.to_json()
    return lambda file: _write(file, text.encode())


def page_of(state: ExplorerState, panels: Mapping[str, Panel]) -> FileWriter:
    """Return what writes the whole view as one HTML file; see `document_of`."""
    make = document_of(state, panels)
    return lambda file: _write(file, make())


def count_value_bytes(state: ExplorerState) -> int:
    """Count the bytes of the values that would be written."""
    shown = _still(state).shown
    return math.prod(shown.shape) * np.dtype(shown.settings.result_dtype).itemsize


def apply_settings(state: ExplorerState, settings: STFTSettings) -> None:
    """Set all settings at once, in one step.

    Parameters
    ----------
    state : ExplorerState
        What the page shows.
    settings : STFTSettings
        The settings.
    """
    state.update(**{field.name: getattr(settings, field.name) for field in fields(settings)})


def save_figure(state: ExplorerState, path: str | os.PathLike[str]) -> None:
    """Save the picture; the suffix of the file says of which kind it is."""
    from matplotlib.figure import Figure

    kinds = Figure().canvas.get_supported_filetypes()
    kind = Path(path).suffix.lower().removeprefix(".")
    if kind not in kinds:
        listed = ", ".join(f".{each}" for each in sorted(kinds))
        raise ValueError(f"`path` must end with one of {listed}; got {os.fspath(path)!r}.")
    save_file(path, figure_of(state, kind))


def save_file(path: str | os.PathLike[str], write: FileWriter) -> None:
    """Save a file, which takes its name only once it is whole."""
    with atomic_write(path) as file:
        write(file)


def content_of(write: FileWriter) -> bytes:
    """Return a file as bytes."""
    file = io.BytesIO()
    write(file)
    return file.getvalue()


@dataclass(frozen=True)
class TakenFile:
    """A file that the page offers.

    Parameters
    ----------
    label : str
        What its button says.
    tooltip : str
        What is in it.
    suffix : str
        End of its name.
    media_type : str
        What it is, for the browser.
    ask : callable
        Takes the state and the panels of the page, and returns what writes the file.
    saver : str
        The explorer's method that writes it.
    count : callable, optional
        Counts its bytes, about, before it is made.
    """

    label: str
    tooltip: str
    suffix: str
    media_type: str
    ask: Callable[[ExplorerState, Mapping[str, Panel]], FileWriter]
    saver: str
    count: Callable[[ExplorerState], int] = lambda _state: 0


FILES: dict[str, TakenFile] = {
    "png": TakenFile(
        "Picture, PNG",
        "The picture as it is seen, with axes in units, at 300 dots per inch.",
        ".png",
        "image/png",
        lambda state, _panels: figure_of(state, "png"),
        "save_figure",
    ),
    "svg": TakenFile(
        "Picture, SVG",
        "The picture as it is seen; axes and text stay sharp at any size.",
        ".svg",
        "image/svg+xml",
        lambda state, _panels: figure_of(state, "svg"),
        "save_figure",
    ),
    "values": TakenFile(
        "Values, NPZ",
        "Values, times, frequencies, sample rate and settings, for numpy.load.",
        ".npz",
        "application/octet-stream",
        lambda state, _panels: values_of(state),
        "save_values",
        count_value_bytes,
    ),
    "settings": TakenFile(
        "Settings, JSON",
        "Every setting, to be loaded here, or by specwidget.export.load_settings.",
        ".json",
        "application/json",
        lambda state, _panels: settings_of(state),
        "save_settings",
    ),
    "page": TakenFile(
        "Page, HTML",
        "This view as one file that opens without a kernel or a network, with cursor, zoom, colours and the sound.",
        ".html",
        "text/html",
        page_of,
        "save_html",
    ),
}
"""What the page offers, in the order of its buttons."""


def file_name(state: ExplorerState, kind: str) -> str:
    """Return the name of a file: the sound's, its channel where there are several, and the lengths.

    Examples
    --------
    >>> from specwidget.sounds import as_sound
    >>> file_name(ExplorerState(as_sound(np.zeros(1000), 8000), frame_length=400), "png")
    'array-log-400-200.png'
    """
    settings = _still(state).shown.settings
    name = re.sub(r"[^\w.-]+", "-", Path(state.shown_sound.name).stem).strip("-.") or "sound"
    return f"{name}-{settings.mode}-{settings.frame_length}-{settings.step}{FILES[kind].suffix}"


def _still(state: ExplorerState) -> Snapshot:
    """Return what is shown."""
    still = state.still()
    if still is None:
        raise ValueError("`result` must have been computed; got no settings that fit the sound yet.")
    return still


def _write(file: IO[bytes], content: bytes) -> None:
    """Write bytes."""
    file.write(content)


def _title(still: Snapshot) -> str:
    """Return the title of a figure: the sound, and the channel where there are several."""
    title, n_channels = still.shown.sound.name, still.shown.n_channels
    return title if n_channels == 1 else f"{title}, channel {still.display['channel'] + 1} of {n_channels}"
