"""Messages between `process` and `worker`: JSON and raw arrays, so that reading them runs no code."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from specwidget.peers.report import Difference, ErrorMap, PeerReport

LENGTH_PREFIX = struct.Struct("<Q")
"""A message starts with the length of its JSON text, in bytes."""


def write_message(stream: IO[bytes], content: dict[str, Any], arrays: Sequence[NDArray[Any]] = ()) -> None:
    """Write a message and flush the stream.

    Parameters
    ----------
    stream : file
        A binary stream.
    content : dict
        Values that JSON can represent.
    arrays : sequence of ndarray
        Numeric arrays to send with it.
    """
    headers = [[array.dtype.str, list(array.shape)] for array in arrays]
    text = json.dumps({"content": content, "arrays": headers}).encode()
    stream.write(LENGTH_PREFIX.pack(len(text)) + text)
    for array in arrays:
        stream.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    stream.flush()


def read_message(stream: IO[bytes]) -> tuple[dict[str, Any], list[NDArray[Any]]] | None:
    """Read a message; None at the end of the stream."""
    prefix = stream.read(LENGTH_PREFIX.size)
    if len(prefix) < LENGTH_PREFIX.size:
        return None
    message = json.loads(stream.read(LENGTH_PREFIX.unpack(prefix)[0]))
    arrays = []
    for dtype_name, shape in message["arrays"]:
        dtype = np.dtype(dtype_name)
        arrays.append(np.frombuffer(stream.read(math.prod(shape) * dtype.itemsize), dtype).reshape(shape))
    return message["content"], arrays


def report_to_message(report: PeerReport) -> tuple[dict[str, Any], list[NDArray[Any]]]:
    """Convert a report to JSON values and the arrays of its map of errors."""
    errors = report.errors
    arrays = [] if errors is None else [errors.shares, errors.row_starts, errors.column_starts]
    return report.to_dict(), arrays


def report_from_message(values: dict[str, Any], arrays: Sequence[NDArray[Any]]) -> PeerReport:
    """Convert the result of `report_to_message` back to a report."""
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    del fields["sentence"]
    fields["differences"] = tuple(Difference(**each) for each in values["differences"])
    fields |= {name: float(values[name]) for name in ("max_abs_error", "max_rel_error", "share_of_tolerance")}
    return PeerReport(**fields, errors=ErrorMap(*arrays) if arrays else None)
