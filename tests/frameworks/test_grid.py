"""Every export, at every point of the grid, gives the plain computation's numbers."""

import pytest

from specwidget.stft.settings import MODES
from tests.frameworks.grid import EXPORTS, count_settings, run_mode

every_export = pytest.mark.parametrize("name", EXPORTS)


@every_export
def test_the_grid_has_more_than_500_settings(name):
    assert count_settings(name) >= 500


@every_export
@pytest.mark.parametrize("mode", MODES)
def test_every_setting_gives_the_plain_computation_s_numbers(name, mode):
    worst = max(run_mode(name, mode), key=lambda case: case.share)
    assert worst.share <= 1, f"{worst.share:.2f} of the tolerance at {worst.settings}"


@pytest.mark.parametrize("name", ["keras", "torch"])
@pytest.mark.parametrize("mode", MODES)
def test_every_setting_comes_back_with_its_kernels(name, mode):
    assert [case.settings for case in run_mode(name, mode) if case.back is not True] == []
