"""A model is matched row by row, and the settings behind a file of features are found and set."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from specwidget import STFTSpectrogram
from specwidget.sounds import load_recording


@pytest.fixture
def match(person):
    """Return the page of the tab, with a model chosen."""
    page = person.open_tab("match")
    page.get_by_label("Model", exact=True).select_option(label="Whisper")
    expect(page.get_by_text("14 settings differ from Whisper.")).to_be_visible()
    yield page
    page.get_by_label("Model", exact=True).select_option("")


def test_a_row_is_taken_by_the_keyboard_and_keeps_the_focus(person, match):
    # Bands come first.
    expect(match.get_by_role("switch", name="Frame step")).to_be_disabled()
    match.get_by_role("switch", name="Stage").press("Space")
    person.wait_until("explorer.state.stage == 'mel'")
    step = match.get_by_role("switch", name="Frame step")
    expect(step).to_be_enabled()
    step.press("Space")
    expect(match.get_by_text("12 settings differ from Whisper.")).to_be_visible()
    expect(step).to_be_focused()
    # What is taken stands above what is not.
    expect(match.locator("tbody tr").nth(1)).to_contain_text("Frame step128 \u2192 160")
    step.press("Space")
    expect(match.get_by_text("13 settings differ from Whisper.")).to_be_visible()
    assert person.ask("explorer.state.frame_step") == "128"


def test_everything_is_taken_at_once_and_undone_at_once(person, match):
    match.get_by_role("button", name="Take all").click()
    expect(match.get_by_text("The settings are those of Whisper.")).to_be_visible()
    expect(match.get_by_role("button", name="Take all")).to_be_disabled()
    expect(person.stage).to_have_attribute("aria-label", re.compile("^Mel spectrogram of voice, 16 kHz"))
    person.explorer.get_by_role("button", name="Undo").click()
    expect(match.get_by_text("14 settings differ from Whisper.")).to_be_visible()
    expect(match.get_by_role("switch", checked=True)).to_have_count(0)


def test_features_beside_the_sound_set_the_controls(person):
    layer = STFTSpectrogram("magnitude", 400, 100, 512, window="hamming")
    page = person.load_features(layer(load_recording("voice").samples)[0].T)
    expect(page.get_by_text(re.compile("^Found, with a relative error of"))).to_be_visible()
    expect(page.get_by_text("features.npy, float32 of shape (257, 617), with voice")).to_be_visible()
    expect(person.explorer.locator('[data-tab="identify"]')).to_contain_text("found")
    page.get_by_role("button", name="Set the controls").click()
    person.wait_until("explorer.layer.settings.window == 'hamming' and explorer.layer.settings.step == 100")
    expect(person.field("mode").locator("select option:checked")).to_have_text("magnitude")


def test_a_search_can_be_cancelled_and_leaves_the_page_free(person):
    page = person.load_features(np.random.default_rng(0).standard_normal((400, 80)), "noise.npy")
    cancel = page.get_by_role("button", name="Cancel")
    expect(page.get_by_role("progressbar", name="Search")).to_be_visible()
    person.type("frame_length", "512")
    person.wait_until("explorer.state.current.settings.frame_length == 512")
    cancel.press("Enter")
    expect(page.get_by_text("The search was cancelled.")).to_be_visible()
    expect(cancel).to_be_hidden()


def test_what_holds_no_features_is_said_in_the_page(person):
    page = person.load_features(np.ones(5), "line.npy")
    expect(page.get_by_role("alert")).to_have_text(
        "Features must have at least 2 frames and 2 bins or bands; got shape (5,)."
    )
