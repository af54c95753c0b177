"""The explorer's page: panels in two columns, driven from Python as well."""

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
    figure_of,
    page_of,
    save_figure,
    save_file,
    settings_of,
    values_of,
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
from specwidget.sounds import as_sound
from specwidget.spectrogram import Spectrogram
from specwidget.stft.settings import SETTING_DEFAULTS, STFTSettings
from specwidget.summary.display import DISPLAY_DEFAULTS
from specwidget.summary.shape_readouts import shape_summary
from specwidget.widgets.static_fallback import StaticFallback, StaticFallbackMixin
from specwidget.widgets.view import SharedModules, View


@dataclass(frozen=True)
class PanelSlot:
    """Where a panel stands: in the narrow column of what is set, or the wide one of what is seen."""

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
    "take away": PanelSlot(ExportPanel, "main"),
}
"""The panels by name, from top to bottom. A new panel is one more entry, and its three files."""


class Explorer(StaticFallbackMixin, ipywidgets.VBox):
    """A page that explores one sound.

    `explore` makes it. Everything on it can be set from Python: ``explorer.state.frame_length = 512``, or several at
    once with ``explorer.set(frame_length=512, window="hamming")``.

    Parameters
    ----------
    state : ExplorerState
        What the page shows.

    Attributes
    ----------
    state : ExplorerState
        Settings, display choices and the sound as traits; the page follows them.
    panels : dict of str to Panel
        The panels by name.
    """

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        self.state = state
        state.flush()
        self._modules = SharedModules(*(f"{place.panel.files}.js" for place in PANELS.values()))
        self.panels = {name: place.panel(state, modules=self._modules) for name, place in PANELS.items()}
        for panel in self.panels.values():
            if isinstance(panel, ExportPanel):
                panel.companions = self.panels
        columns = [
            ipywidgets.VBox([self.panels[name] for name, place in PANELS.items() if place.column == column])
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
        """The layer with the present settings."""
        return self.state.layer

    @property
    def result(self) -> Spectrogram | None:
        """The spectrogram with the present settings, or the last that could be shown; computed when it is asked for.

        Raises
        ------
        ValueError
            If it would take more than `state.memory_limit` bytes; the page needs no more than it shows.
        """
        return self.state.result

    def set(self, **values: Any) -> None:
        """Set several settings or display choices at once, and compute once.

        Parameters
        ----------
        **values
            Arguments of `specwidget.STFTSpectrogram`, `channel`, `batch_item`, `colour_map`, `value_range`,
            `decibels`, `frequency_axis`, `time_axis` or `sound`.
        """
        self.state.update(**values)

    @contextmanager
    def hold(self) -> Iterator[ExplorerState]:
        """Let any number of traits of the state be set, and compute once at the end.

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
        """Save the picture as it is seen: the channel, colours, axis and part of it, with axes in units.

        Parameters
        ----------
        path : path-like
            Name of the file; its suffix (.png, .svg, .pdf) says of which kind.

        Raises
        ------
        ValueError
            If nothing has been computed, or matplotlib writes no such kind.
        """
        save_figure(self.state, path)

    def save_html(self, path: str | os.PathLike[str]) -> None:
        """Save the view as one HTML file that opens without a kernel or a network.

        Parameters
        ----------
        path : path-like
            Name of the file. Where they are not too large, the exact values and the sound shown are in it, too.

        Raises
        ------
        ValueError
            If nothing has been computed.
        """
        save_file(path, page_of(self.state, self.panels))

    def save_values(self, path: str | os.PathLike[str]) -> None:
        """Save the result as a NumPy ``.npz`` file: values, times, frequencies, sample rate and settings.

        Parameters
        ----------
        path : path-like
            Name of the file. In Python `result` holds the same.

        Raises
        ------
        ValueError
            If nothing has been computed.
        """
        save_file(path, values_of(self.state))

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
        save_file(path, settings_of(self.state))

    def load_settings(self, path: str | os.PathLike[str]) -> None:
        """Take the settings of a JSON file.

        Parameters
        ----------
        path : path-like
            Name of the file. Whatever it holds, reading it runs no code.

        Raises
        ------
        ValueError
            If the file holds no settings or is damaged; nothing changes then.
        """
        apply_settings(self.state, load_settings(path))

    def shapes(self) -> str:
        """Return input, frames, bins and output in one line."""
        self.state.flush()
        shown = self.state.current
        return "nothing computed yet" if shown is None else shape_summary(shown.settings, shown.inputs.shape)

    def to_code(self, target: str) -> str:
        """Return what is shown as code for another library.

        Parameters
        ----------
        target : str
            A name in `specwidget.codegen.CODE_TARGETS`, such as "librosa".

        Returns
        -------
        str
            A program that runs as it stands; see `specwidget.codegen.to_code`.

        Raises
        ------
        ValueError
            If there is no such target, or nothing could be computed yet.
        """
        self.state.flush()
        shown = self.state.current
        if shown is None:
            raise ValueError("`explorer` must have computed something; got settings that can't be. Change them first.")
        return to_code(shown.layer, shown.inputs.shape, target)

    def close(self) -> None:
        """Close the page with everything in it: panels, boxes, layouts and styles."""
        self.state.close()
        for widget in _inside(self):
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
        figure = figure_of(self.state, "png", size=(9.0, 4.0), dpi=100, picture=self.state.picture)
        return StaticFallback(text, lambda: content_of(figure), f"Spectrogram of {self.state.sound.name}: {shapes}")


def _inside(widget: Any) -> Iterator[Any]:
    """Yield a widget and all that it holds, the innermost first."""
    for child in getattr(widget, "children", ()):
        yield from _inside(child)
    for part in ("layout", "style"):
        held = getattr(widget, part, None)
        if isinstance(held, ipywidgets.Widget):
            yield held
    yield widget


def explore(
    signal: Any = None,
    sample_rate: float | None = None,
    *,
    settings: STFTSettings | str | os.PathLike[str] | None = None,
    **choices: Any,
) -> Explorer:
    """Open the explorer.

    Parameters
    ----------
    signal : None, path, array (L,), (L, C) or (B, L, C), or Sound, optional
        What to explore; None is a recording that comes along. Arrays are NumPy's or CuPy's.
    sample_rate : float, optional
        Sample rate of an array, Hz. Without it the axes are in samples and cycles per sample.
    settings : STFTSettings or path, optional
        Settings to begin with, as they are or as a file of `specwidget.export.save_settings`.
    **choices
        Arguments of `specwidget.STFTSpectrogram` but `name`, which go before those of `settings`, and the display
        choices `channel`, `batch_item`, `colour_map`, `value_range`, `decibels`, `frequency_axis` and `time_axis`.

    Returns
    -------
    Explorer
        A widget; the last line of a cell shows it.

    Raises
    ------
    TypeError
        If a keyword is none of these.
    ValueError
        If the signal can't be read or has a shape that says nothing, or a file holds no settings.

    Notes
    -----
    A setting that is impossible for this signal is no error here: the page shows its sentence, and how to go on.

    Examples
    --------
    >>> import numpy as np
    >>> explorer = explore(np.zeros(16_000), 16_000, frame_length=400, frame_step=160)
    >>> explorer.result.shape
    (1, 98, 257)
    >>> explorer.close()
    """
    known = (*SETTING_DEFAULTS, *DISPLAY_DEFAULTS)
    for name in choices:
        if name not in known:
            raise TypeError(f"`{name}` must be one of the settings {', '.join(known)}; `explore` has no other keyword.")
    if settings is not None:
        begun = settings if isinstance(settings, STFTSettings) else load_settings(settings)
        choices = {name: getattr(begun, name) for name in SETTING_DEFAULTS} | choices
    return Explorer(ExplorerState(as_sound(signal, sample_rate), **choices))
