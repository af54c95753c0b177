"""The report of a survey as HTML."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING

from specwidget.corpus.oddness import rank_by_oddness
from specwidget.stft.formatting import printable

if TYPE_CHECKING:
    from specwidget.corpus.surveying import Survey

MOST_ROWS = 2000
"""Files that the report lists; the survey itself has them all."""

COLUMNS = {
    "path": "{}",
    "duration": "{:.2f} s",
    "sample_rate": "{:g} Hz",
    "channels": "{}",
    "peak": "{:.3f}",
    "clipped": "{:.2%}",
    "mean": "{:.4f}",
    "silence": "{:.1%}",
    "not_finite": "{}",
    "floor_share": "{:.1%}",
    "level": "{:.2f}",
}
"""Columns of the list, and how they are shown."""

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Survey</title>
<style>body{{font:15px/1.5 sans-serif;margin:2em auto;max-width:70em}}table{{border-collapse:collapse}}
td,th{{padding:2px 10px;text-align:right;border-bottom:1px solid #ddd}}td:first-child,th:first-child{{text-align:left}}
img{{max-width:100%}}</style>
<h1>Survey</h1>
{summary}
<h2>Files</h2>
{problems}
{table}
</html>
"""


def write_summary(survey: Survey) -> str:
    """Write number and duration, advice and pictures."""
    head, *sentences = map(printable, str(survey).splitlines())
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f"<p>{escape(head)}</p><ul>{items}</ul>{_picture(survey)}"


def write_report(survey: Survey) -> str:
    """Write the whole page: the summary, the files that can't be read, and the others, the oddest first."""
    ranked = rank_by_oddness(survey.readable)
    rows = "".join(
        "<tr>"
        + "".join(f"<td>{escape(printable(form.format(getattr(file, name))))}</td>" for name, form in COLUMNS.items())
        + f"<td>{oddness:.1f} ({measure.replace('_', ' ')})</td></tr>\n"
        for file, oddness, measure in ranked[:MOST_ROWS]
    )
    head = "".join(f"<th>{name.replace('_', ' ')}</th>" for name in (*COLUMNS, "oddness"))
    problems = "".join(f"<li>{escape(printable(file.problem))}</li>" for file in survey.unreadable[:MOST_ROWS])
    left = len(ranked) - MOST_ROWS
    rest = f"<p>{left} files that are less odd are not listed.</p>" if left > 0 else ""
    return PAGE.format(
        summary=write_summary(survey),
        problems=f"<ul>{problems}</ul>" if problems else "",
        table=f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{rest}",
    )


def _picture(survey: Survey) -> str:
    if not survey.readable:
        return ""
    content = io.BytesIO()
    survey.figure().savefig(content, format="png", dpi=100)
    data = base64.b64encode(content.getvalue()).decode()
    return f'<img alt="Levels, share on the floor, outliers" src="data:image/png;base64,{data}">'
