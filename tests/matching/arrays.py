"""Arrays drawn at random from libraries, for `identify`: each seed gives a pipeline, a signal and another signal.

The pipelines are calls of librosa, SciPy, PyTorch, Keras, Kaldi and transformers, and recipes in their terms; none uses
this package.
"""

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import scipy.signal

from specwidget.sounds.recordings import RECORDINGS, load_recording

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("HF_HUB_OFFLINE", "1")


@dataclass
class Case:
    """One array.

    `make` turns samples into an array, `signal` is what it is made of, `rate` is claimed, `other` is the signal that
    the answer is tested on.
    """

    seed: int
    source: str
    text: str
    make: Callable[[np.ndarray], np.ndarray]
    signal: np.ndarray
    rate: float
    other: np.ndarray
    kind: str = "plain"
    features: Any = None

    @property
    def array(self):
        """The array that is identified."""
        return self.make(self.signal) if self.features is None else self.features


# Signals


@cache
def recording(name, rate):
    samples = load_recording(name).samples[0, :, 0].astype(float)
    return scipy.signal.resample_poly(samples, rate // 25, 44_100 // 25)


def draw_signal(rng, rate, kind=None):
    """A recording, a short sound of 0.2 to 0.5 s, or noise, with 1 to 3 s otherwise."""
    kind = kind or rng.choice(["recording", "short", "noise"], p=[0.6, 0.2, 0.2])
    if kind == "noise":
        n_samples = int(rng.uniform(0.8, 2.5) * rate)
        noise = rng.standard_normal(n_samples)
        slope = rng.uniform(0, 0.95)
        coloured = scipy.signal.lfilter([1], [1, -slope], noise)
        return (0.1 * coloured / coloured.std() * (0.2 + rng.random() * np.hanning(n_samples))).astype("float32")
    longest = {"short": 0.5, "recording": 3.0}[kind]
    shortest = {"short": 0.2, "recording": 1.0}[kind]
    # SciPy shortens a frame that is longer than the signal, which is then another pipeline.
    long_enough = [name for name in RECORDINGS if len(recording(name, rate)) >= 0.2 * rate]
    sound = recording(str(rng.choice(long_enough)), rate)
    n_samples = min(len(sound), int(rng.uniform(shortest, longest) * rate))
    first = rng.integers(0, len(sound) - n_samples + 1)
    return sound[first : first + n_samples].astype("float32")


# Tails


def draw_tail(rng, *, of_power):
    """A function of powers (or of magnitudes), in the terms of the libraries."""
    import librosa

    kind = rng.choice(
        ["none", "root", "db", "db max", "ln add", "ln max", "log10 max", "log1p", "affine", "whisper"],
        p=[0.2, 0.12, 0.15, 0.12, 0.1, 0.1, 0.06, 0.05, 0.05, 0.05],
    )
    small = float(rng.choice([1e-10, 1e-5, 1e-6, 1e-8, 1e-9]))

    def tail(power):
        magnitude = np.sqrt(power) if of_power else power
        if kind == "none":
            return power
        if kind == "root":
            return magnitude
        if kind == "db":
            return librosa.power_to_db(power) if of_power else librosa.amplitude_to_db(power)
        if kind == "db max":
            return librosa.power_to_db(power, ref=np.max) if of_power else librosa.amplitude_to_db(power, ref=np.max)
        if kind == "ln add":
            return np.log(power + small)
        if kind == "ln max":
            return np.log(np.maximum(power, small))
        if kind == "log10 max":
            return np.log10(np.maximum(power, small))
        if kind == "log1p":
            return np.log1p(power)
        logs = np.log(np.maximum(power, small)) if kind == "affine" else np.log10(np.maximum(power, 1e-10))
        if kind == "affine":
            return (logs + 4.2) / 4.6
        return (np.maximum(logs, logs.max() - 8) + 4) / 4

    return f"{kind} {small:g}", tail


# Sources: each takes a generator and a rate, and returns a text and a function


def draw_lengths(rng, rate):
    n_fft = int(rng.choice([256, 512, 1024, 2048, 400, 800]))
    win = (
        n_fft
        if rng.random() < 0.6
        else int(min(n_fft, rng.choice([round(0.025 * rate), n_fft // 2, 3 * n_fft // 4, 400])))
    )
    hop = int(rng.choice([win // 4, win // 2, n_fft // 4, n_fft // 8, round(0.01 * rate), 160, 200, 256]))
    return n_fft, max(win, 32), max(16, min(hop, n_fft))


def librosa_stft(rng, rate):
    import librosa

    n_fft, win, hop = draw_lengths(rng, rate)
    window = rng.choice(
        ["hann", "hamming", "blackman", "boxcar", "bartlett", "blackmanharris"], p=[0.6, 0.15, 0.1, 0.05, 0.05, 0.05]
    )
    center, mode = bool(rng.random() < 0.8), str(rng.choice(["constant", "reflect", "edge"], p=[0.6, 0.3, 0.1]))
    is_complex = rng.random() < 0.2
    name, tail = draw_tail(rng, of_power=True)

    def make(x):
        z = librosa.stft(
            x, n_fft=n_fft, win_length=win, hop_length=hop, window=str(window), center=center, pad_mode=mode
        )
        return z if is_complex else tail(np.abs(z) ** 2)

    return f"stft({n_fft}, {win}, {hop}, {window}, center={center}, {mode}) {'complex' if is_complex else name}", make


def librosa_mel(rng, rate):
    import librosa

    n_fft, win, hop = draw_lengths(rng, rate)
    n_fft, win = max(n_fft, 512), max(win, 300)
    options = {
        "n_mels": int(rng.choice([40, 64, 80, 128])),
        "fmin": float(rng.choice([0, 20, 50, 80, 125])),
        "fmax": float(rng.choice([rate / 2, min(8000, rate / 2), 0.95 * rate / 2 // 100 * 100])),
        "htk": bool(rng.random() < 0.3),
        "norm": [None, "slaney"][int(rng.random() < 0.75)],
        "power": float(rng.choice([2.0, 2.0, 1.0])),
    }
    window = str(rng.choice(["hann", "hamming"], p=[0.85, 0.15]))
    center, mode = bool(rng.random() < 0.85), str(rng.choice(["constant", "reflect"]))
    name, tail = draw_tail(rng, of_power=options["power"] == 2.0)

    def make(x):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            mel = librosa.feature.melspectrogram(
                y=x,
                sr=rate,
                n_fft=n_fft,
                win_length=win,
                hop_length=hop,
                window=window,
                center=center,
                pad_mode=mode,
                **options,
            )
        return tail(mel)

    return f"mel({n_fft}, {win}, {hop}, {window}, center={center}, {mode}, {options}) {name}", make


def scipy_any(rng, rate):
    nperseg = int(rng.choice([256, 512, 400, 1024]))
    noverlap = int(rng.choice([nperseg // 2, nperseg * 3 // 4, nperseg - 160, nperseg // 8]))
    nfft = int(rng.choice([nperseg, 1 << (nperseg - 1).bit_length()]))
    window = [("tukey", 0.25), "hann", "hamming", "blackman", ("kaiser", 8.6)][int(rng.integers(5))]
    function = str(rng.choice(["stft", "spectrogram", "ShortTimeFFT"]))
    scaling = str(rng.choice(["density", "spectrum"]))
    name, tail = draw_tail(rng, of_power=True)
    if function == "spectrogram":
        detrend = [False, "constant"][int(rng.random() < 0.7)]
        mode = str(rng.choice(["psd", "magnitude", "complex"], p=[0.7, 0.2, 0.1]))

        def make(x):
            s = scipy.signal.spectrogram(
                x, rate, window, nperseg, noverlap, nfft, detrend=detrend, scaling=scaling, mode=mode
            )[2]
            return tail(s) if mode == "psd" else s

        return f"spectrogram({window}, {nperseg}, {noverlap}, {nfft}, {detrend}, {scaling}, {mode}) {name}", make
    if function == "stft":
        boundary = [None, "zeros", "even", "odd", "constant"][int(rng.choice(5, p=[0.2, 0.5, 0.1, 0.1, 0.1]))]
        padded, is_complex = bool(rng.random() < 0.7), bool(rng.random() < 0.5)
        scaling = {"density": "psd", "spectrum": "spectrum"}[scaling]

        def make(x):
            z = scipy.signal.stft(
                x, rate, window, nperseg, noverlap, nfft, boundary=boundary, padded=padded, scaling=scaling
            )[2]
            return z if is_complex else tail(np.abs(z) ** 2)

        text = f"stft({window}, {nperseg}, {noverlap}, {nfft}, {boundary}, padded={padded}, {scaling})"
        return f"{text} {'complex' if is_complex else name}", make
    symmetric = bool(rng.random() < 0.5)
    values = scipy.signal.get_window(window, nperseg, fftbins=not symmetric)
    fft_mode = str(rng.choice(["onesided", "onesided2X", "twosided"], p=[0.7, 0.2, 0.1]))
    scale = {"density": "psd", "spectrum": "magnitude"}[scaling]
    padding = str(rng.choice(["zeros", "edge", "even", "odd"], p=[0.7, 0.1, 0.1, 0.1]))
    is_complex = bool(rng.random() < 0.3)

    def make(x):
        transform = scipy.signal.ShortTimeFFT(
            values, nperseg - noverlap, rate, fft_mode=fft_mode, mfft=nfft, scale_to=scale
        )
        return transform.stft(x, padding=padding) if is_complex else tail(transform.spectrogram(x, padding=padding))

    text = f"ShortTimeFFT({window}, sym={symmetric}, {nperseg}, {noverlap}, {nfft}, {fft_mode}, {scale}, {padding})"
    return f"{text} {'complex' if is_complex else name}", make


def torch_spectrum(x, options):
    import torch

    return torch.stft(torch.as_tensor(x), return_complex=True, **options)


def torch_options(rng, rate):
    import torch

    n_fft, win, hop = draw_lengths(rng, rate)
    window = str(rng.choice(["hann", "hamming", "none"], p=[0.75, 0.15, 0.1]))
    make = {"hann": torch.hann_window, "hamming": torch.hamming_window, "none": torch.ones}[window]
    periodic = bool(rng.random() < 0.85)
    values = make(win) if window == "none" else make(win, periodic=periodic)
    options = {
        "n_fft": n_fft,
        "hop_length": hop,
        "win_length": win,
        "window": values,
        "center": bool(rng.random() < 0.8),
        "pad_mode": str(rng.choice(["reflect", "constant"], p=[0.8, 0.2])),
    }
    text = f"{n_fft}, {win}, {hop}, {window}, periodic={periodic}, center={options['center']}, {options['pad_mode']}"
    return text, options


def torch_stft(rng, rate):
    text, options = torch_options(rng, rate)
    normalized, onesided = bool(rng.random() < 0.2), bool(rng.random() < 0.9)
    form = str(rng.choice(["complex", "pairs", "values"], p=[0.2, 0.15, 0.65]))
    name, tail = draw_tail(rng, of_power=True)

    def make(x):
        z = torch_spectrum(x, options | {"normalized": normalized, "onesided": onesided}).numpy()
        if form == "complex":
            return z
        return np.stack([z.real, z.imag], -1) if form == "pairs" else tail(np.abs(z) ** 2)

    return f"torch.stft({text}, normalized={normalized}, onesided={onesided}) {form} {name}", make


def torchaudio_mel(rng, rate):
    import librosa

    text, options = torch_options(rng, rate)
    n_fft = options["n_fft"]
    power = float(rng.choice([2.0, 2.0, 1.0]))
    n_mels = int(rng.choice([40, 64, 80])) if n_fft < 1024 else int(rng.choice([64, 80, 128]))
    low, high = float(rng.choice([0, 0, 20, 40])), float(rng.choice([rate / 2, min(7600, rate / 2)]))
    slaney = bool(rng.random() < 0.25)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bank = librosa.filters.mel(
            sr=rate, n_fft=n_fft, n_mels=n_mels, fmin=low, fmax=high, htk=not slaney, norm="slaney" if slaney else None
        )
    kind = str(rng.choice(["none", "db 80", "ln add", "ln clamp", "normalized bands"]))
    small = float(rng.choice([1e-6, 1e-9, 1e-5]))

    def make(x):
        mel = bank @ (np.abs(torch_spectrum(x, options).numpy()) ** power)
        if kind == "none":
            return mel
        if kind == "db 80":
            return librosa.power_to_db(mel, top_db=80)
        logs = np.log(mel + small) if kind == "ln add" else np.log(np.maximum(mel, small))
        if kind == "normalized bands":
            return (logs - logs.mean(1, keepdims=True)) / (logs.std(1, keepdims=True) + 1e-8)
        return logs

    return (
        f"MelSpectrogram({text}, {n_mels}, {low:g}-{high:g}, slaney={slaney}, power={power:g}) {kind} {small:g}",
        make,
    )


def keras_stft(rng, rate):
    import keras

    length = int(rng.choice([256, 400, 512, 1024]))
    options = {
        "mode": str(rng.choice(["log", "magnitude", "psd", "stft"], p=[0.4, 0.25, 0.25, 0.1])),
        "frame_length": length,
        "frame_step": int(rng.choice([length // 2, length // 4, 160])),
        "fft_length": int(rng.choice([1 << (length - 1).bit_length(), length])),
        "window": str(rng.choice(["hann", "hamming", "blackman"], p=[0.7, 0.2, 0.1])),
        "scaling": str(rng.choice(["density", "spectrum"])),
        "periodic": bool(rng.random() < 0.3),
        "padding": str(rng.choice(["valid", "same"])),
    }

    def make(x):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            layer = keras.layers.STFTSpectrogram(trainable=False, **options)
        return keras.ops.convert_to_numpy(layer(x[None, :, None].astype("float32")))

    return f"STFTSpectrogram({options})", make


def keras_mel(rng, rate):
    import keras

    length = int(rng.choice([512, 1024, 2048]))
    options = {
        "fft_length": length,
        "sequence_stride": int(rng.choice([length // 4, length // 2, 160])),
        "sequence_length": int(rng.choice([length, 400])),
        "sampling_rate": rate,
        "num_mel_bins": int(rng.choice([40, 64, 80, 128] if length > 512 else [40, 64])),
        "min_freq": float(rng.choice([20, 0, 80])),
        "max_freq": float(rate // 2),
        "power_to_db": bool(rng.random() < 0.8),
        "mag_exp": float(rng.choice([2.0, 1.0], p=[0.8, 0.2])),
    }

    def make(x):
        return keras.ops.convert_to_numpy(keras.layers.MelSpectrogram(**options)(x[None].astype("float32")))

    return f"MelSpectrogram({options})", make


def kaldi_fbank(rng, rate):
    import kaldi_native_fbank as knf

    options = knf.FbankOptions()
    frame, mel = options.frame_opts, options.mel_opts
    frame.dither = 0
    frame.samp_freq = rate
    frame.window_type = str(rng.choice(["povey", "hamming", "hanning"], p=[0.7, 0.2, 0.1]))
    frame.preemph_coeff = float(rng.choice([0.97, 0.0], p=[0.8, 0.2]))
    frame.remove_dc_offset = bool(rng.random() < 0.85)
    frame.snip_edges = bool(rng.random() < 0.7)
    mel.num_bins = int(rng.choice([80, 40, 64, 23]))
    mel.low_freq = float(rng.choice([20, 0, 64]))
    mel.high_freq = float(rng.choice([0, -400, -200]))
    options.use_power = bool(rng.random() < 0.85)
    gain = float(rng.choice([32768.0, 1.0]))
    text = f"{frame.window_type}, {frame.preemph_coeff:.2f}, dc={frame.remove_dc_offset}, snip={frame.snip_edges}"
    text += f", {mel.num_bins}, {mel.low_freq:g}, {mel.high_freq:g}, power={options.use_power}, x{gain:g}"

    def make(x):
        found = knf.OnlineFbank(options)
        found.accept_waveform(rate, (x * gain).tolist())
        found.input_finished()
        return np.stack([found.get_frame(index) for index in range(found.num_frames_ready)])

    return f"fbank({text})", make


EXTRACTORS = {
    "WhisperFeatureExtractor": ("raw_speech", "input_features", 16_000),
    "SeamlessM4TFeatureExtractor": ("raw_speech", "input_features", 16_000),
    "Speech2TextFeatureExtractor": ("raw_speech", "input_features", 16_000),
    "SpeechT5FeatureExtractor": ("audio_target", "input_values", 16_000),
    "ASTFeatureExtractor": ("raw_speech", "input_values", 16_000),
    "ParakeetFeatureExtractor": ("raw_speech", "input_features", 16_000),
    "ClapFeatureExtractor": ("raw_speech", "input_features", 48_000),
}


@cache
def extractor(name, **options):
    import transformers

    return getattr(transformers, name)(**options)


def transformers_any(rng, rate):
    names = [name for name, each in EXTRACTORS.items() if each[2] == rate] or ["WhisperFeatureExtractor"]
    if rng.random() < 0.4:
        return transformers_spectrogram(rng, rate)
    name = str(rng.choice(names))
    options = {"feature_size": int(rng.choice([80, 128]))} if name.startswith("Whisper") else {}
    argument, output, own_rate = EXTRACTORS[name]

    def make(x):
        return np.asarray(extractor(name, **options)(**{argument: x}, sampling_rate=own_rate)[output][0])

    return f"{name}({options})", make


def transformers_spectrogram(rng, rate):
    from transformers import audio_utils

    n_fft, win, hop = draw_lengths(rng, rate)
    n_fft, win = max(n_fft, 512), max(win, 300)
    scale = str(rng.choice(["htk", "slaney", "kaldi"]))
    n_mels, in_mel = int(rng.choice([40, 64, 80])), bool(rng.random() < 0.3)
    bank = audio_utils.mel_filter_bank(
        n_fft // 2 + 1,
        n_mels,
        float(rng.choice([0, 20, 80])),
        rate / 2,
        rate,
        None,
        scale,
        triangularize_in_mel_space=in_mel,
    )
    periodic, center = bool(rng.random() < 0.7), bool(rng.random() < 0.7)
    window = audio_utils.window_function(win, str(rng.choice(["hann", "povey"], p=[0.8, 0.2])), periodic=periodic)
    log = str(rng.choice(["log", "log10", "dB"]))
    preemphasis = [None, 0.97][int(rng.random() < 0.3)]
    text = f"{n_fft}, {win}, {hop}, {scale}, {n_mels}, in_mel={in_mel}, periodic={periodic}, center={center}"
    text += f", {log}, {preemphasis}"

    def make(x):
        return audio_utils.spectrogram(
            x, window, win, hop, n_fft, power=2.0, center=center, mel_filters=bank, log_mel=log, preemphasis=preemphasis
        )

    return f"spectrogram({text})", make


SOURCES = {
    "librosa stft": (librosa_stft, 0.15),
    "librosa mel": (librosa_mel, 0.17),
    "SciPy": (scipy_any, 0.18),
    "torch": (torch_stft, 0.12),
    "torchaudio": (torchaudio_mel, 0.12),
    "Keras STFT": (keras_stft, 0.06),
    "Keras mel": (keras_mel, 0.06),
    "Kaldi": (kaldi_fbank, 0.07),
    "transformers": (transformers_any, 0.07),
}

RATES = (16_000, 16_000, 22_050, 8000, 24_000, 44_100, 48_000)


def draw(seed, source=None):
    """Draw an array; the first that has at least 3 frames, no NaN, and can be made of the other signal as well."""
    rng = np.random.default_rng([16, seed])
    names = list(SOURCES)
    while True:
        name = source or str(rng.choice(names, p=[SOURCES[each][1] for each in names]))
        rate = (
            int(rng.choice(RATES))
            if name not in ("transformers", "Kaldi")
            else int(rng.choice([16_000, 16_000, 48_000]))
        )
        text, make = SOURCES[name][0](rng, rate)
        signal = draw_signal(rng, rate)
        other = draw_signal(rng, rate, "recording")
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                array, second = make(signal), make(other)
        except (ValueError, RuntimeError, TypeError, IndexError):
            continue
        if (
            min(array.shape[-2:]) >= 3
            and np.isfinite(array).all()
            and np.isfinite(second).all()
            and np.ptp(np.abs(array)) > 0
        ):
            return Case(seed, name, f"{rate} Hz, {len(signal)}: {text}", make, signal, rate, other, features=array)


# What happens to arrays on their way, and arrays that no settings reproduce

VARIATIONS = ("cropped", "padded", "trimmed", "bands normalized", "float16", "wrong rate")

REPEATABLE = ("plain", "bands normalized", "float16", "wrong rate")
"""Kinds of arrays that are made of another signal in the same way."""


def vary(seed, kind):
    """Draw an array of a usual source, and change it or its signal as `kind` says."""
    rng = np.random.default_rng([17, seed])
    mel_only = kind in ("wrong rate", "bands normalized")
    source = str(
        rng.choice(["librosa mel", "torchaudio"] if mel_only else ["librosa stft", "librosa mel", "torch", "SciPy"])
    )
    number = seed * 1000
    while True:
        case = draw(number, source)
        frames_last = source != "Kaldi"
        long_enough = case.features.shape[-1] >= 30 and case.features.ndim == 2 and not np.iscomplexobj(case.features)
        if long_enough and not (kind == "bands normalized" and "normalized" in case.text):
            break
        number += 1
    assert frames_last
    case.seed, case.kind, array = seed, kind, case.features
    if kind == "cropped":
        first = int(rng.integers(1, 6))
        case.features = array[:, first : array.shape[1] - int(rng.integers(0, 4))]
    elif kind == "padded":
        case.features = np.pad(array, ((0, 0), (0, int(rng.integers(5, 60)))), constant_values=float(array.min()))
    elif kind == "trimmed":
        first = int(rng.integers(50, len(case.signal) // 4))
        case.features = case.make(case.signal[first : len(case.signal) - int(rng.integers(0, len(case.signal) // 5))])
    elif kind == "wrong rate":
        case.rate = {16_000: 22_050, 22_050: 16_000}.get(case.rate, 16_000)
    else:
        make, change = case.make, {"bands normalized": normalize_bands, "float16": lambda x: x.astype(np.float16)}[kind]
        case.make = lambda x: change(make(x))
        case.features = case.make(case.signal)
    return case


def normalize_bands(array):
    deviation = array.std(axis=1, keepdims=True)
    # A constant band becomes 0, whatever rounding its mean has.
    return (array - array.mean(axis=1, keepdims=True)) / np.where(deviation > 1e-4 * array.std(), deviation, np.inf)


NEGATIVES = ("another sound", "resampled", "constant-Q", "python_speech_features", "chroma")


def draw_negative(seed):
    """Draw an array that no settings make of the signal."""
    import librosa

    rng = np.random.default_rng([18, seed])
    kind = NEGATIVES[seed % len(NEGATIVES)]
    case = draw(seed + 10_000, str(rng.choice(["librosa stft", "librosa mel", "torch"])))
    case.seed, case.kind, signal, rate = seed, kind, case.signal, case.rate
    if kind == "another sound":
        n_samples = min(len(signal), len(case.other))
        other = case.other[:n_samples]
        # The other recording may be the same one.
        other = other[::-1].copy() if np.array_equal(other, signal[:n_samples]) else other
        case.signal, case.features = signal[:n_samples], case.make(other)
    elif kind == "resampled":
        case.features = case.make(scipy.signal.resample_poly(signal, 147, 160).astype("float32"))
    elif kind == "constant-Q":
        signal = np.tile(signal, 3)
        case.signal, case.features = signal, np.abs(librosa.cqt(signal, sr=rate, fmin=80, n_bins=48))
    elif kind == "python_speech_features":
        import python_speech_features

        case.features = python_speech_features.logfbank(signal, rate, nfilt=40, nfft=2048)
    else:
        case.features = librosa.feature.chroma_stft(y=signal, sr=rate)
    case.source = kind
    return case
