"""The front ends beside their originals, which run offline."""

import numpy as np
import pytest

from specwidget import front_ends
from specwidget.mel.front_ends import RECIPE
from tests.frameworks.front_ends_page import PAGE, table
from tests.frameworks.originals import BOUNDS, NORMALIZED, ORIGINALS, SIGNALS, allowed, compare, make_signal

# transformers warns about bands without a bin, and about the power of zeros.
pytestmark = pytest.mark.filterwarnings("ignore")

CASES = [(name, kind) for name in ORIGINALS for kind in SIGNALS if (name in NORMALIZED) <= (kind != "silence")]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_features_are_those_of_the_original(name, kind):
    original, features = compare(name, kind)
    assert features.shape == original.shape
    assert features.dtype == np.float32
    assert np.abs(features - original).max() <= allowed(name, kind)


@pytest.mark.parametrize("name", NORMALIZED)
def test_silence_is_divided_by_no_rounding_error(name):
    # All bands of all frames are equal, but for the rounding of the mean, which the original divides by nearly 0.
    original, features = compare(name, "silence")
    assert features.shape == original.shape
    # Without the constant in the root there is nothing to divide by.
    assert not features.any() if name != "seamless" else np.abs(features).max() < 1e-9
    assert not np.isfinite(original).all() or np.abs(original).max() > 1e-3


def test_a_recording_longer_than_30_seconds_is_cut():
    signal = np.tile(make_signal("speech", 16_000), 25)
    assert len(signal) > 480_000
    original = ORIGINALS["whisper"](signal)
    assert np.abs(front_ends["whisper"].features(signal) - original).max() <= BOUNDS["whisper"]


def test_a_recording_of_more_than_1024_frames_is_cut():
    signal = np.tile(make_signal("speech", 16_000), 9)
    original = ORIGINALS["ast"](signal)
    assert original.shape == (1024, 128)
    assert np.abs(front_ends["ast"].features(signal) - original).max() <= BOUNDS["ast"]


def test_all_others_say_that_they_follow_the_published_recipe():
    assert {name for name, each in front_ends.items() if RECIPE in each.source} == {*front_ends} - {*ORIGINALS}


def test_torchaudios_bank_is_that_of_transformers():
    from transformers.audio_utils import mel_filter_bank

    weights = mel_filter_bank(201, 128, 0.0, 8000.0, 16_000, norm=None, mel_scale="htk")
    np.testing.assert_allclose(front_ends["torchaudio"].mel.bank.weights, weights, atol=1e-9)


def test_hifigans_recipe_in_pytorch_gives_its_features():
    import librosa
    import torch

    signal = make_signal("speech", 22_050)
    padded = torch.nn.functional.pad(torch.tensor(signal)[None, None], (384, 384), mode="reflect")[0]
    window = torch.hann_window(1024)
    z = torch.stft(padded, 1024, 256, 1024, window, center=False, return_complex=True)
    magnitude = torch.sqrt(torch.view_as_real(z).pow(2).sum(-1) + 1e-9)
    bank = torch.tensor(librosa.filters.mel(sr=22_050, n_fft=1024, n_mels=80, fmin=0, fmax=8000))
    expected = torch.log(torch.clamp(bank @ magnitude, min=1e-5))[0].numpy()
    features = front_ends["hifigan"].features(signal)
    assert features.shape == expected.shape == (80, len(signal) // 256)
    assert np.abs(features - expected).max() < 1e-4


def test_the_page_lists_every_front_end():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    written = [line.split("|")[1].strip() for line in lines if line.startswith("| `")]
    assert written == [f"`{name}`" for name in front_ends]
    assert [line.split("|")[1].strip() for line in table(lambda _: None).splitlines()[2:]] == written
