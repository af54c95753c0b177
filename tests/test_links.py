"""Every link in the documents and the notebooks: those within the repository lead somewhere, the others look right."""

import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

CLONE = Path(__file__).parents[1]
FOLDERS = ("benchmarks", "binder", "docs", "notebooks", "specwidget", "tests")

BLOCK = re.compile(r"^ *(```|~~~).*?^ *\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")
TARGETS = (
    re.compile(r"\]\(\s*<?([^)>\s]+)>?[^)]*\)"),
    re.compile(r"^ {0,3}\[[^\]]+\]:\s*<?([^>\s]+)", re.MULTILINE),
    re.compile(r"\b(?:href|src|srcset)=[\"']([^\"']+)"),
    re.compile(r"(?<![(\"'])\b(https?://[^\s<>()\[\]\"'`|]+)"),
)
HEADING = re.compile(r"^#{1,6} +(.+?)(?: +#+)?$", re.MULTILINE)


def documents():
    """Return every page and notebook of the repository."""
    below = (path for folder in FOLDERS for path in (CLONE / folder).rglob("*"))
    found = [path for path in (*CLONE.glob("*"), *below) if path.suffix in (".md", ".ipynb")]
    # What `make docs` writes is checked by its own test.
    written = (CLONE / "docs" / "pages", CLONE / "docs" / "_build")
    return sorted(
        path for path in found if ".ipynb_checkpoints" not in path.parts and not any(map(path.is_relative_to, written))
    )


@cache
def prose(path):
    """Return what a document says, without its blocks of code."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return BLOCK.sub("", text)


def links(path):
    """Return where the links of a document lead, as they are written."""
    text = CODE.sub("", prose(path))
    return [target for pattern in TARGETS for target in pattern.findall(text)]


def anchors(path):
    """Return the names by which a document's headings are reached: JupyterLab's in a notebook, else GitHub's."""
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)|[*`]", r"\1", heading) for heading in HEADING.findall(prose(path))]
    if path.suffix == ".ipynb":
        return {heading.replace(" ", "-") for heading in plain}
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in plain}


def lost(path, link, root=CLONE):
    """Return why a link within the repository leads nowhere; None where it leads somewhere."""
    name, _, anchor = unquote(link).partition("#")
    target = (path.parent / name).resolve() if name else path
    if not target.is_relative_to(root):
        return "outside of the repository"
    if not target.exists():
        return "no such file"
    return "no such heading" if anchor and anchor not in anchors(target) else None


@pytest.fixture(params=documents(), ids=lambda path: path.relative_to(CLONE).as_posix())
def document(request):
    """Return a page or a notebook."""
    return request.param


def test_links_within_the_repository_lead_somewhere(document):
    # JupyterLite is built with the site, whose test follows the links to it.
    inside = [link for link in links(document) if not urlsplit(link).scheme and not link.startswith("lite/")]
    assert {link: reason for link in inside if (reason := lost(document, link))} == {}


def test_links_to_elsewhere_have_the_form_of_an_address(document):
    outside = [urlsplit(link) for link in links(document) if urlsplit(link).scheme]
    assert [link.geturl() for link in outside if link.scheme not in ("http", "https", "mailto")] == []
    hosts = [link.hostname for link in outside if link.scheme != "mailto"]
    assert [host for host in hosts if not re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", host or "")] == []


def test_every_picture_is_described_in_words(document):
    assert re.findall(r"!\[\s*\]|<img(?![^>]*\balt=[\"'][^\"'])[^>]*>", prose(document)) == []


@pytest.fixture
def lost_in(tmp_path):
    """Return a function that writes a document into a folder of its own, and tells which of its links are lost."""

    def write(name, text):
        path = tmp_path / name
        path.write_text(text)
        return {link: reason for link in links(path) if (reason := lost(path, link, tmp_path))}

    return write


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('[a](b.md) ![c](d.png "title")', {"b.md": "no such file", "d.png": "no such file"}),
        ("[a][one]\n\n[one]: gone.md\n", {"gone.md": "no such file"}),
        ('<img src="e.png">', {"e.png": "no such file"}),
        ("# A `heading`, of ours\n\n[up](#a-heading-of-ours) [down](#heading)", {"#heading": "no such heading"}),
        ("[out](../other.md)", {"../other.md": "outside of the repository"}),
        ("`[code](b.md)`\n\n```\n[more](c.md)\n```\n", {}),
    ],
)
def test_what_leads_nowhere_is_found(lost_in, text, found):
    assert lost_in("page.md", text) == found


def test_a_heading_of_a_notebook_is_reached_by_its_own_words(lost_in):
    cell = {"cell_type": "markdown", "source": ["## Two Words\n", "[right](#Two-Words) [wrong](#two-words)"]}
    assert lost_in("page.ipynb", json.dumps({"cells": [cell]})) == {"#two-words": "no such heading"}


def test_the_readme_leads_to_every_notebook_of_the_course():
    course = {f"notebooks/{path.name}" for path in (CLONE / "notebooks").glob("[0-9]*.ipynb")}
    assert course <= set(links(CLONE / "README.md"))
