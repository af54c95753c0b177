"""RESULTS.md: a part that is written anew, and what stays."""

import pytest

from benchmarks.results import write_head, write_part


@pytest.fixture
def path(tmp_path):
    """Return a file with two parts."""
    path = tmp_path / "RESULTS.md"
    path.write_text("# Results\n\nA machine.\n\n## Speed\n\n| a |\n\n## Limits\n\nWords.\n")
    return path


def test_a_part_takes_the_place_of_what_it_was(path):
    write_part("Speed", "| b |", path)
    assert path.read_text() == "# Results\n\nA machine.\n\n## Speed\n\n| b |\n\n## Limits\n\nWords.\n"


def test_a_new_part_stands_at_the_end(path):
    write_part("In the browser", "| c |\n", path)
    assert path.read_text().endswith("## Limits\n\nWords.\n\n## In the browser\n\n| c |\n")


def test_the_head_is_written_without_touching_the_parts(path):
    write_head("# Results\n\nAnother machine.", path)
    assert path.read_text() == "# Results\n\nAnother machine.\n\n## Speed\n\n| a |\n\n## Limits\n\nWords.\n"


def test_a_file_that_is_not_there_is_made(tmp_path):
    write_head("# Results", tmp_path / "new.md")
    write_part("Speed", "fast", tmp_path / "new.md")
    assert (tmp_path / "new.md").read_text() == "# Results\n\n## Speed\n\nfast\n"
