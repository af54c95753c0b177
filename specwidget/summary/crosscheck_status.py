"""Whether the peers agree with what is shown: what is compared, with whom, and what they have said so far."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from specwidget.layer import STFTSpectrogram
from specwidget.peers import PEERS, PeerReport
from specwidget.peers.process import CrosscheckProcess, PeerResult
from specwidget.sounds import Sound
from specwidget.spectrogram import Spectrogram
from specwidget.stft.settings import STFTSettings

logger = logging.getLogger(__name__)

MAX_SAMPLES = 2**21
"""Samples that are checked; more would keep the processor busy without telling more."""

MAX_BYTES = 2**26
"""Bytes of the layer's output on them."""


@dataclass(frozen=True, eq=False)
class Part:
    """What is compared: all of a result, or the first part of one channel of it.

    Parameters
    ----------
    inputs, output : array
        What goes into the layer, and what comes out.
    n_samples : int
        Samples of each channel.
    sentence : str
        Which part it is; empty where it is all.
    """

    inputs: Any
    output: Any
    n_samples: int
    sentence: str = ""


@dataclass(frozen=True)
class CrosscheckStatus:
    """What the peers say.

    Parameters
    ----------
    waiting : tuple of str
        Peers that are being compared, or wait for their turn.
    reports : dict of str to PeerReport
        What those have said that are done.
    failures : dict of str to str
        Sentences about comparisons that could not be made.
    sentence : str
        Which part was compared, where it is not all.
    n_samples : int
        Samples of that part.
    """

    waiting: tuple[str, ...] = ()
    reports: dict[str, PeerReport] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    sentence: str = ""
    n_samples: int = 0

    @property
    def checked(self) -> bool:
        """Whether every peer that was asked has answered."""
        return not self.waiting and bool(self.reports or self.failures)

    def with_report(self, report: PeerReport) -> CrosscheckStatus:
        """Return the agreement after a peer has answered."""
        waiting = tuple(name for name in self.waiting if name != report.peer)
        return replace(self, waiting=waiting, reports={**self.reports, report.peer: report})

    def with_failure(self, peer: str, sentence: str) -> CrosscheckStatus:
        """Return the agreement after a comparison has failed."""
        waiting = tuple(name for name in self.waiting if name != peer)
        return replace(self, waiting=waiting, failures={**self.failures, peer: sentence})

    def with_failures(self, sentence: str) -> CrosscheckStatus:
        """Return the agreement after no peer that was waited for could be compared with."""
        return replace(self, waiting=(), failures={**self.failures, **dict.fromkeys(self.waiting, sentence)})

    def to_page(self) -> list[dict[str, Any]]:
        """Return a row for each peer, as JSON knows it."""
        return [self._row(name) for name in PEERS]

    def _row(self, name: str) -> dict[str, Any]:
        """Return the row of one peer."""
        row: dict[str, Any] = {"peer": name, "title": PEERS[name].title}
        if name in self.waiting:
            return {**row, "status": "waiting"}
        if name in self.failures:
            return {**row, "status": "failed", "sentence": self.failures[name]}
        if name not in self.reports:
            return {**row, "status": "unasked"}
        report = self.reports[name]
        return {**row, **report.to_dict(), "status": "done", "has_map": report.errors is not None}


def peers_to_ask(asked: tuple[str, ...]) -> tuple[str, ...]:
    """Return the peers to compare with unasked, and those that were asked for.

    Those whose import takes seconds wait until they are asked for, unless they are not installed: to say so takes
    nothing.
    """
    return tuple(name for name, peer in PEERS.items() if name in asked or not peer.is_slow_to_load or peer.missing)


def part_of(layer: STFTSpectrogram, sound: Sound, channel: tuple[int, int], result: Spectrogram | None = None) -> Part:
    """Return what is compared.

    Parameters
    ----------
    layer : STFTSpectrogram
        The layer.
    sound : Sound
        What goes into it. All of it is compared, unless that is much: then the first part of one channel.
    channel : (batch item, channel)
        Which one that is.
    result : Spectrogram, optional
        What the layer made of the sound, where that is known already.

    Returns
    -------
    Part
    """
    samples, output, sentence = sound.samples, None if result is None else result.values, ""
    most = _most_samples(layer.settings)
    if math.prod(samples.shape) > most:
        item, index = channel
        samples, output = samples[item : item + 1, :most, index : index + 1], None
        sentence = f"Compared: {samples.shape[1]:,} of {sound.samples.shape[1]:,} samples of the channel shown."
    inputs = samples if layer.settings.channels_last else samples.swapaxes(1, 2)
    return Part(inputs, layer(inputs) if output is None else output, int(samples.shape[1]), sentence)


def compare(
    process: CrosscheckProcess,
    layer: STFTSpectrogram,
    sound: Sound,
    channel: tuple[int, int],
    peers: tuple[str, ...],
    publish: Callable[[Callable[[CrosscheckStatus], CrosscheckStatus]], None],
    stop: Callable[[], bool],
) -> bool:
    """Compare what is shown with peers.

    Parameters
    ----------
    process : CrosscheckProcess
        The process that compares.
    layer : STFTSpectrogram
        The layer that computes what is shown.
    sound : Sound
        What it is computed from.
    channel : (batch item, channel)
        Which one is shown.
    peers : tuple of str
        Names of the peers.
    publish : callable
        Takes what is to be done with the agreement as soon as there is something new.
    stop : callable
        Asked now and then; the comparison ends where it returns True.

    Returns
    -------
    bool
        Whether every peer has answered; what failed is an answer.
    """

    def receive(result: PeerResult) -> None:
        """Publish a result."""
        report = result.report
        if report is not None:
            return publish(lambda agreement: agreement.with_report(report))
        logger.error("The comparison with %s failed: %s", result.peer, result.failure)
        sentence = f"The comparison could not be made: {result.failure}"
        return publish(lambda agreement: agreement.with_failure(result.peer, sentence))

    try:
        part = part_of(layer, sound, channel)
        publish(lambda agreement: replace(agreement, sentence=part.sentence, n_samples=part.n_samples))
        return process.run(layer.settings, part.inputs, part.output, peers, receive, stop)
    except Exception as error:
        if stop():
            return False
        logger.exception("The cross-check failed")
        failure = f"{type(error).__name__}. The log tells more."
        publish(lambda agreement: agreement.with_failures(f"The comparison could not be made: {failure}"))
        return True


def _most_samples(settings: STFTSettings) -> int:
    """Return how many samples are checked: as many as there is reason to, and room for their output."""
    frame_bytes = settings.n_outputs * np.dtype(settings.result_dtype).itemsize
    return min(MAX_SAMPLES, settings.frame_length + MAX_BYTES // frame_bytes * settings.step)
