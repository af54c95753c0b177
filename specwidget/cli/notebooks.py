"""Notebooks of `specwidget lab`: found, copied or written, and never overwritten."""

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
from specwidget.files import write_new
from specwidget.stft.formatting import printable

EXPLORER = "explore.ipynb"

COURSE = "specwidget-course"
"""Name of the folder that the other notebooks of the course are copied to."""

MARK = "specwidget"
"""Text in every file that specwidget has written."""

MAX_STEM_BYTES = 230
"""Longest name of a notebook without number and suffix; file systems take 255 bytes."""

_SURROGATE = re.compile("[\ud800-\udfff]")
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
    """Return the notebook that opens the explorer on a bundled recording; copy it and the course if necessary.

    Parameters
    ----------
    folder : Path
        The current folder. A clone of the repository has the notebooks. In any other folder, this one is copied into
        it, so that the explorer lists the sound files there, and the others into a folder below. Existing files stay.

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
    below = find_course_folder(folder, course)
    explorer = write_once(folder, "explore", relink(opened, {name: f"{below.name}/{name}" for name in course}), MARK)
    for name, text in course.items():
        write_missing(below / name, relink(text, {EXPLORER: f"../{explorer.name}"}))
    return explorer


def is_text(path: Path) -> bool:
    """Whether a file is a notebook or a page of the course."""
    return path.suffix in (".ipynb", ".md")


def find_course_folder(folder: Path, names: Iterable[str]) -> Path:
    """Return the first folder for the course in which no other file has one of its names."""
    for number in count(1):
        path = folder / (COURSE if number == 1 else f"{COURSE}-{number}")
        taken = [file for name in names if (file := path / name).exists() and not contains(file, MARK)]
        if not taken and (path.is_dir() or not path.exists()):
            return path
    raise AssertionError("there is always a free name")


def relink(text: str, targets: Mapping[str, str]) -> str:
    """Replace the targets of Markdown links; a fragment after ``#`` stays.

    Examples
    --------
    >>> relink("[one](1.ipynb), [two](2.ipynb#more)", {"2.ipynb": "below/2.ipynb"})
    '[one](1.ipynb), [two](below/2.ipynb#more)'
    """
    return _LINK.sub(lambda link: f"]({targets.get(link[1], link[1])}", text)


def write_missing(path: Path, text: str) -> None:
    """Write a file of the course, unless it exists."""
    with write_errors(path.parent), suppress(FileExistsError):
        path.parent.mkdir(exist_ok=True)
        write_new(path, text.encode())


@contextmanager
def write_errors(folder: Path) -> Iterator[None]:
    """Turn an error while writing into a folder into a usage error."""
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        raise UsageError(
            f"Can't write a notebook into {printable(str(folder))}: {error.strerror}. Change to a folder of yours."
        ) from None


def place_notebook(sound: Path | None, settings: Path | None, folder: Path, *, front_end: str | None = None) -> Path:
    """Return a notebook that opens the explorer on a sound file, with settings from a file; write it if necessary.

    Parameters
    ----------
    sound : Path or None
        The sound file; None is a bundled recording.
    settings : Path or None
        The file of settings; None is the defaults.
    folder : Path
        The current folder, where the notebook is written unless there is one for these files.
    front_end : str, optional
        Name of the front end of a model to begin with. Not all three are None.

    Returns
    -------
    Path
        The notebook.
    """
    arguments = [] if sound is None else [_quoted(sound, folder)]
    if settings is not None:
        arguments.append(f"settings={_quoted(settings, folder)}")
    if front_end is not None:
        arguments.append(f"front_end={json.dumps(front_end)}")
    call = f"specwidget.explore({', '.join(arguments)})"
    named = [*(path.stem for path in (sound, settings) if path is not None), *([front_end] if front_end else [])]
    stem = "-".join(["explore", *named])
    stem = "".join(character if character.isprintable() else "-" for character in stem)
    stem = stem.encode()[:MAX_STEM_BYTES].decode(errors="ignore")
    return write_once(folder, stem, make_notebook(call), mark=json.dumps(call, ensure_ascii=False)[1:-1])


def _quoted(path: Path, folder: Path) -> str:
    """Return a path as a Python string, relative to the folder if it is inside."""
    path = path.absolute()
    shortened = path.relative_to(folder) if path.is_relative_to(folder) else path
    text = json.dumps(shortened.as_posix(), ensure_ascii=False)
    # A byte of a name that is not text is a surrogate, which no file can hold; its escape is the same string.
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def make_notebook(call: str) -> str:
    """Return the text of a notebook with one cell that imports specwidget, runs `call` and displays its `explorer`."""
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "id": "explore",
        "metadata": {},
        "outputs": [],
        "source": ["import specwidget\n", "\n", f"explorer = {call}\n", "explorer"],
    }
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def write_once(folder: Path, stem: str, text: str, mark: str) -> Path:
    """Write a notebook under the first free name, or return an earlier one, which contains `mark`."""
    for path in candidates(folder, stem):
        try:
            with write_errors(folder):
                write_new(path, text.encode())
        except FileExistsError:
            if not contains(path, mark):
                continue
        return path
    raise AssertionError("there is always a free name")


def candidates(folder: Path, stem: str) -> Iterator[Path]:
    """Yield stem.ipynb, stem-2.ipynb, and so on."""
    yield folder / f"{stem}.ipynb"
    for number in count(2):
        yield folder / f"{stem}-{number}.ipynb"


def contains(path: Path, mark: str) -> bool:
    """Whether a file is text with `mark` in it."""
    try:
        return mark in path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
