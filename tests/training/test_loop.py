"""`fit`: single steps, arguments that are not modified, reasons to stop, and resumed runs."""

import itertools
import math

import array_api_strict as xp
import numpy as np
import pytest

import specwidget
from specwidget import STFTSpectrogram
from specwidget.stft.settings import MODES
from specwidget.training import SGD, Adam, fit, loop, losses, mean_squared_error, measure_drift, steps
from tests.layers import make_layer, noise


def make_task(mode="stft", dtype="float32", n_batches=3, **settings):
    """A layer with perturbed kernels, and batches whose targets are the output of Fourier kernels."""
    teacher = make_layer(mode=mode, frame_length=8, dtype=dtype, **settings)
    student = make_layer(mode=mode, frame_length=8, dtype=dtype, **settings)
    rng = np.random.default_rng(0)
    kernels = [0.3 * rng.standard_normal(weight.shape) + weight for weight in teacher.weights]
    student.set_weights([kernel.astype(weight.dtype) for kernel, weight in zip(kernels, teacher.weights, strict=True)])
    signals = [rng.standard_normal((2, 40, 1)).astype(dtype) for _ in range(n_batches)]
    return student, [(signal, teacher(signal)) for signal in signals]


def train(layer, batches, n_steps, optimizer=None, loss=mean_squared_error, **settings):
    return fit(layer, loss, batches, optimizer or Adam(0.01), steps=n_steps, progress=False, **settings)


def same_weights(one, other):
    return len(one) == len(other) and all(map(np.array_equal, one, other))


def interrupt_at(number, error=KeyboardInterrupt):
    """A loss that raises an error at call `number`."""
    calls = itertools.count(1)

    def loss(output, target):
        if next(calls) == number:
            raise error
        return mean_squared_error(output, target)

    return loss


def test_an_sgd_step_equals_the_least_squares_gradient():
    layer, [(signal, target)] = make_task("real", "float64", n_batches=1)
    frames = np.stack([signal[b, 4 * t : 4 * t + 8, 0] for b in range(2) for t in range(9)])
    kernel = layer.real_kernel[:, 0, :]
    error = frames @ kernel - target.reshape(18, 5)
    trained, history = train(layer, [(signal, target)], 1, SGD(0.3, momentum=0))
    np.testing.assert_allclose(history.losses, [(error**2).mean()], rtol=1e-12)
    np.testing.assert_allclose(
        trained.real_kernel[:, 0, :], kernel - 0.3 * 2 / error.size * frames.T @ error, rtol=1e-10
    )


def test_the_given_layer_is_not_modified_and_the_new_one_has_its_settings():
    layer, batches = make_task("log")
    before = layer.get_weights()
    trained, _ = train(layer, batches, 3)
    assert same_weights(layer.weights, before)
    assert trained is not layer
    assert trained.get_config() == layer.get_config()
    assert not same_weights(trained.weights, before)


@pytest.mark.parametrize("mode", MODES)
def test_the_loss_falls_in_every_mode(mode):
    layer, batches = make_task(mode, "float64", n_batches=1)
    _, history = train(layer, batches, 40, Adam(0.005))
    assert history.losses[-1] < 0.9 * history.losses[0]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_every_dtype_and_layout_can_be_trained(dtype, data_format):
    layer = STFTSpectrogram("magnitude", 8, padding="same", data_format=data_format, expand_dims=True, dtype=dtype)
    signal = noise(2, 2, 50).astype(dtype)
    trained, history = train(layer, [(signal, 0 * layer(signal))], 10)
    assert history.losses[-1] < history.losses[0]
    assert trained.real_kernel.dtype == layer.compute_dtype


def test_a_trained_layer_uses_matmul():
    layer = STFTSpectrogram("psd", 8)
    signal = noise(1, 100, 1)
    trained, history = train(layer, [(signal, 0 * layer(signal))], 3)
    assert (layer.path, trained.path) == ("fft", "matmul")
    np.testing.assert_allclose(history.losses[0], (layer(signal) ** 2).mean(), rtol=1e-5)


@pytest.mark.parametrize("optimizer", [Adam(0.01), SGD(0.1)])
@pytest.mark.parametrize("mode", ["stft", "imag", "log"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_resumed_run_has_the_bits_of_an_uninterrupted_one(optimizer, mode, dtype):
    layer, batches = make_task(mode, dtype)
    straight, whole = train(layer, batches, 11, optimizer, drift_every=2)
    trained, history = train(layer, batches, 4, optimizer, drift_every=2)
    for n_steps in (1, 6):
        trained, history = train(trained, batches, n_steps, optimizer, drift_every=2, history=history)
    assert same_weights(trained.weights, straight.weights)
    for name in ("losses", "drift_steps", "drifts"):
        np.testing.assert_array_equal(getattr(history, name), getattr(whole, name))
    assert history.state.step == whole.state.step == history.n_steps == 11
    for ours, theirs in zip(history.state.averages, whole.state.averages, strict=True):
        assert same_weights(ours, theirs)


def test_an_iterator_continues_where_it_is():
    layer, batches = make_task(n_batches=6)
    straight, _ = train(layer, batches, 6)
    rest = iter(batches)
    trained, history = train(layer, rest, 2)
    trained, history = train(trained, rest, 4, history=history)
    assert same_weights(trained.weights, straight.weights)
    assert history.stop_reason == "finished"


def test_a_resumed_run_continues_the_sequence_in_order():
    layer, batches = make_task(n_batches=3)
    taken = []

    def loss(output, target):
        taken.append(next(i for i, (_, other) in enumerate(batches) if other is target))
        return mean_squared_error(output, target)

    trained, history = train(layer, batches, 4, loss=loss)
    train(trained, batches, 4, loss=loss, history=history)
    assert taken == [0, 1, 2, 0, 1, 2, 0, 1]


def test_a_sequence_is_repeated_and_an_iterator_ends():
    layer, batches = make_task(n_batches=3)
    _, history = train(layer, tuple(batches), 7)
    assert (history.n_steps, history.stop_reason, history.message) == (7, "finished", "Completed all 7 steps.")
    _, history = train(layer, (batch for batch in batches), 7)
    assert (history.n_steps, history.stop_reason) == (3, "exhausted")
    assert history.message == "`batches` ended after step 3, with 3 of 7 steps completed."


@pytest.mark.parametrize("number", [1, 4])
def test_an_interrupted_run_keeps_complete_steps_and_can_be_resumed(number):
    layer, batches = make_task()
    trained, history = train(layer, batches, 9, loss=interrupt_at(number))
    assert history.stop_reason == "interrupted"
    assert history.message == f"Interrupted after step {number - 1}, with {number - 1} of 9 steps completed."
    assert history.n_steps == history.state.step == number - 1
    finished, _ = train(trained, batches, 9 - history.n_steps, history=history)
    straight, _ = train(layer, batches, 9)
    assert same_weights(finished.weights, straight.weights)


@pytest.mark.parametrize("where", ["_measure", "stop"])
def test_an_interrupt_within_a_step_drops_that_step(where, monkeypatch):
    layer, batches = make_task()
    calls = itertools.count(1)
    measure = loop._measure

    def interrupt(*arguments):
        if next(calls) == 3:
            raise KeyboardInterrupt
        return measure(*arguments) if where == "_measure" else False

    if where == "_measure":
        monkeypatch.setattr(loop, "_measure", interrupt)
    trained, history = train(layer, batches, 9, drift_every=1, stop=interrupt if where == "stop" else None)
    n_steps = {"_measure": 1, "stop": 3}[where]
    assert history.n_steps == history.state.step == n_steps
    np.testing.assert_array_equal(history.drift_steps, range(n_steps + 1))
    monkeypatch.undo()
    straight, _ = train(layer, batches, n_steps)
    assert same_weights(trained.weights, straight.weights)


def test_other_errors_are_not_swallowed():
    layer, batches = make_task()
    with pytest.raises(ZeroDivisionError, match="by zero"):
        train(layer, batches, 9, loss=interrupt_at(2, ZeroDivisionError("by zero")))


def test_stop_is_called_after_each_step_with_its_loss():
    layer, batches = make_task()
    asked = []

    def stop(step, loss):
        asked.append((step, loss))
        return step == 4

    _, history = train(layer, batches, 9, stop=stop)
    assert asked == list(zip([1, 2, 3, 4], history.losses.tolist(), strict=True))
    assert (history.stop_reason, history.message) == (
        "stopped",
        "`stop` returned True after step 4, with 4 of 9 steps completed.",
    )


@pytest.mark.parametrize("nonfinite", [math.nan, math.inf])
def test_a_nonfinite_loss_ends_training_with_the_last_finite_kernels(nonfinite):
    layer, batches = make_task()
    expected, _ = train(layer, batches, 2)
    corrupted = batches[2][0].copy()
    corrupted[0, 5, 0] = nonfinite
    with pytest.warns(
        RuntimeWarning, match=r"^The loss of step 3 was nan; training stopped with the kernels before it\.$"
    ):
        trained, history = train(layer, [*batches[:2], (corrupted, batches[2][1])], 9)
    assert same_weights(trained.weights, expected.weights)
    assert (history.stop_reason, history.n_steps) == ("diverged", 2)
    assert history.message.startswith("The loss of step 3 was nan;")
    assert np.isfinite(history.losses).all()


@pytest.mark.parametrize("nonfinite", [math.nan, math.inf, 1e30])
def test_a_step_to_nonfinite_kernels_is_rejected(nonfinite):
    layer, batches = make_task()

    def loss(output, target):
        return 1.0, np.full_like(output, nonfinite)

    with pytest.warns(RuntimeWarning, match=r"^Step 1 would have made kernels nan or infinite; training stopped"):
        trained, history = train(layer, batches, 9, loss=loss)
    assert same_weights(trained.weights, layer.weights)
    assert (history.stop_reason, history.n_steps) == ("diverged", 0)


def test_a_too_large_learning_rate_ends_training_with_finite_kernels():
    layer, batches = make_task()
    with pytest.warns(RuntimeWarning, match=r"with the kernels before it\.$"):
        trained, history = train(layer, batches, 2000, SGD(1000.0))
    assert all(np.isfinite(weight).all() for weight in trained.weights)
    assert np.isfinite(history.losses).all()


def test_drift_is_measured_before_the_first_step_and_at_its_interval():
    layer, batches = make_task()
    _, history = train(layer, batches, 10, drift_every=4)
    np.testing.assert_array_equal(history.drift_steps, [0, 4, 8])
    assert history.drifts.shape == (3, 5)
    np.testing.assert_allclose(history.drifts[0], measure_drift(layer).distance, rtol=1e-6)
    eighth, _ = train(layer, batches, 8)
    np.testing.assert_allclose(history.drifts[2], measure_drift(eighth).distance, rtol=1e-6)


def test_an_optimizer_that_changes_the_dtype_is_an_error_at_its_first_step():
    class Widening(SGD):
        def update(self, weights, gradients, state):
            updated, state = super().update(weights, gradients, state)
            return tuple(weight.astype("float64") for weight in updated), state

    layer, batches = make_task()
    with pytest.raises(TypeError, match=r"^`optimizer` must keep the kernels' shapes and dtypes; Widening does not\.$"):
        train(layer, batches, 2, Widening())


def test_batches_may_be_inputs_only():
    layer = STFTSpectrogram("psd", 8)

    def loudness(output, target):
        assert target is None
        return output.mean(), np.full_like(output, 1 / output.size)

    _, history = train(layer, [noise(1, 100, 1)], 5, loss=loudness)
    assert history.losses[-1] < history.losses[0]


def test_training_on_a_device_transfers_only_the_final_kernels(monkeypatch):
    device, host = xp.Device("device1"), xp.Device("CPU_DEVICE")

    carried = []

    def carry(array):
        if getattr(array, "device", None) != device:
            return np.asarray(array)
        carried.append(array.shape)
        return np.asarray(array.to_device(host))

    for module in (loop, losses, steps):
        monkeypatch.setattr(module, "to_numpy", carry)

    def loss(output, target):
        assert output.device == device
        return mean_squared_error(output, target)

    layer, batches = make_task("magnitude", "float64", frame_step=8)
    on_device = [tuple(xp.asarray(array, device=device) for array in batch) for batch in batches]
    expected, whole = train(layer, batches, 8)
    trained, history = train(layer, on_device, 3, loss=loss)
    trained, history = train(trained, on_device, 5, loss=loss, history=history)
    np.testing.assert_allclose(history.losses, whole.losses, rtol=1e-10)
    np.testing.assert_allclose(trained.weights, expected.weights, atol=1e-12)
    np.testing.assert_allclose(history.drifts, whole.drifts, atol=1e-12)
    # Transfers: two kernels with two averages each at the end of a run, and for each step a loss and a finite check.
    assert carried.count((8, 1, 5)) == 2 * 6
    assert carried.count(()) == 16
    assert len(carried) == 28


def test_a_progress_bar_shows_the_steps_and_the_loss_if_requested(capsys):
    layer, batches = make_task()
    _, history = fit(layer, mean_squared_error, batches, steps=5)
    shown = capsys.readouterr().err
    assert "Training: 100%" in shown
    assert "5/5" in shown
    assert f"loss={history.losses[-1]:.4g}" in shown
    fit(layer, mean_squared_error, batches, steps=5, progress=False)
    assert capsys.readouterr().err == ""


def test_the_repr_of_a_history_is_one_line():
    layer, batches = make_task()
    _, history = train(layer, batches, 2)
    first, last = history.losses
    assert repr(history) == f"<History: 2 steps, loss {first:.4g} to {last:.4g}. Completed all 2 steps.>"


def test_training_is_an_attribute_of_the_package():
    assert specwidget.training.fit is fit
    assert "training" in dir(specwidget)


LAYER, BATCHES = make_task()
FROZEN = STFTSpectrogram("stft", 8, trainable=False)
TRAINED, HISTORY = train(LAYER, BATCHES, 1)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"layer": FROZEN},
            ValueError,
            r"`layer` must have trainable=True to be trained; got trainable=False.*",
        ),
        ({"layer": "stft"}, TypeError, r"`layer` must be an STFTSpectrogram; got str\."),
        ({"steps": 0}, ValueError, r"`steps` must be at least 1; got 0\."),
        ({"steps": 2.0}, TypeError, r"`steps` must be an integer; got 2\.0\."),
        ({"drift_every": True}, TypeError, r"`drift_every` must be an integer; got True\."),
        ({"batches": []}, ValueError, r"`batches` must hold at least 1 batch; got none\."),
        ({"batches": noise(1, 40, 1)}, TypeError, r"`batches` must be .* batches; got one array\. Use \[inputs\]\."),
        ({"batches": 3}, TypeError, r"`batches` must be a sequence or an iterator of batches; got int\."),
        ({"batches": [(1, 2, 3)]}, TypeError, r"`batches` must hold arrays or pairs \(inputs, target\); got tuple\."),
        ({"batches": [noise(1, 40)]}, ValueError, r"`inputs` must have 3 axes .*"),
        ({"batches": [(1.0, 2.0)]}, TypeError, r"`inputs` must be an array; got float\..*"),
        ({"loss": lambda o, t: 1.0}, TypeError, r"`loss` must return its value and its cotangent; got float\."),
        (
            {"loss": lambda o, t: (o, o)},
            TypeError,
            r"`loss` must return a number as its value; got float32 of shape .*",
        ),
        ({"loss": lambda o, t: (1.0, o[0])}, ValueError, r"`cotangent` must have the result's shape .*"),
        (
            {"history": HISTORY},
            ValueError,
            r"`history` must be the one that was returned with `layer`; got one with other kernels.*",
        ),
        ({"history": 1}, TypeError, r"`history` must be a History or None; got int\."),
        (
            {"layer": TRAINED, "history": HISTORY, "optimizer": SGD()},
            ValueError,
            r"`optimizer` must be Adam, as in `history`; got SGD\. Use history=None to start a new run\.",
        ),
    ],
)
def test_a_wrong_argument_is_an_error_with_its_rule(arguments, error, message):
    given = {"layer": LAYER, "loss": mean_squared_error, "batches": BATCHES, "steps": 1, "progress": False}
    with pytest.raises(error, match=f"^{message}$"):
        fit(**given | arguments)
