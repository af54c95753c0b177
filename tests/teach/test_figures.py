"""Test every figure: scenes at the limits of the controls, matplotlib and page output, and the widget."""

import inspect
import io
import json

import numpy as np
import pytest
from matplotlib.image import imread

from specwidget.charts.encoding import encode_scene, palette
from specwidget.charts.matplotlib_renderer import draw_scene
from specwidget.charts.scene import COLOURS, ITEMS, Image, Scene
from specwidget.charts.spectrogram_figure import to_png
from specwidget.teach import figures
from specwidget.teach.figure_widget import FigureWidget
from specwidget.teach.figures import FIGURES
from tests.colour import count_colours
from tests.teach.positions import positions_of


# `overfitting` trains at each position.
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name == "overfitting" else name for name in FIGURES]
)
def test_a_figure_has_a_valid_scene_for_all_positions_of_its_controls(name):
    for _, scene in positions_of(FIGURES[name]):
        assert isinstance(scene, Scene)
        assert scene.caption.endswith(".")
        assert "nan" not in scene.caption.lower().split()
        for axes in scene.axes:
            assert axes.title
            assert all(isinstance(item, ITEMS) for item in axes.items)
            assert all(getattr(item, "colour", "ink") in COLOURS for item in axes.items)


DIFFERENCES = ("dip", "above −")
"""Labels of quantities that are differences of levels, and so have no reference."""


@pytest.mark.parametrize("name", FIGURES)
def test_levels_have_a_reference(name):
    for axes in FIGURES[name].scene().axes:
        images = [(item.label, item.unit) for item in axes.items if isinstance(item, Image)]
        for label, unit in [(axes.x_label, ""), (axes.y_label, ""), *images]:
            text = f"{label} {unit}"
            assert "dB" not in text or "dB re " in text or any(word in label for word in DIFFERENCES), text


@pytest.mark.parametrize(
    ("scaling", "label"),
    [("density", "PSD (dB re 1 per cycle/sample)"), ("spectrum", "power (dB re 1)"), (None, "power (dB re 1)")],
)
def test_the_figure_of_density_and_spectrum_names_its_quantity(scaling, label):
    [axes] = FIGURES["density_and_spectrum"].scene(scaling=scaling).axes
    assert axes.y_label == label
    assert axes.title.startswith(f"Mean {label.split()[0]} of ")


@pytest.mark.parametrize("name", FIGURES)
def test_a_scene_is_deterministic(name):
    first, second = (encode_scene(FIGURES[name].scene()) for _ in range(2))
    assert first[0] == second[0]
    assert [bytes(part) for part in first[1]] == [bytes(part) for part in second[1]]


@pytest.mark.slow
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_can_be_drawn_with_matplotlib(name):
    pixels = imread(io.BytesIO(to_png(draw_scene(FIGURES[name].scene()))))
    assert count_colours(pixels) > 20


@pytest.mark.parametrize("name", FIGURES)
def test_a_scene_is_encoded_as_json_and_buffers(name):
    header, buffers = encode_scene(FIGURES[name].scene())
    assert json.loads(json.dumps(header, allow_nan=False))["caption"] == header["caption"]
    assert sum(part.nbytes for part in buffers) < 4 * 2**20


@pytest.mark.parametrize("name", FIGURES)
def test_audio_is_audible_and_does_not_clip(name):
    plan = FIGURES[name]
    for render in plan.sounds.values():
        clip = render(**plan.defaults)
        assert 0.1 <= np.abs(clip.samples).max() <= 1.0
        assert 0.2 <= len(clip.samples) / clip.sample_rate <= 20


@pytest.mark.parametrize("name", FIGURES)
def test_the_keywords_of_a_figure_are_its_controls(name):
    plan, opener = FIGURES[name], getattr(figures, name)
    keywords = inspect.signature(opener).parameters
    assert {key: keyword.default for key, keyword in keywords.items()} == plan.defaults
    assert plan.title in opener.__doc__
    assert name in dir(figures)


def test_controls_have_a_label_a_tooltip_and_a_valid_default():
    for plan in FIGURES.values():
        assert plan.check({}) == plan.defaults
        assert all(control.tooltip.endswith(".") and control.label for control in plan.controls)


def test_the_error_for_an_unknown_figure_lists_the_figures():
    with pytest.raises(AttributeError, match="has no figure 'leak'; it has sinusoid, "):
        figures.leak  # noqa: B018


def test_the_palette_has_every_colour_for_both_themes():
    known = palette()
    assert known["colours"].keys() == COLOURS.keys()
    assert all(len(pair) == 2 for group in ("colours", "maps") for pair in known[group].values())


@pytest.fixture
def frames():
    """Open a figure."""
    figure = figures.frames(frame_length=32)
    yield figure
    figure.close()


def test_an_open_figure_updates_its_scene(frames):
    assert isinstance(frames, FigureWidget)
    frames.set(frame_step=4, padding="same")
    assert frames.scene.caption == FIGURES["frames"].scene(frame_length=32, frame_step=4, padding="same").caption


def test_an_invalid_value_sets_an_error_and_keeps_the_scene(frames):
    before = frames.scene
    frames.values = {**frames.values, "frame_step": 40}
    assert frames.errors == {"frame_step": "`frame_step` must be between 1 and frame_length=32; got 40."}
    assert frames.scene is before
    frames.values = {**frames.values, "frame_step": 4}
    assert frames.errors == {}


def test_a_value_from_the_page_is_checked_against_its_range(frames):
    frames.values = {**frames.values, "frame_length": 10**9}
    assert frames.errors == {"frame_length": "`frame_length` must be between 1 and 64; got 1000000000."}


def test_an_invalid_value_raises_in_python(frames):
    with pytest.raises(ValueError, match="`frame_step` must be between 1 and frame_length=32; got 40"):
        frames.set(frame_step=40)
    with pytest.raises(TypeError, match="`hop` must be one of the controls n_samples, "):
        figures.frames(hop=3)
    assert frames.values["frame_step"] == 8


def test_without_widgets_an_image_and_the_caption_are_shown(frames):
    data, _ = frames._repr_mimebundle_()
    assert data["text/plain"] == f"Frames and padding: {frames.scene.caption}"
    assert data["image/png"].startswith("iVBOR")
    assert "application/vnd.jupyter.widget-view+json" in data
