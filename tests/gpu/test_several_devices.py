"""Arrays on a device that is not the current one, and threads, which begin on device 0."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from specwidget import MFCC, MelSpectrogram, STFTSpectrogram, training
from specwidget.stft.gradients import compute_vjp
from specwidget.stft.griffin_lim import griffin_lim
from specwidget.stft.inverse import compute_inverse
from specwidget.stft.pipeline import compute_spectrogram
from specwidget.stft.settings import STFTSettings
from specwidget.training import SoftmaxReadout, mean_squared_error
from tests.gpu import fake_cupy
from tests.layers import make_layer, make_matmul_layer, noise

SIZES = {"frame_length": 40, "frame_step": 16, "fft_length": 64}


@pytest.fixture
def there(fake):
    """A signal on device 1, while device 0 is current."""
    with fake_cupy.Device(1):
        return fake.put(noise(1, 170, 1))


def test_the_stand_in_refuses_to_mix_devices(fake, there):
    with pytest.raises(ValueError, match="is on <CUDA Device 1>, but device 0 is current"):
        fake_cupy.NAMESPACE.add(there, fake.put(noise(1, 170, 1)))
    with pytest.raises(ValueError, match="device 0 is current"):
        there + there


@pytest.mark.parametrize("make", [make_layer, make_matmul_layer], ids=["fft", "matmul"])
def test_the_transform_stays_on_the_device_of_its_input(there, make):
    layer = make(**SIZES)
    for call in (layer, lambda array: layer.frames(array, 1, 4), lambda array: layer.frames_at(array, [1, 3])):
        assert call(there).device.id == 1
    np.testing.assert_allclose(layer(there).get(), layer(there.get()), atol=1e-5)


@pytest.mark.parametrize("make", [make_layer, make_matmul_layer], ids=["fft", "matmul"])
def test_one_layer_serves_both_devices(fake, there, make):
    layer = make(**SIZES)
    results = [layer(array) for array in (there, fake.put(there.get()), there)]
    assert [result.device.id for result in results] == [1, 0, 1]
    np.testing.assert_array_equal(results[0].get(), results[1].get())


def test_gradients_inverse_and_reconstruction_stay_there(there):
    parts, levels = make_layer(mode="stft", **SIZES), make_layer(mode="magnitude", **SIZES)
    assert parts.inverse(parts(there)).signal.device.id == 1
    assert levels.reconstruct(levels(there), n_iter=2).signal.device.id == 1
    gradients = levels.vjp(there, levels(there))
    assert {gradients.inputs.device.id, gradients.real_kernel.device.id} == {1}
    assert levels.vjp(there, levels(there).get()).inputs.device.id == 1


def test_the_functions_below_the_layer_stay_there(there):
    parts, levels = STFTSettings("stft", 40, 16), STFTSettings("magnitude", 40, 16)
    spectrum, magnitudes = compute_spectrogram(there, parts), compute_spectrogram(there, levels)
    results = [
        spectrum,
        compute_inverse(spectrum, parts).signal,
        griffin_lim(magnitudes, levels, n_iter=1).signal,
        compute_vjp(there, magnitudes, levels).inputs,
        compute_vjp(there, magnitudes.get(), levels).inputs,
    ]
    assert [result.device.id for result in results] == [1] * 5


@pytest.mark.parametrize("make", [MelSpectrogram, lambda *sizes: MFCC(MelSpectrogram(*sizes), 5)], ids=["mel", "mfcc"])
def test_mel_spectrograms_and_coefficients_stay_there(there, make):
    layer = make(64, 16, 40, "hann", 16000, 7)
    values = layer(there)
    assert [each.device.id for each in (values, layer.vjp(there, values), layer.vjp(there, values.get()))] == [1] * 3
    np.testing.assert_allclose(values.get(), layer(there.get()), rtol=1e-4, atol=1e-4)


def test_a_spectrogram_is_timed_and_counted_there(there):
    result = make_layer(epsilon=1.0, **SIZES).spectrogram(there)
    expected = make_layer(epsilon=1.0, **SIZES).spectrogram(there.get())
    assert result.floor_share() == pytest.approx(expected.floor_share(), abs=0.01)
    np.testing.assert_allclose(result.channel_values(), expected.channel_values(), atol=1e-5)


def test_a_thread_computes_on_the_device_of_the_array(there):
    layer = make_layer(**SIZES)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(layer, there).result().device.id == 1


def test_training_runs_where_the_batches_are(there):
    student = STFTSpectrogram("magnitude", **SIZES)
    target = student(there.get()) * np.float32(0.5)
    _, history = training.fit(student, mean_squared_error, [(there, target)] * 3, steps=3, progress=False)
    assert history.losses[-1] < history.losses[0]


LOSSES = [
    (mean_squared_error, np.zeros((2, 4, 3), np.float32)),
    (SoftmaxReadout(np.ones((3, 2))), np.array([0, 1])),
]


@pytest.mark.parametrize(("loss", "target"), LOSSES, ids=["error", "readout"])
def test_a_target_of_numpy_moves_to_the_device_of_the_output(fake, loss, target):
    output = noise(2, 4, 3)
    with fake_cupy.Device(1):
        there = fake.put(output)
    value, cotangent = loss(there, target)
    expected = loss(output, target)
    assert cotangent.device.id == 1
    np.testing.assert_allclose(cotangent.get(), expected[1], rtol=1e-5)
    assert float(value) == pytest.approx(float(expected[0]), rel=1e-5)


def test_a_target_on_a_device_is_refused_where_the_output_is_elsewhere(fake):
    here, there = noise(2, 4, 3), fake.put(noise(2, 4, 3))
    with pytest.raises(TypeError, match=r"^`target` must be a NumPy array, or where the output is, NumPy; got CuPy on"):
        mean_squared_error(here, there)
    with fake_cupy.Device(1):
        other = fake.put(here)
    with pytest.raises(TypeError, match="where the output is, CuPy on <CUDA Device 1>; got CuPy on <CUDA Device 0>"):
        mean_squared_error(other, there)
