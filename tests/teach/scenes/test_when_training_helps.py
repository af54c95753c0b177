"""Training on clips: against Fourier's own verdicts, computed plainly, and what must follow."""

import numpy as np
import pytest

from specwidget.charts.scene import Line
from specwidget.teach.figures import FIGURES
from specwidget.teach.scenes.when_training_helps import N_KEPT, answers, learn
from specwidget.teach.toy_dataset import make_clips


def told_by_fourier(task, n_clips, noise, seed):
    """Return the share of clips that the magnitudes below and above 2000 Hz tell right."""
    samples, classes = make_clips(task, n_clips, noise, seed)
    frames = np.lib.stride_tricks.sliding_window_view(samples[:, :, 0], 128, axis=1)[:, ::64]
    means = np.abs(np.fft.rfft(frames * np.hanning(128), axis=-1)).mean(axis=1)
    return np.mean((means[:, 33:].sum(axis=1) > means[:, :32].sum(axis=1)) == classes)


@pytest.mark.parametrize(("task", "noise"), [("low or high", 1.0), ("low or high", 0.1)])
def test_the_verdicts_before_training_are_those_of_fourier(task, noise):
    course = learn(task, 32, noise)
    expected = told_by_fourier(task, 32, noise, 0), told_by_fourier(task, N_KEPT, noise, 1)
    assert course.rights[0].tolist() == pytest.approx(expected)


def test_fourier_tells_no_whistle_from_its_reverse_and_trained_kernels_do():
    course = learn("up or down", 96, 0.1)
    assert course.rights[0].tolist() == [0.5, 0.5]
    assert course.rights[-1].min() > 0.95


def test_on_tones_in_strong_noise_training_hurts_though_its_own_loss_falls():
    course = learn("low or high", 32, 1.0)
    assert course.losses[-1, 0] < 0.001 * course.losses[0, 0]
    assert course.losses[-1, 1] > 2 * course.losses[0, 1]
    assert course.rights[-1, 1] < course.rights[0, 1] - 0.2


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({"task": "up or down", "moment": 0}, "Fourier's tell 100 of those."),
        ({"task": "up or down"}, "it has helped."),
        ({"task": "low or high", "noise": 1.0, "n_clips": 8}, "it has hurt."),
        ({"task": "low or high", "noise": 0.1, "n_clips": 8}, "no more, no less."),
    ],
)
def test_the_caption_tells_whether_it_has_helped(values, verdict):
    assert FIGURES["when_training_helps"].scene(**values).caption.endswith(verdict)


def test_a_bin_is_followed_along_the_clips_from_sample_to_sample():
    clips = make_clips("up or down", 2, 0.1, seed=1)[0][:, :, 0]
    window = np.hanning(128) / np.linalg.norm(np.hanning(128))
    plain = [[abs(np.fft.rfft(clip[at : at + 128] * window)[24]) for at in range(897)] for clip in clips]
    assert answers(learn("up or down", 96, 0.1).kernels[0], clips) == pytest.approx(np.array(plain))


def test_a_bin_that_votes_for_up_gives_the_whistle_that_goes_up_the_larger_mean_and_the_lower_peak():
    up, down = answers(learn("up or down", 96, 0.1).kernels[-1], make_clips("up or down", 2, 0.1, seed=1)[0][:, :, 0])
    assert up.mean() > 1.2 * down.mean()
    assert down.max() > 1.2 * up.max()


def test_the_mean_that_votes_is_drawn_for_each_clip():
    clips = make_clips("up or down", 2, 0.1, seed=1)[0][:, :, 0]
    vote = [item for item in FIGURES["when_training_helps"].scene(moment=4).axes[1].items if isinstance(item, Line)][-1]
    up, down = answers(learn("up or down", 96, 0.1).kernels[4], clips).mean(axis=1)
    assert vote.y[[0, 1, 3, 4]] == pytest.approx([up, up, down, down])
    assert vote.x[1] < 1024 / 8000 < vote.x[3]
