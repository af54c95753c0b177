"""The page when its updates do not arrive: it sends them again, and never shows an old result as current."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OPEN
from tests.browser.lab import Notebook, open_page
from tests.browser.notebooks import write
from tests.browser.person import Person
from tests.browser.proxy import Proxy

# Each opens a page of its own.
pytestmark = pytest.mark.slow

KERNEL = "window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel"


@pytest.fixture(scope="module")
def proxy(server):
    """A proxy before the server."""
    proxy = Proxy(urlsplit(server).port)
    yield proxy
    proxy.close()


@pytest.fixture
def person(browser, proxy, folder):
    """A person before an explorer, who reaches the kernel through the proxy."""
    proxy.restore()
    page = open_page(browser)
    # A notebook has one kernel, whoever opens it, and it is shut down at the end.
    write(folder / "connection.ipynb", OPEN)
    notebook = Notebook(page, f"http://127.0.0.1:{proxy.port}", "connection.ipynb")
    notebook.run_all()
    person = Person(notebook)
    person.reset()
    yield person
    proxy.restore()
    notebook.close()


def notice(person):
    """The sentence about the connection."""
    return person.explorer.locator(".specwidget-connection")


def watch_notices(person):
    """Collect every sentence about the connection in `window.notices`."""
    person.page.evaluate(
        """() => {
            const view = document.querySelector('.specwidget-bar');
            window.notices = [];
            new MutationObserver(() => {
                const text = view.querySelector('.specwidget-connection')?.textContent;
                if (text) window.notices.push(text);
            }).observe(view, { childList: true });
        }"""
    )


def lose(person, proxy, act):
    """Do something while nothing passes, and cut the connection: what was sent is lost."""
    proxy.stall()
    act()
    person.page.wait_for_timeout(200)
    proxy.cut()


def test_a_lost_update_arrives_when_the_connection_is_back(person, proxy):
    person.wait_for_check()
    lose(person, proxy, lambda: person.type("frame_length", "384"))
    expect(notice(person)).to_contain_text("The connection to the kernel is lost.")
    expect(person.explorer.locator(".specwidget-verdict").first).to_be_hidden()
    assert person.explorer.locator(".specwidget-controls > section").first.evaluate("(el) => el.inert")
    proxy.restore()
    expect(notice(person)).to_have_count(0)
    person.wait_for_row("FFT length", "N = 512")
    assert person.ask("explorer.state.frame_length") == "384"
    expect(person.explorer.locator(".specwidget-verdict").first).to_be_visible()
    # The next update needs no second sending.
    person.type("frame_length", "200")
    person.wait_for_row("FFT length", "N = 256")


def test_what_the_kernel_sent_meanwhile_arrives_when_the_connection_is_back(person, proxy):
    window = person.open_tab("window")
    expect(window.locator("tr[data-name='coherent gain']")).to_contain_text("0.498")
    person.choose("window", "hamming")
    proxy.stall()
    person.page.wait_for_timeout(1500)
    proxy.cut()
    proxy.restore()
    expect(notice(person)).to_have_count(0)
    expect(window.locator("tr[data-name='coherent gain']")).to_contain_text("0.538")
    expect(person.explorer.locator('[data-tab="crosscheck"] .specwidget-badge')).to_contain_text("agree")


def test_a_lost_click_is_done_once(person, proxy):
    person.type("frame_length", "384")
    person.wait_for_row("FFT length", "N = 512")
    person.choose("padding", "same")
    person.wait_for_row("padded", "160 left, 161 right")
    lose(person, proxy, lambda: person.explorer.get_by_role("button", name="Undo").click())
    proxy.restore()
    person.wait_for_row("padded", "0 left, 0 right")
    expect(notice(person)).to_have_count(0)
    # A second undo would have set the frame length.
    assert person.ask("explorer.state.frame_length") == "384"


def test_a_stalled_connection_is_reported_and_an_update_is_followed_once_it_moves(person, proxy):
    watch_notices(person)
    proxy.stall()
    person.type("frame_length", "384")
    expect(notice(person)).to_contain_text("The kernel does not answer")
    proxy.restore()
    expect(notice(person)).to_have_count(0)
    person.wait_for_row("FFT length", "N = 512")
    assert len(person.page.evaluate("window.notices")) == 1


def test_a_busy_kernel_is_not_taken_for_a_lost_one(person):
    # The lock is held, as by a long computation: the update waits.
    person.page.evaluate(
        f"""() => {{
            const code = 'import time\\nwith explorer.state.hold():\\n    time.sleep(8)';
            {KERNEL}.requestExecute({{ code }});
        }}"""
    )
    watch_notices(person)
    person.page.wait_for_function(f"() => {KERNEL}.status === 'busy'")
    person.type("frame_length", "384")
    person.wait_for_row("FFT length", "N = 512")
    notices = person.page.evaluate("window.notices")
    assert [text for text in notices if not text.startswith("The kernel is busy.")] == []


def test_a_restarted_kernel_turns_the_controls_off(person):
    person.page.evaluate(f"() => {KERNEL}.restart()")
    expect(notice(person)).to_contain_text("The kernel was restarted or has ended. Run the cell again")
    assert person.explorer.locator(".specwidget-controls > section").first.evaluate("(el) => el.inert")
    person.page.wait_for_timeout(1000)
    person.notebook.run_all()
    expect(person.explorer.locator(".specwidget-stage")).to_be_visible()
    expect(notice(person)).to_have_count(0)


def test_a_kernel_that_is_shut_down_turns_the_controls_off(person):
    person.page.evaluate(f"() => {KERNEL}.shutdown()")
    expect(notice(person)).to_contain_text("The kernel was restarted or has ended.")
