"""Front ends without their originals: what each returns, and those of published recipes against a direct computation.

`tests/frameworks/test_front_ends.py` compares with the originals.
"""

import numpy as np
import pytest

from specwidget import MFCC, MelSpectrogram, front_ends
from specwidget.mel.front_ends import RECIPE
from tests.mel.reference import reference_mel

SHAPES = {
    "keras": (128, 51),
    "librosa": (128, 51),
    "librosa-mfcc": (20, 51),
    "torchaudio": (128, 131),
    "kaldi": (161, 80),
    "kaldi-mfcc": (161, 13),
    "whisper": (80, 3000),
    "whisper-v3": (128, 3000),
    "ast": (1024, 128),
    "seamless": (81, 160),
    "speech2text": (161, 80),
    "speecht5": (102, 80),
    "clap": (4, 1001, 64),
    "clap-unfused": (1, 1001, 64),
    "nemo": (163, 80),
    "yamnet": (3, 96, 64),
    "vggish": (1, 96, 64),
    "espnet": (204, 80),
    "hifigan": (80, 101),
}


def noise(n_samples):
    return 0.1 * np.random.default_rng(4).standard_normal(n_samples)


@pytest.mark.parametrize("name", front_ends)
def test_features_have_the_shape_of_the_original(name):
    front_end = front_ends[name]
    features = front_end.features(noise(26_007))
    assert features.shape == SHAPES[name]
    assert features.dtype == np.float32
    assert np.isfinite(features).all()


@pytest.mark.parametrize("name", front_ends)
def test_entries_say_what_they_are(name):
    front_end = front_ends[name]
    assert front_end.name == name
    assert isinstance(front_end.layer, MelSpectrogram | MFCC)
    assert front_end.sample_rate == front_end.mel.settings.sampling_rate
    assert front_end.reason.endswith(".")
    assert front_end.source


@pytest.mark.filterwarnings("ignore:`num_mel_bins` should")
@pytest.mark.parametrize("name", [name for name, each in front_ends.items() if RECIPE in each.source])
def test_published_recipes_have_the_values_of_a_direct_computation(name):
    front_end = front_ends[name]
    given = front_end.mel.settings
    arguments = {
        field: getattr(given, field)
        for field in given.__dataclass_fields__
        if field not in ("conventions", "data_format", "dtype")
    }
    signal = noise(15_600)
    expected = reference_mel(signal, given.conventions, **arguments)
    layer = MelSpectrogram.from_config(front_end.mel.get_config() | {"dtype": "float64"})
    np.testing.assert_allclose(layer(signal), expected, rtol=1e-8, atol=1e-8)


def test_yamnet_takes_a_patch_of_96_frames_every_48():
    # 0.975 s give one patch, and each started 0.48 s one more.
    counts = [len(front_ends["yamnet"].features(noise(n))) for n in (100, 15_600, 15_601, 23_280, 23_281)]
    assert counts == [1, 1, 2, 2, 3]


def test_vggish_drops_what_fills_no_patch():
    counts = [len(front_ends["vggish"].features(noise(n))) for n in (15_599, 15_600, 30_959, 30_960)]
    assert counts == [0, 1, 1, 2]


def test_the_padding_of_ast_is_normalized_silence():
    features = front_ends["ast"].features(noise(16_000))
    np.testing.assert_allclose(features[98:], 4.2677393 / (2 * 4.5689974), rtol=1e-6)


def test_the_random_parts_of_clap_are_refused():
    with pytest.raises(ValueError, match=r"`signal` must have at most 480000 samples: .+; got 480001"):
        front_ends["clap"].features(noise(480_001))


def test_features_are_of_one_recording():
    with pytest.raises(ValueError, match=r"`signal` must have 1 axis \(time,\); got shape \(2, 16000\)"):
        front_ends["kaldi"].features(np.zeros((2, 16_000)))
    with pytest.raises(TypeError, match="`signal` must be an array; got list"):
        front_ends["kaldi"].features([0.0] * 16_000)


def test_the_mapping_is_read_only():
    with pytest.raises(TypeError):
        front_ends["mine"] = front_ends["kaldi"]
