"""The originals of the front ends, run offline and without weights, and the signals that they are compared on."""

import os
from functools import cache

import numpy as np
import scipy.signal

from specwidget import front_ends
from specwidget.sounds.recordings import load_recording

os.environ["HF_HUB_OFFLINE"] = "1"

BOUNDS = {
    "keras": 1e-3,
    "librosa": 1e-5,
    "librosa-mfcc": 3e-5,
    "kaldi": 1e-4,
    "kaldi-mfcc": 1e-4,
    "whisper": 2e-5,
    "whisper-v3": 2e-5,
    "ast": 1e-6,
    "seamless": 2e-5,
    "speech2text": 4e-5,
    "speecht5": 1e-6,
    "clap": 1e-5,
    "clap-unfused": 1e-5,
    "nemo": 5e-5,
}
"""Largest accepted difference, in the unit of the features, besides the rounding of originals in float32."""

FLOAT32 = ("keras", "librosa", "librosa-mfcc", "kaldi", "kaldi-mfcc", "whisper", "whisper-v3", "nemo")
"""Originals that compute in float32, where bands far below the loudest hold the rounding of the transform."""

SIGNALS = ("speech", "music", "noise", "silence", "short", "odd")

NORMALIZED = ("seamless", "speech2text", "nemo")
"""Front ends that divide by the deviation of each band, which in silence is a rounding error, or 0."""


def make_signal(kind, rate):
    """A signal of float32 at a sample rate."""
    rng = np.random.default_rng(12)
    if kind in ("noise", "silence"):
        return (0.1 * (kind == "noise") * rng.standard_normal(int(rate))).astype("float32")
    recording = load_recording("ambi_piano" if kind == "music" else "voice").samples[0, :, 0]
    resampled = scipy.signal.resample_poly(recording.astype(float), int(rate) // 50, 44_100 // 50).astype("float32")
    return {"short": resampled[3000:5100], "odd": resampled[: len(resampled) // 2 * 2 - 77]}.get(kind, resampled)


def compute_kaldi(signal, options, online):
    """Features by kaldi-native-fbank, without dither."""
    options.frame_opts.dither = 0
    features = online(options)
    features.accept_waveform(16_000, (signal * 32_768).tolist())
    features.input_finished()
    return np.stack([features.get_frame(frame) for frame in range(features.num_frames_ready)])


def kaldi(signal):
    """Kaldi's filter bank, with 80 bands."""
    import kaldi_native_fbank as knf

    options = knf.FbankOptions()
    options.mel_opts.num_bins = 80
    return compute_kaldi(signal, options, knf.OnlineFbank)


def kaldi_mfcc(signal):
    """Kaldi's MFCC, whose coefficient 0 is that of the transform."""
    import kaldi_native_fbank as knf

    options = knf.MfccOptions()
    options.use_energy = False
    return compute_kaldi(signal, options, knf.OnlineMfcc)


def keras(signal):
    """Keras's layer."""
    import keras

    return keras.ops.convert_to_numpy(keras.layers.MelSpectrogram()(signal))


def librosa(signal):
    """librosa's mel spectrogram."""
    import librosa

    return librosa.feature.melspectrogram(y=signal, sr=22_050)


def librosa_mfcc(signal):
    """librosa's MFCC."""
    import librosa

    return librosa.feature.mfcc(y=signal, sr=22_050)


@cache
def extractor(name, **arguments):
    """A feature extractor of transformers."""
    import transformers

    return getattr(transformers, name)(**arguments)


def extracted(name, output="input_features", argument="raw_speech", **arguments):
    """Return a function that computes the features of one recording by transformers."""

    def compute(signal):
        found = extractor(name, **arguments)
        batch = found(**{argument: signal}, sampling_rate=found.sampling_rate)
        return np.asarray(batch[output][0])

    return compute


ORIGINALS = {
    "keras": keras,
    "librosa": librosa,
    "librosa-mfcc": librosa_mfcc,
    "kaldi": kaldi,
    "kaldi-mfcc": kaldi_mfcc,
    "whisper": extracted("WhisperFeatureExtractor"),
    "whisper-v3": extracted("WhisperFeatureExtractor", feature_size=128),
    "ast": extracted("ASTFeatureExtractor", "input_values"),
    "seamless": extracted("SeamlessM4TFeatureExtractor"),
    "speech2text": extracted("Speech2TextFeatureExtractor"),
    "speecht5": extracted("SpeechT5FeatureExtractor", "input_values", "audio_target"),
    "clap": extracted("ClapFeatureExtractor"),
    "clap-unfused": extracted("ClapFeatureExtractor", truncation="rand_trunc"),
    "nemo": extracted("ParakeetFeatureExtractor"),
}


def allowed(name, kind):
    """Largest accepted difference: the bound, and for originals in float32 three times what that makes of ours."""
    if name not in FLOAT32:
        return BOUNDS[name]
    front_end = front_ends[name]
    signal = make_signal(kind, front_end.sample_rate)
    rounded = front_end.arrange(front_end.layer(front_end.prepare(signal)))
    return BOUNDS[name] + 3 * np.abs(rounded - front_end.features(signal)).max()


def compare(name, kind):
    """Return features of the original and of the front end."""
    front_end = front_ends[name]
    signal = make_signal(kind, front_end.sample_rate)
    with np.errstate(all="ignore"):
        return ORIGINALS[name](signal), front_end.features(signal)
