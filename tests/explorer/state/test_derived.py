"""Derived state: outputs in their order, each made again only where its inputs have changed."""

from dataclasses import replace

import pytest

from specwidget.explorer.state.derived import DerivedState, Memo
from specwidget.explorer.state.inputs import ExplorerInputs
from specwidget.stft.settings import SETTING_DEFAULTS
from specwidget.summary.display import DISPLAY_DEFAULTS, SET_BY_VIEW, DisplayChoices
from specwidget.summary.limits import MEMORY_LIMIT


@pytest.fixture
def inputs(noise):
    """Return the defaults, for a second of noise."""
    view = {name: getattr(DisplayChoices(), name) for name in SET_BY_VIEW}
    return ExplorerInputs(dict(SETTING_DEFAULTS), {**DISPLAY_DEFAULTS, **view}, noise, MEMORY_LIMIT)


def names(derived, inputs):
    """Return the names of the outputs of an update, in their order."""
    return [name for name, _ in derived.update(inputs, {})]


def test_a_memo_makes_a_value_again_only_for_another_key():
    memo, made = Memo(), []
    make = lambda: made.append(1) or len(made)  # noqa: E731
    assert [memo.get("a", key, make) for key in (1, 1, 2, 1)] == [1, 1, 2, 3]
    memo.drop("a")
    assert memo.get("a", 1, make) == 4


def test_a_value_that_fails_is_made_again():
    memo = Memo()
    with pytest.raises(ZeroDivisionError):
        memo.get("a", 1, lambda: 1 / 0)
    assert memo.get("a", 1, lambda: 2) == 2


def test_shapes_come_before_the_picture_and_the_rest_after_it(inputs):
    order = names(DerivedState(), inputs)
    assert order[:2] == ["shape_summary", "shapes"]
    assert order[2:] == ["picture", "waveform_overview", "waveform", "results", "notes", "gaps", "overview"]


def test_an_update_without_a_change_draws_nothing(inputs):
    derived = DerivedState()
    list(derived.update(inputs, {}))
    assert names(derived, inputs) == ["shape_summary", "shapes"]
    assert (derived.n_computed, derived.version) == (1, 1)


def test_colours_are_stored_without_a_new_picture(inputs):
    derived = DerivedState()
    list(derived.update(inputs, {}))
    token = derived.token
    changed = replace(inputs, display={**inputs.display, "colour_map": "viridis"})
    assert names(derived, changed) == ["shape_summary", "shapes"]
    assert derived.displayed.choices.colour_map == "viridis"
    assert derived.token is token


def test_an_invalid_setting_leaves_what_is_displayed(inputs):
    derived = DerivedState()
    list(derived.update(inputs, {}))
    displayed, token = derived.displayed, derived.token
    with pytest.raises(ValueError, match="`frame_step` must be"):
        list(derived.update(replace(inputs, settings={**inputs.settings, "frame_step": 999}), {}))
    assert (derived.displayed, derived.token) == (displayed, token)


def test_an_invalid_display_choice_has_its_default_and_a_message(inputs):
    derived, errors = DerivedState(), {}
    list(derived.update(replace(inputs, display={**inputs.display, "channel": 5}), errors))
    assert derived.displayed.choices.channel == 0
    assert list(errors) == ["channel"]


def test_invalidated_means_computed_again_with_the_same_layer(inputs):
    derived = DerivedState()
    list(derived.update(inputs, {}))
    before = derived.current
    derived.invalidate()
    list(derived.update(inputs, {}))
    assert derived.current is not before
    assert derived.current.layer is before.layer
    assert derived.n_computed == 2


def test_a_finished_job_replaces_only_what_it_made_more_exact(inputs):
    derived = DerivedState()
    shown = dict(derived.update(inputs, {}))
    picture, overview = shown["picture"], shown["overview"]
    assert picture.is_exact

    def refined(picture, overview):
        return [name for name, _ in derived.refined(picture, overview, MEMORY_LIMIT)]

    assert refined(picture, overview) == ["results", "notes", "gaps"]
    assert refined(picture, None) == ["results", "notes", "gaps"]
    assert refined(None, overview) == ["picture", "results", "notes", "gaps"]
    assert refined(replace(picture, is_exact=False), overview) == ["picture", "results", "notes", "gaps"]
    assert refined(replace(picture, automatic=(0.0, 1.0)), overview) == ["picture", "results", "notes", "gaps"]
    assert refined(picture, replace(overview, is_exact=False)) == ["overview", "results", "notes", "gaps"]
    assert list(DerivedState().refined(picture, overview, MEMORY_LIMIT)) == []


def test_what_a_memo_has_not_can_be_dropped():
    Memo().drop("nothing")
