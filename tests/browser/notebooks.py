"""Notebooks for the browser tests: written for a test, or made of cells of the course."""

import ast
import json
from pathlib import Path
from typing import Any

COURSE = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def write(path: Path, *sources: str, kind: str = "code") -> None:
    """Write a notebook of code cells, or of cells of another kind."""
    write_cells(path, [make_cell(source, kind) for source in sources])


def make_cell(source: str, kind: str = "code", **metadata: object) -> dict[str, Any]:
    """Return a cell of a notebook, one of code without an output."""
    more = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": metadata, "source": source, **more}


def write_cells(path: Path, cells: list[dict[str, Any]]) -> None:
    """Write a notebook of these cells."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    identified = [{"id": str(number), **cell} for number, cell in enumerate(cells)]
    notebook = {"cells": identified, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")


def read_cells(path: Path) -> list[dict[str, Any]]:
    """Return the cells of a notebook, each with its source as one string."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in cells]


def sources(path: Path, kind: str = "code") -> list[str]:
    """Return the sources of the cells of a kind."""
    return [cell["source"] for cell in read_cells(path) if cell["cell_type"] == kind]


def cells_with(name: str, path: Path) -> list[str]:
    """Return the cells of a notebook that use a name, each after the cells before it that make what it uses."""
    found, used = [], {name}
    for source in reversed(sources(path)):
        nodes = list(ast.walk(ast.parse(source)))
        read = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        made = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        made |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        made |= {(node.asname or node.name).partition(".")[0] for node in nodes if isinstance(node, ast.alias)}
        if name in read or made & used:
            found.append(source)
            used |= read
    return found[::-1]


def calls(path: Path) -> list[tuple[str, list[object], dict[str, object]]]:
    """Return the calls in a notebook whose arguments are all written out: the function, its arguments and keywords."""
    found = []
    for source in sources(path):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call):
                try:
                    arguments = [ast.literal_eval(each) for each in node.args]
                    keywords = {each.arg: ast.literal_eval(each.value) for each in node.keywords}
                except ValueError:
                    continue
                found.append((ast.unparse(node.func), arguments, keywords))
    return found
