"""The notebooks of the course as text: what they hold, and what they refer to."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
LINK = re.compile(r"\]\((?!https?://|#)([^)\s]+)\)")
# - Authors, *Title*, where it appeared, year, which part of it: what for.
REFERENCE = re.compile(
    r"- [^*\s][^*]*, \*[^*]+\*, [^*]+, (1[89]|20)\d\d, "
    r"((pp?\.|sections?|chapters?|table) [A-Z\d]|the (chapter|page)s? on |the whole )[^:]*(: .+)?\."
)


@pytest.fixture(params=sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def cells(request):
    """Return the cells of a notebook, each source as one text."""
    found = json.loads(request.param.read_text(encoding="utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in found]


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


def test_a_reference_names_authors_title_place_year_and_the_part_that_is_meant(cells):
    text = cells[-1]["source"]
    assert text.count("References") <= 1
    _, heading, references = text.partition("\n\n**References**\n\n")
    assert bool(heading) == ("References" in text)
    assert [line for line in references.splitlines() if not REFERENCE.fullmatch(line)] == []


def test_references_stand_at_the_end_of_a_notebook_and_nowhere_else(cells):
    assert [cell["id"] for cell in cells[:-1] if "**Reference" in cell["source"]] == []
