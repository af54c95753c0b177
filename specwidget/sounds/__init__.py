"""Sounds to explore: bundled recordings, synthetic signals with known answers, files and arrays.

Whatever it comes from, a sound is a `Sound`: samples of shape (B, L, C), a sample rate in Hz or None, a name, a
credit and a description of what to look for.

- `RECORDINGS` maps names to `Recording`; `load_recording` reads one, `DEFAULT_RECORDING` names the first to show.
- `SYNTHETIC_SIGNALS` maps names to `Synthetic`, functions whose answer is known; `make_synthetic` computes one.
- `read_sound` reads a file or an upload, `list_sound_files` finds those in a folder. What cannot be read raises
  `SoundError`, a ValueError of one sentence.
- `as_sound` turns what a caller may hand to `explore` (nothing, a path, a sound or an array) into a `Sound`.
"""

from specwidget.sounds.audio_files import list_sound_files, read_sound
from specwidget.sounds.conversion import as_sound
from specwidget.sounds.recordings import DEFAULT_RECORDING, RECORDINGS, Recording, load_recording
from specwidget.sounds.sound import Sound, SoundError
from specwidget.sounds.synthetic import SYNTHETIC_SIGNALS, Synthetic, make_synthetic

__all__ = [
    "DEFAULT_RECORDING",
    "RECORDINGS",
    "SYNTHETIC_SIGNALS",
    "Recording",
    "Sound",
    "SoundError",
    "Synthetic",
    "as_sound",
    "list_sound_files",
    "load_recording",
    "make_synthetic",
    "read_sound",
]
