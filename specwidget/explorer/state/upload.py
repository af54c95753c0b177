"""An upload in slices; the page sends each when the one before was acknowledged."""

from __future__ import annotations

from dataclasses import dataclass, field

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
