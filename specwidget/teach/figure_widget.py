"""Figures of the course as widgets: the controls, and the scene, which is computed again with every change."""

from __future__ import annotations

import logging
import re
import threading
from typing import Any

import traitlets

from specwidget.charts.encoding import encode_scene, initial_scene, palette
from specwidget.charts.matplotlib_renderer import draw_scene
from specwidget.charts.scene import Scene
from specwidget.charts.spectrogram_figure import to_png
from specwidget.teach.figure_spec import AudioClip, FigureSpec
from specwidget.widgets.assets import read_style, read_view
from specwidget.widgets.pcm import encode_pcm
from specwidget.widgets.static_fallback import StaticFallback, StaticFallbackMixin
from specwidget.widgets.view import View

logger = logging.getLogger(__name__)

GENERAL = ""
"""Key of errors that concern no single control."""

_ARGUMENT = re.compile(r"^`(\w+)`")


def send_sound(widget: View, name: str, clip: AudioClip) -> None:
    """Send the sound of the button `name` to the page."""
    header = {"name": name, "rate": round(clip.sample_rate)}
    widget.send({"kind": "sound", "header": header}, [memoryview(encode_pcm(clip.samples))])


class FigureWidget(StaticFallbackMixin, View):
    """A figure of the course.

    The functions of `specwidget.teach.figures` create one. Its controls can be set from Python, too:
    ``figure.set(frame_length=512)``.

    Parameters
    ----------
    spec : FigureSpec
        Controls, scene and sounds of the figure.
    **values
        Values of its controls; the others have their initial values.

    Raises
    ------
    ValueError
        If a value is outside the range of its control, or the values don't fit together.
    TypeError
        If there is no such control, or a value has the wrong type.

    Notes
    -----
    The page sets the trait `values`, and the scene has been computed when its observer returns, so that the page has
    one update outstanding at a time. Scenes are sent in messages ``scene`` with binary buffers, which a view also
    requests by ``{kind: "want"}``; ``{kind: "play", name}`` is answered by ``sound`` with 16-bit samples.
    """

    _esm = read_view("teach/figure_widget.js")
    _css = read_style("teach/figure_widget.css")

    title = traitlets.Unicode().tag(sync=True)
    controls: traitlets.List[Any] = traitlets.List().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    errors = traitlets.Dict(help="Errors by control.").tag(sync=True)
    sounds: traitlets.List[Any] = traitlets.List(help="Labels of the buttons that play a sound.").tag(sync=True)
    palette = traitlets.Dict().tag(sync=True)
    initial_scene = traitlets.Dict(help="The first scene, drawn before the kernel has time to answer.").tag(sync=True)

    def __init__(self, spec: FigureSpec, **values: Any) -> None:
        self._lock = threading.RLock()
        self._serial = 0
        self._values = spec.check(values)
        self._scene = spec.draw(**self._values)
        self.spec = spec
        super().__init__(
            title=spec.title,
            controls=[control.to_page() for control in spec.controls],
            values=dict(self._values),
            sounds=list(spec.sounds),
            palette=palette(),
            initial_scene=initial_scene(self._scene),
        )
        self.add_class("specwidget")
        self.observe(self._update_scene, names="values")
        self.on_msg(self._receive)

    @property
    def scene(self) -> Scene:
        """The scene of the last valid values."""
        return self._scene

    def set(self, **values: Any) -> None:
        """Set some controls.

        Parameters
        ----------
        **values
            Values by the names of controls.

        Raises
        ------
        ValueError
            If a value is outside the range of its control, or the values don't fit together.
        TypeError
            If there is no such control, or a value has the wrong type.
        """
        with self._lock:
            checked = self.spec.check({**self._values, **values})
            self.spec.draw(**checked)
            self.values = checked

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Set traits from the page, and compute before returning."""
        with self._lock:
            super().set_state(sync_data)

    def _update_scene(self, _change: Any) -> None:
        """Compute and send the scene of the values, or set `errors`; the last valid scene then stays."""
        with self._lock:
            try:
                checked = self.spec.check(self.values)
                scene = self.spec.draw(**checked)
            except (ValueError, TypeError) as error:
                self.errors = {self._control_for_error(str(error)): str(error)}
                return
            except Exception as error:
                logger.exception("The scene of a figure could not be computed")
                self.errors = {GENERAL: f"Internal error ({type(error).__name__}). See the log for details."}
                return
            self._values, self._scene, self.errors = checked, scene, {}
            self._serial += 1
            self._send_scene()

    def _control_for_error(self, message: str) -> str:
        """Return the control whose name a message begins with, or `GENERAL`."""
        match = _ARGUMENT.match(message)
        return match[1] if match and match[1] in self.spec.defaults else GENERAL

    def _receive(self, _widget: Any, content: dict[str, Any], _buffers: list[Any]) -> None:
        """Answer a request of a view with the scene, or with a sound."""
        with self._lock:
            if content.get("kind") == "want":
                self._send_scene()
            elif content.get("kind") == "play" and content.get("name") in self.spec.sounds:
                send_sound(self, content["name"], self.spec.sounds[content["name"]](**self._values))

    def _send_scene(self) -> None:
        header, buffers = encode_scene(self._scene)
        self.send({"kind": "scene", "header": {"serial": self._serial, **header}}, buffers)

    def static_fallback(self) -> StaticFallback:
        """Return the current scene as an image with its caption."""
        scene = self._scene
        text = f"{self.title}: {scene.caption}"
        return StaticFallback(text, lambda: to_png(draw_scene(scene)), self.title, below=scene.caption)
