"""Test the structure of the notebooks and the form of their references."""

import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
LINK = re.compile(r"\]\((?!https?://|#)([^)\s]+)\)")
# - Authors, *Title*, publication, year, part: topic.
REFERENCE = re.compile(
    r"- [^*\s][^*]*, \*[^*]+\*, [^*]+, (1[89]|20)\d\d, "
    r"((pp?\.|sections?|chapters?|table) [A-Z\d]|the (chapter|page)s? on |the whole )[^:]*(: .+)?\."
)


@pytest.fixture(params=sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def cells(request):
    """Cells of a notebook, each source as one string."""
    found = json.loads(request.param.read_text(encoding="utf-8"))["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in found]


def test_the_table_in_explore_lists_every_notebook():
    cells = json.loads((FOLDER / "explore.ipynb").read_text(encoding="utf-8"))["cells"]
    others = {path.name for path in FOLDER.glob("*.ipynb")} - {"explore.ipynb"}
    assert others <= set(LINK.findall("".join(cells[-1]["source"])))


def test_stored_outputs_are_single_lines(cells):
    stored = [output for cell in cells if cell["cell_type"] == "code" for output in cell["outputs"]]
    assert [output["output_type"] for output in stored] == ["execute_result"] * len(stored)
    assert [output["data"].keys() for output in stored] == [{"text/plain"}] * len(stored)
    assert [text for output in stored if "\n" in (text := "".join(output["data"]["text/plain"]))] == []


def test_a_code_cell_is_short_and_follows_a_markdown_cell(cells):
    for before, cell in pairwise(cells):
        if cell["cell_type"] == "code":
            assert before["cell_type"] == "markdown", cell["id"]
            assert len([line for line in cell["source"].splitlines() if line.strip()]) <= 8, cell["id"]


def test_a_notebook_starts_with_a_question_and_ends_with_try(cells):
    assert 12 <= len(cells) <= 25
    assert cells[0]["source"].splitlines()[0].endswith("?")
    assert cells[-1]["source"].startswith("## Try\n\n1. ")


def test_an_answer_follows_a_prediction(cells):
    asked = [before["source"] for before, cell in pairwise(cells) if cell["cell_type"] == "code" and cell["outputs"]]
    assert [text[:60] for text in asked if "predict" not in text.lower()] == []


def test_a_text_does_not_give_the_answer_that_it_asks_for(cells):
    # The sentence that asks may name numbers to choose from; those that the code has are no answers.
    question = re.compile(r"\bpredict\b.*?[.?](?=\s|$)", re.IGNORECASE | re.DOTALL)
    number = re.compile(r"\d[\d.]*\d")
    told = {}
    for before, cell in pairwise(cells):
        if cell["cell_type"] == "code" and cell["outputs"]:
            found = question.search(before["source"])
            given = number.findall(before["source"][: found.end()]) + number.findall(cell["source"])
            answers = set(number.findall("".join(cell["outputs"][0]["data"]["text/plain"]))) - set(given)
            told[cell["id"]] = answers & set(number.findall(before["source"][found.end() :]))
    assert {name: numbers for name, numbers in told.items() if numbers} == {}


def test_pictures_are_scenes(cells):
    # A kernel shows a matplotlib `Figure` as one line of text, unless pyplot has been imported.
    assert [cell["id"] for cell in cells if cell["cell_type"] == "code" and "matplotlib" in cell["source"]] == []


def test_whatever_changes_an_explorer_shows_it(cells):
    changing = [cell for cell in cells if cell["cell_type"] == "code" and "explorer.set(" in cell["source"]]
    shown = re.compile(r"\n(explorer|crow|half|explorer\.snapshot\(\))$")
    assert [cell["id"] for cell in changing if not shown.search(cell["source"])] == []


def test_the_lecture_has_a_slide_for_each_section():
    cells = json.loads((FOLDER / "lecture.ipynb").read_text(encoding="utf-8"))["cells"]
    sections = [cell for cell in cells if "".join(cell["source"]).startswith("#")]
    assert {cell["metadata"]["slideshow"]["slide_type"] for cell in sections} == {"slide"}
    minutes = [int(number) for cell in cells for number in re.findall(r"^## .*\[(\d+)\]", "".join(cell["source"]))]
    assert sum(minutes) == 45


@pytest.mark.slow
def test_nbconvert_makes_slides_of_the_lecture(tmp_path):
    command = [sys.executable, "-m", "nbconvert", "--to", "slides", "--output-dir", tmp_path, FOLDER / "lecture.ipynb"]
    subprocess.run(command, check=True, capture_output=True)
    slides = (tmp_path / "lecture.slides.html").read_text(encoding="utf-8")
    assert len(re.findall(r"<section>\s*<section>", slides)) >= 8


def test_references_have_authors_title_publication_year_and_part(cells):
    text = cells[-1]["source"]
    assert text.count("References") <= 1
    _, heading, references = text.partition("\n\n**References**\n\n")
    assert bool(heading) == ("References" in text)
    assert [line for line in references.splitlines() if not REFERENCE.fullmatch(line)] == []


def test_references_are_in_the_last_cell_only(cells):
    assert [cell["id"] for cell in cells[:-1] if "**Reference" in cell["source"]] == []
