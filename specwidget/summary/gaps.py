"""Gaps: runs of samples that are NaN or infinite, and the frames that are blank because of them, in a sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from specwidget.front_end import count_frames, frame_start
from specwidget.mel.stages import FrontEndSettings
from specwidget.summary.quantities import format_time

MOST_NAMED = 3
"""Most gaps that a sentence names one by one."""

Span = tuple[int, int]
"""First item of a run, and the item after its last."""


@dataclass(frozen=True)
class Gaps:
    """The gaps of one channel.

    Parameters
    ----------
    spans : tuple of (int, int)
        First sample and end of the first `MOST_NAMED` gaps.
    n_gaps : int
        Number of all gaps.
    n_samples : int
        Number of samples in them.
    kind : str
        What the samples are: "NaN", "infinite" or "NaN or infinite".
    """

    spans: tuple[Span, ...]
    n_gaps: int
    n_samples: int
    kind: str


def find_gaps(channel: Any) -> Gaps | None:
    """Find the runs of samples that are not finite.

    Parameters
    ----------
    channel : ndarray (L,)
        The samples.

    Returns
    -------
    Gaps or None
        None where all samples are finite.

    Examples
    --------
    >>> find_gaps(np.array([0.0, np.nan, np.nan, 1.0, np.inf]))
    Gaps(spans=((1, 3), (4, 5)), n_gaps=2, n_samples=3, kind='NaN or infinite')
    """
    is_missing = ~np.isfinite(channel)
    n_missing = int(np.count_nonzero(is_missing))
    if n_missing == 0:
        return None
    edges = np.flatnonzero(np.diff(is_missing, prepend=False, append=False)).reshape(-1, 2)
    n_nan = int(np.count_nonzero(np.isnan(channel)))
    kind = "NaN" if n_nan == n_missing else "NaN or infinite" if n_nan else "infinite"
    named = tuple((int(first), int(last)) for first, last in edges[:MOST_NAMED])
    return Gaps(named, len(edges), n_missing, kind)


def blank_frames(span: Span, n_samples: int, settings: FrontEndSettings) -> Span:
    """Return the first frame that contains a sample of a span, and the end; both are equal where none does.

    Parameters
    ----------
    span : tuple of int
        First sample and end.
    n_samples : int
        Length of the signal, L.
    settings : STFTSettings or BandSettings
        Settings of the transform.

    Returns
    -------
    tuple of int

    Examples
    --------
    >>> from specwidget.stft.settings import STFTSettings
    >>> blank_frames((1000, 1001), 16_000, STFTSettings(frame_length=256, frame_step=128))
    (6, 8)
    """
    start, step = frame_start(0, n_samples, settings), settings.step
    first = max(0, (span[0] - settings.frame_length - start) // step + 1)
    end = min(count_frames(n_samples, settings), math.ceil((span[1] - start) / step))
    return first, max(first, end)


def describe_gaps(gaps: Gaps, n_samples: int, settings: FrontEndSettings, sample_rate: float | None) -> str:
    """Return a sentence that names the gaps of a channel and the frames that are blank.

    Parameters
    ----------
    gaps : Gaps
        The gaps.
    n_samples : int
        Length of the signal, L.
    settings : STFTSettings or BandSettings
        Settings of the transform.
    sample_rate : float or None
        Samples per second; None names samples by their number.

    Returns
    -------
    str

    Examples
    --------
    >>> from specwidget.stft.settings import STFTSettings
    >>> gaps = find_gaps(np.where(np.arange(16_000) // 800 == 12, np.nan, 0.0))
    >>> describe_gaps(gaps, 16_000, STFTSettings(frame_length=400, frame_step=160), 8000.0)
    'The samples from 1.20 s to 1.30 s are NaN; frames 58 to 64 are blank.'
    """
    if gaps.n_samples == n_samples:
        return f"All samples are {gaps.kind}; every frame is blank."
    named = [_name(span, sample_rate) for span in gaps.spans]
    frames = [_name_frames(blank_frames(span, n_samples, settings)) for span in gaps.spans]
    if gaps.n_gaps > len(named):
        n_more = gaps.n_gaps - len(named)
        named.append("in one more gap" if n_more == 1 else f"in {n_more:,} more gaps")
        frames.append("those of the other gap" if n_more == 1 else "those of the other gaps")
    is_one = gaps.n_samples == 1
    subject = f"The sample{'' if is_one else 's'} {_join(named)} {'is' if is_one else 'are'} {gaps.kind}"
    blank = [each for each in dict.fromkeys(frames) if each]
    if not blank:
        return f"{subject}, and in no frame."
    verb = "is" if len(blank) == 1 and blank[0].startswith("frame ") else "are"
    return f"{subject}; {_join(blank)} {verb} blank."


def _name(span: Span, sample_rate: float | None) -> str:
    first, last = span
    is_one = last - first == 1
    if sample_rate is None:
        return f"{first}" if is_one else f"from {first} to {last - 1}"
    # A tenth of the gap, at most a hundredth of a second, and no finer than a sample.
    resolution = min(0.01, max(1.0, (last - first) / 10) / sample_rate)
    begin, end = (format_time(sample / sample_rate, resolution) for sample in span)
    return f"at {begin}" if is_one else f"from {begin} to {end}"


def _name_frames(frames: Span) -> str:
    first, end = frames
    if first == end:
        return ""
    return f"frame {first}" if end - first == 1 else f"frames {first} to {end - 1}"


def _join(parts: list[str]) -> str:
    """Join parts by commas, the last by "and"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
