"""The bundled recordings, with credits and descriptions of their spectrograms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import resources

from specwidget.sounds.audio_files import read_sound
from specwidget.sounds.sound import Sound
from specwidget.stft.other_names import hinting


@dataclass(frozen=True)
class Recording:
    """A bundled recording: file name in ``recordings/``, credit, and a description of its spectrogram."""

    file: str
    title: str
    author: str
    licence: str
    source: str
    description: str

    @property
    def credit(self) -> str:
        """Title, author, licence and source in one line."""
        return f"{self.title}, by {self.author}; {self.licence}; {self.source}"


RECORDINGS: dict[str, Recording] = {
    "voice": Recording(
        "voice.flac",
        "Speech",
        "Miller Puckette and others, 1996-2022",
        "BSD-3-Clause",
        "http://msp.ucsd.edu/software.html",
        "Vowels have harmonics 70 to 130 Hz apart, the hiss of an s at 0.5 s reaches 16 kHz. "
        "Frames of 256 samples show each pulse of the voice, frames of 2048 its harmonics; "
        "a faint line at 19 kHz is in the recording.",
    ),
    "misc_crow": Recording(
        "misc_crow.flac",
        "A crow's call",
        "davidworksonline, 2008",
        "CC0-1.0",
        "http://freesound.org/people/davidworksonline/sounds/54973/",
        "A harsh call with energy from 1 to 5.5 kHz. Above that it is empty: it was once sampled at a lower rate.",
    ),
    "tabla_ghe1": Recording(
        "tabla_ghe1.flac",
        "A tabla stroke",
        "dio_333, 2011",
        "CC0-1.0",
        "http://freesound.org/people/dio_333/sounds/130406/",
        "A click over all frequencies, then a drum tone near 137 Hz that falls to 115 Hz while it fades. "
        "Only long frames resolve the tone.",
    ),
    "elec_chime": Recording(
        "elec_chime.flac",
        "A chime",
        "looppool, 2005",
        "CC0-1.0",
        "http://www.freesound.org/people/looppool/sounds/13138/",
        "Many partials from 1 to 10 kHz, not harmonic; the higher ones fade sooner. "
        "The stroke is a click at the start.",
    ),
    "ambi_choir": Recording(
        "ambi_choir.flac",
        "A choir chord",
        "Exsomniel, 2013",
        "CC0-1.0",
        "http://freesound.org/people/Exsomniel/sounds/207809/",
        "Stereo, with two channels that differ: horizontal lines from a sung chord, strongest at 540, 640 and 1080 Hz.",
    ),
    "ambi_piano": Recording(
        "ambi_piano.flac",
        "A piano chord",
        "Rutger Muller, 2008",
        "CC0-1.0",
        "http://freesound.org/people/RutgerMuller/sounds/51245/",
        "Stereo. Nearly all of it lies below 1 kHz, its lowest lines at 58 and 88 Hz: "
        "a linear frequency axis leaves most of the spectrogram empty, a logarithmic one shows it.",
    ),
    "singer": Recording(
        "singer.flac",
        "A high sung vowel",
        "Miller Puckette and others, 1996-2022",
        "BSD-3-Clause",
        "http://msp.ucsd.edu/software.html",
        "Harmonics 730 to 880 Hz apart, with a vibrato of 5.8 Hz: too far apart to show where the formants are.",
    ),
    "birds": Recording(
        "birds.flac",
        "Birds",
        "University of Pittsburgh, 2020",
        "MIT",
        "https://github.com/kitzeslab/opensoundscape",
        "Syllables of 30 to 100 ms from 4 to 10 kHz, which rise or fall by thousands of hertz in each; 32 kHz. "
        "Frames of 256 samples follow them, frames of 2048 smear them over their neighbours.",
    ),
    "pulse": Recording(
        "pulse.flac",
        "A pulse at a fingertip",
        "Paul van Gent, 2021",
        "MIT",
        "https://github.com/paulvangentcom/heartrate_analysis_python",
        "24.8 s of a photoplethysmogram at 100 Hz: a beat about once a second and its harmonics, of which the third is "
        "almost as strong as the first. The values are those of a converter, 359 to 854 counts, divided by 32768.",
    ),
}
"""Every bundled recording by name, in the order of the menu."""

DEFAULT_RECORDING = "voice"
"""Name of the default recording: speech has voiced and unvoiced sounds and covers the whole frequency axis."""


@hinting
def load_recording(name: str) -> Sound:
    """Read a bundled recording.

    Parameters
    ----------
    name : str
        A key of `RECORDINGS`.

    Returns
    -------
    Sound
        Samples of shape (1, L, C), float32, at the recording's sample rate, with its credit and description.

    Raises
    ------
    ValueError
        If `name` is not the name of a recording.

    Examples
    --------
    >>> sound = load_recording("misc_crow")
    >>> sound.samples.shape, sound.sample_rate
    ((1, 21196, 1), 44100.0)
    """
    if name not in RECORDINGS:
        raise ValueError(f"`name` must be one of {', '.join(map(repr, RECORDINGS))}; got {name!r}.")
    recording = RECORDINGS[name]
    # As a resource and not by path: the package may be a zip file.
    with resources.files(__package__).joinpath("recordings", recording.file).open("rb") as file:
        sound = read_sound(file, name=name)
    return replace(sound, credit=recording.credit, description=recording.description)
