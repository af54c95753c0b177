"""The tab "Files": the files of a survey are sorted, chosen and explored, also by the keyboard."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.lab import Notebook, open_page
from tests.browser.notebooks import write
from tests.browser.person import Person
from tests.corpus.recordings import write_noise

pytestmark = pytest.mark.slow

OPEN = """import distributed
from specwidget import explore
from specwidget.corpus import survey
with distributed.Client(n_workers=1, processes=False, dashboard_address="127.0.0.1:0") as client:
    found = survey("corpus", client=client, progress=False)
explorer = explore(found)
explorer"""
N_FILES = 12


@pytest.fixture(scope="module")
def surveyed(browser, server, folder):
    """Return a person before the explorer of a survey: the third file is the loudest, the last the longest."""
    for i in range(N_FILES):
        write_noise(folder / "corpus" / f"{i:02d}.wav", 8000 + 400 * i, scale=0.2 if i == 2 else 0.05, seed=i)
    write(folder / "survey.ipynb", OPEN)
    notebook = Notebook(open_page(browser, height=900), server, "survey.ipynb")
    notebook.run_all()
    yield Person(notebook)
    notebook.close()


@pytest.fixture
def files(surveyed):
    """Return the page of the tab."""
    page = surveyed.open_tab("files")
    expect(page.get_by_role("row")).to_have_count(1 + N_FILES)
    return page


def first_name(files):
    """Return the button of the first file of the list."""
    return files.locator("tbody tr").first.get_by_role("button")


def test_a_title_sorts_by_its_column_and_back_by_the_keyboard(files):
    title = files.get_by_role("columnheader", name="Duration").get_by_role("button")
    title.press("Enter")
    expect(first_name(files)).to_have_text("11.wav")
    expect(files.get_by_role("columnheader", name="Duration")).to_have_attribute("aria-sort", "descending")
    expect(title).to_be_focused()
    title.press("Space")
    expect(first_name(files)).to_have_text("00.wav")
    expect(files.get_by_role("columnheader", name="Duration")).to_have_attribute("aria-sort", "ascending")


def test_the_ten_oddest_are_listed_and_a_file_is_explored_in_two_clicks(surveyed, files):
    files.get_by_role("button", name="Ten oddest").click()
    expect(files.get_by_role("status")).to_have_text(f"10 of {N_FILES} files")
    expect(first_name(files)).to_have_text("02.wav")
    first_name(files).click()
    expect(surveyed.stage).to_have_attribute("aria-label", re.compile("^Spectrogram of 02.wav, "))
    expect(files.locator('[aria-current="true"]')).to_contain_text("02.wav")
    files.get_by_role("button", name="All files").click()
    expect(files.get_by_role("status")).to_have_text(f"{N_FILES} files")


def test_a_file_that_has_gone_gets_a_sentence_and_the_picture_stays(surveyed, files, folder):
    shown = surveyed.stage.get_attribute("aria-label")
    (folder / "corpus" / "05.wav").unlink()
    files.get_by_role("button", name="05.wav").press("Enter")
    expect(files.get_by_role("alert")).to_contain_text("05.wav")
    assert surveyed.stage.get_attribute("aria-label") == shown


def test_axe_finds_nothing_serious(surveyed, files):
    assert violations(surveyed.page) == []
