"""Derived state: outputs in their order, each made again only where its inputs have changed."""

from dataclasses import replace

import numpy as np
import pytest

from specwidget.explorer.state import picture_cache
from specwidget.explorer.state.derived import DerivedState, Memo
from specwidget.explorer.state.inputs import ExplorerInputs
from specwidget.mel.stages import FRONT_END_DEFAULTS
from specwidget.raster import columns
from specwidget.raster.columns import Channel
from specwidget.sounds import as_sound
from specwidget.stft.settings import STFTSettings
from specwidget.summary.display import DISPLAY_DEFAULTS, SET_BY_VIEW, DisplayChoices
from specwidget.summary.gaps import describe_gaps, find_gaps
from specwidget.summary.limits import MEMORY_LIMIT
from specwidget.summary.shape_readouts import shape_rows, shape_summary


@pytest.fixture
def inputs(noise):
    """Return the defaults, for a second of noise."""
    view = {name: getattr(DisplayChoices(), name) for name in SET_BY_VIEW}
    return ExplorerInputs(dict(FRONT_END_DEFAULTS), {**DISPLAY_DEFAULTS, **view}, noise, MEMORY_LIMIT)


def names(derived, inputs):
    """Return the names of the outputs of an update, in their order."""
    return [name for name, _ in derived.update(inputs, {})]


def test_a_memo_makes_a_value_again_only_for_another_key():
    memo, made = Memo(), []
    make = lambda: made.append(1) or len(made)  # noqa: E731
    assert [memo.get("a", key, make) for key in (1, 1, 2, 1)] == [1, 1, 2, 3]
    memo.drop("a")
    assert memo.get("a", 1, make) == 4


def test_a_value_that_fails_is_made_again():
    memo = Memo()
    with pytest.raises(ZeroDivisionError):
        memo.get("a", 1, lambda: 1 / 0)
    assert memo.get("a", 1, lambda: 2) == 2


def test_shapes_come_before_the_picture_and_the_rest_after_it(inputs):
    order = names(DerivedState(), inputs)
    assert order[:2] == ["shape_summary", "shapes"]
    assert order[2:] == ["picture", "waveform_overview", "waveform", "results", "notes", "gaps", "overview"]


def test_an_update_without_a_change_draws_nothing(inputs):
    derived = DerivedState()
    list(derived.update(inputs, {}))
    assert names(derived, inputs) == ["shape_summary", "shapes"]
    assert (derived.n_computed, derived.version) == (1, 1)


def test_colours_are_stored_without_a_new_picture(inputs):
    derived = DerivedState()
    list(derived.update(inputs, {}))
    token = derived.token
    changed = replace(inputs, display={**inputs.display, "colour_map": "viridis"})
    assert names(derived, changed) == ["shape_summary", "shapes"]
    assert derived.displayed.choices.colour_map == "viridis"
    assert derived.token is token


def test_an_invalid_setting_leaves_what_is_displayed(inputs):
    derived = DerivedState()
    list(derived.update(inputs, {}))
    displayed, token = derived.displayed, derived.token
    with pytest.raises(ValueError, match="`frame_step` must be"):
        list(derived.update(replace(inputs, settings={**inputs.settings, "frame_step": 999}), {}))
    assert (derived.displayed, derived.token) == (displayed, token)


def test_an_invalid_display_choice_has_its_default_and_a_message(inputs):
    derived, errors = DerivedState(), {}
    list(derived.update(replace(inputs, display={**inputs.display, "channel": 5}), errors))
    assert derived.displayed.choices.channel == 0
    assert list(errors) == ["channel"]


def test_invalidated_means_computed_again_with_the_same_layer(inputs):
    derived = DerivedState()
    list(derived.update(inputs, {}))
    before = derived.current
    derived.invalidate()
    list(derived.update(inputs, {}))
    assert derived.current is not before
    assert derived.current.layer is before.layer
    assert derived.n_computed == 2


def test_a_finished_job_replaces_only_what_it_made_more_exact(inputs):
    derived = DerivedState()
    shown = dict(derived.update(inputs, {}))
    picture, overview = shown["picture"], shown["overview"]
    assert picture.is_exact

    def refined(picture, overview):
        return [name for name, _ in derived.refined(picture, overview, MEMORY_LIMIT)]

    assert refined(picture, overview) == ["results", "notes", "gaps"]
    assert refined(picture, None) == ["results", "notes", "gaps"]
    assert refined(None, overview) == ["picture", "results", "notes", "gaps"]
    assert refined(replace(picture, is_exact=False), overview) == ["picture", "results", "notes", "gaps"]
    assert refined(replace(picture, automatic=(0.0, 1.0)), overview) == ["picture", "results", "notes", "gaps"]
    assert refined(picture, replace(overview, is_exact=False)) == ["overview", "results", "notes", "gaps"]
    drawn = dict(derived.refined(picture, replace(overview, is_exact=False), MEMORY_LIMIT))["overview"]
    assert drawn is not overview
    assert drawn.is_exact
    assert list(DerivedState().refined(picture, overview, MEMORY_LIMIT)) == []


def test_what_a_memo_has_not_can_be_dropped():
    Memo().drop("nothing")


def changed(inputs, **display):
    """Return the inputs with other display choices."""
    return replace(inputs, display={**inputs.display, **display})


@pytest.fixture
def stereo(inputs):
    """Return the inputs for two items of two channels, each different."""
    samples = np.random.default_rng(1).standard_normal((2, 8000, 2)) * [[[1, 2]], [[3, 4]]]
    return replace(inputs, sound=as_sound(samples.astype("float32"), 8000))


@pytest.mark.parametrize(
    ("display", "is_new_version"),
    [
        ({"visible": (1000.0, 3000.0, 0.0, 1.0)}, False),
        ({"frequency_axis": "log"}, False),
        ({"canvas_size": (300, 100)}, False),
        ({"channel": 1}, True),
        ({"batch_item": 1}, True),
        ({"decibels": False}, True),
        ({"unit": "V"}, True),
    ],
    ids=str,
)
def test_a_display_choice_computes_nothing_and_is_a_version_where_values_change(stereo, display, is_new_version):
    derived = DerivedState()
    list(derived.update(stereo, {}))
    token = derived.token
    assert names(derived, changed(stereo, **display))[2:4] == ["picture", "waveform_overview"]
    assert (derived.n_computed, derived.version) == (1, 1 + is_new_version)
    # Background work for the old picture ends.
    assert derived.token is not token


def test_a_setting_is_another_computation_and_version(inputs):
    derived = DerivedState()
    list(derived.update(inputs, {}))
    first = derived.current
    list(derived.update(replace(inputs, settings={**inputs.settings, "mode": "psd"}), {}))
    assert (derived.n_computed, derived.version) == (2, 2)
    assert derived.current is not first
    assert derived.current.layer is not first.layer
    assert derived.current.layer.settings.mode == "psd"


def test_another_sound_is_computed_with_the_same_layer(inputs, stereo):
    derived = DerivedState()
    list(derived.update(inputs, {}))
    first = derived.current
    list(derived.update(stereo, {}))
    assert derived.current.sound is stereo.sound
    assert derived.current.layer is first.layer


@pytest.mark.parametrize(
    ("display", "is_kept"), [({"visible": (1000.0, 3000.0, 0.0, 1.0)}, True), ({"unit": "V"}, False)]
)
def test_the_overview_is_drawn_again_only_where_more_than_the_visible_part_changes(inputs, display, is_kept):
    derived = DerivedState()
    assert list(derived.overview()) == []
    before = dict(derived.update(inputs, {}))["overview"]
    assert "overview" not in dict(derived.update(changed(inputs, **display), {}))
    ((name, after),) = derived.overview()
    assert name == "overview"
    assert (after is before) is is_kept


def test_shapes_are_those_of_the_settings_and_the_sound(stereo):
    for order in ("channels_last", "channels_first"):
        outputs = dict(DerivedState().update(replace(stereo, settings={**stereo.settings, "data_format": order}), {}))
        settings = STFTSettings(data_format=order)
        shape = (2, 8000, 2) if order == "channels_last" else (2, 2, 8000)
        assert outputs["shape_summary"] == shape_summary(settings, shape)
        assert outputs["shapes"] == shape_rows(settings, shape, 8000)


@pytest.mark.parametrize(("length", "text"), [("fast", "must be a whole number"), (10**12, "1000000000000")])
def test_a_length_that_is_none_is_refused_before_a_window_of_it_is_made(inputs, length, text):
    absurd = replace(inputs, settings={**inputs.settings, "frame_length": length})
    with pytest.raises(ValueError, match=f"frame_length.*{text}"):
        next(DerivedState().update(absurd, {}))


def test_a_frame_longer_than_the_sound_is_refused_for_that_and_not_for_its_window(inputs):
    long = replace(inputs, settings={**inputs.settings, "frame_length": 10**7})
    with pytest.raises(ValueError, match="`inputs` must have at least frame_length=10000000 samples"):
        next(DerivedState().update(long, {}))


@pytest.mark.parametrize(
    ("visible", "expected"),
    [
        (None, (0, 8000)),
        ((2000.0, 3000.0, 0.0, 1.0), (1500, 3500)),
        ((0.0, 2000.0, 0.0, 1.0), (0, 3000)),
        ((7000.0, 8000.0, 0.0, 1.0), (6500, 8000)),
    ],
)
def test_the_waveform_is_that_of_the_visible_part_with_half_of_it_on_either_side(stereo, visible, expected):
    derived = DerivedState()
    outputs = dict(derived.update(changed(stereo, visible=visible, channel=1, batch_item=1), {}))
    found, samples = outputs["waveform"], stereo.sound.samples[1, :, 1]
    assert found.first <= expected[0] < expected[1] <= found.last
    assert (found.last - found.first) - (expected[1] - expected[0]) <= 2 * (found.last - found.first) / len(
        found.minimum
    )
    assert found.maximum.max() == samples[found.first : found.last].max()
    # As many parts as the canvas has columns, and for the margin twice as many.
    options = derived.displayed.choices.picture
    assert len(found.minimum) <= options.n_columns * (1 if visible is None else 2)
    whole = outputs["waveform_overview"]
    assert (whole.first, whole.maximum.max(), whole.minimum.min()) == (0, samples.max(), samples.min())


def test_what_is_said_about_a_result_is_made_once_until_more_is_known(inputs):
    derived = DerivedState()
    first = dict(derived.update(inputs, {}))
    second = dict(derived.update(changed(inputs, frequency_axis="log"), {}))
    assert second["results"] is first["results"]
    assert second["notes"] is first["notes"]
    assert second["waveform_overview"] is first["waveform_overview"]
    derived.current.seconds += 1.0
    third = dict(derived.update(changed(inputs, frequency_axis="mel"), {}))
    assert third["results"] != first["results"]
    unit = dict(derived.update(changed(inputs, unit="V"), {}))
    assert unit["notes"] is third["notes"]
    assert unit["results"] is not third["results"]


def test_notes_are_about_the_settings_the_sound_and_the_memory(inputs):
    loud = replace(inputs, sound=as_sound(1e6 * inputs.sound.samples[0], 8000))
    assert "sound files lie within" in str(dict(DerivedState().update(loud, {}))["notes"][0])
    small, derived = replace(inputs, memory_limit=100_000), DerivedState()
    outputs = dict(derived.update(small, {}))
    assert "The kernels would take 258 KiB, more than the limit of 97.66 KiB" in str(outputs["notes"][0])
    derived.current.seconds += 1.0
    outputs = dict(derived.refined(outputs["picture"], outputs["overview"], 200_000))
    assert "more than the limit of 195.3 KiB" in str(outputs["notes"][0])
    uneven = replace(inputs, settings={**inputs.settings, "frame_length": 400, "fft_length": 400})
    assert "power of two" in str(dict(DerivedState().update(uneven, {}))["notes"][0])


def test_a_snapshot_has_what_is_displayed_and_the_range_of_the_whole_for_a_part(inputs):
    derived = DerivedState()
    assert (derived.snapshot(None), derived.next_job()) == (None, None)
    overview = dict(derived.update(inputs, {}))["overview"]
    whole = derived.snapshot(overview)
    assert (whole.computation, whole.choices) == (derived.current, derived.displayed.choices)
    assert (whole.automatic, whole.overview) == (None, overview)
    picture = dict(derived.update(changed(inputs, visible=(1000.0, 1500.0, 0.0, 0.5)), {}))["picture"]
    part = derived.snapshot(overview)
    assert part.automatic == picture.automatic


def test_an_update_that_an_error_ends_is_invalid_still(inputs):
    derived = DerivedState()
    list(derived.update(inputs, {}))
    before = derived.current
    derived.invalidate()
    with pytest.raises(ValueError, match="frame_step"):
        list(derived.update(replace(inputs, settings={**inputs.settings, "frame_step": 999}), {}))
    list(derived.update(inputs, {}))
    assert derived.current is not before
    again = derived.current
    list(derived.update(inputs, {}))
    assert derived.current is again


@pytest.mark.parametrize(("visible", "most"), [(None, 450), ((2000.0, 3000.0, 0.0, 1.0), 900)])
def test_a_waveform_has_as_many_parts_as_the_canvas_has_columns(inputs, visible, most):
    inputs.sound.samples[0, 0, 0] = 100.0
    outputs = dict(DerivedState().update(changed(inputs, visible=visible, canvas_size=(300, 100)), {}))
    assert 0.7 * most < len(outputs["waveform"].minimum) <= most
    overview = outputs["waveform_overview"]
    assert 600 < len(overview.minimum) <= 1200
    # From the first sample on.
    assert overview.maximum[0] == 100.0
    assert visible or outputs["waveform"].maximum[0] == 100.0


def test_waveforms_follow_channel_and_visible_part(stereo):
    derived = DerivedState()
    first = dict(derived.update(stereo, {}))
    part = dict(derived.update(changed(stereo, visible=(1000.0, 3000.0, 0.0, 1.0)), {}))
    assert part["waveform_overview"] is first["waveform_overview"]
    assert part["waveform"].last < first["waveform"].last
    other = dict(derived.update(changed(stereo, channel=1), {}))
    assert other["waveform_overview"].maximum.max() == stereo.sound.samples[0, :, 1].max()
    assert other["waveform"].maximum.max() == stereo.sound.samples[0, :, 1].max()


def test_what_is_said_includes_the_share_at_the_floor_and_what_was_timed(inputs):
    outputs = dict(DerivedState().update(replace(inputs, settings={**inputs.settings, "epsilon": 1e6}), {}))
    assert "100 % of the output is clipped at epsilon" in str(outputs["notes"][0])
    rows = {row.name: row for row in outputs["results"]}
    assert rows["clipped at epsilon"].value == "100 %"
    assert rows["took"].formula == "all frames, and their reduction to the columns of the picture"


def test_the_columns_of_the_picture_are_those_of_the_overview(inputs, monkeypatch):
    derived = DerivedState()
    list(derived.update(inputs, {}))
    list(derived.update(replace(inputs, settings={**inputs.settings, "mode": "psd"}), {}))
    monkeypatch.setattr(Channel, "frames", None)
    ((_, overview),) = derived.overview()
    assert overview.settings.mode == "psd"


def test_a_sketch_is_followed_by_a_job(inputs, monkeypatch):
    monkeypatch.setattr(picture_cache, "AT_ONCE", -1)
    monkeypatch.setattr(picture_cache, "PREVIEW", 2**12)
    monkeypatch.setattr(columns, "ONE_BLOCK", 0)
    derived, samples = DerivedState(), np.random.default_rng(0).standard_normal(200_000)
    sketch = dict(derived.update(replace(inputs, sound=as_sound(samples, 8000)), {}))
    assert not sketch["picture"].is_exact
    derived.next_job()(lambda: False)()
    assert derived.next_job() is None
    refined = dict(derived.refined(sketch["picture"], sketch["overview"], MEMORY_LIMIT))
    assert refined["picture"].is_exact


def test_the_waveform_of_a_short_sound_has_every_sample(inputs):
    short = replace(inputs, sound=as_sound(inputs.sound.samples[0, :300], 8000))
    waveform = dict(DerivedState().update(short, {}))["waveform"]
    assert (waveform.first, waveform.last) == (0, 300)
    np.testing.assert_array_equal(waveform.maximum, short.sound.samples[0, :, 0])
    assert dict(DerivedState().update(short, {}))["waveform_overview"].first == 0


def test_gaps_are_those_of_the_displayed_channel(stereo):
    stereo.sound.samples[1, 1000:1400, 1] = np.nan
    derived = DerivedState()
    assert dict(derived.update(stereo, {}))["gaps"] == ""
    found = dict(derived.update(changed(stereo, batch_item=1, channel=1), {}))["gaps"]
    gaps = find_gaps(stereo.sound.samples[1, :, 1])
    assert found == describe_gaps(gaps, 8000, derived.current.settings, 8000) != ""


def test_what_is_said_follows_the_sound_its_rate_and_the_unit(inputs):
    gap = inputs.sound.samples[0].copy()
    gap[100:200] = np.nan
    derived = DerivedState()
    list(derived.update(inputs, {}))
    with_gap = dict(derived.update(replace(inputs, sound=as_sound(gap, 8000)), {}))
    assert "from 0.013 s to 0.025 s are NaN" in with_gap["gaps"]
    assert "from 0.013 s to 0.025 s are NaN" in str(with_gap["notes"])
    psd = replace(changed(inputs, unit="V"), settings={**inputs.settings, "mode": "psd"})
    assert "V²" in str(dict(derived.update(psd, {}))["results"][0])


def test_bands_have_the_sample_rate_of_the_sound(inputs):
    derived = DerivedState()
    list(derived.update(replace(inputs, settings={**inputs.settings, "stage": "mel"}), {}))
    assert derived.current.settings.mel.sampling_rate == 8000
