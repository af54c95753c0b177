"""The worker process of `process.CrosscheckProcess`: it imports the peers' libraries and compares.

A new request cancels the one in progress. The process ends after an idle time, or when its input is closed.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
from typing import IO, Any, TypeAlias

from numpy.typing import NDArray

from specwidget.front_end import make_layer
from specwidget.layer import STFTSpectrogram
from specwidget.mel.stages import settings_from_json
from specwidget.peers import CrosscheckCancelled, crosscheck
from specwidget.peers.messages import read_message, report_to_message, write_message

logger = logging.getLogger(__name__)

IDLE_TIMEOUT_S = 300.0
"""Seconds without a request after which the process ends and frees the memory of the peers' libraries."""

NICENESS = 10
"""Added to the niceness of the process, so that it yields to the one that draws."""

Message: TypeAlias = tuple[dict[str, Any], list[NDArray[Any]]]


def serve(incoming: IO[bytes], outgoing: IO[bytes], idle_timeout_s: float = IDLE_TIMEOUT_S) -> None:
    """Serve requests until the input ends or there is none for some time."""
    requests: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
    threading.Thread(target=_read_requests, args=(incoming, requests), daemon=True).start()
    while True:
        try:
            request = requests.get(timeout=idle_timeout_s)
        except queue.Empty:
            return
        if request is None:
            return
        _handle(request, requests, outgoing)


def _read_requests(incoming: IO[bytes], requests: queue.SimpleQueue[Message | None]) -> None:
    """Put requests into the queue, and None at the end of the input."""
    while (request := read_message(incoming)) is not None:
        requests.put(request)
    requests.put(None)


def _handle(request: Message, requests: queue.SimpleQueue[Message | None], outgoing: IO[bytes]) -> None:
    """Compare with peer after peer and send each result, an exception's message included, unless a request waits."""
    content, (inputs, output, *kernels) = request
    serial = content["serial"]
    layer = make_layer(settings_from_json(content["settings"]))
    if kernels and isinstance(layer, STFTSpectrogram):
        layer.set_weights(kernels)
    for name in content["peers"]:
        try:
            report = crosscheck(layer, inputs, [name], output=output, stop=lambda: not requests.empty())[name]
        except CrosscheckCancelled:
            return
        except Exception as error:
            logger.exception("The comparison with %s failed", name)
            failure = f"{type(error).__name__}: {error}"
            write_message(outgoing, {"serial": serial, "peer": name, "failure": failure})
        else:
            values, arrays = report_to_message(report)
            write_message(outgoing, {"serial": serial, "peer": name, "report": values}, arrays)
    write_message(outgoing, {"serial": serial, "done": True})


def main() -> None:
    """Serve on the standard streams."""
    # The libraries may print: their output goes to stderr, so that it can't mix with the messages.
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    try:
        serve(sys.stdin.buffer, outgoing)
    except BrokenPipeError:
        # The other process is gone. A normal exit would flush the broken stream once more.
        os._exit(0)


if __name__ == "__main__":
    main()
