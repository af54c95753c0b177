"""Conversion of `MelSpectrogram` to and from Keras's layer of the same name."""

from __future__ import annotations

from typing import Any

from specwidget.export.frameworks import load_framework
from specwidget.keras_differences import KERAS_NO_TOP
from specwidget.mel.conventions import KERAS
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.settings import MelSettings

NAMED_WINDOWS = ("hann", "hamming")
"""The windows that Keras knows by name."""


def mel_to_keras(layer: MelSpectrogram) -> Any:
    """Convert a layer to Keras; see `specwidget.export.to_keras`."""
    keras = load_framework("keras")
    settings = layer.settings
    if settings.result_dtype == "float16":
        raise ValueError(
            "`dtype` must be 'float32' or 'float64' for Keras; got 'float16'. Export a layer of 'float32': in a "
            "mixed_float16 model the next layer casts its result."
        )
    changed = [name for name, value in settings.conventions.to_dict().items() if value != getattr(KERAS, name)]
    # A window given by its values is the same, whether periodic or not.
    if changed == ["periodic"]:
        changed = []
    if changed:
        raise ValueError(
            f"`conventions` must be Keras's for its layer; got others for {', '.join(changed)}. "
            "Export it with to_torch or to_onnx, or write code with specwidget.codegen.to_code."
        )
    return keras.layers.MelSpectrogram(
        fft_length=settings.fft_length,
        sequence_stride=settings.sequence_stride,
        sequence_length=settings.frame_length,
        window=_window(settings),
        sampling_rate=settings.sampling_rate,
        num_mel_bins=settings.num_mel_bins,
        min_freq=settings.min_freq,
        max_freq=settings.highest_frequency,
        power_to_db=settings.power_to_db,
        top_db=KERAS_NO_TOP if settings.top_db is None else settings.top_db,
        mag_exp=settings.mag_exp,
        min_power=settings.min_power,
        ref_power=settings.ref_power,
        dtype=settings.result_dtype,
        name=None if layer.name == "mel_spectrogram" else layer.name,
    )


def mel_from_keras(layer: Any) -> MelSpectrogram:
    """Convert a `keras.layers.MelSpectrogram`; see `specwidget.export.from_keras`."""
    settings = MelSettings(
        fft_length=layer.fft_length,
        sequence_stride=layer.sequence_stride,
        sequence_length=layer.sequence_length,
        window=layer.window,
        sampling_rate=layer.sampling_rate,
        num_mel_bins=layer.num_mel_bins,
        min_freq=layer.min_freq,
        max_freq=layer.max_freq,
        power_to_db=layer.power_to_db,
        top_db=None if layer.top_db == KERAS_NO_TOP else layer.top_db,
        mag_exp=layer.mag_exp,
        min_power=layer.min_power,
        ref_power=layer.ref_power,
        dtype=layer.compute_dtype,
    )
    return MelSpectrogram.from_settings(settings, name=layer.name)


def _window(settings: MelSettings) -> Any:
    """Return the window as Keras accepts and saves it: a name, None, or a list of values."""
    if settings.window is None or (settings.window in NAMED_WINDOWS and settings.conventions.periodic):
        return settings.window
    return settings.transform.scaled_window.tolist()
