"""What stands where no widget runs, and when it stands alone."""

import re
from types import SimpleNamespace

import pytest

from specwidget.explorer.views import stand_in
from specwidget.explorer.views.stand_in import WIDGET, add_stand_in, display_both, make_stand_in

STILL = {"text/plain": "a picture"}


@pytest.fixture
def displayed(monkeypatch):
    """Return the list of what a cell displays."""
    outputs = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_options: outputs.append(data))
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
    made = make_stand_in(b"\x89PNG", 'A "<b>"', above="one\ntwo & three")
    assert re.fullmatch(r"<p>one<br>two &amp; three</p><img [^>]*>", made["text/html"])
    assert 'alt="A &quot;&lt;b&gt;&quot;"' in made["text/html"]
    assert f"base64,{made['image/png']}" in made["text/html"]


def test_outside_of_a_notebook_and_before_a_person_both_are_displayed(request_of):
    assert add_stand_in({WIDGET: 1}, STILL) == {WIDGET: 1, **STILL}
    request_of(allow_stdin=True)
    assert add_stand_in(({WIDGET: 1}, {"meta": 2}), STILL) == ({WIDGET: 1, **STILL}, {"meta": 2})


def test_a_program_that_asks_nobody_gets_the_picture_alone(request_of, monkeypatch):
    request_of(allow_stdin=False)
    assert add_stand_in({WIDGET: 1}, STILL) == STILL
    monkeypatch.setenv("VOILA_KERNEL_ID", "one")
    assert add_stand_in({WIDGET: 1}, STILL) == {WIDGET: 1, **STILL}


def test_a_closed_widget_is_displayed_as_its_picture():
    assert add_stand_in(None, STILL) == STILL


def test_a_request_that_says_nothing_is_that_of_a_person(request_of):
    request_of()
    assert not stand_in.is_unattended()


def test_the_picture_is_displayed_after_the_widget_and_names_who_hides_it(displayed):
    view = SimpleNamespace(model_id="abc", has_stand_in=False)
    picture = make_stand_in(b"...", "words")
    display_both({WIDGET: 1, "text/plain": "text", **picture}, view)
    assert displayed[0] == {WIDGET: 1, "text/plain": "text"}
    assert displayed[1]["image/png"] == picture["image/png"]
    assert displayed[1]["text/html"] == f'<div class="specwidget-stand-in-abc">{picture["text/html"]}</div>'
    assert view.has_stand_in


def test_what_stands_alone_is_displayed_once_and_hidden_by_nobody(displayed):
    view = SimpleNamespace(model_id="abc", has_stand_in=False)
    for bundle in (STILL | make_stand_in(b"...", "words"), {WIDGET: 1, **STILL}):
        display_both(bundle, view)
        assert displayed.pop() == bundle
    assert displayed == []
    assert not view.has_stand_in
