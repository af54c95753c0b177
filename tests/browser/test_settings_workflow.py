"""Presets, undo, A/B comparison, notes and downloads in JupyterLab."""

import pytest
from playwright.sync_api import expect

from tests.browser.lab import settle


def step_field(person):
    """Return the text field of the frame step."""
    return person.field("frame_step").locator('input[type="text"]').first


def drag(person, name, *shares):
    """Drag a slider to shares of its width, in one go."""
    slider = person.field(name).locator('input[type="range"]')
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    places = [(box["x"] + share * box["width"], box["y"] + box["height"] / 2) for share in shares]
    person.page.mouse.move(*places[0])
    person.page.mouse.down()
    for x, y in places[1:]:
        person.page.mouse.move(x, y)
        person.page.wait_for_timeout(400)
    person.page.mouse.up()


def test_a_note_is_raised_and_its_button_puts_it_right(person):
    person.open_tab("notes")
    person.type("frame_step", "256")
    expect(person.explorer.locator('[data-tab="notes"] .specwidget-badge')).to_have_text("1")
    note = person.explorer.locator('.specwidget-notes li[data-name="holes"]')
    expect(note).to_contain_text("the windows fail NOLA")
    note.get_by_role("button", name="Step by half a frame").click()
    expect(note).to_have_count(0)
    expect(step_field(person)).to_have_value("128")
    expect(person.explorer.get_by_text("No notes")).to_be_visible()


def test_a_drag_of_a_slider_is_one_step_of_undo_and_redo(person):
    before = person.pixels()
    drag(person, "frame_length", 0.45, 0.5, 0.6, 0.7, 0.8)
    person.wait_for_pixels(before)
    moved = person.field("frame_length").locator('input[type="text"]').first.input_value()
    assert moved != "256"
    person.page.keyboard.press("Control+z")
    person.wait_for_row("FFT length", "N = 256")
    person.page.keyboard.press("Control+Shift+z")
    expect(person.field("frame_length").locator('input[type="text"]').first).to_have_value(moved)
    person.explorer.get_by_role("button", name="Undo").click()
    person.wait_for_row("FFT length", "N = 256")


def test_a_text_field_keeps_its_own_undo(person):
    person.type("frame_length", "512")
    person.wait_for_row("FFT length", "N = 512")
    box = step_field(person)
    box.click()
    box.press_sequentially("7")
    box.press("Control+z")
    settle(person.page)
    assert person.ask("explorer.state.frame_length") == "512"
    box.press("Escape")
    person.explorer.get_by_label("Mode", exact=True).press("Control+z")
    person.wait_for_row("FFT length", "N = 256")


def test_reset_brings_the_defaults_back(person):
    person.type("frame_length", "512")
    person.choose("mode", "psd (power)")
    person.wait_for_row("FFT length", "N = 512")
    person.explorer.get_by_role("button", name="Reset", exact=True).click()
    person.wait_for_row("FFT length", "N = 256")
    expect(person.explorer.get_by_role("button", name="Reset", exact=True)).to_have_attribute("aria-disabled", "true")
    assert person.ask("explorer.state.mode") == "log"


def test_a_preset_tells_its_reason_before_and_while_it_is_in_use(person):
    panel = person.explorer.locator(".specwidget-presets")
    use, reason = panel.locator(".specwidget-use"), panel.locator(".specwidget-about p").first
    expect(use).to_have_text("In use")
    panel.get_by_label("Preset", exact=True).select_option(label="Two sines, two clicks: long window")
    expect(reason).to_contain_text("but not the clicks 3 ms apart")
    expect(use).to_have_text("Use")
    person.wait_for_row("FFT length", "N = 256")
    use.click()
    person.wait_for_row("FFT length", "N = 1024")
    person.wait_for_row("input", "(1, 3200, 1)")
    expect(use).to_have_text("In use")
    expect(reason).to_contain_text("but not the clicks 3 ms apart")
    person.type("frame_length", "500")
    expect(use).to_have_text("Use")


@pytest.mark.parametrize(
    ("button", "start"), [("Figure, PNG", b"\x89PNG"), ("Figure, SVG", b"<?xml"), ("Values, NPZ", b"PK")]
)
def test_a_file_is_taken_away(person, tmp_path, button, start):
    person.open_tab("export")
    with person.page.expect_download() as download:
        person.explorer.get_by_role("button", name=button).click()
    download.value.save_as(tmp_path / "taken")
    assert (tmp_path / "taken").read_bytes().startswith(start)
    assert download.value.suggested_filename.startswith("voice-log-256-128.")
    expect(person.explorer.locator(".specwidget-news")).to_contain_text("Saved voice-log-256-128")


def test_settings_are_saved_and_loaded_again(person, tmp_path):
    person.type("frame_length", "400")
    person.wait_for_row("FFT length", "N = 512")
    person.open_tab("export")
    with person.page.expect_download() as download:
        person.explorer.get_by_role("button", name="Settings, JSON").click()
    download.value.save_as(tmp_path / "settings.json")
    person.explorer.get_by_role("button", name="Reset", exact=True).click()
    person.wait_for_row("FFT length", "N = 256")
    person.explorer.locator(".specwidget-export input[type='file']").set_input_files(tmp_path / "settings.json")
    person.wait_for_row("FFT length", "N = 512")
    (tmp_path / "odd.json").write_text("{}")
    person.explorer.locator(".specwidget-export input[type='file']").set_input_files(tmp_path / "odd.json")
    problem = person.explorer.locator(".specwidget-export .specwidget-page > .specwidget-error")
    expect(problem).to_contain_text("'odd.json' holds no settings")
    person.explorer.locator(".specwidget-export input[type='file']").set_input_files(tmp_path / "settings.json")
    expect(problem).to_be_hidden()


def test_a_and_b_are_kept_flipped_and_drawn(person):
    shown = person.explorer.locator('.specwidget-joined [aria-pressed="true"]')
    person.explorer.get_by_role("button", name="Set B").click()
    expect(shown).to_have_text("A")
    person.type("frame_length", "1024")
    person.wait_for_row("FFT length", "N = 1024")
    panel = person.open_tab("compare")
    expect(panel.locator('tr[data-name="Δt"] .specwidget-value')).to_have_text(["23.22 ms", "5.805 ms"])
    person.stage.focus()
    person.page.keyboard.press("b")
    person.wait_for_row("FFT length", "N = 256")
    expect(shown).to_have_text("B")
    # A stays A, whichever is displayed.
    expect(panel.locator('tr[data-name="Δt"] .specwidget-value')).to_have_text(["23.22 ms", "5.805 ms"])
    expect(panel.locator("thead th").nth(1)).to_have_text("B (displayed)")
    expect(panel.locator(".specwidget-pair h4, .specwidget-chart h4")).to_have_text(["A", "B"])
    pair = panel.locator("canvas").first
    beside = pair.evaluate("(canvas) => canvas.toDataURL()")
    panel.get_by_label("Show", exact=True).select_option(label="difference")
    assert pair.evaluate("(canvas) => canvas.toDataURL()") != beside
    person.stage.press("ArrowRight")
    expect(panel.locator("output")).to_contain_text("A − B")
    person.choose("mode", "psd (power)")
    expect(panel.locator(".specwidget-remark")).to_contain_text(
        "A shows magnitude in dB re 1, B shows PSD in dB re 1 per cycle/sample."
    )


def test_the_unit_of_the_signal_is_typed_and_stands_in_the_readout(person):
    person.choose("mode", "psd (power)")
    person.type("unit", "Pa")
    person.stage.focus()
    person.page.keyboard.press("ArrowRight")
    value = person.explorer.locator(".specwidget-readings th[data-name='value']")
    expect(value).to_have_text("PSD (dB re 1 Pa²/Hz)")
    own = person.explorer.locator(".specwidget-readings th[data-name='own']")
    expect(own).to_have_text("Layer value (Pa² per cycle/sample)")
    person.type("unit", "dB")
    expect(person.error("unit")).to_contain_text("Unit must be the unit of the samples")
    person.type("unit", "")
    expect(value).to_have_text("PSD (dB re 1 per cycle/sample)")


# Whether nothing is drawn near the right end of the first picture of A and B: it begins at 56 of its pixels.
IS_BARE = """(canvas) => {
    const ratio = canvas.width / canvas.clientWidth;
    const width = (canvas.clientWidth - 56 - 72 - 56) / 2;
    const [x, y] = [56 + 0.9 * width, canvas.clientHeight / 2].map((place) => Math.round(place * ratio));
    return canvas.getContext('2d').getImageData(x, y, 1, 1).data[3] === 0;
}"""


def test_the_pictures_of_a_and_b_show_what_the_picture_shows(person):
    person.explorer.get_by_role("button", name="Set B").click()
    person.type("frame_length", "1024")
    person.wait_for_row("FFT length", "N = 1024")
    panel = person.open_tab("compare")
    expect(panel.locator('tr[data-name="Δt"] .specwidget-value').first).to_have_text("23.22 ms")
    pair = panel.locator("canvas").first
    before = pair.evaluate("(canvas) => canvas.toDataURL()")
    person.stage.focus()
    person.stage.press("+")
    person.stage.press("+")
    person.page.wait_for_function(
        """([before, is_bare]) => {
            const canvas = document.querySelector('.specwidget-compare canvas');
            return canvas.toDataURL() !== before && !eval(is_bare)(canvas);
        }""",
        arg=[before, IS_BARE],
    )
    # The kernel has sharper values for what is shown; they come a moment later.
    settle(person.page, ".specwidget-compare canvas", still=500)
    assert not pair.evaluate(IS_BARE)
