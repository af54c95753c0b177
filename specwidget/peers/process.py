"""`Checker`: the cross-check in a process of its own.

PyTorch and Keras take seconds to import, and hold Python's interpreter lock for up to half a second at a time while
they do; a page that shares the process would stand still. So they are imported by a worker, which starts with the first
question, answers peer by peer, and ends when nobody has asked for some minutes.
"""

from __future__ import annotations

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
from specwidget.peers.messages import read_message, report_from_message, write_message
from specwidget.peers.report import PeerReport
from specwidget.stft.settings import STFTSettings

LOOK = 0.05
"""Seconds between two looks at whether the answer is still wanted."""


class CheckError(Exception):
    """Raised where the worker can't be started, or ended on its own; the text says what is known."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What the worker says of one peer: a report, or the sentence of what failed."""

    peer: str
    report: PeerReport | None
    failure: str = ""


class Checker:
    """Compares in a process of its own.

    Notes
    -----
    One thread at a time may ask. `close` may be called from any.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._serial = 0
        self._closed = False

    def ask(
        self,
        settings: STFTSettings,
        inputs: Any,
        output: Any,
        peers: Sequence[str],
        receive: Callable[[Answer], None],
        stop: Callable[[], bool],
    ) -> bool:
        """Compare what a layer made of inputs with peers.

        Parameters
        ----------
        settings : STFTSettings
            The layer's settings.
        inputs, output : array
            What went into the layer, and what came out.
        peers : sequence of str
            Names of the peers.
        receive : callable
            Takes the answer of each peer, as soon as it is there.
        stop : callable
            Asked now and then; nothing more is waited for where it returns True.

        Returns
        -------
        bool
            Whether every peer has answered.

        Raises
        ------
        CheckError
            If the worker can't be started, or ends on its own.
        """
        self._serial += 1
        content = {"serial": self._serial, "settings": settings.to_dict(), "peers": list(peers)}
        self._send(content, [np.asarray(to_numpy(inputs)), np.asarray(to_numpy(output))])
        while not stop():
            try:
                message = self._answers.get(timeout=LOOK)
            except queue.Empty:
                continue
            if message is None:
                raise CheckError("The process that compares has ended on its own.")
            content, arrays = message
            if content["serial"] != self._serial:
                continue
            if "done" in content:
                return True
            report = report_from_message(content["report"], arrays) if "report" in content else None
            receive(Answer(content["peer"], report, content.get("failure", "")))
        return False

    def close(self) -> None:
        """End the worker; nothing can be asked any more."""
        self._closed = True
        self._end()

    def _send(self, content: dict[str, Any], arrays: list[NDArray[Any]]) -> None:
        """Send a question to the worker, which is started where there is none."""
        if self._process is not None and self._process.poll() is None:
            try:
                return write_message(self._stdin(), content, arrays)
            except (OSError, ValueError):
                # It ended just now, of patience: the stream is broken, or closed already.
                pass
        self._start()
        try:
            write_message(self._stdin(), content, arrays)
        except (OSError, ValueError) as error:
            raise CheckError(f"The process that compares does not take questions: {error}.") from error

    def _start(self) -> None:
        """Start a worker."""
        if self._closed:
            raise CheckError("It is closed.")
        self._end()
        command = [sys.executable, "-m", "specwidget.peers.worker"]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=worker_environment(),
            )
        except OSError as error:
            raise CheckError(f"The process that compares could not be started: {error}.") from error
        self._process, self._answers = process, queue.SimpleQueue()
        threading.Thread(target=_listen, args=(process, self._answers), name="specwidget-answers", daemon=True).start()

    def _end(self) -> None:
        """End the worker, if there is one."""
        process = self._process
        if process is None or process.stdin is None:
            return
        process.kill()
        process.wait()
        # What it did not read is lost with it.
        with suppress(OSError):
            process.stdin.close()

    def _stdin(self) -> Any:
        """Return the stream to the worker."""
        assert self._process is not None
        return self._process.stdin


def worker_environment() -> dict[str, str]:
    """Return the environment of a worker: it finds what this process finds, and Keras's backend is the same."""
    environment = dict(os.environ) | {"PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)}
    keras = sys.modules.get("keras")
    if keras is not None:
        environment["KERAS_BACKEND"] = str(keras.config.backend())
    return environment


def _listen(process: subprocess.Popen[bytes], answers: queue.SimpleQueue[Any]) -> None:
    """Put answers into the queue, and None at their end."""
    assert process.stdout is not None
    with process.stdout as stream:
        while (message := read_message(stream)) is not None:
            answers.put(message)
    process.wait()
    answers.put(None)
    # Nobody else may be left to close it: this thread holds the process to its end.
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
