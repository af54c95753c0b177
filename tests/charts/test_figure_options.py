"""Options of figures: what they refuse, and the part that limits select."""

import pytest

from specwidget.charts.figure_options import FigureOptions, options_from


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": (0.5, 3)}, "`size` must be two lengths between 1 and 100 inches"),
        ({"size": 3}, "`size` must be two numbers; got 3."),
        ({"dpi": 5}, "`dpi` must be between 10 and 2400; got 5."),
        ({"size": (50, 50), "dpi": 600}, "`dpi` must give at most 268,435,456 dots"),
        ({"time_limits": (2, 1)}, "`time_limits` must be two numbers, the lower first"),
        ({"frequency_limits": (0, float("nan"))}, "`frequency_limits` must be two finite numbers"),
        ({"value_range": (1,)}, "`value_range` must be two numbers"),
    ],
)
def test_what_no_figure_can_be_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        FigureOptions(**options)


def test_a_text_is_no_number():
    with pytest.raises(TypeError, match="`width` must be a number"):
        options_from({"width": "wide"})


def test_without_limits_the_displayed_part_stays_and_with_them_they_rule():
    displayed = (100.0, 900.0, 0.1, 0.9)
    assert FigureOptions().visible(displayed, 1000, 1000.0) == displayed
    assert FigureOptions(time_limits=(0.2, 0.3)).visible(displayed, 1000, 1000.0) == (200, 300, 0.1, 0.9)
    assert FigureOptions(frequency_limits=(100, 200)).visible(displayed, 1000, 1000.0) == (100, 900, 0.2, 0.4)


def test_without_a_sample_rate_limits_are_samples_and_cycles_per_sample():
    options = FigureOptions(time_limits=(200, 300), frequency_limits=(0.1, 0.2))
    assert options.visible(None, 1000, None) == pytest.approx((200, 300, 0.2, 0.4))


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"time_limits": (2, 3)}, r"`time_limits` must have a part of 0 to 1 s between them; got \(2.0, 3.0\)\."),
        ({"frequency_limits": (600, 700)}, "`frequency_limits` must have a part of 0 to 500 Hz between them"),
    ],
)
def test_limits_beyond_the_sound_are_refused(limits, message):
    with pytest.raises(ValueError, match=message):
        FigureOptions(**limits).visible(None, 1000, 1000.0)
