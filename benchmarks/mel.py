"""Mel spectrograms beside librosa, transformers, kaldi-native-fbank and nnAudio, each in the peer's conventions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.cases import Case
from benchmarks.measure import interleave, summarise

Row = dict[str, Any]


@dataclass(frozen=True)
class MelCase(Case):
    """A sound and the lengths it is transformed with, with an FFT length and a number of bands."""

    n_fft: int = 512
    n_bands: int = 80


MEL_CASES = {
    "mel 10s": MelCase("mel 10s", "10 s at 16 kHz, 400/160/512, 80 bands", 10, 16_000, 400, 160),
    "mel 60s": MelCase(
        "mel 60s", "60 s at 44.1 kHz, 2048/512, 128 bands", 60, 44_100, 2048, 512, n_fft=2048, n_bands=128
    ),
}

SLANEY = {"mel_scale": "slaney", "triangles": "hertz", "norm": "slaney"}
KALDI = {
    "ends": None,
    "placement": "left",
    "periodic": False,
    "gain": 32_768.0,
    "remove_mean": "frame",
    "preemphasis": 0.97,
    "logarithm": "ln",
}
TOLERANCE = 1e-3
"""Largest difference of a pair, relative to the largest value, with which a ratio is printed."""


def make_layer(case: MelCase, *, window: str = "hann", conventions: dict[str, Any], **arguments: Any) -> Any:
    """Return our layer for a case."""
    import specwidget

    return specwidget.MelSpectrogram(
        case.n_fft,
        case.frame_step,
        case.frame_length,
        window,
        case.sample_rate,
        case.n_bands,
        **{"min_freq": 0.0, "power_to_db": False} | arguments,
        conventions=specwidget.MelConventions(**conventions),
    )


def pair_librosa(case: MelCase, signal: np.ndarray) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Return calls of ours and of librosa: power without a logarithm, zeros at the ends."""
    import librosa

    layer = make_layer(case, conventions={"ends": "zeros", **SLANEY})
    arguments = {"n_fft": case.n_fft, "hop_length": case.frame_step, "win_length": case.frame_length}
    return (
        lambda: layer(signal),
        lambda: librosa.feature.melspectrogram(y=signal, sr=case.sample_rate, n_mels=case.n_bands, **arguments),
    )


def pair_transformers(case: MelCase, signal: np.ndarray) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Return calls of ours and of transformers' `spectrogram`, which feature extractors call without PyTorch."""
    from transformers.audio_utils import mel_filter_bank, spectrogram, window_function

    layer = make_layer(case, conventions={"placement": "left", **SLANEY}, power_to_db=True, top_db=None)
    half = case.sample_rate / 2
    bank = mel_filter_bank(
        case.n_fft // 2 + 1, case.n_bands, 0.0, half, case.sample_rate, norm="slaney", mel_scale="slaney"
    )
    window = window_function(case.frame_length, "hann")
    lengths = (case.frame_length, case.frame_step, case.n_fft)
    return (
        lambda: layer(signal),
        lambda: spectrogram(signal, window, *lengths, power=2.0, mel_filters=bank, log_mel="dB"),
    )


def pair_kaldi(case: MelCase, signal: np.ndarray) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Return calls of ours and of kaldi-native-fbank without dither; its frames are copied to an array."""
    import kaldi_native_fbank as knf

    floor = {"min_power": float(np.finfo("float32").eps), "min_freq": 20.0}
    layer = make_layer(case, window="povey", conventions=KALDI, power_to_db=True, top_db=None, **floor)
    options = knf.FbankOptions()
    options.frame_opts.dither = 0
    options.frame_opts.samp_freq = case.sample_rate
    # A little more than the samples, which Kaldi rounds down to.
    options.frame_opts.frame_length_ms = 1e3 * (case.frame_length + 0.1) / case.sample_rate
    options.frame_opts.frame_shift_ms = 1e3 * (case.frame_step + 0.1) / case.sample_rate
    options.mel_opts.num_bins = case.n_bands

    def compute() -> np.ndarray:
        features = knf.OnlineFbank(options)
        features.accept_waveform(case.sample_rate, signal * 32_768)
        features.input_finished()
        return np.stack([features.get_frame(frame) for frame in range(features.num_frames_ready)]).T

    return lambda: layer(signal), compute


def pair_nnaudio(case: MelCase, signal: np.ndarray) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Return calls of ours and of nnAudio on PyTorch, without gradients."""
    import torch
    from nnAudio.features.mel import MelSpectrogram

    layer = make_layer(case, conventions=SLANEY)
    arguments = {"n_fft": case.n_fft, "hop_length": case.frame_step, "win_length": case.frame_length}
    peer = MelSpectrogram(sr=case.sample_rate, n_mels=case.n_bands, verbose=False, **arguments)
    tensor = torch.from_numpy(signal)[None]

    def compute() -> np.ndarray:
        with torch.no_grad():
            return peer(tensor)[0].numpy()

    return lambda: layer(signal), compute


PAIRS = {
    "librosa melspectrogram": pair_librosa,
    "transformers spectrogram": pair_transformers,
    "kaldi-native-fbank": pair_kaldi,
    "nnAudio MelSpectrogram": pair_nnaudio,
}


def measure_mel(repeats: int) -> list[Row]:
    """Measure ours beside each peer, and how far their results differ."""
    rows = []
    for case in MEL_CASES.values():
        signal = case.make_signal()[0, :, 0].copy()
        for peer, make_pair in PAIRS.items():
            ours, theirs = make_pair(case, signal)
            error = _difference(ours(), theirs())
            # Twenty times as slow as ours, so a few runs tell as much.
            times = interleave({f"specwidget, as {peer}": ours, peer: theirs}, max(3, repeats // 2))
            least = min(next(iter(times.values())))
            for name, seconds in times.items():
                ratio = min(seconds) / least if error <= TOLERANCE else None
                rows.append({"case": case.title, "engine": name, **summarise(seconds), "ratio": ratio, "error": error})
    return rows


def _difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return the largest difference relative to the largest value; infinite for another shape."""
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max()) if ours.shape == theirs.shape else float("inf")
