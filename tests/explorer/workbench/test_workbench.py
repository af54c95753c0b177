"""The workbench without a browser: one open tab, badges, problems, height."""

import numpy as np
import pytest

from specwidget import explore
from specwidget.explorer.page import PANELS, TAB_PAGES


@pytest.fixture
def explorer():
    """Return an explorer."""
    explorer = explore()
    yield explorer
    explorer.close()


def opened(explorer):
    """Return the names of the pages that publish."""
    return [name for name in TAB_PAGES if name in explorer.panels and explorer.panels[name].is_open]


def test_one_tab_is_open_whoever_opens_it(explorer):
    assert (explorer.workbench.open_tab, opened(explorer)) == ("shapes", ["shapes"])
    explorer.workbench.set_state({"open_tab": "code"})
    assert opened(explorer) == ["code"]
    explorer.panels["window"].is_open = True
    assert (explorer.workbench.open_tab, opened(explorer)) == ("window", ["window"])
    explorer.workbench.set_state({"open_tab": ""})
    assert opened(explorer) == []


def test_a_closed_page_publishes_nothing_and_catches_up(explorer):
    code = explorer.panels["code"]
    assert code.code == ""
    explorer.workbench.open_tab = "code"
    before = code.code
    assert "frame_length=256" in before
    explorer.workbench.open_tab = "shapes"
    explorer.set(frame_length=512)
    assert code.code == before
    explorer.workbench.open_tab = "code"
    assert "frame_length=512" in code.code


def test_the_line_with_the_shapes_follows(explorer):
    assert explorer.workbench.shape_summary == "(1, 62079, 1) -> 483 frames of 256 -> (1, 483, 129)"
    explorer.set(frame_length=512)
    assert explorer.workbench.shape_summary == "(1, 62079, 1) -> 241 frames of 512 -> (1, 241, 257)"


def test_tabs_say_what_is_in_them(explorer):
    explorer.set(frame_step=256)
    assert explorer.workbench.badges["notes"] == "1"
    explorer.state.set_b()
    assert explorer.workbench.badges["compare"] == "A shown"
    explorer.set(frame_length=128, frame_step=None)
    explorer.state.swap_ab()
    assert explorer.workbench.badges["compare"] == "B shown"


def test_what_is_wrong_is_said_and_no_note_says_otherwise(explorer):
    explorer.set(frame_step=999)
    [problem] = explorer.workbench.problems
    assert problem["name"] == "frame_step"
    assert problem["sentence"] == "Frame step must be between 1 and frame length = 256; got 999."
    assert problem["fix"] == "Frame step default"
    assert explorer.workbench.is_stale
    assert (explorer.workbench.badges["notes"], explorer.workbench.badges["crosscheck"]) == ("", "")
    explorer.set(frame_step=None)
    assert (explorer.workbench.problems, explorer.workbench.is_stale) == ([], False)


@pytest.mark.parametrize(("given", "height"), [(0, 0), (500, 500), (10, 320), (10**6, 4000)])
def test_a_height_is_kept_within_reason(explorer, given, height):
    explorer.workbench.set_state({"height": given})
    assert explorer.workbench.height == height


def test_a_small_explorer_has_what_was_asked_for_and_compares_with_nobody():
    small = explore(panels=("picture", "shapes", "controls"), controls=("frame_length", "window"), height=400)
    assert set(small.panels) == {"picture", "shapes", "controls"}
    assert [control["name"] for control in small.panels["controls"].table] == ["frame_length", "window"]
    assert (small.workbench.height, [tab["name"] for tab in small.workbench.tabs]) == (400, ["shapes"])
    assert small.state.crosscheck.waiting == ()
    small.set(frame_length=512)
    assert small.panels["shapes"].shapes[0]["value"] == "(1, 62079, 1)"
    assert small.state.crosscheck.waiting == ()
    small.close()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"panels": ("picture", "shape")}, f"`panels` must be of {', '.join(map(repr, PANELS))}; got 'shape'"),
        ({"controls": ["hop"]}, "`controls` must be of 'mode', .+; got 'hop'"),
    ],
)
def test_names_that_there_are_not_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        explore(**arguments)


def test_times_are_taken_where_the_rate_is_known():
    explorer = explore([0.0] * 16_000, 16_000, frame_length="25 ms", frame_step="60 %", fft_length="31.25 Hz")
    settings = explorer.layer.settings
    assert (settings.frame_length, settings.step, settings.n_fft) == (400, 160, 512)
    explorer.set(frame_length="50 ms", fft_length=None)
    assert explorer.layer.settings.frame_length == 800
    explorer.close()


def test_an_overlap_waits_for_a_valid_frame_length():
    explorer = explore([0.0] * 16_000, 16_000)
    explorer.set(frame_length="long", frame_step="60 %")
    assert set(explorer.state.errors) == {"frame_length"}
    explorer.set(frame_length=400)
    assert (explorer.state.errors, explorer.layer.settings.step) == ({}, 160)
    explorer.close()


def test_a_time_without_a_rate_is_an_error_at_its_control():
    explorer = explore([0.0] * 16_000)
    explorer.set(frame_length="25 ms")
    assert explorer.state.errors == {
        "frame_length": "`frame_length` must be in samples, as the sample rate is unknown; got '25 ms'."
    }
    explorer.panels["sound"].set_state({"sample_rate": 16_000})
    assert (explorer.state.errors, explorer.layer.settings.frame_length) == ({}, 400)
    explorer.close()


def test_a_text_that_means_the_present_length_is_replaced_by_it(explorer):
    controls = explorer.panels["controls"]
    controls.set_state({"frame_length": "5.805 ms"})
    assert (explorer.state.frame_length, controls.frame_length) == (256, 256)


def test_a_window_of_another_length_opens_the_page_with_its_error():
    explorer = explore([0.0] * 16_000, 16_000, window=np.ones(7))
    assert set(explorer.state.errors) == {"window"}
    explorer.workbench._handle_custom_msg({"kind": "remedy", "name": "window"}, [])
    assert (explorer.state.errors, explorer.state.window) == ({}, "hann")
    explorer.close()


@pytest.mark.parametrize("panels", [("picture",), ("picture", "notes"), ("picture", "shapes")])
def test_a_small_explorer_is_saved_as_a_page(panels, tmp_path):
    explorer = explore(panels=panels)
    explorer.save_html(tmp_path / "page.html")
    explorer.close()
    text = (tmp_path / "page.html").read_text()
    assert ("specwidget-has-pages" in text.split("<body>")[1].split("<script")[0]) == ("shapes" in panels)


def test_a_tab_that_there_is_not_is_not_opened(explorer):
    explorer.workbench.set_state({"open_tab": "nothing"})
    assert explorer.workbench.open_tab == ""


def test_a_snapshot_does_not_keep_the_saved_picture_from_following(explorer):
    explorer._fallback_of = explorer._displayed()
    drawn = []
    explorer.update_fallback = lambda: drawn.append(explorer.state.frame_length)
    explorer.set(frame_length=512)
    explorer.snapshot()
    explorer._follow_with_fallback()
    explorer._follow_with_fallback()
    assert drawn == [512]


def test_a_corrected_sample_rate_leaves_the_rest_as_it_is():
    samples = np.zeros((1, 4000, 2), np.float32)
    explorer = explore(samples, 8000, channel=1)
    explorer.set(visible=(1000.0, 2000.0, 0.0, 0.5))
    sound, before = explorer.panels["sound"], explorer.state.sound.samples
    sound.set_state({"sample_rate": "fast"})
    assert "must be a number" in sound.failure
    assert sound.sample_rate == 8000
    sound.set_state({"sample_rate": 16_000})
    state = explorer.state
    assert (sound.failure, state.sound.sample_rate, state.channel) == ("", 16_000, 1)
    assert state.visible == (1000.0, 2000.0, 0.0, 0.5)
    assert state.sound.samples is before
    explorer.close()
