"""RESULTS.md, part by part: what is measured anew takes the place of what it was, all else stays."""

from __future__ import annotations

from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
GPU_RESULTS = RESULTS.with_name("RESULTS_GPU.md")
BROWSER = "In the browser"


def read_part(title: str, path: Path = RESULTS) -> str:
    """Return the text under a heading, "" where there is none."""
    return _read(path).get(title, "")


def write_part(title: str, text: str, path: Path = RESULTS) -> None:
    """Put a text under the heading `title`, in place of what stands there, else at the end."""
    parts = _read(path)
    parts[title] = text.strip()
    _write(parts, path)


def write_head(text: str, path: Path = RESULTS) -> None:
    """Put a text above the first heading."""
    parts = {"": text.strip()} | {title: each for title, each in _read(path).items() if title}
    _write(parts, path)


def _read(path: Path) -> dict[str, str]:
    """Return the texts by their headings, in order; "" is what stands above the first."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    head, *rest = f"\n{text}".split("\n## ")
    titled = (part.partition("\n") for part in rest)
    return {"": head.strip()} | {title: body.strip() for title, _, body in titled}


def _write(parts: dict[str, str], path: Path) -> None:
    """Write the texts under their headings."""
    texts = (f"## {title}\n\n{body}" if title else body for title, body in parts.items())
    path.write_text("\n\n".join(texts) + "\n", encoding="utf-8")
