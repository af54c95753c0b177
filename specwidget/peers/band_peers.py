"""The libraries that mel spectrograms are compared with: librosa, Keras, Kaldi's, transformers and nnAudio."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.codegen.nnaudio import window_name, zeros_around_window
from specwidget.mel.conventions import KERAS
from specwidget.mel.framing import edge_lengths, process_signal
from specwidget.mel.settings import MelSettings
from specwidget.peers.band_comparison import BandPeer
from specwidget.peers.keras import import_keras
from specwidget.peers.peer import refuse_large_kernels
from specwidget.stft.extension import extend

EPSILON32 = float(np.finfo("float32").eps)
"""Kaldi's floor of a band."""

KERAS_ARGUMENTS = (
    *("fft_length", "sequence_stride", "sequence_length", "window", "num_mel_bins"),
    *("min_freq", "max_freq", "power_to_db", "mag_exp", "min_power", "ref_power"),
)
"""Arguments of Keras's layer that are passed as they are."""

KERAS_WINDOWS = ("hann", "hamming", None)
KALDI_WINDOWS = {"povey": "povey", "hann": "hanning", "hamming": "hamming", "blackman": "blackman", None: "rectangular"}
"""Kaldi's names of windows, which are symmetric."""

Array = NDArray[Any]


def _first(reasons: list[tuple[bool, str]]) -> str:
    """Return the first reason that holds; empty if none does."""
    return next((reason for holds, reason in reasons if holds), "")


def compute_librosa(row: Array, mel: MelSettings) -> Array:
    """Compute sums of bins by `librosa.stft` and `librosa.filters.mel`."""
    import librosa

    conventions = mel.conventions
    processed = process_signal(row, mel)
    skipped, left, right = edge_lengths(len(row), mel)
    # librosa has whole FFTs only: it gets the samples of complete frames, with zeros where the window is at the start.
    offset = mel.offset if conventions.placement == "centre" else 0
    ends: Any = conventions.ends or "zeros"
    extended = extend(processed, left + offset, max(right, 0) + offset, ends)
    samples = extended[max(skipped - offset, 0) :][: len(extended) + min(right, 0)]
    window = np.ones(mel.frame_length) if mel.transform.window_values is None else mel.transform.window_values
    if conventions.placement == "left":
        samples = np.pad(samples, (0, mel.n_fft - mel.frame_length))
        window = np.pad(window, (0, mel.n_fft - mel.frame_length))
    spectrum = librosa.stft(
        samples,
        n_fft=mel.n_fft,
        hop_length=mel.step,
        win_length=len(window),
        window=window,
        center=False,
    )
    if conventions.drop_last_frame:
        spectrum = spectrum[:, : (len(row) + 2 * mel.margin - mel.span) // mel.step]
    with warnings.catch_warnings():
        # The layer names bands without a bin itself.
        warnings.filterwarnings("ignore", "Empty filters")
        bank = librosa.filters.mel(
            sr=mel.sampling_rate,
            n_fft=mel.n_fft,
            n_mels=mel.n_bands,
            fmin=mel.min_freq,
            fmax=mel.highest_frequency,
            htk=conventions.mel_scale == "htk",
            norm=conventions.norm,
            dtype=np.float64,
        )
    squared = np.abs(spectrum) ** 2 + conventions.power_offset
    return np.asarray((bank @ squared ** (mel.mag_exp / 2.0)).T)


def refuse_librosa(mel: MelSettings) -> str:
    """Say what librosa does not have."""
    conventions = mel.conventions
    has_frame_emphasis = conventions.preemphasis != 0 and conventions.preemphasis_over == "frame"
    return _first(
        [
            (conventions.triangles == "mel", "librosa's triangles are straight over Hz, these over mel."),
            (conventions.remove_mean == "frame", "librosa does not remove the mean of each frame."),
            (has_frame_emphasis, "librosa emphasizes the whole signal, not each frame."),
        ]
    )


def compute_keras(row: Array, mel: MelSettings) -> Array:
    """Compute values by `keras.layers.MelSpectrogram`."""
    keras = import_keras()
    arguments = {name: getattr(mel, name) for name in KERAS_ARGUMENTS}
    # A limit of 1000 dB is none.
    arguments["top_db"] = 1000.0 if mel.top_db is None else mel.top_db
    layer = keras.layers.MelSpectrogram(sampling_rate=int(mel.sampling_rate), dtype="float32", **arguments)
    values = np.asarray(keras.ops.convert_to_numpy(layer(row[None].astype("float32"))))
    return np.asarray(values[0].T)


def refuse_keras(mel: MelSettings) -> str:
    """Say what Keras's layer does not have."""
    values = mel.conventions.to_dict()
    changed = [name for name, value in values.items() if value != getattr(KERAS, name)]
    listed = ", ".join(f"{name}={values[name]!r}" for name in changed)
    return _first(
        [
            (bool(changed), f"Keras's layer has other conventions than {listed}, and no arguments for them."),
            (mel.window not in KERAS_WINDOWS, "Keras's layer takes the windows hann and hamming only."),
            (mel.n_fft % 2 == 1, "Keras's layer takes an even FFT length only."),
            (mel.sampling_rate != int(mel.sampling_rate), "Keras's layer takes a whole sample rate only."),
            (mel.compute_dtype != "float32", "Keras's layer is compared in float32."),
        ]
    )


def compute_kaldi(row: Array, mel: MelSettings) -> Array:
    """Compute values by kaldi-native-fbank, without dither."""
    import kaldi_native_fbank as knf

    options = knf.FbankOptions()
    frames, bands = options.frame_opts, options.mel_opts
    frames.dither = 0.0
    frames.samp_freq = mel.sampling_rate
    frames.frame_length_ms = mel.frame_length / mel.sampling_rate * 1000.0
    frames.frame_shift_ms = mel.step / mel.sampling_rate * 1000.0
    frames.window_type = KALDI_WINDOWS[mel.window]  # type: ignore[index]
    frames.preemph_coeff = mel.conventions.preemphasis
    frames.remove_dc_offset = mel.conventions.remove_mean == "frame"
    frames.round_to_power_of_two = mel.n_fft != mel.frame_length
    bands.num_bins, bands.low_freq, bands.high_freq = mel.n_bands, mel.min_freq, mel.highest_frequency
    options.use_power, options.use_log_fbank = mel.mag_exp == 2.0, mel.power_to_db
    features = knf.OnlineFbank(options)
    features.accept_waveform(mel.sampling_rate, (row * mel.conventions.gain).tolist())
    features.input_finished()
    return np.stack([features.get_frame(frame) for frame in range(features.num_frames_ready)])


def refuse_kaldi(mel: MelSettings) -> str:
    """Say what Kaldi's filter bank does not have."""
    conventions = mel.conventions
    fft = {mel.frame_length, 1 << (mel.frame_length - 1).bit_length()}
    window = mel.window if mel.window is None or isinstance(mel.window, str) else ""
    has_signal_emphasis = conventions.preemphasis != 0 and conventions.preemphasis_over == "signal"
    is_floor = mel.min_power == EPSILON32 and conventions.floor == "maximum" and mel.ref_power == 1.0
    whole = (mel.frame_length / mel.sampling_rate * 1000, mel.step / mel.sampling_rate * 1000)
    lengths = [int(mel.sampling_rate * 0.001 * np.float32(ms)) for ms in whole]
    return _first(
        [
            (conventions.ends is not None, "Kaldi computes complete frames only."),
            (conventions.placement != "left", "Kaldi puts the window at the start of the FFT."),
            (mel.n_fft not in fft, "Kaldi's FFT has the length of the frame, or the next power of two."),
            (window not in KALDI_WINDOWS, "Kaldi does not have this window."),
            (conventions.periodic and mel.window is not None, "Kaldi's windows are symmetric."),
            (conventions.remove_mean == "signal", "Kaldi removes the mean of each frame only."),
            (has_signal_emphasis, "Kaldi emphasizes each frame, not the signal."),
            (conventions.mel_scale != "htk" or conventions.triangles != "mel", "Kaldi's bank is HTK's, over mel."),
            (conventions.norm is not None, "Kaldi's triangles have a peak of 1."),
            (mel.mag_exp not in (1.0, 2.0), "Kaldi adds powers or magnitudes only."),
            (conventions.power_offset != 0, "Kaldi adds nothing to the power of bins."),
            (mel.power_to_db and conventions.logarithm != "ln", "Kaldi takes the natural logarithm."),
            (mel.power_to_db and not is_floor, f"Kaldi's floor is {EPSILON32:.4g}."),
            (conventions.drop_last_frame, "Kaldi drops no frame."),
            (bool(mel.bank.empty_bands), "Kaldi refuses bands without a bin."),
            (mel.highest_frequency > mel.sampling_rate / 2, "Kaldi's bands end at half the sample rate."),
            (mel.compute_dtype != "float32", "Kaldi computes in float32."),
            (lengths != [mel.frame_length, mel.step], "Kaldi's lengths are times, of which these are none."),
        ]
    )


def _cut_signal(row: Array, mel: MelSettings) -> Array:
    """Return the processed and extended signal from the first sample of the first window on."""
    skipped, left, right = edge_lengths(len(row), mel)
    ends: Any = mel.conventions.ends or "zeros"
    extended = extend(process_signal(row, mel), left, max(right, 0), ends)
    return np.asarray(extended[skipped : len(extended) + min(right, 0)])


def compute_transformers(row: Array, mel: MelSettings) -> Array:
    """Compute sums of bins by `spectrogram` and `mel_filter_bank` of `transformers.audio_utils`."""
    from transformers.audio_utils import mel_filter_bank, spectrogram

    conventions = mel.conventions
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "At least one mel filter")
        bank = mel_filter_bank(
            num_frequency_bins=mel.n_bins,
            num_mel_filters=mel.n_bands,
            min_frequency=mel.min_freq,
            max_frequency=mel.highest_frequency,
            sampling_rate=int(mel.sampling_rate),
            norm=conventions.norm,
            mel_scale=conventions.mel_scale,
            triangularize_in_mel_space=conventions.triangles == "mel",
        )
    window = mel.transform.window_values
    has_frame_emphasis = conventions.preemphasis_over == "frame" and conventions.preemphasis != 0
    bands = spectrogram(
        _cut_signal(row, mel),
        np.ones(mel.frame_length) if window is None else window,
        frame_length=mel.frame_length,
        hop_length=mel.step,
        fft_length=mel.n_fft,
        power=mel.mag_exp,
        center=False,
        preemphasis=conventions.preemphasis if has_frame_emphasis else None,
        mel_filters=bank,
        mel_floor=0.0,
        remove_dc_offset=conventions.remove_mean == "frame",
    )
    return np.asarray(bands.T)


def refuse_transformers(mel: MelSettings) -> str:
    """Say what transformers does not have."""
    conventions = mel.conventions
    is_even = mel.n_fft % 2 == 0 and mel.sampling_rate % 2 == 0 and mel.n_fft > 2
    return _first(
        [
            (not is_even, "transformers' bank is for even FFT lengths and even sample rates."),
            (conventions.triangles == "mel" and conventions.norm == "slaney", "transformers divides widths in mel."),
            (conventions.power_offset != 0, "transformers adds nothing to the power of bins."),
            (mel.compute_dtype != "float32", "transformers stores the spectrum in complex64."),
        ]
    )


def compute_nnaudio(row: Array, mel: MelSettings) -> Array:
    """Compute sums of bins by `nnAudio.features.mel.MelSpectrogram`."""
    import torch
    from nnAudio.features.mel import MelSpectrogram

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Empty filters")
        layer = MelSpectrogram(
            sr=mel.sampling_rate,
            n_fft=mel.n_fft,
            win_length=mel.frame_length,
            n_mels=mel.n_bands,
            hop_length=mel.step,
            window=window_name(mel.transform),
            center=False,
            power=mel.mag_exp,
            htk=mel.conventions.mel_scale == "htk",
            fmin=mel.min_freq,
            fmax=mel.highest_frequency,
            norm=1 if mel.conventions.norm == "slaney" else None,
            verbose=False,
        ).double()
    samples = np.pad(_cut_signal(row, mel), zeros_around_window(mel.transform))
    with torch.inference_mode():
        return np.asarray(layer(torch.from_numpy(samples[None].astype("float64")))[0].numpy().T)


def refuse_nnaudio(mel: MelSettings) -> str:
    """Say what nnAudio does not have."""
    conventions = mel.conventions
    has_frame_emphasis = conventions.preemphasis != 0 and conventions.preemphasis_over == "frame"
    return _first(
        [
            (window_name(mel.transform) is None, "nnAudio takes windows by a name that SciPy knows."),
            (conventions.triangles == "mel", "nnAudio's triangles are straight over Hz, these over mel."),
            (conventions.remove_mean == "frame", "nnAudio does not remove the mean of each frame."),
            (has_frame_emphasis, "nnAudio has no pre-emphasis of each frame."),
            (conventions.power_offset != 0, "nnAudio adds nothing to the power of bins."),
        ]
    ) or refuse_large_kernels("nnAudio", mel.n_fft, mel.transform)


BAND_PEERS: dict[str, BandPeer] = {
    "librosa": BandPeer("librosa", {"librosa": "librosa"}, compute_librosa, refuse_librosa, code_target="librosa"),
    "keras": BandPeer(
        "Keras MelSpectrogram",
        {"keras": "keras"},
        compute_keras,
        refuse_keras,
        computes_values=True,
        code_target="keras",
        conventions=("Limit below the top: one recording at a time, as Keras limits by the largest of a whole batch.",),
        bank_dtype="float32",
        is_slow_to_load=True,
    ),
    "kaldi": BandPeer(
        "kaldi-native-fbank",
        {"kaldi_native_fbank": "kaldi-native-fbank"},
        compute_kaldi,
        refuse_kaldi,
        computes_values=True,
        bank_dtype="float32",
        conventions=("Dither: 0; Kaldi's default of 1 adds noise.",),
    ),
    "transformers": BandPeer(
        "transformers",
        {"transformers": "transformers"},
        compute_transformers,
        refuse_transformers,
        code_target="transformers",
        is_slow_to_load=True,
    ),
    "nnaudio": BandPeer(
        "nnAudio MelSpectrogram",
        {"nnAudio": "nnAudio", "torch": "torch"},
        compute_nnaudio,
        refuse_nnaudio,
        bank_dtype="float32",
        rounds_kernels=True,
        conventions=("Window placement: the signal was zero-padded, as nnAudio centres the window in the FFT.",),
        is_slow_to_load=True,
    ),
}
"""The libraries by name."""
