"""Optimizers against scalar implementations of their published recurrences."""

import dataclasses
import math

import numpy as np
import pytest

from specwidget.training import SGD, Adam

GRADIENTS = [3.0, -0.5, 0.0, 1e-3, 2.0]


def run(optimizer, weights, gradients):
    state = optimizer.init(weights)
    for gradient in gradients:
        weights, state = optimizer.update(weights, gradient, state)
    return weights, state


def follow(optimizer, gradients):
    """A single weight of 1 after these gradients."""
    weights, state = run(optimizer, (np.array([1.0]),), [(np.array([g]),) for g in gradients])
    assert state.step == len(gradients)
    return weights[0].item()


def test_adam_is_algorithm_1_of_kingma_and_ba():
    theta, m, v = 1.0, 0.0, 0.0
    for t, g in enumerate(GRADIENTS, 1):
        m = 0.8 * m + 0.2 * g
        v = 0.95 * v + 0.05 * g * g
        theta -= 0.1 * (m / (1 - 0.8**t)) / (math.sqrt(v / (1 - 0.95**t)) + 1e-3)
    assert follow(Adam(0.1, 0.8, 0.95, 1e-3), GRADIENTS) == pytest.approx(theta, rel=1e-14)


def test_adam_s_defaults_are_the_paper_s():
    assert dataclasses.astuple(Adam()) == (1e-3, 0.9, 0.999, 1e-8)


@pytest.mark.parametrize("gradient", [1e-3, 1.0, 1e6, -7.0])
def test_adam_s_first_step_is_the_learning_rate_whatever_the_gradient(gradient):
    assert follow(Adam(0.1), [gradient]) == pytest.approx(1 - math.copysign(0.1, gradient), rel=1e-4)


def test_sgd_accumulates_velocity_with_momentum():
    theta, velocity = 1.0, 0.0
    for g in GRADIENTS:
        velocity = 0.7 * velocity + g
        theta -= 0.1 * velocity
    assert follow(SGD(0.1, 0.7), GRADIENTS) == pytest.approx(theta, rel=1e-14)


@pytest.mark.parametrize("optimizer", [Adam(0.1), SGD(0.1)])
def test_arguments_are_not_modified_and_dtypes_are_kept(optimizer):
    rng = np.random.default_rng(0)
    weights, gradients = ([*rng.standard_normal((2, 3, 1, 2)).astype("float32")] for _ in range(2))
    state = optimizer.init(tuple(weights))
    for array in [*weights, *gradients, *(a for average in state.averages for a in average)]:
        array.flags.writeable = False
    updated, after = optimizer.update(tuple(weights), tuple(gradients), state)
    assert (state.step, after.step) == (0, 1)
    assert [array.dtype for array in updated] == ["float32", "float32"]
    assert {a.dtype.name for average in after.averages for a in average} == {"float32"}


@pytest.mark.parametrize("make", [Adam, SGD])
def test_numpy_float64_settings_do_not_promote_the_kernels(make):
    weights = (np.ones(2, "float32"),)
    optimizer = make(np.float64(0.1))
    updated, _ = optimizer.update(weights, weights, optimizer.init(weights))
    assert updated[0].dtype == "float32"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Adam(0.0), ValueError, r"`learning_rate` must be finite and above 0; got 0\.0\."),
        (lambda: Adam(math.inf), ValueError, r"`learning_rate` must be finite and above 0; got inf\."),
        (lambda: Adam("fast"), TypeError, r"`learning_rate` must be a number; got 'fast'\."),
        (lambda: Adam(True), TypeError, r"`learning_rate` must be a number; got True\."),
        (lambda: Adam(beta_1=1.0), ValueError, r"`beta_1` must be at least 0 and below 1; got 1\.0\."),
        (lambda: Adam(beta_2=-0.1), ValueError, r"`beta_2` must be at least 0 and below 1; got -0\.1\."),
        (lambda: Adam(epsilon=math.nan), ValueError, r"`epsilon` must be finite and above 0; got nan\."),
        (lambda: SGD(-1.0), ValueError, r"`learning_rate` must be finite and above 0; got -1\.0\."),
        (lambda: SGD(momentum=1), ValueError, r"`momentum` must be at least 0 and below 1; got 1\."),
    ],
)
def test_settings_out_of_bounds_are_errors(make, error, message):
    with pytest.raises(error, match=f"^{message}$"):
        make()
