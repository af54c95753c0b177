"""What the kernel and the page know when a browser test fails, as a section of its report."""

from playwright.sync_api import Error

from tests.browser.lab import Notebook
from tests.browser.person import Person

PANELS = """
import ipywidgets as _widgets
for _each in list(_widgets.widgets.widget._instances.values()):
    if hasattr(_each, 'errors'):
        _names = getattr(_each, '_names', ())
        print(type(_each).__name__, {_name: getattr(_each, _name) for _name in _names}, _each.errors)
"""
"""Prints the traits that the panels share with the page."""

FIELDS = """() => [...document.querySelectorAll('.specwidget-field')].map((field) => [
    field.dataset.name,
    [...field.querySelectorAll('input, select')].map(({ value, checked }) => checked ? `${value} checked` : value),
    field.querySelector('.specwidget-error')?.textContent,
].join(': ')).join('\\n')"""


def describe_failure(fixtures) -> str:
    """Describe the notebook that a test used; empty if it used none, or if it does not answer."""
    for each in fixtures.values():
        first = each[0] if isinstance(each, list | tuple) and each else each
        notebook = first.notebook if isinstance(first, Person) else first
        if isinstance(notebook, Notebook):
            try:
                return f"Kernel:\n{notebook.run_code(PANELS)}\nPage:\n{notebook.page.evaluate(FIELDS)}"
            except Error as error:
                return f"The notebook does not answer: {error}"
    return ""
