"""The explorer's page: a widget with panels in two columns, which can be controlled from Python, too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import ipywidgets

from specwidget.codegen import to_code
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
from specwidget.explorer.panel import Panel
from specwidget.explorer.panels.code_panel import CodePanel
from specwidget.explorer.panels.compare_panel import ComparePanel
from specwidget.explorer.panels.controls_panel import ControlsPanel
from specwidget.explorer.panels.crosscheck_panel import CrosscheckPanel
from specwidget.explorer.panels.export_panel import ExportPanel
from specwidget.explorer.panels.history_panel import HistoryPanel
from specwidget.explorer.panels.kernels_panel import KernelsPanel
from specwidget.explorer.panels.notes_panel import NotesPanel
from specwidget.explorer.panels.presets_panel import PresetsPanel
from specwidget.explorer.panels.readout_panel import ReadoutPanel
from specwidget.explorer.panels.shapes_panel import ShapesPanel
from specwidget.explorer.panels.sound_panel import SoundPanel
from specwidget.explorer.panels.window_panel import WindowPanel
from specwidget.explorer.spectrogram_view.spectrogram_view import SpectrogramView
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.export import load_settings
from specwidget.layer import STFTSpectrogram
from specwidget.raster.scales import FrequencyAxis, TimeAxis
from specwidget.sounds import as_sound
from specwidget.spectrogram import Spectrogram
from specwidget.stft.other_names import hinting
from specwidget.stft.settings import SETTING_DEFAULTS, Backend, Mode, Padding, Scaling, STFTSettings
from specwidget.stft.windows import Window
from specwidget.summary.display import DISPLAY_DEFAULTS
from specwidget.summary.shape_readouts import shape_summary
from specwidget.widgets.static_fallback import StaticFallback, StaticFallbackMixin
from specwidget.widgets.view import SharedModules, View


@dataclass(frozen=True)
class PanelSlot:
    """A panel and its column: the narrow one with the controls, or the wide one with the results."""

    panel: type[Panel]
    column: Literal["side", "main"]


PANELS: dict[str, PanelSlot] = {
    "sound": PanelSlot(SoundPanel, "side"),
    "presets": PanelSlot(PresetsPanel, "side"),
    "history": PanelSlot(HistoryPanel, "side"),
    "controls": PanelSlot(ControlsPanel, "side"),
    "picture": PanelSlot(SpectrogramView, "main"),
    "notes": PanelSlot(NotesPanel, "main"),
    "compare": PanelSlot(ComparePanel, "main"),
    "shapes": PanelSlot(ShapesPanel, "main"),
    "window": PanelSlot(WindowPanel, "main"),
    "kernels": PanelSlot(KernelsPanel, "main"),
    "readout": PanelSlot(ReadoutPanel, "main"),
    "crosscheck": PanelSlot(CrosscheckPanel, "main"),
    "code": PanelSlot(CodePanel, "main"),
    "export": PanelSlot(ExportPanel, "main"),
}
"""The panels by name, from top to bottom. A new panel is one more entry, and three files of one name."""


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
    """

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        self.state = state
        state.flush()
        self._modules = SharedModules(*(f"{slot.panel.files}.js" for slot in PANELS.values()))
        self.panels = {name: slot.panel(state, modules=self._modules) for name, slot in PANELS.items()}
        for panel in self.panels.values():
            if isinstance(panel, ExportPanel):
                panel.companions = self.panels
        columns = [
            ipywidgets.VBox([self.panels[name] for name, slot in PANELS.items() if slot.column == column])
            for column in ("side", "main")
        ]
        for column, name in zip(columns, ("side", "main"), strict=True):
            column.add_class(f"specwidget-{name}")
        frame = ipywidgets.Box(columns)
        frame.add_class("specwidget-columns")
        super().__init__([frame], **kwargs)
        self.add_class("specwidget")

    @property
    def layer(self) -> STFTSpectrogram | None:
        """The layer with the last valid settings."""
        return self.state.layer

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
            Arguments of `specwidget.STFTSpectrogram`, `channel`, `batch_item`, `colour_map`, `value_range`,
            `decibels`, `frequency_axis`, `time_axis`, `unit` or `sound`.
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

    def save_figure(self, path: str | os.PathLike[str]) -> None:
        """Save a figure of the spectrogram with the displayed channel, colours, axes and visible part.

        Parameters
        ----------
        path : path-like
            Name of the file; its suffix (.png, .svg, .pdf) selects the format.

        Raises
        ------
        ValueError
            If nothing has been computed, or matplotlib has no such format.
        """
        save_figure(self.state, path)

    def save_html(self, path: str | os.PathLike[str]) -> None:
        """Save the page as one HTML file that opens without a kernel or a network.

        Parameters
        ----------
        path : path-like
            Name of the file. Unless they are too large, it holds the exact values and the sound, too.

        Raises
        ------
        ValueError
            If nothing has been computed.
        """
        save_file(path, page_writer(self.state, self.panels))

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
        apply_settings(self.state, load_settings(path))

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
            A name in `specwidget.codegen.CODE_TARGETS`, such as "librosa".

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
        return to_code(current.layer, current.inputs.shape, target, current.sample_rate)

    def close(self) -> None:
        """Close the page and all its widgets: panels, boxes, layouts and styles."""
        self.state.close()
        for widget in _descendants(self):
            if isinstance(widget, Panel):
                widget.close()
            else:
                ipywidgets.Widget.close(widget)
        self._modules.close()

    def fallback_view(self) -> View:
        """Return the spectrogram view, which hides the image."""
        picture = self.panels["picture"]
        assert isinstance(picture, View)
        return picture

    def static_fallback(self) -> StaticFallback:
        """Return the current spectrogram as an image."""
        shapes = self.shapes()
        text = f"Explorer: {shapes}"
        if self.state.picture is None:
            return StaticFallback(text)
        write = figure_writer(self.state, "png", size=(9.0, 4.0), dpi=100, picture=self.state.picture)
        return StaticFallback(text, lambda: content_of(write), f"Spectrogram of {self.state.sound.name}: {shapes}")


def _descendants(widget: Any) -> Iterator[Any]:
    """Yield a widget and all widgets in it, the innermost first."""
    for child in getattr(widget, "children", ()):
        yield from _descendants(child)
    for name in ("layout", "style"):
        owned = getattr(widget, name, None)
        if isinstance(owned, ipywidgets.Widget):
            yield owned
    yield widget


class _Default:
    """A default value in a signature, which can be told from the same value as given by the caller."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return repr(self.value)


def _default(name: str) -> Any:
    """Return the default of a setting or display choice, for the signature of `explore`."""
    return _Default((SETTING_DEFAULTS | DISPLAY_DEFAULTS)[name])


@hinting
def explore(
    signal: Any = None,
    sample_rate: float | None = None,
    *,
    settings: STFTSettings | str | os.PathLike[str] | None = None,
    mode: Mode = _default("mode"),
    frame_length: int = _default("frame_length"),
    frame_step: int | None = _default("frame_step"),
    fft_length: int | None = _default("fft_length"),
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
    channel: int = _default("channel"),
    batch_item: int = _default("batch_item"),
    colour_map: str = _default("colour_map"),
    value_range: tuple[float, float] | None = _default("value_range"),
    decibels: bool = _default("decibels"),
    frequency_axis: FrequencyAxis = _default("frequency_axis"),
    time_axis: TimeAxis = _default("time_axis"),
    unit: str = _default("unit"),
) -> Explorer:
    """Open the explorer.

    Parameters
    ----------
    signal : None, path, array (L,), (L, C) or (B, L, C), pair of an array and its sample rate, or Sound, optional
        The sound to explore; None is a bundled recording. Samples are copied, so that a later change of the array has
        no effect; integers are scaled to [-1, 1). `specwidget.sounds.as_sound` lists the types of arrays.
    sample_rate : float, optional
        Sample rate of an array, Hz. Without it the axes are in samples and cycles per sample.
    settings : STFTSettings or path, optional
        Settings to begin with, as an object or as a file of `specwidget.export.save_settings`. Settings that are given
        as keywords replace those in it.
    mode, frame_length, frame_step, fft_length, window, periodic, scaling, padding, expand_dims, data_format, \
    trainable, dtype, epsilon, backend
        Settings of the transform; see `specwidget.STFTSpectrogram`. A setting that is not given is that of `settings`,
        or has the default in the signature.
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

    Returns
    -------
    Explorer
        A widget; the last line of a cell displays it.

    Raises
    ------
    ValueError
        If the signal can't be read or has an unsupported shape, or a file holds no settings.

    Notes
    -----
    A setting that is invalid for this signal raises no error here: the page shows the message at its control.

    Examples
    --------
    >>> import numpy as np
    >>> explorer = explore(np.zeros(16_000), 16_000, frame_length=400, frame_step=160)
    >>> explorer.result.shape
    (1, 98, 257)
    >>> explorer.close()
    """
    arguments = locals()
    values = {name: arguments[name] for name in (*SETTING_DEFAULTS, *DISPLAY_DEFAULTS)}
    given = {name: value for name, value in values.items() if not isinstance(value, _Default)}
    if settings is not None:
        loaded = settings if isinstance(settings, STFTSettings) else load_settings(settings)
        given = {name: getattr(loaded, name) for name in SETTING_DEFAULTS} | given
    return Explorer(ExplorerState(as_sound(signal, sample_rate, copy=True), **given))
