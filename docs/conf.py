"""Configuration of the documentation site. `make docs` builds it, without a network.

The README, the course, the change log and the results of the benchmarks have one text each, in their own places: what
the site shows of them is written to `docs/pages/` before each build, with links that lead within the site.
"""

from __future__ import annotations

import importlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import specwidget

ROOT = Path(__file__).parents[1]
PAGES = Path(__file__).parent / "pages"
LITE = Path(__file__).parent / "_build" / "lite"
"""What JupyterLite is built of: a wheel, and the notebooks."""

project = "specwidget"
author = "specwidget developers"
copyright = f"2026, {author}"  # noqa: A001
version = release = specwidget.__version__

# Formulas are set by a MathJax that comes along: the site loads nothing from elsewhere.
extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "myst_nb", "sphinx-mathjax-offline"]
templates_path = ["_templates"]
exclude_patterns = ["_build"]
html_theme = "pydata_sphinx_theme"
html_title = "specwidget"
html_show_sourcelink = False
html_theme_options = {"show_prev_next": False, "secondary_sidebar_items": ["page-toc"], "footer_start": ["copyright"]}
default_role = "code"

autosummary_generate = True
autodoc_typehints = "none"
numpydoc_show_class_members = False

myst_heading_anchors = 4
myst_enable_extensions = ["dollarmath"]
# A cell takes a few seconds; the figures of the course are images here, as a site has no kernel.
nb_execution_mode = "cache"
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_merge_streams = True
nb_ipywidgets_js: dict[str, dict[str, str]] = {}
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]

SECTIONS = {
    "start": ("Install", "Quick start"),
    "layer": ("What the layer computes",),
    "mel": ("Mel spectrograms and front ends of models",),
    "cross_check": ("Cross-check with other libraries",),
    "models": ("Use the layer in a model", "Gradients, training, reconstruction"),
    "files": ("Save results", "Generate code"),
    "corpora": ("Corpora",),
    "performance": ("Performance",),
}
"""The sections of the README that a page consists of."""

TITLES = {
    "start": "Start",
    "layer": "The layer",
    "cross_check": "Cross-check",
    "models": "Models and training",
    "files": "Files and code",
}
"""Titles of the pages that have another one than their section, or several sections."""

API_MODULES = ("specwidget", "sounds", "corpus", "training", "export", "codegen", "teach", "teach.exercises")
"""The modules of the public interface."""

SITE_PAGES = {
    "CHANGELOG.md": "pages/changelog.md",
    "CONTRIBUTING.md": "pages/contributing.md",
    "benchmarks/RESULTS.md": "pages/results.md",
    **{f"notebooks/{path.name}": f"pages/course/{path.name}" for path in (ROOT / "notebooks").glob("*.*")},
    **{f"docs/{path.name}": path.name for path in (ROOT / "docs").glob("*.md")},
}
"""The page of the site for a file of the repository."""

LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!\w+:|#|/)([^)#\s]*)(#[^)\s]*)?\)")
"""A link or image by a relative path: whether it is an image, its text, its path and its anchor."""


def write_pages() -> None:
    """Write the pages that come from other places of the repository."""
    shutil.rmtree(PAGES, ignore_errors=True)
    (PAGES / "course").mkdir(parents=True)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, titles in SECTIONS.items():
        text = "\n\n".join(section(readme, title) for title in titles)
        if len(titles) == 1:
            # The section is the page.
            text = re.sub(r"^##", "#", text, flags=re.MULTILINE)
        if name in TITLES:
            text = f"# {TITLES[name]}\n\n" + re.sub(r"\A# .*\n", "", text)
        (PAGES / f"{name}.md").write_text(text, encoding="utf-8")
    for name in ("CHANGELOG.md", "CONTRIBUTING.md", "benchmarks/RESULTS.md"):
        shutil.copy(ROOT / name, PAGES / Path(SITE_PAGES[name]).name)
    for path in (ROOT / "notebooks").glob("*.*"):
        shutil.copy(path, PAGES / "course" / path.name)
    (PAGES / "api.md").write_text(api_page(), encoding="utf-8")


def section(text: str, title: str) -> str:
    """Return a section of a document, with its heading."""
    found = re.search(rf"^## {re.escape(title)}$.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError(f"The README has no section {title!r}.")
    # A badge is an image of another site.
    return re.sub(r"\[!\[(\w+)\]\(https?:[^)]*\)\]", r"[\1]", found[0].strip()) + "\n"


def place_of(docname: str) -> Path:
    """Return the folder of the repository that the relative links of a page start from."""
    if docname.startswith("pages/course/"):
        return ROOT / "notebooks"
    if docname == "pages/results":
        return ROOT / "benchmarks"
    return ROOT if docname.startswith("pages/") else (ROOT / "docs" / docname).parent


def adapt_links(_app: Any, docname: str, source: list[str]) -> None:
    """Let links to files of the repository lead to pages of the site; where there is none, leave their text alone."""

    def adapt(match: re.Match[str]) -> str:
        is_image, text, path, anchor = match[1], match[2], match[3], match[4] or ""
        target = (place_of(docname) / path).resolve()
        name = target.relative_to(ROOT).as_posix() if target.is_relative_to(ROOT) else ""
        if is_image or name.endswith(".png"):
            return f"{is_image}[{text}](/{target.relative_to(ROOT / 'docs').as_posix()})"
        page = page_of_section(anchor) if name == "README.md" else SITE_PAGES.get(name)
        return text if page is None else f"[{text}](/{page}{anchor})"

    source[0] = LINK.sub(adapt, source[0])


def page_of_section(anchor: str) -> str:
    """Return the page that has a section of the README; the front page for any other."""
    for name in SECTIONS:
        headings = re.findall(r"^#+ (.*)$", (PAGES / f"{name}.md").read_text(encoding="utf-8"), re.MULTILINE)
        slugs = [re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings]
        if anchor.removeprefix("#") in slugs:
            return f"pages/{name}.md"
    return "index.md"


def api_page() -> str:
    """Return the page that lists every public name, from the modules' own lists."""
    parts = ["# API reference\n"]
    for name in API_MODULES:
        full = name if name == "specwidget" else f"specwidget.{name}"
        module = importlib.import_module(full)
        names = [each for each in module.__all__ if not hasattr(getattr(module, each), "__path__")]
        listed = "\n".join(f"   {each}" for each in names)
        first = (module.__doc__ or "").strip().splitlines()[0]
        parts.append(
            f"## {full}\n\n{first}\n\n```{{eval-rst}}\n.. currentmodule:: {full}\n\n.. autosummary::\n"
            f"   :toctree: api\n\n{listed}\n```\n"
        )
    return "\n".join(parts)


def build_lite(app: Any, error: Exception | None) -> None:
    """Build JupyterLite, a JupyterLab without a server, with a wheel of the package and the notebooks.

    Its Python is Pyodide, which a reader's browser loads from its own distribution when a notebook is opened there.
    """
    if error is not None:
        return
    shutil.rmtree(LITE, ignore_errors=True)
    (LITE / "notebooks").mkdir(parents=True)
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        source = ["%pip install -q specwidget"]
        cell = {"cell_type": "code", "id": "install", "metadata": {}, "source": source, "outputs": []}
        notebook["cells"].insert(0, cell | {"execution_count": None})
        (LITE / "notebooks" / path.name).write_text(json.dumps(notebook), encoding="utf-8")
    run(ROOT, "hatchling", "build", "--target", "wheel", "--directory", LITE / "wheels")
    wheels = ("--piplite-wheels", next((LITE / "wheels").glob("*.whl")))
    folders = ("--lite-dir", LITE, "--contents", LITE / "notebooks", "--output-dir", Path(app.outdir) / "lite")
    # It leaves a file behind where it runs.
    run(LITE, "jupyter", "lite", "build", "--apps", "lab", *folders, *wheels)


def run(folder: Path, module: str, *arguments: str | Path) -> None:
    """Run a module in a folder, and show what it printed if it fails."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)


def setup(app: Any) -> None:
    """Write the pages before Sphinx looks for its sources."""
    write_pages()
    app.connect("source-read", adapt_links)
    app.connect("build-finished", build_lite)
