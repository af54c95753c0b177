"""The page as one HTML file, which opens without a kernel and without a network.

The views are the page's own modules. `html_page.js` takes the place of the widget manager, and answers from what is
saved with the page: fine pictures, and as far as there is room for them, the sound and the exact values of each frame.
The page says what it holds and what was left out. Its content security policy forbids it to load anything.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from string import Template
from typing import TYPE_CHECKING, Any

from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.state.snapshot import Snapshot
from specwidget.mel.stages import FrontEndSettings
from specwidget.sounds import Sound
from specwidget.summary.caption import named_settings
from specwidget.summary.quantities import format_duration, format_hertz
from specwidget.widgets.assets import FOLDER, data_url, key_of, read_modules, read_style
from specwidget.widgets.static_view import Extra, StaticViewState, pack

if TYPE_CHECKING:
    from specwidget.explorer.panel import Panel

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' data: blob:; style-src 'unsafe-inline'; img-src data: blob:; "
    "media-src data: blob:"
)
"""Content security policy: the file's own text, and nothing from anywhere."""

MOST_BYTES = 5_000_000
"""Size of a file up to which sound and exact values are added to it."""


@dataclass(frozen=True)
class PageContent:
    """What a page holds besides its pictures.

    Parameters
    ----------
    sound, values : bool or None
        Whether it holds the sound, and the exact values of every frame; None: if the file stays below `MOST_BYTES`.
    """

    sound: bool | None = None
    values: bool | None = None


def html_page_of(
    state: ExplorerState, panels: Mapping[str, Panel], content: PageContent | None = None
) -> Callable[[], bytes]:
    """Return a function that makes an HTML file of the page as it is now, and needs no lock.

    Parameters
    ----------
    state : ExplorerState
        State of the explorer.
    panels : mapping of str to Panel
        The page's panels; the file has those that work without a kernel.
    content : PageContent, optional
        What it holds; None is as much as there is room for.

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
    wanted = content or PageContent()
    return lambda: make_html_page(
        snapshot, {name: make() for name, make in factories.items() if make is not None}, wanted
    )


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


def make_html_page(snapshot: Snapshot, views: Mapping[str, StaticViewState], content: PageContent) -> bytes:
    """Make an HTML file of a snapshot, and of the static state of each view by the name of its files."""
    sound = snapshot.computation.sound
    pages = [name for name, view in views.items() if "page" in view.traits]
    scripts = ["explorer/downloads/html_page.js", *(f"{name}.js" for name in views)]
    page = Template((FOLDER / "explorer/downloads/html_page.html").read_text(encoding="utf-8"))
    parts = {
        "policy": POLICY,
        "title": html.escape(sound.name),
        "styles": read_style("explorer/downloads/html_page.css", *(f"{name}.css" for name in views)),
        "about": _about(sound, snapshot.choices.channel, snapshot.computation.settings),
        "parts": " ".join(f"specwidget-has-{part}" for part in ("picture", "pages") if part == "picture" or pages),
        "views": _places(name for name in views if name not in pages),
        "pages": f'<div class="specwidget-pages">\n{_places(pages)}\n</div>' if pages else "",
        "modules": _script(read_modules(*scripts)),
        "assembler": data_url("widgets/module_loader.js"),
        "keys": _script([key_of(name) for name in scripts]),
    }
    saved = {name: view.to_json() for name, view in views.items()}
    stored = [sentence for view in views.values() for sentence in view.stored]
    room = MOST_BYTES - sum(map(len, parts.values())) - len(_script(saved))
    for name, view in views.items():
        for extra in view.extras:
            sentence, part = _choose(extra, getattr(content, extra.name), room)
            stored.append(sentence)
            if part is not None:
                saved[name]["store"][extra.name] = part
                room -= len(_script(part))
    text = page.substitute(parts, saved=_script(saved), stored=html.escape(" ".join(filter(None, stored))))
    return text.encode()


def _choose(extra: Extra, wanted: bool | None, room: int) -> tuple[str, Any]:
    """Return what is said about an extra, and its best form for which there is room; None where it is left out.

    One that is wanted whatever its size is saved in its best form.
    """
    if extra.least == 0:
        return "", None
    if wanted is False:
        return f"Without {extra.label}, as was chosen.", None
    size = f"at least {extra.least / 1e6:.1f}"
    for sentence, value in extra.forms() if wanted or extra.least <= room else ():
        part = pack(value)
        if wanted or len(part["data"]) <= room:
            return sentence, part
        size = f"{len(part['data']) / 1e6:.1f}"
    left_out = (
        f"Without {extra.label}, for which the file would need {size} MB more and exceed {MOST_BYTES / 1e6:g} MB."
    )
    return f"{left_out} In Python, `explorer.save_html(path, {extra.name}=True)` adds it all the same.", None


def _places(names: Iterable[str]) -> str:
    """Return the elements of views."""
    return "\n".join(f'<div class="specwidget-panel" id="{name}"></div>' for name in names)


def _script(value: Any) -> str:
    """Return a value as JSON for a script element, which only "<" could end."""
    return json.dumps(value, allow_nan=False).replace("<", "\\u003c")


def _about(sound: Sound, channel: int, settings: FrontEndSettings) -> str:
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
