"""`Peer`: a library to compare with, its convention, and how the cross-check aligns it with the layer."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.codegen.snippet import CodeRequest, CodeTarget
from specwidget.peers.report import Difference
from specwidget.stft.settings import STFTSettings

Values = NDArray[np.float64]

MAX_KERNEL_VALUES = 2**26
"""Most values of a kernel that is made for a comparison: half a GiB in float64."""


@dataclass(frozen=True, eq=False)
class FrameBlock:
    """Consecutive frames of one channel.

    Parameters
    ----------
    batch, channel : int
        Batch item and channel.
    first, last : int
        The block has frames `first` to `last - 1`.
    samples : ndarray (n,) of float64
        The samples that these frames cover, with the zeros of the padding, and no others.
    """

    batch: int
    channel: int
    first: int
    last: int
    samples: Values


PeerTransform = Callable[[FrameBlock], Values]
"""Computes a peer's values (frames, n_outputs) of a block, in the unit of the mode."""


class ShapeMismatchError(Exception):
    """Raised where a peer's result and the layer's differ in shape; the message has both shapes."""


@dataclass(frozen=True)
class Convention:
    """What a library does by default, called with frame length, step, FFT length and window: a row of words.

    Libraries that do the same have the same words, from the constants in this module. `docs/peers.md` has them as a
    table, and `tests/peers/test_conventions.py` measures each cell on the library.

    Parameters
    ----------
    function : str
        The function or class.
    window_position : str
        Where a window that is shorter than the FFT lies in it.
    window_symmetry : str
        Whether a window given by name is symmetric or periodic.
    boundaries : str
        How the ends of the signal are treated.
    scaling : str
        The divisor of the transform.
    sides : str
        The bins, and whether those of a power spectrum are doubled.
    phase_origin : str
        The sample that phase is relative to.
    floor : str
        The smallest magnitude.
    mean : str
        Whether the mean of each frame is removed.
    """

    function: str
    window_position: str
    window_symmetry: str
    boundaries: str
    scaling: str
    sides: str
    phase_origin: str
    floor: str
    mean: str


AT_START = "at the start"
CENTRED = "centred"

FIRST_OF_WINDOW = "first sample of the window"
FIRST_OF_FFT = "first sample of the FFT"
CENTRE_OF_WINDOW = "centre of the window"

PERIODIC = "periodic"
VALUES_ONLY = "not accepted, only values"
BY_ARGUMENT = "symmetric or periodic, by argument"

ONE_SIDED = "N // 2 + 1, not doubled"
ONE_SIDED_DOUBLED = "N // 2 + 1, doubled for psd"

UNSCALED = "1"
NO_FLOOR = "none"
MEAN_NOT_REMOVED = "not removed"


def no_refusal(_settings: STFTSettings) -> str:
    """Accept all settings."""
    return ""


def no_differences(_settings: STFTSettings) -> tuple[Difference, ...]:
    """Return no difference."""
    return ()


@dataclass(frozen=True)
class Peer:
    """A library to compare with.

    Parameters
    ----------
    title : str
        Name of the peer for display.
    convention : Convention
        What the library does by default.
    packages : dict of str to str
        Names of the modules that it needs, with the names to install them by; reports give the version of the first.
    code_target : CodeTarget
        Writes the code that reports show; `prepare` calls the library in the same way.
    prepare : callable
        Takes the inputs, a NumPy array in the layer's layout and of the type in which it computes, and the settings;
        returns the peer's transform, aligned with the layer.
    conventions : callable
        Takes the settings; returns a sentence on each difference of convention that was aligned.
    refusal : callable
        Takes the settings; returns why they can't be compared with the peer, or an empty string.
    differences : callable
        Takes the settings; returns the differences that can't be aligned.
    own_reference : callable or None
        Takes a block and the settings; returns the values by the peer's own convention, computed without the peer, and
        a bound on the rounding error of each.
    requires_any : tuple of str
        Modules of which it needs at least one; the first is the one to recommend.
    is_slow_to_load : bool
        Whether its import takes seconds.
    prepare_kernels : callable or None
        As `prepare`, with the kernels of the layer as a third argument, which the peer uses; None if it can't.
    kernels_refusal : callable
        Takes the settings; returns why trained kernels can't be compared, or an empty string.
    """

    title: str
    convention: Convention
    packages: dict[str, str]
    code_target: CodeTarget
    prepare: Callable[[NDArray[Any], STFTSettings], PeerTransform]
    conventions: Callable[[STFTSettings], tuple[str, ...]]
    refusal: Callable[[STFTSettings], str] = no_refusal
    differences: Callable[[STFTSettings], tuple[Difference, ...]] = no_differences
    own_reference: Callable[[FrameBlock, STFTSettings], tuple[Values, Values]] | None = None
    requires_any: tuple[str, ...] = ()
    is_slow_to_load: bool = False
    prepare_kernels: Callable[[NDArray[Any], STFTSettings, list[NDArray[Any]]], PeerTransform] | None = None
    kernels_refusal: Callable[[STFTSettings], str] = no_refusal

    @property
    def missing(self) -> tuple[str, ...]:
        """Packages to install before the peer can be compared with; found without an import."""
        missing = tuple(name for module, name in self.packages.items() if not is_installed(module))
        has_any = not self.requires_any or any(map(is_installed, self.requires_any))
        return missing if has_any else (*missing, self.requires_any[0])

    def code(self, settings: STFTSettings, shape: tuple[int, int, int]) -> str:
        """Write the code that computes the layer's values with this library, for an input of a shape."""
        return self.code_target.write(CodeRequest(settings, shape))


def installed_version(packages: dict[str, str]) -> str:
    """Look up the installed version of the first of a peer's packages; empty where its metadata is missing."""
    try:
        return importlib.metadata.version(next(iter(packages.values())))
    except importlib.metadata.PackageNotFoundError:
        return ""


def is_installed(module: str) -> bool:
    """Check whether a module can be imported, without importing it."""
    return importlib.util.find_spec(module) is not None


def refuse_large_kernels(title: str, n_samples: int, settings: STFTSettings) -> str:
    """Explain that kernels of `n_samples` are too large; empty if they are not."""
    n_values = n_samples * settings.n_bins
    if n_values <= MAX_KERNEL_VALUES:
        return ""
    return (
        f"each kernel of {title} would have {n_values:,} values, more than {MAX_KERNEL_VALUES:,}. "
        "Use a shorter FFT to compare with it."
    )


def refuse_zero_window(title: str, settings: STFTSettings) -> str:
    """Explain that a peer divides by the scale of a window of zeros; empty if the window is not zero."""
    return "" if settings.scaled_window.any() else f"{title} divides by the window's scale, which is zero here."


def placement_sentences(title: str, settings: STFTSettings) -> list[str]:
    """Say how a peer that centres the window in the FFT was given it at the start."""
    missing = settings.n_fft - settings.frame_length
    if not missing:
        return []
    centring = f"{title} centres a window of {settings.frame_length} samples in an FFT of {settings.n_fft}"
    return [f"Window placement: {centring}; {missing} zeros were appended to the window and to the signal."]


def symmetry_sentences(title: str, settings: STFTSettings) -> list[str]:
    """Say how a peer whose named windows are periodic was given a symmetric one."""
    if not settings.has_named_window or settings.periodic:
        return []
    return [f"Window symmetry: {title} makes named windows periodic; it was given the symmetric window's values."]


def scaling_sentences(title: str, settings: STFTSettings, scale: float, scaled: str = "the window") -> list[str]:
    """Say what was divided by the scale for a peer that does not scale."""
    if settings.scaling is None or settings.window is None:
        return []
    return [f"Scaling: {title} does not scale; {scaled} was divided by {scale:.6g}."]


def sides_sentences(title: str, settings: STFTSettings) -> list[str]:
    """Say that the power of a peer that does not double any bin was doubled."""
    if settings.mode != "psd":
        return []
    inner = "all bins but DC and Nyquist" if settings.n_fft % 2 == 0 else "all bins but DC"
    return [f"Sides: {title} does not double the bins of one-sided power; {inner} were doubled."]


def floor_sentences(title: str, settings: STFTSettings) -> list[str]:
    """Say that the floor was applied to the magnitudes of a peer that has none."""
    if settings.mode not in ("magnitude", "log"):
        return []
    return [f"Floor: {title} has none; magnitudes below the root of epsilon={settings.epsilon:g} were raised to it."]


def padding_sentences(title: str, settings: STFTSettings, default: str) -> list[str]:
    """Say that the signal was zero-padded before the call; `default` is what the peer does by default."""
    if settings.padding != "same":
        return []
    return [f"Padding: {title} {default}; the signal was zero-padded explicitly."]
