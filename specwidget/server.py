"""Jupyter server extension that sets TCP_NODELAY on kernel websockets, so that short messages are sent at once.

A Jupyter server leaves Nagle's algorithm on for its connections to the browser, so that a short message waits, for
tens of milliseconds, until the one before it is acknowledged. The explorer sends many short messages.

`specwidget lab` loads the extension. For another server, add this line to ``jupyter_server_config.py``::

    c.ServerApp.jpserver_extensions = {"specwidget.server": True}
"""

from __future__ import annotations

from typing import Any

CONNECTION_CLASS = "kernel_websocket_connection_class"
"""Setting of a Jupyter server: the class that connects a websocket to its kernel."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "specwidget.server"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    settings = serverapp.web_app.settings
    settings[CONNECTION_CLASS] = make_nodelay_connection(settings[CONNECTION_CLASS])


def make_nodelay_connection(connection_class: type[Any]) -> type[Any]:
    """Make a subclass of a connection class that sets TCP_NODELAY.

    Parameters
    ----------
    connection_class : type
        The server's class; that of a gateway, for instance.

    Returns
    -------
    type
        The subclass; it sets the option before it connects to the kernel.
    """

    class NodelayConnection(connection_class):  # type: ignore[misc]
        """A connection that sets TCP_NODELAY."""

        def connect(self) -> Any:
            """Set TCP_NODELAY, then connect as before."""
            self.websocket_handler.set_nodelay(True)
            return super().connect()

    return NodelayConnection
