"""Five realistic mistakes against Whisper and Kaldi, and layers that make them."""

from dataclasses import replace

from specwidget import MelSpectrogram, front_ends
from specwidget.mel.settings import MelSettings

MISTAKES = {
    "symmetry": {"periodic": False},
    "scale": {"mel_scale": "htk"},
    "logarithm": {"logarithm": "ln"},
    "centring": {"ends": None},
    "clamp": {"top_db": None},
}
"""Realistic mistakes against Whisper."""

KALDI_MISTAKES = {
    "symmetry": {"periodic": True},
    "scale": {"mel_scale": "slaney"},
    "logarithm": {"logarithm": "log10"},
    "centring": {"ends": "reflect"},
    "int16": {"gain": 1.0},
}
"""Against Kaldi, which centres nothing: whoever comes from librosa does."""


def changed(name, **changes):
    """The layer of a front end with other settings."""
    settings = front_ends[name].mel.settings
    own = {field: value for field, value in changes.items() if field in MelSettings.__dataclass_fields__}
    others = {field: value for field, value in changes.items() if field not in own}
    return MelSpectrogram.from_settings(replace(settings, **own, conventions=replace(settings.conventions, **others)))
