"""The picture: reduction against a plain computation, codes and back."""

import numpy as np
import pytest

from specwidget.layer import STFTSpectrogram
from specwidget.raster.picture import (
    N_CODES,
    automatic_range,
    encode,
    make_picture,
)
from specwidget.raster.quantity import KINDS, get_quantity
from specwidget.raster.region import group_bins, group_evenly
from specwidget.raster.scales import FREQUENCY_AXES, axis_positions
from specwidget.stft.settings import MODES, STFTSettings


def values_of(picture):
    """Return the values of a picture's codes."""
    values = picture.low + (picture.codes.astype(float) - 1) * (picture.high - picture.low) / (N_CODES - 1)
    return np.where(picture.codes == 0, np.nan, values)


def spectrogram(mode="log", n_samples=9000, **settings):
    """Return the spectrogram of noise."""
    noise = np.random.default_rng(3).standard_normal((1, n_samples, 1)).astype("float32")
    return STFTSpectrogram(mode, **settings).spectrogram(noise, 8000)


def plainly(values, column_starts, row_starts, kind):
    """Reduce values (T, F) cell by cell."""
    cells = np.empty((len(row_starts) - 1, len(column_starts) - 1))
    for row in range(len(cells)):
        for column in range(cells.shape[1]):
            part = values[column_starts[column] : column_starts[column + 1], row_starts[row] : row_starts[row + 1]]
            if kind == "sequential":
                cells[row, column] = part.max()
            elif kind == "diverging":
                # First along time, as there; of two equally far the positive one.
                ends = np.array([part.max(), part.min()])
                cells[row, column] = ends[0] if ends[0] >= -ends[1] else ends[1]
            else:
                cells[row, column] = part[(len(part) - 1) // 2, (part.shape[1] - 1) // 2]
    return cells


def test_every_mode_has_a_quantity():
    assert set(KINDS) == set(MODES)


@pytest.mark.parametrize("axis", FREQUENCY_AXES)
@pytest.mark.parametrize("mode", ["log", "real", "angle"])
def test_reduction_equals_the_plain_one(mode, axis):
    result = spectrogram(mode, frame_step=40)
    picture = make_picture(result, decibels=False, axis=axis, n_columns=60, n_rows=40)
    expected = plainly(result.channel_values(), picture.column_starts, picture.row_starts, picture.quantity.kind)
    assert picture.codes.shape[0] <= 40
    assert picture.codes.shape[1] <= 60
    assert np.allclose(values_of(picture), expected, atol=(picture.high - picture.low) / N_CODES)


def test_mode_stft_stacks_real_over_imaginary():
    both, real = spectrogram("stft"), spectrogram("real")
    picture, half = (make_picture(each, decibels=False) for each in (both, real))
    assert picture.panels == ("real part", "imaginary part")
    assert len(picture.codes) == 2 * (len(picture.row_starts) - 1)
    step = (picture.high - picture.low) / N_CODES
    assert np.allclose(values_of(picture)[: len(half.codes)], values_of(half), atol=2 * step)


def test_a_click_of_one_frame_survives():
    samples = np.zeros((1, 400_000, 1), "float32")
    samples[0, 200_000] = 1
    result = STFTSpectrogram("magnitude", frame_length=64, frame_step=32, window=None).spectrogram(samples, 8000)
    picture = make_picture(result, n_columns=200, n_rows=40, decibels=False)
    assert np.nanmax(values_of(picture)) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("axis", FREQUENCY_AXES)
def test_rows_cover_every_bin_once(axis):
    starts = group_bins(1025, 2048, 44_100, axis, 300)
    assert starts[0] == 0
    assert starts[-1] == 1025
    assert (np.diff(starts) > 0).all()
    assert len(starts) - 1 <= 300


def test_a_logarithmic_axis_keeps_low_bins_apart():
    linear, log = (group_bins(1025, 2048, 44_100, axis, 300) for axis in ("linear", "log"))
    assert np.diff(log)[3:40].max() == 1
    assert np.diff(linear)[:-1].min() >= 3


def test_columns_are_even_and_complete():
    starts = group_evenly(1001, 100)
    assert starts[-1] == 1001
    assert set(np.diff(starts)[:-1].tolist()) == {11}
    assert group_evenly(7, 100).tolist() == list(range(8))


@pytest.mark.parametrize("mode", ["log", "magnitude", "psd"])
def test_decibels_are_those_of_the_result(mode):
    result = spectrogram(mode)
    picture = make_picture(result)
    assert picture.quantity.unit == "dB"
    assert np.allclose(values_of(picture), result.decibels().T, atol=2 * (picture.high - picture.low) / N_CODES)


def test_angles_and_signed_values_have_no_decibels():
    units = {mode: get_quantity(STFTSettings(mode), decibels=True).unit for mode in MODES}
    assert {mode for mode, unit in units.items() if unit == "dB"} == {"log", "magnitude", "psd"}


@pytest.mark.parametrize(
    ("changes", "decibels", "label"),
    [
        ({"mode": "psd"}, True, "PSD (dB re 1 per cycle/sample)"),
        ({"mode": "psd"}, False, "PSD (per cycle/sample)"),
        ({"mode": "psd", "scaling": "spectrum"}, True, "power (dB re 1)"),
        ({"mode": "psd", "scaling": None}, False, "power"),
        ({"mode": "psd", "window": None}, True, "power (dB re 1)"),
        ({"mode": "log"}, True, "magnitude (dB re 1)"),
        ({"mode": "angle"}, True, "angle (rad)"),
    ],
)
def test_the_label_names_the_quantity_and_its_reference(changes, decibels, label):
    quantity = get_quantity(STFTSettings(**changes), decibels=decibels)
    unit = f" ({quantity.full_unit})" if quantity.full_unit else ""
    assert f"{quantity.label}{unit}" == label


def test_codes_are_exact_at_both_ends_and_zero_for_what_is_not_finite():
    codes, low, high = encode(np.array([[-2.0, 5.0, np.nan, np.inf, 1.5]]))
    assert (low, high) == (-2.0, 5.0)
    assert codes.tolist() == [[1, 65535, 0, 0, 32768]]


@pytest.mark.parametrize("values", [[-np.inf, -60.0, -10.0], [-np.inf, -60.0]])
def test_the_decibels_of_zero_have_a_code_below_the_lowest_finite_value(values):
    codes, low, high = encode(np.array([values]))
    steps = (codes[0] - 1.0) * (high - low) / 65534
    assert codes[0, 0] == 1
    assert low + steps[1:] == pytest.approx(values[1:], abs=1e-3)


@pytest.mark.parametrize("value", [0.0, 3.5, np.nan])
def test_a_constant_picture_has_a_range(value):
    codes, low, high = encode(np.full((2, 2), value))
    assert set(codes.ravel().tolist()) == {0 if np.isnan(value) else 1}
    assert np.isfinite([low, high]).all()


def test_silence_in_psd_is_the_lowest_colour_not_missing():
    result = STFTSpectrogram("psd").spectrogram(np.zeros((1, 1000, 1), "float32"), 8000)
    picture = make_picture(result)
    assert (picture.codes == 1).all()
    assert picture.has_zeros
    assert picture.automatic[0] < picture.automatic[1]


@pytest.mark.parametrize("decibels", [True, False])
@pytest.mark.parametrize("mode", ["log", "magnitude", "psd"])
def test_silence_has_the_darkest_colour_of_a_scale_with_two_ends(mode, decibels):
    picture = make_picture(STFTSpectrogram(mode).spectrogram(np.zeros((1, 1000, 1)), 8000), decibels=decibels)
    low, high = picture.automatic
    assert (picture.codes == 1).all()
    assert high >= low + 1
    assert picture.has_zeros or (picture.low - low) / (high - low) < 1 / 256


def test_frames_without_finite_values_are_found_in_the_picture():
    samples = np.zeros((1, 9000, 1))
    samples[0, 4000:4100] = np.nan
    picture = make_picture(STFTSpectrogram(frame_length=100, frame_step=50).spectrogram(samples))
    assert picture.blank_spans() == [(79, 82)]


def test_levels_that_differ_by_rounding_errors_have_one_colour():
    quantity = get_quantity(STFTSettings(), decibels=True)
    assert automatic_range(-20.0, -20.0 + 1e-5, quantity, 0.0) == (-20.0, 60.0)
    assert automatic_range(-20.0, -10.0, quantity, 0.0) == (-20.0, -10.0)


def test_the_automatic_range_reaches_down_to_the_lowest_value_however_few_the_cells():
    result = spectrogram(frame_step=40)
    fine, coarse = (make_picture(result, n_columns=n) for n in (1000, 4))
    assert coarse.low > fine.low + 6
    assert coarse.automatic == pytest.approx(fine.automatic)
    assert coarse.automatic[0] == pytest.approx(max(result.decibels().min(), coarse.high - 80))


def test_the_automatic_range_is_symmetric_for_signs_and_full_for_angles():
    low, high = make_picture(spectrogram("imag"), decibels=False).automatic
    assert low == -high
    assert make_picture(spectrogram("angle")).automatic == (-np.pi, np.pi)


def test_one_loud_cell_does_not_fade_the_others_and_rounding_beside_a_tone_does_not_shine():
    noise = np.random.default_rng(0).standard_normal((1, 60_000, 1)).astype("float32") * np.float32(0.01)
    noise[0, 30_000] = 1.0
    layer = STFTSpectrogram("real", window=None)
    faded = make_picture(layer.spectrogram(noise, 8000))
    assert faded.automatic[1] < 0.7 * faded.high
    tone = np.cos(2 * np.pi * 16 / 256 * np.arange(60_000))[None, :, None].astype("float32")
    alone = make_picture(layer.spectrogram(tone, 8000))
    assert alone.automatic[1] == pytest.approx(alone.high / 10)


def test_the_header_places_frames_and_bins():
    result = spectrogram(frame_length=400, frame_step=160, padding="same")
    header = make_picture(result).header()
    assert header["first_centre"] == result.times[0]
    assert header["step"] == pytest.approx(result.times[1] - result.times[0])
    assert header["spacing"] == result.frequencies[1]
    assert header["top"] == 4000


def test_positions_rise_from_bottom_to_top():
    frequencies = np.linspace(100, 4000, 50)
    for axis in FREQUENCY_AXES:
        places = axis_positions(frequencies, axis, 4000.0, 31.25)
        assert (np.diff(places) > 0).all()
        assert places[-1] == pytest.approx(1)


@pytest.mark.parametrize(
    "values",
    [np.array([[-3e38, 0, 3e38]], "float32"), np.array([[0, 1e-310, 2e-310]]), np.array([[-1e308, 0, 1e308]])],
    ids=["float32 to its ends", "subnormal", "float64 to its ends"],
)
def test_values_at_the_ends_of_their_type_have_codes(values):
    codes, low, high = encode(values)
    assert codes.tolist() == [[1, 32768, 65535]]
    assert (low, high) == (values.min(), values.max())
