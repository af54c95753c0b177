"""An upload in slices; the page sends each when the one before was acknowledged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from specwidget.stft.formatting import printable

SLICE_BYTES = 2 * 2**20
"""Bytes in a slice: JupyterLab silently drops messages above 10 MB."""

MAX_UPLOAD_BYTES = 512 * 2**20
"""Most bytes of an uploaded file."""


class UploadError(ValueError):
    """Raised when slices do not make up a file."""


@dataclass
class Upload:
    """A file of which some slices have arrived.

    Parameters
    ----------
    key : str
        Identifies this upload among others.
    name : str
        File name.
    size : int
        Bytes of the whole file.
    """

    key: str
    name: str
    size: int
    data: bytearray = field(default_factory=bytearray, repr=False)

    def __post_init__(self) -> None:
        """Check the size before anything is stored."""
        if self.size < 1:
            raise UploadError(f"`file` must hold at least 1 byte; got the empty {self.name!r}.")
        if self.size > MAX_UPLOAD_BYTES:
            raise UploadError(
                f"`file` must have at most {MAX_UPLOAD_BYTES // 2**20} MiB; got {self.size / 2**20:.0f} MiB in "
                f"{self.name!r}. Copy it into the folder of the notebook and choose it there."
            )

    @property
    def is_complete(self) -> bool:
        """Whether every byte has arrived."""
        return len(self.data) == self.size

    def add(self, offset: int, data: bytes | memoryview) -> int:
        """Add a slice, and return the number of bytes that have arrived.

        Parameters
        ----------
        offset : int
            Where the slice starts in the file; slices arrive in order.
        data : bytes-like
            The slice.

        Returns
        -------
        int

        Raises
        ------
        UploadError
            If the slice does not follow the last one, is empty, or reaches past the end.
        """
        if offset != len(self.data) or not 0 < len(data) <= self.size - offset:
            raise UploadError(
                f"`file` must arrive in order; got {self.name!r} up to byte {len(self.data)} of {self.size}. "
                "Choose it again."
            )
        self.data += data
        return len(self.data)


class Inbox:
    """Takes the slices of one upload at a time, and acknowledges them.

    Parameters
    ----------
    send : callable
        Sends a message to the page.
    """

    def __init__(self, send: Callable[[dict[str, Any]], None]) -> None:
        self._send = send
        self._upload: Upload | None = None

    def receive(self, content: dict[str, Any], data: bytes | memoryview) -> Upload | None:
        """Add a slice, and return the upload if it was the last one; `finish` then ends it for the page.

        Raises
        ------
        UploadError
            If the slices do not make up a file; the page is told so.
        """
        key, size, offset = (content[field] for field in ("key", "size", "offset"))
        name = printable(content["name"])
        try:
            if offset == 0:
                self._end(f"The upload was ended, as another window opened {name}.")
                self._upload = Upload(key, name, size)
            if self._upload is None or self._upload.key != key:
                return None
            received = self._upload.add(offset, data)
        except UploadError:
            self._upload = None
            self._send({"kind": "refused", "key": key})
            raise
        self._send({"kind": "received", "key": key, "bytes": received})
        if not self._upload.is_complete:
            return None
        complete, self._upload = self._upload, None
        return complete

    def finish(self, upload: Upload) -> None:
        """Tell the page that the file was read, or that it can't be."""
        self._send({"kind": "read", "key": upload.key})

    def _end(self, reason: str) -> None:
        """Tell the page whose upload is under way why it ends."""
        if self._upload is not None:
            self._send({"kind": "refused", "key": self._upload.key, "reason": reason})
