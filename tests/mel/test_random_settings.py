"""Random settings and lengths against the direct computation; values, shapes and gradients."""

import warnings

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from specwidget import MelConventions, MelSpectrogram
from specwidget.mel.conventions import CHOICES
from specwidget.mel.shapes import count_frames
from tests.mel.reference import reference_mel


@st.composite
def layers(draw):
    """A layer of float64, and its arguments."""
    choices = {name: draw(st.sampled_from(values)) for name, values in CHOICES.items()}
    conventions = MelConventions(
        **choices,
        periodic=draw(st.booleans()),
        drop_last_frame=draw(st.booleans()),
        gain=draw(st.sampled_from([1.0, 32.0])),
        preemphasis=draw(st.sampled_from([0.0, 0.5, 0.97])),
        power_offset=draw(st.sampled_from([0.0, 1e-3])),
        mean=-4.0,
        deviation=4.0,
        variance_epsilon=1e-3,
    )
    n_fft = draw(st.integers(1, 70))
    length = draw(st.integers(1, n_fft))
    longest = n_fft if choices["placement"] == "centre" else length
    arguments = {
        "fft_length": n_fft,
        "sequence_stride": draw(st.integers(1, longest if choices["margin"] == "half_overlap" else 80)),
        "sequence_length": length,
        "window": draw(st.sampled_from(["boxcar", None, "hamming"])),
        "sampling_rate": draw(st.sampled_from([8000, 11_025])),
        "num_mel_bins": draw(st.integers(1, 20)),
        "min_freq": draw(st.sampled_from([0.0, 50.0])),
        "max_freq": draw(st.sampled_from([None, 3000.0, 9000.0])),
        "power_to_db": draw(st.booleans()),
        "top_db": draw(st.sampled_from([None, 3.0, 80.0])),
        "mag_exp": draw(st.sampled_from([1.0, 2.0, 0.7])),
    }
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="`num_mel_bins`")
        return MelSpectrogram(**arguments, conventions=conventions, dtype="float64"), arguments


@given(case=layers(), n_samples=st.integers(1, 300))
def test_any_settings_give_the_values_of_a_direct_computation(case, n_samples):
    layer, arguments = case
    assume(count_frames(n_samples, layer.settings) > 0)
    signal = np.random.default_rng(n_samples).standard_normal(n_samples)
    values = layer(signal)
    expected = reference_mel(signal, layer.settings.conventions, **arguments)
    assert values.shape == expected.shape == layer.compute_output_shape((n_samples,))
    np.testing.assert_allclose(values, expected, rtol=1e-6, atol=1e-6 * max(1.0, np.abs(expected).max()))
    gradient = layer.vjp(signal, np.ones(values.shape))
    assert gradient.shape == signal.shape
    assert np.isfinite(gradient).all()
