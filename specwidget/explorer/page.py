"""The explorer's page: a widget of panels laid out as a workbench, which can be controlled from Python, too."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import ipywidgets

from specwidget.charts.figure_options import FigureOptions
from specwidget.explorer.downloads.downloads import (
    apply_settings,
    content_of,
    figure_writer,
    page_writer,
    save_figure,
    save_file,
    settings_writer,
    values_writer,
)
from specwidget.explorer.downloads.html_page import PageContent, snapshot_of
from specwidget.explorer.panel import Panel
from specwidget.explorer.panels.bank_panel import BankPanel
from specwidget.explorer.panels.code_panel import CodePanel, write_code
from specwidget.explorer.panels.compare_panel import ComparePanel
from specwidget.explorer.panels.controls_panel import ControlsPanel
from specwidget.explorer.panels.crosscheck_panel import CrosscheckPanel
from specwidget.explorer.panels.export_panel import ExportPanel
from specwidget.explorer.panels.history_panel import HistoryPanel
from specwidget.explorer.panels.kernels_panel import KernelsPanel
from specwidget.explorer.panels.notes_panel import NotesPanel
from specwidget.explorer.panels.presets_panel import PresetsPanel
from specwidget.explorer.panels.shapes_panel import ShapesPanel
from specwidget.explorer.panels.sound_panel import SoundPanel
from specwidget.explorer.panels.window_panel import WindowPanel
from specwidget.explorer.single_view import SingleView
from specwidget.explorer.spectrogram_view.spectrogram_view import SpectrogramView
from specwidget.explorer.state.explorer_state import DISPLAY, ExplorerState
from specwidget.explorer.tab_page import TabPage
from specwidget.explorer.workbench.workbench import Workbench
from specwidget.export import load_front_end, load_sample_rate
from specwidget.layer import STFTSpectrogram
from specwidget.mel.banks import BandNorm, Triangles
from specwidget.mel.cepstrum import CepstralConvention
from specwidget.mel.conventions import Floor, Logarithm, Margin, Normalization, Placement, Scope
from specwidget.mel.front_ends import FrontEnd, front_ends
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.mfcc import MFCC
from specwidget.mel.scales import MelScale
from specwidget.mel.settings import MelSettings
from specwidget.mel.stages import FRONT_END_DEFAULTS, BandSettings, Stage, values_of
from specwidget.raster.scales import FrequencyAxis, TimeAxis
from specwidget.sounds import as_sound, resample
from specwidget.spectrogram import Spectrogram
from specwidget.stft.formatting import short_repr
from specwidget.stft.other_names import hinting
from specwidget.stft.settings import Backend, Mode, Padding, Scaling, STFTSettings, check_choice, check_number
from specwidget.stft.windows import Window
from specwidget.summary.caption import settings_caption
from specwidget.summary.controls import SETTING_CONTROLS, STAGE_CONTROLS
from specwidget.summary.display import DISPLAY_DEFAULTS
from specwidget.summary.shape_readouts import shape_summary
from specwidget.widgets.debounce import Debouncer
from specwidget.widgets.static_fallback import StaticFallback, StaticFallbackMixin
from specwidget.widgets.view import SharedModules, View

SIDE_PANELS: dict[str, type[Panel]] = {
    "sound": SoundPanel,
    "presets": PresetsPanel,
    "controls": ControlsPanel,
}
"""The panels of the column beside the picture, from top to bottom."""

MAIN_PANELS: dict[str, type[Panel]] = {
    "picture": SpectrogramView,
    "history": HistoryPanel,
}
"""The picture, and the buttons at the end of its toolbar."""

TAB_PAGES: dict[str, type[TabPage]] = {
    "shapes": ShapesPanel,
    "notes": NotesPanel,
    "window": WindowPanel,
    "bank": BankPanel,
    "compare": ComparePanel,
    "kernels": KernelsPanel,
    "crosscheck": CrosscheckPanel,
    "code": CodePanel,
    "export": ExportPanel,
}
"""The pages behind the tabs, in their order."""

FALLBACK_REST_S = 3.0
"""Seconds without a change after which the image in the notebook follows, which takes almost a second to draw."""

PANELS: dict[str, type[Panel]] = {**SIDE_PANELS, **MAIN_PANELS, **TAB_PAGES}
"""All panels by name. A new panel is one more entry in a table above, and three files of one name."""


class Explorer(StaticFallbackMixin, ipywidgets.VBox):
    """A page that explores one sound.

    `explore` makes it. Everything on it can be set from Python: ``explorer.state.frame_length = 512``, or several
    values at once with ``explorer.set(frame_length=512, window="hamming")``.

    Parameters
    ----------
    state : ExplorerState
        State of the explorer.

    Attributes
    ----------
    state : ExplorerState
        Settings, display choices and the sound as traits, which the page follows.
    panels : dict of str to Panel
        The panels by name.
    workbench : Workbench
        The tabs, the height and what the panels have in common.
    """

    def __init__(
        self,
        state: ExplorerState,
        *,
        panels: Sequence[str] = tuple(PANELS),
        controls: Sequence[str] = tuple(FRONT_END_DEFAULTS),
        height: int | None = None,
        **kwargs: Any,
    ) -> None:
        self.state = state
        self._fallback_of: Any = None
        self._fallback_debouncer = Debouncer(self._follow_with_fallback, FALLBACK_REST_S, restart=True)
        state.compares_peers = "crosscheck" in panels
        state.flush()
        classes: dict[str, type[Panel]] = {name: panel for name, panel in PANELS.items() if name in panels}
        files = [f"{panel.files}.js" for panel in classes.values()]
        self._modules = SharedModules(*files, f"{Workbench.files}.js", f"{SingleView.files}.js")
        options: dict[str, dict[str, Any]] = {"controls": {"names": controls}}
        self.panels = {
            name: panel(state, modules=self._modules, **options.get(name, {})) for name, panel in classes.items()
        }
        pages = {name: panel for name, panel in self.panels.items() if isinstance(panel, TabPage)}
        self.workbench = Workbench(
            state, pages=pages, height=height or 0, has_history="history" in panels, modules=self._modules
        )
        for panel in pages.values():
            if isinstance(panel, ExportPanel):
                panel.companions = {**self.panels, "workbench": self.workbench}
        super().__init__([self._lay_out(pages)], **kwargs)
        self.add_class("specwidget")
        state.observe(self._on_revision, names="revision")

    def _lay_out(self, pages: Mapping[str, TabPage]) -> ipywidgets.Box:
        """Return the panels as the boxes of the workbench's grid."""
        side = [panel for name, panel in self.panels.items() if name in SIDE_PANELS]
        main = [panel for name, panel in self.panels.items() if name in MAIN_PANELS]
        boxes = {"side": side, "pages": list(pages.values())}
        columns = {name: ipywidgets.VBox(children) for name, children in boxes.items() if children}
        for name, column in columns.items():
            column.add_class(f"specwidget-{name}")
        # In the order in which they are seen and read, whatever the layout.
        order = [columns.get("side"), *main, self.workbench, columns.get("pages")]
        grid = ipywidgets.Box([box for box in order if box is not None])
        grid.add_class("specwidget-workbench")
        for name in (*columns, *(name for name in MAIN_PANELS if name in self.panels)):
            grid.add_class(f"specwidget-has-{name}")
        return grid

    @property
    def layer(self) -> STFTSpectrogram | MelSpectrogram | MFCC | None:
        """The layer with the last valid settings."""
        layer = self.state.layer
        return layer if layer is None or isinstance(layer, STFTSpectrogram) else layer.layer

    @property
    def result(self) -> Spectrogram | None:
        """The whole spectrogram of the last valid settings, computed on request.

        Raises
        ------
        ValueError
            If it would take more than `state.memory_limit` bytes; the page itself computes only what it displays.
        """
        return self.state.result

    def set(self, **values: Any) -> None:
        """Set several settings or display choices at once, and compute once.

        Parameters
        ----------
        **values
            Settings and display choices, named as the arguments of `explore`, or `sound`.
        """
        self.state.update(**values)

    @contextmanager
    def hold(self) -> Iterator[ExplorerState]:
        """Set any number of traits of the state, and compute once, at the end.

        Examples
        --------
        >>> explorer = explore()
        >>> with explorer.hold() as state:
        ...     state.frame_length = 1024
        ...     state.frame_step = 256
        >>> explorer.result.settings.step
        256
        >>> explorer.close()
        """
        with self.state.hold():
            yield self.state

    def save_figure(
        self,
        path: str | os.PathLike[str],
        *,
        size: tuple[float, float] = FigureOptions.size,
        dpi: float = FigureOptions.dpi,
        time_limits: tuple[float, float] | None = None,
        frequency_limits: tuple[float, float] | None = None,
        value_range: tuple[float, float] | None = None,
        caption: bool = True,
    ) -> None:
        """Save a figure of the spectrogram with the displayed channel, colours and axes.

        Parameters
        ----------
        path : path-like
            Name of the file; its suffix (.png, .svg, .pdf) selects the format.
        size : tuple of float
            Width and height, inches.
        dpi : float
            Dots per inch; in vector formats those of the spectrogram itself.
        time_limits : tuple of float, optional
            First and last time, in seconds; in samples without a sample rate. None is the visible part.
        frequency_limits : tuple of float, optional
            Lowest and highest frequency, Hz; in cycles per sample without a sample rate. None is the visible part.
        value_range : tuple of float, optional
            Values at the ends of the colours, in the unit of the colour bar; None is as displayed.
        caption : bool
            Whether the settings stand under the figure.

        Raises
        ------
        ValueError
            If nothing has been computed, matplotlib has no such format, or an option is out of its range.

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> explorer = explore()
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "column.pdf")
        ...     explorer.save_figure(path, size=(3.5, 2.5), dpi=600, time_limits=(0.2, 0.6), frequency_limits=(0, 5000))
        ...     path.read_bytes()[:4]
        b'%PDF'
        >>> explorer.close()
        """
        options = FigureOptions(size, dpi, time_limits, frequency_limits, value_range, caption)
        save_figure(self.state, path, options)

    def save_html(self, path: str | os.PathLike[str], *, sound: bool | None = None, values: bool | None = None) -> None:
        """Save the page as one HTML file that opens without a kernel or a network.

        Parameters
        ----------
        path : path-like
            Name of the file.
        sound, values : bool, optional
            Whether it holds the sound, and the exact values of every frame; by default, each if the file stays below
            5 MB. The page says at its end what it holds, how precisely, and what was left out.

        Raises
        ------
        ValueError
            If nothing has been computed.
        """
        companions = {**self.panels, "workbench": self.workbench}
        save_file(path, page_writer(self.state, companions, PageContent(sound, values)))

    def save_values(self, path: str | os.PathLike[str]) -> None:
        """Save the result as a NumPy ``.npz`` file: values, times, frequencies, sample rate and settings.

        Parameters
        ----------
        path : path-like
            Name of the file. In Python, `result` holds the same.

        Raises
        ------
        ValueError
            If nothing has been computed.
        """
        save_file(path, values_writer(self.state))

    def save_settings(self, path: str | os.PathLike[str]) -> None:
        """Save the settings of `result` as a JSON file.

        Parameters
        ----------
        path : path-like
            Name of the file.

        Raises
        ------
        ValueError
            If nothing has been computed.
        """
        save_file(path, settings_writer(self.state))

    def load_settings(self, path: str | os.PathLike[str]) -> None:
        """Set the settings of a JSON file.

        Parameters
        ----------
        path : path-like
            Name of the file. Reading it never runs code.

        Raises
        ------
        ValueError
            If the file holds no settings or is damaged; nothing changes then.
        """
        apply_settings(self.state, load_front_end(path))

    def shapes(self) -> str:
        """Return the shapes of input and output and the numbers of frames and bins in one line."""
        self.state.flush()
        current = self.state.current
        return "nothing computed yet" if current is None else shape_summary(current.settings, current.inputs.shape)

    def to_code(self, target: str) -> str:
        """Return code that computes the current result with another library.

        Parameters
        ----------
        target : str
            A name in `specwidget.codegen.code_targets` of the settings, such as "librosa"; or "explore" for the call of
            `explore` that opens the explorer as it is.

        Returns
        -------
        str
            A complete program; see `specwidget.codegen.to_code`.

        Raises
        ------
        ValueError
            If there is no such target, or nothing has been computed.
        """
        self.state.flush()
        current = self.state.current
        if current is None:
            raise ValueError("No code to write: the settings don't fit the sound.")
        return write_code(current, self.state.display, target)

    def close(self) -> None:
        """Close the page and all its widgets: panels, boxes, layouts and styles."""
        self._fallback_debouncer.close()
        self.state.close()
        for widget in _descendants(self):
            if isinstance(widget, Panel):
                widget.close()
            else:
                ipywidgets.Widget.close(widget)
        self._modules.close()

    def fallback_view(self) -> View:
        """Return the view that hides the image: that of the workbench, which every explorer has."""
        return self.workbench

    def static_fallback(self) -> StaticFallback:
        """Return the current spectrogram as an image, with its settings as caption."""
        with self.state.hold():
            shapes, current, picture = self.shapes(), self.state.current, self.state.picture
            text = f"Explorer: {shapes}"
            if current is None or picture is None:
                return StaticFallback(text)
            options = FigureOptions((9.0, 4.0), 100.0, caption=False)
            write = figure_writer(self.state, "png", options, picture=picture)
        name = current.sound.name
        caption = f"{name}: {settings_caption(current.settings, current.sample_rate)}. {shapes}"
        return StaticFallback(text, lambda: content_of(write), f"Spectrogram of {name}: {shapes}", below=caption)

    def snapshot(self) -> StillPicture:
        """Return a still picture of the current spectrogram, with its settings as caption.

        Returns
        -------
        StillPicture
            The last line of a cell displays it. It stays as it is when the explorer changes.

        Raises
        ------
        ValueError
            If nothing has been computed.

        Examples
        --------
        >>> explorer = explore(frame_length=512)
        >>> print(explorer.snapshot())
        voice: Mode log, frame length 512 (11.61 ms), frame step 256 (5.805 ms), FFT length 512 (86.13 Hz), \
window 'hann'. (1, 62079, 1) -> 241 frames of 512 -> (1, 241, 257)
        >>> explorer.close()
        """
        snapshot_of(self.state)
        fallback = self.static_fallback()
        return StillPicture(fallback.below, fallback.mimebundle())

    def _display_(self) -> Any:
        """Return what marimo displays: it has no boxes of ipywidgets."""
        from marimo import ui

        main = [(name, panel) for name, panel in self.panels.items() if name in MAIN_PANELS]
        boxes = {
            "side": [(name, panel) for name, panel in self.panels.items() if name in SIDE_PANELS],
            "": [*main, ("bar", self.workbench)],
            "pages": [(name, panel) for name, panel in self.panels.items() if name in TAB_PAGES],
        }
        return ui.anywidget(SingleView(boxes, self._modules))

    def _displayed(self) -> Any:
        """Return what the picture shows, to be compared; the size of the canvas is no part of it."""
        return self.state.current, replace(self.state.display, canvas_size=DISPLAY.canvas_size)

    def _on_revision(self, _change: Any) -> None:
        if self._fallback_of is not None:
            self._fallback_debouncer.request()

    def _follow_with_fallback(self) -> None:
        """Draw the image of a saved notebook again, if something else is displayed by now."""
        with self.state.hold():
            before, self._fallback_of = self._fallback_of, self._displayed()
        if before != self._fallback_of:
            self.update_fallback()

    def _ipython_display_(self) -> None:
        with self.state.hold():
            self._fallback_of = self._displayed()
        super()._ipython_display_()


@dataclass(frozen=True)
class StillPicture:
    """A picture with its caption, which a notebook displays.

    Parameters
    ----------
    caption : str
        The settings and shapes behind the picture.
    bundle : mapping of str to str
        The picture by media type.
    """

    caption: str
    bundle: Mapping[str, str] = field(repr=False)

    def __str__(self) -> str:
        """Return the caption."""
        return self.caption

    def _repr_mimebundle_(self, **_kwargs: Any) -> dict[str, str]:
        return dict(self.bundle)


def _descendants(widget: Any) -> Iterator[Any]:
    """Yield a widget and all widgets in it, the innermost first."""
    for child in getattr(widget, "children", ()):
        yield from _descendants(child)
    for name in ("layout", "style"):
        owned = getattr(widget, name, None)
        if isinstance(owned, ipywidgets.Widget):
            yield owned
    yield widget


SettingsSource = (
    STFTSettings | MelSettings | BandSettings | STFTSpectrogram | MelSpectrogram | MFCC | str | os.PathLike[str]
)
"""What settings are taken from."""


class _Default:
    """A default value in a signature, which can be told from the same value as given by the caller."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return repr(self.value)


def _default(name: str) -> Any:
    """Return the default of a setting or display choice, for the signature of `explore`."""
    return _Default((FRONT_END_DEFAULTS | DISPLAY_DEFAULTS)[name])


@hinting
def explore(
    signal: Any = None,
    sample_rate: float | None = None,
    *,
    settings: SettingsSource | None = None,
    front_end: str | FrontEnd | None = None,
    mode: Mode = _default("mode"),
    frame_length: int | str = _default("frame_length"),
    frame_step: int | str | None = _default("frame_step"),
    fft_length: int | str | None = _default("fft_length"),
    window: Window = _default("window"),
    periodic: bool = _default("periodic"),
    scaling: Scaling | None = _default("scaling"),
    padding: Padding = _default("padding"),
    expand_dims: bool = _default("expand_dims"),
    data_format: str | None = _default("data_format"),
    trainable: bool = _default("trainable"),
    dtype: str | None = _default("dtype"),
    epsilon: float = _default("epsilon"),
    backend: Backend = _default("backend"),
    stage: Stage = _default("stage"),
    num_mel_bins: int = _default("num_mel_bins"),
    min_freq: float = _default("min_freq"),
    max_freq: float | None = _default("max_freq"),
    mag_exp: float = _default("mag_exp"),
    power_to_db: bool = _default("power_to_db"),
    min_power: float = _default("min_power"),
    ref_power: float = _default("ref_power"),
    top_db: float | None = _default("top_db"),
    placement: Placement = _default("placement"),
    ends: str | None = _default("ends"),
    margin: Margin = _default("margin"),
    drop_last_frame: bool = _default("drop_last_frame"),
    gain: float = _default("gain"),
    remove_mean: Scope | None = _default("remove_mean"),
    preemphasis: float = _default("preemphasis"),
    preemphasis_over: Scope = _default("preemphasis_over"),
    power_offset: float = _default("power_offset"),
    mel_scale: MelScale = _default("mel_scale"),
    triangles: Triangles = _default("triangles"),
    norm: BandNorm | None = _default("norm"),
    floor: Floor = _default("floor"),
    logarithm: Logarithm = _default("logarithm"),
    normalization: Normalization | None = _default("normalization"),
    mean: float = _default("mean"),
    deviation: float = _default("deviation"),
    ddof: int = _default("ddof"),
    variance_epsilon: float = _default("variance_epsilon"),
    deviation_epsilon: float = _default("deviation_epsilon"),
    num_coefficients: int = _default("num_coefficients"),
    convention: CepstralConvention = _default("convention"),
    lifter: float = _default("lifter"),
    zeroth: bool = _default("zeroth"),
    channel: int = _default("channel"),
    batch_item: int = _default("batch_item"),
    colour_map: str = _default("colour_map"),
    value_range: tuple[float, float] | None = _default("value_range"),
    decibels: bool = _default("decibels"),
    frequency_axis: FrequencyAxis = _default("frequency_axis"),
    time_axis: TimeAxis = _default("time_axis"),
    unit: str = _default("unit"),
    panels: Iterable[str] = tuple(PANELS),
    controls: Iterable[str] = tuple(control.name for control in (*SETTING_CONTROLS, *STAGE_CONTROLS)),
    height: int | None = None,
) -> Explorer:
    """Open the explorer.

    Parameters
    ----------
    signal : None, path, array (L,), (L, C) or (B, L, C), pair of an array and its sample rate, Sound, layer, optional
        The sound to explore; None, or a layer, whose settings are then those to begin with, is a bundled recording, at
        the rate of a layer that has one. Samples are copied, so that a later change of the array has no effect;
        integers are scaled to [-1, 1). `specwidget.sounds.as_sound` lists the types of arrays.
    sample_rate : float, optional
        Sample rate of an array, Hz. Without it the axes are in samples and cycles per sample.
    settings : STFTSettings, MelSettings, a layer that has settings, or path, optional
        Settings to begin with, as an object or as a file of `specwidget.export.save_settings`. Settings that are given
        as keywords replace those in it. A signal without a sample rate has that of the file, if there is one. Bands
        refer to the sample rate of the sound.
    front_end : str or FrontEnd, optional
        One of `specwidget.front_ends`, or its name, such as "whisper", to begin with its settings. The sound is
        resampled to its sample rate.
    mode, frame_length, frame_step, fft_length, window, periodic, scaling, padding, expand_dims, data_format, \
    trainable, dtype, epsilon, backend
        Settings of the transform; see `specwidget.STFTSpectrogram`. A setting that is not given is that of `settings`,
        or has the default in the signature. Where the sample rate is known, lengths may be times, such as ``"25 ms"``,
        `frame_step` an overlap, ``"60 %"``, and `fft_length` a bin spacing, ``"31.25 Hz"``.
    stage : {"stft", "mel", "mfcc"}
        What follows the transform. A mel spectrogram and MFCC have `frame_length`, `frame_step`, `fft_length`,
        `window`, `periodic`, `data_format` and `dtype` of the above.
    num_mel_bins, min_freq, max_freq, mag_exp, power_to_db, min_power, ref_power, top_db
        Settings of the bands; see `specwidget.MelSpectrogram`.
    placement, ends, margin, drop_last_frame, gain, remove_mean, preemphasis, preemphasis_over, power_offset, \
    mel_scale, triangles, norm, floor, logarithm, normalization, mean, deviation, ddof, variance_epsilon, \
    deviation_epsilon
        Their conventions; see `specwidget.MelConventions`.
    num_coefficients, convention, lifter, zeroth
        Settings of the coefficients; see `specwidget.MFCC`.
    channel, batch_item : int
        Channel and batch item to display.
    colour_map : str
        Name of a colour map, or "automatic" for the one that suits the mode.
    value_range : tuple of 2 float, optional
        Values at the two ends of the colours; None is automatic.
    decibels : bool
        Whether to display decibels where the mode has them, or the layer's own values.
    frequency_axis : {"linear", "log", "mel", "notes"}
        Spacing of the frequency axis.
    time_axis : {"seconds", "frames", "samples"}
        Unit of the time axis.
    unit : str
        Unit of the signal, such as "V", "Pa" or "m/s²", for axes and readouts. With a sample rate, densities in
        decibels are then per Hz: "dB re 1 V²/Hz".
    panels : iterable of str
        Names of the panels, for a small explorer: "sound", "presets", "controls", "picture", "history" (undo and A/B),
        and the tabs "shapes", "notes", "window", "bank", "compare", "kernels", "crosscheck", "code", "export".
    controls : iterable of str
        Names of the settings that have controls, of those above.
    height : int, optional
        Height in CSS pixels; None fits the explorer to the window.

    Returns
    -------
    Explorer
        A widget; the last line of a cell displays it.

    Raises
    ------
    ValueError
        If the signal can't be read or has an unsupported shape, a file holds no settings, or there is no panel or
        control of a name.

    Notes
    -----
    A setting that is invalid for this signal raises no error here: the page shows the message at its control.

    Examples
    --------
    >>> import numpy as np
    >>> explorer = explore(np.zeros(16_000), 16_000, frame_length="25 ms", frame_step="10 ms")
    >>> explorer.result.shape
    (1, 98, 257)
    >>> explorer.close()
    """
    arguments = locals()
    values = {name: arguments[name] for name in (*FRONT_END_DEFAULTS, *DISPLAY_DEFAULTS)}
    given = {name: value for name, value in values.items() if not isinstance(value, _Default)}
    if isinstance(signal, STFTSpectrogram | MelSpectrogram | MFCC):
        signal, settings = None, signal
    sound = as_sound(signal, sample_rate, copy=True)
    if signal is None and isinstance(settings, MelSpectrogram | MFCC):
        # The recording has no rate of its own to be kept.
        sound = resample(sound, BandSettings.of(settings).mel.sampling_rate)
    if front_end is not None:
        chosen_front_end = find_front_end(front_end)
        sound, settings = resample(sound, chosen_front_end.sample_rate), chosen_front_end.layer
    if isinstance(settings, str | os.PathLike) and sound.sample_rate is None:
        sound = replace(sound, sample_rate=load_sample_rate(settings))
    if settings is not None:
        given = begin_with(settings) | given
    if height is not None:
        check_number("height", height)
    chosen = check_names("panels", panels, PANELS), check_names("controls", controls, FRONT_END_DEFAULTS)
    state = ExplorerState(sound, **given)
    return Explorer(state, panels=chosen[0], controls=chosen[1], height=height)


def find_front_end(front_end: str | FrontEnd) -> FrontEnd:
    """Return a front end by its name, or raise a ValueError that lists those that there are."""
    if isinstance(front_end, FrontEnd):
        return front_end
    check_choice("front_end", front_end, tuple(front_ends))
    return front_ends[front_end]


def begin_with(settings: SettingsSource) -> dict[str, Any]:
    """Return the values of settings, of those of a layer, or of those in a file."""
    if isinstance(settings, MelSpectrogram | MFCC):
        return values_of(BandSettings.of(settings))
    if isinstance(settings, STFTSpectrogram):
        return values_of(settings.settings)
    if isinstance(settings, MelSettings):
        return values_of(BandSettings(settings))
    if isinstance(settings, STFTSettings | BandSettings):
        return values_of(settings)
    return values_of(load_front_end(settings))


def check_names(argument: str, names: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Return names as a tuple, or raise a ValueError that lists those that there are."""
    given = (names,) if isinstance(names, str) else tuple(names)
    listed = tuple(known)
    for name in given:
        if name not in listed:
            raise ValueError(f"`{argument}` must be of {', '.join(map(repr, listed))}; got {short_repr(name)}.")
    return given
