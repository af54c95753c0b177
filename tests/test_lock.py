"""What is installed: the lock holds all that `make` and Binder need, and a user's extras leave the versions open."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from specwidget.devices import INSTALL_CUPY

CLONE = Path(__file__).parents[1]
CONFIGURATION = tomllib.loads((CLONE / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = CONFIGURATION["project"]
NEEDED = [Requirement(line) for line in PROJECT["dependencies"] + CONFIGURATION["dependency-groups"]["dev"]]
LOCKED = [
    Requirement(line)
    for line in (CLONE / "requirements.lock").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.fixture(params=["3.11.9", "3.12.8", "3.13.1"], ids=lambda version: version.rpartition(".")[0])
def pins(request):
    """Return the version of each package that is locked for a Python, on Linux."""
    python = {"python_full_version": request.param, "python_version": request.param.rpartition(".")[0]}
    environment = default_environment() | python | {"sys_platform": "linux", "os_name": "posix"}
    pinned = [pin for pin in LOCKED if pin.marker is None or pin.marker.evaluate(environment)]
    names = [canonicalize_name(pin.name) for pin in pinned]
    assert len(names) == len(set(names))
    return {name: str(pin.specifier).removeprefix("==") for name, pin in zip(names, pinned, strict=True)}


def test_the_lock_has_a_version_of_everything_that_is_needed(pins):
    missing = [str(need) for need in NEEDED if not need.specifier.contains(pins.get(canonicalize_name(need.name), "0"))]
    assert missing == [], "run `make lock`"


def test_every_package_is_locked_to_one_version():
    assert [str(pin) for pin in LOCKED if not re.fullmatch(r"==[^*]+", str(pin.specifier))] == []


def test_binder_installs_the_repository_with_the_lock():
    lines = (CLONE / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["--constraint ../requirements.lock", "."]


def test_the_lock_tells_nothing_of_where_it_was_made():
    text = (CLONE / "requirements.lock").read_text(encoding="utf-8")
    assert "make lock" in text
    assert not re.search(r"https?:|--|@|/", text)


def test_extras_are_for_users_and_leave_the_versions_open():
    extras = PROJECT["optional-dependencies"]
    assert set(extras) == {"corpus", "cuda12", "cuda13", "onnx", "peers"}
    assert [line for lines in extras.values() for line in lines if "==" in line] == []


def test_the_extras_for_a_device_bring_the_libraries_that_a_driver_lacks():
    extras = PROJECT["optional-dependencies"]
    needs = {name: Requirement(*extras[name]) for name in ("cuda12", "cuda13")}
    assert {name: need.name for name, need in needs.items()} == {"cuda12": "cupy-cuda12x", "cuda13": "cupy-cuda13x"}
    assert [(need.extras, str(need.specifier)) for need in needs.values()] == [({"ctk"}, ">=14")] * 2


@pytest.mark.parametrize("name", ["cuda12", "cuda13"])
def test_the_message_and_the_readme_tell_to_install_what_the_extras_have(name):
    (line,) = PROJECT["optional-dependencies"][name]
    assert f'"{line}"' in INSTALL_CUPY
    assert f"'.[{name}]'" in (CLONE / "README.md").read_text(encoding="utf-8")


def test_beside_pytorch_it_is_the_cupy_of_cuda_13():
    tested = [Requirement(line).name for line in CONFIGURATION["dependency-groups"]["test-peers"]]
    assert [name for name in tested if name.startswith("cupy")] == ["cupy-cuda13x"]
    assert "Beside PyTorch" in INSTALL_CUPY


def test_the_peers_of_the_tests_are_those_of_users():
    peers = {Requirement(line).name: Requirement(line).specifier for line in PROJECT["optional-dependencies"]["peers"]}
    tested = map(Requirement, CONFIGURATION["dependency-groups"]["test-peers"])
    pins = [str(each.specifier).removeprefix("==") for each in tested if each.name == "torch"]
    assert [peers["torch"].contains(pin) for pin in pins] == [True]


def test_the_files_of_a_user_s_packages_are_locked_by_their_hashes():
    text = (CLONE / "requirements.hashes.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?:|/|@", text.replace("sha256:", ""))
    entries = re.findall(
        r"^([\w.-]+)==(\S+)(?: ;[^\\]*)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", text, re.MULTILINE
    )
    versions = {canonicalize_name(pin.name): set() for pin in LOCKED}
    for pin in LOCKED:
        versions[canonicalize_name(pin.name)].add(str(pin.specifier).removeprefix("=="))
    assert [name for name, version, _ in entries if version not in versions[canonicalize_name(name)]] == []
    named = {canonicalize_name(name) for name, _, _ in entries}
    assert {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]} <= named
