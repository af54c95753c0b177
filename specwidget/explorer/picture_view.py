"""The panel of the picture, with the controls of what is shown."""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from specwidget.explorer.controls import DISPLAY_CONTROLS, Control
from specwidget.explorer.panel import Panel
from specwidget.explorer.state import GENERAL, SETTINGS
from specwidget.pixels.colours import COLOUR_MAPS, ON_DARK, colour_tables


class PictureView(Panel):
    """A canvas with axes, colour bar and pointer.

    The codes of the picture travel as raw memory in a message, which a view also asks for when it renders: a synced
    trait would keep every picture alive in the browser.
    """

    files: ClassVar[str] = "picture_view"
    controls: ClassVar[tuple[Control, ...]] = DISPLAY_CONTROLS
    mirrored: ClassVar[tuple[str, ...]] = ("canvas_size",)
    watched: ClassVar[tuple[str, ...]] = ("picture",)
    answers_for: ClassVar[tuple[str, ...]] = (GENERAL,)

    colour_tables = traitlets.Dict().tag(sync=True)
    default_maps = traitlets.Dict({kind: maps[0] for kind, maps in COLOUR_MAPS.items()}).tag(sync=True)
    dark_maps = traitlets.Dict(ON_DARK).tag(sync=True)
    is_stale = traitlets.Bool(help="Whether the settings ask for something else than is shown.").tag(sync=True)
    counts = traitlets.Dict(help="Number of channels and batch items.").tag(sync=True)

    def __init__(self, state: Any, **kwargs: Any) -> None:
        super().__init__(state, colour_tables=colour_tables(), **kwargs)

    def show(self) -> None:
        """Send the picture."""
        picture = self._source.picture
        if picture is not None:
            header = {"serial": self._source.revision, **picture.header()}
            self.send({"kind": "picture", "header": header}, picture.buffers())

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Send the picture to a view that asks for it."""
        if content.get("kind") == "want":
            self._source.flush()
            self.show()

    def refresh(self) -> None:
        """Publish how many channels and batch items there are, and whether the picture is that of the settings."""
        self.is_stale = any(name in self._source.errors for name in (*SETTINGS, "sound", GENERAL))
        batch, _, channels = self._source.shown_sound.samples.shape
        self.counts = {"channel": channels, "batch_item": batch}
