"""The workbench on one screen: what is moved and what it moves are seen together, and nothing jumps."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OPEN
from tests.browser.lab import Notebook, open_page, settle
from tests.browser.notebooks import write
from tests.browser.person import Person

SIZES = {"1440": (1440, 900), "1366": (1366, 768), "1024": (1024, 768), "640": (640, 800)}
"""Windows, the first three with JupyterLab's files beside the notebook."""

# How much of an element is seen: its area within the window and all that clips it, as a share.
SEEN = """(el) => {
    let box = el.getBoundingClientRect();
    const area = box.width * box.height;
    let { left, top, right, bottom } = box;
    const cut = (other) => {
        [left, top] = [Math.max(left, other.left), Math.max(top, other.top)];
        [right, bottom] = [Math.min(right, other.right), Math.min(bottom, other.bottom)];
    };
    // The overflow of the body is that of the window.
    for (let node = el.parentElement; node !== document.body; node = node.parentElement) {
        if (getComputedStyle(node).overflow !== 'visible' && getComputedStyle(node).display !== 'contents')
            cut(node.getBoundingClientRect());
    }
    cut({ left: 0, top: 0, right: innerWidth, bottom: innerHeight });
    return area ? Math.max(0, right - left) * Math.max(0, bottom - top) / area : 0;
}"""

# What is seen of each control when the focus brings it into view, and then of the picture and of an element.
SEEN_WITH = f"""(first) => [...document.querySelectorAll(
    '.specwidget-controls > section .specwidget-field:not([hidden])')].map((control) => {{
    const seen = {SEEN};
    control.querySelector('input, select').focus();
    control.scrollIntoView({{ block: 'nearest' }});
    return [seen(control), seen(document.querySelector('.specwidget-stage')), seen(first)];
}})"""

# The explorer at the top of the notebook, as after one scroll.
SCROLL = "(page) => page.scrollIntoView({ block: 'start' })"

# What a page shows first.
FIRST = {
    "shapes": ".specwidget-box",
    "notes": "p.specwidget-muted",
    "window": ".specwidget-canvas",
    "bank": "p.specwidget-muted",
    "compare": ".specwidget-muted",
    "match": "select",
    "identify": ".specwidget-button",
    "kernels": ".specwidget-canvas",
    "crosscheck": "[data-peer]",
    "code": ".specwidget-targets",
    "export": ".specwidget-buttons",
}


@pytest.fixture(
    scope="module",
    params=["1440", "640", *(pytest.param(each, marks=pytest.mark.slow) for each in ("1366", "1024"))],
)
def screen(request, browser, server, folder):
    """Return a person before a notebook in a window of a usual size, whose first cell has run."""
    page = open_page(browser, *SIZES[request.param])
    # A notebook has one kernel, whoever opens it, and it is shut down at the end.
    write(folder / f"screen{request.param}.ipynb", OPEN)
    notebook = Notebook(page, server, f"screen{request.param}.ipynb")
    if request.param == "640":
        page.evaluate("() => jupyterapp.shell.collapseLeft()")
    notebook.run_all()
    person = Person(notebook)
    person.reset()
    person.explorer.evaluate(SCROLL)
    settle(page, ".specwidget-stage canvas")
    yield person
    notebook.close()


def seen(locator):
    """Return the share of an element that is seen."""
    return locator.evaluate(SEEN)


def test_picture_and_frame_length_are_seen_after_one_scroll(screen):
    assert seen(screen.stage) == pytest.approx(1, abs=0.001)
    assert seen(screen.field("frame_length")) == pytest.approx(1, abs=0.001)


def test_every_control_is_seen_with_the_picture_and_the_open_page(screen):
    tabs = [tab.get_attribute("data-tab") for tab in screen.explorer.get_by_role("tab").all()]
    assert set(tabs) == set(FIRST)
    for tab in tabs:
        page = screen.open_tab(tab)
        first = page.locator(FIRST[tab]).locator("visible=true").first
        first.wait_for()
        found = first.evaluate(SEEN_WITH)
        assert len(found) > 7
        for i, (control, picture, page) in enumerate(found):
            assert (round(control, 2), picture > 0.6, page > 0.6) == (1, True, True), (tab, i)
    screen.open_tab("shapes")


# The places of the controls, of the picture and of the tabs.
PLACES = """(page) => Object.fromEntries([
    ...[...page.querySelectorAll('.specwidget-field')].map((node) => [node.dataset.name, node]),
    ...['stage', 'overview', 'tabs', 'pages', 'toolbar', 'history'].map((name) =>
        [name, page.querySelector(`.specwidget-${name}`)]),
].map(([name, node]) => [name, node.getBoundingClientRect()])
    .filter(([, box]) => box.height)
    .map(([name, { left, top, width, height }]) => [name, [left, top, width, height].map(Math.round)]))"""


def places(person):
    """Return where things are, once they are at rest."""
    settle(person.page)
    return person.explorer.evaluate(PLACES)


@pytest.mark.parametrize(
    "change",
    [
        'sound=__import__("specwidget").sounds.make_synthetic("linear_chirp")',
        "frame_step=999",
        "frame_step=256",
        'mode="angle"',
    ],
    ids=["sound", "error", "note", "mode"],
)
def test_nothing_jumps(screen, change):
    screen.reset()
    before = places(screen)
    screen.notebook.run_code(f"explorer.set({change})")
    assert places(screen) == before
    screen.reset()


def test_a_preset_moves_nothing(screen):
    menu = screen.explorer.get_by_label("Preset", exact=True)
    screen.explorer.locator(".specwidget-use").scroll_into_view_if_needed()
    before = places(screen)
    menu.select_option(label="Speech recognition, 25 ms / 10 ms")
    screen.explorer.locator(".specwidget-use").click()
    screen.wait_for_row("FFT length", "N = 2048")
    assert places(screen) == before
    assert screen.ask("[explorer.state.frame_length, explorer.state.frame_step]") == "[1102, 441]"
    screen.reset()


def test_the_edge_makes_the_explorer_higher_and_escape_fits_it(person):
    edge = person.explorer.get_by_role("separator", name="Height of the explorer")
    before = int(edge.get_attribute("aria-valuenow"))
    edge.press("ArrowUp")
    expect(edge).to_have_attribute("aria-valuenow", str(before - 24))
    person.wait_until(f"explorer.workbench.height == {before - 24}")
    assert person.explorer.evaluate("(page) => Math.round(page.firstElementChild.clientHeight)") == before - 24
    edge.press("Escape")
    expect(edge).to_have_attribute("aria-valuenow", str(before))


def test_large_type_draws_larger_and_comes_back(person):
    before = person.pixels()
    button = person.explorer.get_by_role("button", name="Large type")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    person.wait_for_pixels(before)
    assert person.explorer.evaluate("(page) => getComputedStyle(page).fontSize") == "16px"
    assert person.explorer.locator(".specwidget-lengths input").evaluate_all(
        "(all) => all.every((each) => each.scrollWidth <= each.clientWidth)"
    )
    button.click()
    person.page.wait_for_function(
        "(before) => document.querySelector('.specwidget-stage canvas').toDataURL() === before", arg=before
    )


def test_the_whole_screen_is_used_and_left(person):
    button = person.explorer.get_by_role("button", name="Full screen")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    height = person.explorer.evaluate("(page) => page.querySelector('.specwidget-workbench').clientHeight")
    assert height > 0.95 * person.page.viewport_size["height"]
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")


def test_a_file_that_is_no_sound_moves_nothing(person, folder):
    before = places(person)
    person.explorer.locator('.specwidget-sound input[accept*="audio"]').set_input_files(folder / "text.wav")
    expect(person.explorer.locator(".specwidget-sound .specwidget-error")).to_contain_text("text.wav")
    assert places(person) == before


@pytest.mark.parametrize(
    ("name", "place", "text", "samples"),
    [
        ("frame_length", 1, "25 ms", 1102),
        ("frame_length", 1, "10", 441),
        ("frame_length", 0, "0.01 s", 441),
        ("frame_step", 1, "1 ms", 44),
        ("frame_step", 2, "75", 64),
        ("fft_length", 1, "100", 441),
    ],
)
def test_lengths_are_typed_in_every_form(person, name, place, text, samples):
    box = person.field(name).locator('input[type="text"]').nth(place)
    box.fill(text)
    box.press("Enter")
    expect(person.field(name).locator('input[type="text"]').first).to_have_value(str(samples))
    person.wait_until(
        f"explorer.state.current.settings == __import__('dataclasses').replace("
        f"explorer.state.current.settings, {name}={samples})"
    )


def test_what_is_typed_after_a_click_takes_the_place_of_the_value(person):
    person.reset()
    time = person.explorer.get_by_label("Frame length, time")
    time.click()
    person.page.keyboard.type("10 ms")
    person.page.keyboard.press("Enter")
    expect(person.field("frame_length").locator("input").first).to_have_value("441")
    person.wait_until("explorer.state.frame_length == 441")
    # A second click sets the cursor.
    time.click()
    person.page.keyboard.press("End")
    person.page.keyboard.type("x")
    person.page.keyboard.press("Enter")
    expect(person.explorer.locator(".specwidget-problem").first).to_be_visible()
    expect(time).to_have_value("10 msx")
    expect(person.field("frame_length").locator("input").first).to_have_value("")
    person.reset()


def test_a_selected_value_that_changes_meanwhile_is_still_replaced(person):
    person.reset()
    box = person.field("frame_length").locator("input").first
    box.click()
    person.notebook.run_code("explorer.set(frame_length=512)")
    expect(box).to_have_value("512")
    person.page.keyboard.type("300")
    person.page.keyboard.press("Enter")
    person.wait_until("explorer.state.frame_length == 300")
    person.reset()


def test_a_slider_moves_every_form_at_once(person):
    boxes = person.field("frame_length").locator('input[type="text"]')
    expect(boxes.nth(1)).to_have_value("5.805 ms")
    values = person.explorer.evaluate(
        """(page) => {
            const field = page.querySelector('.specwidget-field[data-name="frame_length"]');
            const slider = field.querySelector('input[type="range"]');
            slider.value = String(Number(slider.value) + 20);
            slider.dispatchEvent(new Event('input', { bubbles: true }));
            return [...field.querySelectorAll('input[type="text"]')].map(({ value }) => value);
        }"""
    )
    samples = int(values[0])
    assert samples > 256
    assert float(values[1].split()[0]) == pytest.approx(1000 * samples / 44_100, abs=0.01)


def test_where_the_rate_is_unknown_it_is_given_on_the_page(person):
    person.notebook.run_code("import numpy as np\nexplorer.set(sound=np.ones(5000))")
    times = person.field("frame_length").locator('input[type="text"]').nth(1)
    expect(times).to_have_value("")
    times.fill("25 ms")
    times.press("Enter")
    expect(person.error("frame_length")).to_contain_text("as the sample rate is unknown")
    # The tab of features may have a field of this name, too.
    rate = person.explorer.get_by_label("Sample rate", exact=True).first
    rate.fill("16000")
    rate.press("Enter")
    expect(person.error("frame_length")).to_have_count(0)
    expect(person.field("frame_length").locator('input[type="text"]').first).to_have_value("400")


TARGETS = {
    "picture": ".specwidget-stage",
    "tab": '[role="tab"]',
    "button": '[data-action="undo"]',
    "slider": '[data-name="frame_length"] input[type="range"]',
    "text": '[data-name="frame_length"] input[type="text"]',
    "menu": '[data-name="mode"] select',
    "nothing": "",
}


@pytest.mark.parametrize("target", TARGETS)
def test_the_notebook_s_one_letter_shortcuts_do_nothing_inside(person, target):
    n_cells = "() => jupyterapp.shell.currentWidget.content.widgets.length"
    before = person.page.evaluate(n_cells)
    if TARGETS[target]:
        person.explorer.locator(TARGETS[target]).first.focus()
    else:
        person.explorer.locator(".specwidget-workbench").click(position={"x": 3, "y": 3})
    for key in ("x", "d", "d", "0", "0", "b", "Escape"):
        person.page.keyboard.press(key)
    settle(person.page)
    assert person.page.evaluate(n_cells) == before
    expect(person.page.locator(".jp-Dialog")).to_have_count(0)
    if target == "text":
        person.page.keyboard.press("Escape")


def test_the_notebook_is_saved_from_inside(person):
    person.page.evaluate(
        """() => {
            window.commands = [];
            jupyterapp.commands.commandExecuted.connect((_, { id }) => window.commands.push(id));
        }"""
    )
    person.stage.focus()
    person.page.keyboard.press("Control+s")
    person.page.wait_for_function("() => window.commands.includes('docmanager:save')")


def test_where_the_strip_is_too_narrow_a_list_has_all_tabs(screen):
    button = screen.explorer.get_by_role("button", name="All tabs", exact=True)
    strip = screen.explorer.get_by_role("tablist")
    assert strip.evaluate("(strip) => strip.scrollWidth > strip.clientWidth")
    button.click()
    titles = [tab.locator("span").first.inner_text() for tab in screen.explorer.get_by_role("tab").all()]
    choices = screen.explorer.get_by_role("dialog", name="All tabs").get_by_role("button")
    assert choices.all_inner_texts() == titles
    for choice in choices.all():
        expect(choice).to_be_in_viewport(ratio=1)
    choices.last.click()
    expect(choices.first).to_be_hidden()
    expect(screen.explorer.get_by_role("tab", name=titles[-1])).to_have_attribute("aria-selected", "true")
    assert seen(screen.explorer.get_by_role("tab", name=titles[-1])) == 1
    # A tab with a badge that comes later is seen from its start on.
    screen.open_tab("crosscheck")
    label, badge = screen.explorer.locator('[role="tab"][data-tab="crosscheck"] span').all()
    expect(badge).to_contain_text("agree")
    assert seen(label) == 1
    screen.open_tab("shapes")


def test_where_all_tabs_are_seen_no_list_is_offered(person):
    page, size = person.page, person.page.viewport_size
    strip = person.explorer.locator(".specwidget-tabs")
    button = person.explorer.get_by_role("button", name="All tabs", exact=True)
    offered = {}
    page.evaluate("() => jupyterapp.shell.collapseLeft()")
    try:
        for width in (1000, 1415, 2560):
            page.set_viewport_size({"width": width, "height": 900})
            settle(page)
            offered[width] = button.is_visible(), strip.evaluate("(strip) => strip.scrollWidth > strip.clientWidth")
    finally:
        page.set_viewport_size(size)
        page.evaluate("() => jupyterapp.shell.expandLeft()")
    assert all(is_offered == is_cut for is_offered, is_cut in offered.values()), offered
    assert {is_offered for is_offered, _ in offered.values()} == {True, False}
