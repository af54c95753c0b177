"""Accessibility: keyboard, screen reader, light and dark themes, reduced motion, narrow and wide windows."""

import math
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.canvas_text import DRAWN, LISTEN, MISFITS, cut, least_contrast, overlapping, parse
from tests.browser.lab import PATIENCE, settle
from tests.colour import LEAST_FOR_SHAPES, LEAST_FOR_TEXT, contrast

THEMES = ("JupyterLab Light", "JupyterLab Dark")

# Panels that draw on canvases.
DRAWING = {f"specwidget-{name}" for name in ("spectrogram", "compare", "window", "kernels", "crosscheck")}

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
    """Return a person before an explorer in which everything is to be seen: panels open, A and B, a note."""
    opened.reset()
    opened.explorer.get_by_role("button", name="Set as B").click()
    opened.type("frame_step", "256")
    expect(opened.explorer.locator('.specwidget-notes li[data-name="holes"]')).to_be_visible()
    unfold(opened)
    yield opened
    fold(opened)


@pytest.fixture
def unfolded(everything):
    """Return the person, with no cursor from the test before."""
    yield everything
    everything.stage.press("Escape")


def unfold(person):
    """Open all that folds, and wait until what is in it has been made."""
    person.explorer.evaluate("(page) => page.querySelectorAll('details').forEach((each) => { each.open = true; })")
    person.wait_for_check()
    # What has been opened is compared, too; a row that waits has other words than one that is done.
    person.page.wait_for_function(
        "() => !document.querySelector('.specwidget [data-peer][data-status=\"waiting\"]')", timeout=3000 * PATIENCE
    )
    person.page.wait_for_function(
        """() => [...document.querySelectorAll('.specwidget [data-peer] .specwidget-chart:not([hidden]) canvas')]
            .every((canvas) => canvas.ariaLabel || canvas.ariaHidden)"""
    )
    person.page.wait_for_function(
        "() => [...document.querySelectorAll('.specwidget-disclosure-body')].every((each) => !each.hidden)"
    )


def fold(person):
    """Close all that folds."""
    person.explorer.evaluate("(page) => page.querySelectorAll('details').forEach((each) => { each.open = false; })")


def choose_theme(person, name):
    """Change JupyterLab's theme, and wait until the page has its colours."""
    person.page.evaluate("(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })", name)
    person.page.wait_for_function(
        """(accent) => getComputedStyle(document.querySelector('.specwidget'))
            .getPropertyValue('--sw-accent') === accent""",
        arg={"JupyterLab Light": "#0b57b0", "JupyterLab Dark": "#7db7ff"}[name],
    )


@pytest.fixture(params=THEMES)
def theme(request, opened):
    """Return the name of the theme that the page has."""
    choose_theme(opened, request.param)
    yield request.param
    choose_theme(opened, THEMES[0])


def violations(person):
    """Return what axe finds that keeps somebody from using the explorer, each with where it is."""
    found = Axe().run(person.page, context=".specwidget", options={"resultTypes": ["violations"]})
    return [
        (each["impact"], each["id"], node["target"], node["failureSummary"])
        for each in found.response["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def test_axe_finds_nothing_serious_where_a_sentence_says_what_is_wrong(theme, person):
    person.type("frame_step", "300")
    expect(person.error("frame_step")).to_be_visible()
    assert violations(person) == []


def test_the_playhead_goes_to_the_cursor_by_a_key(person):
    person.stage.press("Home")
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "p"):
        person.stage.press(key)
    # Frame 20 of 256 samples, a step of 128 after each: its middle is sample 2688 of 44,100 a second.
    expect(person.explorer.locator(".specwidget-clock")).to_have_text("60.95 ms")


# Tests from here on share one page with everything open; those above reset it.
def test_axe_finds_nothing_serious_with_all_panels_open(theme, unfolded):
    assert violations(unfolded) == []


def drawn_texts(person):
    """Return the texts that stand on each canvas, everything drawn anew."""
    page = person.page
    page.evaluate(LISTEN)
    width = page.viewport_size["width"]
    page.set_viewport_size({"width": width - 4, "height": 2200})
    page.wait_for_function(
        "(panels) => new Set([...textsOf.values()].flat().map(({ panel }) => panel)).size >= panels", arg=len(DRAWING)
    )
    settle(page)
    drawn = page.evaluate(DRAWN)
    page.set_viewport_size({"width": width, "height": 2200})
    return drawn


def test_what_is_drawn_on_canvases_can_be_read(theme, unfolded):
    unfolded.stage.press("Enter")
    unfolded.stage.press("ArrowRight")
    drawn = [text for texts in drawn_texts(unfolded) for text in texts]
    assert {each["panel"] for each in drawn} == DRAWING
    seen = {(each["panel"], each["text"], round(least_contrast(each), 2)) for each in drawn}
    assert [each for each in seen if each[-1] < LEAST_FOR_TEXT] == []


def stands_out(outline):
    """Tell whether an outline is two pixels wide, of a colour that WCAG (1.4.11) takes for seen on a white page."""
    _, width, colour = outline.split(" ", 2) if outline != "none" else ("", "", "")
    return width == "2px" and contrast(parse(colour)[0], [255, 255, 255]) >= LEAST_FOR_SHAPES


def test_tab_reaches_every_control_in_order_and_one_sees_where_one_is(unfolded):
    page = unfolded.page
    names = page.evaluate(STOPS)
    assert len(names) > 60
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


def test_every_control_has_a_name_for_a_screen_reader(unfolded):
    nameless = re.compile(
        r"^\s*- (button|combobox|textbox|slider|checkbox|switch|radio|img|application|progressbar)(:|$| \[)"
    )
    told = unfolded.explorer.aria_snapshot().splitlines()
    assert sum('button "' in line for line in told) > 20
    assert [line for line in told if nameless.match(line)] == []


@pytest.fixture
def window(unfolded):
    """Return a function that gives the browser's window a width, with or without JupyterLab's files beside the page."""
    page = unfolded.page

    def show(width, files):
        if not files:
            page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area')")
        page.set_viewport_size({"width": width, "height": 2200})
        settle(page)
        return unfolded

    files = page.locator(".jp-FileBrowser").is_visible()
    yield show
    page.set_viewport_size({"width": 1400, "height": 2200})
    if files != page.locator(".jp-FileBrowser").is_visible():
        page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area')")


@pytest.mark.parametrize(("width", "files"), [(600, True), (600, False), (1800, False)])
def test_nothing_is_cut_and_nothing_scrolls_sideways(window, width, files):
    person = window(width, files)
    person.stage.press("ArrowRight")
    assert person.explorer.evaluate(MISFITS) == []
    drawn = drawn_texts(person)
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
def calm(unfolded):
    """Return the person, whose system asks for less motion."""
    unfolded.page.emulate_media(reduced_motion="reduce")
    unfolded.page.evaluate(WATCH)
    yield unfolded
    unfolded.page.emulate_media(reduced_motion="no-preference")


def test_where_motion_is_to_be_reduced_nothing_moves_by_itself(calm):
    page, plot = calm.page, calm.explorer.locator(".specwidget-chart canvas").first
    before = plot.evaluate("(canvas) => canvas.toDataURL()")
    try:
        choose_theme(calm, THEMES[1])
        # What follows a theme by a transition elsewhere follows it without one.
        page.wait_for_function(
            "(before) => document.querySelector('.specwidget-chart canvas').toDataURL() !== before", arg=before
        )
    finally:
        choose_theme(calm, THEMES[0])
    calm.explorer.get_by_role("button", name="Loop").hover()
    calm.field("frame_length").locator('input[type="range"]').press("ArrowRight")
    fold(calm)
    unfold(calm)
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
