"""The window as lines of Python that make `w`, a NumPy array."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from specwidget.export.code.snippet import WIDTH, literal
from specwidget.stft.settings import STFTSettings

MOST_WRITTEN = 512
"""Most values of a window that are written into the code; more are read from a file."""

WINDOW_FILE = "window.txt"
"""The file that a snippet reads a longer window from."""

OF_NUMPY = {"bartlett": "np.bartlett", "blackman": "np.blackman", "hamming": "np.hamming", "hann": "np.hanning"}
"""Windows without parameters that NumPy has, which are symmetric."""

SCALES = {"density": "w /= np.linalg.norm(w)", "spectrum": "w /= np.abs(w).sum()"}
"""How a window is divided by its scale."""

Lines = tuple[set[str], list[str]]
"""Import statements, and lines."""


def has_values(settings: STFTSettings) -> bool:
    """Tell whether the window is given by its values."""
    return isinstance(settings.window, tuple) and not isinstance(settings.window[0], str)


def window_lines(settings: STFTSettings, *, scaled: bool = True, by_numpy: bool = False) -> Lines:
    """Return the lines that make `w`.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    scaled : bool
        Whether `w` is divided by its scale.
    by_numpy : bool
        Whether NumPy's own windows are taken where it has them, so that SciPy is not needed.

    Returns
    -------
    set of str, list of str
        The imports, and the lines; ones where there is no window.
    """
    imports, lines = _unscaled(settings, by_numpy)
    if scaled and settings.window is not None and settings.scaling is not None:
        imports, lines = imports | {"import numpy as np"}, [*lines, SCALES[settings.scaling]]
    return imports, lines


def get_window_call(settings: STFTSettings) -> str:
    """Return the call of SciPy that makes a window given by name."""
    return f"get_window({literal(settings.window)}, {settings.frame_length}, fftbins={settings.periodic})"


def number_lines(head: str, values: Sequence[float], tail: str) -> list[str]:
    """Return numbers between brackets, as many on a line as it holds."""
    numbers = ", ".join(map(repr, values))
    one_line = f"{head}{numbers}{tail}"
    if len(one_line) <= WIDTH:
        return [one_line]
    filled = textwrap.wrap(numbers, WIDTH, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)
    return [head, *filled, tail]


def _unscaled(settings: STFTSettings, by_numpy: bool) -> Lines:
    """Return the lines that make the window as it is given."""
    n, window = settings.frame_length, settings.window
    if window is None or window == "boxcar":
        return {"import numpy as np"}, [f"w = np.ones({n})"]
    if has_values(settings):
        return {"import numpy as np"}, _given_values(settings)
    if by_numpy and (own := _of_numpy(settings)):
        return {"import numpy as np"}, [f"w = {own}"]
    return {"from scipy.signal import get_window"}, [f"w = {get_window_call(settings)}"]


def _given_values(settings: STFTSettings) -> list[str]:
    """Return the lines that hold the values of a window, or read them."""
    assert isinstance(settings.window, tuple)
    if len(settings.window) > MOST_WRITTEN:
        return [
            f'# The {len(settings.window)} values of your window; np.savetxt("{WINDOW_FILE}", window) writes them.',
            f'w = np.loadtxt("{WINDOW_FILE}")',
        ]
    return number_lines("w = np.array([", settings.window, "])")


def _of_numpy(settings: STFTSettings) -> str:
    """Return the expression that makes the window with NumPy alone; empty where it has no such window."""
    n = settings.frame_length
    if n == 1:
        return ""
    # A periodic window is a symmetric one of one sample more, without its last.
    length, cut = (n + 1, "[:-1]") if settings.periodic else (n, "")
    if isinstance(settings.window, tuple) and settings.window[0] == "kaiser":
        return f"np.kaiser({length}, {settings.window[1]!r}){cut}"
    if settings.window in OF_NUMPY:
        return f"{OF_NUMPY[str(settings.window)]}({length}){cut}"
    return ""
