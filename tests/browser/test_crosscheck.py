"""The cross-check panel: rows, badges, error maps, code."""

import re

import pytest
from playwright.sync_api import expect

from specwidget.widgets.assets import read_style
from tests.browser.canvas_text import MISFITS
from tests.browser.lab import PATIENCE

DISTINCT = """(canvas) => {
    const { data } = canvas.getContext('2d').getImageData(60, 12, canvas.width - 160, canvas.height - 60);
    return new Set(new Uint32Array(data.buffer)).size;
}"""


def test_a_row_opens_to_the_errors_and_the_code(person):
    person.type("frame_length", "400")
    person.wait_for_check('"hann", 400')
    row = person.peer("librosa")
    expect(row.locator(".specwidget-short")).to_contain_text("of the tolerance.")
    summary = row.locator("summary")
    summary.focus()
    summary.press("Enter")
    person.page.wait_for_function(
        "() => document.querySelector('[data-peer=\"librosa\"] canvas')?.getAttribute('aria-label')"
    )
    assert row.locator("canvas").first.evaluate(DISTINCT) > 20
    expect(row.locator("dt", has_text="Tolerance")).to_be_visible()
    person.page.evaluate("() => { navigator.clipboard.writeText = async (text) => { window.copied = text; }; }")
    row.get_by_role("button", name="Copy").click()
    expect(row.locator(".specwidget-copy button")).to_have_text("Copied")
    assert "n_fft=512" in person.page.evaluate("() => window.copied")
    person.page.evaluate("() => { delete navigator.clipboard.writeText; }")
    # An open row stays open, and its map is drawn anew.
    before = row.locator("canvas").first.evaluate("(canvas) => canvas.toDataURL()")
    person.type("frame_length", "100")
    person.wait_for_check('"hann", 100')
    person.page.wait_for_function(
        "(before) => document.querySelector('[data-peer=\"librosa\"] canvas').toDataURL() !== before", arg=before
    )
    expect(row).to_have_attribute("open", "")
    summary.press("Enter")


def test_without_a_clipboard_the_code_is_selected(person):
    person.wait_for_check()
    row = person.peer("scipy-stft")
    row.locator("summary").click()
    person.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    try:
        row.get_by_role("button", name="Copy").click()
        expect(row.locator(".specwidget-copy button")).to_have_text("Selected")
        assert "ShortTimeFFT(" in person.page.evaluate("() => getSelection().toString()")
    finally:
        person.page.evaluate("() => { delete navigator.clipboard.writeText; }")
        row.locator("summary").click()


def test_what_is_not_installed_or_not_asked_is_told(person):
    person.wait_for_check()
    for peer in ("torch", "keras", "nnaudio"):
        row = person.peer(peer)
        expect(row).to_have_attribute("data-status", re.compile("done|not compared"), timeout=3000 * PATIENCE)
        expect(row.locator(".specwidget-short")).not_to_be_empty()
        if row.locator(".specwidget-verdict").inner_text() == "not installed":
            expect(row.locator(".specwidget-short")).to_contain_text("install it with: pip install")


NAMES = ("librosa", "SciPy ShortTimeFFT", "SciPy spectrogram", "PyTorch", "Keras", "nnAudio")
REASON = "1024 samples in a frame are more than this library takes, which is a sentence of some length."
ROWS = (
    {"status": "waiting"},
    {"status": "not compared"},
    {"status": "left"},
    {"status": "failed", "sentence": REASON},
    {"status": "done", "verdict": "agrees", "share_of_tolerance": 0.02534},
    {"status": "done", "verdict": "disagrees", "share_of_tolerance": 47.66},
    {"status": "done", "verdict": "differs by convention", "differences": [{"name": "window"}, {"name": "floor"}]},
    {"status": "done", "verdict": "trained kernels", "reason": REASON},
    {"status": "done", "verdict": "not comparable", "reason": REASON},
    {"status": "done", "verdict": "not installed", "reason": REASON},
)
"""A row of each status and each verdict."""

# Shows rows in a page of some width, and returns what does not fit.
SHOW_ROWS = """(() => {
    const style = document.createElement('style');
    style.textContent = `body { margin: 0 } ${argument.style}`;
    const [outer, page, el] = [0, 1, 2].map(() => document.createElement('div'));
    outer.style.width = `${argument.width}px`;
    page.className = 'specwidget';
    document.body.replaceChildren(style, outer);
    outer.append(page);
    page.append(el);
    page.dataset.tab = 'crosscheck';
    const values = { rows: argument.rows, sentence: '', page: 'crosscheck' };
    const stop = m.default.render({ el, model: { get: (name) => values[name], on() {}, off() {}, send() {} } });
    const misfits = eval(argument.misfits)(page);
    const shown = el.querySelectorAll('details').length;
    stop();
    document.body.replaceChildren();
    return [shown, misfits];
})()"""


@pytest.mark.parametrize("width", [200, 224, 280, 420, 560, 561, 700, 1000])
def test_no_verdict_cuts_a_name_at_any_width(call, width):
    rows = [{"peer": f"{name} {i}", "title": name, **row} for name in NAMES for i, row in enumerate(ROWS)]
    style = read_style("explorer/panels/crosscheck_panel.css")
    argument = {"width": width, "rows": rows, "style": style, "misfits": MISFITS}
    assert call("explorer/panels/crosscheck_panel.js", SHOW_ROWS, argument) == [len(rows), []]


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (-3, 0, ["0.001", "0.01", "0.1", "1"]),
        (-2.4, 1.6, ["0.01", "0.1", "1", "10"]),
        (5, 9, ["1e5", "1e6", "1e7", "1e8", "1e9"]),
        (-8, 4, ["1e−6", "0.001", "1", "1000"]),
    ],
)
def test_the_bar_is_marked_at_powers_of_ten_of_the_tolerance(call, low, high, labels):
    ticks = call(
        "explorer/panels/error_map.js",
        "m.toleranceTicks(argument[0], argument[1]).map(({ label }) => label)",
        [low, high],
    )
    assert ticks == labels
