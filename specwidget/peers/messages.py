"""Questions and answers between a process and its worker: JSON and raw arrays, and nothing that could run code."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from specwidget.peers.report import Difference, ErrorMap, PeerReport

LENGTH = struct.Struct("<Q")


def write_message(stream: IO[bytes], content: dict[str, Any], arrays: Sequence[NDArray[Any]] = ()) -> None:
    """Write a message, all of it.

    Parameters
    ----------
    stream : file
        A binary stream.
    content : dict
        What JSON knows.
    arrays : sequence of ndarray
        What goes with it, of plain numbers.
    """
    described = [[array.dtype.str, list(array.shape)] for array in arrays]
    text = json.dumps({"content": content, "arrays": described}).encode()
    stream.write(LENGTH.pack(len(text)) + text)
    for array in arrays:
        stream.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    stream.flush()


def read_message(stream: IO[bytes]) -> tuple[dict[str, Any], list[NDArray[Any]]] | None:
    """Read a message, or return None where the stream has ended."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    message = json.loads(stream.read(LENGTH.unpack(head)[0]))
    arrays = []
    for kind, shape in message["arrays"]:
        dtype = np.dtype(kind)
        arrays.append(np.frombuffer(stream.read(math.prod(shape) * dtype.itemsize), dtype).reshape(shape))
    return message["content"], arrays


def report_to_message(report: PeerReport) -> tuple[dict[str, Any], list[NDArray[Any]]]:
    """Return a report as JSON knows it, and the arrays of its map of errors."""
    errors = report.errors
    arrays = [] if errors is None else [errors.shares, errors.row_starts, errors.column_starts]
    return report.to_dict(), arrays


def report_from_message(values: dict[str, Any], arrays: Sequence[NDArray[Any]]) -> PeerReport:
    """Return a report from what `report_to_message` made of it."""
    known: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    del known["sentence"]
    known["differences"] = tuple(Difference(**each) for each in values["differences"])
    known |= {name: float(values[name]) for name in ("max_abs_error", "max_rel_error", "share_of_tolerance")}
    return PeerReport(**known, errors=ErrorMap(*arrays) if arrays else None)
