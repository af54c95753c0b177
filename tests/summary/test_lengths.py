"""Lengths as texts, in samples."""

import numpy as np
import pytest

from specwidget.summary.lengths import LENGTHS, lengths_in_samples, to_samples


@pytest.mark.parametrize(
    ("text", "rate", "samples"),
    [
        ("400", None, 400),
        ("400 samples", None, 400),
        ("25 ms", 16_000, 400),
        ("25ms", 16_000.0, 400),
        ("0.025 s", 16_000, 400),
        ("25 ms", 44_100, 1102),
        (".3 ms", 10_000, 3),
        ("20.833333 µs", 48_000, 1),
        ("100 us", 96_000, 10),
        ("2.5e-2 s", 8000, 200),
        ("1 us", 8000, 1),
        ("2 s", 0.5, 1),
    ],
)
def test_a_length_is_a_number_of_samples_or_a_time(text, rate, samples):
    assert to_samples("frame_length", text, rate) == samples


@pytest.mark.parametrize(
    ("text", "samples"), [("60 %", 160), ("50%", 200), ("0 %", 400), ("99.99 %", 1), ("75.0 %", 100)]
)
def test_a_step_may_be_an_overlap(text, samples):
    assert to_samples("frame_step", text, None, 400) == samples


@pytest.mark.parametrize(
    ("text", "samples"), [("31.25 Hz", 512), ("0.03125 kHz", 512), ("31250 mHz", 512), ("32 ms", 512)]
)
def test_an_fft_length_may_be_a_bin_spacing(text, samples):
    assert to_samples("fft_length", text, 16_000) == samples


@pytest.mark.parametrize(
    ("name", "text", "rate", "frame_length", "message"),
    [
        (
            "frame_length",
            "long",
            16_000,
            None,
            r"^`frame_length` must be a whole number of samples, or a time such as",
        ),
        ("frame_length", "25.5", 16_000, None, r"must be a whole number of samples"),
        ("frame_length", "-25 ms", 16_000, None, r"or a time such as \"25 ms\"; got '-25 ms'\."),
        ("frame_length", "0 ms", 16_000, None, r"got '0 ms'"),
        ("frame_length", "60 %", 16_000, None, r"got '60 %'"),
        ("frame_length", "100 Hz", 16_000, None, r"got '100 Hz'"),
        ("fft_length", "1 MHz", 16_000, None, r"bin spacing such as \"31.25 Hz\"; got '1 MHz'"),
        ("frame_length", "25 ms", None, None, r"must be in samples, as the sample rate is unknown; got '25 ms'"),
        ("frame_step", "100 %", None, 400, r"overlap from 0 % to less than 100 %; got '100 %'"),
        ("frame_step", "-1 %", None, 400, r"overlap from 0 % to less than 100 %"),
        ("frame_step", "60 %", None, "long", r"in samples while the frame length is invalid"),
        ("frame_step", "60 %", None, None, r"in samples while the frame length is invalid"),
    ],
)
def test_what_means_no_length_is_an_error_that_says_what_does(name, text, rate, frame_length, message):
    with pytest.raises(ValueError, match=message):
        to_samples(name, text, rate, frame_length)


def test_an_overlap_refers_to_the_frame_length_beside_it():
    values = {"frame_step": "60 %", "mode": "psd", "frame_length": "25 ms", "fft_length": None}
    assert lengths_in_samples(values, 16_000) == {**values, "frame_length": 400, "frame_step": 160}
    assert lengths_in_samples({"frame_step": "60 %"}, None, 1000) == {"frame_step": 400}


@pytest.mark.parametrize("text", ["1e5000", "1e3000000 ms", "1" * 5000, "1e-5000 s"])
def test_an_absurd_text_is_refused_at_once(text):
    with pytest.raises(ValueError, match="must be a whole number of samples"):
        to_samples("frame_length", text, 16_000)


def test_a_frame_length_of_numpy_is_one():
    assert to_samples("frame_step", "60 %", None, np.int64(400)) == 160


@pytest.mark.parametrize("name", LENGTHS)
@pytest.mark.parametrize("value", [None, 400, 2.5, True, [1]])
def test_what_is_no_text_stays(name, value):
    assert to_samples(name, value, None) is value
