"""Every export, at every point of the grid, gives the plain computation's numbers."""

import pytest

from specwidget.stft.settings import MODES
from tests.frameworks.grid import EXPORTS, count_settings, run_mode

every_export = pytest.mark.parametrize("name", EXPORTS)


@every_export
def test_the_grid_has_more_than_500_settings(name):
    assert count_settings(name) >= 500


# One test, as xdist's workers would each run the mode for themselves.
@every_export
@pytest.mark.parametrize("mode", MODES)
def test_every_setting_gives_the_plain_computation_s_numbers_and_comes_back(name, mode):
    cases = run_mode(name, mode)
    worst = max(cases, key=lambda case: case.share)
    assert worst.share <= 1, f"{worst.share:.2f} of the tolerance at {worst.settings}"
    expected = None if name == "onnx" else True  # from ONNX there is no way back
    assert [case.settings for case in cases if case.back is not expected] == []
