"""What a release needs agrees with the package: version, addresses, the conda recipe, the workflow."""

import re
import sys
import tomllib
from pathlib import Path

import specwidget

CLONE = Path(__file__).parents[1]
sys.path.insert(0, str(CLONE))

import hatch_build  # noqa: E402

PROJECT = tomllib.loads((CLONE / "pyproject.toml").read_text(encoding="utf-8"))
REPOSITORY = PROJECT["tool"]["hatch"]["metadata"]["hooks"]["custom"]["repository"]
README = (CLONE / "README.md").read_text(encoding="utf-8")


def test_every_file_that_names_the_repository_has_the_address_of_pyproject():
    name = REPOSITORY.removeprefix("https://github.com/")
    for file in hatch_build.FILES:
        assert name in (CLONE / file).read_text(encoding="utf-8"), file
    assert f"https://mybinder.org/v2/gh/{name}/HEAD?urlpath=lab/tree/notebooks/explore.ipynb" in README


def test_without_an_address_the_package_has_none():
    placeholder = f"https://github.com/{hatch_build.PLACEHOLDER}"
    assert hatch_build.make_urls(placeholder) == {}
    assert hatch_build.make_readme(README, placeholder) == README


def test_with_an_address_links_and_images_of_the_readme_are_absolute():
    text = hatch_build.make_readme(README, "https://github.com/some/one")
    assert "](https://github.com/some/one/blob/HEAD/docs/peers.md)" in text
    assert 'src="https://github.com/some/one/raw/HEAD/docs/explorer.png"' in text
    assert "mybinder.org/v2/gh/some/one/HEAD" in text
    assert not re.findall(r"""\]\((?!https?:|#)[^)]*\)|src="(?!https:)[^"]*\"""", text)
    assert hatch_build.make_urls("https://github.com/some/one")["Issues"] == "https://github.com/some/one/issues"


def test_citation_and_recipe_have_the_version_and_license_of_the_package():
    declared, license_ = specwidget.__version__, PROJECT["project"]["license"]
    citation = (CLONE / "CITATION.cff").read_text(encoding="utf-8")
    recipe = (CLONE / "conda" / "recipe.yaml").read_text(encoding="utf-8")
    assert f"\nversion: {declared}\n" in citation
    assert f"\nlicense: {license_}\n" in citation
    assert f"\n  version: {declared}\n" in recipe
    assert f"\n  license: {license_}\n" in recipe
    assert f"\n## {declared}" in (CLONE / "CHANGELOG.md").read_text(encoding="utf-8")


# Names of packages that conda-forge has under another name.
CONDA = {"matplotlib": "matplotlib-base", "soundfile": "pysoundfile", "soxr": "soxr-python"}


def test_the_recipe_has_the_dependencies_of_the_package():
    recipe = (CLONE / "conda" / "recipe.yaml").read_text(encoding="utf-8")
    run = re.search(r"^  run:\n((?:    - .*\n)+)", recipe, re.MULTILINE)[1]
    listed = {line.removeprefix("    - ").replace(" ", "") for line in run.splitlines()}
    expected = {f"python{PROJECT['project']['requires-python']}"}
    for requirement in PROJECT["project"]["dependencies"]:
        if "== 'emscripten'" in requirement:
            continue
        name, bounds = re.match(r"([\w-]+)(.*)", requirement.partition(";")[0].replace(" ", "")).groups()
        expected.add(CONDA.get(name, name) + bounds)
    assert listed == expected


def test_the_workflow_runs_every_python_that_the_package_is_for():
    workflow = (CLONE / ".github" / "workflows" / "checks.yml").read_text(encoding="utf-8")
    assert ".ci/run" in workflow
    assert PROJECT["project"]["requires-python"] == ">=3.11"
    assert re.findall(r'"(3\.\d+)"', workflow) == ["3.11", "3.12", "3.13", "3.14"]
