"""What `identify` and `front_end_difference` refuse, and in which words."""

import numpy as np
import pytest

from specwidget import front_end_difference, identify

FEATURES = np.random.default_rng(0).random((30, 40))
SIGNAL = np.random.default_rng(1).standard_normal(8000)


@pytest.mark.parametrize(
    ("limit", "error", "message"),
    [
        (-1, ValueError, "`time_limit` must be finite and above 0; got -1"),
        (0.0, ValueError, "`time_limit` must be finite and above 0; got 0"),
        (float("nan"), ValueError, "`time_limit` must be finite and above 0; got nan"),
        (float("inf"), ValueError, "`time_limit` must be finite and above 0; got inf"),
        ("10", TypeError, "`time_limit` must be a number; got '10'"),
        (None, TypeError, "`time_limit` must be a number; got None"),
    ],
)
def test_a_time_limit_is_a_number_above_0(limit, error, message):
    with pytest.raises(error, match=message):
        identify(FEATURES, SIGNAL, time_limit=limit)


@pytest.mark.parametrize(
    ("signal", "error", "message"),
    [
        (np.where(SIGNAL > 2, np.nan, SIGNAL), ValueError, r"`signal` must have finite samples; got \d+ that are not"),
        ((1000 * SIGNAL).astype("int16"), TypeError, r"`signal` must have a float dtype; got int16. Convert it with"),
        (SIGNAL + 1j, TypeError, "`signal` must have a float dtype; got complex128"),
        (SIGNAL[:0], ValueError, "`signal` must have at least 1 sample; got none"),
        (SIGNAL[:, None], ValueError, r"`signal` must have 1 axis \(time,\); got shape \(8000, 1\)"),
        (SIGNAL.tolist(), TypeError, "`signal` must be an array; got list"),
    ],
    ids=["NaN", "int16", "complex", "empty", "two axes", "list"],
)
def test_a_signal_is_a_finite_array_of_floats(signal, error, message):
    with pytest.raises(error, match=message):
        identify(FEATURES, signal)
    with pytest.raises(error, match=message):
        front_end_difference("kaldi", "whisper", signal)


@pytest.mark.parametrize(
    ("features", "error", "message"),
    [
        (None, TypeError, "`features` must be an array of numbers; got None"),
        ([[1.0, 2.0], [3.0]], TypeError, "`features` must be an array of numbers; got rows of different lengths"),
        (np.array([["a", "b"], ["c", "d"]]), TypeError, "`features` must be an array of numbers; got dtype <U1"),
        (np.ones((1, 80)), ValueError, "`features` must have at least 2 frames and 2 bins or bands"),
        (np.where(FEATURES > 0.999, np.inf, FEATURES), ValueError, r"`features` must have finite values; got \d+ that"),
    ],
    ids=["None", "ragged", "strings", "one frame", "infinite"],
)
def test_features_are_a_finite_array_with_two_axes(features, error, message):
    with pytest.raises(error, match=message):
        identify(features, SIGNAL)


def test_places_to_start_from_are_layers_or_names():
    with pytest.raises(ValueError, match=r"`near` must be layers, or one of 'keras', .+; got 'kladi'"):
        identify(FEATURES, SIGNAL, near=["kladi"])
    with pytest.raises(TypeError, match="`near` must have layers, front ends or their names; got int"):
        identify(FEATURES, SIGNAL, near=[3])


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (None, "`mine` must return an array of numbers; serving returned None"),
        ([[1.0, 2.0], [3.0]], "`mine` must return an array of numbers; serving returned rows of different lengths"),
        (np.array(["a"]), "`mine` must return an array of numbers; serving returned dtype <U1"),
    ],
    ids=["None", "ragged", "strings"],
)
def test_a_function_returns_an_array_of_numbers(found, message):
    def serving(samples):
        return found

    with pytest.raises(TypeError, match=message):
        front_end_difference(serving, "kaldi", SIGNAL)


@pytest.mark.parametrize(
    ("found", "note"),
    [
        (np.ones(5), "it returned shape (5,), which has no frames and bins"),
        (np.full((10, 80), np.nan), "800 of its 800 values are not finite."),
        (np.full((10, 80), -np.inf), "not finite. The logarithm of silence is one where it has no floor."),
    ],
    ids=["one axis", "NaN", "infinite"],
)
def test_features_of_a_function_that_nothing_can_be_found_of_are_named(found, note):
    difference = front_end_difference(lambda samples: found, "kaldi", SIGNAL)
    assert note in " ".join(difference.notes)
    assert difference.path == ()
    assert not difference.agrees
    assert difference.to_dict()["error"] is None
