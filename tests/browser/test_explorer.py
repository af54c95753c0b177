"""The explorer in JupyterLab: controls, uploads, errors."""

import re
import shutil
from urllib.parse import urlsplit

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from tests.browser.lab import PATIENCE, Notebook, open_page
from tests.browser.person import Person

FLOOD = """(count) => {
    const slider = document.querySelector('.specwidget-field[data-name="frame_length"] input[type="range"]');
    const last = Number(slider.max);
    for (let i = 0; i < count; i++) {
        setTimeout(() => {
            slider.value = String(i === count - 1 ? 20 : 10 + (i % (last - 40)));
            slider.dispatchEvent(new Event('input', { bubbles: true }));
            if (i === count - 1) window.floodIsOver = true;
        }, 4 * i);
    }
}"""


def test_the_notebook_opens_on_a_picture_that_librosa_agrees_with(person):
    expect(person.stage).to_have_attribute("data-serial", re.compile(r"\d+"))
    expect(person.wait_for_check()).to_have_text("agrees")
    assert person.page.locator(".jp-OutputArea-output[data-mime-type*='error']").count() == 0
    assert person.explorer.locator(".specwidget-problems").is_hidden()


@pytest.mark.parametrize(
    ("name", "label", "row", "value", "code"),
    [
        ("mode", "psd (power)", "clipped at epsilon", None, "y = np.abs(z) ** 2"),
        pytest.param("padding", "same", "padded", "64 left, 65 right", "total // 2", marks=pytest.mark.slow),
        pytest.param("scaling", "spectrum", None, None, "np.abs(w).sum()", marks=pytest.mark.slow),
        pytest.param("window", "blackmanharris", None, None, '"blackmanharris"', marks=pytest.mark.slow),
        ("window", "kaiser(…)", None, None, '("kaiser", 8.6)'),
        pytest.param("fft_length", 1024, "bins", "F = 513", "n_fft=1024", marks=pytest.mark.slow),
        ("frame_step", 64, "frames", "T = 966", "hop_length=64"),
    ],
)
def test_a_control_moves_pixels_readout_and_check(person, name, label, row, value, code):
    before = person.pixels()
    if isinstance(label, str):
        person.choose(name, label)
    else:
        person.type(name, str(label))
    person.wait_for_pixels(before)
    if value is not None:
        person.wait_for_row(row, value)
    elif row is not None:
        expect(person.explorer.locator(f'tr[data-name="{row}"]')).to_have_count(0)
    expect(person.wait_for_check(code)).to_have_text("agrees")


def test_the_slider_of_the_frame_length_moves_pixels_readout_and_check(person):
    before = person.pixels()
    person.field("frame_length").locator('input[type="range"]').press("ArrowRight")
    person.wait_for_pixels(before)
    # Single samples around the value from which it is moved, then round numbers.
    person.wait_for_row("FFT length", "N = 512")
    assert person.ask("explorer.state.frame_length") == "257"
    for _ in range(4):
        person.field("frame_length").locator('input[type="range"]').press("ArrowRight")
    person.wait_for_row("frames", "T = 430")
    expect(person.field("frame_step").locator('input[type="text"]').first).to_have_value("144")
    expect(person.wait_for_check('"hann", 288')).to_have_text("agrees")


def test_trained_kernels_are_not_compared(person):
    person.notebook.run_code(
        "weights = explorer.layer.get_weights()\n"
        "explorer.layer.set_weights([1.01 * weights[0], weights[1]])\n"
        "explorer.state.refresh()"
    )
    for peer in ("librosa", "scipy-stft", "scipy-spectrogram"):
        expect(person.peer(peer).locator(".specwidget-verdict")).to_have_text(
            "trained kernels", timeout=3000 * PATIENCE
        )
    person.wait_for_row("computed by", "NumPy, matmul")
    person.notebook.run_code("explorer.set(frame_length=64)")
    expect(person.wait_for_check('"hann", 64')).to_have_text("agrees")


def test_a_bad_step_gets_its_sentence_and_the_picture_stays(person):
    before = person.pixels()
    person.type("frame_step", "300")
    expect(person.error("frame_step")).to_be_visible()
    expect(person.error("frame_step")).to_have_text("Frame step must be between 1 and frame length = 256; got 300.")
    box = person.field("frame_step").locator('input[type="text"]').first
    expect(box).to_have_attribute("aria-invalid", "true")
    described = box.get_attribute("aria-describedby")
    expect(person.explorer.locator(f"#{described}")).to_have_text(person.error("frame_step").inner_text())
    expect(person.explorer.locator(".specwidget-stale")).to_be_visible()
    assert person.pixels() == before
    person.type("frame_step", "abc")
    expect(person.error("frame_step")).to_have_text(
        re.compile("^Frame step must be a whole number of samples, a time such as .+; got 'abc'")
    )
    person.type("frame_step", "200")
    expect(person.error("frame_step")).to_be_hidden()
    expect(person.explorer.locator(".specwidget-stale")).to_be_hidden()
    person.wait_for_pixels(before)
    person.field("frame_step").get_by_label("default").check()
    person.wait_for_row("frames", "T = 483")
    assert person.ask("explorer.state.frame_step") == "None"


def test_a_wav_file_is_uploaded(person, tmp_path):
    soundfile.write(tmp_path / "mine.wav", 0.1 * np.random.default_rng(1).standard_normal((4000, 2)), 8000)
    before = person.pixels()
    person.explorer.locator('.specwidget-sound input[accept*="audio"]').set_input_files(tmp_path / "mine.wav")
    person.wait_for_row("input", "(1, 4000, 2)")
    person.wait_for_pixels(before)
    expect(person.explorer.locator(".specwidget-sound .specwidget-facts")).to_have_text(
        "500 ms · 4,000 samples · 2 channels"
    )
    before = person.pixels()
    person.choose("channel", "2 of 2")
    person.wait_for_pixels(before)


def test_text_in_the_clothes_of_a_sound_is_told(person, folder):
    before = person.pixels()
    person.explorer.locator('.specwidget-sound input[accept*="audio"]').set_input_files(folder / "text.wav")
    problem = person.explorer.locator(".specwidget-sound .specwidget-error")
    expect(problem).to_be_visible()
    expect(problem).to_contain_text("text.wav")
    expect(person.explorer.locator(".specwidget-sound .specwidget-progress")).to_be_hidden()
    assert person.pixels() == before
    person.explorer.locator('.specwidget-sound input[accept*="audio"]').set_input_files(folder / "noise.wav")
    person.wait_for_row("input", "(1, 16000, 1)")
    expect(problem).to_be_hidden()


def test_sounds_are_chosen_and_heard(person):
    menu = person.explorer.get_by_label("Sound", exact=True)
    menu.select_option(label="Linear chirp")
    person.wait_for_row("input", "(1, 32000, 1)")
    about = person.explorer.locator(".specwidget-sound .specwidget-about")
    expect(about).to_contain_text("A straight line from 100 to 7000 Hz")
    person.explorer.get_by_role("button", name="About this sound").click()
    person.explorer.get_by_label("stop").fill("3000")
    person.explorer.get_by_label("stop").press("Enter")
    expect(about).to_contain_text("from 100 to 3000 Hz")
    person.page.keyboard.press("Escape")
    expect(person.stage).to_have_attribute("aria-label", re.compile("chirp"))
    person.explorer.get_by_role("button", name="Play", exact=True).click()
    # What was played before lasted 1.4 s, or there was nothing.
    person.page.wait_for_function(
        "() => Math.abs(document.querySelector('.specwidget-spectrogram audio').duration - 2) < 0.01"
    )
    audio = person.explorer.locator(".specwidget-spectrogram audio")
    menu.select_option(label="noise.wav")
    person.wait_for_row("input", "(1, 16000, 1)")
    expect(audio).not_to_have_attribute("src", re.compile("."))


def test_a_flood_of_slider_events_ends_on_the_last(person):
    computed = int(person.ask("explorer.state.n_computed"))
    person.page.evaluate(FLOOD, 200)
    # It passes the last value on its way.
    person.page.wait_for_function("() => window.floodIsOver")
    person.wait_for_row("first centre", "544.2 µs, sample 24")
    expect(person.field("frame_length").locator('input[type="text"]').first).to_have_value("48")
    assert person.ask("explorer.result.settings.frame_length") == "48"
    assert int(person.ask("explorer.state.n_computed")) - computed < 150
    expect(person.wait_for_check('"hann", 48')).to_have_text("agrees")


def test_a_cell_and_a_slider_at_once_end_consistent(person):
    person.page.evaluate(FLOOD, 100)
    person.notebook.run_code(
        "import asyncio\nfor step in range(1, 9):\n    explorer.state.frame_step = step\n    await asyncio.sleep(0.03)"
    )
    person.wait_for_row("first centre", "544.2 µs, sample 24")
    person.wait_for_row("step", "181.4 µs")
    expect(person.field("frame_step").locator('input[type="text"]').first).to_have_value("8")
    # The slider still answers afterwards.
    person.type("frame_length", "100")
    person.wait_for_row("FFT length", "N = 128")
    assert person.ask("(explorer.result.settings.frame_length, explorer.result.settings.step)") == "(100, 8)"


def test_a_loop_in_a_cell_ends_on_the_last(person):
    person.notebook.run_code("for length in range(100, 300):\n    explorer.state.frame_length = length")
    person.wait_for_row("FFT length", "N = 512")
    expect(person.field("frame_length").locator('input[type="text"]').first).to_have_value("299")


def test_colours_axis_and_range_change_without_the_kernel(person):
    """All within one turn of the page's event loop, in which no message can come from the kernel."""
    changed = person.page.evaluate(
        """() => {
            const canvas = document.querySelector('.specwidget .specwidget-stage canvas');
            const seen = [canvas.toDataURL()];
            const field = (name) => document.querySelector(`.specwidget-field[data-name="${name}"]`);
            const pick = (name, label) => {
                const select = field(name).querySelector('select');
                select.selectedIndex = [...select.options].findIndex((option) => option.text === label);
                select.dispatchEvent(new Event('change', { bubbles: true }));
                seen.push(canvas.toDataURL());
            };
            pick('colour_map', 'viridis');
            pick('frequency_axis', 'log');
            const low = field('value_range').querySelector('input');
            low.value = '-40';
            low.dispatchEvent(new Event('change', { bubbles: true }));
            seen.push(canvas.toDataURL());
            return new Set(seen).size;
        }"""
    )
    assert changed == 4
    person.page.wait_for_function(
        "() => !document.querySelector('.specwidget-field[data-name=\"value_range\"] .specwidget-auto input').checked"
    )


def test_a_signal_without_a_rate_has_no_seconds(person):
    person.notebook.run_code(
        "import numpy as np\nfrom specwidget.sounds import as_sound\nexplorer.set(sound=as_sound(np.ones(5000)))"
    )
    person.wait_for_row("step", "128 samples")
    person.wait_for_row("first centre", "sample 128")
    expect(person.explorer.get_by_role("button", name="Play", exact=True)).to_be_disabled()
    person.choose("frequency_axis", "mel")
    expect(person.error("frequency_axis")).to_contain_text("without a sample rate, as mel is defined in Hz")


def test_a_second_view_shows_the_picture(person):
    page = person.page
    page.evaluate(
        """async () => {
            const { content, context } = jupyterapp.shell.currentWidget;
            content.activeCellIndex = content.widgets.length - 1;
            await jupyterapp.commands.execute('notebook:insert-cell-below');
            content.activeCell.model.sharedModel.setSource('explorer');
            await jupyterapp.commands.execute('notebook:run-cell');
        }"""
    )
    second = page.locator(".specwidget").nth(1)
    second.scroll_into_view_if_needed()
    expect(second.locator(".specwidget-stage")).to_have_attribute("data-serial", re.compile(r"\d+"))
    page.evaluate("() => jupyterapp.commands.execute('notebook:delete-cell')")
    expect(page.locator(".specwidget")).to_have_count(1)
    person.stage.scroll_into_view_if_needed()


IN_A_HURRY = """() => {
    AbortSignal.timeout = () => {
        const hurry = new AbortController();
        setTimeout(() => hurry.abort());
        return hurry.signal;
    };
}"""


@pytest.mark.slow
def test_a_page_whose_modules_come_late_still_hears_the_kernel(browser, server, folder):
    """anywidget gives up on a widget whose module is not there after two seconds; here it has no patience at all."""
    shutil.copy(folder / "explore.ipynb", folder / "late.ipynb")
    page = open_page(browser)
    page.add_init_script(f"({IN_A_HURRY})()")
    notebook = Notebook(page, server, "late.ipynb")
    notebook.run_all()
    person = Person(notebook)
    expect(person.stage).to_have_attribute("data-serial", re.compile(r"\d+"))
    before = person.pixels()
    person.type("frame_length", "512")
    person.wait_for_pixels(before)
    person.wait_for_row("FFT length", "N = 512")
    notebook.close()


def test_the_page_follows_the_theme(person):
    def ink():
        """Return the brightness of the numbers at the frequency axis."""
        return person.explorer.evaluate(
            """(page) => {
                const canvas = page.querySelector('.specwidget-stage canvas');
                const { data } = canvas.getContext('2d').getImageData(0, 0, 50, canvas.height);
                const drawn = [];
                for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 120) drawn.push(data[i]);
                return drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
            }"""
        )

    def choose_theme(name):
        person.page.evaluate("(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })", name)

    assert ink() < 100
    before = person.pixels()
    try:
        choose_theme("JupyterLab Dark")
        person.wait_for_pixels(before)
        person.page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
        person.page.wait_for_function(
            """() => getComputedStyle(document.querySelector('.specwidget'))
                .getPropertyValue('--sw-accent') === '#7db7ff'"""
        )
        assert ink() > 150
    finally:
        before = person.pixels()
        choose_theme("JupyterLab Light")
        person.wait_for_pixels(before)


def test_what_is_drawn_while_the_page_has_hidden_a_view_is_whole(person):
    # JupyterLab hides what is far out of sight, and a theme that changes meanwhile has everything drawn again.
    before, after = person.explorer.evaluate(
        """async (page) => {
            const canvases = [...page.querySelectorAll('.specwidget-layers canvas')];
            const pixels = () => canvases.map((canvas) => canvas.toDataURL());
            const before = pixels();
            page.style.display = 'none';
            document.body.dataset.jpThemeName = document.body.dataset.jpThemeName;
            // The theme is read in the next frame after a change.
            for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
            page.style.display = '';
            return [before, pixels()];
        }"""
    )
    assert after == before


def test_a_theme_that_changes_no_size_is_followed_too(person):
    before = person.pixels()
    try:
        person.page.evaluate(
            """() => {
                document.body.style.setProperty('--jp-ui-font-color2', 'rgb(200, 0, 0)');
                document.body.dataset.jpThemeName = 'Another';
            }"""
        )
        person.wait_for_pixels(before)
    finally:
        person.page.evaluate(
            """() => {
                document.body.style.removeProperty('--jp-ui-font-color2');
                document.body.dataset.jpThemeName = 'JupyterLab Light';
            }"""
        )


@pytest.mark.parametrize(("width", "areas"), [(1800, 4), (1680, 4), (1400, 3), (1024, 3), (760, 1)])
def test_the_page_follows_its_width_and_nothing_sticks_out(person, width, areas):
    person.page.set_viewport_size({"width": width, "height": 2200})
    try:
        person.page.wait_for_function(
            """(areas) => getComputedStyle(document.querySelector('.specwidget-workbench'))
                .gridTemplateColumns.split(' ').length === areas""",
            arg=areas,
        )
        sticking_out = person.explorer.evaluate(
            """(page) => {
                const right = page.getBoundingClientRect().right + 1;
                const toolbar = page.querySelector('.specwidget-toolbar');
                if (toolbar.scrollWidth > toolbar.clientWidth) return [toolbar.outerHTML.slice(0, 80)];
                const scrolled = ':is(pre, [role="tablist"])';
                return [...page.querySelectorAll(`.specwidget-view *:not(.specwidget-hidden, ${scrolled} *)`)]
                    .filter((node) => node.getBoundingClientRect().right > right && node.offsetParent)
                    .map((node) => node.outerHTML.slice(0, 80));
            }"""
        )
        assert sticking_out == []
    finally:
        person.page.set_viewport_size({"width": 1400, "height": 2200})


def test_every_input_has_a_name_and_no_request_leaves_the_server(person):
    nameless = person.explorer.evaluate(
        """(page) => [...page.querySelectorAll('input, select, button, audio, progress')]
            .filter((node) => !(node.labels?.length || node.ariaLabel || node.textContent.trim()))
            .map((node) => node.outerHTML)"""
    )
    assert nameless == []
    hosts = {urlsplit(address).hostname for address in person.requests if address.startswith("http")}
    assert hosts == {"127.0.0.1"}


@pytest.mark.slow
def test_sixty_megabytes_are_uploaded_with_progress(person, tmp_path):
    samples = (1000 * np.random.default_rng(2).standard_normal(31_500_000)).astype(np.int16)
    soundfile.write(tmp_path / "long.wav", samples, 44_100)
    assert (tmp_path / "long.wav").stat().st_size > 60e6
    person.explorer.locator('.specwidget-sound input[accept*="audio"]').set_input_files(tmp_path / "long.wav")
    expect(person.explorer.locator(".specwidget-sound .specwidget-progress span")).to_contain_text("of 60.1 MiB")
    person.wait_for_row("input", "(1, 31500000, 1)")
    expect(person.explorer.locator(".specwidget-sound .specwidget-progress")).to_be_hidden()
