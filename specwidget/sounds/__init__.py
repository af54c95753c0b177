"""Sounds to explore: bundled recordings, synthetic signals, audio files and arrays.

Every source gives a `Sound`: samples of shape (B, L, C), a sample rate in Hz or None, a name, a credit and a
description of its spectrogram.

- `RECORDINGS` maps names to `Recording`; `load_recording` reads one, `DEFAULT_RECORDING` is the name of the default.
- `SYNTHETIC_SIGNALS` maps names to `SyntheticSignal`, whose spectrogram is known in advance; `make_synthetic` computes
  one.
- `read_sound` reads a file or an upload, `list_sound_files` finds the files in a folder. A file that can't be read
  raises `SoundError`, a ValueError whose message is for the user. `open_sound` opens a file to read it block by block.
- `resample` changes the sample rate of a sound.
- `as_sound` converts an argument of `explore` (None, a path, a sound or an array) to a `Sound`.
"""

from specwidget.sounds.audio_files import SoundStream, list_sound_files, open_sound, read_sound
from specwidget.sounds.conversion import as_sound
from specwidget.sounds.recordings import DEFAULT_RECORDING, RECORDINGS, Recording, load_recording
from specwidget.sounds.resampling import resample
from specwidget.sounds.sound import Sound, SoundError
from specwidget.sounds.synthetic import SYNTHETIC_SIGNALS, SyntheticSignal, make_synthetic

__all__ = [
    "DEFAULT_RECORDING",
    "RECORDINGS",
    "SYNTHETIC_SIGNALS",
    "Recording",
    "Sound",
    "SoundError",
    "SoundStream",
    "SyntheticSignal",
    "as_sound",
    "list_sound_files",
    "load_recording",
    "make_synthetic",
    "open_sound",
    "read_sound",
    "resample",
]
