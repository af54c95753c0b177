"""What every test shares: how much hypothesis tries, where Chromium is, and which tests run first."""

import os
import shutil
from collections.abc import Generator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

IN_CI = os.environ.get("CI") == "true"

# On a machine with a GPU the tests of tests/gpu need no more than pytest.
if find_spec("hypothesis"):
    from hypothesis import HealthCheck, settings

    # No deadline: a shared machine may pause any single example.
    settings.register_profile("desk", max_examples=50, deadline=None)
    settings.register_profile(
        "ci",
        max_examples=100,
        deadline=None,
        derandomize=True,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    # For `make check`, which is run again and again.
    settings.register_profile("check", max_examples=10, deadline=None)
    settings.register_profile("thorough", max_examples=2000, deadline=None)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if IN_CI else "desk"))

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NO_BROWSER = (
    "The browser tests need Chromium: install it (Debian and Ubuntu: sudo apt install chromium) "
    "or set SPECWIDGET_CHROMIUM to the path of one."
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark browser tests and notebooks, and start with them, as they take the longest.

    A worker of pytest-xdist takes whole files, so that a JupyterLab and a Chromium serve all of one.
    """
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)
        elif item.path.suffix == ".ipynb":
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: "browser" not in item.path.parts and item.path.suffix != ".ipynb")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail what is skipped in continuous integration, unless it needs a GPU: a skipped check proves nothing."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail") and item.get_closest_marker("gpu") is None:
        report.outcome = "failed"
        report.longrepr = f"Skipped, which continuous integration does not accept: {report.longrepr}"
    return report


def find_chromium() -> Path | None:
    """Find the Chromium named by SPECWIDGET_CHROMIUM, or the first one on the PATH."""
    named = os.environ.get("SPECWIDGET_CHROMIUM")
    if named:
        return Path(named)
    found = filter(None, map(shutil.which, BROWSERS))
    return next(map(Path, found), None)


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """Return the Chromium to drive; without one the test is skipped."""
    path = find_chromium()
    if path is None or not path.exists():
        pytest.skip(NO_BROWSER)
    return path


@pytest.fixture
def noise():
    """Return a second of noise at 8 kHz."""
    from specwidget.sounds import as_sound

    samples = 0.1 * np.random.default_rng(7).standard_normal(8000)
    return as_sound(samples.astype("float32"), 8000)


@pytest.fixture
def state(noise):
    """Return the state of an explorer that has computed its first picture."""
    from specwidget.explorer.state.explorer_state import ExplorerState

    state = ExplorerState(noise)
    state.flush()
    yield state
    state.close()
