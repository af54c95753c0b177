"""The server that `specwidget lab` starts: prompt, on this machine only, behind a token, and gone after Ctrl-C."""

import contextlib
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
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

# One worker runs them all, so that they share a server.
pytestmark = pytest.mark.xdist_group("server")

# A person's own settings that `specwidget lab` must not follow.
CONFIGURATION = """
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.allow_root = False
c.IdentityProvider.token = ""
"""

# The program itself, with a thread that tells which connections to its port are open, and whether they are prompt.
PROGRAM = """
import contextlib, os, socket, sys, threading, time
import psutil
from specwidget.cli import main

port = int(sys.argv[1])

def tell(connection):
    with socket.socket(fileno=os.dup(connection.fd)) as accepted:
        prompt = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    print("peer", connection.raddr.port, "nodelay", prompt, flush=True)

def watch():
    while True:
        for connection in psutil.Process().net_connections("tcp"):
            if connection.laddr.port == port and connection.status == psutil.CONN_ESTABLISHED:
                with contextlib.suppress(OSError):  # it may have closed meanwhile
                    tell(connection)
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
            with urllib.request.urlopen(request, timeout=30) as answer:
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
        """Return the first match of a pattern in the next lines that the server prints."""
        printed = []
        for line in itertools.islice(self.process.stdout, 100):
            printed.append(line)
            if found := re.search(pattern, line):
                return found
        pytest.fail(f"The server did not print {pattern}, but:\n{''.join(printed)}")


def find_port():
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_it_listens(port):
    """Return once a server answers on the port; it prints its address a moment before."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    pytest.fail(f"Nothing answers on port {port}.")


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
            process.kill()


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
    connection = websocket.create_connection(address, header=[f"Authorization: token {server.token}"], timeout=30)
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
        printed, _ = started.process.communicate(timeout=30)
        assert started.process.returncode == 0
        assert "Traceback" not in printed
        assert psutil.wait_procs(kernels, timeout=10)[1] == []


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
