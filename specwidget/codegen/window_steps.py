"""The window, as lines of Python that make the NumPy array `w`."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from specwidget.codegen.snippet import WIDTH, literal
from specwidget.stft.settings import STFTSettings

MAX_WRITTEN_VALUES = 512
"""Most values of a window that are written into the code; more are read from a file."""

WINDOW_FILE = "window.txt"
"""The file that a snippet reads a longer window from."""

NUMPY_WINDOWS = {"bartlett": "np.bartlett", "blackman": "np.blackman", "hamming": "np.hamming", "hann": "np.hanning"}
"""NumPy's windows without parameters, all of them symmetric."""

SCALES = {"density": "w /= np.linalg.norm(w)", "spectrum": "w /= np.abs(w).sum()"}
"""The line that divides the window by its scale."""

Lines = tuple[set[str], list[str]]
"""Import statements, and lines."""


def has_window_values(settings: STFTSettings) -> bool:
    """Check whether the window is given by its values."""
    return settings.window is not None and not settings.has_named_window


def window_lines(settings: STFTSettings, *, scaled: bool = True, by_numpy: bool = False) -> Lines:
    """Write the lines that make `w`.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    scaled : bool
        Whether `w` is divided by its scale.
    by_numpy : bool
        Whether to use NumPy's window functions where there is one, so that SciPy is not needed.

    Returns
    -------
    set of str, list of str
        The imports, and the lines; ones where there is no window.
    """
    imports, lines = _unscaled_lines(settings, by_numpy)
    if scaled and settings.window is not None and settings.scaling is not None:
        imports, lines = imports | {"import numpy as np"}, [*lines, SCALES[settings.scaling]]
    return imports, lines


def get_window_call(settings: STFTSettings) -> str:
    """Write the call of `scipy.signal.get_window` for a window given by name."""
    return f"get_window({literal(settings.window)}, {settings.frame_length}, fftbins={settings.periodic})"


def number_lines(head: str, values: Sequence[float], tail: str) -> list[str]:
    """Write numbers between `head` and `tail`, with as many on a line as fit."""
    numbers = ", ".join(map(repr, values))
    one_line = f"{head}{numbers}{tail}"
    if len(one_line) <= WIDTH:
        return [one_line]
    filled = textwrap.wrap(numbers, WIDTH, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)
    return [head, *filled, tail]


def _unscaled_lines(settings: STFTSettings, by_numpy: bool) -> Lines:
    n, window = settings.frame_length, settings.window
    if window is None or window == "boxcar":
        return {"import numpy as np"}, [f"w = np.ones({n})"]
    if has_window_values(settings):
        return {"import numpy as np"}, _value_lines(settings)
    if by_numpy and (call := _numpy_window_call(settings)):
        return {"import numpy as np"}, [f"w = {call}"]
    return {"from scipy.signal import get_window"}, [f"w = {get_window_call(settings)}"]


def _value_lines(settings: STFTSettings) -> list[str]:
    """Write the values of a window, or read them from a file where they are many."""
    assert isinstance(settings.window, tuple)
    if len(settings.window) > MAX_WRITTEN_VALUES:
        return [
            f'# The {len(settings.window)} values of your window; np.savetxt("{WINDOW_FILE}", window) writes them.',
            f'w = np.loadtxt("{WINDOW_FILE}")',
        ]
    return number_lines("w = np.array([", settings.window, "])")


def _numpy_window_call(settings: STFTSettings) -> str:
    """Write the expression that makes the window with NumPy; empty where NumPy has no such window."""
    n = settings.frame_length
    if n == 1:
        return ""
    # A periodic window is a symmetric one with one more sample, without its last.
    length, cut = (n + 1, "[:-1]") if settings.periodic else (n, "")
    if isinstance(settings.window, tuple) and settings.window[0] == "kaiser":
        return f"np.kaiser({length}, {settings.window[1]!r}){cut}"
    if settings.window in NUMPY_WINDOWS:
        return f"{NUMPY_WINDOWS[str(settings.window)]}({length}){cut}"
    return ""
