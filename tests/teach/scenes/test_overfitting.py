"""Test the training figure against a direct computation with Fourier kernels, and by its expected outcomes."""

import numpy as np
import pytest

from specwidget.charts.scene import Line
from specwidget.teach.figures import FIGURES
from specwidget.teach.scenes.overfitting import N_HELD_OUT, bin_magnitudes, train
from specwidget.teach.toy_dataset import make_clips

# Each case trains.
pytestmark = pytest.mark.slow


def fourier_accuracy(task, n_clips, noise, seed):
    """Fraction of clips classified correctly by the mean magnitudes below and above 2000 Hz."""
    samples, classes = make_clips(task, n_clips, noise, seed)
    frames = np.lib.stride_tricks.sliding_window_view(samples[:, :, 0], 128, axis=1)[:, ::64]
    means = np.abs(np.fft.rfft(frames * np.hanning(128), axis=-1)).mean(axis=1)
    return np.mean((means[:, 33:].sum(axis=1) > means[:, :32].sum(axis=1)) == classes)


@pytest.mark.parametrize(("task", "noise"), [("low or high", 1.0), ("low or high", 0.1)])
def test_the_accuracy_before_training_is_that_of_fourier_kernels(task, noise):
    run = train(task, 32, noise)
    expected = fourier_accuracy(task, 32, noise, 0), fourier_accuracy(task, N_HELD_OUT, noise, 1)
    assert run.accuracies[0].tolist() == pytest.approx(expected)


def test_only_trained_kernels_distinguish_a_chirp_from_its_reversal():
    run = train("up or down", 96, 0.1)
    assert run.accuracies[0].tolist() == [0.5, 0.5]
    assert run.accuracies[-1].min() > 0.95


def test_on_tones_in_strong_noise_training_overfits():
    run = train("low or high", 32, 1.0)
    assert run.losses[-1, 0] < 0.001 * run.losses[0, 0]
    assert run.losses[-1, 1] > 2 * run.losses[0, 1]
    assert run.accuracies[-1, 1] < run.accuracies[0, 1] - 0.2


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({"task": "up or down", "checkpoint": 0}, "Fourier kernels classify 100 held-out clips correctly."),
        ({"task": "up or down"}, "; training gains 100."),
        ({"task": "low or high", "noise": 1.0, "n_clips": 8}, "; training loses "),
        ({"task": "low or high", "noise": 0.1, "n_clips": 8}, "; training changes nothing."),
    ],
)
def test_the_caption_compares_with_fourier_kernels(values, verdict):
    assert FIGURES["overfitting"].scene(**values).caption.count(verdict) == 1


def test_bin_magnitudes_equal_a_direct_dft_at_every_sample():
    clips = make_clips("up or down", 2, 0.1, seed=1)[0][:, :, 0]
    window = np.hanning(128) / np.linalg.norm(np.hanning(128))
    plain = [[abs(np.fft.rfft(clip[at : at + 128] * window)[24]) for at in range(897)] for clip in clips]
    assert bin_magnitudes(train("up or down", 96, 0.1).kernels[0], clips) == pytest.approx(np.array(plain))


def test_a_bin_of_class_up_has_the_larger_mean_and_the_lower_peak_on_the_rising_chirp():
    up, down = bin_magnitudes(
        train("up or down", 96, 0.1).kernels[-1], make_clips("up or down", 2, 0.1, seed=1)[0][:, :, 0]
    )
    assert up.mean() > 1.2 * down.mean()
    assert down.max() > 1.2 * up.max()


def test_the_mean_over_frames_is_drawn_for_each_clip():
    clips = make_clips("up or down", 2, 0.1, seed=1)[0][:, :, 0]
    vote = [item for item in FIGURES["overfitting"].scene(checkpoint=4).axes[1].items if isinstance(item, Line)][-1]
    up, down = bin_magnitudes(train("up or down", 96, 0.1).kernels[4], clips).mean(axis=1)
    assert vote.y[[0, 1, 3, 4]] == pytest.approx([up, up, down, down])
    assert vote.x[1] < 1024 / 8000 < vote.x[3]
