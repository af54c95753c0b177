import numpy as np
import pytest
import soundfile

from specwidget.sounds import DEFAULT_RECORDING, Sound, SoundError, as_sound, load_recording, make_synthetic


class Elsewhere:
    """An array of another library, with shape, dtype and indexing, that refuses conversion to NumPy."""

    def __init__(self, values):
        self.values = values
        self.shape, self.ndim, self.dtype = values.shape, values.ndim, values.dtype

    def astype(self, dtype):
        return Elsewhere(self.values.astype(dtype))

    def __getitem__(self, key):
        return Elsewhere(self.values[key])

    def __truediv__(self, divisor):
        return Elsewhere(self.values / divisor)

    def __array__(self, dtype=None, copy=None):
        raise TypeError("stays where it is")


def test_none_is_the_default_recording():
    sound = as_sound()
    assert sound.name == DEFAULT_RECORDING
    np.testing.assert_array_equal(sound.samples, load_recording(DEFAULT_RECORDING).samples)


@pytest.mark.parametrize("convert", [str, lambda path: path])
def test_a_path_is_read(convert, tmp_path):
    soundfile.write(tmp_path / "x.wav", np.zeros((30, 2)), 8000)
    sound = as_sound(convert(tmp_path / "x.wav"))
    assert (sound.name, sound.sample_rate, sound.samples.shape) == ("x.wav", 8000, (1, 30, 2))


def test_an_unreadable_path_is_a_sound_error():
    with pytest.raises(SoundError, match=r"^`file` must exist; got 'no such\.wav'"):
        as_sound("no such.wav")


def test_the_axes_are_batch_time_channels():
    samples = np.arange(24.0)
    np.testing.assert_array_equal(as_sound(samples).samples[0, :, 0], samples)
    np.testing.assert_array_equal(as_sound(samples.reshape(12, 2)).samples[0], samples.reshape(12, 2))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f4"])
def test_a_batch_of_floats_is_not_copied(dtype):
    samples = np.zeros((3, 20, 2), dtype=dtype)
    assert as_sound(samples).samples is samples


def test_values_that_are_not_finite_are_kept():
    samples = np.array([0.0, np.nan, np.inf])
    np.testing.assert_array_equal(as_sound(samples).samples[0, :, 0], samples)


@pytest.mark.parametrize("dtype", ["int16", "int32", ">i2", "int8", "uint8"])
def test_pcm_is_scaled_as_soundfile_scales_it(dtype, tmp_path):
    limits = np.iinfo(dtype)
    samples = np.array([limits.min, limits.min // 2, max(limits.min, -1), 0, 1, limits.max // 3, limits.max], dtype)
    # soundfile writes 8 bits from the upper ones of 16.
    is_short = limits.bits == 8
    written = (samples.astype("int16") - (128 if dtype == "uint8" else 0)) * 256 if is_short else samples
    subtype = "PCM_U8" if is_short else f"PCM_{limits.bits}"
    soundfile.write(tmp_path / "x.wav", written.astype(written.dtype.newbyteorder("=")), 8000, subtype)
    sound = as_sound(samples)
    assert sound.samples.dtype == np.float32
    np.testing.assert_array_equal(sound.samples, as_sound(tmp_path / "x.wav").samples)


@pytest.mark.parametrize("dtype", ["float32", "int16"])
@pytest.mark.parametrize(("shape", "expected"), [((20,), (1, 20, 1)), ((20, 2), (1, 20, 2)), ((3, 20, 2), (3, 20, 2))])
def test_an_array_of_another_library_stays_in_its_library(dtype, shape, expected):
    sound = as_sound(Elsewhere(np.ones(shape, dtype)))
    assert isinstance(sound.samples, Elsewhere)
    assert sound.samples.shape == expected
    assert sound.samples.dtype == np.float32


@pytest.mark.parametrize("rate", [None, 8000, 44100.5, np.float32(16000), np.int64(48000)])
def test_an_array_has_the_given_sample_rate_or_none(rate):
    sound = as_sound(np.zeros(100), rate)
    assert sound.sample_rate == rate
    assert sound.duration == (None if rate is None else 100 / rate)


def test_a_sound_keeps_its_samples_and_sample_rate():
    sound = make_synthetic("silence")
    assert as_sound(sound, 16000).samples is sound.samples
    assert (as_sound(sound).name, as_sound(sound).description) == (sound.name, sound.description)


def test_a_sound_without_a_sample_rate_gets_the_given_one():
    sound = Sound(np.zeros((1, 10, 1)), None, "mine")
    assert as_sound(sound).sample_rate is None
    assert as_sound(sound, 8000).sample_rate == 8000


def test_a_sample_rate_other_than_the_files_is_an_error():
    message = r"^`sample_rate` must be 44100, the sample rate of 'voice'; got 16000\. Omit it, or pass"
    with pytest.raises(ValueError, match=message):
        as_sound(None, 16000)


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_a_sample_rate_must_be_finite_and_positive(rate):
    with pytest.raises(ValueError, match=r"^`sample_rate` must be finite and above 0, or None; got "):
        as_sound(np.zeros(100), rate)


@pytest.mark.parametrize("rate", ["8000", True, 8000j])
def test_a_sample_rate_must_be_a_number(rate):
    with pytest.raises(TypeError, match=r"^`sample_rate` must be a number; got "):
        as_sound(np.zeros(100), rate)


@pytest.mark.parametrize("dtype", ["bool", "uint16", "uint32", "uint64", "int64", "longdouble", "O", "U3"])
def test_another_dtype_is_a_type_error(dtype):
    with pytest.raises(
        TypeError, match=r"^`signal` must have one of the dtypes float16, .+; got \w+\. (Convert|Divide|Subtract)"
    ):
        as_sound(np.zeros(100, dtype))


@pytest.mark.parametrize("signal", [3.0, b"RIFF", {"a": 1}, memoryview(b"RIFF")])
def test_anything_but_a_path_sound_or_array_is_a_type_error(signal):
    with pytest.raises(TypeError, match=r"^`signal` must be None, a path, a Sound, an array, .+; got \w+\. Convert"):
        as_sound(signal)


@pytest.mark.parametrize("shape", [(), (1, 2, 30, 1)])
def test_another_rank_is_an_error(shape):
    with pytest.raises(ValueError, match=r"^`signal` must have shape \(L,\), \(L, C\) or \(B, L, C\); got shape \("):
        as_sound(np.zeros(shape))


@pytest.mark.parametrize("shape", [(0,), (0, 2), (20, 0), (0, 20, 1)])
def test_an_empty_array_is_an_error(shape):
    with pytest.raises(ValueError, match=r"^`signal` must hold at least 1 sample on every axis; got shape \("):
        as_sound(np.zeros(shape))


@pytest.mark.parametrize(("shape", "axes"), [((2, 100), "(time, "), ((1, 2, 100), "(batch, time, ")])
def test_swapped_axes_are_an_error_with_a_fix(shape, axes):
    samples = np.zeros(shape)
    with pytest.raises(ValueError, match=r"The axes look swapped: pass signal\.swapaxes\(-1, -2\)\.$") as error:
        as_sound(samples)
    assert f"got shape {shape} for {axes}channels)" in str(error.value)
    assert as_sound(samples.swapaxes(-1, -2)).samples.shape == (1, 100, 2)
