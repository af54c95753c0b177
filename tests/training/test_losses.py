"""Losses: values computed by hand, and cotangents against central differences."""

import math

import array_api_strict as xp
import numpy as np
import pytest

from specwidget.training import SoftmaxReadout, mean_squared_error

H = 1e-6
WEIGHTS = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])
BIAS = np.array([0.1, 0.0, -0.3])


def slope(loss, output, target, direction):
    return (loss(output + H * direction, target)[0] - loss(output - H * direction, target)[0]) / (2 * H)


def test_the_mean_squared_error_of_three_and_four_is_half_their_squares():
    value, cotangent = mean_squared_error(np.array([[3.0, 5.0]]), np.array([[0.0, 1.0]]))
    assert value == 12.5
    np.testing.assert_array_equal(cotangent, [[3.0, 4.0]])


def test_the_cotangent_of_the_mean_squared_error_equals_central_differences():
    output, target, direction = np.random.default_rng(0).standard_normal((3, 2, 5, 3))
    _, cotangent = mean_squared_error(output, target)
    assert (cotangent * direction).sum() == pytest.approx(slope(mean_squared_error, output, target, direction))


def test_squares_of_float16_do_not_overflow():
    value, cotangent = mean_squared_error(np.full(4, 1000, "float16"), np.zeros(4, "float16"))
    assert value == 1e6
    assert cotangent.dtype == "float32"


def test_a_target_is_not_broadcast():
    with pytest.raises(ValueError, match=r"^`target` must have the output's shape \(2, 3\); got \(3,\)\.$"):
        mean_squared_error(np.zeros((2, 3)), np.zeros(3))
    with pytest.raises(
        TypeError, match=r"^`target` must be an array of the output's shape \(2, 3\); got NoneType\. Use"
    ):
        mean_squared_error(np.zeros((2, 3)), None)


def test_the_readout_is_the_softmax_cross_entropy_of_the_mean_over_frames():
    output = np.random.default_rng(1).standard_normal((2, 4, 2))
    labels = [2, 0]
    expected = 0.0
    for item, label in zip(output, labels, strict=True):
        logits = [sum(item[:, i].mean() * WEIGHTS[i, j] for i in range(2)) + BIAS[j] for j in range(3)]
        expected -= math.log(math.exp(logits[label]) / sum(map(math.exp, logits))) / 2
    value, _ = SoftmaxReadout(WEIGHTS, BIAS)(output, np.array(labels))
    assert value == pytest.approx(expected, rel=1e-12)


def test_the_cotangent_of_the_readout_equals_central_differences():
    output, direction = np.random.default_rng(2).standard_normal((2, 3, 4, 2))
    readout, labels = SoftmaxReadout(WEIGHTS, BIAS), np.array([1, 0, 2])
    _, cotangent = readout(output, labels)
    assert (cotangent * direction).sum() == pytest.approx(slope(readout, output, labels, direction))


def test_large_logits_don_t_overflow():
    value, cotangent = SoftmaxReadout(np.eye(2))(np.array([[[5000.0, 0.0]]]), np.array([1]))
    assert value == 5000
    np.testing.assert_array_equal(cotangent, [[[1.0, -1.0]]])


@pytest.mark.parametrize("loss", [mean_squared_error, SoftmaxReadout(WEIGHTS, BIAS)])
def test_losses_stay_on_the_device_of_the_output(loss):
    output = np.random.default_rng(3).standard_normal((3, 4, 2))
    target = output**2 if loss is mean_squared_error else np.array([1, 0, 2])
    expected = loss(output, target)
    device = xp.Device("device1")
    placed = xp.asarray(target, device=device) if loss is mean_squared_error else target
    value, cotangent = loss(xp.asarray(output, device=device), placed)
    for actual, right in zip((value, cotangent), expected, strict=True):
        assert actual.device == device
        np.testing.assert_allclose(np.asarray(actual.to_device(xp.Device("CPU_DEVICE"))), right, rtol=1e-12)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda: SoftmaxReadout(np.ones(3)), r"`weights` must have 2 axes \(features, n_classes\); got shape \(3,\)\."),
        (
            lambda: SoftmaxReadout(WEIGHTS, [0.0]),
            r"`bias` must have shape \(3,\), one value for each class; got \(1,\)\.",
        ),
        (
            lambda: SoftmaxReadout(WEIGHTS)(np.ones((1, 4, 5)), np.array([0])),
            r"`output` must have shape \(batch, frames, 2\); got \(1, 4, 5\)\.",
        ),
        (
            lambda: SoftmaxReadout(WEIGHTS)(np.ones((1, 4, 2)), np.array([0.5])),
            r"`target` must be integers of shape \(1,\), one class for each item; got float64 of shape \(1,\)\.",
        ),
        (
            lambda: SoftmaxReadout(WEIGHTS)(np.ones((1, 4, 2)), np.array([3])),
            r"`target` must be between 0 and n_classes - 1=2; got 3 to 3\.",
        ),
        (
            lambda: SoftmaxReadout(WEIGHTS)(np.ones((1, 4, 2)), np.array([-1])),
            r"`target` must be between 0 and n_classes - 1=2; got -1 to -1\.",
        ),
    ],
)
def test_wrong_readouts_and_targets_are_errors(run, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        run()
