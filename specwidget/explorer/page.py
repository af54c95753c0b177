"""The explorer's page: a widget of panels laid out as a workbench, which can be controlled from Python, too."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import ipywidgets

from specwidget.charts.figure_options import FigureOptions
from specwidget.corpus.surveying import Survey
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
from specwidget.explorer.panels.files_panel import FilesPanel
from specwidget.explorer.panels.history_panel import HistoryPanel
from specwidget.explorer.panels.identify_panel import IdentifyPanel
from specwidget.explorer.panels.kernels_panel import KernelsPanel
from specwidget.explorer.panels.match_panel import MatchPanel
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
from specwidget.export import load_front_end
from specwidget.layer import STFTSpectrogram
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.mfcc import MFCC
from specwidget.mel.stages import FRONT_END_DEFAULTS
from specwidget.spectrogram import Spectrogram
from specwidget.summary.caption import settings_caption
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
    "files": FilesPanel,
    "shapes": ShapesPanel,
    "notes": NotesPanel,
    "window": WindowPanel,
    "bank": BankPanel,
    "compare": ComparePanel,
    "match": MatchPanel,
    "identify": IdentifyPanel,
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
    survey : Survey, optional
        A survey whose files are listed.

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
        survey: Survey | None = None,
        **kwargs: Any,
    ) -> None:
        self.state = state
        self._fallback_of: Any = None
        self._fallback_debouncer = Debouncer(self._follow_with_fallback, FALLBACK_REST_S, restart=True)
        state.compares_peers = "crosscheck" in panels
        state.flush()
        # Without a survey there are no files to list.
        shown = [name for name in panels if name != "files" or survey is not None]
        classes: dict[str, type[Panel]] = {name: panel for name, panel in PANELS.items() if name in shown}
        files = [f"{panel.files}.js" for panel in classes.values()]
        self._modules = SharedModules(*files, f"{Workbench.files}.js", f"{SingleView.files}.js")
        options: dict[str, dict[str, Any]] = {"controls": {"names": controls}, "files": {"survey": survey}}
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
        >>> from specwidget import explore
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
        >>> from specwidget import explore
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
        >>> from specwidget import explore
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
