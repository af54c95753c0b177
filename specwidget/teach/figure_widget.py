"""A figure that moves: its controls and its scene in the page, computed again with every movement."""

from __future__ import annotations

import logging
import re
import threading
from typing import Any

import traitlets

from specwidget.charts.encoding import encode_scene, opening_of, palette
from specwidget.charts.matplotlib_renderer import draw_scene
from specwidget.charts.scene import Scene
from specwidget.teach.figure_spec import AudioClip, FigureSpec
from specwidget.widgets.assets import read_style, read_view
from specwidget.widgets.pcm import encode_pcm
from specwidget.widgets.static_fallback import StaticFallback, display_with_fallback, with_fallback
from specwidget.widgets.view import View

logger = logging.getLogger(__name__)

GENERAL = ""
"""Name under which a sentence stands that is about no single control."""

_NAMED = re.compile(r"^`(\w+)`")


def send_sound(widget: View, name: str, heard: AudioClip) -> None:
    """Send the page what the button `name` plays."""
    header = {"name": name, "rate": round(heard.sample_rate)}
    widget.send({"kind": "sound", "header": header}, [memoryview(encode_pcm(heard.samples))])


class FigureWidget(View):
    """A figure of the course.

    The functions of `specwidget.teach.figures` open one. Its controls are set from Python as well:
    ``figure.set(frame_length=512)``.

    Parameters
    ----------
    plan : Plan
        What it shows.
    **values
        Values of its controls; those that are not given stand where the plan has them.

    Raises
    ------
    ValueError
        If a value is not one that its control may have, or the values are impossible together.
    TypeError
        If there is no such control, or a value is of the wrong kind.

    Notes
    -----
    The page sets the trait `values`, and everything has been computed when its observer returns, so that one update is
    under way at a time. What is drawn travels as raw memory in a message ``scene``, which a view also asks for by
    ``{kind: "want"}``; ``{kind: "play", name}`` is answered by ``sound`` with 16-bit samples.
    """

    _esm = read_view("teach/figure_widget.js")
    _css = read_style("charts/scene_view.css")

    title = traitlets.Unicode().tag(sync=True)
    controls: traitlets.List[Any] = traitlets.List().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    errors = traitlets.Dict(help="Sentences by the control that they are about.").tag(sync=True)
    sounds: traitlets.List[Any] = traitlets.List(help="Texts of the buttons that play a sound.").tag(sync=True)
    palette = traitlets.Dict().tag(sync=True)
    opening = traitlets.Dict(help="The first scene: painted before the kernel has time to answer.").tag(sync=True)

    def __init__(self, plan: FigureSpec, **values: Any) -> None:
        self._lock = threading.RLock()
        self._serial = 0
        self._good = plan.check(values)
        self._scene = plan.draw(**self._good)
        self.plan = plan
        super().__init__(
            title=plan.title,
            controls=[control.to_page() for control in plan.controls],
            values=dict(self._good),
            sounds=list(plan.sounds),
            palette=palette(),
            opening=opening_of(self._scene),
        )
        self.add_class("specwidget")
        self.observe(self._follow, names="values")
        self.on_msg(self._answer)

    @property
    def scene(self) -> Scene:
        """What is shown: the scene of the last values that were possible."""
        return self._scene

    def set(self, **values: Any) -> None:
        """Move some controls.

        Parameters
        ----------
        **values
            Values by the names of controls.

        Raises
        ------
        ValueError
            If a value is not one that its control may have, or the values are impossible together.
        TypeError
            If there is no such control, or a value is of the wrong kind.
        """
        with self._lock:
            wanted = self.plan.check({**self._good, **values})
            self.plan.draw(**wanted)
            self.values = wanted

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page has set, and compute before returning."""
        with self._lock:
            super().set_state(sync_data)

    def _follow(self, _change: Any) -> None:
        """Make the scene of the values, or tell why there is none; the last one then stays."""
        with self._lock:
            try:
                wanted = self.plan.check(self.values)
                scene = self.plan.draw(**wanted)
            except (ValueError, TypeError) as error:
                self.errors = {self._blamed(str(error)): str(error)}
                return
            except Exception as error:
                logger.exception("A figure could not follow its controls")
                self.errors = {GENERAL: f"Something in the figure failed: {type(error).__name__}. The log tells more."}
                return
            self._good, self._scene, self.errors = wanted, scene, {}
            self._serial += 1
            self._send_scene()

    def _blamed(self, sentence: str) -> str:
        """Return the control that a sentence begins with, where it is one of this figure's."""
        match = _NAMED.match(sentence)
        return match[1] if match and match[1] in self.plan.defaults else GENERAL

    def _answer(self, _widget: Any, content: dict[str, Any], _buffers: list[Any]) -> None:
        """Answer a view: with the scene, or with a sound."""
        with self._lock:
            if content.get("kind") == "want":
                self._send_scene()
            elif content.get("kind") == "play" and content.get("name") in self.plan.sounds:
                send_sound(self, content["name"], self.plan.sounds[content["name"]](**self._good))

    def _send_scene(self) -> None:
        """Send what is drawn."""
        header, buffers = encode_scene(self._scene)
        self.send({"kind": "scene", "header": {"serial": self._serial, **header}}, buffers)

    def _ipython_display_(self) -> None:
        """Show the figure, and after it the picture for where no widget runs."""
        display_with_fallback(super()._repr_mimebundle_(), self._static_fallback(), self)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the widget, and a picture and its caption for where no widget runs."""
        return with_fallback(super()._repr_mimebundle_(**kwargs), self._static_fallback())

    def _static_fallback(self) -> StaticFallback:
        """Return what stands where no widget runs: the scene that is shown now."""
        from specwidget.charts.spectrogram_figure import to_png

        scene = self._scene
        text = f"{self.title}: {scene.caption}"
        return StaticFallback(text, lambda: to_png(draw_scene(scene)), self.title, below=scene.caption)
