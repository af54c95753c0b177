"""Both mel scales, forth and back."""

import numpy as np
import pytest

from specwidget.mel.scales import MEL_SCALES, hertz_to_mel, mel_to_hertz
from tests.mel.reference import to_mel


@pytest.mark.parametrize("scale", MEL_SCALES)
def test_mel_to_hertz_is_the_inverse_of_hertz_to_mel(scale):
    frequencies = np.geomspace(1e-3, 96_000, 200)
    np.testing.assert_allclose(
        mel_to_hertz(hertz_to_mel(frequencies, scale), scale), frequencies, rtol=1e-12, atol=1e-9
    )


@pytest.mark.parametrize("frequency", [0.0, 20.0, 999.999, 1000.0, 1000.001, 24_000.0])
def test_slaneys_scale_is_linear_below_1_khz_and_logarithmic_above(frequency):
    assert hertz_to_mel(frequency, "slaney") == pytest.approx(to_mel(frequency, "slaney"), rel=1e-12)


def test_htks_scale_has_1000_mel_at_1_khz():
    assert hertz_to_mel(1000.0, "htk") == pytest.approx(999.9856, abs=1e-4)
