from importlib import resources

import numpy as np
import pytest
import soundfile

from specwidget.sounds import DEFAULT_RECORDING, RECORDINGS, load_recording

FOLDER = resources.files("specwidget.sounds") / "recordings"
# Samples per channel and channels, as Debian's packages ship them.
SHAPES = {
    "voice": (62079, 1),
    "misc_crow": (21196, 1),
    "tabla_ghe1": (26073, 1),
    "elec_chime": (100440, 1),
    "ambi_choir": (69305, 2),
    "ambi_piano": (123998, 2),
    "singer": (39075, 1),
    "birds": (324263, 1),
    "pulse": (2483, 1),
}
RATES = dict.fromkeys(SHAPES, 44100.0) | {"birds": 32000.0, "pulse": 100.0}


@pytest.mark.parametrize("name", RECORDINGS)
def test_each_recording_loads_completely_with_its_credit(name):
    sound = load_recording(name)
    assert sound.samples.shape == (1, *SHAPES[name])
    assert sound.samples.dtype == np.float32
    assert (sound.name, sound.sample_rate) == (name, RATES[name])
    assert RECORDINGS[name].author in sound.credit
    assert RECORDINGS[name].source in sound.credit
    assert sound.description == RECORDINGS[name].description


@pytest.mark.parametrize("name", RECORDINGS)
def test_samples_are_those_of_the_file(name):
    with (FOLDER / RECORDINGS[name].file).open("rb") as file:
        pcm, _ = soundfile.read(file, dtype="int16", always_2d=True)
    np.testing.assert_array_equal(load_recording(name).samples[0] * 32768, pcm)


def test_every_file_has_an_entry_and_a_line_in_the_credits():
    files = {entry.name for entry in FOLDER.iterdir()} - {"CREDITS.md"}
    credits_text = (FOLDER / "CREDITS.md").read_text(encoding="utf-8")
    assert files == {recording.file for recording in RECORDINGS.values()}
    assert all(f"`{file}`" in credits_text for file in files)
    assert all(recording.source in credits_text for recording in RECORDINGS.values())


def test_the_licence_of_the_speech_is_reproduced():
    credits_text = " ".join((FOLDER / "CREDITS.md").read_text(encoding="utf-8").replace("> ", "").split())
    assert "This software is copyrighted by Miller Puckette and others." in credits_text
    assert "Redistributions in binary form must reproduce the above copyright notice" in credits_text
    assert "ADVISED OF THE POSSIBILITY OF SUCH DAMAGE." in credits_text


def test_the_licence_of_each_package_is_reproduced():
    credits_text = " ".join((FOLDER / "CREDITS.md").read_text(encoding="utf-8").replace(">", "").split())
    for notice in ("Copyright (c) 2020 University of Pittsburgh", "Copyright (c) 2021 Paul van Gent"):
        assert f"MIT License {notice} Permission is hereby granted" in credits_text


def test_the_pulse_has_the_counts_of_the_converter():
    counts = load_recording("pulse").samples[0, :, 0] * 32768
    assert (counts.min(), counts.max()) == (359, 854)


def test_recordings_take_less_than_a_mebibyte():
    assert sum(len((FOLDER / recording.file).read_bytes()) for recording in RECORDINGS.values()) < 2**20


def test_the_default_recording_is_one_of_them():
    assert DEFAULT_RECORDING in RECORDINGS


def test_an_unknown_recording_is_an_error_with_the_known_names():
    with pytest.raises(ValueError, match=r"^`name` must be one of 'voice', .*'pulse'; got 'owl'\.$"):
        load_recording("owl")
