"""`identify`: settings behind arrays of NumPy, SciPy and librosa, and of front ends by name; what it must not claim."""

import json
from dataclasses import replace

import librosa
import numpy as np
import pytest
import scipy.fft
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

MADE_WITH = {
    "magnitude": (512, 512, 128, "'hann', periodic", -256),
    "short window": (512, 400, 160, "'hamming', periodic", -200),
    "complex": (512, 400, 160, "'hann', periodic", 56),
    "density": (256, 256, 224, "('tukey', 0.25), periodic", 0),
    "filled up": (400, 400, 160, "'blackman', periodic", -200),
    "slices": (256, 256, 100, "'hann', periodic", -228),
    "decibels": (512, 512, 128, "'hann', periodic", -256),
    "added floor": (512, 512, 128, "'hann', periodic", 0),
    "pairs": (400, 400, 200, "'hann', periodic", -200),
    "magnitudes of both sides": (256, 256, 100, "'hamming', symmetric", -228),
    "flat windows": (512, 512, 256, "('tukey', 0.25), symmetric", -256),
    "two sides": (128, 128, 64, "'hann', symmetric", 0),
}
"""Lengths of FFT and frame, step, window, and the sample at which the first window starts."""


def found_settings(answer):
    found = dict(answer.settings)
    lengths = (int(found[name]) for name in ("FFT length", "frame length", "frame step"))
    return *lengths, found["window"], int(found["first window starts at sample"])


def relative_error(found, expected):
    found, expected = (np.asarray(each, dtype=np.result_type(each, np.float64)) for each in (found, expected))
    assert found.shape == expected.shape
    return np.sqrt(np.mean(np.abs(found - expected) ** 2)) / np.std(expected)


@pytest.mark.parametrize("name", slow_but(MAKERS, ("magnitude", "complex", "decibels").__contains__))
def test_arrays_of_bins_are_found_and_made_again_of_another_signal(name, voice, other):
    make = MAKERS[name]
    answer = identify(make(voice), voice, RATE)
    assert answer.level == "found", f"{answer}"
    assert answer.error < 1e-5
    assert found_settings(answer) == MADE_WITH[name]
    expected = make(other)
    found = answer.apply(other)
    assert found.dtype == expected.dtype
    assert relative_error(found, expected) < 1e-4


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


CHANGES = {
    "trimmed": lambda make, x: make(x[1234 : len(x) - 777]),
    "cropped": lambda make, x: make(x)[:, 3:-2],
    "padded": lambda make, x: np.pad(array := make(x), ((0, 0), (0, 30)), constant_values=array.min()),
}
"""What is left of an array or its signal, or was added."""


@pytest.mark.slow
@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize("name", ["magnitude", "filled up", "decibels"])
def test_arrays_of_a_part_and_with_frames_added_are_found(name, kind, voice):
    array = CHANGES[kind](MAKERS[name], voice)
    answer = identify(array, voice, RATE)
    assert answer.level == "found", f"{answer}"
    *lengths, step, window, start = MADE_WITH[name]
    # Three frames were cut off at the start.
    first = start + 3 * step if kind == "cropped" else start
    assert found_settings(answer) == (*lengths, step, window, first)
    notes = {"trimmed": "samples 1234 to", "cropped": "frames or samples were cut off", "padded": "The last 30 frames"}
    assert notes[kind] in " ".join(answer.notes)
    if kind == "trimmed":
        last = int(answer.notes[0].split(" to ")[1].split()[0])
        # As many frames fit the longest part: up to a step more.
        assert 0 <= last - (len(voice) - 778) < step
    else:
        assert relative_error(answer.apply(voice), array) < 1e-4


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


@pytest.mark.parametrize("name", slow_but([n for n in MAKERS if n not in ("complex", "slices")], "decibels".__eq__))
def test_rounded_values_are_found_as_rounded(name, voice, other):
    def make(x):
        return MAKERS[name](x).astype("float16")

    answer = identify(make(voice), voice, RATE)
    assert answer.level == "found", f"{answer}"
    assert found_settings(answer) == MADE_WITH[name]
    found = answer.apply(other)
    assert found.dtype == np.float16
    assert relative_error(found, make(other)) < 1e-3


@pytest.mark.slow
def test_rounded_values_of_a_noisy_copy_are_not_taken_for_those_of_the_signal(voice):
    noisy = voice + 1e-3 * np.random.default_rng(0).standard_normal(len(voice)).astype("float32")
    answer = identify(MAKERS["decibels"](noisy).astype("float16"), voice, RATE, time_limit=3.0)
    assert answer.level == "nothing fits"


@pytest.mark.slow
@pytest.mark.parametrize("finish", [lambda p: p, lambda p: np.log(np.maximum(p, 1e-5)), librosa.power_to_db])
def test_normalized_bands_of_powers_and_logarithms_are_found(finish, voice, other):
    def make(x):
        values = finish(mel_of_librosa(x))
        return (values - values.mean(axis=1, keepdims=True)) / values.std(axis=1, keepdims=True)

    answer = identify(make(voice), voice, RATE)
    assert answer.level == "found", f"{answer}"
    assert found_settings(answer) == (1024, 1024, 256, "'hann', periodic", -512)
    assert dict(answer.settings)["from, to"] == "0 to 7600 Hz at 16000 Hz"
    assert relative_error(answer.apply(other), make(other)) < 1e-3


@pytest.mark.slow
def test_a_wrong_rate_is_said(voice):
    answer = identify(mel_of_librosa(voice), voice, 22_050)
    assert answer.level == "found", f"{answer}"
    assert "The bank is one for 16000 Hz, not for 22050 Hz." in answer.notes


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


def test_frames_beyond_the_ends_alone_do_not_blame_the_signal(voice):
    # SciPy prolongs the signal by its reflection, and then fills up the last frame with zeros.
    signal = voice[: 150 * 128 + 3]
    array = scipy.signal.stft(signal, RATE, "hann", 512, 384, boundary="even", padded=True)[2]
    answer = identify(array, signal, RATE)
    assert answer.level == "nothing fits"
    assert "FFT length 512, frame length 512, frame step 128" in answer.nearest


def test_rounding_of_a_transform_in_float32_does_not_blame_the_signal():
    # Most bins are so far below the loudest that they hold nothing but its rounding.
    noise = np.random.default_rng(2).standard_normal(20_000)
    low = scipy.signal.sosfiltfilt(scipy.signal.butter(8, 500, fs=RATE, output="sos"), noise).astype("float32")
    frames = np.lib.stride_tricks.sliding_window_view(low, 512)[::128] * scipy.signal.get_window("hann", 512)
    array = np.log(np.abs(scipy.fft.rfft(frames.astype("float32"))) ** 2 + 1e-20)
    answer = identify(array, low, RATE)
    assert answer.level == "nothing fits"
    assert "FFT length 512, frame length 512, frame step 128" in answer.nearest


def test_a_handful_of_values_above_the_floor_show_nothing(voice):
    power = power_of_librosa(voice, n_fft=512)
    array = np.maximum(power, np.sort(power.ravel())[-5])
    assert identify(array, voice, RATE).level == "nothing fits"


@pytest.mark.slow
def test_banks_of_kaldi_without_emphasis_are_found(voice):
    settings = front_ends["kaldi"].layer.settings
    conventions = replace(settings.conventions, preemphasis=0.0)
    layer = MelSpectrogram.from_settings(replace(settings, min_freq=64.0, max_freq=7800.0, conventions=conventions))
    answer = identify(layer(voice), voice, RATE, front_ends=False)
    assert answer.level == "found"
    assert found_settings(answer) == (512, 400, 160, "'povey', symmetric", 0)
    assert dict(answer.settings)["from, to"] == "64 to 7800 Hz at 16000 Hz"


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
