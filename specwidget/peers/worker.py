"""The process that compares, so that no import and no computation of a peer's holds up another: see `process`.

A newer question ends the one that is being answered. The process ends when nobody asks any more, or nobody is there.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
from typing import IO, Any

from numpy.typing import NDArray

from specwidget.layer import STFTSpectrogram
from specwidget.peers import Stopped, crosscheck
from specwidget.peers.messages import read_message, report_to_message, write_message
from specwidget.stft.settings import STFTSettings

logger = logging.getLogger(__name__)

PATIENCE = 300.0
"""Seconds without a question after which the process ends, and gives back what the peers' libraries take."""

NICENESS = 10
"""How far the process stands back behind the one that asks."""

ExerciseWidget = tuple[dict[str, Any], list[NDArray[Any]]]


def serve(incoming: IO[bytes], outgoing: IO[bytes], patience: float = PATIENCE) -> None:
    """Answer questions until there are no more."""
    questions: queue.SimpleQueue[ExerciseWidget | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(incoming, questions), daemon=True).start()
    while True:
        try:
            question = questions.get(timeout=patience)
        except queue.Empty:
            return
        if question is None:
            return
        _answer(question, questions, outgoing)


def _listen(incoming: IO[bytes], questions: queue.SimpleQueue[ExerciseWidget | None]) -> None:
    """Put questions into the queue, and None at their end."""
    while (question := read_message(incoming)) is not None:
        questions.put(question)
    questions.put(None)


def _answer(question: ExerciseWidget, questions: queue.SimpleQueue[ExerciseWidget | None], outgoing: IO[bytes]) -> None:
    """Answer peer by peer, unless there is a newer question; what fails is an answer, too."""
    content, (inputs, output) = question
    serial = content["serial"]
    layer = STFTSpectrogram.from_settings(STFTSettings(**content["settings"]))
    for name in content["peers"]:
        try:
            report = crosscheck(layer, inputs, [name], output=output, stop=lambda: not questions.empty())[name]
        except Stopped:
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
    """Serve on the standard streams; what the peers' libraries print goes elsewhere."""
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    try:
        serve(sys.stdin.buffer, outgoing)
    except BrokenPipeError:
        # Who asked is not there any more.
        os._exit(0)


if __name__ == "__main__":
    main()
