"""Code for cepstral coefficients: every snippet runs as it stands and gives the layer's values."""

import numpy as np
import pytest

from specwidget import MFCC, MelSpectrogram, front_ends
from specwidget.codegen import MFCC_CODE_TARGETS, code_targets, to_code
from specwidget.mel.stages import BandSettings
from tests.codegen.cases import run

MEL = MelSpectrogram(512, 160, 400, num_mel_bins=40, sampling_rate=16_000)
LAYERS = {
    "librosa": front_ends["librosa-mfcc"].layer,
    "kaldi": front_ends["kaldi-mfcc"].layer,
    "htk": MFCC(MEL, 13, "htk", 22.0),
    "without 0": MFCC(MEL, 12, "htk", 22.0, zeroth=False),
    "lifter as in librosa": MFCC(MEL, 13, lifter=22.0),
}


@pytest.mark.parametrize("target", [name for name in MFCC_CODE_TARGETS if name != "transformers"])
@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("shape", [(8000,), (2, 8000)], ids=str)
def test_a_snippet_gives_the_layers_values(name, target, shape):
    layer = LAYERS[name]
    code = to_code(layer, shape, target)
    x, y = run(code)
    np.testing.assert_allclose(y, layer(x), rtol=1e-3, atol=1e-3 * np.abs(y).max())
    axes = "coefficients, frames" if len(shape) == 1 else "batch, coefficients, frames"
    assert code.splitlines()[-1] == f"# y: {y.shape}: {axes}"


def test_other_libraries_are_not_offered():
    assert code_targets(BandSettings.of(LAYERS["htk"])) is MFCC_CODE_TARGETS
    with pytest.raises(ValueError, match="`target` must be one of 'specwidget', 'librosa', 'transformers', 'numpy'"):
        to_code(LAYERS["htk"], (8000,), "keras")
