"""Status of the cross-check: which samples are compared, with which peers, and their results so far."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from specwidget.front_end import FrontEndLayer
from specwidget.layer import STFTSpectrogram
from specwidget.mel.stages import FrontEndSettings
from specwidget.peers import PEERS, PeerReport
from specwidget.peers.process import CrosscheckProcess, CrosscheckProcessError, PeerResult
from specwidget.sounds import Sound
from specwidget.spectrogram import Spectrogram
from specwidget.summary.display import ChannelIndex

logger = logging.getLogger(__name__)

MAX_SAMPLES = 2**21
"""Most samples that are compared: a difference of conventions shows in far fewer."""

MAX_BYTES = 2**26
"""Most bytes of the layer's output for them."""


@dataclass(frozen=True, eq=False)
class ComparedSamples:
    """The samples that are compared: all of a sound, or the beginning of one channel.

    Parameters
    ----------
    inputs, output : array
        Input and output of the layer.
    n_samples : int
        Samples of each channel.
    sentence : str
        Which samples they are; empty for all.
    """

    inputs: Any
    output: Any
    n_samples: int
    sentence: str = ""


@dataclass(frozen=True)
class CrosscheckStatus:
    """The results of the cross-check so far.

    Parameters
    ----------
    waiting : tuple of str
        Peers that are being compared, or wait for their turn.
    reports : dict of str to PeerReport
        Reports of the peers that are done.
    failures : dict of str to str
        Messages about comparisons that failed, by peer.
    sentence : str
        Which samples were compared; empty for all.
    n_samples : int
        Number of samples that were compared.
    peers : mapping of str to peer
        The peers that have the stage, by name.
    """

    waiting: tuple[str, ...] = ()
    reports: dict[str, PeerReport] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    sentence: str = ""
    n_samples: int = 0
    peers: Mapping[str, Any] = field(default_factory=lambda: PEERS)

    @property
    def checked(self) -> bool:
        """Whether every requested comparison is done or has failed."""
        return not self.waiting and bool(self.reports or self.failures)

    def with_report(self, report: PeerReport) -> CrosscheckStatus:
        """Return the status after a comparison."""
        waiting = tuple(name for name in self.waiting if name != report.peer)
        return replace(self, waiting=waiting, reports={**self.reports, report.peer: report})

    def with_failure(self, peer: str, sentence: str) -> CrosscheckStatus:
        """Return the status after a comparison has failed."""
        waiting = tuple(name for name in self.waiting if name != peer)
        return replace(self, waiting=waiting, failures={**self.failures, peer: sentence})

    def with_failures(self, sentence: str) -> CrosscheckStatus:
        """Return the status after all comparisons under way have failed."""
        return replace(self, waiting=(), failures={**self.failures, **dict.fromkeys(self.waiting, sentence)})

    def badge(self) -> str:
        """Return the most important of the results in two words, such as "3 agree"; empty where there are none.

        Examples
        --------
        >>> CrosscheckStatus(failures={"librosa": "No memory."}).badge()
        '1 failed'
        """
        verdicts = Counter(str(report.verdict) for report in self.reports.values())
        counts = {"failed": len(self.failures), "disagree": verdicts["disagrees"]}
        if self.waiting:
            counts["waiting"] = len(self.waiting)
        counts |= {"agree": verdicts["agrees"], "differ": verdicts["differs by convention"]}
        first = next((name for name, count in counts.items() if count), "")
        if first == "waiting":
            return "comparing\u2026"
        return f"{counts[first]} {first}" if first else ""

    def to_page(self) -> list[dict[str, Any]]:
        """Return a JSON-serializable row for each peer."""
        return [self._row(name) for name in self.peers]

    def _row(self, name: str) -> dict[str, Any]:
        row: dict[str, Any] = {"peer": name, "title": self.peers[name].title}
        if name in self.waiting:
            return {**row, "status": "waiting"}
        if name in self.failures:
            return {**row, "status": "failed", "sentence": self.failures[name]}
        if name not in self.reports:
            return {**row, "status": "not compared"}
        report = self.reports[name]
        return {**row, **report.to_dict(), "status": "done", "has_map": report.errors is not None}


def peers_to_compare(requested: tuple[str, ...], peers: Mapping[str, Any] = PEERS) -> tuple[str, ...]:
    """Return the peers to compare with: those that load fast, and those that were requested.

    Peers whose import takes seconds wait for a request, unless they are not installed: to report that takes no time.
    """
    return tuple(name for name, peer in peers.items() if name in requested or not peer.is_slow_to_load or peer.missing)


def select_samples(
    layer: FrontEndLayer, sound: Sound, channel_index: ChannelIndex, result: Spectrogram | None = None
) -> ComparedSamples:
    """Select the samples to compare, and compute the layer's output for them.

    Parameters
    ----------
    layer : STFTSpectrogram or BandLayer
        The layer.
    sound : Sound
        The sound. All of it is compared if it has few enough samples, else the beginning of one channel.
    channel_index : (int, int)
        Batch item and channel of that one.
    result : Spectrogram, optional
        Result of the layer for the sound, if it is computed already.

    Returns
    -------
    ComparedSamples
    """
    samples, output, sentence = sound.samples, None if result is None else result.values, ""
    most = _most_samples(layer.settings)
    if math.prod(samples.shape) > most:
        item, channel = channel_index
        samples, output = samples[item : item + 1, :most, channel : channel + 1], None
        first, whole = samples.shape[1], sound.samples.shape[1]
        sentence = f"The first {first:,} of {whole:,} samples of the displayed channel are compared."
    inputs = samples if layer.settings.channels_last else samples.swapaxes(1, 2)
    return ComparedSamples(inputs, layer(inputs) if output is None else output, int(samples.shape[1]), sentence)


def run_crosscheck(
    process: CrosscheckProcess,
    layer: FrontEndLayer,
    sound: Sound,
    channel_index: ChannelIndex,
    peers: tuple[str, ...],
    publish: Callable[[Callable[[CrosscheckStatus], CrosscheckStatus]], None],
    stop: Callable[[], bool],
) -> bool:
    """Compare a layer's output with peers.

    Parameters
    ----------
    process : CrosscheckProcess
        Process that compares.
    layer : STFTSpectrogram or BandLayer
        The layer.
    sound : Sound
        The sound.
    channel_index : (int, int)
        Batch item and channel on display.
    peers : tuple of str
        Names of the peers.
    publish : callable
        Takes a function from the status before to the status after, as soon as there is a result.
    stop : callable
        Called now and then; the comparison is cancelled when it returns True.

    Returns
    -------
    bool
        Whether there is a result for every peer; a failure is one.
    """

    def receive(result: PeerResult) -> None:
        report = result.report
        if report is not None:
            return publish(lambda status: status.with_report(report))
        logger.error("The comparison with %s failed: %s", result.peer, result.failure)
        message = f"The comparison failed: {result.failure}"
        return publish(lambda status: status.with_failure(result.peer, message))

    try:
        selected = select_samples(layer, sound, channel_index)
        publish(lambda status: replace(status, sentence=selected.sentence, n_samples=selected.n_samples))
        kernels = tuple(layer.weights) if isinstance(layer, STFTSpectrogram) and layer.path != "fft" else ()
        return process.run(layer.settings, selected.inputs, selected.output, peers, receive, stop, kernels)
    except Exception as error:
        if stop():
            return False
        if isinstance(error, CrosscheckProcessError):
            # The message says it all; in a browser's Python no process can be started.
            logger.warning("%s", error)
            message = str(error)
        else:
            logger.exception("The cross-check failed")
            message = f"The comparison failed: {type(error).__name__}. See the log for details."
        publish(lambda status: status.with_failures(message))
        return True


def _most_samples(settings: FrontEndSettings) -> int:
    """Return the most samples to compare, within `MAX_SAMPLES` and `MAX_BYTES`."""
    frame_bytes = settings.n_outputs * np.dtype(settings.result_dtype).itemsize
    return min(MAX_SAMPLES, settings.frame_length + MAX_BYTES // frame_bytes * settings.step)
