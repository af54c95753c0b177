"""Places to start from."""

from specwidget.matching.beams import cropped_framings


def test_frames_that_were_cut_off_leave_the_framing_of_a_convention():
    # 98 complete frames; without 2 at the start and 1 at the end there are 95, from sample 320 on.
    assert (160, 320) in cropped_framings(16_000, 95, 400, 512, 16_000)
    assert (160, 320) not in cropped_framings(16_000, 85, 400, 512, 16_000)
