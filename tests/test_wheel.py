"""The package as it is handed out: built, installed where only its dependencies are, and used."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import specwidget
from specwidget.cli import lab

CLONE = Path(specwidget.__file__).parents[1]

pytestmark = pytest.mark.slow

EXPLORE = """
import json, sys, specwidget
from specwidget.cli.notebooks import find_course
explorer = specwidget.explore(frame_length=512)
bundle = explorer._repr_mimebundle_()
print(json.dumps({
    "home": specwidget.__file__,
    "shape": explorer.result.shape,
    "png": len(bundle["image/png"]),
    "text": bundle["text/plain"],
    "notebooks": [path.name for path in find_course().iterdir()],
}))
"""


def run(*command, cwd):
    """Run a command, and return what it prints."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = list(map(str, command))
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from the sdist, which is built from this clone."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, CLONE, cwd=folder)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The programs of a new environment: the wheel, and of this environment only what others wrote."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    places = {"base": str(folder), "platbase": str(folder)}
    own = Path(sysconfig.get_path("purelib", "venv", vars=places))
    # A folder that a .pth file names is searched last, and its own .pth files, such as the clone's, are not read.
    (own / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python.parent


def test_everything_travels_in_the_wheel(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    suffixes = (".py", ".js", ".css", ".flac", ".md", ".typed")
    own = {path for suffix in suffixes for path in (CLONE / "specwidget").rglob(f"*{suffix}")}
    assert {path.relative_to(CLONE).as_posix() for path in own} <= names
    course = [path for suffix in (".ipynb", ".md") for path in (CLONE / "notebooks").glob(f"*{suffix}")]
    assert {f"specwidget/notebooks/{path.name}" for path in course} <= names
    assert {".js", ".css", ".flac", ".typed"} <= {Path(name).suffix for name in names}


def test_nothing_else_travels_in_the_wheel(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert all(name.startswith(("specwidget/", "specwidget-")) for name in names)
    assert not [name for name in names if re.search(r"__pycache__|\.ipynb_checkpoints|test", name)]


def test_an_installed_wheel_explores_a_sound(installed, tmp_path):
    told = json.loads(run(installed / "python", "-c", EXPLORE, cwd=tmp_path))
    assert Path(told["home"]).is_relative_to(installed.parent)
    assert told["shape"][0] == 1
    assert told["shape"][2] == 257
    assert told["png"] > 5000
    assert f"{tuple(told['shape'])}" in told["text"]
    assert "explore.ipynb" in told["notebooks"]


def test_an_installed_wheel_brings_the_whole_course(installed, tmp_path):
    place = "from pathlib import Path; from specwidget.cli import notebooks; notebooks.place_explorer(Path.cwd())"
    run(installed / "python", "-c", place, cwd=tmp_path)
    for suffix in ("ipynb", "md"):
        placed = {path.name for path in tmp_path.rglob(f"*.{suffix}")}
        assert placed == {path.name for path in (CLONE / "notebooks").glob(f"*.{suffix}")}


def test_an_installed_wheel_has_the_program(installed, tmp_path):
    assert run(installed / "specwidget", "--version", cwd=tmp_path) == f"specwidget {specwidget.__version__}\n"


def test_binder_is_configured_as_the_program_does_it(installed, tmp_path):
    run("env", f"PATH={installed}:/usr/bin:/bin", "bash", CLONE / "binder" / "postBuild", cwd=tmp_path)
    server, page = (
        json.loads((installed.parent / "etc" / "jupyter" / name).read_text())
        for name in ("jupyter_server_config.d/specwidget.json", "labconfig/page_config.json")
    )
    assert server == {"ServerApp": {"jpserver_extensions": {"specwidget.server": True}}}
    assert page == {"disabledExtensions": {lab.NEWS_PLUGIN: True}}
