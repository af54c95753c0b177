"""Accessibility: keyboard, screen reader, light and dark themes, reduced motion, narrow and wide windows."""

import math
import re

import pytest
from playwright.sync_api import expect

from specwidget import STFTSpectrogram
from specwidget.sounds import load_recording
from tests.browser.axe import violations
from tests.browser.canvas_text import DRAWN, LISTEN, MISFITS, cut, least_contrast, overlapping, parse
from tests.browser.lab import PATIENCE, settle
from tests.colour import LEAST_FOR_SHAPES, LEAST_FOR_TEXT, contrast
from tests.selection import slow_but

THEMES = ("JupyterLab Light", "JupyterLab Dark")

TABS = ("shapes", "notes", "window", "compare", "match", "identify", "kernels", "crosscheck", "code", "export")

# Tabs whose pages draw on canvases, besides the picture.
DRAWING = ("window", "compare", "kernels", "crosscheck")

# The controls in the order of the page: of a group of radio buttons, Tab reaches the chosen one.
STOPS = """() => {
    const all = document.querySelectorAll(
        '.specwidget :is(input, select, button, summary, textarea, a[href], audio[controls], [tabindex])');
    window.stops = [...all].filter((node) => node.tabIndex >= 0 && !node.disabled && node.checkVisibility()
        && (node.type !== 'radio' || node.checked));
    return window.stops.map((node) => node.ariaLabel || node.labels?.[0]?.textContent || node.textContent);
}"""

# What has the focus, by its place among the controls, and how its outline looks.
FOCUSED = """() => {
    const place = window.stops.indexOf(document.activeElement);
    const seen = (node) => [node, ...(node?.labels ?? [])].filter(Boolean).map((each) => {
        const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(each);
        return outlineStyle === 'none' ? 'none' : `${outlineStyle} ${outlineWidth} ${outlineColor}`;
    });
    const before = window.stops[place - 1];
    const name = document.activeElement.outerHTML.slice(0, 200);
    return { place, name, here: seen(document.activeElement), before: before ? seen(before) : [] };
}"""


@pytest.fixture(scope="module")
def everything(opened):
    """Return a person before an explorer in which everything is to be seen: A and B, a note, the errors of a peer."""
    opened.reset()
    opened.explorer.get_by_role("button", name="Set B").click()
    opened.type("frame_step", "256")
    expect(opened.explorer.locator('[data-tab="notes"] .specwidget-badge')).to_have_text("1")
    fold(opened, is_open=True)
    opened.open_tab("match").get_by_label("Model", exact=True).select_option(label="Whisper")
    features = STFTSpectrogram("magnitude", 256)(load_recording("voice").samples)
    opened.load_features(features).get_by_role("button", name="Set the controls").wait_for()
    yield opened
    fold(opened, is_open=False)
    opened.open_tab("shapes")


@pytest.fixture
def filled(everything):
    """Return the person, with no cursor from the test before."""
    yield everything
    everything.stage.press("Escape")


def fold(person, *, is_open):
    """Open or close what folds: the settings of the output, and the first row of the cross-check."""
    person.wait_for_check()
    person.explorer.evaluate(
        """(page, isOpen) => page.querySelectorAll('.specwidget-controls details, [data-peer="librosa"]')
            .forEach((each) => { each.open = isOpen; })""",
        is_open,
    )


def show(person, name):
    """Open a tab, and wait until its page has been made."""
    page = person.open_tab(name)
    if name == "crosscheck":
        person.wait_for_check()
        person.page.wait_for_function(
            """() => {
                const charts = '.specwidget [data-peer][open] .specwidget-chart:not([hidden]) canvas';
                return !document.querySelector('.specwidget [data-peer][data-status="waiting"]')
                    && [...document.querySelectorAll(charts)].every((canvas) => canvas.ariaLabel || canvas.ariaHidden);
            }""",
            timeout=3000 * PATIENCE,
        )
    elif name == "match":
        page.get_by_role("switch").first.wait_for()
    elif name in DRAWING:
        page.locator(".specwidget-body").wait_for()
    return page


def choose_theme(person, name):
    """Change JupyterLab's theme, and wait until the page has its colours."""
    person.page.evaluate("(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })", name)
    person.page.wait_for_function(
        """(accent) => getComputedStyle(document.querySelector('.specwidget'))
            .getPropertyValue('--sw-accent') === accent""",
        arg={"JupyterLab Light": "#0b57b0", "JupyterLab Dark": "#7db7ff"}[name],
    )


@pytest.fixture(params=[THEMES[0], pytest.param(THEMES[1], marks=pytest.mark.slow)])
def theme(request, opened):
    """Return the name of the theme that the page has."""
    choose_theme(opened, request.param)
    yield request.param
    choose_theme(opened, THEMES[0])


def test_axe_finds_nothing_serious_where_a_sentence_says_what_is_wrong(theme, person):
    person.type("frame_step", "300")
    expect(person.error("frame_step")).to_be_visible()
    assert violations(person.page) == []


def test_the_playhead_goes_to_the_cursor_by_a_key(person):
    person.stage.press("Home")
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "p"):
        person.stage.press(key)
    # Frame 20 of 256 samples, a step of 128 after each: its middle is sample 2688 of 44,100 a second.
    expect(person.explorer.locator(".specwidget-clock")).to_have_text("60.95 ms")


# Tests from here on share one page with everything open; those above reset it.
@pytest.mark.parametrize("tab", slow_but(TABS, ("shapes", "match", "export").__contains__))
def test_axe_finds_nothing_serious_in_any_tab(theme, filled, tab):
    show(filled, tab)
    assert violations(filled.page) == []


def test_axe_finds_nothing_serious_where_a_panel_lies_over_the_page(filled):
    filled.explorer.get_by_role("button", name="Display").click()
    assert violations(filled.page) == []
    filled.page.keyboard.press("Escape")
    filled.explorer.get_by_role("button", name="Keys and gestures").click()
    assert violations(filled.page) == []
    filled.page.keyboard.press("Escape")


def drawn_texts(person):
    """Return the texts that stand on each canvas of the open tab and of the picture, everything drawn anew."""
    page = person.page
    page.evaluate(LISTEN)
    width = page.viewport_size["width"]
    page.set_viewport_size({"width": width - 4, "height": 2200})
    page.wait_for_function("() => new Set([...textsOf.values()].flat().map(({ panel }) => panel)).size >= 2")
    settle(page)
    drawn = page.evaluate(DRAWN)
    page.set_viewport_size({"width": width, "height": 2200})
    return drawn


@pytest.mark.parametrize("tab", DRAWING)
def test_what_is_drawn_on_canvases_can_be_read(theme, filled, tab):
    show(filled, tab)
    filled.stage.press("Enter")
    filled.stage.press("ArrowRight")
    drawn = [text for texts in drawn_texts(filled) for text in texts]
    assert {each["panel"] for each in drawn} == {"specwidget-spectrogram", f"specwidget-{tab}"}
    seen = {(each["panel"], each["text"], round(least_contrast(each), 2)) for each in drawn}
    assert [each for each in seen if each[-1] < LEAST_FOR_TEXT] == []


def stands_out(outline):
    """Tell whether an outline is two pixels wide, of a colour that WCAG (1.4.11) takes for seen on a white page."""
    _, width, colour = outline.split(" ", 2) if outline != "none" else ("", "", "")
    return width == "2px" and contrast(parse(colour)[0], [255, 255, 255]) >= LEAST_FOR_SHAPES


@pytest.mark.parametrize("tab", ["shapes", "kernels", "export"])
def test_tab_reaches_every_control_in_order_and_one_sees_where_one_is(filled, tab):
    show(filled, tab)
    page = filled.page
    names = page.evaluate(STOPS)
    # The buttons of a toolbar are one stop; 26 are the inputs of the settings.
    assert 15 < len(names) <= 46
    assert names[0] == "Skip to the spectrogram"
    page.evaluate("() => window.stops[0].focus()")
    page.keyboard.press("Shift+Tab")
    outlines, left = [], []
    for place in range(len(names)):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        assert found["place"] == place, found["name"]
        outlines.append(found["here"])
        left.append(found["before"])
    unseen = [name for name, here in zip(names, outlines, strict=True) if not any(map(stands_out, here))]
    assert unseen == []
    # It is there as long as the focus is.
    assert {outline for here in left for outline in here} == {"none"}
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["place"] == -1


def test_the_first_stop_leads_past_the_controls(filled):
    skip = filled.explorer.get_by_role("button", name="Skip to the spectrogram")
    skip.focus()
    expect(skip).to_be_in_viewport()
    skip.press("Enter")
    expect(filled.stage).to_be_focused()


def test_the_arrow_keys_move_in_a_toolbar(filled):
    toolbar = filled.explorer.get_by_role("toolbar", name="Settings")
    toolbar.locator("button").first.focus()
    toolbar.locator("button").first.press("End")
    expect(toolbar.get_by_role("button", name="Set B")).to_be_focused()
    toolbar.get_by_role("button", name="Set B").press("ArrowRight")
    expect(toolbar.get_by_role("button", name="Undo")).to_be_focused()
    for each in filled.explorer.get_by_role("toolbar").all():
        assert (
            each.evaluate(
                "(el) => [...el.querySelectorAll('button, input')].filter((each) => each.tabIndex === 0).length"
            )
            >= 1
        )
    page = filled.explorer.locator('[role="tabpanel"]:visible')
    tab = filled.explorer.get_by_role("tab", selected=True)
    assert tab.get_attribute("aria-controls") == page.get_attribute("id")


@pytest.mark.parametrize("tab", TABS)
def test_every_control_has_a_name_for_a_screen_reader(filled, tab):
    show(filled, tab)
    nameless = re.compile(
        r"^\s*- (button|combobox|textbox|slider|checkbox|switch|radio|img|application|progressbar)(:|$| \[)"
    )
    told = filled.explorer.aria_snapshot().splitlines()
    assert sum('button "' in line for line in told) > 12
    assert [line for line in told if nameless.match(line)] == []


@pytest.fixture
def window(filled):
    """Return a function that gives the browser's window a width, without JupyterLab's files beside the page."""
    page = filled.page

    def resize(width):
        page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area')")
        page.set_viewport_size({"width": width, "height": 2200})
        settle(page)
        return filled

    files = page.locator(".jp-FileBrowser").is_visible()
    yield resize
    page.set_viewport_size({"width": 1400, "height": 2200})
    if files != page.locator(".jp-FileBrowser").is_visible():
        page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area')")


@pytest.mark.parametrize("tab", slow_but(["shapes", *DRAWING], ("shapes", "compare").__contains__))
@pytest.mark.parametrize("width", [640, pytest.param(1800, marks=pytest.mark.slow)])
def test_nothing_is_cut_and_nothing_scrolls_sideways(window, width, tab):
    person = window(width)
    show(person, tab)
    person.stage.press("ArrowRight")
    assert person.explorer.evaluate(MISFITS) == []
    drawn = drawn_texts(person) if tab in DRAWING else []
    assert [text for texts in drawn for text in cut(texts)] == []
    assert [pair for texts in drawn for pair in overlapping(texts)] == []


# Notes what moves by itself: transitions and animations of the style sheets.
WATCH = """() => {
    window.motions = [];
    for (const kind of ['transitionrun', 'animationstart']) {
        document.addEventListener(kind, ({ target, propertyName, animationName }) => {
            if (!target.closest?.('.specwidget')) return;
            window.motions.push(`${target.className}: ${propertyName ?? animationName}`);
        }, true);
    }
}"""


@pytest.fixture
def calm(filled):
    """Return the person, whose system asks for less motion."""
    filled.page.emulate_media(reduced_motion="reduce")
    filled.page.evaluate(WATCH)
    yield filled
    filled.page.emulate_media(reduced_motion="no-preference")


def test_where_motion_is_to_be_reduced_nothing_moves_by_itself(calm):
    page, plot = calm.page, show(calm, "window").locator(".specwidget-chart canvas").first
    before = plot.evaluate("(canvas) => canvas.toDataURL()")
    try:
        choose_theme(calm, THEMES[1])
        # What follows a theme by a transition elsewhere follows it without one.
        page.wait_for_function(
            "(before) => document.querySelector('.specwidget-window .specwidget-chart canvas').toDataURL() !== before",
            arg=before,
        )
    finally:
        choose_theme(calm, THEMES[0])
    calm.explorer.get_by_role("button", name="Loop").hover()
    calm.field("frame_length").locator('input[type="range"]').press("ArrowRight")
    fold(calm, is_open=False)
    fold(calm, is_open=True)
    assert page.evaluate("() => window.motions") == []
    running = "() => document.getAnimations().filter(({ effect }) => effect.target.closest('.specwidget')).length"
    assert page.evaluate(running) == 0


def test_where_motion_is_to_be_reduced_the_playhead_steps(calm):
    # Looks at the playhead in each frame, for a second or longer, until it has moved or the sound has ended.
    places = """() => new Promise((done) => {
        const playhead = document.querySelector('.specwidget-playhead');
        const audio = document.querySelector('.specwidget-spectrogram audio');
        const [seen, begin] = [new Set(), performance.now()];
        const look = () => {
            seen.add(playhead.style.transform);
            const seconds = (performance.now() - begin) / 1000;
            if ((seen.size < 2 || seconds < 1) && !audio.ended) requestAnimationFrame(look);
            else done([seen.size, seconds]);
        };
        look();
    })"""
    calm.stage.press(" ")
    expect(calm.explorer.locator(".specwidget-spectrogram").first).to_have_attribute("data-playing", "playing")
    n_places, seconds = calm.page.evaluate(places)
    # Four times a second, one more where it begins, one where it ends.
    assert 2 <= n_places <= math.ceil(4 * seconds) + 2
    calm.stage.press(" ")
