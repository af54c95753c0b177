"""Code for mel spectrograms with Keras and transformers."""

import pytest

from tests.codegen.mel_cases import SETTINGS
from tests.codegen.test_mel_codegen import check_values


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("target", "least"), [("transformers", 45), ("keras", 4)])
def test_a_snippet_gives_the_layers_values_or_says_what_it_cant(target, least):
    # The top is that of the batch in Keras: one recording.
    shape = (3000,)
    computed = [name for name in SETTINGS if check_values(target, name, shape, rtol=2e-3)]
    assert len(computed) >= least


@pytest.mark.filterwarnings("ignore")
def test_transformers_computes_one_recording_after_the_other():
    assert check_values("transformers", "whisper", (2, 3000))
