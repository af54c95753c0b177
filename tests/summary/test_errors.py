"""Error messages: the control that each is shown at, and their wording on the page."""

import pytest

from specwidget.summary.controls import DISPLAY_CONTROLS, SETTING_CONTROLS
from specwidget.summary.errors import GENERAL, control_for_error, invalid_settings, message_of, page_message


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("`mode` must be", "mode"),
        ("`inputs` must have", "sound"),
        ("Unexpected.", GENERAL),
        ("`other` is", GENERAL),
    ],
)
def test_a_message_belongs_to_the_setting_it_begins_with(message, name):
    assert control_for_error(ValueError(message), is_new_sound=True) == name


def test_too_little_memory_is_shown_at_the_frame_length():
    assert control_for_error(MemoryError()) == "frame_length"
    assert message_of(MemoryError()).startswith("Out of memory. Reduce `frame_length`")


@pytest.mark.parametrize("control", [*SETTING_CONTROLS, *DISPLAY_CONTROLS])
def test_the_page_names_every_control_by_its_label(control):
    assert page_message(f"`{control.name}` must be valid; got 1.") == f"{control.label} must be valid; got 1."


@pytest.mark.parametrize(
    ("message", "worded"),
    [
        (
            "`inputs` must have at least frame_length=900 samples with padding='valid'; got 800.",
            "Sound must have at least frame length = 900 samples with padding = 'valid'; got 800.",
        ),
        ("A frame_step of 5 would fit. Increase `fft_length`.", "A frame step of 5 would fit. Increase FFT length."),
        ("`bin_number` must be at least 0.", "Bin number must be at least 0."),
        ("Too short. `dtype` must be None.", "Too short. Data type must be None."),
        ("Save it from Python with explorer.save_values.", "Save it from Python with explorer.save_values."),
    ],
)
def test_names_inside_a_sentence_become_labels_too(message, worded):
    assert page_message(message) == worded


def test_nothing_is_measured_by_a_frame_length_that_is_invalid():
    requested = {"frame_length": "25 msx", "frame_step": 276, "fft_length": 1103, "window": "hann"}
    assert list(invalid_settings(requested)) == ["frame_length"]
    assert list(invalid_settings({**requested, "mode": "none such"})) == ["frame_length", "mode"]
    assert list(invalid_settings({**requested, "frame_length": 256})) == ["frame_step"]
