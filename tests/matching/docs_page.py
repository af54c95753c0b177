"""Writes `docs/identify.md`: the paths for five realistic mistakes, and the rates of `identify`.

``python -m tests.matching.docs_page RECORDS...`` reads what ``tests.matching.measure --out`` wrote.
"""

import json
import sys
from pathlib import Path

from specwidget import front_end_difference
from specwidget.matching.difference import HEAD
from tests.matching.measure import summarize
from tests.matching.mistakes import KALDI_MISTAKES, MISTAKES, changed

PAGE = Path(__file__).parents[2] / "docs" / "identify.md"


def paths():
    """The path for all mistakes at once, for each front end."""
    parts = []
    for name, mistakes in (("whisper", MISTAKES), ("kaldi", KALDI_MISTAKES)):
        changes = {field: value for each in mistakes.values() for field, value in each.items()}
        difference = front_end_difference(changed(name, **changes), name)
        lines = [f"Against `{name}`:", "", "| " + " | ".join(HEAD) + " |", "|---" * len(HEAD) + "|"]
        lines += ["| " + " | ".join(row) + " |" for row in difference.rows]
        lines += ["", *(f"Read aloud: {step.reading}." for step in difference.path if step.reading)]
        parts.append("\n".join(lines).rstrip())
    return "\n\n".join(parts)


def failures(records):
    """What was not found, and what was said of it."""
    lines = ["| source | array | answer | error | CPU s |", "|---|---|---|---|---|"]
    for r in records:
        if r["level"] != "found":
            cells = f"{r['source']}, {r['kind']}", r["text"], r["level"], f"{r['error']:.1g}", f"{r['seconds']:.1f}"
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def rates(groups):
    """The rates of each file of records, as text, and the failures as tables."""
    parts = []
    for name, records in groups.items():
        seeds = [r["seed"] for r in records]
        title = f"**{name}**, {len(records)} with seeds {min(seeds)} to {max(seeds)}"
        parts.append(f"{title}\n\n" + "\n".join(f"    {line}" for line in summarize(records)))
        # Of arrays that no settings make, none is a failure.
        if name != "negatives" and any(r["level"] != "found" for r in records):
            parts.append(failures(records))
    return "\n\n".join(parts)


def replace_part(text, mark, content):
    """Replace what is between a mark and the next end."""
    before, rest = text.split(f"<!-- {mark} -->")
    return f"{before}<!-- {mark} -->\n\n{content}\n\n<!-- end -->{rest.partition('<!-- end -->')[2]}"


def write(files):
    groups = {path.stem: [json.loads(line) for line in path.read_text().splitlines()] for path in map(Path, files)}
    text = replace_part(PAGE.read_text(encoding="utf-8"), "paths", paths())
    if groups:
        text = replace_part(text, "rates", rates(groups))
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1:])
