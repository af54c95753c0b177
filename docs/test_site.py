"""The built site: every public name has its page, every link leads somewhere, and nothing is loaded from elsewhere."""

import importlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import specwidget
from docs.conf import API_MODULES

SITE = Path(__file__).parent / "_build" / "html"
LOADING = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "srcset"}


class Page(HTMLParser):
    """Links, ids and loaded files of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links, self.ids, self.loaded = [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        """Note what an element leads to, is called and loads."""
        given = dict(attributes)
        self.ids |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if given.get(LOADING.get(tag, "")) and given.get("rel") not in ("canonical", "search"):
            self.loaded.append(given[LOADING[tag]])


PAGES = {
    path: Page(path.read_text(encoding="utf-8"))
    for path in SITE.rglob("*.html")
    # JupyterLite is an application of its own.
    if not {"_static", "lite"} & {*path.relative_to(SITE).parts}
}


def test_the_site_has_pages():
    assert len(PAGES) > 40


@pytest.mark.parametrize("module", API_MODULES)
def test_every_public_name_has_its_page(module):
    full = module if module == "specwidget" else f"specwidget.{module}"
    names = importlib.import_module(full).__all__
    pages = {path.stem for path in (SITE / "pages" / "api").glob("*.html")}
    modules = {f"specwidget.{name}" for name in API_MODULES}
    assert [name for name in names if f"{full}.{name}" not in pages | modules] == []


def test_every_link_within_the_site_leads_somewhere():
    lost = []
    for path, page in PAGES.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            is_there = target in PAGES and (not parts.fragment or unquote(parts.fragment) in PAGES[target].ids)
            is_file = target.is_file() and (target.suffix != ".html" or SITE / "lite" in target.parents)
            if not is_there and not is_file:
                lost.append((path.relative_to(SITE).as_posix(), link))
    assert lost == []


def test_nothing_is_loaded_from_elsewhere():
    foreign = {each for page in PAGES.values() for each in page.loaded if re.match(r"(https?:)?//", each)}
    assert foreign == set()


def test_the_figures_of_the_course_are_images():
    for notebook in (Path(__file__).parents[1] / "notebooks").glob("[0-9]*.ipynb"):
        text = (SITE / "pages" / "course" / f"{notebook.stem}.html").read_text(encoding="utf-8")
        has_figures = re.search(r"figures\.|explore\(|explorer\.", notebook.read_text(encoding="utf-8"))
        has_images = "data:image/png;base64," in text or re.search(r'<img[^>]+src="[^"]*_images/', text)
        assert bool(has_images) or not has_figures, notebook.stem
        assert "model not found" not in text.lower()


def test_jupyterlite_has_the_wheel_the_widgets_and_the_notebooks():
    lite = SITE / "lite"
    assert PAGES[SITE / "index.html"].links.count("lite/lab/index.html?path=explore.ipynb") == 1
    wheels = json.loads((lite / "pypi" / "all.json").read_text(encoding="utf-8"))
    assert list(wheels["specwidget"]["releases"]) == [specwidget.__version__]
    configuration = json.loads((lite / "jupyter-lite.json").read_text(encoding="utf-8"))["jupyter-config-data"]
    extensions = {each["name"] for each in configuration["federated_extensions"]}
    assert {"@jupyter-widgets/jupyterlab-manager", "anywidget", "@jupyterlite/pyodide-kernel-extension"} <= extensions
    names = {path.name for path in (Path(__file__).parents[1] / "notebooks").glob("*.ipynb")}
    assert {path.name for path in (lite / "files").glob("*.ipynb")} == names
    first = json.loads((lite / "files" / "explore.ipynb").read_text(encoding="utf-8"))["cells"][0]
    assert first["source"] == ["%pip install -q specwidget"]
