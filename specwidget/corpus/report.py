"""The report of a survey as HTML."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING

from specwidget.corpus.oddness import MEASURES, rank_by_oddness
from specwidget.stft.formatting import printable

if TYPE_CHECKING:
    from specwidget.corpus.file_survey import FileSurvey
    from specwidget.corpus.surveying import Survey

MOST_ROWS = 2000
"""Files that the report lists; the survey itself has them all."""

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
        + "".join(f"<td>{escape(text)}</td>" for text in _cells(file))
        + f"<td>{oddness:.1f} ({measure.replace('_', ' ')})</td></tr>\n"
        for file, oddness, measure in ranked[:MOST_ROWS]
    )
    titles = ("File", *(measure.title for measure in MEASURES.values()), "Oddness")
    head = "".join(f"<th>{title}</th>" for title in titles)
    problems = "".join(f"<li>{escape(printable(file.problem))}</li>" for file in survey.unreadable[:MOST_ROWS])
    left = len(ranked) - MOST_ROWS
    rest = f"<p>{left} files that are less odd are not listed.</p>" if left > 0 else ""
    return PAGE.format(
        summary=write_summary(survey),
        problems=f"<ul>{problems}</ul>" if problems else "",
        table=f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{rest}",
    )


def _cells(file: FileSurvey) -> list[str]:
    measures = [measure.form.format(getattr(file, name)) for name, measure in MEASURES.items()]
    return [printable(file.path), *measures]


def _picture(survey: Survey) -> str:
    if not survey.readable:
        return ""
    content = io.BytesIO()
    survey.figure().savefig(content, format="png", dpi=100)
    data = base64.b64encode(content.getvalue()).decode()
    return f'<img alt="Levels, share on the floor, outliers" src="data:image/png;base64,{data}">'
