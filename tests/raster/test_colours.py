"""The colours of the picture: what they order stays in order for every eye."""

import numpy as np
import pytest

from specwidget.raster.colours import COLOUR_MAPS, ON_DARK, colour_tables
from tests.colour import SIGHTS, lab
from tests.raster.write_colour_tables import make_tables

DEFAULTS = {kind: maps[0] for kind, maps in COLOUR_MAPS.items()}
N_COLOURS = 256
MIDDLE = N_COLOURS // 2

every_sight = pytest.mark.parametrize("sight", SIGHTS)


def colours(name):
    """Return a map's colours, (256, 3), as the page gets them."""
    return np.frombuffer(bytes.fromhex(colour_tables()[name]), np.uint8).reshape(N_COLOURS, 3)


def lightness(name, sight):
    """Return L* of a map's colours, from dark to light."""
    return lab(colours(name), sight)[:, 0]


def test_the_tables_are_those_of_matplotlib():
    assert colour_tables() == make_tables()


def test_grey_has_the_lightness_that_the_standard_gives_it():
    """CIE 15: of luminance 0.18, the grey card, L* is 49.5; black has 0 and white 100."""
    card = 255 * (1.055 * 0.18 ** (1 / 2.4) - 0.055)
    values = lab([[0, 0, 0], [card] * 3, [255] * 3])
    assert values[:, 0] == pytest.approx([0, 49.5, 100], abs=0.01)
    assert values[:, 1:] == pytest.approx(0, abs=0.02)


@every_sight
def test_the_default_map_gets_lighter_with_each_colour(sight):
    assert np.diff(lightness(DEFAULTS["sequential"], sight)).min() > 0


@every_sight
def test_equal_steps_of_the_default_map_are_steps_of_like_lightness(sight):
    """A sixteenth of the map is between a third and one and a half times the step of an even grey scale."""
    steps = np.diff(lightness(DEFAULTS["sequential"], sight)[::16])
    even = 100 / 16
    assert steps.min() > even / 3
    assert steps.max() < 1.5 * even


@every_sight
@pytest.mark.parametrize(("name", "outwards"), [(DEFAULTS["diverging"], -1), (ON_DARK["diverging"], 1)])
def test_a_diverging_map_keeps_its_order_to_both_sides_and_its_sides_apart(name, outwards, sight):
    seen = lab(colours(name), sight)
    left, right = seen[MIDDLE - 16 :: -16, 0], seen[MIDDLE + 16 :: 16, 0]
    assert (outwards * np.diff(left) > 0).all()
    assert (outwards * np.diff(right) > 0).all()
    quarters = seen[[MIDDLE // 2, MIDDLE + MIDDLE // 2]]
    # A just noticeable difference is about 2.3.
    assert np.linalg.norm(quarters[0] - quarters[1]) > 10 * 2.3


@every_sight
def test_the_cyclic_map_closes_and_tells_its_opposite_sides_apart(sight):
    seen = lab(colours(DEFAULTS["cyclic"]), sight)
    assert np.linalg.norm(seen[0] - seen[-1]) < 2.3
    opposite = np.linalg.norm(seen[:MIDDLE] - seen[MIDDLE:], axis=1)
    assert np.median(opposite) > 10 * 2.3
