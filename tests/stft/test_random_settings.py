"""Random settings: the layer raises its documented error, or equals the reference, on both paths."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from specwidget.stft.settings import DTYPES, MODES, PADDINGS, SCALINGS
from tests.layers import make_layer, make_matmul_layer
from tests.reference import DEFAULTS, effective_sizes, reference_spectrogram, reference_window
from tests.tolerances import allowed_error, assert_within

WINDOWS = ["hann", "hamming", "boxcar", "bartlett", "flattop", "cosine", None, ("kaiser", 8.6), ("tukey", 0.3)]


@st.composite
def mostly(draw, good, bad):
    """A valid value, or an invalid one with a probability of 1/16."""
    return draw(bad if draw(st.sampled_from([False] * 15 + [True])) else good)


@st.composite
def window_values(draw, length):
    """An array window; occasionally of the wrong length, all zeros, or not finite."""
    good = st.lists(st.sampled_from([1.0, 0.5, 0.25, 0.0, -0.5]), min_size=length, max_size=length)
    return draw(mostly(good, st.sampled_from([[1.0] * (length + 1), [0.0] * length, [np.nan] * length])))


@st.composite
def arguments(draw):
    """The layer's arguments except the mode, mostly valid."""
    length = draw(mostly(st.integers(1, 40), st.just(0)))
    return {
        "frame_length": length,
        "frame_step": draw(
            st.none() | mostly(st.integers((length + 7) // 8, length), st.sampled_from([0, length + 1]))
        ),
        "fft_length": draw(st.none() | mostly(st.integers(length, length + 40), st.integers(0, max(0, length - 1)))),
        "window": draw(st.sampled_from(WINDOWS) | window_values(length)),
        "periodic": draw(st.booleans()),
        "scaling": draw(st.sampled_from(SCALINGS)),
        "padding": draw(st.sampled_from(PADDINGS)),
        "expand_dims": draw(st.booleans()),
        "data_format": draw(st.sampled_from([None, "channels_last", "channels_first"])),
        "dtype": draw(st.sampled_from(DTYPES)),
        "epsilon": draw(st.sampled_from([1e-7, 1e-3, 1e-20])),
    }


@st.composite
def signals(draw):
    """A batch (B, L, C) of noise of any level, with nonfinite samples and zeros; occasionally with an empty axis."""
    sizes = draw(mostly(st.just((1, 40, 1)), st.just((0, 0, 0))))
    shape = tuple(draw(st.integers(least, most)) for least, most in zip(sizes, (2, 120, 3), strict=True))
    values = np.random.default_rng(draw(st.integers(0, 9))).standard_normal(shape)
    values *= draw(st.sampled_from([1.0, 1e-4, 1e3]))
    for _ in range(draw(st.integers(0, 2)) if values.size else 0):
        place = tuple(draw(st.integers(0, size - 1)) for size in shape)
        values[place] = draw(st.sampled_from([np.nan, np.inf, -np.inf, 0.0]))
    return values.astype(draw(st.sampled_from(DTYPES)))


def documented_error(settings):
    """The name of the first argument that is invalid according to the documentation, or None."""
    frame_length, step, n_fft = (settings[name] for name in ("frame_length", "frame_step", "fft_length"))
    if frame_length < 1:
        return "frame_length"
    if step is not None and not 1 <= step <= frame_length:
        return "frame_step"
    if n_fft is not None and n_fft < frame_length:
        return "fft_length"
    window = settings["window"]
    if isinstance(window, list) and (len(window) != frame_length or np.isnan(window).any()):
        return "window"
    if window is not None and settings["scaling"] is not None:
        with np.errstate(all="ignore"):
            if not np.any(reference_window(settings | {"scaling": None})):
                return "window"
    return None


def inputs_fit(inputs, settings):
    """Whether the input is valid according to the documentation."""
    _, n_samples, channels = inputs.shape
    return channels > 0 and n_samples > 0 and (settings["padding"] == "same" or n_samples >= settings["frame_length"])


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
@given(arguments(), signals())
@example({"frame_length": 1}, np.ones((1, 3, 1)))
@example({"frame_length": 5, "fft_length": 5, "dtype": "float64"}, np.ones((1, 30, 2)))
@example({"frame_length": 2, "window": "hann"}, np.ones((1, 3, 1)))
def test_the_layer_raises_its_documented_error_or_equals_the_reference(mode, chosen, inputs):
    chosen = {"mode": mode, **chosen}
    settings = DEFAULTS | chosen
    wrong = documented_error(settings)
    if wrong:
        with pytest.raises(ValueError, match=f"^`{wrong}` must "):
            make_layer(**chosen)
        return
    layers = [make_layer(**chosen), make_matmul_layer(**chosen)]
    given_inputs = inputs.transpose(0, 2, 1) if settings["data_format"] == "channels_first" else inputs
    for layer in layers:
        assert (layer.settings.step, layer.settings.n_fft) == effective_sizes(settings)
        if not inputs_fit(inputs, settings):
            with pytest.raises(ValueError, match=r"^`inputs` must have at least"):
                layer(given_inputs)
            continue
        output = layer(given_inputs)
        assert output.dtype == (settings["dtype"] or "float32")
        assert output.shape == layer.compute_output_shape(given_inputs.shape)
        expected = reference_spectrogram(given_inputs, **chosen)
        assert_within(output, expected, allowed_error(given_inputs, **chosen), settings["mode"])
