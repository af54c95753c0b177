"""Every figure: a scene at the ends of its controls, drawn on paper and sent to the page; opened with its keywords."""

import inspect
import io
import json

import numpy as np
import pytest
from matplotlib.image import imread

from specwidget.charts.encoding import encode_scene, palette
from specwidget.charts.matplotlib_renderer import draw_scene
from specwidget.charts.scene import COLOURS, ITEMS, Scene
from specwidget.charts.spectrogram_figure import to_png
from specwidget.teach import figures
from specwidget.teach.figure_widget import FigureWidget
from specwidget.teach.figures import FIGURES
from tests.teach.positions import positions_of


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_shows_something_wherever_its_controls_stand(name):
    for _, scene in positions_of(FIGURES[name]):
        assert isinstance(scene, Scene)
        assert scene.caption.endswith(".")
        assert "nan" not in scene.caption.lower().split()
        for axes in scene.axes:
            assert axes.title
            assert all(isinstance(item, ITEMS) for item in axes.items)
            assert all(getattr(item, "colour", "ink") in COLOURS for item in axes.items)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_at_rest_is_the_same_each_time(name):
    first, second = (encode_scene(FIGURES[name].scene()) for _ in range(2))
    assert first[0] == second[0]
    assert [bytes(part) for part in first[1]] == [bytes(part) for part in second[1]]


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_can_be_drawn_on_paper(name):
    pixels = imread(io.BytesIO(to_png(draw_scene(FIGURES[name].scene()))))
    assert len(np.unique(pixels.reshape(-1, 4), axis=0)) > 20


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_travels_as_json_and_raw_memory(name):
    header, buffers = encode_scene(FIGURES[name].scene())
    assert json.loads(json.dumps(header, allow_nan=False))["caption"] == header["caption"]
    assert sum(part.nbytes for part in buffers) < 4 * 2**20


@pytest.mark.parametrize("name", FIGURES)
def test_what_is_heard_is_loud_enough_and_does_not_clip(name):
    plan = FIGURES[name]
    for hear in plan.sounds.values():
        heard = hear(**plan.defaults)
        assert 0.1 <= np.abs(heard.samples).max() <= 1.0
        assert 0.2 <= len(heard.samples) / heard.sample_rate <= 20


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_a_function_whose_keywords_are_its_controls(name):
    plan, opener = FIGURES[name], getattr(figures, name)
    keywords = inspect.signature(opener).parameters
    assert {key: keyword.default for key, keyword in keywords.items()} == plan.defaults
    assert plan.title in opener.__doc__
    assert name in dir(figures)


def test_controls_and_their_choices_have_a_tooltip_and_a_possible_value():
    for plan in FIGURES.values():
        assert plan.check({}) == plan.defaults
        assert all(control.tooltip.endswith(".") and control.label for control in plan.controls)


def test_an_unknown_figure_names_those_there_are():
    with pytest.raises(AttributeError, match="has no figure 'leak'; it has frames, "):
        figures.leak  # noqa: B018


def test_the_palette_has_every_colour_for_both_themes():
    known = palette()
    assert known["colours"].keys() == COLOURS.keys()
    assert all(len(pair) == 2 for group in ("colours", "maps") for pair in known[group].values())


@pytest.fixture
def frames():
    """Return an open figure."""
    figure = figures.frames(frame_length=32)
    yield figure
    figure.close()


def test_an_open_figure_follows_its_values(frames):
    assert isinstance(frames, FigureWidget)
    frames.set(frame_step=4, padding="same")
    assert frames.scene.caption == FIGURES["frames"].scene(frame_length=32, frame_step=4, padding="same").caption


def test_an_impossible_value_gets_its_sentence_and_the_scene_stays(frames):
    before = frames.scene
    frames.values = {**frames.values, "frame_step": 40}
    assert frames.errors == {"frame_step": "`frame_step` must be between 1 and frame_length=32; got 40."}
    assert frames.scene is before
    frames.values = {**frames.values, "frame_step": 4}
    assert frames.errors == {}


def test_what_the_page_sends_beyond_the_span_is_refused(frames):
    frames.values = {**frames.values, "frame_length": 10**9}
    assert frames.errors == {"frame_length": "`frame_length` must be between 1 and 64; got 1000000000."}


def test_from_python_an_impossible_value_is_an_error(frames):
    with pytest.raises(ValueError, match="`frame_step` must be between 1 and frame_length=32; got 40"):
        frames.set(frame_step=40)
    with pytest.raises(TypeError, match="`hop` must be one of the controls n_samples, "):
        figures.frames(hop=3)
    assert frames.values["frame_step"] == 8


def test_where_no_widget_runs_a_picture_and_its_caption_stand_in(frames):
    data, _ = frames._repr_mimebundle_()
    assert data["text/plain"] == f"Frames and padding: {frames.scene.caption}"
    assert data["image/png"].startswith("iVBOR")
    assert "application/vnd.jupyter.widget-view+json" in data
