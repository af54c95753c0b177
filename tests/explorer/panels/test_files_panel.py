"""The list of the files of a survey, and what a click on one does."""

import numpy as np
import pytest

import specwidget
from specwidget.corpus import FileSurvey, Survey
from specwidget.corpus.features import settings_document
from specwidget.explorer.panels.files_panel import COLUMNS
from tests.corpus.recordings import write_noise


@pytest.fixture
def survey(tmp_path):
    """Return a survey of twelve files, of which the last is loud and the first long."""
    files = []
    for i in range(12):
        path = write_noise(tmp_path / f"{i:02d}.wav", 2000 + i, seed=i)
        files.append(FileSurvey(str(path), 1, 0, duration=3.0 if i == 0 else 1.0, peak=0.9 if i == 11 else 0.1))
    bad = FileSurvey("bad.wav", 1, 0, problem="`file` must be complete.")
    return Survey((*files, bad), settings_document(specwidget.STFTSpectrogram(frame_length=400)))


@pytest.fixture
def explorer(survey):
    explorer = specwidget.explore(survey)
    yield explorer
    explorer.close()


@pytest.fixture
def panel(explorer):
    panel = explorer.panels["files"]
    panel.is_open = True
    return panel


def names(panel):
    return [cells[-1] for _, cells in panel.rows]


def test_exploring_a_survey_begins_with_its_settings_and_its_oddest_file(explorer, survey):
    assert explorer.state.frame_length == 400
    assert explorer.state.sound.name == "11.wav"
    assert explorer.workbench.open_tab == "files"
    assert survey.oddest(1)[0].path.endswith("11.wav")


def test_exploring_begins_with_the_oddest_file_that_is_still_there(survey, tmp_path):
    (tmp_path / "11.wav").unlink()
    (tmp_path / "00.wav").write_bytes(b"RIFF")
    explorer = specwidget.explore(survey)
    assert explorer.state.sound.name == survey.oddest(3)[2].path[-6:]
    explorer.close()


def test_a_survey_whose_files_have_all_gone_is_refused(survey, tmp_path):
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(ValueError, match="must be a survey with at least 1 file that can be read; got none of 13"):
        specwidget.explore(survey)


def test_settings_that_are_given_replace_those_of_the_survey(survey):
    explorer = specwidget.explore(survey, settings=specwidget.STFTSpectrogram(frame_length=512), mode="psd")
    assert (explorer.state.frame_length, explorer.state.mode) == (512, "psd")
    explorer.close()


def test_the_list_has_the_readable_files_the_oddest_first(panel):
    assert panel.total == len(panel.rows) == 12
    assert names(panel)[:2] == ["11.wav", "00.wav"]
    assert panel.badge() == "12"
    assert len(panel.rows[0][1]) == len(COLUMNS) + 1


@pytest.mark.parametrize("column", COLUMNS)
def test_the_list_is_sorted_by_any_column(column, panel):
    panel.set_state({"order": column, "descending": False})
    values = [panel._values[number][column] for number, _ in panel.rows]
    assert values == sorted(values)
    panel.set_state({"descending": True})
    assert [panel._values[number][column] for number, _ in panel.rows] == sorted(values, reverse=True)


def test_two_clicks_show_one_of_the_ten_oddest(panel, explorer):
    panel.set_state({"order": "path", "descending": False})
    panel.handle({"kind": "oddest"}, [])
    assert len(panel.rows) == 10
    assert names(panel)[:2] == ["11.wav", "00.wav"]
    panel.handle({"kind": "show", "number": panel.rows[1][0]}, [])
    assert explorer.state.sound.name == "00.wav"
    assert panel.chosen == panel.rows[1][0]
    explorer.state.frame_length = 1024
    assert explorer.result.settings.frame_length == 1024


def test_only_the_file_that_is_displayed_is_marked(panel, explorer):
    panel.handle({"kind": "show", "number": 1}, [])
    assert panel.chosen == 1
    shown = explorer.state.sound
    explorer.state.sound = specwidget.sounds.load_recording("voice")
    explorer.state.flush()
    assert panel.chosen == -1
    explorer.state.sound = shown
    explorer.state.flush()
    assert panel.chosen == 1


def test_the_page_asks_for_all_files_without_a_number(panel, monkeypatch):
    monkeypatch.setattr("specwidget.explorer.panels.files_panel.MOST_ROWS", 11)
    panel.handle({"kind": "oddest"}, [])
    panel.handle({"kind": "all"}, [])
    assert len(panel.rows) == 11


def test_a_file_that_has_gone_is_an_error_and_the_sound_stays(panel, explorer, tmp_path):
    (tmp_path / "00.wav").unlink()
    panel.handle({"kind": "show", "number": 1}, [])
    assert "which does not" in panel.failure
    assert explorer.state.sound.name == "11.wav"
    panel.handle({"kind": "show", "number": 2}, [])
    assert panel.failure == ""


@pytest.mark.parametrize("number", [-1, 12, "0", None])
def test_the_page_opens_no_other_file(number, panel, explorer):
    panel.handle({"kind": "show", "number": number}, [])
    assert explorer.state.sound.name == "11.wav"


def test_what_the_page_sets_is_checked(panel):
    panel.set_state({"order": "secret"})
    assert panel.order == "oddness"


def test_without_a_survey_there_is_no_list(noise):
    explorer = specwidget.explore(noise)
    assert "files" not in explorer.panels
    explorer.close()


def test_a_survey_without_a_readable_file_is_refused():
    with pytest.raises(ValueError, match="must be a survey with at least 1 file that can be read"):
        specwidget.explore(Survey((FileSurvey("bad.wav", 1, 0, problem="broken"),)))


def test_a_survey_without_a_layer_has_the_default_settings(survey):
    explorer = specwidget.explore(Survey(survey.files))
    assert explorer.state.frame_length == 256
    assert np.isfinite(explorer.result.values).all()
    explorer.close()
