"""Jupyter server extension: small answers of a kernel go out at once.

A Jupyter server leaves Nagle's algorithm on where it talks to the browser, so a short message waits until the one
before it was acknowledged, tens of milliseconds in which nothing happens. The explorer sends many short messages.
With this extension each kernel websocket sets TCP_NODELAY when it opens.

`specwidget lab` loads it. Another server of yours does so with this line in ``jupyter_server_config.py``::

    c.ServerApp.jpserver_extensions = {"specwidget.server": True}
"""

from __future__ import annotations

from typing import Any

CONNECTION_CLASS = "kernel_websocket_connection_class"
"""Where a Jupyter server keeps the class that joins a websocket to its kernel."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Name this module as the extension."""
    return [{"module": "specwidget.server"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    """Put a connection that does not wait in the place of the server's own."""
    settings = serverapp.web_app.settings
    settings[CONNECTION_CLASS] = make_prompt_connection(settings[CONNECTION_CLASS])


def make_prompt_connection(connection_class: type[Any]) -> type[Any]:
    """Make a connection class that sends each message at once.

    Parameters
    ----------
    connection_class : type
        The class that the server would use; it may be a gateway's.

    Returns
    -------
    type
        A subclass that sets TCP_NODELAY on its websocket before it connects to the kernel.
    """

    class PromptConnection(connection_class):  # type: ignore[misc]
        """A connection that sets TCP_NODELAY."""

        def connect(self) -> Any:
            """Set TCP_NODELAY, then connect as before."""
            self.websocket_handler.set_nodelay(True)
            return super().connect()

    return PromptConnection
