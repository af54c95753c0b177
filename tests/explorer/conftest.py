"""A state and panels without a browser."""

import numpy as np
import pytest

from specwidget.explorer.model.state import ExplorerState
from specwidget.sounds import Sound, as_sound


@pytest.fixture
def noise() -> Sound:
    """Return a second of noise at 8 kHz."""
    samples = 0.1 * np.random.default_rng(7).standard_normal(8000)
    return as_sound(samples.astype("float32"), 8000)


@pytest.fixture
def state(noise: Sound):
    """Return the state of an explorer that has computed its first picture."""
    state = ExplorerState(noise)
    state.flush()
    yield state
    state.close()
