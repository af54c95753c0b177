"""What a peer is: how its library is called, what is aligned, and what can't be."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.peers.report import Difference
from specwidget.stft.settings import STFTSettings

Values = NDArray[np.float64]

MAX_KERNEL_VALUES = 2**26
"""Most values of a kernel that is made to be compared with: half a GiB in float64."""


@dataclass(frozen=True, eq=False)
class Piece:
    """Some frames of one channel.

    Parameters
    ----------
    batch, channel : int
        Which signal they are of.
    first, last : int
        Frames `first` to `last - 1`.
    samples : ndarray (n,) of float64
        What these frames cover, padding and all, and no sample more.
    """

    batch: int
    channel: int
    first: int
    last: int
    samples: Values


Answer = Callable[[Piece], Values]
"""Takes a piece; returns values (frames, n_outputs) in the unit of the mode."""


class OtherShape(Exception):
    """Raised where a peer's result has another shape than the layer's; the text names both."""


def nothing(_settings: STFTSettings) -> tuple[Difference, ...]:
    """Name no difference."""
    return ()


def no_refusal(_settings: STFTSettings) -> str:
    """Refuse no settings."""
    return ""


@dataclass(frozen=True)
class Convention:
    """What a library does by itself, called with lengths, a step and a window: a few words for each question.

    The words are those of the tables in this module where libraries share them, so that the same is told in the same
    words. `tests/peers/test_conventions.py` measures each of them on the library.

    Parameters
    ----------
    call : str
        What is called.
    window_place : str
        Where a window lies that is shorter than the FFT.
    window_kind : str
        What it makes of a window's name: symmetric or periodic.
    ends : str
        What it does at the ends of the signal.
    scaling : str
        What the transform is divided by.
    sides : str
        Which bins there are, and whether power is doubled.
    phase_origin : str
        Where the phase is counted from.
    floor : str
        The least magnitude.
    mean : str
        What becomes of each frame's mean.
    """

    call: str
    window_place: str
    window_kind: str
    ends: str
    scaling: str
    sides: str
    phase_origin: str
    floor: str
    mean: str


AT_BEGINNING = "at its beginning"
IN_MIDDLE = "in its middle"

FIRST_OF_WINDOW = "first sample of the window"
FIRST_OF_FFT = "first sample of the FFT"
MIDDLE_OF_WINDOW = "middle of the window"

PERIODIC = "periodic"
VALUES_ALONE = "takes values, no name"

ONE_SIDED = "N // 2 + 1, none doubled"
ONE_SIDED_DOUBLED = "N // 2 + 1, psd doubled"

UNSCALED = "nothing"
NO_FLOOR = "none"
KEPT = "kept"


@dataclass(frozen=True)
class Peer:
    """A library to compare with, and its convention.

    Parameters
    ----------
    title : str
        Name of the peer, as it is written.
    convention : Convention
        What it does by itself.
    packages : dict of str to str
        The modules that it needs, each with the name it is installed by; the first is the one whose version is told.
    prepare : callable
        Takes the inputs in the layout of the settings, NumPy and of the type that the layer computes in, and the
        settings; returns the peer's answers, aligned.
    call : callable
        Takes the settings and the padding (left, right); returns the aligned call as text that runs.
    conventions : callable
        Takes the settings; returns the differences that were aligned, as sentences.
    refusal : callable
        Takes the settings; returns why the peer can't be compared with them, or nothing.
    differences : callable
        Takes the settings; returns the differences that can't be aligned.
    model : callable or None
        Takes a piece, and the settings; returns what the peer gives where it differs, computed plainly by its own
        convention, and how far rounding may move each of these values.
    one_of : tuple of str
        Modules of which it needs one as well, the one to install first.
    is_slow_to_load : bool
        Whether its import takes seconds.
    """

    title: str
    convention: Convention
    packages: dict[str, str]
    prepare: Callable[[NDArray[Any], STFTSettings], Answer]
    call: Callable[[STFTSettings, tuple[int, int]], str]
    conventions: Callable[[STFTSettings], tuple[str, ...]]
    refusal: Callable[[STFTSettings], str] = no_refusal
    differences: Callable[[STFTSettings], tuple[Difference, ...]] = nothing
    model: Callable[[Piece, STFTSettings], tuple[Values, Values]] | None = None
    one_of: tuple[str, ...] = ()
    is_slow_to_load: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """What has to be installed before the peer can be compared with; nothing is imported to find out."""
        missing = tuple(name for module, name in self.packages.items() if not is_installed(module))
        has_one = not self.one_of or any(map(is_installed, self.one_of))
        return missing if has_one else (*missing, self.one_of[0])


def is_installed(module: str) -> bool:
    """Tell whether a module could be imported, without importing it."""
    return importlib.util.find_spec(module) is not None


def refuse_large_kernels(title: str, n_samples: int, settings: STFTSettings) -> str:
    """Return why kernels of some length would not fit, or nothing."""
    n_values = n_samples * settings.n_bins
    if n_values <= MAX_KERNEL_VALUES:
        return ""
    return (
        f"each kernel of {title} would have {n_values:,} values, more than {MAX_KERNEL_VALUES:,}. "
        "It can be compared with a shorter FFT."
    )


def refuse_zero_window(title: str, settings: STFTSettings) -> str:
    """Return why a window that is zero everywhere can't be compared, or nothing."""
    return "" if settings.scaled_window.any() else f"{title} divides by the size of the window, which is zero here."
