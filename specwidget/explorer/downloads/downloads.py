"""Files that the page offers for download: figure, values, settings, and the page itself.

Each function returns a `FileWriter`. One entry in `DOWNLOADS` is one button of the export panel.
"""

from __future__ import annotations

import io
import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from specwidget.arrays import to_numpy
from specwidget.charts.figure_options import FigureOptions
from specwidget.explorer.downloads.html_page import PageContent, html_page_of, snapshot_of
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.state.snapshot import Snapshot
from specwidget.files import atomic_write
from specwidget.mel.stages import BandSettings, FrontEndSettings, settings_to_json, values_of
from specwidget.raster.colours import AUTOMATIC
from specwidget.raster.picture import Picture
from specwidget.summary.caption import settings_caption

if TYPE_CHECKING:
    from specwidget.explorer.panel import Panel

MAX_NAME_BYTES = 240
"""Longest name of a file; file systems take 255 bytes, and browsers add a number to a name that exists."""

FileWriter = Callable[[IO[bytes]], None]
"""Writes a file into an open one. It writes the state at the time of its making, and needs no lock, so that the page
stays responsive meanwhile."""


def figure_writer(
    state: ExplorerState, kind: str, options: FigureOptions | None = None, *, picture: Picture | None = None
) -> FileWriter:
    """Return a writer of a figure of the spectrogram with the displayed channel, colours and axes.

    Parameters
    ----------
    state : ExplorerState
        State of the explorer.
    kind : str
        File format of matplotlib: "png", "svg", "pdf".
    options : FigureOptions, optional
        Size, resolution, the part that is shown, and whether there is a caption; None is the defaults.
    picture : Picture, optional
        A picture that is drawn already; by default an exact one is made at the resolution of the figure.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If nothing has been computed, or limits have no part of the sound between them.
    """
    snapshot, options = snapshot_of(state), options or FigureOptions()
    computation, choices = snapshot.computation, snapshot.choices
    has_bands = isinstance(computation.settings, BandSettings)
    visible = options.visible(choices.visible, computation.n_samples, computation.sample_rate, has_bands=has_bands)
    sentences = [f"{settings_caption(computation.settings, computation.sample_rate)}.", state.gaps]
    caption = " ".join(filter(None, sentences)) if options.caption else ""

    def write(file: IO[bytes]) -> None:
        from specwidget.charts.spectrogram_figure import make_picture_figure, to_file

        def exact_picture(n_columns: int, n_rows: int) -> Picture:
            return snapshot.picture(n_columns, n_rows, visible=visible) if picture is None else picture

        figure = make_picture_figure(
            exact_picture,
            title=_title(snapshot),
            caption=caption,
            size=options.size,
            dpi=options.dpi,
            frequency_axis=choices.frequency_axis,
            time_axis=choices.time_axis,
            colour_map=None if choices.colour_map == AUTOMATIC else choices.colour_map,
            value_range=options.value_range or choices.value_range,
        )
        file.write(to_file(figure, kind))

    return write


def values_writer(state: ExplorerState) -> FileWriter:
    """Return a writer of a NumPy ``.npz`` file of the result.

    It holds the arrays `values`, in the layer's layout; `times`, the centres of the frames, and `frequencies`, of the
    bins, in seconds and Hz, or in samples and cycles per sample; `sample_rate` in Hz, NaN if there is none; and
    `settings`, the JSON text of the settings. Nothing in it is pickled.

    Parameters
    ----------
    state : ExplorerState
        State of the explorer.

    Returns
    -------
    callable
        Raises a ValueError if the result would take more than the state's `memory_limit`.

    Raises
    ------
    ValueError
        If nothing has been computed.
    """
    computation = snapshot_of(state).computation

    def write(file: IO[bytes]) -> None:
        result = computation.spectrogram(state.memory_limit)
        np.savez(
            file,
            values=to_numpy(result.values),
            times=result.times,
            frequencies=result.frequencies,
            sample_rate=np.float64(np.nan if result.sample_rate is None else result.sample_rate),
            settings=np.array(result.settings.to_json()),
        )

    return write


def settings_writer(state: ExplorerState) -> FileWriter:
    """Return a writer of a JSON file of the settings of the displayed result.

    Parameters
    ----------
    state : ExplorerState
        State of the explorer.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If nothing has been computed.
    """
    computation = snapshot_of(state).computation
    text = settings_to_json(computation.settings, computation.sample_rate)
    return lambda file: _write(file, text.encode())


def page_writer(state: ExplorerState, panels: Mapping[str, Panel], content: PageContent | None = None) -> FileWriter:
    """Return a writer of the page as one HTML file; see `html_page_of`."""
    make = html_page_of(state, panels, content)
    return lambda file: _write(file, make())


def count_value_bytes(state: ExplorerState) -> int:
    """Return the number of bytes of the values in the file of `values_writer`."""
    computation = snapshot_of(state).computation
    return math.prod(computation.shape) * np.dtype(computation.settings.result_dtype).itemsize


def apply_settings(state: ExplorerState, settings: FrontEndSettings) -> None:
    """Set all settings, in one step of the undo history.

    Parameters
    ----------
    state : ExplorerState
        State of the explorer.
    settings : STFTSettings or BandSettings
        The settings.
    """
    state.update(**values_of(settings))


def save_figure(state: ExplorerState, path: str | os.PathLike[str], options: FigureOptions) -> None:
    """Save a figure of the spectrogram in the format of the path's suffix."""
    from matplotlib.figure import Figure

    kinds = Figure().canvas.get_supported_filetypes()
    kind = Path(path).suffix.lower().removeprefix(".")
    if kind not in kinds:
        listed = ", ".join(f".{each}" for each in sorted(kinds))
        raise ValueError(f"`path` must end with one of {listed}; got {os.fspath(path)!r}.")
    save_file(path, figure_writer(state, kind, options))


def save_file(path: str | os.PathLike[str], write: FileWriter) -> None:
    """Save a file; it gets its name only when it is complete."""
    with atomic_write(path) as file:
        write(file)


def content_of(write: FileWriter) -> bytes:
    """Return the bytes of a file."""
    file = io.BytesIO()
    write(file)
    return file.getvalue()


@dataclass(frozen=True)
class FileChoices:
    """What was chosen for a file: of a figure, and of the page."""

    figure: FigureOptions = field(default_factory=FigureOptions)
    page: PageContent = field(default_factory=PageContent)


@dataclass(frozen=True)
class Download:
    """A file that the page offers.

    Parameters
    ----------
    label : str
        Text of its button.
    tooltip : str
        What the file holds.
    suffix : str
        End of its name.
    media_type : str
        Media type, for the browser.
    make_writer : callable
        Returns the writer for a state, the panels of the page and what was chosen for the file.
    method : str
        Name of the explorer's method that writes the same file.
    count_bytes : callable, optional
        Estimates the size of the file before it is made.
    """

    label: str
    tooltip: str
    suffix: str
    media_type: str
    make_writer: Callable[[ExplorerState, Mapping[str, Panel], FileChoices], FileWriter]
    method: str
    count_bytes: Callable[[ExplorerState], int] = lambda _state: 0


DOWNLOADS: dict[str, Download] = {
    "png": Download(
        "Figure, PNG",
        "The displayed spectrogram with axes in units.",
        ".png",
        "image/png",
        lambda state, _panels, choices: figure_writer(state, "png", choices.figure),
        "save_figure",
    ),
    "svg": Download(
        "Figure, SVG",
        "The displayed spectrogram; axes and text are vector graphics.",
        ".svg",
        "image/svg+xml",
        lambda state, _panels, choices: figure_writer(state, "svg", choices.figure),
        "save_figure",
    ),
    "pdf": Download(
        "Figure, PDF",
        "The displayed spectrogram for a paper; axes and text are vector graphics.",
        ".pdf",
        "application/pdf",
        lambda state, _panels, choices: figure_writer(state, "pdf", choices.figure),
        "save_figure",
    ),
    "values": Download(
        "Values, NPZ",
        "Values, times, frequencies, sample rate and settings, for numpy.load.",
        ".npz",
        "application/octet-stream",
        lambda state, _panels, _choices: values_writer(state),
        "save_values",
        count_value_bytes,
    ),
    "settings": Download(
        "Settings, JSON",
        "All settings and the sample rate, to be loaded here, or with specwidget.export.load_settings.",
        ".json",
        "application/json",
        lambda state, _panels, _choices: settings_writer(state),
        "save_settings",
    ),
    "page": Download(
        "Page, HTML",
        "This page as one file that opens without a kernel or a network, with cursor, zoom, colours and playback.",
        ".html",
        "text/html",
        lambda state, panels, choices: page_writer(state, panels, choices.page),
        "save_html",
    ),
}
"""The files, in the order of their buttons."""


def file_name(state: ExplorerState, kind: str) -> str:
    """Return the name of a file, made of the names of sound and mode and of the lengths.

    Examples
    --------
    >>> from specwidget.sounds import as_sound
    >>> file_name(ExplorerState(as_sound(np.zeros(1000), 8000), frame_length=400), "png")
    'array-log-400-200.png'
    """
    computation = snapshot_of(state).computation
    settings = computation.settings
    name = re.sub(r"[^\w.-]+", "-", Path(computation.sound.name).stem).strip("-.") or "sound"
    end = f"-{settings.mode}-{settings.frame_length}-{settings.step}{DOWNLOADS[kind].suffix}"
    return name.encode()[: MAX_NAME_BYTES - len(end)].decode(errors="ignore") + end


def _write(file: IO[bytes], content: bytes) -> None:
    file.write(content)


def _title(snapshot: Snapshot) -> str:
    """Return the name of the sound, with its channel if it has several."""
    title, n_channels = snapshot.computation.sound.name, snapshot.computation.n_channels
    return title if n_channels == 1 else f"{title}, channel {snapshot.choices.channel + 1} of {n_channels}"
