import numpy as np
import pytest
from scipy.signal import freqs_zpk, get_window

from specwidget.sounds import SYNTHETIC_SIGNALS, make_synthetic


def frames_of(sound, length, step):
    return np.lib.stride_tricks.sliding_window_view(sound.samples[0, :, 0].astype(float), length)[::step]


def psd_of(sound, length=256, step=None, window="hann", scaling="spectrum", n_fft=None):
    """The psd of a sound, computed directly: (frames, bins)."""
    values = get_window(window, length, fftbins=False)
    scale = np.abs(values).sum() if scaling == "spectrum" else np.sqrt((values**2).sum())
    power = np.abs(np.fft.rfft(frames_of(sound, length, step or length // 2) * values / scale, n_fft or length)) ** 2
    power[:, 1:-1] *= 2
    return power


def ridge_of(sound, length, step):
    """Time of each frame's centre, and frequency of its largest bin."""
    power = psd_of(sound, length, step, n_fft=8192)
    times = (np.arange(len(power)) * step + (length - 1) / 2) / sound.sample_rate
    return times, power.argmax(axis=1) * sound.sample_rate / 8192


def has_dip(values):
    """Whether a curve has two peaks, with less than half the lower one between them."""
    left, right = np.array_split(values, 2)
    return values[left.argmax() : len(left) + right.argmax() + 1].min() < min(left.max(), right.max()) / 2


@pytest.mark.parametrize("name", SYNTHETIC_SIGNALS)
def test_every_signal_is_float32_below_clipping_and_reproducible(name):
    sound = make_synthetic(name)
    assert sound.samples.shape == (1, 32000, 1)
    assert sound.samples.dtype == np.float32
    assert np.abs(sound.samples).max() < 1
    assert sound.description == SYNTHETIC_SIGNALS[name].expected
    np.testing.assert_array_equal(sound.samples, make_synthetic(name).samples)


@pytest.mark.parametrize("name", SYNTHETIC_SIGNALS)
def test_every_signal_has_a_title_a_rate_and_a_length(name):
    sound = make_synthetic(name, sample_rate=48000, seconds=0.5)
    assert SYNTHETIC_SIGNALS[name].title
    assert sound.samples.shape == (1, 24000, 1)
    assert (sound.name, sound.sample_rate, sound.duration) == (name, 48000.0, 0.5)


@pytest.mark.parametrize("length", [256, 512, 2048])
@pytest.mark.parametrize("window", ["hann", "blackman", "boxcar"])
def test_sine_on_bin_reads_half_its_square_at_every_power_of_two(length, window):
    power = psd_of(make_synthetic("sine_on_bin", amplitude=0.8), length, window=window)
    np.testing.assert_array_equal(power.argmax(axis=1), 16 * length // 256)
    np.testing.assert_allclose(power.max(axis=1), 0.8**2 / 2, rtol=1e-4)


def test_sine_on_bin_stays_on_its_bin_at_another_sample_rate():
    power = psd_of(make_synthetic("sine_on_bin", bin_number=40, sample_rate=44100), window="boxcar")
    np.testing.assert_array_equal(power.argmax(axis=1), 40)
    assert np.delete(power, 40, axis=1).max() < 1e-12


def test_sine_between_bins_has_the_documented_loss():
    sound = make_synthetic("sine_between_bins")
    magnitude = np.sqrt(psd_of(sound) / 2)
    np.testing.assert_allclose(magnitude[:, 16:18], 0.212, rtol=0.01)
    np.testing.assert_allclose(20 * np.log10(magnitude[:, 16:18] / 0.25), -1.42, atol=0.1)
    np.testing.assert_allclose(np.sqrt(psd_of(sound, n_fft=512)[:, 33] / 2), 0.25, rtol=1e-3)


@pytest.mark.parametrize(("length", "separate"), [(64, False), (128, False), (256, True), (512, True)])
def test_the_two_sines_separate_in_long_frames(length, separate):
    power = psd_of(make_synthetic("two_sines_two_clicks"), length, n_fft=8192)[:8].mean(axis=0)
    assert has_dip(power[400:727]) is np.bool_(separate)  # 781 to 1420 Hz, cut in two at 1100 Hz


@pytest.mark.parametrize(("length", "separate"), [(32, True), (64, True), (128, False), (256, False)])
def test_the_two_clicks_separate_in_short_frames(length, separate):
    power = psd_of(make_synthetic("two_sines_two_clicks"), length, step=1)
    centre = 16024 - length // 2  # the middle between the clicks, as the start of a frame
    above_the_sines = power[centre - 60 : centre + 60, length // 4 :].sum(axis=1)
    assert has_dip(above_the_sines) is np.bool_(separate)


def test_linear_chirp_is_a_straight_line_between_its_ends():
    times, ridge = ridge_of(make_synthetic("linear_chirp"), 512, 256)
    np.testing.assert_allclose(ridge, 100 + 3450 * times, atol=20)


def test_log_chirp_rises_three_octaves_a_second():
    times, ridge = ridge_of(make_synthetic("log_chirp"), 512, 256)
    np.testing.assert_allclose(ridge, 100 * 8**times, rtol=0.02, atol=20)


def test_impulse_train_has_one_sample_every_320():
    samples = make_synthetic("impulse_train", amplitude=0.7).samples[0, :, 0]
    np.testing.assert_array_equal(np.flatnonzero(samples), np.arange(320, 32000, 320))
    np.testing.assert_array_equal(samples[320::320], np.float32(0.7))


def test_impulse_train_has_lines_at_its_harmonics_in_long_frames():
    power = psd_of(make_synthetic("impulse_train"), 3200).mean(axis=0)  # bins 5 Hz apart
    peaks = np.flatnonzero((power[1:-1] > power[:-2]) & (power[1:-1] > power[2:]) & (power[1:-1] > power.max() / 2)) + 1
    np.testing.assert_array_equal(peaks, np.arange(10, 1600, 10))


def test_am_tone_has_two_sidebands_of_a_quarter_of_its_power():
    power = psd_of(make_synthetic("am_tone"))
    np.testing.assert_allclose(power[:, [28, 32, 36]], np.broadcast_to([0.02, 0.08, 0.02], (len(power), 3)), rtol=2e-3)


def test_fm_tone_oscillates_about_its_carrier():
    times, ridge = ridge_of(make_synthetic("fm_tone"), 256, 128)
    np.testing.assert_allclose(ridge, 3000 + 1000 * np.cos(4 * np.pi * times), atol=50)


@pytest.mark.parametrize("window", ["hann", "boxcar"])
def test_white_noise_has_a_psd_of_twice_its_variance_inside_and_once_at_the_ends(window):
    power = psd_of(make_synthetic("white_noise", seconds=60, variance=0.02), window=window, scaling="density")
    mean = power.mean(axis=0)
    np.testing.assert_allclose(mean[1:-1], 0.04, rtol=0.1)
    np.testing.assert_allclose(mean[[0, -1]], 0.02, rtol=0.1)
    np.testing.assert_allclose(mean[1:-1].mean(), 0.04, rtol=0.01)


def test_white_noise_depends_on_its_seed():
    first, second = (make_synthetic("white_noise", seed=seed).samples for seed in (0, 1))
    assert np.abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.02


def test_a_vowel_has_lines_at_its_harmonics_with_the_response_of_an_all_pole_filter():
    sound = make_synthetic("vowel", pitch=200, first=500, second=1500, third=2500, sample_rate=8000, seconds=1)
    levels = np.abs(np.fft.rfft(sound.samples[0, :, 0]))
    harmonics = np.arange(200, 4000, 200)
    poles = np.array([-80, -90, -120]) / 2 + 1j * np.array([500, 1500, 2500])
    _, response = freqs_zpk([], [*poles, *poles.conj()], 1, harmonics)
    expected = np.abs(response) * 200 / harmonics
    assert levels[harmonics] / levels[harmonics].max() == pytest.approx(expected / expected.max(), rel=1e-3)
    assert np.delete(levels, np.append(harmonics, 4000)).max() < 1e-4 * levels.max()


def test_silence_is_zero():
    assert not make_synthetic("silence").samples.any()


def test_the_expected_result_depends_on_the_parameters():
    sound = make_synthetic("sine_on_bin", bin_number=32, amplitude=1)
    assert "2000 Hz" in sound.description
    assert "psd A^2/2 = 0.5," in sound.description


def test_an_unknown_signal_is_an_error_with_the_known_names():
    with pytest.raises(ValueError, match=r"^`name` must be one of 'sine_on_bin', .*'silence'; got 'square'\.$"):
        make_synthetic("square")


def test_an_unknown_parameter_is_an_error_with_the_known_names():
    with pytest.raises(
        TypeError, match=r"^`silence` must have one of the parameters sample_rate, seconds; got 'pitch'"
    ):
        make_synthetic("silence", pitch=3)


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("silence", {"sample_rate": 0}, "`sample_rate` must be between 4000 and 192000; got 0."),
        ("silence", {"seconds": float("nan")}, "`seconds` must be between 0.001 and 600; got nan."),
        ("sine_on_bin", {"amplitude": 1.5}, "`amplitude` must be between 0 and 1; got 1.5."),
        ("sine_on_bin", {"bin_number": 2.5}, "`bin_number` must be an integer; got 2.5."),
        ("linear_chirp", {"stop": 5000, "sample_rate": 8000}, "`stop` must be between 1 and 4000; got 5000."),
        ("fm_tone", {"carrier": 500}, "`deviation` must be between 0 and 500; got 1000."),
    ],
)
def test_a_parameter_out_of_bounds_is_an_error_with_its_bounds(name, parameters, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        make_synthetic(name, **parameters)


@pytest.mark.parametrize("value", [True, "2", None])
def test_a_parameter_that_is_not_a_number_is_an_error(value):
    with pytest.raises(TypeError, match=r"^`seconds` must be a number; got "):
        make_synthetic("silence", seconds=value)
