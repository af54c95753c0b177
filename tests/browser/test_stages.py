"""A mel spectrogram in the page: chosen, read, its bank and code seen, heard, and taken from a model."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow


@pytest.fixture
def mel(person):
    """Return the person before a mel spectrogram."""
    person.choose("stage", "Mel spectrogram")
    expect(person.stage).to_have_attribute("aria-label", re.compile("^Mel spectrogram of voice"))
    return person


def test_the_controls_of_the_stage_come_and_those_of_the_mode_go(mel):
    expect(mel.field("num_mel_bins")).to_be_visible()
    expect(mel.field("mode")).to_be_hidden()
    expect(mel.field("lifter")).to_be_hidden()
    mel.choose("stage", "MFCC")
    expect(mel.field("lifter")).to_be_visible()
    expect(mel.stage).to_have_attribute("aria-label", re.compile("^MFCC of voice: .*, 20 coefficients"))
    mel.choose("stage", "STFT")
    expect(mel.field("mode")).to_be_visible()
    expect(mel.field("num_mel_bins")).to_be_hidden()


def test_an_impossible_number_of_bands_has_a_sentence_and_a_remedy(mel):
    mel.type("num_mel_bins", "0")
    expect(mel.error("num_mel_bins")).to_contain_text("Bands must be at least 1; got 0.")
    mel.explorer.get_by_role("button", name="Bands 128").click()
    expect(mel.error("num_mel_bins")).to_have_count(0)


def test_an_empty_highest_frequency_is_none(mel):
    mel.type("max_freq", "4000")
    mel.wait_until("explorer.state.max_freq == 4000")
    mel.type("max_freq", "")
    mel.wait_until("explorer.state.max_freq is None")


def test_the_cursor_reads_band_range_and_value(mel):
    mel.stage.focus()
    mel.page.keyboard.press("ArrowRight")
    reading = mel.explorer.locator(".specwidget-pointer")
    expect(reading).to_contain_text(re.compile(r"dB .*frame \d+ .*band \d+, [\d.]+ Hz to [\d.]+ k?Hz"))


def test_the_bank_names_the_bands_without_a_bin(mel):
    bank = mel.open_tab("bank")
    expect(bank.get_by_text(re.compile(r"^27 of 128 bands hold no bin"))).to_be_visible()
    expect(mel.explorer.locator('[role="tab"][data-tab="bank"]')).to_contain_text("27 empty")
    near = bank.locator("canvas:not(.specwidget-overlay)").nth(1)
    near.focus()
    near.press("ArrowRight")
    expect(bank.locator("output").nth(1)).to_contain_text("no bin")
    mel.type("num_mel_bins", "20")
    expect(bank.get_by_text("Every band holds a bin.")).to_be_visible()
    mel.choose("stage", "STFT")
    expect(bank.get_by_text("The stage is STFT, which has no bands.")).to_be_visible()


def test_the_front_end_of_a_model_is_chosen_with_its_rate(person):
    menu = person.explorer.locator(".specwidget-presets select")
    menu.select_option(label="Whisper")
    person.explorer.locator(".specwidget-use").click()
    expect(person.explorer.locator(".specwidget-use")).to_have_text("In use")
    person.wait_for_row("output", "(1, 140, 80)")
    expect(person.explorer.get_by_role("button", name="Hear 80 bands").first).to_be_attached()
    code = person.open_tab("code")
    expect(code.locator("pre")).to_contain_text("specwidget.MelSpectrogram(")
    expect(code.get_by_role("radio", name="transformers")).to_be_attached()


def test_what_bands_keep_is_sent_as_sound(mel):
    mel.type("num_mel_bins", "40")
    button = mel.explorer.get_by_role("button", name="Hear 40 bands").first
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(mel.explorer.get_by_role("button", name="Pause").first).to_be_visible()
    mel.page.keyboard.press("Escape")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
