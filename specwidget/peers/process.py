"""`CrosscheckProcess`: the cross-check in a process of its own.

PyTorch and Keras take seconds to import and hold Python's interpreter lock for up to half a second at a time, during
which the page would not respond. So a worker process imports them. It starts with the first cross-check, sends the
report of each peer as soon as it has it, and ends after some minutes without a request. All explorers of a kernel
share one, as each would take some 250 MB and load the libraries again.
"""

from __future__ import annotations

import atexit
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import to_numpy
from specwidget.mel.stages import FrontEndSettings
from specwidget.peers.messages import read_message, report_from_message, write_message
from specwidget.peers.report import PeerReport

POLL_S = 0.05
"""Seconds between two calls of `stop` while there is no result."""


class CrosscheckProcessError(Exception):
    """Raised where the worker can't be started or used, or ended on its own; the message says which."""


@dataclass(frozen=True, eq=False)
class PeerResult:
    """The worker's result for one peer: a report, or the message of the exception that it raised."""

    peer: str
    report: PeerReport | None
    failure: str = ""


class CrosscheckProcess:
    """Compares a layer with peers in a process of its own.

    Notes
    -----
    Any thread may call `run` and `close`; requests are answered one after the other.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._serial = 0
        self._closed = threading.Event()

    def run(
        self,
        settings: FrontEndSettings,
        inputs: Any,
        output: Any,
        peers: Sequence[str],
        receive: Callable[[PeerResult], None],
        stop: Callable[[], bool],
        kernels: Sequence[NDArray[Any]] = (),
    ) -> bool:
        """Compare a layer's output with peers.

        Parameters
        ----------
        settings : STFTSettings or BandSettings
            The layer's settings.
        inputs, output : array
            Input and output of the layer.
        peers : sequence of str
            Names of the peers.
        receive : callable
            Takes the result for each peer as soon as it is available.
        stop : callable
            Called every `POLL_S` seconds; returning True ends the wait for results.
        kernels : sequence of ndarray
            The layer's kernels; empty for Fourier kernels.

        Returns
        -------
        bool
            Whether there is a result for every peer.

        Raises
        ------
        CrosscheckProcessError
            If the worker can't be started, or ends on its own.
        """
        if self._closed.is_set():
            raise CrosscheckProcessError("The cross-check process is closed.")
        while not self._turn.acquire(timeout=POLL_S):
            if stop():
                return False
        try:
            self._serial += 1
            content = {"serial": self._serial, "settings": settings.to_json(), "peers": list(peers)}
            try:
                self._send(content, [np.asarray(to_numpy(inputs)), np.asarray(to_numpy(output)), *kernels])
            except CrosscheckProcessError:
                if self._closed.is_set():
                    return False
                raise
            while not stop():
                try:
                    message = self._messages.get(timeout=POLL_S)
                except queue.Empty:
                    continue
                if message is None:
                    if self._closed.is_set():
                        return False
                    raise CrosscheckProcessError("The cross-check process ended on its own.")
                content, arrays = message
                if content["serial"] != self._serial:
                    # The result of an earlier run that was stopped.
                    continue
                if "done" in content:
                    return True
                report = report_from_message(content["report"], arrays) if "report" in content else None
                receive(PeerResult(content["peer"], report, content.get("failure", "")))
            return False
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the worker; `run` raises from now on."""
        self._closed.set()
        self._end()

    def _send(self, content: dict[str, Any], arrays: list[NDArray[Any]]) -> None:
        """Send a request to the worker, and start one if there is none."""
        if self._process is not None and self._process.poll() is None:
            try:
                return write_message(self._stdin(), content, arrays)
            except (OSError, ValueError):
                # It ended just now, after its idle time: the stream is broken, or closed already.
                pass
        self._start()
        try:
            write_message(self._stdin(), content, arrays)
        except (OSError, ValueError) as error:
            raise CrosscheckProcessError(f"The cross-check process does not accept requests: {error}.") from error

    def _start(self) -> None:
        if self._closed.is_set():
            raise CrosscheckProcessError("The cross-check process is closed.")
        self._end()
        command = [sys.executable, "-m", "specwidget.peers.worker"]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=worker_environment(),
                # An interrupt of the kernel goes to its whole process group, and is not meant for the worker.
                start_new_session=True,
            )
        except OSError as error:
            raise CrosscheckProcessError(
                f"The cross-check process could not be started: {str(error).rstrip('.')}. "
                "specwidget.crosscheck compares without one."
            ) from error
        self._process, self._messages = process, queue.SimpleQueue()
        threading.Thread(
            target=_read_messages, args=(process, self._messages), name="specwidget-crosscheck", daemon=True
        ).start()

    def _end(self) -> None:
        process = self._process
        if process is None or process.stdin is None:
            return
        process.kill()
        process.wait()
        # Closing flushes; what the worker did not read is lost.
        with suppress(OSError):
            process.stdin.close()

    def _stdin(self) -> Any:
        assert self._process is not None
        return self._process.stdin


SHARED_PROCESS = CrosscheckProcess()
"""The process of all explorers of this kernel. It starts with the first request."""

atexit.register(SHARED_PROCESS.close)


def worker_environment() -> dict[str, str]:
    """Make the environment of a worker: the same import path, and the backend of a Keras that is imported here."""
    environment = dict(os.environ) | {"PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)}
    keras = sys.modules.get("keras")
    if keras is not None:
        environment["KERAS_BACKEND"] = str(keras.config.backend())
    return environment


def _read_messages(process: subprocess.Popen[bytes], messages: queue.SimpleQueue[Any]) -> None:
    """Put the worker's messages into a queue, and None when it has ended."""
    assert process.stdout is not None
    with process.stdout as stream:
        while (message := read_message(stream)) is not None:
            messages.put(message)
    process.wait()
    messages.put(None)
    # The `CrosscheckProcess` may be gone by now, so this thread closes the stream.
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
