"""What is taken away from the page, as the bytes of a file: the picture, the values, the settings.

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
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from specwidget.arrays import to_numpy
from specwidget.explorer.display import check_display
from specwidget.explorer.document import make_document
from specwidget.explorer.shown import Shown
from specwidget.explorer.state import ExplorerState
from specwidget.pixels.colours import AUTOMATIC
from specwidget.pixels.picture import Picture
from specwidget.stft.records import whole_file
from specwidget.stft.settings import STFTSettings

if TYPE_CHECKING:
    from specwidget.explorer.panel import Panel

FIGURE_SIZE = (7.2, 3.6)
"""Width and height of a figure, inches: the width of a page of text."""

FIGURE_DPI = 300
"""Dots per inch of a figure that is printed."""


def make_figure_file(
    state: ExplorerState,
    kind: str,
    *,
    size: tuple[float, float] = FIGURE_SIZE,
    dpi: float = FIGURE_DPI,
    picture: Picture | None = None,
) -> bytes:
    """Make a figure of what the page shows: the channel, the colours, the axis and the visible part.

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
    bytes

    Raises
    ------
    ValueError
        If nothing has been computed, or matplotlib writes no such kind.
    """
    from specwidget.figures import make_picture_figure, to_file

    shown = _shown(state)
    display, wrong = check_display(state, shown.sound)
    chosen = {name: getattr(state, name) for name in ("colour_map", "value_range", "time_axis") if name not in wrong}
    figure = make_picture_figure(
        state.exact_picture if picture is None else lambda _columns, _rows: picture,
        title=_title(shown, display),
        size=size,
        dpi=dpi,
        frequency_axis=display["axis"],
        time_axis=chosen.get("time_axis", "seconds"),
        colour_map=None if chosen.get("colour_map") == AUTOMATIC else chosen.get("colour_map"),
        value_range=chosen.get("value_range"),
    )
    return to_file(figure, kind)


def make_values_file(state: ExplorerState) -> bytes:
    """Make a NumPy ``.npz`` file of the result.

    Parameters
    ----------
    state : ExplorerState
        What the page shows.

    Returns
    -------
    bytes
        With the arrays `values`, in the layer's layout; `times`, the centres of the frames, and `frequencies`, of the
        bins, in seconds and Hz, or in samples and cycles per sample; `sample_rate` in Hz, NaN where there is none; and
        `settings`, the JSON text of the settings. Nothing in it is pickled.

    Raises
    ------
    ValueError
        If nothing has been computed, or the result would take more than the state's `memory_limit`.
    """
    file = io.BytesIO()
    write_values(state, file)
    return file.getvalue()


def write_values(state: ExplorerState, file: IO[bytes]) -> None:
    """Write what `make_values_file` makes into an open file, without a second copy of it."""
    _shown(state)
    result = state.result
    assert result is not None
    np.savez(
        file,
        values=to_numpy(result.values),
        times=result.times,
        frequencies=result.frequencies,
        sample_rate=np.float64(np.nan if result.sample_rate is None else result.sample_rate),
        settings=np.array(result.settings.to_json()),
    )


def count_value_bytes(state: ExplorerState) -> int:
    """Count the bytes of the values that would be written."""
    shown = _shown(state)
    return math.prod(shown.shape) * np.dtype(shown.settings.result_dtype).itemsize


def make_settings_file(state: ExplorerState) -> bytes:
    """Make a JSON file of the settings that what is shown was computed with.

    Parameters
    ----------
    state : ExplorerState
        What the page shows.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        If nothing has been computed.
    """
    return _shown(state).settings.to_json().encode()


def take_settings(state: ExplorerState, settings: STFTSettings) -> None:
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
    save_file(path, make_figure_file(state, kind))


def save_file(path: str | os.PathLike[str], content: bytes) -> None:
    """Save a file, which takes its name only once it is whole."""
    with whole_file(path) as file:
        file.write(content)


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
    make : callable
        Makes it from the state and the panels of the page.
    saver : str
        The explorer's method that writes it.
    count : callable, optional
        Counts its bytes, about, before it is made.
    """

    label: str
    tooltip: str
    suffix: str
    media_type: str
    make: Callable[[ExplorerState, Mapping[str, Panel]], bytes]
    saver: str
    count: Callable[[ExplorerState], int] = lambda _state: 0


FILES: dict[str, TakenFile] = {
    "png": TakenFile(
        "Picture, PNG",
        "The picture as it is seen, with axes in units, at 300 dots per inch.",
        ".png",
        "image/png",
        lambda state, _panels: make_figure_file(state, "png"),
        "save_figure",
    ),
    "svg": TakenFile(
        "Picture, SVG",
        "The picture as it is seen; axes and text stay sharp at any size.",
        ".svg",
        "image/svg+xml",
        lambda state, _panels: make_figure_file(state, "svg"),
        "save_figure",
    ),
    "values": TakenFile(
        "Values, NPZ",
        "Values, times, frequencies, sample rate and settings, for numpy.load.",
        ".npz",
        "application/octet-stream",
        lambda state, _panels: make_values_file(state),
        "save_values",
        count_value_bytes,
    ),
    "settings": TakenFile(
        "Settings, JSON",
        "Every setting, to be loaded here, or by specwidget.export.load_settings.",
        ".json",
        "application/json",
        lambda state, _panels: make_settings_file(state),
        "save_settings",
    ),
    "page": TakenFile(
        "Page, HTML",
        "This view as one file that opens without a kernel or a network, with cursor, zoom, colours and the sound.",
        ".html",
        "text/html",
        make_document,
        "save_html",
    ),
}
"""What the page offers, in the order of its buttons."""


def file_name(state: ExplorerState, kind: str) -> str:
    """Return the name of a file: the sound's, its channel where there are several, and the lengths.

    Examples
    --------
    >>> from specwidget.sounds import as_signal
    >>> file_name(ExplorerState(as_signal(np.zeros(1000), 8000), frame_length=400), "png")
    'array-log-400-200.png'
    """
    settings = _shown(state).settings
    name = re.sub(r"[^\w.-]+", "-", Path(state.shown_sound.name).stem).strip("-.") or "sound"
    return f"{name}-{settings.mode}-{settings.frame_length}-{settings.step}{FILES[kind].suffix}"


def _shown(state: ExplorerState) -> Shown:
    """Return what is shown."""
    state.flush()
    if state.current is None:
        raise ValueError("`result` must have been computed; got no settings that fit the sound yet.")
    return state.current


def _title(shown: Shown, display: dict[str, Any]) -> str:
    """Return the title of a figure: the sound, and the channel where there are several."""
    title = shown.sound.name
    return title if shown.n_channels == 1 else f"{title}, channel {display['channel'] + 1} of {shown.n_channels}"
