"""The page as one HTML file, which opens without a kernel and without a network.

The views are the page's own modules. `html_page.js` takes the place of the widget manager, and answers from what is
saved with the page: the finest pictures, and unless they are too large, the exact values of each frame and the sound.
The file's content security policy forbids it to load anything.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterable, Mapping
from string import Template
from typing import TYPE_CHECKING, Any

from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.state.snapshot import Snapshot
from specwidget.sounds import Sound
from specwidget.stft.settings import STFTSettings
from specwidget.summary.caption import named_settings
from specwidget.summary.quantities import format_duration, format_hertz
from specwidget.widgets.assets import FOLDER, data_url, key_of, read_modules, read_style
from specwidget.widgets.static_view import StaticViewState

if TYPE_CHECKING:
    from specwidget.explorer.panel import Panel

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' data: blob:; style-src 'unsafe-inline'; img-src data: blob:; "
    "media-src data: blob:"
)
"""Content security policy: the file's own text, and nothing from anywhere."""


def html_page_of(state: ExplorerState, panels: Mapping[str, Panel]) -> Callable[[], bytes]:
    """Return a function that makes an HTML file of the page as it is now, and needs no lock.

    Parameters
    ----------
    state : ExplorerState
        State of the explorer.
    panels : mapping of str to Panel
        The page's panels; the file has those that work without a kernel.

    Returns
    -------
    callable

    Raises
    ------
    ValueError
        If nothing has been computed.
    """
    with state.hold():
        snapshot = snapshot_of(state)
        factories = {panel.files: panel.to_static() for panel in panels.values()}
    return lambda: make_html_page(snapshot, {name: make() for name, make in factories.items() if make is not None})


def snapshot_of(state: ExplorerState) -> Snapshot:
    """Return a snapshot of the page.

    Raises
    ------
    ValueError
        If nothing has been computed.
    """
    snapshot = state.snapshot()
    if snapshot is None:
        raise ValueError("Nothing to save: the settings don't fit the sound.")
    return snapshot


def make_html_page(snapshot: Snapshot, views: Mapping[str, StaticViewState]) -> bytes:
    """Make an HTML file of a snapshot, and of the static state of each view by the name of its files."""
    sound = snapshot.computation.sound
    pages = [name for name, view in views.items() if "page" in view.traits]
    scripts = ["explorer/downloads/html_page.js", *(f"{name}.js" for name in views)]
    page = Template((FOLDER / "explorer/downloads/html_page.html").read_text(encoding="utf-8"))
    text = page.substitute(
        policy=POLICY,
        title=html.escape(sound.name),
        styles=read_style("explorer/downloads/html_page.css", *(f"{name}.css" for name in views)),
        about=_about(sound, snapshot.choices.channel, snapshot.computation.settings),
        parts=" ".join(f"specwidget-has-{part}" for part in ("picture", "pages") if part == "picture" or pages),
        views=_places(name for name in views if name not in pages),
        pages=f'<div class="specwidget-pages">\n{_places(pages)}\n</div>' if pages else "",
        saved=_script({name: view.to_json() for name, view in views.items()}),
        modules=_script(read_modules(*scripts)),
        assembler=data_url("widgets/module_loader.js"),
        keys=_script([key_of(name) for name in scripts]),
    )
    return text.encode()


def _places(names: Iterable[str]) -> str:
    """Return the elements of views."""
    return "\n".join(f'<div class="specwidget-panel" id="{name}"></div>' for name in names)


def _script(value: Any) -> str:
    """Return a value as JSON for a script element, which only "<" could end."""
    return json.dumps(value, allow_nan=False).replace("<", "\\u003c")


def _about(sound: Sound, channel: int, settings: STFTSettings) -> str:
    """Return length, rate and credit of the sound and the settings that are not the defaults, as HTML."""
    _, n_samples, channels = sound.samples.shape
    facts = [f"{n_samples:,} samples", "mono" if channels == 1 else f"channel {channel + 1} of {channels}"]
    if sound.sample_rate is not None:
        facts = [format_duration(n_samples / sound.sample_rate), format_hertz(sound.sample_rate), *facts]
    lines = [" \u00b7 ".join(facts), sound.credit]
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in lines if line)
    rows = named_settings(settings, sound.sample_rate).items()
    cells = "".join(f"<div><dt>{html.escape(label)}</dt><dd>{html.escape(value)}</dd></div>" for label, value in rows)
    return f"{paragraphs}\n<dl>{cells}</dl>"
