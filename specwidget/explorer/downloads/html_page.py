"""The whole view as one HTML file, which opens without a kernel and without a network.

The views are the page's own modules. `document.js` stands in for the widget manager and answers from what is saved
with the page: the pictures at their finest, the exact values of each frame and the sound where they are not too large.
The file forbids itself to load anything.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from string import Template
from typing import TYPE_CHECKING, Any

from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.state.snapshot import Snapshot
from specwidget.sounds import Sound
from specwidget.stft.settings import SETTING_DEFAULTS, STFTSettings
from specwidget.stft.windows import window_repr
from specwidget.summary.controls import SETTING_CONTROLS
from specwidget.summary.readouts import format_seconds
from specwidget.widgets.assets import FOLDER, data_url, key_of, read_modules, read_style
from specwidget.widgets.static_view import StaticViewState

if TYPE_CHECKING:
    from specwidget.explorer.panel import Panel

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' data: blob:; style-src 'unsafe-inline'; img-src data: blob:; "
    "media-src data: blob:"
)
"""What the file allows itself: its own text, and nothing from anywhere."""


def document_of(state: ExplorerState, panels: Mapping[str, Panel]) -> Callable[[], bytes]:
    """Return what makes an HTML file of what a page shows now, without the state's lock.

    Parameters
    ----------
    state : ExplorerState
        What the page shows.
    panels : mapping of str to Panel
        The page's panels; those that can stand alone are in the file.

    Returns
    -------
    callable
        Makes the file, which is of the moment of this call.

    Raises
    ------
    ValueError
        If nothing has been computed.
    """
    with state.hold():
        still = state.still()
        if still is None:
            raise ValueError("`result` must have been computed; got no settings that fit the sound yet.")
        found = {panel.files: panel.to_static() for panel in panels.values()}
    return lambda: make_document(still, {name: make() for name, make in found.items() if make is not None})


def make_document(still: Snapshot, views: Mapping[str, StaticViewState]) -> bytes:
    """Make an HTML file of what is shown and of what each view needs, by the names of the views' files."""
    sound = still.shown.sound
    scripts = ["explorer/downloads/html_page.js", *(f"{name}.js" for name in views)]
    page = Template((FOLDER / "explorer/downloads/html_page.html").read_text(encoding="utf-8"))
    text = page.substitute(
        policy=POLICY,
        title=html.escape(sound.name),
        styles=read_style("explorer/downloads/html_page.css", *(f"{name}.css" for name in views)),
        about=_about(sound, still.display["channel"], still.shown.settings),
        places="\n".join(f'<div class="specwidget-panel" id="{name}"></div>' for name in views),
        saved=_script({name: standing.to_json() for name, standing in views.items()}),
        modules=_script(read_modules(*scripts)),
        assembler=data_url("widgets/module_loader.js"),
        keys=_script([key_of(name) for name in scripts]),
    )
    return text.encode()


def _script(value: Any) -> str:
    """Return a value as JSON for a script element, which only one sign could end."""
    return json.dumps(value, allow_nan=False).replace("<", "\\u003c")


def _about(sound: Sound, channel: int, settings: STFTSettings) -> str:
    """Return what is known of the sound and which settings are not the default ones, as HTML."""
    _, n_samples, channels = sound.samples.shape
    facts = [f"{n_samples:,} samples", "mono" if channels == 1 else f"channel {channel + 1} of {channels}"]
    if sound.sample_rate is not None:
        facts = [format_seconds(n_samples / sound.sample_rate), f"{sound.sample_rate:g} Hz", *facts]
    lines = [" \u00b7 ".join(facts), sound.credit]
    told = "".join(f"<p>{html.escape(line)}</p>" for line in lines if line)
    values = {name: getattr(settings, name) for name in SETTING_DEFAULTS}
    changed = [name for name in SETTING_DEFAULTS if name in ALWAYS or values[name] != SETTING_DEFAULTS[name]]
    values |= {"frame_step": settings.step, "fft_length": settings.n_fft, "window": window_repr(settings.window)}
    rows = [(control.label, str(values[control.name])) for control in SETTING_CONTROLS if control.name in changed]
    cells = "".join(f"<div><dt>{html.escape(label)}</dt><dd>{html.escape(value)}</dd></div>" for label, value in rows)
    return f"{told}\n<dl>{cells}</dl>"


ALWAYS = ("mode", "frame_length", "frame_step", "fft_length", "window")
"""Settings that are told whether they are the default ones or not."""
