"""`identify`: settings behind arrays of NumPy, SciPy and librosa, and of front ends by name; what it must not claim."""

import json
from dataclasses import replace

import librosa
import numpy as np
import pytest
import scipy.signal

from specwidget import MelSpectrogram, front_ends, identify
from specwidget.matching.comparison_signal import make_comparison_signal
from specwidget.matching.layouts import find_layouts
from tests.selection import slow_but

RATE = 16_000


@pytest.fixture(scope="module")
def voice():
    """Speech, silence and noise."""
    return make_comparison_signal(RATE).astype("float32")


@pytest.fixture(scope="module")
def other():
    """Another signal."""
    samples = make_comparison_signal(RATE)[::-1]
    return np.ascontiguousarray(samples * np.linspace(0.5, 1, len(samples)), dtype="float32")[:30_000]


def power_of_librosa(x, **options):
    return np.abs(librosa.stft(x, **options)) ** 2


MAKERS = {
    "magnitude": lambda x: np.sqrt(power_of_librosa(x, n_fft=512, hop_length=128)),
    "short window": lambda x: power_of_librosa(x, n_fft=512, hop_length=160, win_length=400, window="hamming"),
    "complex": lambda x: librosa.stft(x, n_fft=512, hop_length=160, win_length=400, center=False),
    "density": lambda x: scipy.signal.spectrogram(x, RATE, nperseg=256)[2],
    "filled up": lambda x: np.abs(scipy.signal.stft(x, RATE, "blackman", 400, 240)[2]),
    "slices": lambda x: scipy.signal.ShortTimeFFT(np.hanning(257)[:256], 100, RATE).stft(x),
    "decibels": lambda x: librosa.amplitude_to_db(np.abs(librosa.stft(x, n_fft=512)), ref=np.max),
    "added floor": lambda x: np.log(power_of_librosa(x, n_fft=512, center=False) + 1e-6).T[None],
    "pairs": lambda x: np.stack([(z := librosa.stft(x, n_fft=400, hop_length=200)).real, z.imag], -1),
    "magnitudes of both sides": lambda x: scipy.signal.ShortTimeFFT(
        np.hamming(256), 100, RATE, fft_mode="onesided2X", scale_to="magnitude"
    ).spectrogram(x),
    "flat windows": lambda x: np.abs(
        scipy.signal.ShortTimeFFT(scipy.signal.get_window(("tukey", 0.25), 512, False), 256, RATE).stft(x)
    ),
    "two sides": lambda x: np.abs(np.fft.fft(np.lib.stride_tricks.sliding_window_view(x, 128)[::64] * np.hanning(128))),
}
"""Arrays of bins, by what is special about them."""


@pytest.mark.parametrize("name", slow_but(MAKERS, ("magnitude", "complex", "decibels").__contains__))
def test_arrays_of_bins_are_found_and_made_again_of_another_signal(name, voice, other):
    make = MAKERS[name]
    answer = identify(make(voice), voice, RATE)
    assert answer.level == "found", f"{answer}"
    assert answer.error < 1e-5
    expected = make(other)
    found = answer.apply(other)
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    assert np.sqrt(np.mean(np.abs(found - expected) ** 2)) < 1e-3 * np.std(expected)


def mel_of_librosa(x):
    return librosa.feature.melspectrogram(y=x, sr=RATE, n_fft=1024, hop_length=256, n_mels=64, fmax=7600, htk=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "finish",
    [lambda p: p, librosa.power_to_db, lambda p: np.log(p + 1e-6), lambda p: (p - p.mean()) / p.std()],
    ids=["power", "decibels", "ln", "normalized"],
)
def test_arrays_of_bands_are_found(finish, voice, other):
    answer = identify(finish(mel_of_librosa(voice)), voice, RATE)
    assert answer.level == "found", f"{answer}"
    expected = finish(mel_of_librosa(other))
    assert np.sqrt(np.mean((answer.apply(other) - expected) ** 2)) < 1e-3 * np.std(expected)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:`num_mel_bins` should")
@pytest.mark.parametrize("name", front_ends)
def test_every_front_end_is_found_by_its_name(name):
    rate = front_ends[name].sample_rate
    signal = make_comparison_signal(rate)
    answer = identify(front_ends[name].features(signal), signal, rate)
    assert answer.level == "found"
    assert answer.conventions == (f"front end {name}",)


@pytest.mark.slow
def test_the_settings_of_kaldi_are_found_without_its_name(voice):
    answer = identify(front_ends["kaldi"].features(voice), voice, RATE, front_ends=False)
    assert answer.level == "found"
    settings = answer.layer.settings
    assert (settings.n_fft, settings.frame_length, settings.step, settings.window) == (512, 400, 160, "povey")
    conventions = settings.conventions
    assert (conventions.periodic, conventions.remove_mean, conventions.preemphasis) == (False, "frame", 0.97)
    assert conventions.gain == 32_768
    assert "2^30, the scale of 16-bit integers" in answer.constant
    np.testing.assert_allclose(answer.layer(voice), front_ends["kaldi"].layer(voice), atol=1e-3)


@pytest.mark.filterwarnings("ignore:`fft_length` should be a power of two")
def test_the_program_makes_the_array(voice):
    array = MAKERS["filled up"](voice)
    answer = identify(array, voice, RATE)
    # The program's own noise in place of the signal is left out.
    lines = [line for line in answer.code.splitlines() if not line.startswith("x = np.random")]
    assert any(line.startswith("x = np.pad(x, ") for line in lines)
    namespace = {"x": voice[None, :, None]}
    exec("\n".join(lines), namespace)
    np.testing.assert_allclose(namespace["y"][0].T, array, atol=1e-4 * array.max())


def test_what_no_value_reaches_is_undetermined(voice):
    answer = identify(MAKERS["short window"](voice), voice, RATE)
    assert "floor" in [each.switch for each in answer.undetermined]
    assert all(len(each.values) > 1 for each in answer.undetermined)
    assert answer.rivals[0].error > 10 * answer.error


def changed_signal(kind, make, x):
    """The array of what is left of a signal, or what is left of its array."""
    if kind == "trimmed":
        return make(x[1234 : len(x) - 777])
    array = make(x)
    if kind == "cropped":
        return array[:, 3:-2]
    return np.pad(array, ((0, 0), (0, 30)), constant_values=array.min())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["trimmed", "cropped", "padded"])
@pytest.mark.parametrize("name", ["magnitude", "filled up", "decibels"])
def test_arrays_of_a_part_and_with_frames_added_are_found(name, kind, voice, other):
    answer = identify(changed_signal(kind, MAKERS[name], voice), voice, RATE)
    assert answer.level == "found", f"{answer}"
    notes = {"trimmed": "samples 1234 to", "cropped": "frames or samples were cut off", "padded": "The last 30 frames"}
    assert notes[kind] in " ".join(answer.notes)


@pytest.mark.slow
def test_silent_frames_at_the_end_are_not_taken_for_added_ones(voice, other):
    # A whole number of steps: all conventions that centre frames have as many.
    silent = np.concatenate([voice, np.zeros(1000 - (len(voice) + 1000) % 128, "float32")])
    array = MAKERS["magnitude"](silent)
    answer = identify(array, silent, RATE)
    assert answer.level == "found"
    assert not answer.notes
    assert answer.apply(other).shape == MAKERS["magnitude"](other).shape
    # With added ones after them, they are not among these.
    padded = identify(np.pad(array, ((0, 0), (0, 30))), silent, RATE)
    assert padded.level == "found"
    assert any(note.startswith("The last 30 frames") for note in padded.notes), padded.notes


@pytest.mark.slow
def test_rounded_values_are_found_as_rounded(voice):
    assert identify(MAKERS["decibels"](voice).astype("float16"), voice, RATE).level == "found"


@pytest.mark.slow
def test_another_sound_fits_nothing(voice, other):
    array = MAKERS["magnitude"](voice[: len(other)])
    answer = identify(array, other, RATE, time_limit=2.0)
    assert answer.level == "nothing fits"
    with pytest.raises(ValueError, match="Nothing was found that could be applied"):
        answer.apply(other)


@pytest.mark.slow
def test_right_settings_of_a_noisy_copy_are_named_so(voice):
    noisy = voice + 1e-5 * np.random.default_rng(0).standard_normal(len(voice)).astype("float32")
    answer = identify(np.log(MAKERS["magnitude"](noisy) + 1e-9), voice, RATE)
    assert answer.level == "these settings, another signal"
    assert "another signal" in str(answer)


def test_real_and_imaginary_parts_side_by_side_are_a_layout():
    z = np.random.default_rng(1).standard_normal((30, 33)) + 1j
    z[:, 0] = z[:, 0].real
    layouts = list(find_layouts(np.concatenate([z.real, z.imag], axis=1)[None]))
    assert layouts[0].parts == "halves"
    np.testing.assert_array_equal(layouts[0].values, z)
    np.testing.assert_array_equal(layouts[0].restore(z), np.concatenate([z.real, z.imag], axis=1)[None])


def test_the_answer_is_plain_data(voice):
    answer = identify(MAKERS["density"](voice), voice, RATE)
    found = json.loads(json.dumps(answer.to_dict()))
    assert found["level"] == "found"
    assert found["settings"]["frame length"] == "256"
    assert "('tukey', 0.25)" in found["settings"]["window"]
    assert "<table>" in answer._repr_html_()


@pytest.mark.slow
def test_known_settings_are_a_place_to_start_from(voice):
    settings = replace(front_ends["kaldi"].layer.settings, num_mel_bins=37, min_freq=71.0, max_freq=7133.0)
    layer = MelSpectrogram.from_settings(settings)
    answer = identify(layer(voice), voice, RATE, near=[layer, "whisper", front_ends["kaldi"]])
    assert answer.level == "found"


def test_what_is_no_array_of_frames_is_refused(voice):
    with pytest.raises(ValueError, match="`features` must have at least 2 frames and 2 bins or bands"):
        identify(np.ones((1, 80)), voice)
    with pytest.raises(ValueError, match="`features` must have finite values; got 1 that are not"):
        identify(np.where(np.eye(3) > 0, [[np.nan, 1, 1]], 0)[:, :2], voice)
    with pytest.raises(TypeError, match="`features` must be an array of numbers; got dtype <U1"):
        identify(np.array([["a", "b"], ["c", "d"]]), voice)
    with pytest.raises(ValueError, match=r"`signal` must have 1 axis \(time,\)"):
        identify(np.ones((3, 3)), np.ones((2, 100)))


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.0])
def test_a_search_that_is_stopped_does_not_blame_the_signal(voice, seconds):
    array = MelSpectrogram(512, 160, 400, num_mel_bins=40)(voice)
    assert identify(array, voice, RATE, time_limit=seconds).level != "these settings, another signal"
