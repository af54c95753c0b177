"""Every array type of the scientific stack is taken rightly, or refused with the line that converts it."""

import io

import numpy as np
import pytest

from specwidget import STFTSpectrogram, crosscheck, explore
from specwidget.explorer.downloads.downloads import save_file, values_writer
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.sounds import SoundError, as_sound, make_synthetic, read_sound

TONE = make_synthetic("sine_on_bin", seconds=0.25).samples[0, :, 0]
BATCH = TONE[None, :, None]


class Labelled:
    """What other libraries have: it looks like an array, and is none."""

    def __init__(self, values):
        self.array, self.shape, self.dtype, self.ndim = values, values.shape, values.dtype, values.ndim

    def astype(self, dtype):
        return type(self)(self.array.astype(dtype))

    def __getitem__(self, key):
        raise KeyError(key)


class Series(Labelled):
    """What pandas has."""

    iloc = None

    def to_numpy(self):
        return self.array


class DataArray(Labelled):
    """What xarray has."""

    dims = coords = values = None


class Sparse(Labelled):
    toarray = nnz = None


class Lazy(Labelled):
    compute = dask = None


class Dataset(Labelled):
    """What h5py has."""

    id = chunks = file = None


class Quantity(np.ndarray):
    unit = "V"


FOREIGN = [
    (DataArray, r"\.values, with time"),
    (Sparse, r"\.toarray\(\)"),
    (Lazy, r"\.compute\(\)"),
    (Dataset, r"\[:\]"),
    (lambda values: values.view(Quantity), r"\.value\."),
    (lambda values: np.ma.masked_greater(values, 0.4), r"\.filled\(0\)"),
]
TAKEN = [
    Series,
    list,
    tuple,
    lambda values: np.ma.array(values),
    lambda values: Series(values[:, None]),
    lambda values: (values, 16000),
    lambda values: (np.int64(16000), values),
    lambda values: [values, np.array(16000.0)],
]


@pytest.mark.parametrize("convert", TAKEN)
def test_it_is_taken_with_its_values(convert):
    np.testing.assert_array_equal(as_sound(convert(TONE)).samples, BATCH)


def test_the_rate_of_a_pair_is_that_of_the_sound():
    assert as_sound((TONE, 22050)).sample_rate == as_sound((22050, TONE), 22050.0).sample_rate == 22050
    with pytest.raises(ValueError, match=r"^`sample_rate` must be 22050, the sample rate of 'array'; got 16000"):
        as_sound((TONE, 22050), 16000)


@pytest.mark.parametrize("rate", [np.array(16000), np.float32(16000), np.uint16(16000)])
def test_a_scalar_array_is_a_sample_rate(rate):
    assert as_sound(TONE, rate).sample_rate == 16000
    assert STFTSpectrogram().spectrogram(BATCH, rate).sample_rate == 16000


@pytest.mark.parametrize(("convert", "line"), FOREIGN)
def test_it_is_refused_with_the_line_that_converts_it(convert, line):
    with pytest.raises(TypeError, match=r"^`signal` must be None, .+ signal" + line):
        as_sound(convert(TONE))
    with pytest.raises(TypeError, match=r"^`inputs` must be an array; got .+ inputs" + line):
        STFTSpectrogram()(convert(BATCH))
    with pytest.raises(TypeError, match=r"^`signal` must be an array; got .+ signal" + line):
        crosscheck(STFTSpectrogram(), convert(TONE), ["scipy-stft"])


@pytest.mark.parametrize("call", ["__call__", "inverse", "reconstruct"])
@pytest.mark.parametrize("value", [Series(BATCH), [0.1], None, "x", 3.0, {}])
def test_the_layer_takes_arrays_only(call, value):
    with pytest.raises(TypeError, match=r"^`\w+` must be an array; got \w+\. Convert it with .+\.$"):
        getattr(STFTSpectrogram("stft" if call == "inverse" else "magnitude"), call)(value)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32"])
def test_the_layer_s_advice_is_what_the_explorer_does(dtype):
    limits = np.iinfo(dtype)
    inputs = np.linspace(limits.min, limits.max, 300).astype(dtype)[None, :, None]
    with pytest.raises(TypeError, match=f"got {dtype}") as error:
        STFTSpectrogram()(inputs)
    line = str(error.value).partition("Convert it with ")[2].rstrip(".")
    np.testing.assert_array_equal(eval(line), as_sound(inputs).samples)


@pytest.mark.parametrize("dtype", ["uint16", "uint64"])
def test_unsigned_samples_are_told_what_their_silence_is(dtype):
    told = r"Subtract the value of silence, and .+: \(signal\.astype\('float32'\) - 32768\) / 32768 for 16 bits"
    with pytest.raises(TypeError, match=told):
        as_sound(np.zeros(100, dtype), 8000)


def test_integers_without_a_full_scale_are_refused_with_the_division():
    with pytest.raises(TypeError, match=r"Divide it by its full scale: signal\.astype\('float32'\) / 32768 for"):
        as_sound(np.zeros(10, "int64"))
    with pytest.raises(TypeError, match=r"got integers\. Divide them by .+ numpy\.asarray\(signal\) / 32768 for"):
        as_sound([1, 2, 3])


@pytest.mark.parametrize("call", [as_sound, lambda x: STFTSpectrogram()(x[None, :, None])])
def test_a_complex_signal_is_sent_to_a_transform_for_two_sided_spectra(call):
    message = r"is for real signals\. .+ scipy\.signal\.ShortTimeFFT with fft_mode='twosided' or 'centered'\.$"
    with pytest.raises(TypeError, match=message):
        call(np.zeros(1000, "complex64"))


def test_the_explorer_keeps_its_own_samples():
    samples = TONE.copy()
    explorer = explore(samples, 16000)
    before = explorer.result.values.copy()
    samples[:] = 0
    np.testing.assert_array_equal(explorer.state.sound.samples, BATCH)
    np.testing.assert_array_equal(explorer.result.values, before)
    other = TONE.copy()
    explorer.set(sound=other)
    other[:] = 0
    np.testing.assert_array_equal(explorer.state.sound.samples, BATCH)
    explorer.close()


@pytest.mark.parametrize("convert", [np.asarray, Series, lambda x: (x, 8000), lambda x: x[None, :, None]])
def test_a_copy_shares_no_memory(convert):
    samples = TONE.copy()
    assert not np.shares_memory(as_sound(convert(samples), copy=True).samples, samples)
    assert np.shares_memory(as_sound(convert(samples)).samples, samples)


def test_saved_values_are_no_sound(tmp_path):
    state = ExplorerState(as_sound(TONE, 16000))
    path = tmp_path / "values.npz"
    save_file(path, values_writer(state))
    state.close()
    with (
        np.load(path) as file,
        pytest.raises(TypeError, match=r"a spectrogram, which save_values wrote\. Pass"),
    ):
        as_sound(file)
    with pytest.raises(SoundError, match=r"got 'values\.npz', which is NumPy's\. Pass its array: numpy\.load\(path\)"):
        read_sound(path)


def test_a_numpy_file_is_sent_to_numpy_load():
    file = io.BytesIO()
    np.save(file, TONE)
    with pytest.raises(SoundError, match=r"got 'x\.npy', which is NumPy's\. Pass its array: numpy\.load\(path\)\.$"):
        read_sound(file, "x.npy")
    file = io.BytesIO()
    np.savez(file, tone=TONE)
    file.seek(0)
    with (
        np.load(file) as arrays,
        pytest.raises(TypeError, match=r"one of its arrays, such as signal\['tone'\]\.$"),
    ):
        as_sound(arrays)
