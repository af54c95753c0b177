"""The code panel: choosing a library, copying the code."""

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def panel(person):
    """Return the panel of code, unfolded on the first target."""
    panel = person.open_tab("code")
    panel.get_by_role("radio", name="specwidget", exact=True).check()
    expect(panel.locator("pre")).to_contain_text("layer = specwidget.STFTSpectrogram(")
    return panel


def test_the_code_follows_the_settings_and_the_library(person, panel):
    panel.get_by_role("radio", name="librosa").check()
    expect(panel.locator("pre")).to_contain_text("n_fft=256, hop_length=128")
    person.type("frame_length", "400")
    expect(panel.locator("pre")).to_contain_text("hop_length=200")
    expect(panel.locator(".specwidget-needs")).to_have_text("Needs pip install librosa numpy scipy")
    person.type("frame_step", "999")
    expect(panel.get_by_role("status").filter(has_text="Settings invalid")).to_be_visible()
    expect(panel.locator("pre")).to_contain_text("hop_length=200")


def test_the_library_is_chosen_by_arrow_keys(panel):
    panel.get_by_role("radio", name="specwidget", exact=True).press("ArrowRight")
    expect(panel.get_by_role("radio", name="Keras (Python)")).to_be_checked()
    expect(panel.locator("pre")).to_have_attribute("aria-label", "Code for Keras (Python)")
    expect(panel.locator("pre")).to_contain_text("keras.layers.STFTSpectrogram")


def test_the_code_is_copied_whole(person, panel):
    person.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel.get_by_role("radio", name="SciPy").check()
    expect(panel.locator("pre")).to_contain_text("ShortTimeFFT")
    panel.get_by_role("button", name="Copy").click()
    expect(panel.get_by_role("button", name="Copied")).to_be_visible()
    copied = person.page.evaluate("() => navigator.clipboard.readText()")
    assert copied.strip() == person.ask("explorer.to_code('scipy')").strip()


def test_without_a_clipboard_the_code_is_selected(person, panel):
    person.page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new DOMException('no leave')); }"
    )
    panel.get_by_role("button", name=re.compile("Cop")).click()
    expect(panel.get_by_role("button", name="Selected")).to_be_visible()
    assert person.page.evaluate("() => getSelection().toString()").strip() == panel.locator("pre").inner_text().strip()
    person.page.evaluate("() => { delete navigator.clipboard.writeText; }")
