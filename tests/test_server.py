"""The server that `specwidget lab` starts: prompt, on this machine only, behind a token, and gone after Ctrl-C."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import websocket

from specwidget import server as extension

pytestmark = pytest.mark.slow

PATIENCE = 120
"""Seconds to wait for an answer: far more than a busy machine takes."""

# A person's own settings that `specwidget lab` must not follow.
CONFIGURATION = """
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.allow_root = False
c.IdentityProvider.token = ""
"""

# The program itself, with a thread that prints each open connection to its port once as it opens and once more when its
# TCP_NODELAY changes.
PROGRAM = """
import contextlib, os, signal, socket, sys, threading, time
import psutil
from specwidget.cli import main

port = int(sys.argv[1])
printed = set()

# A shell starts a background job, which these tests may be, with SIGINT ignored, and its children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

def describe(connection):
    with socket.socket(fileno=os.dup(connection.fd)) as accepted:
        prompt = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    return f"peer {connection.raddr.port} nodelay {prompt}"

def watch():
    while True:
        for connection in psutil.Process().net_connections("tcp"):
            if connection.laddr.port == port and connection.status == psutil.CONN_ESTABLISHED:
                with contextlib.suppress(OSError):  # it may have closed meanwhile
                    line = describe(connection)
                    if line not in printed:
                        printed.add(line)
                        print(line, flush=True)
        time.sleep(0.1)

threading.Thread(target=watch, daemon=True).start()
sys.exit(main(["lab", "--no-browser", "--port", str(port)]))
"""


@dataclass(frozen=True)
class Server:
    """A running `specwidget lab`: its process, and where and how it answers."""

    process: subprocess.Popen
    port: int
    token: str

    def ask(self, path, method="GET", token=None):
        """Return the status and the JSON of an answer."""
        headers = {"Authorization": f"token {token}"} if token else {}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, None

    def start_kernel(self):
        """Return the id of a new kernel."""
        status, kernel = self.ask("/api/kernels", "POST", self.token)
        assert status == 201
        return kernel["id"]

    def wait_for(self, pattern):
        """Return the first match of a pattern in the next lines that the server prints until it ends."""
        printed = []
        watchdog = threading.Timer(PATIENCE, self.process.kill)
        watchdog.start()
        try:
            for line in self.process.stdout:
                printed.append(line)
                if found := re.search(pattern, line):
                    return found
        finally:
            watchdog.cancel()
        pytest.fail(f"The server did not print {pattern}, but:\n{''.join(printed)}")


def find_port():
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_it_listens(port):
    """Return once a server answers on the port; it prints its address a moment before."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    pytest.fail(f"Nothing answers on port {port}.")


def end_with_children(process):
    """Kill a process and the kernels that it started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        running = psutil.Process(process.pid)
        for each in (*running.children(recursive=True), running):
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()


@contextlib.contextmanager
def start_server(folder):
    """Run `specwidget lab` for somebody whose own configuration opens everything to everyone."""
    (folder / "jupyter_server_config.py").write_text(CONFIGURATION)
    places = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    port = find_port()
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(port)],
        cwd=folder,
        env=environment | dict.fromkeys(places, str(folder)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            started = Server(process, port, "")
            token = started.wait_for(r"/lab/tree/explore\.ipynb\?token=(\w+)")[1]
            wait_until_it_listens(port)
            yield Server(process, port, token)
        finally:
            end_with_children(process)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server for the tests that leave it running."""
    with start_server(tmp_path_factory.mktemp("lab")) as started:
        yield started


def test_it_listens_on_this_machine_only(server):
    connections = psutil.Process(server.process.pid).net_connections(kind="tcp")
    listening = {connection.laddr.ip for connection in connections if connection.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


@pytest.mark.parametrize("token", [None, "guessed"])
def test_without_its_token_nothing_is_answered(server, token):
    assert server.ask("/api/contents", token=token)[0] == 403


def test_with_its_token_the_notebook_is_served(server):
    status, notebook = server.ask("/api/contents/explore.ipynb", token=server.token)
    assert (status, notebook["type"]) == (200, "notebook")


def test_the_websocket_of_a_kernel_sends_at_once(server):
    address = f"ws://127.0.0.1:{server.port}/api/kernels/{server.start_kernel()}/channels"
    connection = websocket.create_connection(address, header=[f"Authorization: token {server.token}"], timeout=PATIENCE)
    with contextlib.closing(connection):
        own_port = connection.sock.getsockname()[1]
        # Until the upgrade is answered, the connection is an ordinary one.
        assert server.wait_for(rf"peer {own_port} nodelay [1-9]")


def test_ctrl_c_ends_it_and_its_kernels(tmp_path):
    with start_server(tmp_path) as started:
        started.start_kernel()
        kernels = psutil.Process(started.process.pid).children(recursive=True)
        assert kernels
        started.process.send_signal(signal.SIGINT)
        printed, _ = started.process.communicate(timeout=PATIENCE)
        assert started.process.returncode == 0
        assert "Traceback" not in printed
        assert psutil.wait_procs(kernels, timeout=PATIENCE)[1] == []


def test_the_extension_changes_nothing_but_the_connection():
    calls = []

    class Connection:
        websocket_handler = SimpleNamespace(set_nodelay=lambda value: calls.append(("nodelay", value)))

        def connect(self):
            calls.append("connect")
            return "connected"

    app = SimpleNamespace(web_app=SimpleNamespace(settings={extension.CONNECTION_CLASS: Connection, "other": 1}))
    extension._load_jupyter_server_extension(app)
    settings = app.web_app.settings
    assert settings["other"] == 1
    assert issubclass(settings[extension.CONNECTION_CLASS], Connection)
    assert settings[extension.CONNECTION_CLASS]().connect() == "connected"
    assert calls == [("nodelay", True), "connect"]


def test_the_extension_names_itself():
    assert extension._jupyter_server_extension_points() == [{"module": extension.__name__}]
    assert Path(extension.__file__).name == "server.py"
