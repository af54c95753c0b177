"""The panels below the spectrogram: shapes, window, kernels, comparison."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.lab import settle
from tests.selection import slow_but


@pytest.fixture
def window(person):
    """Return the page of the window, opened."""
    panel = person.open_tab("window")
    panel.locator(".specwidget-body").wait_for()
    return panel


@pytest.fixture
def kernels(person):
    """Return the page of the kernels, opened."""
    panel = person.open_tab("kernels")
    panel.locator(".specwidget-body").wait_for()
    return panel


def value_of(panel, name, column=0):
    """Return the place of a figure of merit."""
    return panel.locator(f'tr[data-name="{name}"] .specwidget-value').nth(column)


def canvas_of(panel, chart):
    """Return the canvas of a chart."""
    return panel.locator("canvas:not(.specwidget-overlay)").nth(chart)


def drawn(panel, plot):
    """Return the pixels of a chart as a text."""
    return canvas_of(panel, plot).evaluate("(canvas) => canvas.toDataURL()")


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
    response, reading = canvas_of(window, 1), window.locator("output").nth(1)
    response.focus()
    response.press("ArrowRight")
    expect(reading).to_contain_text("0.0625 bins")
    expect(reading).to_contain_text("symmetric −0.1 dB")
    expect(reading).to_have_attribute("aria-live", "polite")
    response.press("Home")
    expect(reading).to_contain_text("−8 bins")
    expect(reading).to_contain_text("symmetric nothing")
    shape = canvas_of(window, 0)
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
        ("input", "sound", "1 signal of 62079 samples, 1.408 s, 1 channel each"),
        ("padded", "padding", "No zeros are added"),
        ("frames", "frame", "Adjacent frames overlap by 128 of 256 samples, 50 %."),
        ("kernels", "bin", "one of the 129 cosines and 129 sines"),
        ("bins", "bin", "at k × 172.27 Hz, from 0 to 22050 Hz"),
        ("output", "value", "the natural logarithm of the magnitude"),
    ],
)
def test_a_step_says_what_it_means_and_is_marked(person, step, mark, words):
    person.page.evaluate(HEAR)
    place = person.explorer.locator(f'.specwidget-step[data-step="{step}"]')
    box = place.get_by_role("button").first
    box.press("Enter")
    expect(box).to_have_attribute("aria-pressed", "true")
    meaning = person.explorer.locator(".specwidget-meaning")
    expect(meaning).to_contain_text(words)
    expect(person.explorer.locator('.specwidget-shapes [role="status"]')).to_contain_text(words)
    box.press("Escape")
    expect(box).to_have_attribute("aria-pressed", "false")
    expect(meaning).to_be_hidden()
    assert person.page.evaluate("window.heard") == [mark, None]


def test_facts_that_can_be_seen_are_marked_and_keep_their_place(person):
    person.page.evaluate(HEAR)
    place = person.explorer.locator('.specwidget-step[data-step="frames"]')
    place.get_by_role("button", name="dropped tail").click()
    meaning = person.explorer.locator(".specwidget-meaning")
    expect(meaning).to_contain_text("The last 127 samples are in no frame")
    place.get_by_role("button", name="step").press("Enter")
    person.type("frame_step", "100")
    expect(meaning).to_contain_text("start 100 samples apart")
    expect(place.get_by_role("button", name="step")).to_have_attribute("aria-pressed", "true")
    place.get_by_role("button", name="step").click()
    assert person.page.evaluate("window.heard") == ["tail", "step", None]


def test_the_diagram_has_each_axis_with_its_number(person):
    person.choose("padding", "same")
    axes = person.explorer.locator('.specwidget-step[data-step="frames"] .specwidget-axis')
    expect(axes).to_have_text(["1batch", "1channel", "485frames", "256samples"])
    expect(person.explorer.locator('[data-step="padded"] .specwidget-axis').nth(1)).to_have_text("62208time")
    expect(person.explorer.locator('[data-step="padded"] .specwidget-zeros')).to_have_count(2)


def test_what_a_change_leaves_as_it_was_is_left_alone(person):
    def nodes(step):
        place = person.explorer.locator(f'.specwidget-step[data-step="{step}"]')
        texts = "(step) => [...step.querySelectorAll('.specwidget-glyph > *, .specwidget-value, .specwidget-formula')]"
        return place.evaluate_handle(f"{texts}.map((each) => each.firstChild)")

    before = {step: nodes(step) for step in ("input", "frames")}
    person.type("frame_step", "100")
    expect(person.explorer.locator('tr[data-name="frames"] .specwidget-value')).to_have_text("T = 619")
    kept = "([old, now]) => now.every((each, i) => each === old[i])"
    assert person.page.evaluate(kept, [before["input"], nodes("input")])
    assert not person.page.evaluate(kept, [before["frames"], nodes("frames")])


def test_a_closed_page_stays_as_it_was_and_catches_up(person, window):
    subject = person.explorer.locator(".specwidget-window .specwidget-subject")
    expect(subject).to_have_text("hann, 256 samples")
    person.open_tab("shapes")
    # Until the kernel knows, it makes what an open page shows.
    person.wait_until("not explorer.panels['window'].is_open")
    person.notebook.run_code("explorer.set(frame_length=64)")
    person.wait_for_row("FFT length", "N = 64")
    expect(subject).to_have_text("hann, 256 samples")
    person.open_tab("window")
    expect(subject).to_have_text("hann, 64 samples")
    person.wait_until("explorer.panels['window'].is_open")


def test_a_click_on_the_open_tab_leaves_its_room_to_the_picture(person):
    height = person.stage.evaluate("(stage) => stage.clientHeight")
    person.explorer.get_by_role("tab", name="Shapes").click()
    person.page.wait_for_function(
        "(height) => document.querySelector('.specwidget-stage').clientHeight > height + 100", arg=height
    )
    expect(person.explorer.locator('[role="tabpanel"]:visible')).to_have_count(0)
    person.explorer.locator(".specwidget-shape-line").click()
    expect(person.explorer.get_by_role("tab", name="Shapes")).to_have_attribute("aria-selected", "true")
    person.page.wait_for_function(
        "(height) => document.querySelector('.specwidget-stage').clientHeight === height", arg=height
    )


def test_tabs_are_chosen_by_the_arrow_keys(person):
    tabs = person.explorer.get_by_role("tab")
    tabs.first.focus()
    tabs.first.press("ArrowLeft")
    expect(person.explorer.get_by_role("tab", name="Export")).to_be_focused()
    expect(person.explorer.locator('[role="tabpanel"]:visible')).to_have_attribute("aria-label", "Export")
    person.explorer.get_by_role("tab", name="Export").press("Home")
    expect(person.explorer.locator('[role="tabpanel"]:visible')).to_have_attribute("aria-label", "Shapes")
    assert tabs.evaluate_all("(all) => all.filter((tab) => tab.tabIndex === 0).length") == 1


# Sends messages to a closed page, opens it, and returns what was drawn before and after, and the problem that is shown.
FOLD = """(async (messages) => {
    const drawn = [];
    const listeners = {};
    const values = { page: 'any', serials: {} };
    const model = {
        get: (name) => values[name],
        set: (name, value) => { values[name] = value; },
        on: (name, listener) => { listeners[name] = listener; },
        off() {}, send() {}, save_changes() {},
    };
    const root = document.createElement('div');
    root.className = 'specwidget';
    const el = document.createElement('div');
    root.append(el);
    document.body.append(root);
    const show = { curve: ({ text }) => drawn.push(text), rows: ({ text }) => drawn.push(text) };
    const page = m.createLazyPanel({ model, el, name: 'any', title: 'Any', children: [], show });
    for (const [serial, message] of messages.entries()) listeners['msg:custom']({ ...message, serial }, []);
    const before = [...drawn];
    root.dataset.tab = 'any';
    root.dispatchEvent(new CustomEvent('specwidget:tab'));
    const deadline = performance.now() + 60_000;
    while (!drawn.length && performance.now() < deadline) await new Promise(requestAnimationFrame);
    const problem = el.querySelector('.specwidget-error:not([hidden])')?.textContent ?? null;
    page.stop();
    root.remove();
    return [before, drawn, problem];
})"""


def test_a_closed_page_draws_what_it_has_received_when_it_is_opened(call):
    messages = [{"kind": "curve", "text": "older"}, {"kind": "curve", "text": "newest"}]
    assert call("explorer/lazy_panel.js", f"await {FOLD}({json.dumps(messages)})") == [[], ["newest"], None]


def test_the_problem_of_one_part_stays_when_another_part_comes(call):
    messages = [{"kind": "curve", "problem": "The frame is too long."}, {"kind": "rows", "text": "rows"}]
    assert call("explorer/lazy_panel.js", f"await {FOLD}({json.dumps(messages)})") == [
        [],
        ["rows"],
        "The frame is too long.",
    ]


def test_a_window_too_long_to_be_judged_says_so(person, window):
    person.notebook.run_code(
        "import numpy as np\nfrom specwidget.sounds import as_sound\n"
        "explorer.set(sound=as_sound(np.ones(2**21)), frame_length=2**20 + 1, frame_step=2**20)"
    )
    window = person.explorer.locator(".specwidget-window")
    expect(window.locator(".specwidget-error")).to_contain_text(
        "Frame length must be at most 1048576 for figures of merit"
    )
    person.reset()
    person.open_tab("window")
    expect(value_of(window, "highest side lobe")).to_have_text("−31.47 dB")


def test_the_kernels_of_a_bin_are_chosen_by_number_by_key_and_by_the_cursor(person, kernels):
    field, facts = kernels.get_by_label("Bin", exact=True), kernels.locator("output").first
    field.fill("16")
    field.press("Enter")
    expect(facts).to_have_text("2756 Hz  ·  16 cycles per frame")
    marks = kernels.locator(".specwidget-overlay").first
    before = marks.evaluate("(canvas) => canvas.toDataURL()"), drawn(kernels, 2)
    canvas_of(kernels, 0).focus()
    canvas_of(kernels, 0).press("Shift+ArrowUp")
    expect(field).to_have_value("26")
    expect(facts).to_contain_text("26 cycles per frame")
    assert marks.evaluate("(canvas) => canvas.toDataURL()") != before[0]
    assert drawn(kernels, 2) != before[1]
    person.stage.focus()
    person.stage.press("ArrowUp")
    person.stage.press("ArrowUp")
    shown = int(person.read()["Cursor"]["bin"])
    assert shown != 26
    expect(field).to_have_value(str(shown))
    person.stage.press("ArrowUp")
    expect(field).to_have_value(str(shown + 1))


def test_a_bin_that_is_not_there_is_told(person, kernels):
    field = kernels.get_by_label("Bin", exact=True)
    field.fill("129")
    field.press("Enter")
    problem = kernels.locator(".specwidget-error").nth(1)
    expect(problem).to_have_text("Bin must be a whole number from 0 to 128; got 129.")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("8")
    field.press("Enter")
    expect(problem).to_be_hidden()


def test_trained_kernels_show_their_drift(person, kernels):
    expect(kernels.get_by_text("The kernels are still the Fourier basis.")).to_be_visible()
    person.notebook.run_code(
        "weights = explorer.layer.get_weights()\n"
        "weights[0][:, 0, 16] *= 2\n"
        "explorer.layer.set_weights(weights)\n"
        "explorer.state.refresh()"
    )
    expect(kernels.locator("p.specwidget-muted").last).to_contain_text("largest in bin 16: 0.707 of the norm")
    expect(kernels.locator(".specwidget-chart")).to_have_count(4)
    # A pointer left on the picture chooses a bin, too, as soon as the page moves under it.
    person.page.mouse.move(5, 5)
    field = kernels.get_by_label("Bin", exact=True)
    field.fill("16")
    field.press("Enter")
    expect(kernels.locator("output").first).to_contain_text("drift 0.707  ·  centre 2756 Hz, Fourier 2756 Hz")
    drift = canvas_of(kernels, 3)
    drift.focus()
    drift.press("Home")
    expect(kernels.locator("output").last).to_contain_text("bin 0  ·  drift 0  ·")


def test_long_kernels_are_looked_at_close_up(person, kernels):
    person.type("frame_length", "1024")
    note = kernels.locator(".specwidget-charts + p").first
    expect(note).to_contain_text("Close up: samples 384 to 639 of 1024")
    kernels.get_by_label("Bin", exact=True).fill("8")
    kernels.get_by_label("Bin", exact=True).press("Enter")
    expect(note).to_have_text("Close up: samples 384 to 639 of 1024, bins 0 to 24 of 513. Each cell is one value.")
    kernels.get_by_label("Show", exact=True).select_option(label="whole kernels")
    expect(note).to_contain_text("among up to 2 × 3 values")
    kernels.get_by_label("Show", exact=True).select_option(label="automatic")
    expect(note).to_contain_text("bins 0 to 24 of 513")
    canvas_of(kernels, 0).click(position={"x": 100, "y": 12})
    expect(kernels.get_by_label("Bin", exact=True)).to_have_value("24")
    expect(note).to_contain_text("bins 12 to 36 of 513")


def test_a_mode_with_one_kernel_shows_one(person, kernels):
    person.choose("mode", "imag (imaginary part)")
    expect(canvas_of(kernels, 0)).to_be_hidden()
    expect(canvas_of(kernels, 1)).to_be_visible()


@pytest.mark.parametrize("tab", slow_but(["window", "kernels", "compare"], "compare".__eq__))
def test_no_page_sticks_out_at_any_width(person, tab):
    person.explorer.get_by_role("button", name="Set B").click()
    person.open_tab(tab).locator(".specwidget-body").wait_for()
    try:
        for width in (1800, 1400, 760):
            person.page.set_viewport_size({"width": width, "height": 2200})
            settle(person.page)
            assert person.explorer.evaluate(STICKING_OUT) == []
    finally:
        person.page.set_viewport_size({"width": 1400, "height": 2200})


STICKING_OUT = """(page) => {
    const right = page.getBoundingClientRect().right + 1;
    return [...page.querySelectorAll('.specwidget-pages *:not(.specwidget-hidden, pre, pre *)')]
        .filter((node) => node.getBoundingClientRect().right > right && node.offsetParent)
        .map((node) => node.outerHTML.slice(0, 80));
}"""
