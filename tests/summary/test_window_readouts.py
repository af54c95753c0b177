"""What the window's panel says and draws: numbers as the window has them, and curves that lose no peak."""

import math

import numpy as np
import pytest

from specwidget.mel.stages import make_settings
from specwidget.raster.curves import reduce_curve
from specwidget.stft.settings import STFTSettings
from specwidget.summary.window_readouts import (
    MIN_DECIBELS,
    difference_sentence,
    merit_rows,
    response_decibels,
    window_forms,
    window_title,
    zoom_bins,
)


def rows_of(settings, sample_rate=None):
    """Return the values of each row by its name."""
    return {row.name: row.values for row in merit_rows(window_forms(settings), settings, sample_rate)}


@pytest.mark.parametrize("periodic", [False, True])
def test_the_form_in_use_comes_first(periodic):
    settings = STFTSettings(periodic=periodic)
    first, second = window_forms(settings)
    np.testing.assert_array_equal(first.values, settings.window_values)
    assert (first.name, second.name) == (("periodic", "symmetric") if periodic else ("symmetric", "periodic"))


@pytest.mark.parametrize("periodic", [True, False])
def test_kaldis_window_has_its_name_and_two_forms(periodic):
    settings = make_settings({"window": "povey", "frame_length": 400, "periodic": periodic}, None)
    assert window_title(settings) == "povey, 400 samples"
    forms = {form.name: form.values for form in window_forms(settings)}
    assert next(iter(forms)) == ("periodic" if periodic else "symmetric")
    np.testing.assert_allclose(forms["symmetric"], np.hanning(400) ** 0.85, atol=1e-15)
    np.testing.assert_allclose(forms["periodic"], np.hanning(401)[:-1] ** 0.85, atol=1e-15)


@pytest.mark.parametrize(
    ("window", "name"),
    [(None, "no window"), (np.hanning(256), "as given"), (("kaiser_bessel_derived", 8.6), "symmetric")],
)
def test_a_window_without_another_form_stands_alone(window, name):
    settings = STFTSettings(window=window)
    forms = window_forms(settings)
    assert [form.name for form in forms] == [name]
    assert difference_sentence(forms) == ""
    assert all(len(values) == 1 for values in rows_of(settings).values())


def test_the_figures_are_told_in_bins_and_hertz():
    rows = rows_of(STFTSettings(periodic=True, frame_length=1000, fft_length=4000), 8000)
    assert rows["noise bandwidth (ENBW)"][0] == "1.5 bins, 12 Hz"
    assert rows["main lobe, null to null"][0] == "4 bins, 32 Hz"
    assert rows["highest side lobe"][0] == "−31.47 dB"
    assert rows["scalloping loss"][0] == "0.09 dB"
    assert rows_of(STFTSettings(window="flattop", fft_length=1024))["scalloping loss"][0] == "−0.0009 dB"
    assert "Hz" not in str(rows_of(STFTSettings()))


@pytest.mark.parametrize(
    ("step", "cola", "nola"),
    [
        (128, "holds, margin 1", "holds, margin 0.5"),
        (256, "fails, margin 0 (needed: 1)", "fails, margin 0 (needed: over 1.2e−07)"),
    ],
)
def test_the_verdicts_are_those_of_the_present_step(step, cola, nola):
    rows = rows_of(STFTSettings(periodic=True, frame_step=step, window="hann"))
    assert (rows[f"COLA at step {step}"][0], rows[f"NOLA at step {step}"][0]) == (cola, nola)


def test_a_margin_that_is_not_enough_never_reads_as_one():
    rows = rows_of(STFTSettings(frame_length=32_768, periodic=False))
    # Half a sine of this height is what two symmetric windows add up to below 1; its median is that of the sine.
    departure = np.pi / 2 / 32_767 * np.sin(np.pi / 4)
    assert rows["COLA at step 16384"][0] == f"fails, margin 1 − {departure:.3g} (needed: 1)".replace("-", "−")


def test_what_a_window_does_not_have_reads_as_none():
    rows = rows_of(STFTSettings(frame_length=1, window=None))
    assert rows["main lobe, null to null"] == ("none",)
    assert rows["highest side lobe"] == ("none",)
    assert rows["noise bandwidth (ENBW)"] == ("1 bin",)
    assert rows_of(STFTSettings(window=("gaussian", 10.0)))["highest side lobe"][0] == "below rounding error"


def test_a_window_too_long_to_be_judged_is_refused():
    with pytest.raises(ValueError, match=r"`frame_length` must be at most 1048576 for figures of merit; got 2097152"):
        window_forms(STFTSettings(frame_length=2**21, window=None))


def test_the_difference_of_the_forms_is_told_where_it_is_largest():
    settings = STFTSettings(frame_length=8)
    n = np.arange(8)
    symmetric, periodic = (0.5 - 0.5 * np.cos(2 * np.pi * n / length) for length in (7, 8))
    largest = np.abs(symmetric - periodic)
    sentence = difference_sentence(window_forms(settings))
    assert f"at most {largest.max():.3g}, at sample {largest.argmax()}:" in sentence
    assert difference_sentence(window_forms(STFTSettings(window="boxcar"))).endswith("are equal.")


def test_the_near_view_holds_the_main_lobe_and_side_lobes():
    assert zoom_bins(window_forms(STFTSettings(window="blackmanharris")), 256) == 17
    assert zoom_bins(window_forms(STFTSettings(window="boxcar")), 256) == 8
    assert zoom_bins(window_forms(STFTSettings(frame_length=8, window="boxcar")), 8) == 4


def test_a_response_of_nothing_is_drawn_from_its_highest():
    assert response_decibels(np.zeros(4)).tolist() == [MIN_DECIBELS] * 33
    assert response_decibels(np.array([1.0, -1.0])).max() == 0
    assert response_decibels(np.array([1.0, -2.0, 1.5]))[0] == 0
    assert response_decibels(np.array([1.0, -1.0]))[0] == MIN_DECIBELS


@pytest.mark.parametrize(
    ("window", "title"),
    [
        ("hann", "hann, 16 samples"),
        (("general_gaussian", 1.5, 40.0), "general_gaussian (1.5, 40.0), 16 samples"),
        (np.ones(16), "<16 values>, 16 samples"),
        (None, "no window (rectangular), 16 samples"),
    ],
)
def test_the_title_names_the_window(window, title):
    assert window_title(STFTSettings(frame_length=16, window=window)) == title


@pytest.mark.parametrize(("n_points", "n_columns"), [(1, 5), (7, 7), (100, 9), (101, 1)])
def test_a_reduced_curve_has_the_extremes_of_each_group(n_points, n_columns):
    values = np.random.default_rng(n_points).standard_normal(n_points)
    (low, high), size = reduce_curve(values, n_columns)
    groups = [values[i : i + size] for i in range(0, n_points, size)]
    assert len(groups) <= n_columns
    np.testing.assert_array_equal(low, np.float32([group.min() for group in groups]))
    np.testing.assert_array_equal(high, np.float32([group.max() for group in groups]))
    assert math.isnan(reduce_curve(np.array([1.0, np.nan]), 1)[0][0, 0])
