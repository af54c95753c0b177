"""The inverse and Griffin-Lim: they recover the signal except for the samples that are reported as lost."""

import re
import tracemalloc

import array_api_strict as xp
import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from specwidget.stft import pipeline
from specwidget.stft.magnitudes import TO_MAGNITUDE
from specwidget.stft.overlap import nola_threshold
from specwidget.stft.settings import MODES
from specwidget.stft.shapes import count_frames, padding_amounts
from specwidget.stft.synthesis import reconstruction_error_bound, window_sumsquare
from tests.layers import make_layer, make_matmul_layer, noise
from tests.reference import DEFAULTS, reference_parts, reference_window
from tests.selection import slow_but

LAYOUTS = [(None, False), (None, True), ("channels_first", False), ("channels_first", True)]
all_layouts = pytest.mark.parametrize(("data_format", "expand_dims"), LAYOUTS)
both_paddings = pytest.mark.parametrize("padding", ["valid", "same"])
DEVICE = xp.Device("device1")


@pytest.fixture(params=[{}, {"threads": 3, "bytes": 3000}, {"bytes": 1}], ids=str)
def any_blocks(request, monkeypatch):
    """The default blocks, small ones on three threads, and blocks of one frame."""
    if "threads" in request.param:
        monkeypatch.setattr(pipeline, "_count_threads", lambda *_: request.param["threads"])
    if "bytes" in request.param:
        monkeypatch.setitem(pipeline.BLOCK_BYTES, "NumPy", request.param["bytes"])


def in_layout(signals, data_format):
    """Signals (B, C, L) in the layout of the layer's input."""
    return signals if data_format == "channels_first" else np.ascontiguousarray(signals.transpose(0, 2, 1))


def to_channels(result, data_format):
    """The signal of a result as (B, C, L)."""
    return result.signal if data_format == "channels_first" else result.signal.transpose(0, 2, 1)


def described(layer):
    """The arguments of a layer for the reference implementation."""
    arguments = {name: getattr(layer.settings, name) for name in DEFAULTS}
    window = arguments["window"]
    is_values = isinstance(window, tuple) and not isinstance(window[0], str)
    return arguments | {"window": list(window) if is_values else window}


def plain_shares(n_samples, layer):
    """The sum of the squared windows at each sample, computed directly; the largest value in the interior is 1."""
    window = reference_window(described(layer))
    left, _ = padding_amounts(n_samples, layer.settings)
    step, n_frames = layer.settings.step, count_frames(n_samples, layer.settings)

    def total(sample, frames):
        places = [sample - t * step for t in frames]
        return sum(window[n] ** 2 for n in places if 0 <= n < len(window))

    far = range(-len(window), len(window) + 1)
    inside = max(total(sample, far) for sample in range(step))
    return np.array([total(sample + left, range(n_frames)) for sample in range(n_samples)]) / inside


def plain_inverse(spectrum, n_samples, layer):
    """The least-squares signal of complex spectra (T, F), frame by frame in float64."""
    settings = layer.settings
    window = reference_window(described(layer))
    left, right = padding_amounts(n_samples, settings)
    above, below = np.zeros(left + n_samples + right), np.zeros(left + n_samples + right)
    for t, row in enumerate(spectrum):
        place = slice(t * settings.step, t * settings.step + len(window))
        above[place] += window * np.fft.irfft(row, settings.n_fft)[: len(window)]
        below[place] += window**2
    return (above / np.where(below == 0, 1, below))[left : left + n_samples]


@st.composite
def round_trips(draw):
    """Arguments of a layer that can be inverted, and the shape (B, C, L) of a signal for it."""
    frame_length = draw(st.integers(2, 40))
    step = draw(st.integers(1, frame_length))
    window = draw(
        st.sampled_from(["hann", "hamming", "blackman", "boxcar", ("kaiser", 5.0), "exponential", "values", None])
    )
    if window == "values":
        window = np.random.default_rng(draw(st.integers(0, 5))).uniform(-1, 1, frame_length).tolist()
    arguments = {
        "mode": "stft",
        "frame_length": frame_length,
        "frame_step": step,
        "fft_length": draw(st.sampled_from([None, frame_length, frame_length + 1, 64])),
        "window": window,
        "periodic": draw(st.booleans()),
        "scaling": draw(st.sampled_from(["density", "spectrum", None])),
        "padding": draw(st.sampled_from(["valid", "same"])),
        "expand_dims": draw(st.booleans()),
        "data_format": draw(st.sampled_from([None, "channels_first"])),
        "dtype": draw(st.sampled_from(["float32", "float64"])),
    }
    least = frame_length if arguments["padding"] == "valid" else 1
    shape = draw(st.tuples(st.integers(0, 2), st.integers(1, 3), st.integers(least, least + 150)))
    return arguments, shape


@given(round_trips(), st.booleans())
@example(({"mode": "stft", "frame_length": 4, "frame_step": 1, "window": None, "padding": "same"}, (1, 1, 1)), True)
@example(({"mode": "stft", "frame_length": 16, "frame_step": 16, "dtype": "float64"}, (1, 1, 50)), False)
def test_the_inverse_recovers_all_but_lost_samples(trip, as_complex):
    arguments, (_, _, n_samples) = trip
    # A window of rounding errors, such as blackman of 2 samples, is refused like one of zeros.
    assume(np.abs(reference_window(DEFAULTS | arguments | {"scaling": None})).max() > 1e-15)
    layer = make_layer(**arguments)
    threshold = np.finfo(layer.settings.result_dtype).eps
    shares = plain_shares(n_samples, layer)
    inside = plain_shares(3 * layer.settings.frame_length, make_layer(**arguments | {"padding": "valid"}))
    least = inside[layer.settings.frame_length :][: layer.settings.step].min()
    # These sums may differ from those of the package in the last bits, so none may be near the threshold.
    assume(not np.any(np.isclose([*shares, least], threshold, rtol=1e-6, atol=0)))
    data_format = arguments.get("data_format")
    signals = np.random.default_rng(1).uniform(-1, 1, trip[1]).astype(layer.settings.result_dtype)
    spectrum = layer(in_layout(signals, data_format))
    if as_complex:
        spectrum = joined(spectrum, layer)
    if least <= threshold:
        with pytest.raises(ValueError, match=r"^`window` must satisfy NOLA: summed squares above"):
            layer.inverse(spectrum, length=n_samples)
        return
    result = layer.inverse(spectrum, length=n_samples)
    lost = shares <= threshold
    assert result.n_lost == np.count_nonzero(lost)
    assert result.signal.dtype == layer.settings.result_dtype
    assert result.signal.shape == in_layout(signals, data_format).shape
    actual = to_channels(result, data_format)
    left, _ = padding_amounts(n_samples, layer.settings)
    bound = reconstruction_error_bound(count_frames(n_samples, layer.settings), layer.settings)[left : left + n_samples]
    bound = np.pad(bound, (0, n_samples - len(bound)))
    np.testing.assert_array_equal(actual[..., lost], 0)
    assert np.all((np.abs(actual - signals) <= bound)[..., ~lost])


def joined(spectrum, layer):
    """A result of mode "stft" as complex values in the same layout."""
    settings = layer.settings
    if not settings.expand_dims:
        axis = 2 if settings.channels_last else 1
        split = np.moveaxis(spectrum, axis, -1)
        *outer, flat = split.shape
        split = split.reshape(*outer, flat // (2 * settings.n_bins), 2, settings.n_bins)
        values = (split[..., 0, :] + 1j * split[..., 1, :]).reshape(*outer, flat // 2)
        return np.moveaxis(values, -1, axis)
    axis = 2 if settings.channels_last else 3
    real, imag = np.split(spectrum, 2, axis=axis)
    return real + 1j * imag


@both_paddings
@pytest.mark.parametrize("window", ["hann", "hamming", None])
def test_the_inverse_of_a_modified_spectrum_is_the_least_squares_signal(window, padding, any_blocks):
    layer = make_layer(
        mode="stft", frame_length=20, frame_step=6, fft_length=32, window=window, padding=padding, dtype="float64"
    )
    rng = np.random.default_rng(3)
    n_samples = 20 + 6 * 30 if padding == "valid" else 31 * 6 - 2
    spectrum = rng.standard_normal((31, 17)) + 1j * rng.standard_normal((31, 17))
    result = layer.inverse(spectrum[None], length=n_samples)
    expected = plain_inverse(spectrum, n_samples, layer)
    lost = plain_shares(n_samples, layer) <= nola_threshold(layer.settings.result_dtype)
    np.testing.assert_allclose(result.signal[0, ~lost, 0], expected[~lost], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_same_padding_recovers_every_sample_to_float_precision(dtype):
    layer = make_layer(mode="stft", padding="same", dtype=dtype)
    for n_samples in (1, 127, 128, 1000, 1001):
        signal = noise(1, n_samples, 2).astype(dtype)
        result = layer.inverse(layer(signal), length=n_samples)
        assert result.n_lost == 0
        assert np.abs(result.signal - signal).max() < 10 * np.finfo(dtype).eps * np.abs(signal).max()


def test_valid_padding_recovers_samples_under_frames_and_counts_the_rest():
    layer = make_layer(mode="stft", frame_length=256, frame_step=128, dtype="float64")
    signal = np.random.default_rng(0).standard_normal((1, 1000, 1))
    covered = layer.inverse(layer(signal))
    assert covered.signal.shape == (1, 896, 1)
    # The symmetric Hann is 0 at its first and last sample.
    assert covered.n_lost == 2
    np.testing.assert_allclose(covered.signal[0, 1:-1], signal[0, 1:895], atol=1e-7)
    whole = layer.inverse(layer(signal), length=1000)
    assert whole.n_lost == 2 + 104
    np.testing.assert_array_equal(whole.signal[:, :896], covered.signal)
    np.testing.assert_array_equal(whole.signal[:, 896:], 0)


@pytest.mark.parametrize(("dtype", "expected"), [("float16", 30), ("float32", 4), ("float64", 2)])
def test_a_sample_is_lost_where_half_of_its_digits_are_wrong(dtype, expected):
    layer = make_layer(mode="stft", dtype=dtype)
    result = layer.inverse(layer(np.ones((1, 1024, 1))))
    assert result.n_lost == np.count_nonzero(plain_shares(1024, layer) <= np.finfo(dtype).eps) == expected
    assert np.count_nonzero(result.signal == 0) == expected


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_error_grows_as_eps_over_the_root_of_the_summed_squares(dtype):
    layer = make_layer(mode="stft", frame_length=512, frame_step=256, dtype=dtype)
    signals = np.random.default_rng(0).uniform(-1, 1, (400, 1024, 1)).astype(dtype)
    errors = np.sqrt(np.mean((layer.inverse(layer(signals)).signal - signals).astype("float64") ** 2, axis=(0, 2)))
    shares = window_sumsquare(3, layer.settings)
    kept = shares[:256] > nola_threshold(layer.settings.result_dtype)
    assert errors[:256][kept].max() > 100 * errors[400]
    slope, level = np.polyfit(np.log(shares[:256][kept][:60]), np.log(errors[:256][kept][:60]), 1)
    assert slope == pytest.approx(-0.5, abs=0.03)
    assert np.exp(level) < 3 * np.finfo(dtype).eps


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("scaling", ["density", "spectrum"])
def test_the_error_bound_holds_and_is_tight(dtype, scaling):
    layer = make_layer(mode="stft", frame_length=256, frame_step=64, dtype=dtype, scaling=scaling)
    # At a peak of 1e-3 the spectrum would be below the normal numbers of float16.
    for peak in (1.0,) if dtype == "float16" else (1.0, 1e-3):
        signals = (peak * np.random.default_rng(0).uniform(-1, 1, (50, 2048, 1))).astype(dtype)
        result = layer.inverse(layer(signals))
        errors = np.abs(result.signal.astype("float64") - signals).max(axis=(0, 2))
        bound = reconstruction_error_bound(29, layer.settings, peak)
        assert np.all(errors <= bound)
        assert np.all(bound[1000:1100] < 400 * errors[1000:1100].max())


def test_the_bound_of_a_lost_sample_is_the_peak():
    settings = make_layer(mode="stft").settings
    bound = reconstruction_error_bound(4, settings, peak=3.0)
    np.testing.assert_array_equal(bound == 3.0, window_sumsquare(4, settings) <= nola_threshold(settings.result_dtype))


def test_float16_is_recovered_within_its_error_bound():
    layer = make_layer(mode="stft", padding="same", dtype="float16")
    signal = noise(1, 1000, 1).astype("float16")
    result = layer.inverse(layer(signal), length=1000)
    assert result.signal.dtype == np.float16
    assert np.abs(result.signal - signal).max() < 0.01


@all_layouts
@both_paddings
def test_the_inverse_has_the_layout_of_the_input(data_format, expand_dims, padding, any_blocks):
    signals = noise(2, 3, 173)
    layer = make_layer(
        mode="stft", frame_length=16, frame_step=5, padding=padding, data_format=data_format, expand_dims=expand_dims
    )
    inputs = in_layout(signals, data_format)
    result = layer.inverse(layer(inputs), length=173)
    assert result.signal.shape == inputs.shape
    assert result.signal.flags.c_contiguous
    lost = plain_shares(173, layer) <= nola_threshold(layer.settings.result_dtype)
    np.testing.assert_allclose(result.signal, np.where(in_layout(lost[None, None], data_format), 0, inputs), atol=1e-3)


@pytest.mark.parametrize("step", [1, 3, 7, 16])
@both_paddings
def test_blocks_and_threads_do_not_change_a_bit(step, padding, monkeypatch):
    layer = make_layer(mode="stft", frame_length=16, frame_step=step, padding=padding, window="hamming")
    spectrum = noise(2, 50, 3 * 18)
    length = 50 * step if padding == "same" else None
    expected = layer.inverse(spectrum, length).signal
    for n_bytes, threads in [(1, 1), (200, 1), (200, 2), (1000, 5), (2**20, 7)]:
        monkeypatch.setitem(pipeline.BLOCK_BYTES, "NumPy", n_bytes)
        monkeypatch.setattr(pipeline, "_count_threads", lambda *_, n=threads: n)
        np.testing.assert_array_equal(layer.inverse(spectrum, length).signal, expected)


@pytest.mark.parametrize("nonfinite", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 8, 9, 17], ids=["re 0", "re Nyquist", "im 0", "im Nyquist"])
@both_paddings
def test_a_nonfinite_value_makes_only_the_samples_of_its_frame_nan(nonfinite, place, padding, any_blocks):
    layer = make_layer(mode="stft", frame_length=16, frame_step=4, padding=padding)
    signal = noise(2, 160, 1)
    spectrum = layer(signal)
    clean = layer.inverse(spectrum, length=160).signal
    spectrum[1, 20, place] = nonfinite
    actual = layer.inverse(spectrum, length=160).signal
    left, _ = padding_amounts(160, layer.settings)
    covered = slice(80 - left, 96 - left)
    assert np.isnan(actual[1, covered]).all()
    actual[1, covered] = clean[1, covered]
    np.testing.assert_array_equal(actual, clean)


def test_strided_read_only_and_big_endian_spectra_are_accepted():
    layer = make_layer(mode="stft", padding="same")
    spectrum = layer(noise(2, 1000, 2))
    expected = layer.inverse(spectrum, 1000).signal
    wide = np.repeat(spectrum, 2, axis=1)[:, ::2]
    frozen = spectrum.copy()
    frozen.flags.writeable = False
    for given_values in (wide, frozen, spectrum.astype(">f4"), spectrum.astype("float64"), np.asfortranarray(spectrum)):
        result = layer.inverse(given_values, 1000).signal
        np.testing.assert_array_equal(result, expected, strict=True)
    as_complex = joined(spectrum, layer)
    np.testing.assert_array_equal(layer.inverse(as_complex.astype(">c8"), 1000).signal, expected, strict=True)


def test_the_spectrum_is_not_modified():
    layer = make_layer(mode="stft")
    spectrum = layer(noise(1, 1000, 1))
    kept = spectrum.copy()
    layer.inverse(spectrum)
    np.testing.assert_array_equal(spectrum, kept)


def test_the_inverse_needs_memory_for_the_signal_and_a_few_blocks():
    layer = make_layer(mode="stft", frame_length=2048, frame_step=512)
    spectrum = np.broadcast_to(layer(noise(1, 2048, 1)), (1, 100 * 44100 // 512, 2050))
    tracemalloc.start()
    result = layer.inverse(spectrum)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak - result.signal.nbytes < 24 * 2**20


def test_a_window_without_nola_is_an_error_with_a_fix():
    layer = make_layer(mode="stft", frame_length=256, frame_step=256)
    with pytest.raises(
        ValueError,
        match=r"^`window` must satisfy NOLA: .* in float32; got 'hann' with frame_length=256 and step=256, "
        r"whose smallest is 0\.0e\+00\. Use a smaller frame_step",
    ):
        layer.inverse(layer(noise(1, 1024, 1)))


def test_a_window_whose_dual_overflows_is_an_error():
    layer = make_layer(mode="stft", frame_length=8, window=[1e-36] * 8, scaling=None)
    with pytest.raises(ValueError, match=r"`window` must have a largest value of at least 3\.4e-35.* got 1\.0e-36"):
        layer.inverse(layer(noise(1, 40, 1)))
    larger = make_layer(mode="stft", frame_length=8, window=[1e-34] * 8, scaling=None)
    signal = 1e3 * noise(1, 40, 1)
    np.testing.assert_allclose(larger.inverse(larger(signal)).signal, signal, rtol=0, atol=1e-2)


def test_the_nola_threshold_depends_on_the_dtype():
    arguments = {"mode": "stft", "frame_length": 256, "frame_step": 255, "periodic": True}
    assert make_layer(**arguments, dtype="float64").inverse(np.zeros((1, 3, 258))).n_lost > 0
    with pytest.raises(ValueError, match=r"^`window` must satisfy NOLA"):
        make_layer(**arguments).inverse(np.zeros((1, 3, 258)))


@pytest.mark.parametrize("method", ["inverse", "reconstruct"])
def test_custom_kernels_have_no_inverse(method):
    layer = make_matmul_layer(mode="stft" if method == "inverse" else "log")
    with pytest.raises(ValueError, match=r"^`weights` must be Fourier kernels to compute an inverse; .* a new layer"):
        getattr(layer, method)(np.zeros((1, 3, 258)))


def test_fourier_kernels_that_are_set_again_have_an_inverse():
    layer = make_layer(mode="stft", padding="same")
    layer.set_weights(layer.get_weights())
    signal = noise(1, 500, 1)
    np.testing.assert_allclose(layer.inverse(layer(signal), 500).signal, signal, atol=1e-5)


@pytest.mark.parametrize("mode", sorted(set(MODES) - {"stft"}))
def test_real_values_of_other_modes_are_an_error_that_names_reconstruct(mode):
    layer = make_layer(mode=mode, padding="same")
    with pytest.raises(ValueError, match=rf"^`mode` must be 'stft' .*; got '{mode}'\. .*`reconstruct`"):
        layer.inverse(np.zeros((1, 3, 129)), length=300)
    signal = noise(1, 300, 2)
    spectrum = joined(make_layer(mode="stft", padding="same")(signal), layer)
    np.testing.assert_allclose(layer.inverse(spectrum, length=300).signal, signal, atol=1e-5)


def test_same_padding_needs_the_length():
    layer = make_layer(mode="stft", padding="same")
    with pytest.raises(ValueError, match=r"^`length` must be given with padding='same', .*; got None\.$"):
        layer.inverse(np.zeros((1, 3, 258)))


@both_paddings
def test_the_length_must_match_the_number_of_frames(padding):
    layer = make_layer(mode="stft", frame_length=10, frame_step=4, padding=padding)
    low = 21 if padding == "same" else 30
    for length in range(low, low + 4):
        assert layer.inverse(np.zeros((1, 6, 18)), length).signal.shape == (1, length, 1)
    for length in (low - 1, low + 4, 0, -3):
        with pytest.raises(
            ValueError,
            match=rf"^`length` must be between {low} and {low + 3} for n_frames=6 .*; got {length}\.$",
        ):
            layer.inverse(np.zeros((1, 6, 18)), length)
    for length in (24.0, True, "24"):
        with pytest.raises(TypeError, match=r"^`length` must be an integer; got"):
            layer.inverse(np.zeros((1, 6, 18)), length)


@pytest.mark.parametrize(
    ("data_format", "expand_dims", "axes", "shapes"),
    [
        (None, False, "batch, frames, 18 channels", [(1, 4, 17), (1, 36), (1, 4, 18, 2)]),
        (None, True, "batch, frames, 18, channels", [(1, 4, 17, 2), (1, 4, 36), (1, 4, 18, 0)]),
        ("channels_first", False, "batch, 18 channels, frames", [(1, 35, 4), (36, 4), (1, 36, 0)]),
        ("channels_first", True, "batch, channels, frames, 18", [(1, 2, 4, 17), (1, 2, 18), (1, 2, 0, 18)]),
    ],
)
def test_a_wrong_shape_is_an_error_that_names_the_axes(data_format, expand_dims, axes, shapes):
    layer = make_layer(mode="stft", frame_length=16, data_format=data_format, expand_dims=expand_dims)
    for shape in shapes:
        given = re.escape(str(shape))
        match = rf"^`spectrum` must have shape \({axes}\), with at least 1 of each but batch; got {given}\.$"
        with pytest.raises(ValueError, match=match):
            layer.inverse(np.zeros(shape))


def test_0_frames_or_channels_are_an_error_and_a_batch_of_0_is_not():
    layer = make_layer(mode="stft")
    for shape in [(1, 0, 258), (1, 3, 0)]:
        with pytest.raises(ValueError, match=r"^`spectrum` must have shape"):
            layer.inverse(np.zeros(shape))
    assert layer.inverse(np.zeros((0, 3, 516))).signal.shape == (0, 512, 2)


def test_anything_but_a_numeric_array_is_a_type_error():
    layer = make_layer(mode="stft")
    with pytest.raises(TypeError, match=r"^`spectrum` must be an array; got list\."):
        layer.inverse([[[1.0]]])
    for dtype in ("int32", "bool", "longdouble"):
        with pytest.raises(TypeError, match=r"^`spectrum` must have dtype float16, .* or complex128; got"):
            layer.inverse(np.zeros((1, 3, 258), dtype))


# From magnitudes


def chord(n_samples):
    """Three sines of different level, and a little noise."""
    t = np.arange(n_samples)
    tones = sum(0.5**k * np.sin(frequency * t + k) for k, frequency in enumerate((0.4, 1.0, 1.9)))
    return (tones + 1e-3 * np.random.default_rng(0).standard_normal(n_samples)).reshape(1, -1, 1)


def plain_convergence(signal, magnitudes, layer):
    """Spectral convergence of a signal to given magnitudes (T, F), in float64."""
    settings = described(layer) | {"dtype": "float64"}
    parts = reference_parts(signal, settings)
    actual = np.hypot(parts.real, parts.imag)[0, 0]
    return np.linalg.norm(actual - magnitudes) / np.linalg.norm(magnitudes)


@pytest.mark.parametrize("mode", slow_but(TO_MAGNITUDE, "log".__eq__))
@both_paddings
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_reconstruction_matches_the_magnitudes_and_reports_its_convergence(mode, padding, dtype, any_blocks):
    layer = make_layer(mode=mode, frame_length=64, frame_step=16, padding=padding, dtype=dtype, epsilon=1e-14)
    signal = chord(800)
    spectrogram = layer(signal)
    parts = reference_parts(signal, described(layer))
    given_magnitudes = np.hypot(parts.real, parts.imag)[0, 0]
    result = layer.reconstruct(spectrogram, length=800, n_iter=60)
    assert result.signal.shape == (1, 800, 1)
    assert result.signal.dtype == dtype
    assert isinstance(result.convergence, float)
    assert result.convergence < 0.06
    assert result.convergence == pytest.approx(plain_convergence(result.signal, given_magnitudes, layer), rel=1e-3)


@pytest.mark.parametrize("mode", TO_MAGNITUDE)
def test_reconstruction_has_the_level_of_the_signal_at_even_and_odd_fft_lengths(mode):
    for n_fft in (64, 65):
        layer = make_layer(mode=mode, frame_length=64, frame_step=16, fft_length=n_fft, padding="same", epsilon=1e-14)
        signal = 0.1 + chord(1200)
        actual = layer.reconstruct(layer(signal), length=1200, n_iter=60).signal
        assert np.std(actual[:, 100:-100]) == pytest.approx(np.std(signal[:, 100:-100]), rel=0.05)


@pytest.mark.parametrize("mode", ["magnitude", "log"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_silence_is_reconstructed_as_silence(mode, dtype):
    for epsilon in (1e-7, 1e-5, 1.0):
        layer = make_layer(mode=mode, padding="same", dtype=dtype, epsilon=epsilon)
        spectrogram = layer(np.zeros((1, 1000, 1)))
        result = layer.reconstruct(spectrogram, length=1000, n_iter=2)
        np.testing.assert_array_equal(result.signal, 0)
        assert result.convergence == 0


def test_a_floor_not_read_as_0_would_be_audible():
    layer = make_layer(mode="magnitude", padding="same")
    floor = layer(np.zeros((1, 4000, 1)))
    kept = layer.reconstruct(1.01 * floor, length=4000).signal
    assert 20 * np.log10(np.abs(kept).max()) > -60


def test_values_just_above_the_floor_are_used():
    layer = make_layer(mode="magnitude", padding="same")
    spectrogram = layer(np.zeros((1, 1000, 1))) * np.float32(1 + 1e-5)
    assert np.abs(layer.reconstruct(spectrogram, length=1000, n_iter=2).signal).max() > 0


def test_negative_powers_and_magnitudes_are_read_as_0():
    for mode in ("magnitude", "psd"):
        layer = make_layer(mode=mode, padding="same")
        np.testing.assert_array_equal(layer.reconstruct(-np.ones((1, 4, 129)), length=500, n_iter=1).signal, 0)


def test_momentum_converges_faster():
    layer = make_layer(mode="magnitude", frame_length=64, frame_step=16, padding="same")
    spectrogram = layer(chord(2000))
    slow, fast = (layer.reconstruct(spectrogram, 2000, momentum=momentum).convergence for momentum in (0, 0.99))
    assert fast < 0.7 * slow


def test_the_ends_fade_where_the_window_is_small():
    layer = make_layer(mode="magnitude", frame_length=64, frame_step=16)
    signal = chord(2000)
    for n_iter in (1, 32):
        actual = layer.reconstruct(layer(signal), n_iter=n_iter).signal
        assert np.abs(actual).max() < 1.3 * np.abs(signal).max()


def test_more_iterations_improve_the_convergence():
    layer = make_layer(mode="log", frame_length=64, frame_step=16, padding="same")
    spectrogram = layer(chord(2000))
    errors = [layer.reconstruct(spectrogram, 2000, n_iter=n).convergence for n in (1, 8, 64)]
    assert errors[0] > 1.5 * errors[1] > 2 * errors[2]


def test_it_equals_a_direct_implementation_of_the_paper():
    layer = make_layer(mode="magnitude", frame_length=16, frame_step=4, padding="same", dtype="float64", epsilon=1e-30)
    settings = described(layer)
    magnitudes = layer(chord(120))[0]
    turns = np.random.default_rng(5).random((1, 1, *magnitudes.shape), dtype=np.float32)[0, 0]
    spectrum, last = magnitudes * np.exp(2j * np.pi * turns), 0
    for _ in range(7):
        parts = reference_parts(plain_inverse(spectrum, 120, layer)[None, :, None], settings)
        nearest = (parts.real + 1j * parts.imag)[0, 0]
        ahead = nearest + 0.8 * (nearest - last if np.ndim(last) else 0)
        spectrum, last = magnitudes * np.exp(1j * np.angle(ahead)), nearest
    actual = layer.reconstruct(magnitudes[None], 120, n_iter=7, momentum=0.8, seed=5).signal
    np.testing.assert_allclose(actual[0, :, 0], plain_inverse(spectrum, 120, layer), atol=1e-4)


def test_a_seed_gives_the_same_bits_for_any_block_size(any_blocks):
    layer = make_layer(mode="magnitude", frame_length=16, frame_step=5, padding="same")
    spectrogram = layer(noise(2, 300, 2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(pipeline.BLOCK_BYTES, "NumPy", 2**20)
        patch.setattr(pipeline, "_count_threads", lambda *_: 1)
        expected = layer.reconstruct(spectrogram, 300, n_iter=3, seed=7).signal
    np.testing.assert_array_equal(layer.reconstruct(spectrogram, 300, n_iter=3, seed=7).signal, expected)
    assert not np.array_equal(layer.reconstruct(spectrogram, 300, n_iter=3, seed=8).signal, expected)


def test_seed_none_gives_other_phases_at_each_call():
    layer = make_layer(mode="magnitude", padding="same")
    spectrogram = layer(noise(1, 600, 1))
    one, other = (layer.reconstruct(spectrogram, 600, n_iter=1, seed=None).signal for _ in range(2))
    assert not np.array_equal(one, other)


@all_layouts
def test_every_layout_gives_the_same_signal(data_format, expand_dims):
    arguments = {"mode": "log", "frame_length": 16, "frame_step": 4}
    plain = make_layer(**arguments)
    layer = make_layer(**arguments, data_format=data_format, expand_dims=expand_dims)
    signals = noise(2, 3, 99)
    expected = plain.reconstruct(plain(in_layout(signals, None)), 99, n_iter=2)
    result = layer.reconstruct(layer(in_layout(signals, data_format)), 99, n_iter=2)
    np.testing.assert_array_equal(to_channels(result, data_format), to_channels(expected, None))
    assert result.n_lost == expected.n_lost == np.count_nonzero(plain_shares(99, plain) <= np.finfo("float32").eps)


@pytest.mark.parametrize("nonfinite", [np.nan, np.inf])
@pytest.mark.parametrize("mode", TO_MAGNITUDE)
def test_reconstruction_makes_only_the_samples_of_a_nonfinite_frame_nan(mode, nonfinite):
    layer = make_layer(mode=mode, frame_length=16, frame_step=4, padding="same")
    spectrogram = layer(noise(1, 160, 1))
    spectrogram[0, 20, 3] = nonfinite
    result = layer.reconstruct(spectrogram, 160)
    left, _ = padding_amounts(160, layer.settings)
    expected = np.zeros(160, bool)
    expected[80 - left : 96 - left] = True
    np.testing.assert_array_equal(np.isnan(result.signal[0, :, 0]), expected)
    assert np.isfinite(result.signal[0, ~expected]).all()
    assert 0 < result.convergence < 0.5


@pytest.mark.parametrize("n_fft", [16, 23])
def test_the_convergence_leaves_out_every_bin_of_a_nonfinite_frame(n_fft):
    layer = make_layer(mode="magnitude", frame_length=16, frame_step=4, fft_length=n_fft, padding="same")
    spectrogram = layer(noise(1, 160, 1))
    spectrogram[0, 20, 3] = np.nan
    result = layer.reconstruct(spectrogram, 160, n_iter=3)
    found = layer(result.signal)
    finite = np.isfinite(found) & np.isfinite(spectrogram).all(axis=-1, keepdims=True)
    assert finite.any(axis=-1).sum() < finite.shape[1]
    errors = np.linalg.norm((found - spectrogram)[finite]), np.linalg.norm(spectrogram[finite])
    assert result.convergence == pytest.approx(errors[0] / errors[1], rel=1e-4)


def test_float16_magnitudes_are_reconstructed_in_float32():
    layer = make_layer(mode="magnitude", frame_length=64, frame_step=16, padding="same", dtype="float16")
    result = layer.reconstruct(layer(chord(800)), 800, n_iter=60)
    assert result.signal.dtype == np.float16
    assert result.convergence < 0.06


def test_no_batch_gives_an_empty_signal():
    layer = make_layer(mode="magnitude")
    result = layer.reconstruct(np.zeros((0, 3, 129)))
    assert result.signal.shape == (0, 512, 1)
    assert result.convergence == 0


def test_the_progress_bar_counts_the_iterations(capsys):
    layer = make_layer(mode="magnitude")
    layer.reconstruct(np.ones((1, 3, 129)), n_iter=3, progress=True)
    assert "3/3" in capsys.readouterr().err
    layer.reconstruct(np.ones((1, 3, 129)), n_iter=3)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("mode", sorted(set(MODES) - set(TO_MAGNITUDE)))
def test_modes_without_magnitudes_are_an_error(mode):
    with pytest.raises(ValueError, match=rf"^`mode` must be one of 'magnitude', 'log', 'psd' .*; got '{mode}'\."):
        make_layer(mode=mode).reconstruct(np.zeros((1, 3, 129)))


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"n_iter": 0}, ValueError, r"^`n_iter` must be at least 1; got 0\.$"),
        ({"n_iter": 2.0}, TypeError, r"^`n_iter` must be an integer; got 2\.0\.$"),
        ({"momentum": -0.1}, ValueError, r"^`momentum` must be finite and at least 0; got -0\.1\.$"),
        ({"momentum": np.inf}, ValueError, r"^`momentum` must be finite and at least 0; got inf\.$"),
        ({"momentum": "0.9"}, TypeError, r"^`momentum` must be a number; got '0\.9'\.$"),
        ({"seed": -1}, ValueError, r"^`seed` must be at least 0, or None; got -1\.$"),
        ({"seed": 0.5}, TypeError, r"^`seed` must be an integer; got 0\.5\.$"),
        ({"length": 3}, ValueError, r"^`length` must be between 512 and 639 .*; got 3\.$"),
    ],
)
def test_each_argument_is_validated(arguments, error, match):
    with pytest.raises(error, match=match):
        make_layer(mode="magnitude").reconstruct(np.zeros((1, 3, 129)), **arguments)


def test_complex_values_and_wrong_shapes_are_errors():
    layer = make_layer(mode="magnitude")
    with pytest.raises(TypeError, match=r"^`spectrogram` must have dtype float16, float32 or float64; got complex128"):
        layer.reconstruct(np.zeros((1, 3, 129), complex))
    with pytest.raises(ValueError, match=r"^`spectrogram` must have shape \(batch, frames, 129 channels\)"):
        layer.reconstruct(np.zeros((1, 3, 130)))


# On another device


def on_device(values):
    return xp.asarray(np.ascontiguousarray(values), device=DEVICE)


def on_host(array):
    assert array.device == DEVICE
    return np.asarray(array.to_device(xp.Device("CPU_DEVICE")))


@all_layouts
@both_paddings
@pytest.mark.parametrize("as_complex", [False, True])
def test_the_inverse_on_a_device_equals_numpys(data_format, expand_dims, padding, as_complex):
    layer = make_layer(
        mode="stft", frame_length=16, frame_step=5, padding=padding, data_format=data_format, expand_dims=expand_dims
    )
    spectrum = layer(in_layout(noise(2, 3, 73), data_format))
    given_values = joined(spectrum, layer) if as_complex else spectrum
    expected = layer.inverse(spectrum, 73)
    result = layer.inverse(on_device(given_values), 73)
    assert result.n_lost == expected.n_lost
    assert result.signal.dtype == xp.float32
    np.testing.assert_allclose(on_host(result.signal), expected.signal, atol=1e-5)


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("place", [0, 9, 17])
def test_a_nonfinite_value_on_a_device_makes_only_the_samples_of_its_frame_nan(place):
    layer = make_layer(mode="stft", frame_length=16, frame_step=4)
    spectrum = layer(noise(1, 160, 1))
    spectrum[0, 20, place] = np.inf
    actual = on_host(layer.inverse(on_device(spectrum)).signal)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(actual)), np.arange(80, 96))


@pytest.mark.parametrize("mode", TO_MAGNITUDE)
@both_paddings
def test_reconstruction_on_a_device_equals_numpys(mode, padding):
    layer = make_layer(mode=mode, frame_length=16, frame_step=5, padding=padding, dtype="float64", epsilon=1e-30)
    spectrogram = layer(noise(2, 73, 2))
    expected = layer.reconstruct(spectrogram, 73, n_iter=3)
    result = layer.reconstruct(on_device(spectrogram), 73, n_iter=3)
    np.testing.assert_allclose(on_host(result.signal), expected.signal, atol=1e-8)
    assert on_host(result.convergence) == pytest.approx(expected.convergence)


def test_other_dtypes_on_a_device_are_type_errors():
    with pytest.raises(TypeError, match=r"^`spectrum` must have dtype float16, .* or complex128; got int32\.$"):
        make_layer(mode="stft").inverse(xp.zeros((1, 3, 258), dtype=xp.int32, device=DEVICE))


@pytest.mark.filterwarnings("ignore:invalid value")
def test_reconstruction_on_a_device_makes_the_samples_of_a_nonfinite_frame_nan():
    layer = make_layer(mode="log", frame_length=16, frame_step=4)
    spectrogram = layer(noise(1, 160, 1))
    spectrogram[0, 20, 3] = np.nan
    result = layer.reconstruct(on_device(spectrogram), n_iter=2)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(on_host(result.signal))), np.arange(80, 96))
    assert 0 < on_host(result.convergence) < 0.6
