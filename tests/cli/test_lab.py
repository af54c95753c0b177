"""`specwidget lab`: which notebook it opens, what it asks of JupyterLab, and what it refuses."""

import json
import re
import shutil
import socket
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

import specwidget
from specwidget.cli import lab, main, notebooks
from specwidget.export import save_settings
from tests.browser.notebooks import read_cells

CLONE = Path(specwidget.__file__).parents[1]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to stand in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def served(monkeypatch):
    """What JupyterLab would be started with, by option."""
    options = {}
    monkeypatch.setattr(lab, "serve", lambda words: options.update(word.split("=", 1) for word in words))
    return options


def write_sound(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(100), 8000)
    return path


def only_cell(notebook):
    (cell,) = read_cells(notebook)
    return cell["source"]


def test_in_a_clone_its_own_notebook_is_opened(served, monkeypatch):
    monkeypatch.chdir(CLONE)
    assert main(["lab"]) == 0
    assert served["--LabApp.default_url"] == "/lab/tree/notebooks/explore.ipynb"
    assert served["--ServerApp.root_dir"] == str(CLONE)


COURSE = {path.name for path in (CLONE / "notebooks").glob("*.ipynb")} - {"explore.ipynb"}


def lost_links(folder):
    """Return the links of all notebooks and pages in a folder and below it that lead nowhere."""
    return [
        (path.name, link)
        for suffix in ("ipynb", "md")
        for path in folder.rglob(f"*.{suffix}")
        for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", path.read_text())
        if not (path.parent / link).is_file()
    ]


def test_elsewhere_a_copy_is_opened_and_the_course_lies_below(served, folder):
    assert main(["lab"]) == 0
    assert served["--LabApp.default_url"] == "/lab/tree/explore.ipynb"
    assert {path.name for path in folder.iterdir()} == {"explore.ipynb", "specwidget-course"}
    assert {path.name for path in folder.glob("specwidget-course/*.ipynb")} == COURSE
    assert (folder / "specwidget-course" / "TEACHING.md").is_file()
    assert lost_links(folder) == []
    copied = read_cells(folder / "specwidget-course" / "06_resolution.ipynb")
    assert copied == read_cells(CLONE / "notebooks" / "06_resolution.ipynb")


def test_what_was_copied_and_changed_is_kept_and_what_is_missing_comes_back(served, folder):
    assert main(["lab"]) == 0
    mine, lost = (folder / "specwidget-course" / name for name in sorted(COURSE)[:2])
    for path in (mine, folder / "explore.ipynb"):
        path.write_text(path.read_text() + "\n")
    changed = {path: path.read_text() for path in folder.rglob("*.ipynb") if path != lost}
    lost.unlink()
    assert main(["lab"]) == 0
    assert {path: path.read_text() for path in folder.rglob("*.ipynb") if path != lost} == changed
    assert lost.is_file()


def test_a_stranger_s_notebook_of_that_name_stays_as_it_is(served, folder):
    (folder / "explore.ipynb").write_text("{}")
    assert main(["lab"]) == 0
    assert (folder / "explore.ipynb").read_text() == "{}"
    assert served["--LabApp.default_url"] == "/lab/tree/explore-2.ipynb"
    (folder / "explore.ipynb").unlink()
    # The course leads back to the copy that was made, under the name that was free.
    assert lost_links(folder) == []


@pytest.mark.parametrize("taken", ["specwidget-course", "specwidget-course/04_frames_and_padding.ipynb"])
def test_a_stranger_s_files_where_the_course_would_lie_stay_as_they_are(served, folder, taken):
    (folder / taken).parent.mkdir(exist_ok=True)
    (folder / taken).write_text("mine")
    assert main(["lab"]) == 0
    assert (folder / taken).read_text() == "mine"
    assert {path.name for path in folder.glob("specwidget-course-2/*.ipynb")} == COURSE
    (folder / taken).unlink()
    assert lost_links(folder) == []


@pytest.mark.parametrize("sound", [[], ["crow.wav"]])
def test_settings_of_a_file_are_in_the_notebook_which_runs(sound, served, folder):
    write_sound(folder / "crow.wav")
    save_settings(specwidget.STFTSettings(frame_length=64, window=("kaiser", 8.6)), folder / "mine.json")
    assert main(["lab", *sound, "--settings=mine.json"]) == 0
    named = "-crow" if sound else ""
    code = only_cell(folder / f"explore{named}-mine.ipynb")
    assert code.splitlines()[-2].endswith('settings="mine.json")')
    assert ("crow.wav" in code) == bool(sound)
    names = {}
    exec(code, names)
    assert names["explorer"].state.frame_length == 64
    assert names["explorer"].state.window == ("kaiser", 8.6)
    names["explorer"].close()


def test_a_file_gets_a_notebook_that_explores_it(served, folder):
    write_sound(folder / "sounds" / 'a "crow" é.wav')
    assert main(["lab", 'sounds/a "crow" é.wav']) == 0
    notebook = folder / 'explore-a "crow" é.ipynb'
    # Imported here, as it takes seconds.
    import nbformat

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nbformat.validate(nbformat.read(notebook, as_version=4))
    call = 'specwidget.explore("sounds/a \\"crow\\" é.wav")'
    assert only_cell(notebook) == f"import specwidget\n\nexplorer = {call}\nexplorer"
    assert json.loads(notebook.read_text())["metadata"]["kernelspec"]["name"] == "python3"
    assert served["--LabApp.default_url"] == "/lab/tree/explore-a%20%22crow%22%20%C3%A9.ipynb"


def test_the_same_file_opens_the_same_notebook_and_another_one_its_own(served, folder):
    for name in ("one/crow.wav", "two/crow.wav"):
        write_sound(folder / name)
    for name in ("one/crow.wav", "two/crow.wav", "one/crow.wav"):
        assert main(["lab", name]) == 0
    assert served["--LabApp.default_url"] == "/lab/tree/explore-crow.ipynb"
    assert only_cell(folder / "explore-crow-2.ipynb").endswith('explore("two/crow.wav")\nexplorer')
    assert len(list(folder.glob("*.ipynb"))) == 2


def test_a_file_elsewhere_is_named_by_its_whole_path(served, folder, tmp_path_factory):
    sound = write_sound(tmp_path_factory.mktemp("elsewhere") / "crow.wav")
    assert main(["lab", str(sound)]) == 0
    assert only_cell(folder / "explore-crow.ipynb").endswith(f'explore("{sound}")\nexplorer')


def test_the_server_is_for_this_machine_and_this_run_only(served, folder):
    assert main(["lab", "--no-browser"]) == 0
    assert served["--ServerApp.ip"] == "127.0.0.1"
    assert served["--ServerApp.jpserver_extensions"] == "specwidget.server=True"
    assert served["--ServerApp.open_browser"] == "False"
    assert "--ServerApp.port" not in served


def test_a_port_is_taken_as_it_is_or_refused(served, folder, capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["lab", "--port", str(port)]) == 2
        assert capsys.readouterr().err.startswith(f"specwidget lab: Port {port} is in use.")
    assert not list(folder.iterdir())
    assert main(["lab", "--port", str(port)]) == 0
    assert (served["--ServerApp.port"], served["--ServerApp.port_retries"]) == (str(port), "0")


def test_a_port_out_of_range_is_refused(folder, capsys):
    assert main(["lab", "--port", "70000"]) == 2
    assert "`--port` must be between 0 and 65535; got 70000." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "sentence"), [("missing.wav", None, "must exist"), ("text.wav", "Dear", "which is text")]
)
def test_what_is_no_sound_is_refused_and_leaves_nothing_behind(folder, name, content, sentence, capsys):
    if content is not None:
        (folder / name).write_text(content)
    assert main(["lab", name]) == 2
    assert sentence in capsys.readouterr().err
    assert not list(folder.glob("*.ipynb"))


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    # Root may write everywhere, so the folder is one that has gone.
    with pytest.raises(notebooks.UsageError, match=r"Can't write a notebook into .*: No such file or directory\."):
        notebooks.place_explorer(tmp_path / "gone")


def test_in_an_installed_package_the_notebooks_lie_inside(tmp_path, monkeypatch):
    package = tmp_path / "specwidget"
    shutil.copytree(CLONE / "notebooks", package / "notebooks")
    monkeypatch.setattr(specwidget, "__file__", str(package / "__init__.py"))
    assert notebooks.find_course() == package / "notebooks"


def test_a_configuration_without_a_token_gets_one():
    provider = SimpleNamespace(auth_enabled=False, token="")
    lab.require_token(provider)
    assert len(provider.token) == 48
    assert provider.token_generated


def test_a_password_is_left_in_charge():
    provider = SimpleNamespace(auth_enabled=True, token="")
    lab.require_token(provider)
    assert provider.token == ""


def test_nothing_asks_to_fetch_news_over_the_explorer():
    settings = {"page_config_hook": lambda handler, page_config: page_config | {"kept": True}}
    lab.disable_news(settings)
    found = settings["page_config_hook"](None, {"disabledExtensions": ["another"]})
    assert found == {"kept": True, "disabledExtensions": ["another", lab.NEWS_PLUGIN]}
