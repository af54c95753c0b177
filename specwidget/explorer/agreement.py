"""Whether the peers agree with what is shown: the cross-check of one channel, in the words of the page."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from specwidget.layer import STFTSpectrogram
from specwidget.peers import PEERS, PeerReport, Stopped, crosscheck
from specwidget.result import Spectrogram
from specwidget.sounds import Sound
from specwidget.stft.settings import STFTSettings

logger = logging.getLogger(__name__)

MAX_SAMPLES = 2**21
"""Samples that are checked; more would keep the processor busy without telling more."""

QUICK = tuple(name for name, peer in PEERS.items() if not peer.is_slow_to_load)
"""Peers that are compared with unasked."""

MAX_BYTES = 2**26
"""Bytes of the layer's output on them."""


@dataclass(frozen=True)
class Agreement:
    """What the peers say.

    Parameters
    ----------
    checked : bool
        Whether the check has been made; False while it waits for its turn.
    reports : tuple of PeerReport
        One for each peer.
    sentence : str
        What else is to be said: which part was checked, or why nothing was.
    """

    checked: bool = False
    reports: tuple[PeerReport, ...] = ()
    sentence: str = ""

    def to_page(self) -> dict[str, Any]:
        """Return the agreement as JSON knows it."""
        return {
            "checked": self.checked,
            "sentence": self.sentence,
            "reports": [
                {**_plain(asdict(replace(report, errors=None))), "sentence": report.sentence} for report in self.reports
            ],
        }


def check_agreement(
    layer: STFTSpectrogram, sound: Sound, result: Spectrogram | None, channel: tuple[int, int], stop: Callable[[], bool]
) -> Agreement | None:
    """Compare what is shown with the peers.

    Parameters
    ----------
    layer : STFTSpectrogram
        The layer that computed `result`.
    sound : Sound
        What it was computed from.
    result : Spectrogram or None
        What is shown; None is computed here. All of it is compared, unless that is much: then the first part of one
        channel.
    channel : (batch item, channel)
        Which one that is.
    stop : callable
        Asked now and then; the comparison ends where it returns True.

    Returns
    -------
    Agreement or None
        None if it was stopped. A failure becomes a sentence.
    """
    samples, output, sentence = sound.samples, None if result is None else result.values, ""
    most = _most_samples(layer.settings)
    if math.prod(samples.shape) > most:
        item, index = channel
        samples, output = samples[item : item + 1, :most, index : index + 1], None
        sentence = f"Checked on {samples.shape[1]:,} of {sound.samples.shape[1]:,} samples of the channel shown."
    inputs = samples if layer.settings.channels_last else samples.swapaxes(1, 2)
    try:
        reports = tuple(crosscheck(layer, inputs, QUICK, output=output, stop=stop).values())
    except Stopped:
        return None
    except Exception as error:
        logger.exception("The cross-check failed")
        return Agreement(True, (), f"The check could not be made: {type(error).__name__}. The log tells more.")
    return Agreement(True, reports, sentence)


def _most_samples(settings: STFTSettings) -> int:
    """Return how many samples are checked: as many as there is reason to, and room for their output."""
    frame_bytes = settings.n_outputs * np.dtype(settings.result_dtype).itemsize
    return min(MAX_SAMPLES, settings.frame_length + MAX_BYTES // frame_bytes * settings.step)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Return values that JSON knows: numbers that are not finite become texts, tuples lists."""
    return {name: _plain_value(value) for name, value in values.items()}


def _plain_value(value: Any) -> Any:
    """Return one value as JSON knows it."""
    if isinstance(value, tuple | list):
        return [_plain_value(item) for item in value]
    if isinstance(value, float) and not abs(value) < float("inf"):
        return str(value)
    return value
