"""Settings: accepted values, their effective values, and the error for every other value."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from specwidget import STFTSpectrogram, layer_stft_spectrogram
from specwidget.stft.settings import BACKENDS, DATA_FORMATS, DTYPES, MODES, PADDINGS, SCALINGS, STFTSettings

REFUSED = [
    ({"mode": "power"}, ValueError, "`mode` must be one of 'log', 'magnitude', .*'stft'; got 'power'."),
    ({"mode": "LOG"}, ValueError, "`mode` must be one of .*; got 'LOG'."),
    ({"mode": None}, ValueError, "`mode` must be one of .*; got None."),
    ({"frame_length": 0}, ValueError, "`frame_length` must be at least 1; got 0."),
    ({"frame_length": -256}, ValueError, "`frame_length` must be at least 1; got -256."),
    ({"frame_length": 256.0}, TypeError, "`frame_length` must be an integer; got 256.0."),
    ({"frame_length": True}, TypeError, "`frame_length` must be an integer; got True."),
    ({"frame_length": "256"}, TypeError, "`frame_length` must be an integer; got '256'."),
    ({"frame_length": None}, TypeError, "`frame_length` must be an integer; got None."),
    ({"frame_step": 0}, ValueError, "`frame_step` must be between 1 and frame_length=256; got 0."),
    ({"frame_step": 257}, ValueError, "`frame_step` must be between 1 and frame_length=256; got 257."),
    ({"frame_step": -1}, ValueError, "`frame_step` must be between 1 and frame_length=256; got -1."),
    ({"frame_step": 64.0}, TypeError, "`frame_step` must be an integer; got 64.0."),
    ({"frame_step": True}, TypeError, "`frame_step` must be an integer; got True."),
    ({"fft_length": 255}, ValueError, "`fft_length` must be at least frame_length=256; got 255."),
    ({"fft_length": 0}, ValueError, "`fft_length` must be at least frame_length=256; got 0."),
    ({"fft_length": 512.0}, TypeError, "`fft_length` must be an integer; got 512.0."),
    ({"fft_length": np.bool_(True)}, TypeError, "`fft_length` must be an integer; got .*True"),
    ({"periodic": 1}, TypeError, "`periodic` must be True or False; got 1."),
    ({"periodic": None}, TypeError, "`periodic` must be True or False; got None."),
    ({"scaling": "power"}, ValueError, "`scaling` must be one of 'density', 'spectrum', None; got 'power'."),
    ({"scaling": False}, ValueError, "`scaling` must be one of 'density', 'spectrum', None; got False."),
    ({"padding": "full"}, ValueError, "`padding` must be one of 'valid', 'same'; got 'full'."),
    ({"padding": None}, ValueError, "`padding` must be one of 'valid', 'same'; got None."),
    ({"expand_dims": "yes"}, TypeError, "`expand_dims` must be True or False; got 'yes'."),
    ({"data_format": "NHWC"}, ValueError, "`data_format` must be one of 'channels_last', .*; got 'NHWC'."),
    ({"data_format": 3}, ValueError, "`data_format` must be one of 'channels_last', .*; got 3."),
    ({"trainable": 0}, TypeError, "`trainable` must be True or False; got 0."),
    ({"dtype": "int16"}, ValueError, "`dtype` must be one of 'float16', 'float32', 'float64'.*; got 'int16'."),
    ({"dtype": "bfloat16"}, ValueError, "`dtype` must be one of 'float16', .*; got 'bfloat16'."),
    ({"dtype": "complex64"}, ValueError, "`dtype` must be one of 'float16', .*; got 'complex64'."),
    ({"epsilon": 0}, ValueError, "`epsilon` must be finite and above 0.*; got 0"),
    ({"epsilon": -1e-7}, ValueError, "`epsilon` must be finite and above 0.*; got -1e-07."),
    ({"epsilon": np.nan}, ValueError, "`epsilon` must be finite and above 0.*; got nan."),
    ({"epsilon": np.inf}, ValueError, "`epsilon` must be finite and above 0.*; got inf."),
    ({"epsilon": "1e-7"}, TypeError, "`epsilon` must be a number; got '1e-7'."),
    ({"epsilon": None}, TypeError, "`epsilon` must be a number; got None."),
    ({"backend": "torch"}, ValueError, "`backend` must be one of 'auto', 'numpy', 'cupy'; got 'torch'."),
    ({"backend": None}, ValueError, "`backend` must be one of 'auto', 'numpy', 'cupy'; got None."),
]


@pytest.mark.parametrize("make", [STFTSettings, STFTSpectrogram])
@pytest.mark.parametrize(("arguments", "error", "message"), REFUSED, ids=lambda value: str(value)[:40])
def test_an_invalid_setting_is_an_error_with_its_rule(make, arguments, error, message):
    with pytest.raises(error, match=f"^{message}"):
        make(**arguments)


@pytest.mark.parametrize("epsilon", [1e-60, 1e300])
def test_an_epsilon_that_underflows_or_overflows_in_float32_is_an_error(epsilon):
    with pytest.raises(ValueError, match=r"^`epsilon` must be finite and above 0"):
        STFTSettings(epsilon=epsilon)
    assert STFTSettings(epsilon=epsilon, dtype="float64").epsilon == epsilon


@pytest.mark.parametrize("make", [STFTSettings, STFTSpectrogram])
def test_an_unknown_keyword_is_an_error(make):
    with pytest.raises(TypeError, match="frame_size"):
        make(frame_size=256)


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("mode", MODES),
        ("scaling", SCALINGS),
        ("padding", PADDINGS),
        ("data_format", (*DATA_FORMATS, None, "Channels_Last", "CHANNELS_FIRST")),
        ("dtype", (*DTYPES, None, "mixed_float16")),
        ("epsilon", (1e-30, 1, np.float32(0.5))),
        ("trainable", (True, False)),
    ],
)
def test_every_choice_is_accepted_and_kept_as_given(name, choices):
    for choice in choices:
        assert getattr(STFTSettings(**{name: choice}), name) == choice


def test_the_choices_are_the_documented_ones():
    assert MODES == ("log", "magnitude", "psd", "real", "imag", "angle", "stft")
    assert SCALINGS == ("density", "spectrum", None)
    assert (PADDINGS, DATA_FORMATS) == (("valid", "same"), ("channels_last", "channels_first"))
    assert (DTYPES, BACKENDS) == (("float16", "float32", "float64"), ("auto", "numpy", "cupy"))


@pytest.mark.parametrize("integer", [np.int64, np.int16, np.uint32])
def test_numpy_integers_are_integers(integer):
    settings = STFTSettings(frame_length=integer(400), frame_step=integer(160), fft_length=integer(512))
    assert (settings.frame_length, settings.step, settings.n_fft) == (400, 160, 512)
    assert STFTSettings(frame_length=np.uint8(200), frame_step=np.uint8(100)).n_fft == 256


@pytest.mark.parametrize(("frame_length", "step"), [(1, 1), (2, 1), (3, 1), (256, 128), (401, 200)])
def test_the_default_step_is_half_a_frame_and_at_least_one_sample(frame_length, step):
    assert STFTSettings(frame_length=frame_length, window=None).step == step


@pytest.mark.parametrize(
    ("frame_length", "n_fft"), [(1, 1), (2, 2), (3, 4), (256, 256), (257, 512), (2**20 + 1, 2**21)]
)
def test_the_default_fft_is_the_smallest_power_of_two_that_holds_a_frame(frame_length, n_fft):
    settings = STFTSettings(frame_length=frame_length, window=None)
    assert (settings.n_fft, settings.n_bins) == (n_fft, n_fft // 2 + 1)


@pytest.mark.parametrize("fft_length", [256, 512, 1024])
def test_a_power_of_two_causes_no_warning(fft_length):
    assert STFTSettings(fft_length=fft_length).advice == ()
    STFTSpectrogram(fft_length=fft_length)


def test_an_fft_length_that_is_no_power_of_two_causes_one_warning():
    with pytest.warns(UserWarning, match=r"`fft_length`.*power of two.*got 400") as warned:
        STFTSpectrogram(fft_length=400)
    assert [str(warning.message) for warning in warned] == list(STFTSettings(fft_length=400).advice)


@pytest.mark.parametrize("make", [STFTSpectrogram, layer_stft_spectrogram])
def test_the_warning_points_to_the_line_of_the_caller(make):
    with pytest.warns(UserWarning, match=r"`fft_length`") as warned:
        make(fft_length=400)
    assert warned[0].filename == __file__


def test_a_frame_length_that_is_no_power_of_two_causes_no_warning():
    assert STFTSettings(frame_length=400).n_fft == 512


def test_results_have_the_settings_dtype():
    assert [STFTSettings(dtype=dtype).result_dtype for dtype in (None, "mixed_float16", "float64")] == [
        "float32",
        "float16",
        "float64",
    ]


def test_replaced_settings_are_validated_again():
    settings = STFTSettings(frame_step=100)
    assert replace(settings, mode="psd").mode == "psd"
    with pytest.raises(ValueError, match=r"`frame_step` must be between 1 and frame_length=64; got 100."):
        replace(settings, frame_length=64)
    with pytest.raises(FrozenInstanceError, match="mode"):
        settings.mode = "psd"


def test_resolved_values_follow_a_replaced_setting():
    settings = STFTSettings(frame_length=100)
    assert (settings.step, settings.n_fft, len(settings.window_values)) == (50, 128, 100)
    shorter = replace(settings, frame_length=10)
    assert (shorter.step, shorter.n_fft, len(shorter.window_values)) == (5, 16, 10)


def test_equal_settings_are_equal_and_hash_alike_even_with_a_window_array():
    first, second = (STFTSettings(frame_length=4, window=window) for window in (np.ones(4), [1, 1, 1, 1]))
    assert first == second
    assert hash(first) == hash(second)
    assert first != replace(first, mode="psd")
