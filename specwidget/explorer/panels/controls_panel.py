"""The panel of the layer's arguments."""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from specwidget.explorer.panel import Panel
from specwidget.summary.controls import SETTING_CONTROLS, WINDOW_PARAMETERS, Control


class ControlsPanel(Panel):
    """Native, labelled inputs for every argument of the layer."""

    files: ClassVar[str] = "explorer/panels/controls_panel"
    controls: ClassVar[tuple[Control, ...]] = SETTING_CONTROLS

    window_parameters = traitlets.Dict(WINDOW_PARAMETERS).tag(sync=True)
    resolved = traitlets.Dict(help="Values that stand behind None.").tag(sync=True)
    array_window = traitlets.Any(None, help="Length of the window that was passed in as an array.").tag(sync=True)
    _array: Any = None

    def refresh(self) -> None:
        """Publish the values behind None, and remember a window that was passed in."""
        result = self._source.current
        if result is not None:
            self.resolved = {"frame_step": result.settings.step, "fft_length": result.settings.n_fft}
        if isinstance(self.window, dict) and "samples" in self.window:
            self._array = self._source.window
            self.array_window = self.window["samples"]

    def decode(self, name: str, value: Any) -> Any:
        """Return what the page sends; for the array window the array itself."""
        if name == "window" and isinstance(value, dict) and "samples" in value:
            return self._array
        return super().decode(name, value)
