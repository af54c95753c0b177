"""Test the figure's model of other libraries against the libraries themselves."""

import librosa
import numpy as np
import pytest
import scipy.signal

from specwidget import STFTSpectrogram
from specwidget.charts.scene import Line
from specwidget.teach.figures import FIGURES
from specwidget.teach.scenes.griffin_lim import speech_excerpt
from specwidget.teach.scenes.library_alignment import (
    FFT_LENGTH,
    FRAME_LENGTH,
    FRAME_STEP,
    LIBRARIES,
    SWITCHES,
    conventions_to_align,
    library_stft,
    our_stft,
    render_inverse,
)


def by_librosa():
    return librosa.stft(
        speech_excerpt(),
        n_fft=FFT_LENGTH,
        hop_length=FRAME_STEP,
        win_length=FRAME_LENGTH,
        window="hann",
        dtype=np.complex128,
    )


def by_short_time_fft():
    window = scipy.signal.get_window("hann", FRAME_LENGTH)
    return scipy.signal.ShortTimeFFT(window, FRAME_STEP, fs=1, mfft=FFT_LENGTH).stft(speech_excerpt())


def by_spectrogram():
    overlap = FRAME_LENGTH - FRAME_STEP
    return scipy.signal.spectrogram(speech_excerpt(), 1.0, "hann", FRAME_LENGTH, overlap, FFT_LENGTH, mode="complex")[2]


CALLS = {"librosa": by_librosa, "scipy": by_short_time_fft, "scipy_spectrogram": by_spectrogram}


@pytest.mark.parametrize("library", CALLS)
def test_frames_equal_those_of_the_library(library):
    own = CALLS[library]().T
    found = library_stft(library, frozenset())
    assert found == pytest.approx(own[: len(found)], abs=1e-12 * np.abs(own).max())


def test_our_stft_equals_the_layer():
    layer = STFTSpectrogram("stft", FRAME_LENGTH, FRAME_STEP, FFT_LENGTH, dtype="float64")
    values = layer(speech_excerpt()[None, :, None])[0]
    assert np.hstack([our_stft().real, our_stft().imag]) == pytest.approx(values, abs=1e-14)


@pytest.mark.parametrize("library", [name for name in LIBRARIES if name != "keras"])
def test_only_all_conventions_together_leave_rounding_errors(library):
    needed = conventions_to_align(library)
    distance = {
        left: np.abs(our_stft() - library_stft(library, frozenset(needed) - {left})).max() / np.abs(our_stft()).max()
        for left in ("", *needed)
    }
    assert distance.pop("") < 1e-14
    assert min(distance.values()) > 1e-5


def test_no_switch_removes_the_float32_phases_of_keras():
    everything = frozenset(each.name for each in SWITCHES)
    assert conventions_to_align("keras") == ()
    apart = np.abs(our_stft() - library_stft("keras", everything)).max() / np.abs(our_stft()).max()
    assert 1e-7 < apart < 1e-4


def test_the_phase_convention_does_not_affect_magnitudes():
    aligned = {name: True for name in conventions_to_align("scipy") if name != "phase"}
    scene = FIGURES["library_alignment"].scene(library="scipy", **aligned)
    complex_values, magnitudes = (item.y for item in scene.axes[1].items if isinstance(item, Line))
    assert magnitudes.max() < -280
    assert complex_values.max() > -20
    assert "magnitudes by rounding only, complex values by up to" in scene.caption
    assert scene.caption.endswith("Still to align: phase.")


def test_the_inverse_of_aligned_values_is_the_signal():
    defaults = FIGURES["library_alignment"].defaults | {"library": "librosa"}
    heard = render_inverse(**defaults | dict.fromkeys(conventions_to_align("librosa"), True)).samples
    inside = slice(FRAME_LENGTH, -FRAME_LENGTH)
    known = speech_excerpt()[: len(heard)]
    level = heard[inside] @ known[inside] / (known[inside] @ known[inside])
    assert heard[inside] == pytest.approx(level * known[inside], abs=1e-9)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("left", [each.name for each in SWITCHES])
def test_the_ends_of_the_inverse_are_not_louder_than_the_rest(library, left):
    switches = {each.name: each.name != left for each in SWITCHES}
    heard = render_inverse(library=library, frame=0, quantity="real", **switches).samples
    assert np.abs(heard[FRAME_LENGTH:-FRAME_LENGTH]).max() == pytest.approx(np.abs(heard).max())
