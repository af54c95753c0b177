"""Open JupyterLab on the explorer.

JupyterLab runs in this process, answers on 127.0.0.1 only, asks for its token, and serves the current folder.
Nothing is configured for good: the server extension is loaded for this run.
"""

from __future__ import annotations

import argparse
import secrets
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from specwidget.cli.errors import UsageError
from specwidget.cli.notebooks import place_explorer, place_notebook
from specwidget.cli.settings import read_settings

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

LOOPBACK = "127.0.0.1"

NEWS_PLUGIN = "@jupyterlab/apputils-extension:announcements"

OPTIONS = {
    "ServerApp.ip": LOOPBACK,
    "ServerApp.local_hostnames": f"['{LOOPBACK}', 'localhost']",
    "ServerApp.sock": "",
    "ServerApp.allow_remote_access": "False",
    # On loopback and behind a token, root risks nothing more than she does in her shell.
    "ServerApp.allow_root": "True",
    "ServerApp.jpserver_extensions": "specwidget.server=True",
    # One Ctrl-C ends it.
    "ServerApp.answer_yes": "True",
    # Warnings, and the address with its token.
    "Application.log_level": "WARN",
    # JupyterLab would open its news and its updates, fetched from the network, over the explorer.
    "LabApp.news_url": "None",
    "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
}
"""What every run passes to JupyterLab; the command line goes before any configuration file."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `specwidget lab`."""
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="sound file to explore; without it, a bundled recording"
    )
    parser.add_argument("--settings", type=Path, metavar="SETTINGS", help="settings to begin with, as a JSON file")
    parser.add_argument("--no-browser", action="store_true", help="print the address and open no browser")
    parser.add_argument(
        "--port", type=int, metavar="N", help="port to answer on (0: any free one); without it, the first from 8888 on"
    )


def run(arguments: argparse.Namespace) -> None:
    """Put the notebook in its place and serve until Ctrl-C."""
    folder = Path.cwd()
    if arguments.port is not None:
        check_port(arguments.port)
    if arguments.settings is not None:
        read_settings(arguments.settings)
    if arguments.file is not None:
        check_sound(arguments.file)
    if arguments.file is None and arguments.settings is None:
        notebook = place_explorer(folder)
    else:
        notebook = place_notebook(arguments.file, arguments.settings, folder)
    serve(make_options(folder, notebook, arguments.port, browser=not arguments.no_browser))


def check_port(port: int) -> None:
    """Refuse a port that is none, or that another program answers on."""
    if not 0 <= port <= 65535:
        raise UsageError(f"`--port` must be between 0 and 65535; got {port}.")
    with socket.socket() as probe:
        # As the server does it: a port whose last connection is still closing counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError:
            raise UsageError(f"Port {port} may not be used by this account. Take one above 1023.") from None
        except OSError:
            raise UsageError(f"Port {port} is in use. Take another, or leave `--port` out.") from None


def check_sound(path: Path) -> None:
    """Refuse a file that the explorer could not read."""
    from specwidget.sounds import SoundError, read_sound

    try:
        read_sound(path)
    except SoundError as error:
        raise UsageError(str(error)) from None


def make_options(folder: Path, notebook: Path, port: int | None, *, browser: bool) -> list[str]:
    """List the arguments for JupyterLab.

    Parameters
    ----------
    folder : Path
        The folder to serve.
    notebook : Path
        The notebook to open, somewhere in `folder`.
    port : int or None
        The port to answer on and no other, or None for JupyterLab's choice.
    browser : bool
        Whether a browser opens.

    Returns
    -------
    list of str
        Arguments as on JupyterLab's command line.
    """
    address = quote(notebook.relative_to(folder).as_posix())
    options = OPTIONS | {
        "ServerApp.root_dir": str(folder),
        "ServerApp.open_browser": str(browser),
        "LabApp.default_url": f"/lab/tree/{address}",
    }
    if port is not None:
        options |= {"ServerApp.port": str(port), "ServerApp.port_retries": "0"}
    return [f"--{name}={value}" for name, value in options.items()]


def serve(options: list[str]) -> None:
    """Run JupyterLab until it is stopped."""
    # Only here, as it takes a second that the other commands need not wait for.
    from jupyterlab.labapp import LabApp

    server: ServerApp = LabApp.initialize_server(argv=options)
    keep_token(server.identity_provider)
    ask_nothing(server.web_app.settings)
    print("JupyterLab is running; Ctrl-C ends it.", flush=True)
    server.start()


def ask_nothing(settings: dict[str, Any]) -> None:
    """Leave out the plugin that asks, over the explorer, whether to fetch Jupyter's news from the network."""
    before = settings.get("page_config_hook")

    def without_news(handler: Any, page_config: dict[str, Any]) -> dict[str, Any]:
        """Add the plugin to those that the page leaves out."""
        page_config = before(handler, page_config) if before else page_config
        return page_config | {"disabledExtensions": [*page_config.get("disabledExtensions", []), NEWS_PLUGIN]}

    settings["page_config_hook"] = without_news


def keep_token(identity_provider: Any) -> None:
    """Make a token where the caller's configuration has turned it off."""
    if not identity_provider.auth_enabled:
        identity_provider.token = secrets.token_hex(24)
        # The address that is printed tells a token only if it was made for this run.
        identity_provider.token_generated = True
