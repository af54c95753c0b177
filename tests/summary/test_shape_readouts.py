"""The steps from input to output: what their rows say equals what the transform does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwidget.layer import STFTSpectrogram
from specwidget.stft.settings import MODES, STFTSettings
from specwidget.stft.shapes import output_shape
from specwidget.summary.readouts import format_bytes
from specwidget.summary.shape_readouts import (
    OUTPUT_WORDS,
    STEPS,
    WAVES,
    shape_lines,
    shape_rows,
    shape_summary,
)


def row(rows, name):
    """Return the row of a name."""
    return next(each for each in rows if each.name == name)


def evaluate(text):
    """Compute a formula of the readout."""
    names = {"floor": lambda x: int(np.floor(x)), "ceil": lambda x: int(np.ceil(x)), "max": max}
    return eval(text.replace("×", "*").replace("mod", "%"), {"__builtins__": {}}, names)


@given(
    n_samples=st.integers(1, 50_000),
    frame_length=st.integers(2, 2000),
    step=st.integers(1, 2000),
    padding=st.sampled_from(["valid", "same"]),
)
def test_the_formulas_give_the_numbers_beside_them(n_samples, frame_length, step, padding):
    settings = STFTSettings(frame_length=frame_length, frame_step=min(step, frame_length), window=None, padding=padding)
    if padding == "valid" and n_samples < frame_length:
        return
    rows = shape_rows(settings, (1, n_samples, 1), 8000)
    frames = row(rows, "frames")
    assert frames.value == f"T = {evaluate(frames.formula.split(' = ')[-1])}"
    bins = row(rows, "bins")
    assert bins.value == f"F = {evaluate(bins.formula.split(' = ')[-1])}"
    padded = row(rows, "padded")
    if padding == "same":
        left, right = (int(part.split()[0]) for part in padded.value.split(", "))
        assert left + right == evaluate(padded.formula.split(" = ")[-1])
    else:
        tail = row(rows, "dropped tail")
        assert int(tail.value.split()[0]) == evaluate(tail.formula.split(" = ")[-1])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("expand_dims", [False, True])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_the_output_row_is_the_shape_that_comes_out(mode, expand_dims, data_format):
    shape = (2, 1000, 3) if data_format == "channels_last" else (2, 3, 1000)
    layer = STFTSpectrogram(mode, expand_dims=expand_dims, data_format=data_format)
    values = layer(np.zeros(shape, "float32"))
    rows = shape_rows(layer.settings, shape, 8000)
    assert row(rows, "output").value == str(values.shape)
    memory = row(rows, "output memory")
    assert evaluate(memory.formula.split(" bytes")[0]) == values.nbytes
    assert memory.value == format_bytes(values.nbytes)


def test_kernels_are_counted_as_the_layer_makes_them():
    for mode in MODES:
        layer = STFTSpectrogram(mode, frame_length=100, frame_step=50)
        layer.build((1, 1000, 1))
        weights = layer.get_weights()
        text = row(shape_rows(layer.settings, (1, 1000, 1)), "kernels").value
        assert text == f"{len(weights)} × {weights[0].shape}"


def test_without_a_sample_rate_there_are_no_seconds_and_no_hertz():
    text = "\n".join(shape_lines(STFTSettings(), (1, 1000, 1)))
    assert "cycles/sample" in text
    assert "Hz" not in text
    assert " ms" not in text
    assert " s\n" not in text


def test_with_a_sample_rate_the_first_centre_is_exact():
    settings = STFTSettings(frame_length=400, frame_step=160, padding="same")
    assert row(shape_rows(settings, (1, 16_000, 1), 16_000), "first centre").value == "5 ms, sample 80"
    assert row(shape_rows(settings, (1, 16_001, 1), 16_000), "first centre").value == "62.5 µs, sample 1"


def test_the_summary_is_one_line_of_the_three_examples():
    shapes = [
        ((3, 160_000, 1), {}, "(3, 160000, 1) -> 1249 frames of 256 -> (3, 1249, 257)"),
        ((3, 160_000, 2), {"padding": "same"}, "(3, 160000, 2) -> 1250 frames of 256 -> (3, 1250, 514)"),
        (
            (3, 160_000, 3),
            {"padding": "same", "expand_dims": True},
            "(3, 160000, 3) -> 1250 frames of 256 -> (3, 1250, 257, 3)",
        ),
    ]
    for shape, changes, line in shapes:
        settings = STFTSettings(frame_length=256, frame_step=128, fft_length=512, **changes)
        assert shape_summary(settings, shape) == line
        assert str(output_shape(shape, settings)) in line


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("expand_dims", [False, True])
@pytest.mark.parametrize("mode", ["log", "stft"])
def test_the_axes_of_each_step_are_those_of_what_it_makes(padding, data_format, expand_dims, mode):
    shape = (2, 1000, 3) if data_format == "channels_last" else (2, 3, 1000)
    layer = STFTSpectrogram(
        mode, frame_length=100, padding=padding, data_format=data_format, expand_dims=expand_dims, frame_step=70
    )
    layer.build(shape)
    rows = shape_rows(layer.settings, shape)
    made = {each.step: tuple(axis.length for axis in each.axes) for each in rows if each.axes}
    assert tuple(made) == STEPS
    frames, padded = {"valid": (13, 0), "same": (15, 80)}[padding]
    assert made["input"] == shape
    assert made["padded"] == tuple(1000 + padded if length == 1000 else length for length in shape)
    assert made["frames"] == (2, 3, frames, 100)
    assert made["kernels"] == layer.get_weights()[0].shape
    assert made["bins"] == (2, 3, frames, 65)
    assert made["output"] == layer(np.zeros(shape, "float32")).shape


def test_every_row_belongs_to_a_step_and_only_first_rows_have_axes():
    rows = shape_rows(STFTSettings(), (1, 1000, 1))
    assert list(dict.fromkeys(row.step for row in rows)) == list(STEPS)
    firsts = [next(row for row in rows if row.step == step) for step in STEPS]
    assert all(bool(row.axes) == (row in firsts) for row in rows)
    assert all(row.meaning.endswith(".") for row in firsts)


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("input", "sound"),
        ("padded", "padding"),
        ("frames", "frame"),
        ("dropped tail", "tail"),
        ("step", "step"),
        ("kernels", "bin"),
        ("bins", "bin"),
        ("output", "value"),
    ],
)
def test_what_is_marked_has_a_meaning(name, mark):
    found = row(shape_rows(STFTSettings(), (1, 1000, 1)), name)
    assert found.mark == mark
    assert found.meaning


def test_the_meanings_tell_the_numbers():
    settings = STFTSettings(frame_length=400, frame_step=160, padding="same")
    rows = shape_rows(settings, (1, 16_001, 1), 16_000)
    assert row(rows, "padded").meaning.startswith("199 zeros before the first sample and 200 after the last one")
    assert row(rows, "frames").meaning == (
        "Frame t has 400 samples from sample t × 160 - 199. Adjacent frames overlap by 240 of 400 samples, 60 %."
    )
    assert "start 160 samples apart" in row(rows, "step").meaning
    assert row(rows, "bins").meaning.endswith("closer than the resolution of 400 samples.")
    tail = row(shape_rows(STFTSettings(), (1, 1000, 1)), "dropped tail")
    assert tail.meaning == "The last 104 samples are in no frame, so missing from the output."


@pytest.mark.parametrize(
    ("mode", "waves"), [("real", "129 cosines,"), ("imag", "129 sines,"), ("psd", "129 cosines and 129 sines,")]
)
def test_the_kernels_are_those_of_the_mode(mode, waves):
    assert (
        f"a frame with one of the {waves}" in row(shape_rows(STFTSettings(mode=mode), (1, 1000, 1)), "kernels").meaning
    )


def test_each_mode_and_each_part_has_its_words():
    assert set(OUTPUT_WORDS) == set(MODES)
    assert set(WAVES) == {"real", "imag"}


def test_the_proportions_are_those_of_the_numbers():
    settings = STFTSettings(frame_length=400, frame_step=160, padding="same")
    rows = shape_rows(settings, (1, 16_001, 1))
    assert row(rows, "padded").shares == pytest.approx((199 / 16_400, 200 / 16_400))
    assert row(rows, "frames").shares == (0.4,)
