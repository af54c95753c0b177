"""Open JupyterLab on the explorer.

JupyterLab runs in this process, listens on 127.0.0.1 only, requires its token, and serves the current folder.
No configuration file is changed: the server extension is loaded for this run.
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
from specwidget.cli.settings import given_front_end, read_settings

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

LOOPBACK = "127.0.0.1"

NEWS_PLUGIN = "@jupyterlab/apputils-extension:announcements"

OPTIONS = {
    "ServerApp.ip": LOOPBACK,
    "ServerApp.local_hostnames": f"['{LOOPBACK}', 'localhost']",
    "ServerApp.sock": "",
    "ServerApp.allow_remote_access": "False",
    # On loopback and with a token, root risks no more than in a shell.
    "ServerApp.allow_root": "True",
    "ServerApp.jpserver_extensions": "specwidget.server=True",
    # One Ctrl-C stops it, without a question.
    "ServerApp.answer_yes": "True",
    # Shows warnings, and the address with its token.
    "Application.log_level": "WARN",
    # JupyterLab would fetch news and updates from the network, and show them over the explorer.
    "LabApp.news_url": "None",
    "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
}
"""Options of every run; the command line takes precedence over configuration files."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `specwidget lab`."""
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="sound file to explore (default: a bundled recording)"
    )
    parser.add_argument("--settings", type=Path, metavar="SETTINGS", help="JSON file of settings to begin with")
    parser.add_argument("--front-end", metavar="NAME", help="front end of a model to begin with, such as whisper")
    parser.add_argument("--no-browser", action="store_true", help="print the address and open no browser")
    parser.add_argument(
        "--port",
        type=int,
        metavar="N",
        help="port to listen on; 0 is any free one (default: the first free one from 8888)",
    )


def run(arguments: argparse.Namespace) -> None:
    """Find or write the notebook, and serve until Ctrl-C."""
    folder = Path.cwd()
    if arguments.port is not None:
        check_port(arguments.port)
    if arguments.settings is not None:
        read_settings(arguments.settings)
    if arguments.file is not None:
        check_sound(arguments.file)
    front_end = given_front_end(arguments)
    if arguments.file is None and arguments.settings is None and front_end is None:
        notebook = place_explorer(folder)
    else:
        name = None if front_end is None else front_end.name
        notebook = place_notebook(arguments.file, arguments.settings, folder, front_end=name)
    serve(make_options(folder, notebook, arguments.port, browser=not arguments.no_browser))


def check_port(port: int) -> None:
    """Check that a port is valid and free."""
    if not 0 <= port <= 65535:
        raise UsageError(f"`--port` must be between 0 and 65535; got {port}.")
    with socket.socket() as probe:
        # Like the server, count a port as free whose last connection is still closing.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError:
            raise UsageError(f"Port {port} needs administrator rights. Choose one above 1023.") from None
        except OSError:
            raise UsageError(f"Port {port} is in use. Choose another, or omit `--port`.") from None


def check_sound(path: Path) -> None:
    """Check that a file is a readable sound file."""
    from specwidget.sounds import SoundError, read_sound

    try:
        read_sound(path)
    except SoundError as error:
        raise UsageError(str(error)) from None


def make_options(folder: Path, notebook: Path, port: int | None, *, browser: bool) -> list[str]:
    """Return the arguments for JupyterLab.

    Parameters
    ----------
    folder : Path
        The folder to serve.
    notebook : Path
        The notebook to open, somewhere in `folder`.
    port : int or None
        The only port to listen on, or None for JupyterLab's choice.
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
    """Run JupyterLab until Ctrl-C."""
    # Imported here, as it takes a second that the other commands need not wait.
    from jupyterlab.labapp import LabApp

    server: ServerApp = LabApp.initialize_server(argv=options)
    require_token(server.identity_provider)
    disable_news(server.web_app.settings)
    print("JupyterLab is running; press Ctrl-C to stop it.", flush=True)
    server.start()


def disable_news(settings: dict[str, Any]) -> None:
    """Disable the plugin that asks whether to fetch Jupyter's news from the network."""
    before = settings.get("page_config_hook")

    def without_news(handler: Any, page_config: dict[str, Any]) -> dict[str, Any]:
        page_config = before(handler, page_config) if before else page_config
        return page_config | {"disabledExtensions": [*page_config.get("disabledExtensions", []), NEWS_PLUGIN]}

    settings["page_config_hook"] = without_news


def require_token(identity_provider: Any) -> None:
    """Generate a token if the user's configuration has turned it off."""
    if not identity_provider.auth_enabled:
        identity_provider.token = secrets.token_hex(24)
        # The printed address has a token only if it was generated for this run.
        identity_provider.token_generated = True
