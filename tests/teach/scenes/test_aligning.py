"""Frames of other libraries as the figure computes them: against those libraries, called in the plainest way."""

import librosa
import numpy as np
import pytest
import scipy.signal

from specwidget import STFTSpectrogram
from specwidget.charts.scene import Line
from specwidget.teach.figures import FIGURES
from specwidget.teach.scenes.aligning import (
    FFT_LENGTH,
    FRAME_LENGTH,
    FRAME_STEP,
    LIBRARIES,
    SWITCHES,
    hear_mixed_up,
    ours,
    theirs,
    to_align,
)
from specwidget.teach.scenes.griffin_lim import words


def by_librosa():
    return librosa.stft(
        words(), n_fft=FFT_LENGTH, hop_length=FRAME_STEP, win_length=FRAME_LENGTH, window="hann", dtype=np.complex128
    )


def by_short_time_fft():
    window = scipy.signal.get_window("hann", FRAME_LENGTH)
    return scipy.signal.ShortTimeFFT(window, FRAME_STEP, fs=1, mfft=FFT_LENGTH).stft(words())


def by_spectrogram():
    overlap = FRAME_LENGTH - FRAME_STEP
    return scipy.signal.spectrogram(words(), 1.0, "hann", FRAME_LENGTH, overlap, FFT_LENGTH, mode="complex")[2]


CALLS = {"librosa": by_librosa, "scipy": by_short_time_fft, "scipy_spectrogram": by_spectrogram}


@pytest.mark.parametrize("library", CALLS)
def test_a_frame_is_the_library_s_own(library):
    own = CALLS[library]().T
    found = theirs(library, frozenset())
    assert found == pytest.approx(own[: len(found)], abs=1e-12 * np.abs(own).max())


def test_ours_are_the_layer_s():
    layer = STFTSpectrogram("stft", FRAME_LENGTH, FRAME_STEP, FFT_LENGTH, dtype="float64")
    values = layer(words()[None, :, None])[0]
    assert np.hstack([ours().real, ours().imag]) == pytest.approx(values, abs=1e-14)


@pytest.mark.parametrize("library", [name for name in LIBRARIES if name != "keras"])
def test_every_convention_aligned_leaves_rounding_and_any_other_left_out_does_not(library):
    needed = to_align(library)
    distance = {
        left: np.abs(ours() - theirs(library, frozenset(needed) - {left})).max() / np.abs(ours()).max()
        for left in ("", *needed)
    }
    assert distance.pop("") < 1e-14
    assert min(distance.values()) > 1e-5


def test_what_keras_rounds_no_switch_removes():
    everything = frozenset(each.name for each in SWITCHES)
    assert to_align("keras") == ()
    apart = np.abs(ours() - theirs("keras", everything)).max() / np.abs(ours()).max()
    assert 1e-7 < apart < 1e-4


def test_a_turned_phase_leaves_magnitudes_alone():
    aligned = {name: True for name in to_align("scipy") if name != "phase"}
    scene = FIGURES["aligning"].scene(library="scipy", **aligned)
    complex_values, magnitudes = (item.y for item in scene.axes[1].items if isinstance(item, Line))
    assert magnitudes.max() < -280
    assert complex_values.max() > -20
    assert "magnitudes by rounding alone, complex values by up to" in scene.caption
    assert scene.caption.endswith("Still to align: our phase.")


def test_taken_for_ours_the_aligned_values_give_the_words_back():
    defaults = FIGURES["aligning"].defaults | {"library": "librosa"}
    heard = hear_mixed_up(**defaults | dict.fromkeys(to_align("librosa"), True)).samples
    inside = slice(FRAME_LENGTH, -FRAME_LENGTH)
    known = words()[: len(heard)]
    level = heard[inside] @ known[inside] / (known[inside] @ known[inside])
    assert heard[inside] == pytest.approx(level * known[inside], abs=1e-9)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("left", [each.name for each in SWITCHES])
def test_what_is_taken_for_ours_is_as_loud_inside_as_anywhere(library, left):
    switches = {each.name: each.name != left for each in SWITCHES}
    heard = hear_mixed_up(library=library, frame=0, shown="real", **switches).samples
    assert np.abs(heard[FRAME_LENGTH:-FRAME_LENGTH]).max() == pytest.approx(np.abs(heard).max())
