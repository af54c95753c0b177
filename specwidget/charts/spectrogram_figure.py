"""Spectrograms as matplotlib figures: for files, paper and places without widgets."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from specwidget.charts.matplotlib_renderer import ImageStyle, draw_axes, draw_colour_bar
from specwidget.charts.scene import Axes, Image, Range, Scale
from specwidget.mel.scales import hertz_to_mel
from specwidget.mel.stages import BandSettings
from specwidget.raster.picture import N_CODES, Picture, make_picture
from specwidget.raster.region import Visible
from specwidget.raster.scales import IN_HERTZ, FrequencyAxis, TimeAxis, log_bottom
from specwidget.spectrogram import Spectrogram
from specwidget.summary.quantities import axis_unit

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes as MplAxes
    from matplotlib.figure import Figure

TIME_LABELS = {"seconds": "Time (s)", "frames": "Frame", "samples": "Time (samples)"}

MILLISECONDS_TO = 0.75
"""End of a time axis, seconds, up to which its labels are in milliseconds; `charts/timeline.js` has the same."""

MINUTES_FROM = 120.0
"""End of a time axis, seconds, from which its labels are minutes and seconds."""

CLOCK_STEPS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400)
"""Distances of ticks in minutes and seconds."""

TIME_TICKS = 8
"""Most ticks of such an axis."""

OCTAVES = {f"C{octave}": 440.0 * 2 ** (octave - 4 - 9 / 12) for octave in range(11)}
"""Frequencies, Hz, of the ticks on an axis of notes; A4 = 440 Hz."""

MEL_TICKS = (0, 250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000)
"""Frequencies, Hz, of the ticks on a mel axis."""

BAND_TICKS = (1000, 100, 500, 5000, 2000, 200, 3000, 8000, 12_000, 20_000)
"""Frequencies, Hz, of the ticks on an axis of mel bands; where two are too near, the former stays."""

LEAST_GAP = 0.06
"""Least distance of two such ticks as a share of the axis, the height of a label in a figure of usual size."""

MOST_NUMBERS = 12
"""Most ticks on an axis of coefficients, about."""

LOG_TICKS = (1.0, 2.0, 5.0)
"""Multiples of powers of ten at which a logarithmic axis has ticks."""


NARROW_GAP = 30.0
"""Dots of the width of a gap below which the word in it stands upright."""

CAPTION_SIZE = 7.0
"""Size of the letters of a caption, points."""

LETTER_WIDTH = 0.55
"""Mean width of a letter, relative to its size."""

MAX_TITLE_LENGTH = 100
"""Most characters of a title that are shown."""


def make_figure(
    spectrogram: Spectrogram,
    *,
    title: str = "",
    caption: str = "",
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
    caption : str
        Text under the figure.
    size : tuple of float
        Width and height, inches.
    dpi : float
        Dots per inch.
    **choices
        As for `draw_spectrogram`.

    Returns
    -------
    matplotlib.figure.Figure
        A figure that pyplot does not manage.
    """
    figure, ax = _empty_figure(title, caption, size, dpi)
    draw_spectrogram(spectrogram, ax, **choices)
    return figure


def make_picture_figure(
    make: Callable[[int, int], Picture],
    *,
    title: str = "",
    caption: str = "",
    size: tuple[float, float] = (9.0, 4.0),
    dpi: float = 100,
    **choices: Any,
) -> Figure:
    """Make a figure of a picture.

    Parameters
    ----------
    make : callable
        Takes the numbers of columns and rows that the figure resolves, and returns the picture.
    title, caption, size, dpi
        As for `make_figure`.
    **choices
        As for `draw_picture`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, ax = _empty_figure(title, caption, size, dpi)
    draw_picture(make(*resolution(ax)), ax, **choices)
    return figure


def resolution(ax: MplAxes) -> tuple[int, int]:
    """Return the numbers of columns and rows of a picture for matplotlib axes: two for each dot."""
    width, height = ax.get_window_extent().size
    return max(64, int(2 * width)), max(64, int(2 * height))


def _empty_figure(title: str, caption: str, size: tuple[float, float], dpi: float) -> tuple[Figure, MplAxes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, dpi=dpi, layout="constrained")
    if title:
        # Not parsed: two dollar signs in the name of a file would be mathematics.
        figure.suptitle(shorten(title), fontsize="medium", parse_math=False)
    if caption:
        # Matplotlib's own wrapping leaves no room for the lines.
        lines = textwrap.fill(caption, int(size[0] * 72 / (LETTER_WIDTH * CAPTION_SIZE)))
        figure.supxlabel(lines, x=0.01, ha="left", fontsize=CAPTION_SIZE, parse_math=False)
    return figure, figure.add_subplot()


def shorten(title: str) -> str:
    """Return a title with its middle left out if it is long; the end of a file's name tells it from others.

    Examples
    --------
    >>> shorten("a" * 100 + "-take-2.wav")[60:]
    'aaaaaaaaaa…aaaaaaaaa-take-2.wav'
    """
    return title if len(title) <= MAX_TITLE_LENGTH else f"{title[:70]}…{title[-20:]}"


def to_png(figure: Figure) -> bytes:
    """Render a figure as PNG."""
    return to_file(figure, "png")


def to_file(figure: Figure, kind: str) -> bytes:
    """Render a figure to the bytes of a file.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    kind : str
        A format of matplotlib, such as "png", "svg" or "pdf". In vector formats the spectrogram itself is rasterized
        with the figure's dots per inch.

    Returns
    -------
    bytes
    """
    file = io.BytesIO()
    figure.savefig(file, format=kind, dpi=figure.dpi)
    return file.getvalue()


def draw_spectrogram(
    spectrogram: Spectrogram,
    ax: MplAxes,
    *,
    batch_item: int = 0,
    channel: int = 0,
    decibels: bool = True,
    frequency_axis: FrequencyAxis = "linear",
    time_axis: TimeAxis = "seconds",
    colour_map: str | None = None,
    value_range: tuple[float, float] | None = None,
    visible: Visible | None = None,
    unit: str = "",
) -> list[Artist]:
    """Draw one channel over time and frequency, with a colour bar.

    Parameters
    ----------
    spectrogram : Spectrogram
        The layer's output.
    ax : matplotlib.axes.Axes
        The axes to draw on. Mode "stft" divides them into one part for the real and one for the imaginary part.
    batch_item, channel : int
        Signal to draw.
    decibels : bool
        Whether to show decibels, where the mode has them, or the values of the output.
    frequency_axis : {"linear", "log", "mel", "notes"}
        Frequency axis; "mel" and "notes" need a sample rate.
    time_axis : {"seconds", "frames", "samples"}
        Unit of time; without a sample rate, samples stand for seconds.
    colour_map : str, optional
        Name of a matplotlib colour map; None is the default for the kind of values.
    value_range : tuple of float, optional
        Values of the lowest and highest colour, in the unit of the colour bar; None is automatic.
    visible : tuple of float, optional
        First and last sample, lowest and highest frequency as fractions of half the sample rate; None is the whole.
    unit : str
        Unit of the signal, such as "V"; with a sample rate, decibels of a density are per Hz.

    Returns
    -------
    list of matplotlib.artist.Artist
        The image of each panel.

    Raises
    ------
    ValueError
        If `frequency_axis` is "mel" or "notes" and there is no sample rate.

    Notes
    -----
    Values finer than the figure are reduced as on the page: by maximum, signed values by largest magnitude, angles by
    the value of the central frame and bin.
    """
    if frequency_axis in IN_HERTZ and spectrogram.sample_rate is None:
        raise ValueError(f"`frequency_axis` must be 'linear' or 'log' without a sample rate; got {frequency_axis!r}.")
    n_columns, n_rows = resolution(ax)
    picture = make_picture(
        spectrogram,
        batch_item=batch_item,
        channel=channel,
        decibels=decibels,
        axis=frequency_axis,
        n_columns=n_columns,
        n_rows=n_rows,
        visible=visible,
        unit=unit,
    )
    return draw_picture(
        picture,
        ax,
        frequency_axis=frequency_axis,
        time_axis=time_axis,
        colour_map=colour_map,
        value_range=value_range,
    )


def draw_picture(
    picture: Picture,
    ax: MplAxes,
    *,
    frequency_axis: FrequencyAxis = "linear",
    time_axis: TimeAxis = "seconds",
    colour_map: str | None = None,
    value_range: tuple[float, float] | None = None,
) -> list[Artist]:
    """Draw a picture, or its visible part, with a colour bar.

    Parameters
    ----------
    picture : Picture
        A picture of `make_picture`.
    ax : matplotlib.axes.Axes
        The axes to draw on.
    frequency_axis, time_axis, colour_map, value_range
        As for `draw_spectrogram`.

    Returns
    -------
    list of matplotlib.artist.Artist
        The image of each panel.
    """
    panels = picture_axes(picture, frequency_axis, time_axis, value_range)
    style = ImageStyle(colour_map, has_bar=False)
    images: list[Artist] = []
    for axes, panel_ax in zip(panels, _divide(ax, len(panels)), strict=True):
        images += draw_axes(axes, panel_ax, style)
        _format_frequencies(panel_ax, picture, frequency_axis)
        _format_times(panel_ax, picture, time_axis)
        _name_blanks(panel_ax, picture, time_axis)
        if axes is not panels[-1]:
            panel_ax.tick_params(labelbottom=False)
    draw_colour_bar(images[0], ax, _capitalized(picture.quantity.label), picture.quantity.full_unit)
    return images


def picture_axes(
    picture: Picture, frequency_axis: FrequencyAxis, time_axis: TimeAxis, value_range: Range | None = None
) -> list[Axes]:
    """Return the axes of each panel of a picture, as those of a scene."""
    n_rows, settings = len(picture.row_starts) - 1, picture.settings
    if isinstance(settings, BandSettings):
        frequency_axis = "linear"
    values, columns, rows = decode(picture), column_edges(picture, time_axis), row_edges(picture)
    x_range, y_range = _limits(picture, frequency_axis, time_axis)
    has_rate = picture.sample_rate is not None
    y_label = f"Frequency ({_frequency_unit(picture)[1]})" if has_rate else "Frequency (cycles per sample)"
    x_label = _time_label(picture, time_axis, x_range[1])
    low, high = y_range
    notes = tuple((hertz, name) for name, hertz in OCTAVES.items() if low <= hertz <= high)
    y_ticks = notes if frequency_axis == "notes" else None
    if isinstance(settings, BandSettings):
        y_label, y_ticks = band_axis(settings, y_range)
    scale: Scale = "log" if frequency_axis == "notes" else frequency_axis
    return [
        Axes(
            title,
            x_label if number == len(picture.panels) - 1 else "",
            "Note (A4 = 440 Hz)" if frequency_axis == "notes" else y_label,
            x_range,
            y_range,
            [
                Image(
                    values[number * n_rows : (number + 1) * n_rows],
                    (columns[0], columns[-1]),
                    (rows[0], rows[-1]),
                    picture.quantity.label,
                    picture.quantity.unit,
                    picture.quantity.kind,
                    picture.automatic if value_range is None else value_range,
                    x_edges=columns,
                    y_edges=rows,
                )
            ],
            y_scale=scale,
            y_ticks=y_ticks,
        )
        for number, title in enumerate(picture.panels)
    ]


def band_axis(settings: BandSettings, y_range: Range) -> tuple[str, tuple[tuple[float, str], ...]]:
    """Return the label of an axis of bands or coefficients, and its ticks: at round frequencies, or numbers."""
    low, high = y_range
    if settings.cepstrum is not None:
        numbers = settings.coefficient_numbers
        every = max(1, round((high - low) / MOST_NUMBERS))
        rows = [(row + 0.5, str(number)) for row, number in enumerate(numbers) if number % every == 0]
        return "Cepstral coefficient", tuple(tick for tick in rows if low <= tick[0] <= high)
    mel, scale = settings.mel, settings.mel.conventions.mel_scale
    first, last = hertz_to_mel([mel.min_freq, mel.highest_frequency], scale)
    # Band m lies between m and m + 1, and its centre in the middle.
    places = (hertz_to_mel(BAND_TICKS, scale) - first) / (last - first) * (mel.n_bands + 1) - 0.5
    ticks: list[tuple[float, str]] = []
    for place, hertz in zip(map(float, places), BAND_TICKS, strict=True):
        is_free = all(abs(place - other) >= LEAST_GAP * (high - low) for other, _ in ticks)
        if low <= place <= high and is_free:
            ticks.append((place, f"{hertz / 1000:g}"))
    return "Mel bands (kHz)", tuple(sorted(ticks))


def decode(picture: Picture) -> NDArray[np.float64]:
    """Convert the codes of a picture to values, (panels * rows, columns); NaN where they are not finite."""
    step = (picture.high - picture.low) / (N_CODES - 1)
    return np.where(picture.codes == 0, np.nan, picture.low + (picture.codes - 1.0) * step)


def _name_blanks(ax: MplAxes, picture: Picture, time_axis: TimeAxis) -> None:
    """Write "NaN" over the frames without any finite value, which are grey."""
    for span in picture.blank_spans():
        first, last = np.clip(_frame_edges(picture, np.array(span), time_axis), *ax.get_xlim())
        # The height of a letter is about its width: narrower gaps have the word upright.
        narrow = (last - first) / np.ptp(ax.get_xlim()) * ax.get_window_extent().width < NARROW_GAP
        style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": "small", "clip_on": True}
        ax.text((first + last) / 2, 0.5, "NaN", transform=ax.get_xaxis_transform(), rotation=90 * narrow, **style)


def column_edges(picture: Picture, time_axis: TimeAxis = "seconds") -> NDArray[np.float64]:
    """Return the edges of the columns, (columns + 1,), halfway between the centres of frames, in the unit of the axis.

    Without a sample rate, samples take the place of seconds.
    """
    return _frame_edges(picture, picture.column_starts, time_axis)


def _frame_edges(picture: Picture, frames: NDArray[Any], time_axis: TimeAxis) -> NDArray[np.float64]:
    """Return where frames begin on the time axis, half a step before their centres."""
    header, edges = picture.header(), frames - 0.5
    if time_axis != "frames":
        scale = (picture.sample_rate or 1.0) if time_axis == "samples" else 1.0
        edges = (header["first_centre"] + edges * header["step"]) * scale
    return np.asarray(edges, dtype=np.float64)


def row_edges(picture: Picture) -> NDArray[np.float64]:
    """Return the edges of the rows, (rows + 1,): halfway between bins, in Hz or cycles per sample; numbers of bands."""
    header = picture.header()
    if isinstance(picture.settings, BandSettings):
        return np.asarray(picture.row_starts, dtype=np.float64)
    edges = (picture.row_starts - 0.5) * header["spacing"]
    return np.asarray(np.clip(edges, 0.0, header["top"]), dtype=np.float64)


def _divide(ax: MplAxes, n_panels: int) -> list[MplAxes]:
    """Divide axes into one for each panel, from top to bottom."""
    if n_panels == 1:
        return [ax]
    ax.set_axis_off()
    height = 0.94 / n_panels
    return [ax.inset_axes((0.0, 1 - (i + 1) * height - i * 0.06, 1.0, height)) for i in range(n_panels)]


def _limits(picture: Picture, frequency_axis: FrequencyAxis, time_axis: TimeAxis) -> tuple[Range, Range]:
    """Return the limits of the time axis and of the frequency axis: those of the visible part, or of the whole."""
    header = picture.header()
    top = header["top"]
    if isinstance(picture.settings, BandSettings):
        frequency_axis = "linear"
    bottom = log_bottom(top, header["spacing"]) if frequency_axis in ("log", "notes") else 0.0
    if picture.grid.visible is None:
        edges = column_edges(picture, time_axis)
        return (edges[0], edges[-1]), (bottom, top)
    first, last, low, high = picture.grid.visible
    rate = picture.sample_rate or 1.0
    if time_axis == "seconds":
        first, last = first / rate, last / rate
    elif time_axis == "frames":
        first, last = ((sample / rate - header["first_centre"]) / header["step"] for sample in (first, last))
    return (first, last), (max(low * top, bottom), max(high * top, bottom * 2))


def _capitalized(label: str) -> str:
    """Return a label that begins an axis; "ln" is a symbol."""
    return label if label.startswith("ln ") else label[:1].upper() + label[1:]


def _time_label(picture: Picture, time_axis: TimeAxis, end: float) -> str:
    """Return the label of the time axis, in the unit of its ticks."""
    if time_axis != "seconds" or picture.sample_rate is None:
        return TIME_LABELS["samples" if time_axis == "seconds" else time_axis]
    if end <= MILLISECONDS_TO:
        return "Time (ms)"
    return TIME_LABELS[time_axis] if end < MINUTES_FROM else "Time (min:s)" if end < 3600 else "Time (h:min:s)"


def _format_times(ax: MplAxes, picture: Picture, time_axis: TimeAxis) -> None:
    """Set the ticks of a time axis in seconds and the format of their labels, as on the page."""
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    first, last = ax.get_xlim()
    if time_axis != "seconds" or picture.sample_rate is None:
        return
    if last <= MILLISECONDS_TO:
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value * 1000:.6g}"))
    elif last >= MINUTES_FROM:
        step = next((each for each in CLOCK_STEPS if (last - first) / each <= TIME_TICKS), CLOCK_STEPS[-1])
        ax.xaxis.set_major_locator(MultipleLocator(step))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: clock_text(value, step < 1)))


def clock_text(seconds: float, has_tenths: bool = False) -> str:
    """Return a time as minutes and seconds, and hours where there are any.

    Examples
    --------
    >>> clock_text(125.0), clock_text(3725.0), clock_text(125.5, has_tenths=True)
    ('2:05', '1:02:05', '2:05.5')
    """
    minutes, rest = divmod(round(seconds, 1), 60)
    text = f"{rest:04.1f}" if has_tenths else f"{rest:02.0f}"
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{text}" if hours else f"{minutes}:{text}"


def _frequency_unit(picture: Picture) -> tuple[float, str]:
    """Return size and name of the unit of the frequency axis of a sound with a sample rate."""
    top = picture.header()["top"] * (1.0 if picture.grid.visible is None else picture.grid.visible[3])
    return axis_unit(top)


def _format_frequencies(ax: MplAxes, picture: Picture, frequency_axis: FrequencyAxis) -> None:
    """Set the ticks of a frequency axis and the format of their labels."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

    ax.yaxis.set_minor_locator(NullLocator())
    if frequency_axis == "notes" or isinstance(picture.settings, BandSettings):
        return
    hertz, _ = _frequency_unit(picture)
    if frequency_axis == "log":
        ax.yaxis.set_major_locator(LogLocator(subs=LOG_TICKS))
    elif frequency_axis == "mel":
        ax.yaxis.set_major_locator(FixedLocator([tick for tick in MEL_TICKS if tick <= picture.header()["top"]]))
    if picture.sample_rate is not None:
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value / hertz:.6g}"))
    elif frequency_axis == "log":
        ax.yaxis.set_major_formatter("{x:g}")
