"""A JupyterLab server and a Chromium window, and a notebook open in them."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

TOKEN = "specwidget-tests"
PATIENCE = 60
"""Seconds that a test waits for what should happen at once: a busy machine may take so long."""
POLL_MS = 50
"""Milliseconds between two looks at pixels, which take a while."""
expect.set_options(timeout=1000 * PATIENCE)
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
KERNEL_IS_IDLE = """() => {
    const session = window.jupyterapp?.shell?.currentWidget?.context?.sessionContext;
    return session?.isReady && session.session?.kernel?.status === 'idle';
}"""


@contextmanager
def jupyter_server(folder: Path, base_url: str = ""):
    """Run JupyterLab on a free port of the loopback interface, and yield its address with the path that it is under."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.open_browser": False,
        "ServerApp.root_dir": folder,
        "ServerApp.base_url": f"{base_url}/",
        "ServerApp.allow_root": True,
        "ServerApp.jpserver_extensions": "specwidget.server=True",
        "IdentityProvider.token": TOKEN,
        "LabApp.expose_app_in_browser": True,
        "LabApp.news_url": "None",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    # Settings and workspaces of the person who runs the tests stay out of it.
    environment = os.environ | {
        name: str(folder / f".{name.lower()}")
        for name in ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    notices = folder / ".jupyterlab_settings_dir/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    notices.parent.mkdir(parents=True, exist_ok=True)
    notices.write_text('{"fetchNews": "false"}')
    with (folder / "server.log").open("wb") as log:
        command = [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())]
        server = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
        try:
            wait_for(f"http://127.0.0.1:{port}{base_url}/api?token={TOKEN}", server, folder / "server.log")
            yield f"http://127.0.0.1:{port}{base_url}"
        finally:
            end(server)


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    """Wait until a server answers."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError(f"The server did not start: {log.read_text()[-2000:]}")


def end(server: subprocess.Popen) -> None:
    """End the server and the kernels that it started: they share its process group."""
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


# Nothing has moved, and no text was drawn on a canvas, for as long as is asked for and in five looks. A look at every
# frame would take the processor from what is waited for.
SETTLED = """([still, canvases]) => new Promise((done) => {
    const look = () => String([...document.querySelectorAll('.specwidget *')].flatMap((node) => {
        const { left, top, width, height } = node.getBoundingClientRect();
        return [left, top, width, height];
    }).concat(
        window.textsOf ? [...window.textsOf.values()].map(({ length }) => length) : [],
        [...document.querySelectorAll(canvases)].map((canvas) => canvas.toDataURL()),
    ));
    let [before, since, looks] = [look(), performance.now(), 0];
    const next = () => {
        const now = look();
        looks += 1;
        if (now !== before) [before, since, looks] = [now, performance.now(), 0];
        if (looks >= 5 && performance.now() - since >= still) done();
        else wait();
    };
    const wait = () => setTimeout(() => requestAnimationFrame(next), 50);
    wait();
})"""


@contextmanager
def browser_window(chromium: Path, *arguments: str):
    """Run Chromium with further arguments, and yield it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=[*QUIET, *arguments])
        yield browser
        browser.close()


def open_page(browser: Browser, width: int = 1400, height: int = 2200) -> Page:
    """Open a window that is waited for as long as a busy machine needs."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(1000 * PATIENCE)
    return page


def settle(page: Page, canvases: str = ".none", still: int = 300) -> None:
    """Wait until views have come to rest: their layout, and the pixels of the canvases that a selector names."""
    page.evaluate(SETTLED, [still, canvases])


class Notebook:
    """A notebook open in a browser window."""

    def __init__(self, page: Page, address: str, name: str) -> None:
        self.page = page
        # A workspace of its own, so that notebooks of other windows are not opened again.
        workspace = re.sub(r"\W", "-", name)
        url = f"{address}/lab/workspaces/{workspace}/tree/{name}?token={TOKEN}&reset"
        for attempt in (1, 2, 3):
            page.goto(url)
            try:
                page.wait_for_function(KERNEL_IS_IDLE, timeout=1000 * PATIENCE)
                return
            except Error:
                # On a busy machine the kernel's first answer gets lost now and then; a person reloads the page.
                if attempt == 3:
                    raise

    def render_everything(self) -> None:
        """Have JupyterLab render cells that are far out of sight, too: a window that showed all would cost far more."""
        self.page.evaluate(
            """() => {
                const { content } = jupyterapp.shell.currentWidget;
                content.notebookConfig = { ...content.notebookConfig, windowingMode: 'none' };
            }"""
        )

    def run_all(self) -> None:
        """Run all cells, and wait until they have run."""
        # Before the notebook is the current one, the command does nothing and says nothing.
        self.page.wait_for_function("() => jupyterapp.commands.isEnabled('notebook:run-all-cells')")
        self.page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
        self.page.wait_for_function(
            "() => jupyterapp.shell.currentWidget.content.widgets"
            ".every(({ model }) => model.type !== 'code' || !model.sharedModel.source || model.executionCount)"
        )

    def run_code(self, code: str) -> str:
        """Run code in the notebook's kernel, as a cell would, and return what it prints; fail where it fails."""
        return self.page.evaluate(
            """async ([code, patience]) => {
                const kernel = jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
                const future = kernel.requestExecute({ code, store_history: false });
                let text = '';
                future.onIOPub = ({ content }) => { text += content.text ?? content.traceback?.join('\\n') ?? ''; };
                const late = new Promise((_, fail) => {
                    setTimeout(() => fail(new Error(`no answer to ${code}; so far ${text}`)), patience);
                });
                const { content: reply } = await Promise.race([future.done, late]);
                if (reply.status === 'error') throw new Error(`${reply.ename}: ${reply.evalue}\n${text}`);
                return text;
            }""",
            [code, 1000 * PATIENCE],
        ).strip()

    def close(self) -> None:
        """Shut the kernel down, and close the window."""
        self.page.evaluate("() => jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")
        self.page.close()
