"""The notebooks that `specwidget lab` brings: found, copied or written, and never overwritten."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import specwidget
from specwidget.cli.errors import UsageError

EXPLORER = "explore.ipynb"

COURSE = "specwidget-course"
"""Name of the folder that gets the rest of the course."""

MARK = "specwidget"
"""What a text holds that was written by us."""

_LINK = re.compile(r"\]\(([^)#\s]+)")


def find_course() -> Path:
    """Find the folder of the notebooks.

    Returns
    -------
    Path
        In an installed package the folder inside it; in a clone the folder beside it.
    """
    package = Path(specwidget.__file__).parent
    inside = package / "notebooks"
    return inside if inside.is_dir() else package.parent / "notebooks"


def place_explorer(folder: Path) -> Path:
    """Return the notebook that opens the explorer on a bundled recording, with the course that it leads to.

    Parameters
    ----------
    folder : Path
        Where the caller stands. A clone has the notebooks. Elsewhere copies are made: of this one here, where the
        explorer finds the sound files that lie here, and of the others in a folder below. What is there is kept.

    Returns
    -------
    Path
        The notebook, in `folder` or below.
    """
    own = folder / "notebooks" / EXPLORER
    if own.is_file() and (folder / "specwidget" / "__init__.py").is_file():
        return own
    course = {path.name: path.read_text(encoding="utf-8") for path in sorted(find_course().iterdir()) if is_text(path)}
    opened = course.pop(EXPLORER)
    below = find_place(folder, course)
    explorer = write_once(folder, "explore", relink(opened, {name: f"{below.name}/{name}" for name in course}), MARK)
    for name, text in course.items():
        write_missing(below / name, relink(text, {EXPLORER: f"../{explorer.name}"}))
    return explorer


def is_text(path: Path) -> bool:
    """Whether a file is a notebook or a page of the course."""
    return path.suffix in (".ipynb", ".md")


def find_place(folder: Path, names: Iterable[str]) -> Path:
    """Return the first folder for the course in which none of its names is taken by another's file."""
    for number in count(1):
        place = folder / (COURSE if number == 1 else f"{COURSE}-{number}")
        taken = [path for name in names if (path := place / name).exists() and not holds(path, MARK)]
        if not taken and (place.is_dir() or not place.exists()):
            return place
    raise AssertionError("there is always a free name")


def relink(text: str, targets: Mapping[str, str]) -> str:
    """Return a text with its links to some files led elsewhere; what follows a ``#`` stays.

    Examples
    --------
    >>> relink("[one](1.ipynb), [two](2.ipynb#more)", {"2.ipynb": "below/2.ipynb"})
    '[one](1.ipynb), [two](below/2.ipynb#more)'
    """
    return _LINK.sub(lambda link: f"]({targets.get(link[1], link[1])}", text)


def write_missing(path: Path, text: str) -> None:
    """Write a file of the course, unless it is there."""
    with refused(path.parent), suppress(FileExistsError):
        path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)


@contextmanager
def refused(folder: Path) -> Iterator[None]:
    """Say in a sentence that nothing can be written into a folder."""
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        raise UsageError(
            f"No notebook can be written into {folder}: {error.strerror}. Change to a folder of yours."
        ) from None


def place_notebook(sound: Path | None, settings: Path | None, folder: Path) -> Path:
    """Return a notebook that opens the explorer on a sound file, with settings of a file.

    Parameters
    ----------
    sound : Path or None
        The sound file; None is a bundled recording.
    settings : Path or None
        The file of settings; None is the defaults. One of the two is there.
    folder : Path
        Where the caller stands, and where the notebook is written, unless there is one for these files.

    Returns
    -------
    Path
        The notebook.
    """
    arguments = [] if sound is None else [_quoted(sound, folder)]
    if settings is not None:
        arguments.append(f"settings={_quoted(settings, folder)}")
    call = f"specwidget.explore({', '.join(arguments)})"
    stem = "-".join(["explore", *(path.stem for path in (sound, settings) if path is not None)])
    return write_once(folder, stem, make_notebook(call), mark=json.dumps(call, ensure_ascii=False))


def _quoted(path: Path, folder: Path) -> str:
    """Return a file as Python writes its name, from where the caller stands if it lies there."""
    path = path.absolute()
    named = path.relative_to(folder) if path.is_relative_to(folder) else path
    return json.dumps(named.as_posix(), ensure_ascii=False)


def make_notebook(call: str) -> str:
    """Make the text of a notebook whose only cell imports specwidget and makes `call`."""
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "id": "explore",
        "metadata": {},
        "outputs": [],
        "source": ["import specwidget\n", "\n", call],
    }
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def write_once(folder: Path, stem: str, text: str, mark: str) -> Path:
    """Write a notebook under the first free name; one that holds `mark` was written before, and is kept."""
    for path in candidates(folder, stem):
        try:
            with refused(folder), path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            if not holds(path, mark):
                continue
        return path
    raise AssertionError("there is always a free name")


def candidates(folder: Path, stem: str) -> Iterator[Path]:
    """Name stem.ipynb, stem-2.ipynb, and so on."""
    yield folder / f"{stem}.ipynb"
    for number in count(2):
        yield folder / f"{stem}-{number}.ipynb"


def holds(path: Path, mark: str) -> bool:
    """Whether the file is a text that holds `mark`."""
    try:
        return mark in path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
