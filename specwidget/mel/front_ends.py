"""The front ends of published models and libraries: `front_ends["whisper"]` and so on, one entry each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.array_types import check_array_type
from specwidget.arrays import to_numpy
from specwidget.mel.conventions import MelConventions
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.mfcc import MFCC
from specwidget.mel.settings import MelSettings

Samples = NDArray[Any]
Prepare = Callable[[Samples], Samples]
Arrange = Callable[[NDArray[Any]], NDArray[Any]]

RECIPE = "from the published recipe"
"""How a front end says that its original can't be run beside it."""

EPSILON32 = float(np.finfo("float32").eps)
"""Kaldi's floor of a band."""


@dataclass(frozen=True)
class FrontEnd:
    """A front end: a layer, and what the original does before and after it.

    Parameters
    ----------
    name : str
        Its key in `front_ends`.
    layer : MelSpectrogram or MFCC
        The layer; its values are (bands, frames).
    source : str
        The original, and its version where it is run beside this one; or that the numbers are from the published
        recipe.
    reason : str
        In what it differs from others, and where it matters.
    prepare : callable
        Takes samples (L,) and returns those that the layer gets.
    arrange : callable
        Takes the layer's result (M, T) and returns the features.
    """

    name: str
    layer: MelSpectrogram | MFCC
    source: str
    reason: str
    prepare: Prepare
    arrange: Arrange

    @property
    def mel(self) -> MelSpectrogram:
        """The mel spectrogram: the layer itself, or the one before its cosine transform."""
        return self.layer.mel if isinstance(self.layer, MFCC) else self.layer

    @property
    def sample_rate(self) -> float:
        """Sample rate that the front end expects, Hz."""
        return self.mel.settings.sampling_rate

    @property
    def is_layer_alone(self) -> bool:
        """Whether the features are the layer's values: nothing is padded, cut, stacked or appended."""
        return self.prepare is _as_given and self.arrange in (_as_given, _frames_first)

    def features(self, signal: Any) -> NDArray[np.float32]:
        """Compute what the original returns for a recording.

        Parameters
        ----------
        signal : array (time,)
            Samples at `sample_rate`, of a float type, with full scale 1.

        Returns
        -------
        ndarray of float32
            The features in the original's shape and orientation, without an axis of recordings.

        Raises
        ------
        ValueError
            If `signal` does not have one axis, or the original's result would be random.
        TypeError
            If `signal` is not an array of a float type.

        Notes
        -----
        Computed in float64 and rounded once; a call of `layer` takes half the time.

        Examples
        --------
        >>> front_ends["whisper"].features(np.zeros(16_000, "float32")).shape
        (80, 3000)
        """
        check_array_type("signal", signal)
        if len(signal.shape) != 1:
            raise ValueError(f"`signal` must have 1 axis (time,); got shape {tuple(signal.shape)}.")
        features = self.arrange(_in_float64(self.layer)(self.prepare(to_numpy(signal))))
        return np.ascontiguousarray(features, dtype=np.float32)


def _in_float64(layer: MelSpectrogram | MFCC) -> MelSpectrogram | MFCC:
    """Return the layer with results of float64."""
    if isinstance(layer, MelSpectrogram):
        return MelSpectrogram.from_settings(replace(layer.settings, dtype="float64"), layer.name)
    mel: Any = _in_float64(layer.mel)
    return MFCC(mel, layer.num_coefficients, layer.convention, layer.lifter, layer.zeroth, name=layer.name)


def _as_given(array: NDArray[Any]) -> NDArray[Any]:
    return array


def _frames_first(bands: NDArray[Any]) -> NDArray[Any]:
    return bands.T


def _pad_to(n_samples: int) -> Prepare:
    """Return the function that pads with zeros, or cuts, to a number of samples."""

    def pad(signal: Samples) -> Samples:
        return np.pad(signal[:n_samples], (0, max(n_samples - len(signal), 0)))

    return pad


def _pad_frames_to(n_frames: int, value: float) -> Arrange:
    """Return the function that puts frames first, and pads or cuts to a number of them."""

    def arrange(bands: NDArray[Any]) -> NDArray[Any]:
        kept = bands.T[:n_frames]
        return np.pad(kept, ((0, n_frames - len(kept)), (0, 0)), constant_values=value)

    return arrange


def _stack_pairs(bands: NDArray[Any]) -> NDArray[Any]:
    """Put two successive frames side by side; a last frame without a second gets one of zeros."""
    frames = np.pad(bands.T, ((0, bands.shape[1] % 2), (0, 0)))
    return frames.reshape(len(frames) // 2, -1)


def _append_silent_frame(bands: NDArray[Any]) -> NDArray[Any]:
    """Put frames first, and append one of zeros: the last one, which the normalization leaves out."""
    return np.pad(bands.T, ((0, 1), (0, 0)))


def _repeat_to(n_samples: int) -> Prepare:
    """Return the function that repeats a recording as often as it fits whole, and fills up with zeros."""

    def repeat(signal: Samples) -> Samples:
        if len(signal) > n_samples:
            raise ValueError(
                f"`signal` must have at most {n_samples} samples: the original takes random parts of longer ones; "
                f"got {len(signal)}. Cut the part that you want."
            )
        repeated = np.tile(signal, n_samples // len(signal))
        return np.pad(repeated, (0, n_samples - len(repeated)))

    return repeat


def _four_times(bands: NDArray[Any]) -> NDArray[Any]:
    """Stack four copies, in place of the whole and three parts of a longer recording."""
    return np.stack([bands.T] * 4)


def _patches(step: int) -> Arrange:
    """Return the function that cuts patches of 96 frames, every `step` frames."""

    def arrange(bands: NDArray[Any]) -> NDArray[Any]:
        n_patches = max((bands.shape[1] - 96) // step + 1, 0)
        starts = range(0, n_patches * step, step)
        return np.stack([bands.T[first : first + 96] for first in starts]) if starts else np.empty((0, 96, len(bands)))

    return arrange


def _pad_to_patches(signal: Samples) -> Samples:
    """Pad with zeros to whole patches of 0.96 s every 0.48 s, with the 15 ms by which the last window exceeds them."""
    first, step = 15_600, 7680
    n_steps = math.ceil(max(len(signal) - first, 0) / step)
    return np.pad(signal, (0, first + n_steps * step - len(signal)))


def _mel(*lengths: Any, **arguments: Any) -> MelSpectrogram:
    """Make a layer; what MelSettings has no field for is a convention."""
    names = MelSettings.__dataclass_fields__
    conventions = MelConventions(**{name: value for name, value in arguments.items() if name not in names})
    given: dict[str, Any] = {name: value for name, value in arguments.items() if name in names}
    settings: Any = MelSettings
    return MelSpectrogram.from_settings(settings(*lengths, conventions=conventions, **given))


SLANEY: dict[str, Any] = {"mel_scale": "slaney", "triangles": "hertz", "norm": "slaney"}
KALDI: dict[str, Any] = {
    "min_power": EPSILON32,
    "top_db": None,
    "placement": "left",
    "ends": None,
    "periodic": False,
    "remove_mean": "frame",
    "preemphasis": 0.97,
    "logarithm": "ln",
}
TENSORFLOW: dict[str, Any] = {
    "min_freq": 125.0,
    "max_freq": 7500.0,
    "top_db": None,
    "mag_exp": 1.0,
    "placement": "left",
    "ends": None,
    "floor": "add",
    "logarithm": "ln",
}
WHISPER: dict[str, Any] = {
    "min_freq": 0.0,
    "drop_last_frame": True,
    "logarithm": "log10",
    "normalization": "affine",
    "mean": -4.0,
    "deviation": 4.0,
}
AST_MEAN, AST_DEVIATION = -4.2677393, 2 * 4.5689974

_ENTRIES: tuple[tuple[str, MelSpectrogram | MFCC, str, str, Prepare, Arrange], ...] = (
    (
        "keras",
        MelSpectrogram.from_settings(MelSettings()),
        "keras.layers.MelSpectrogram, Keras 3.15.1",
        "The layer's own defaults.",
        _as_given,
        _as_given,
    ),
    (
        "librosa",
        _mel(2048, 512, sampling_rate=22_050, min_freq=0.0, power_to_db=False, ends="zeros", **SLANEY),
        "librosa.feature.melspectrogram, librosa 0.11",
        "Power without a logarithm; zeros at the ends; Slaney's scale and areas.",
        _as_given,
        _as_given,
    ),
    (
        "librosa-mfcc",
        MFCC(_mel(2048, 512, sampling_rate=22_050, min_freq=0.0, ends="zeros", **SLANEY)),
        "librosa.feature.mfcc, librosa 0.11",
        "20 coefficients of decibels that end 80 dB below the top.",
        _as_given,
        _as_given,
    ),
    (
        "torchaudio",
        _mel(400, 200, min_freq=0.0, power_to_db=False, triangles="hertz"),
        f"torchaudio.transforms.MelSpectrogram, {RECIPE}",
        "Power without a logarithm; HTK's scale with triangles over Hz; of 128 bands, 4 hold no bin.",
        _as_given,
        _as_given,
    ),
    (
        "kaldi",
        _mel(512, 160, 400, "povey", num_mel_bins=80, gain=32_768.0, **KALDI),
        "Kaldi's compute-fbank-feats without dither, as in kaldi-native-fbank 1.23",
        "Samples of 16 bits; the mean and pre-emphasis of each frame; complete frames only.",
        _as_given,
        _frames_first,
    ),
    (
        "kaldi-mfcc",
        MFCC(_mel(512, 160, 400, "povey", num_mel_bins=23, gain=32_768.0, **KALDI), 13, "kaldi", 22.0),
        "Kaldi's compute-mfcc-feats without dither and energy, as in kaldi-native-fbank 1.23",
        "13 coefficients of 23 bands, with a lifter of 22.",
        _as_given,
        _frames_first,
    ),
    (
        "whisper",
        _mel(400, 160, num_mel_bins=80, **SLANEY, **WHISPER),
        "WhisperFeatureExtractor, transformers 5.24",
        "30 s, padded or cut; values end 8 below the largest in log10, and are shifted and divided by 4.",
        _pad_to(480_000),
        _as_given,
    ),
    (
        "whisper-v3",
        _mel(400, 160, num_mel_bins=128, **SLANEY, **WHISPER),
        "WhisperFeatureExtractor with feature_size=128, transformers 5.24",
        "As whisper, with 128 bands.",
        _pad_to(480_000),
        _as_given,
    ),
    (
        "ast",
        _mel(512, 160, 400, num_mel_bins=128, normalization="affine", mean=AST_MEAN, deviation=AST_DEVIATION, **KALDI),
        "ASTFeatureExtractor, transformers 5.24",
        "Kaldi's with a Hann window and samples of full scale 1; 1024 frames, padded or cut.",
        _as_given,
        _pad_frames_to(1024, -AST_MEAN / AST_DEVIATION),
    ),
    (
        "seamless",
        _mel(
            *(512, 160, 400, "povey"),
            num_mel_bins=80,
            gain=32_768.0,
            normalization="band",
            ddof=1,
            variance_epsilon=1e-7,
            **KALDI,
        ),
        "SeamlessM4TFeatureExtractor, transformers 5.24",
        "Kaldi's, each band with mean 0 and variance 1 over the recording; pairs of frames side by side.",
        _as_given,
        _stack_pairs,
    ),
    (
        "speech2text",
        _mel(512, 160, 400, "povey", num_mel_bins=80, gain=32_768.0, normalization="band", **KALDI),
        "Speech2TextFeatureExtractor, transformers 5.24",
        "Kaldi's, each band with mean 0 and variance 1 over the recording.",
        _as_given,
        _frames_first,
    ),
    (
        "speecht5",
        _mel(
            *(1024, 256),
            num_mel_bins=80,
            min_freq=80.0,
            max_freq=7600.0,
            top_db=None,
            mag_exp=1.0,
            logarithm="log10",
            **SLANEY,
        ),
        "SpeechT5FeatureExtractor's targets, transformers 5.24",
        "The logarithm of magnitudes, not of powers.",
        _as_given,
        _frames_first,
    ),
    (
        "clap",
        _mel(
            *(1024, 480),
            sampling_rate=48_000,
            num_mel_bins=64,
            min_freq=0.0,
            max_freq=14_000.0,
            top_db=None,
            triangles="hertz",
        ),
        'ClapFeatureExtractor with truncation="fusion", transformers 5.24',
        "10 s, repeated and padded; four copies, in place of the parts of a longer recording.",
        _repeat_to(480_000),
        _four_times,
    ),
    (
        "clap-unfused",
        _mel(
            *(1024, 480),
            sampling_rate=48_000,
            num_mel_bins=64,
            min_freq=0.0,
            max_freq=14_000.0,
            top_db=None,
            **SLANEY,
        ),
        'ClapFeatureExtractor with truncation="rand_trunc", transformers 5.24',
        "As clap, with Slaney's scale and areas, and one copy.",
        _repeat_to(480_000),
        lambda bands: bands.T[None],
    ),
    (
        "nemo",
        _mel(
            *(512, 160, 400),
            num_mel_bins=80,
            min_freq=0.0,
            top_db=None,
            min_power=2.0**-24,
            ends="zeros",
            periodic=False,
            preemphasis=0.97,
            preemphasis_over="signal",
            floor="add",
            logarithm="ln",
            drop_last_frame=True,
            normalization="band",
            ddof=1,
            deviation_epsilon=1e-5,
            **SLANEY,
        ),
        "NeMo's AudioToMelSpectrogramPreprocessor, as in ParakeetFeatureExtractor, transformers 5.24",
        "Pre-emphasis of the whole signal; each band with mean 0 and deviation 1; the last frame is 0.",
        _as_given,
        _append_silent_frame,
    ),
    (
        "yamnet",
        _mel(512, 160, 400, num_mel_bins=64, min_power=0.001, **TENSORFLOW),
        f"YAMNet, features.py of TensorFlow Models, {RECIPE}",
        "Magnitudes; 0.001 is added before the logarithm; patches of 96 frames every 48.",
        _pad_to_patches,
        _patches(48),
    ),
    (
        "vggish",
        _mel(512, 160, 400, num_mel_bins=64, min_power=0.01, **TENSORFLOW),
        f"VGGish, mel_features.py and vggish_input.py of TensorFlow Models, {RECIPE}",
        "Magnitudes; 0.01 is added before the logarithm; patches of 96 frames without overlap.",
        _as_given,
        _patches(96),
    ),
    (
        "espnet",
        _mel(512, 128, num_mel_bins=80, min_freq=0.0, top_db=None, logarithm="ln", **SLANEY),
        f"ESPnet2's default frontend with LogMel, {RECIPE}",
        "Natural logarithm of librosa's bank; normalization is a later stage there.",
        _as_given,
        _frames_first,
    ),
    (
        "hifigan",
        _mel(
            *(1024, 256),
            sampling_rate=22_050,
            num_mel_bins=80,
            min_freq=0.0,
            max_freq=8000.0,
            top_db=None,
            mag_exp=1.0,
            min_power=1e-5,
            margin="half_overlap",
            power_offset=1e-9,
            logarithm="ln",
            **SLANEY,
        ),
        f"HiFi-GAN's meldataset.py, {RECIPE}",
        "Magnitudes with 1e-9 inside the root; half an overlap is reflected at each end, for L // 256 frames.",
        _as_given,
        _as_given,
    ),
)

front_ends: Mapping[str, FrontEnd] = MappingProxyType({entry[0]: FrontEnd(*entry) for entry in _ENTRIES})
"""The front ends by name."""
