"""The lines that the peers' calls share: how a window is made, `S` scaled, and a mode made of it."""

from __future__ import annotations

from specwidget.stft.settings import STFTSettings
from specwidget.stft.windows import window_repr


def is_named(settings: STFTSettings) -> bool:
    """Tell whether the window is given by name, with parameters or without."""
    window = settings.window
    return isinstance(window, str) or (isinstance(window, tuple) and isinstance(window[0], str))


def window_lines(settings: STFTSettings) -> list[str]:
    """Return the lines that make the window `w`."""
    if settings.window is None:
        return [f"w = np.ones({settings.frame_length})"]
    if not is_named(settings):
        return [f"w = np.asarray(window, dtype=float)  # your {window_repr(settings.window)}"]
    made = f"w = get_window({settings.window!r}, {settings.frame_length}, fftbins={settings.periodic})"
    return ["from scipy.signal import get_window", made]


def padded_text(before: int, after: int) -> str:
    """Return `x` with zeros before and after it."""
    return f"np.pad(x, ({before}, {after}))" if before or after else "x"


def scale_lines(settings: STFTSettings) -> list[str]:
    """Return the line that scales `S`, if anything does."""
    if settings.scaling is None or settings.window is None:
        return []
    return ["S /= np.sqrt(np.sum(w**2))" if settings.scaling == "density" else "S /= np.sum(np.abs(w))"]


def mode_lines(settings: STFTSettings) -> list[str]:
    """Return the lines that make `values` from `S`, which has bins on its first axis; `values` has frames first."""
    last = "-1" if settings.n_fft % 2 == 0 else "None"
    epsilon = repr(settings.epsilon)
    expression = {
        "real": "S.T.real",
        "imag": "S.T.imag",
        "stft": "np.concatenate([S.T.real, S.T.imag], axis=-1)",
        "angle": "np.angle(S.T)",
        "psd": "np.abs(S.T) ** 2",
        "magnitude": f"np.sqrt(np.maximum(np.abs(S.T) ** 2, {epsilon}))",
        "log": f"0.5 * np.log(np.maximum(np.abs(S.T) ** 2, {epsilon}))",
    }[settings.mode]
    doubled = [f"values[:, 1:{last}] *= 2"] if settings.mode == "psd" else []
    return [f"values = {expression}", *doubled]
