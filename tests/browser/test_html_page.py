"""The page saved as an HTML file: no kernel, no server, no network."""

import re
from contextlib import contextmanager

import numpy as np
import pytest
from playwright.sync_api import expect

from specwidget import explore
from tests.browser.lab import PATIENCE, open_page


@pytest.fixture(scope="module")
def explorer():
    """Return an explorer whose view is saved."""
    explorer = explore(frame_length=512, window=("kaiser", 8.6))
    explorer.state.set_b()
    yield explorer
    explorer.close()


@contextmanager
def opened(browser, explorer, path):
    """Save a page, and yield it opened from the disk by a browser without a network."""
    explorer.save_html(path)
    context = browser.new_context(offline=True, viewport={"width": 1200, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.problems, page.requests = [], []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text))
    page.on("request", lambda request: page.requests.append(request.url))
    page.goto(path.as_uri())
    expect(page.locator(".specwidget-stage")).to_have_attribute("data-serial", re.compile(r"\d+"))
    yield page
    context.close()


@pytest.fixture(scope="module")
def saved(browser, explorer, tmp_path_factory):
    """Return the saved page."""
    with opened(browser, explorer, tmp_path_factory.mktemp("saved") / "page.html") as page:
        yield page


# The picture as a text that differs where it does.
PIXELS = "document.querySelector('.specwidget-stage canvas').toDataURL()"


def pixels(page):
    """Return the picture as a text that differs where it does."""
    return page.evaluate(f"() => {PIXELS}")


def test_the_cursor_reads_exact_values(saved, explorer):
    box = saved.locator(".specwidget-stage").bounding_box()
    saved.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.8 * box["height"])
    line = saved.locator(".specwidget-pointer")
    expect(line).to_contain_text("dB")
    frame, number = (int(re.search(rf"{name} (\d+)", line.inner_text())[1]) for name in ("frame", "bin"))
    level = re.search(r"([−\d.]+) dB", line.inner_text())[1].replace("−", "-")
    assert float(level) == pytest.approx(explorer.result.decibels()[frame, number], abs=0.06)


@pytest.mark.slow
def test_a_page_of_bands_reads_bands_and_has_their_mean(browser, tmp_path):
    explorer = explore(front_end="whisper")
    with opened(browser, explorer, tmp_path / "bands.html") as page:
        line = page.locator(".specwidget-pointer")
        expect(line).to_contain_text("bands 0 to 79")
        expect(line).to_contain_text("mean")
        mean = re.search(r"mean ([−\d.]+)", line.inner_text())[1].replace("−", "-")
        assert float(mean) == pytest.approx(explorer.result.values.mean(), abs=2e-3)
        box = page.locator(".specwidget-stage").bounding_box()
        page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.5 * box["height"])
        expect(line).to_contain_text("frame")
        frame, band = (int(re.search(rf"{name} (\d+)", line.inner_text())[1]) for name in ("frame", "band"))
        value = line.inner_text().split(f"frame {frame}")[0].split("·")[-2].strip().replace("−", "-")
        assert float(value) == pytest.approx(float(explorer.result.values[0, frame, band]), abs=2e-3)
        for tab in ("Shapes", "Bank", "Code"):
            page.get_by_role("tab", name=tab).click()
        assert page.problems == []
    explorer.close()


def test_it_zooms_and_comes_back(saved):
    before = pixels(saved)
    saved.locator(".specwidget-stage").focus()
    saved.keyboard.press("+")
    saved.wait_for_function(f"(before) => {PIXELS} !== before", arg=before)
    saved.get_by_role("button", name="Show all").click()
    saved.wait_for_function(f"(before) => {PIXELS} === before", arg=before)


def test_the_pictures_of_a_and_b_follow_the_zoom(saved):
    saved.get_by_role("tab", name="Compare").click()
    pair = saved.locator(".specwidget-pair canvas").first
    pair.wait_for()
    before = pair.evaluate("(canvas) => canvas.toDataURL()")
    saved.locator(".specwidget-stage").focus()
    saved.keyboard.press("+")
    saved.wait_for_function(
        "(before) => document.querySelector('.specwidget-pair canvas').toDataURL() !== before", arg=before
    )
    saved.get_by_role("button", name="Show all").click()
    saved.wait_for_function(
        "(before) => document.querySelector('.specwidget-pair canvas').toDataURL() === before", arg=before
    )


def test_colours_and_axes_change(saved):
    seen = [pixels(saved)]
    saved.get_by_role("button", name="Display").click()
    for name, choice in (("colour_map", "viridis"), ("frequency_axis", "mel"), ("time_axis", "frames")):
        saved.locator(f'[data-name="{name}"] select').select_option(label=choice)
        saved.wait_for_function(f"(seen) => !seen.includes({PIXELS})", arg=seen)
        seen.append(pixels(saved))
    saved.keyboard.press("Escape")


def test_what_needs_a_kernel_is_not_offered(saved):
    assert saved.locator('[data-name="decibels"], [data-name="channel"]').count() == 0
    assert saved.get_by_role("button", name=re.compile("Undo|Use|Load|Set B")).count() == 0


def test_the_sound_is_heard(saved):
    saved.get_by_role("button", name="Play", exact=True).click()
    saved.wait_for_function("() => document.querySelector('audio')?.duration > 1")
    expect(saved.locator(".specwidget-spectrogram")).to_have_attribute("data-playing", "playing")
    saved.get_by_role("button", name="Pause").click()


def test_the_shapes_and_settings_are_told(saved):
    expect(saved.get_by_role("heading", level=1)).to_have_text("voice")
    expect(saved.locator("dl").first).to_contain_text("('kaiser', 8.6)")
    expect(saved.locator('[data-name="output"]')).to_contain_text("(1, 241, 257)")


def test_the_window_is_judged_and_steps_are_marked(saved):
    panel = saved.locator(".specwidget-window")
    saved.get_by_role("tab", name="Window").click()
    expect(panel.locator(".specwidget-subject")).to_have_text("kaiser (8.6), 512 samples")
    expect(panel.locator('tr[data-name="NOLA at step 256"]')).to_contain_text("holds")
    saved.get_by_role("tab", name="Shapes").click()
    saved.locator('[data-step="frames"] button').first.click()
    expect(saved.locator(".specwidget-meaning")).to_contain_text("Adjacent frames overlap by 256 of 512")


def test_it_ends_with_its_footer_and_is_not_dragged(saved):
    bottom = saved.locator("footer").evaluate("(footer) => footer.getBoundingClientRect().bottom + window.scrollY")
    assert saved.evaluate("() => document.documentElement.scrollHeight") <= bottom + 24
    expect(saved.locator(".specwidget-height")).to_be_hidden()


def test_it_follows_the_dark_of_the_system(saved):
    light = saved.evaluate("() => getComputedStyle(document.body).backgroundColor")
    saved.emulate_media(color_scheme="dark")
    expect(saved.locator("body")).to_have_css("background-color", "rgb(17, 17, 17)")
    saved.emulate_media(color_scheme="light")
    expect(saved.locator("body")).to_have_css("background-color", light)


def test_nothing_was_asked_of_anybody_and_nothing_failed(saved):
    assert [address for address in saved.requests if not address.startswith(("data:", "blob:", "file:"))] == []
    assert saved.problems == []


@pytest.mark.parametrize("speed", ["50 ×", "1/20 ×"])
def test_the_sound_is_heard_at_speeds_beyond_what_a_browser_plays(saved, speed):
    saved.get_by_role("button", name="Display").click()
    saved.get_by_label("Playback speed").select_option(label=speed)
    saved.keyboard.press("Escape")
    saved.get_by_role("button", name="Play", exact=True).click()
    # 62,079 samples at 44.1 kHz.
    factor = 50 if speed == "50 ×" else 1 / 20
    saved.wait_for_function(
        "(length) => Math.abs(document.querySelector('audio')?.duration / length - 1) < 0.01",
        arg=62_079 / 44_100 / factor,
    )
    expect(saved.locator(".specwidget-refusal")).to_be_hidden()
    saved.locator(".specwidget-stage").focus()
    if saved.locator(".specwidget-spectrogram").get_attribute("data-playing") == "playing":
        saved.keyboard.press("Space")


@pytest.mark.slow
def test_a_long_sound_is_saved_with_less_precision_and_says_so(browser, tmp_path):
    explorer = explore(0.1 * np.random.default_rng(0).standard_normal(3_000_000), 44_100, frame_step=64)
    explorer.save_html(tmp_path / "long.html")
    explorer.close()
    assert (tmp_path / "long.html").stat().st_size < 5e6
    page = open_page(browser)
    page.goto((tmp_path / "long.html").as_uri())
    expect(page.locator(".specwidget-stage")).to_have_attribute("data-serial", re.compile(r"\d+"))
    page.locator(".specwidget-stage").hover()
    expect(page.locator(".specwidget-pointer")).to_contain_text("dB")
    expect(page.locator(".specwidget-readout-note")).to_contain_text("This page has values to within")
    expect(page.locator("footer")).to_contain_text("Without the exact values of every frame")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".specwidget-spectrogram")).to_have_attribute("data-playing", "playing")
    page.close()


def test_code_is_there_for_every_library(saved, explorer):
    panel = saved.locator(".specwidget-view.specwidget-code")
    saved.get_by_role("tab", name="Code").click()
    for label, target in (("NumPy", "numpy"), ("keras3 (R)", "keras3")):
        panel.get_by_role("radio", name=label).check()
        expect(panel.locator("pre")).to_have_text(explorer.to_code(target))
