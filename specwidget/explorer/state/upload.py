"""A file that arrives in slices, each of which the page sends when the one before was acknowledged."""

from __future__ import annotations

from dataclasses import dataclass, field

SLICE_BYTES = 2 * 2**20
"""Bytes in a slice: a Jupyter server drops messages above 10 MB in silence."""

MAX_UPLOAD = 512 * 2**20
"""Most bytes of an uploaded file."""


class UploadError(ValueError):
    """Raised when slices do not make a file; its text is one sentence."""


@dataclass
class Upload:
    """A file under way.

    Parameters
    ----------
    key : str
        The page's name for this upload; slices of another one are refused.
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
        """Check the size before anything is kept."""
        if self.size < 1:
            raise UploadError(f"`file` must hold at least 1 byte; got the empty {self.name!r}.")
        if self.size > MAX_UPLOAD:
            raise UploadError(
                f"`file` must have at most {MAX_UPLOAD // 2**20} MiB; got {self.size / 2**20:.0f} in {self.name!r}. "
                "Put it into the notebook's folder and choose it there."
            )

    @property
    def is_complete(self) -> bool:
        """Whether every byte has arrived."""
        return len(self.data) == self.size

    def add(self, offset: int, piece: bytes | memoryview) -> int:
        """Add a slice, and return how many bytes have arrived.

        Parameters
        ----------
        offset : int
            Where the slice starts in the file; slices arrive in order.
        piece : bytes-like
            The slice.

        Returns
        -------
        int

        Raises
        ------
        UploadError
            If the slice does not follow the last one, is empty, or reaches past the end.
        """
        if offset != len(self.data) or not 0 < len(piece) <= self.size - offset:
            raise UploadError(
                f"`file` must arrive in order; got {self.name!r} up to byte {len(self.data)} of {self.size}. "
                "Choose it again."
            )
        self.data += piece
        return len(self.data)
