"""NOLA: panel, note, figure and exercise say that it holds exactly where `inverse` computes a signal."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwidget.layer import STFTSpectrogram
from specwidget.stft.settings import STFTSettings
from specwidget.stft.windows import NAMED_WINDOWS
from specwidget.summary.notes import notes_on
from specwidget.summary.window_readouts import merit_rows, window_forms
from specwidget.teach.exercises import draw
from specwidget.teach.figures import FIGURES
from specwidget.teach.scenes.leakage import WINDOWS

N_SETTINGS = 400


def can_invert(settings):
    """Whether `inverse` computes a signal from a spectrum, and does not refuse the window."""
    layer = STFTSpectrogram.from_settings(replace(settings, mode="stft"))
    try:
        layer.inverse(np.zeros((1, 3, 2 * settings.n_bins)))
    except ValueError as error:
        if str(error).startswith("`window` must "):
            return False
        raise
    return True


def make_random_settings(seed, windows=NAMED_WINDOWS):
    """Make settings with a step near the length of the window, where NOLA is on the edge."""
    rng = np.random.default_rng(seed)
    frame_length = int(rng.integers(4, 200))
    step = max(1, frame_length - int(rng.choice([0, 0, 0, 1, 2, 3, frame_length // 2])))
    return STFTSettings(
        mode="log",
        window=str(rng.choice(windows)),
        frame_length=frame_length,
        frame_step=step,
        periodic=bool(rng.integers(2)),
        scaling=rng.choice(["density", "spectrum", ""]).item() or None,
        dtype=str(rng.choice(["float32", "float64"])),
    )


def panel_says(settings):
    rows = {row.name: row for row in merit_rows(window_forms(settings)[:1], settings)}
    return rows[f"NOLA at step {settings.step}"].verdicts[0] == "holds"


def note_says(settings):
    notes = notes_on(settings, np.ones((1, 1000, 1), "float32"), 0.0, 2**30)
    return not any("fail NOLA" in note.sentence or "can't be inverted" in note.sentence for note in notes)


@pytest.mark.slow
@pytest.mark.parametrize("says", [panel_says, note_says])
def test_nola_holds_where_inverse_computes_a_signal(says):
    settings = [make_random_settings(seed) for seed in range(N_SETTINGS)]
    can = [can_invert(each) for each in settings]
    assert [says(each) for each in settings] == can
    for dtype in ("float32", "float64"):
        assert len({one for one, each in zip(can, settings, strict=True) if each.dtype == dtype}) == 2


def test_a_window_between_two_thresholds_fails_in_float32_only():
    settings = STFTSettings(mode="stft", frame_length=51, frame_step=51, window="blackmanharris")
    for dtype, holds in (("float32", False), ("float64", True)):
        each = replace(settings, dtype=dtype)
        assert (can_invert(each), panel_says(each), note_says(each)) == (holds, holds, holds)


@given(
    exponent=st.floats(-300, 38),
    scaling=st.sampled_from(["density", "spectrum", None]),
    dtype=st.sampled_from(["float16", "float32", "float64"]),
    frame_step=st.integers(1, 12),
    window=st.lists(st.floats(-1, 1), min_size=12, max_size=12),
)
def test_nola_holds_at_any_scale_of_the_window_where_inverse_computes_a_signal(
    exponent, scaling, dtype, frame_step, window
):
    values = [value * 10.0**exponent for value in window]
    try:
        settings = STFTSettings("stft", 12, frame_step, window=values, scaling=scaling, dtype=dtype)
    except ValueError:
        # The window or its scale is out of the range of the type, or 0.
        return
    holds = can_invert(settings)
    assert (panel_says(settings), note_says(settings)) == (holds, holds)


def test_a_window_that_is_too_small_for_its_type_is_said_to_be():
    settings = STFTSettings("stft", 12, 3, window=1e-36 * np.ones(12), scaling=None)
    assert (can_invert(settings), panel_says(settings), note_says(settings)) == (False, False, False)
    [row] = [row for row in merit_rows(window_forms(settings), settings) if row.name.startswith("NOLA")]
    assert row.values == ("fails, margin 1, as the window is too small for float32",)
    notes = {note.name: note for note in notes_on(settings, np.ones((1, 1000, 1), "float32"), None, 2**30)}
    fixed = replace(settings, **notes["holes"].fix.changes)
    assert (can_invert(fixed), panel_says(fixed), note_says(fixed)) == (True, True, True)


def test_a_window_that_hardly_covers_samples_is_not_said_to_fail():
    settings = STFTSettings(mode="stft", frame_length=51, frame_step=51, window="blackmanharris", dtype="float64")
    notes = {note.name: note.sentence for note in notes_on(settings, np.ones((1, 1000, 1)), 0.0, 2**30)}
    # The window's smallest value is 6e-5 of its largest, and the inverse divides by it.
    assert notes["holes"].endswith("amplifies errors there by up to 16667.")


def test_the_caption_of_the_figure_says_what_the_inverse_does_in_float32():
    for seed in range(200):
        each = replace(make_random_settings(seed, WINDOWS), dtype="float32")
        lengths = {"frame_length": each.frame_length, "frame_step": each.step}
        scene = FIGURES["overlap_add"].scene(window=each.window, **lengths, squared=True, periodic=each.periodic)
        assert scene.caption.startswith("NOLA holds") == can_invert(each), each


def test_the_solution_of_the_exercise_is_what_the_inverse_does_in_float32():
    for seed in range(300):
        case = draw("nola_cola", seed)
        given = dict(case.facts)
        window, form = given["window"].split(", ")
        settings = STFTSettings(
            window=window,
            periodic=form == "periodic",
            frame_length=int(given["frame_length"]),
            frame_step=int(given["frame_step"]),
        )
        assert ("NOLA" in case.solution) == can_invert(settings)
