"""Figures for paper, files and places where no widget runs: an axes in, artists out."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from specwidget.raster.colours import COLOUR_MAPS
from specwidget.raster.picture import N_CODES, Picture, make_picture
from specwidget.raster.region import Visible
from specwidget.raster.scales import IN_HERTZ, FrequencyAxis, TimeAxis, log_bottom
from specwidget.spectrogram import Spectrogram

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NOT_FINITE = "0.5"
"""The grey of what is NaN or infinite."""

MEL_BREAK = 700.0
"""Frequency, Hz, below which a mel axis is nearly linear."""


TIME_TITLES = {"seconds": "time (s)", "frames": "frame", "samples": "time (samples)"}

CS = {f"C{octave}": 440.0 * 2 ** (octave - 4 - 9 / 12) for octave in range(11)}
"""Frequencies, Hz, of the notes that are marked on an axis of notes; A4 = 440 Hz."""

MEL_TICKS = (0, 250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000)
"""Frequencies, Hz, that are marked on a mel axis."""


def make_figure(
    spectrogram: Spectrogram,
    *,
    title: str = "",
    size: tuple[float, float] = (9.0, 4.0),
    dpi: float = 100,
    **choices: Any,
) -> Figure:
    """Make a figure of one channel.

    Parameters
    ----------
    spectrogram : Spectrogram
        The layer's output.
    title : str
        Title of the figure.
    size : tuple of float
        Width and height, inches.
    dpi : float
        Dots per inch, as many as which the picture has details for.
    **choices
        As for `draw_spectrogram`.

    Returns
    -------
    matplotlib.figure.Figure
        With `savefig`; pyplot does not know it.
    """
    figure, axes = _empty_figure(title, size, dpi)
    draw_spectrogram(spectrogram, axes, **choices)
    return figure


def make_picture_figure(
    make: Callable[[int, int], Picture],
    *,
    title: str = "",
    size: tuple[float, float] = (9.0, 4.0),
    dpi: float = 100,
    **choices: Any,
) -> Figure:
    """Make a figure of a picture.

    Parameters
    ----------
    make : callable
        Takes how many columns and rows are of use, and returns the picture.
    title, size, dpi
        As for `make_figure`.
    **choices
        As for `draw_picture`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = _empty_figure(title, size, dpi)
    draw_picture(make(*useful_cells(axes)), axes, **choices)
    return figure


def useful_cells(axes: Axes) -> tuple[int, int]:
    """Return how many columns and rows of a picture are of use in an axes: two for each dot."""
    width, height = axes.get_window_extent().size
    return max(64, int(2 * width)), max(64, int(2 * height))


def _empty_figure(title: str, size: tuple[float, float], dpi: float) -> tuple[Figure, Axes]:
    """Return a figure and its axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, dpi=dpi, layout="constrained")
    if title:
        figure.suptitle(title, fontsize="medium")
    return figure, figure.add_subplot()


def to_png(figure: Figure) -> bytes:
    """Return a figure as the bytes of a PNG file."""
    return to_file(figure, "png")


def to_file(figure: Figure, kind: str) -> bytes:
    """Return a figure as the bytes of a file.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    kind : str
        What matplotlib writes, such as "png", "svg" or "pdf". In the last two axes and text are lines, and the picture
        is of the figure's dots per inch.

    Returns
    -------
    bytes
    """
    file = io.BytesIO()
    figure.savefig(file, format=kind, dpi=figure.dpi)
    return file.getvalue()


def draw_spectrogram(
    spectrogram: Spectrogram,
    axes: Axes,
    *,
    batch_item: int = 0,
    channel: int = 0,
    decibels: bool = True,
    frequency_axis: FrequencyAxis = "linear",
    time_axis: TimeAxis = "seconds",
    colour_map: str | None = None,
    value_range: tuple[float, float] | None = None,
    visible: Visible | None = None,
) -> list[Artist]:
    """Draw one channel over time and frequency, with a colour bar.

    Parameters
    ----------
    spectrogram : Spectrogram
        The layer's output.
    axes : matplotlib.axes.Axes
        Where to draw. In mode "stft" it is divided into one part for `re` and one for `im`.
    batch_item, channel : int
        Which signal to draw.
    decibels : bool
        Whether to show decibels, where the mode has them, or the layer's own values.
    frequency_axis : {"linear", "log", "mel", "notes"}
        Kind of axis; mel and notes need a sample rate.
    time_axis : {"seconds", "frames", "samples"}
        Unit of time; without a sample rate, samples stand for seconds.
    colour_map : str, optional
        Name of a matplotlib colour map; None is the one that suits the values.
    value_range : tuple of float, optional
        Values of the lowest and highest colour, in the unit of the colour bar; None is automatic.
    visible : tuple of float, optional
        First and last sample, lowest and highest frequency as fractions of half the sample rate; None is the whole.

    Returns
    -------
    list of matplotlib.artist.Artist
        What was drawn, a mesh for each panel.

    Raises
    ------
    ValueError
        If an axis of mel or notes is asked for without a sample rate.

    Notes
    -----
    What is finer than the figure is reduced as on the page: by maximum, for signed values by the one farthest from
    zero, for angles by the one in the middle.
    """
    if frequency_axis in IN_HERTZ and spectrogram.sample_rate is None:
        raise ValueError(f"`frequency_axis` must be 'linear' or 'log' without a sample rate; got {frequency_axis!r}.")
    n_columns, n_rows = useful_cells(axes)
    picture = make_picture(
        spectrogram,
        batch_item=batch_item,
        channel=channel,
        decibels=decibels,
        axis=frequency_axis,
        n_columns=n_columns,
        n_rows=n_rows,
        visible=visible,
    )
    return draw_picture(
        picture,
        axes,
        frequency_axis=frequency_axis,
        time_axis=time_axis,
        colour_map=colour_map,
        value_range=value_range,
    )


def draw_picture(
    picture: Picture,
    axes: Axes,
    *,
    frequency_axis: FrequencyAxis = "linear",
    time_axis: TimeAxis = "seconds",
    colour_map: str | None = None,
    value_range: tuple[float, float] | None = None,
) -> list[Artist]:
    """Draw a picture that is made already, or the visible part of one, with a colour bar.

    Parameters
    ----------
    picture : Picture
        As `make_picture` returns it.
    axes : matplotlib.axes.Axes
        Where to draw.
    frequency_axis, time_axis, colour_map, value_range
        As for `draw_spectrogram`.

    Returns
    -------
    list of matplotlib.artist.Artist
        What was drawn, a mesh for each panel.
    """
    panels = _divide(axes, picture)
    low, high = picture.automatic if value_range is None else value_range
    n_rows = len(picture.row_starts) - 1
    values = decode(picture)
    meshes: list[Artist] = []
    for number, part in enumerate(panels):
        part.set_facecolor(NOT_FINITE)
        mesh = part.pcolormesh(
            column_edges(picture, time_axis),
            row_edges(picture),
            values[number * n_rows : (number + 1) * n_rows],
            cmap=colour_map or COLOUR_MAPS[picture.quantity.kind][0],
            vmin=low,
            vmax=high,
            shading="flat",
            rasterized=True,
        )
        _name_axes(
            part, picture, frequency_axis, time_axis, title=picture.panels[number], last=number == len(panels) - 1
        )
        if picture.grid.visible is not None:
            _zoom(part, picture, picture.grid.visible, time_axis)
        meshes.append(mesh)
    unit = f" ({picture.quantity.unit})" if picture.quantity.unit else ""
    figure = axes.figure
    figure.colorbar(meshes[0], ax=axes, label=f"{picture.quantity.label}{unit}", pad=0.02)  # type: ignore[arg-type]
    return meshes


def decode(picture: Picture) -> NDArray[np.float64]:
    """Return the values of a picture's codes, (panels * rows, columns); NaN where they are not finite."""
    step = (picture.high - picture.low) / (N_CODES - 1)
    return np.where(picture.codes == 0, np.nan, picture.low + (picture.codes - 1.0) * step)


def column_edges(picture: Picture, time_axis: TimeAxis = "seconds") -> NDArray[np.float64]:
    """Return the times between columns, (columns + 1,): halfway between the centres of frames.

    In the unit of the axis; without a sample rate, samples stand for seconds.
    """
    header = picture.header()
    edges = picture.column_starts - 0.5
    if time_axis != "frames":
        scale = (picture.sample_rate or 1.0) if time_axis == "samples" else 1.0
        edges = (header["first_centre"] + edges * header["step"]) * scale
    return np.asarray(edges, dtype=np.float64)


def row_edges(picture: Picture) -> NDArray[np.float64]:
    """Return the frequencies between rows, (rows + 1,): halfway between bins; Hz or cycles per sample."""
    header = picture.header()
    edges = (picture.row_starts - 0.5) * header["spacing"]
    return np.asarray(np.clip(edges, 0.0, header["top"]), dtype=np.float64)


def _divide(axes: Axes, picture: Picture) -> list[Axes]:
    """Return an axes for each panel of the picture, from top to bottom."""
    n_panels = len(picture.panels)
    if n_panels == 1:
        return [axes]
    axes.set_axis_off()
    height = 0.94 / n_panels
    return [axes.inset_axes((0.0, 1 - (i + 1) * height - i * 0.06, 1.0, height)) for i in range(n_panels)]


def _zoom(axes: Axes, picture: Picture, visible: Visible, time_axis: TimeAxis) -> None:
    """Show a part of the picture only."""
    first, last, low, high = visible
    rate, header = picture.sample_rate or 1.0, picture.header()
    if time_axis == "seconds":
        first, last = first / rate, last / rate
    elif time_axis == "frames":
        first, last = ((sample / rate - header["first_centre"]) / header["step"] for sample in (first, last))
    bottom = log_bottom(header["top"], header["spacing"]) if axes.get_yscale() == "log" else 0.0
    axes.set_xlim(first, last)
    axes.set_ylim(max(low * header["top"], bottom), max(high * header["top"], bottom * 2))


def _name_axes(
    axes: Axes, picture: Picture, frequency_axis: FrequencyAxis, time_axis: TimeAxis, *, title: str, last: bool
) -> None:
    """Put names, units and scales on the axes of a panel."""
    from matplotlib.ticker import EngFormatter, FixedLocator, LogLocator, NullLocator

    header = picture.header()
    has_rate = picture.sample_rate is not None
    axes.set_ylabel("frequency (Hz)" if has_rate else "frequency (cycles per sample)")
    if last:
        axes.set_xlabel(TIME_TITLES["samples" if time_axis == "seconds" and not has_rate else time_axis])
    else:
        axes.tick_params(labelbottom=False)
    if title:
        axes.set_title(title, fontsize="small", loc="left", pad=3)
    top = header["top"]
    if frequency_axis == "log":
        axes.set_yscale("log")
        axes.set_ylim(log_bottom(top, header["spacing"]), top)
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_minor_locator(NullLocator())
    elif frequency_axis == "mel":
        axes.set_yscale("function", functions=(lambda f: np.log1p(f / MEL_BREAK), lambda m: np.expm1(m) * MEL_BREAK))
        axes.set_ylim(0, top)
        axes.yaxis.set_major_locator(FixedLocator([tick for tick in MEL_TICKS if tick <= top]))
    elif frequency_axis == "notes":
        low = log_bottom(top, header["spacing"])
        axes.set_yscale("log")
        axes.set_ylim(low, top)
        axes.set_ylabel("note (A4 = 440 Hz)")
        marked = {name: frequency for name, frequency in CS.items() if low <= frequency <= top}
        axes.set_yticks(list(marked.values()), list(marked), minor=False)
        axes.yaxis.set_minor_locator(NullLocator())
        return
    else:
        axes.set_ylim(0, top)
    if has_rate:
        axes.yaxis.set_major_formatter(EngFormatter(sep=" "))
    elif frequency_axis == "log":
        axes.yaxis.set_major_formatter("{x:g}")
