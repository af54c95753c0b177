"""Tables of results: as lines of text, and as HTML for a notebook."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

Row = Sequence[str]


def text_table(head: Row, rows: Iterable[Row]) -> list[str]:
    """Return a table as lines of text, its columns aligned.

    Examples
    --------
    >>> text_table(("switch", "left"), [("ends", "0.1")])
    ['switch  left', 'ends    0.1']
    """
    cells = [head, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def html_table(head: Row, rows: Iterable[Row]) -> str:
    """Return a table as HTML."""
    heads = "".join(f"<th style='text-align: left'>{html.escape(cell)}</th>" for cell in head)
    body = "".join(
        "<tr>" + "".join(f"<td style='text-align: left'>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def html_page(sentences: Iterable[str], tables: Iterable[str], code: str) -> str:
    """Return sentences, tables and code as HTML."""
    listed = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in sentences)
    shown = f"<pre><code>{html.escape(code)}</code></pre>" if code else ""
    return listed + "".join(tables) + shown


def format_error(error: float) -> str:
    """Write a relative error.

    Examples
    --------
    >>> format_error(0.123456), format_error(0.0), format_error(float("inf"))
    ('0.12', '0', 'not comparable')
    """
    if error == float("inf"):
        return "not comparable"
    return f"{error:.2g}" if error >= 1e-12 else "0"
