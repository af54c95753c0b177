"""Notebooks for the browser tests: written for a test, or made of cells of the course."""

import ast
from pathlib import Path

import nbformat

COURSE = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def write(path: Path, *sources: str, kind: str = "code") -> None:
    """Write a notebook of code cells, or of cells of another kind."""
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}[kind]
    notebook = nbformat.v4.new_notebook(cells=[make(source) for source in sources])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(notebook, path)


def sources(path: Path, kind: str = "code") -> list[str]:
    """Return the sources of the cells of a kind."""
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


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
