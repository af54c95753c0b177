"""Panel with a control for each setting of the front end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import traitlets

from specwidget.explorer.panel import Panel
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.mel.stages import FRONT_END_DEFAULTS
from specwidget.summary.controls import SETTING_CONTROLS, STAGE_CONTROLS, WINDOW_PARAMETERS, Control

EXTRA_WINDOWS = ("povey",)
"""Windows of mel spectrograms that SciPy does not make."""


class ControlsPanel(Panel):
    """A labelled native input for each setting; those that the stage does not have are hidden."""

    files: ClassVar[str] = "explorer/panels/controls_panel"
    controls: ClassVar[tuple[Control, ...]] = (*SETTING_CONTROLS, *STAGE_CONTROLS)

    window_parameters = traitlets.Dict(WINDOW_PARAMETERS).tag(sync=True)
    resolved = traitlets.Dict(help="Resolved values of settings that are None.").tag(sync=True)
    array_window = traitlets.Any(None, help="Length of a window that was set as an array.").tag(sync=True)
    extra_windows: traitlets.List[Any] = traitlets.List(help="Windows that only this stage has.").tag(sync=True)
    sample_rate = traitlets.Any(None, help="Sample rate of the sound, Hz; None if unknown.").tag(sync=True)
    _array: Any = None

    def __init__(self, state: ExplorerState, names: Sequence[str] = tuple(FRONT_END_DEFAULTS), **kwargs: Any) -> None:
        super().__init__(state, **kwargs)
        self.table = [control.to_page() for control in self.controls if control.name in names]

    def refresh(self) -> None:
        """Publish the resolved values of None, and store a window that was set as an array."""
        self.sample_rate = self._source.sound.sample_rate
        is_extra = isinstance(self.window, str) and self.window in EXTRA_WINDOWS
        self.extra_windows = [] if self._source.stage == "stft" and not is_extra else list(EXTRA_WINDOWS)
        computation = self._source.current
        if computation is not None:
            self.resolved = {"frame_step": computation.settings.step, "fft_length": computation.settings.n_fft}
        if isinstance(self.window, dict) and "samples" in self.window:
            # The page only knows its length; it can be chosen again after another window.
            self._array = self._source.window
            self.array_window = self.window["samples"]

    def decode(self, name: str, value: Any) -> Any:
        """Return the value that the page sends; for a window that was set as an array, that array."""
        if name == "window" and isinstance(value, dict) and "samples" in value:
            return self._array
        return super().decode(name, value)
