"""Metadata of the package that depend on the address of the repository, which pyproject.toml has in one place.

As long as that is the placeholder, the package has no addresses. Once it is filled in, it has them, and the links and
images of the README are absolute, as PyPI needs them. `python hatch_build.py` then writes it into the other files.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

try:
    from hatchling.metadata.plugin.interface import MetadataHookInterface
except ImportError:  # Run as a script, outside a build.
    MetadataHookInterface = object

ROOT = Path(__file__).parent
PLACEHOLDER = "OWNER/NAME"
FILES = ("README.md", "CITATION.cff", "conda/recipe.yaml")
"""Other files that name the repository."""

RELATIVE = re.compile(r"""(\]\(|src="|srcset=")(?!https?:|#|data:)([^)"\s]+)""")
"""A link or image of the README by its path in the repository."""


def is_known(repository: str) -> bool:
    """Return whether the address is filled in."""
    return PLACEHOLDER not in repository


def make_urls(repository: str) -> dict[str, str]:
    """Return the addresses of the project; none as long as that of the repository is not filled in."""
    if not is_known(repository):
        return {}
    return {
        "Source": repository,
        "Issues": f"{repository}/issues",
        "Changelog": f"{repository}/blob/HEAD/CHANGELOG.md",
    }


def make_readme(text: str, repository: str) -> str:
    """Return the README for PyPI: with absolute links and images, if the address is filled in."""
    if not is_known(repository):
        return text

    def absolute(match: re.Match[str]) -> str:
        before, path = match.groups()
        is_image = path.endswith((".png", ".svg"))
        return f"{before}{repository}/{'raw' if is_image else 'blob'}/HEAD/{path}"

    return RELATIVE.sub(absolute, text.replace(PLACEHOLDER, repository.removeprefix("https://github.com/")))


class CustomMetadataHook(MetadataHookInterface):  # type: ignore[misc]
    """Adds addresses and README to the package's metadata."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the dynamic fields."""
        repository = self.config["repository"]
        metadata["urls"] = make_urls(repository)
        text = make_readme((Path(self.root) / "README.md").read_text(encoding="utf-8"), repository)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


def main() -> None:
    """Write the address into the files that name the repository."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    repository = settings["tool"]["hatch"]["metadata"]["hooks"]["custom"]["repository"]
    if not is_known(repository):
        raise SystemExit("Fill in `repository` under [tool.hatch.metadata.hooks.custom] in pyproject.toml first.")
    for name in FILES:
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(PLACEHOLDER, repository.removeprefix("https://github.com/")), encoding="utf-8")


if __name__ == "__main__":
    main()
