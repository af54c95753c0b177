"""What stands where no widget runs, and when it stands alone."""

import re
import sys
import threading
from types import ModuleType, SimpleNamespace

import pytest

from specwidget.widgets import static_fallback
from specwidget.widgets.static_fallback import (
    WIDGET,
    StaticFallback,
    display_with_fallback,
    enable_widgets_in_colab,
    with_fallback,
)

TEXT = {"text/plain": "a picture"}
TEXT_ONLY = StaticFallback("a picture")
WITH_IMAGE = StaticFallback("text", lambda: b"...", "words")


@pytest.fixture
def displayed(monkeypatch):
    """Return the list of what a cell displays; what takes another's place is a pair of both."""
    outputs = []

    def display(data, display_id=None, **_options):
        outputs.append(data)
        return SimpleNamespace(update=lambda new, raw: outputs.append((data, new))) if display_id else None

    monkeypatch.setattr("IPython.display.display", display)
    monkeypatch.setattr(static_fallback, "RENDER_DELAY_S", 0.0)
    return outputs


@pytest.fixture
def request_of(monkeypatch):
    """Return a function that says what the request of the cell that runs now holds."""

    def ask(**content):
        kernel = SimpleNamespace(get_parent=lambda: {"content": content})
        monkeypatch.setattr("IPython.get_ipython", lambda: SimpleNamespace(kernel=kernel))

    monkeypatch.delenv("VOILA_KERNEL_ID", raising=False)
    return ask


def test_a_picture_has_its_words_and_no_text_becomes_markup():
    made = StaticFallback("", lambda: b"\x89PNG", 'A "<b>"', above="one\ntwo & three").image_bundle()
    assert re.fullmatch(r"<p>one<br>two &amp; three</p><img [^>]*>", made["text/html"])
    assert 'alt="A &quot;&lt;b&gt;&quot;"' in made["text/html"]
    assert f"base64,{made['image/png']}" in made["text/html"]


def test_outside_of_a_notebook_and_before_a_person_both_are_displayed(request_of):
    assert with_fallback({WIDGET: 1}, TEXT_ONLY) == {WIDGET: 1, **TEXT}
    request_of(allow_stdin=True)
    assert with_fallback(({WIDGET: 1}, {"meta": 2}), TEXT_ONLY) == ({WIDGET: 1, **TEXT}, {"meta": 2})


def test_a_program_that_asks_nobody_gets_the_picture_alone(request_of, monkeypatch):
    request_of(allow_stdin=False)
    assert with_fallback({WIDGET: 1}, TEXT_ONLY) == TEXT
    monkeypatch.setenv("VOILA_KERNEL_ID", "one")
    assert with_fallback({WIDGET: 1}, TEXT_ONLY) == {WIDGET: 1, **TEXT}


def test_a_closed_widget_is_displayed_as_its_picture():
    assert with_fallback(None, TEXT_ONLY) == TEXT


def test_a_request_that_says_nothing_is_that_of_a_person(request_of):
    request_of()
    assert not static_fallback.is_noninteractive()


def wait_for_the_picture():
    """Wait until what was to be drawn is drawn."""
    static_fallback._executor().submit(int).result()


def test_the_picture_is_displayed_after_the_widget_and_names_who_hides_it(displayed):
    view = SimpleNamespace(model_id="abc", has_static_fallback=False)
    display_with_fallback({WIDGET: 1, "text/plain": "repr"}, WITH_IMAGE, view)
    wait_for_the_picture()
    assert displayed[0] == {WIDGET: 1, "text/plain": "text"}
    empty, drawn = displayed[2]
    assert displayed[1] == empty == {"text/html": '<div class="specwidget-static-fallback-abc"></div>'}
    assert drawn["image/png"] == WITH_IMAGE.image_bundle()["image/png"]
    assert (
        drawn["text/html"]
        == f'<div class="specwidget-static-fallback-abc">{WITH_IMAGE.image_bundle()["text/html"]}</div>'
    )
    assert view.has_static_fallback


def test_the_widget_waits_for_no_drawing(displayed):
    begun, go_on = threading.Event(), threading.Event()
    slow = StaticFallback("text", lambda: (begun.set(), go_on.wait(10), b"...")[2], "words")
    display_with_fallback({WIDGET: 1}, slow, SimpleNamespace(model_id="abc"))
    assert begun.wait(10)
    assert len(displayed) == 2
    go_on.set()
    wait_for_the_picture()
    assert len(displayed) == 3


def test_a_picture_that_can_not_be_drawn_is_told_in_the_log(displayed, caplog):
    display_with_fallback({WIDGET: 1}, StaticFallback("text", lambda: 1 / 0), SimpleNamespace(model_id="abc"))
    wait_for_the_picture()
    assert "ZeroDivisionError" in caplog.text
    assert len(displayed) == 2


def test_before_nobody_the_picture_is_displayed_alone_and_at_once(displayed, request_of):
    request_of(allow_stdin=False)
    view = SimpleNamespace(model_id="abc", has_static_fallback=False)
    display_with_fallback({WIDGET: 1}, WITH_IMAGE, view)
    assert displayed == [WITH_IMAGE.mimebundle()]
    assert not view.has_static_fallback


def test_what_has_no_picture_is_displayed_once_and_hidden_by_nobody(displayed):
    view = SimpleNamespace(model_id="abc", has_static_fallback=False)
    display_with_fallback({WIDGET: 1}, TEXT_ONLY, view)
    assert displayed == [{WIDGET: 1, **TEXT}]
    assert not view.has_static_fallback


def test_colab_is_told_to_show_other_widgets(monkeypatch):
    enabled = []
    output = ModuleType("google.colab.output")
    output.enable_custom_widget_manager = lambda: enabled.append(True)
    for name, module in {"google.colab": ModuleType("google.colab"), "google.colab.output": output}.items():
        monkeypatch.setitem(sys.modules, name, module)
    enable_widgets_in_colab()
    assert enabled == [True]


def test_elsewhere_nothing_is_imported_for_colab():
    enable_widgets_in_colab()
    assert "google.colab.output" not in sys.modules
