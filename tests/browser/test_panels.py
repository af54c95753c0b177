"""What a person does with the panels under the picture."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def window(person):
    """Return the panel of the window, unfolded."""
    panel = person.explorer.locator(".specwidget-window")
    if not panel.locator("details").evaluate("(details) => details.open"):
        panel.locator("summary").click()
    panel.locator(".specwidget-folded").wait_for()
    yield panel
    panel.locator("summary").click()


def value_of(panel, name, column=0):
    """Return the place of a figure of merit."""
    return panel.locator(f'tr[data-name="{name}"] .specwidget-value').nth(column)


def drawn(panel, plot):
    """Return the pixels of a plot as a text."""
    return panel.locator("canvas").nth(plot).evaluate("(canvas) => canvas.toDataURL()")


def test_the_window_is_judged_as_it_changes(person, window):
    expect(value_of(window, "highest side lobe")).to_have_text("−31.47 dB")
    expect(value_of(window, "COLA at step 128")).to_contain_text("fails")
    expect(value_of(window, "COLA at step 128", 1)).to_contain_text("holds")
    before = drawn(window, 0), drawn(window, 1)
    person.choose("window", "blackmanharris")
    expect(value_of(window, "main lobe, null to null", 1)).to_contain_text("8 bins")
    assert drawn(window, 0) != before[0]
    assert drawn(window, 1) != before[1]
    person.field("periodic").locator("input").check()
    expect(window.locator("thead th").first).to_have_text("periodic")
    person.choose("window", "hann")
    person.type("frame_step", "256")
    expect(value_of(window, "NOLA at step 256")).to_contain_text("fails")


def test_the_plots_are_read_with_the_keys(person, window):
    person.choose("window", "boxcar")
    expect(window.locator(".specwidget-subject")).to_have_text("boxcar, 256 samples")
    response, reading = window.locator("canvas").nth(1), window.locator("output").nth(1)
    response.focus()
    response.press("ArrowRight")
    expect(reading).to_contain_text("0.0625 bins")
    expect(reading).to_contain_text("symmetric −0.1 dB")
    expect(reading).to_have_attribute("aria-live", "polite")
    response.press("Home")
    expect(reading).to_contain_text("−8 bins")
    expect(reading).to_contain_text("symmetric nothing")
    shape = window.locator("canvas").first
    shape.focus()
    shape.press("End")
    expect(window.locator("output").first).to_contain_text("sample 255  ·  symmetric 1  ·  periodic 1")
    window.get_by_label("Response", exact=True).select_option(label="all frequencies")
    response.focus()
    response.press("End")
    expect(reading).to_contain_text("128 bins")


HEAR = """() => {
    const page = document.querySelector('.specwidget');
    if (!window.heard) page.addEventListener('specwidget:highlight', (event) => window.heard.push(event.detail.what));
    window.heard = [];
}"""


@pytest.mark.parametrize(
    ("step", "mark", "words"),
    [
        ("input", None, "1 signal of 62079 samples, 1.408 s, 1 channel each"),
        ("padded", "padding", "Nothing is added"),
        ("frames", "frame", "Neighbours share 128 of 256 samples, 50 %."),
        ("kernels", "bin", "multiplied by 129 cosines and 129 sines"),
        ("bins", "bin", "round k × 172.27 Hz, from 0 to 22050 Hz"),
        ("output", None, "the natural logarithm of the magnitude"),
    ],
)
def test_a_step_says_what_it_means_and_is_marked(person, step, mark, words):
    person.page.evaluate(HEAR)
    place = person.explorer.locator(f'.specwidget-step[data-step="{step}"]')
    box = place.get_by_role("button").first
    box.press("Enter")
    expect(box).to_have_attribute("aria-pressed", "true")
    expect(place.locator(".specwidget-meaning")).to_contain_text(words)
    expect(person.explorer.locator('.specwidget-shapes [role="status"]')).to_contain_text(words)
    box.press("Escape")
    expect(box).to_have_attribute("aria-pressed", "false")
    expect(place.locator(".specwidget-meaning")).to_be_hidden()
    assert person.page.evaluate("window.heard") == [mark, None]


def test_facts_that_can_be_seen_are_marked_and_keep_their_place(person):
    person.page.evaluate(HEAR)
    place = person.explorer.locator('.specwidget-step[data-step="frames"]')
    place.get_by_role("button", name="dropped tail").click()
    expect(place.locator(".specwidget-meaning")).to_contain_text("The last 127 samples are in no frame")
    place.get_by_role("button", name="step").press("Enter")
    person.type("frame_step", "100")
    expect(place.locator(".specwidget-meaning")).to_contain_text("moves on by 100 samples")
    expect(place.get_by_role("button", name="step")).to_have_attribute("aria-pressed", "true")
    place.get_by_role("button", name="step").click()
    assert person.page.evaluate("window.heard") == ["tail", "step", None]


def test_the_diagram_has_each_axis_with_its_number(person):
    person.choose("padding", "same")
    axes = person.explorer.locator('.specwidget-step[data-step="frames"] .specwidget-axis')
    expect(axes).to_have_text(["1batch", "1channel", "485frames", "256samples"])
    expect(person.explorer.locator('[data-step="padded"] .specwidget-axis').nth(1)).to_have_text("62208time")
    expect(person.explorer.locator('[data-step="padded"] .specwidget-zeros')).to_have_count(2)


def test_a_folded_panel_stays_as_it_was_and_catches_up(person, window):
    window.locator("summary").click()
    person.notebook.run_code("explorer.set(frame_length=64)")
    person.wait_for_row("FFT length", "N = 64")
    expect(window.locator(".specwidget-subject")).to_have_text("hann, 256 samples")
    window.locator("summary").press("Enter")
    expect(window.locator(".specwidget-subject")).to_have_text("hann, 64 samples")
    assert person.ask("explorer.panels['window'].is_open") == "True"


def test_a_window_too_long_to_be_judged_says_so(person, window):
    person.notebook.run_code(
        "import numpy as np\nfrom specwidget.sounds import as_signal\n"
        "explorer.set(sound=as_signal(np.ones(2**21)), frame_length=2**20 + 1, frame_step=2**20)"
    )
    expect(window.locator(".specwidget-error")).to_contain_text(
        "`frame_length` must be at most 1048576 for a window to be judged"
    )
    person.reset()
    expect(value_of(window, "highest side lobe")).to_have_text("−31.47 dB")
