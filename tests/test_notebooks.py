"""The notebooks of the course as text: what they hold, and where their links lead."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
LINK = re.compile(r"\]\((?!https?://|#)([^)\s]+)\)")


@pytest.fixture(params=sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def cells(request):
    """Return the cells of a notebook, each source as one text."""
    found = json.loads(request.param.read_text(encoding="utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in found]


def test_links_lead_to_files_that_are_there(cells):
    links = [link for cell in cells if cell["cell_type"] == "markdown" for link in LINK.findall(cell["source"])]
    assert [link for link in links if not (FOLDER / link).is_file()] == []


def test_the_map_at_the_front_door_names_every_notebook():
    cells = json.loads((FOLDER / "explore.ipynb").read_text(encoding="utf-8"))["cells"]
    others = {path.name for path in FOLDER.glob("*.ipynb")} - {"explore.ipynb"}
    assert others <= set(LINK.findall("".join(cells[-1]["source"])))


def test_only_readouts_of_one_line_are_stored(cells):
    stored = [output for cell in cells if cell["cell_type"] == "code" for output in cell["outputs"]]
    assert [output["output_type"] for output in stored] == ["execute_result"] * len(stored)
    assert [output["data"].keys() for output in stored] == [{"text/plain"}] * len(stored)
    assert [text for output in stored if "\n" in (text := "".join(output["data"]["text/plain"]))] == []


def test_a_code_cell_is_short_and_follows_a_text_that_says_what_to_look_for(cells):
    for before, cell in pairwise(cells):
        if cell["cell_type"] == "code":
            assert before["cell_type"] == "markdown", cell["id"]
            assert len([line for line in cell["source"].splitlines() if line.strip()]) <= 8, cell["id"]


def test_a_notebook_begins_with_its_question_and_ends_with_changes_to_try(cells):
    assert 12 <= len(cells) <= 25
    assert cells[0]["source"].splitlines()[0].endswith("?")
    assert cells[-1]["source"].startswith("## Try\n\n1. ")
