"""A proxy between the browser and the server that stalls or cuts the connection."""

import socket
import threading
from contextlib import suppress


class Proxy:
    """Forward TCP connections to a server, until it is told to stall or to cut them.

    Parameters
    ----------
    port : int
        Port of the server on the loopback interface.
    """

    def __init__(self, port: int) -> None:
        self._server = ("127.0.0.1", port)
        self._flows = threading.Event()
        self._flows.set()
        self._is_down = False
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stall(self) -> None:
        """Hold back every byte, with all connections open."""
        self._flows.clear()

    def cut(self) -> None:
        """Close every connection, lose what was held back, and refuse new ones."""
        self._is_down = True
        for each in list(self._sockets):
            # Wakes a thread that waits for bytes; `close` alone does not.
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._flows.set()

    def restore(self) -> None:
        """Forward again, and accept new connections."""
        self._is_down = False
        self._flows.set()

    def close(self) -> None:
        """Cut all connections and stop listening."""
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._is_down:
                client.close()
                continue
            server = socket.create_connection(self._server)
            self._sockets |= {client, server}
            for source, sink in ((client, server), (server, client)):
                sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._forward, args=(source, sink), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                self._flows.wait()
                if self._is_down:
                    break
                sink.sendall(data)
        except OSError:
            pass
        finally:
            for each in (source, sink):
                each.close()
                self._sockets.discard(each)
