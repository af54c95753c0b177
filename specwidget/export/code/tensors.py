"""The steps that both snippets of PyTorch share, as lines: signal, rows, window, values of a mode, axes."""

from __future__ import annotations

from collections.abc import Callable

from specwidget.export.code.arrays import AXES, doubling_line, span_text
from specwidget.export.code.snippet import Task
from specwidget.export.code.window import Lines, get_window_call, has_values, window_lines
from specwidget.stft.settings import STFTSettings

OF_TORCH = {
    "bartlett": "bartlett_window",
    "blackman": "blackman_window",
    "hamming": "hamming_window",
    "hann": "hann_window",
}
"""Windows without parameters that PyTorch has."""

SCALES = {"density": "w = w / w.norm()", "spectrum": "w = w / w.abs().sum()"}
"""How a window is divided by its scale."""


def signal_lines(task: Task) -> list[str]:
    """Return the lines that make `x`, noise in the place of a signal."""
    sizes = ", ".join(map(str, task.shape))
    made = {
        "float16": f"torch.randn({sizes}).half()",
        "float32": f"torch.randn({sizes})",
        "float64": f"torch.randn({sizes}, dtype=torch.float64)",
    }[task.settings.result_dtype]
    return [f"# Your signal: {task.axes}.", f"x = {made}"]


def row_lines(task: Task, zeros_after: int = 0) -> list[str]:
    """Return the lines that make `rows`, (batch * channels, time), from `x`: with zeros around them.

    Parameters
    ----------
    task : Task
        What is computed.
    zeros_after : int
        Zeros at the end besides those of the padding.

    Returns
    -------
    list of str
        Lines that end with `rows`.
    """
    settings = task.settings
    rows = "x.transpose(1, 2).flatten(0, 1)" if settings.channels_last else "x.flatten(0, 1)"
    wide = ".float()  # float16 is computed in float32" if settings.result_dtype == "float16" else ""
    lines = [f"rows = {rows}{wide}"]
    if settings.padding == "same":
        lines += [
            "# Zeros on both sides, so that there is a frame for every step.",
            f"n_frames = -(-rows.shape[-1] // {settings.step})",
            f"total = {span_text('n_frames', settings)} - rows.shape[-1]",
        ]
    elif zeros_after:
        lines.append("# Zeros that fill the FFT of the last frame.")
    if settings.padding == "same" or zeros_after:
        before, after = ("total // 2", "total - total // 2") if settings.padding == "same" else ("0", "")
        after = " + ".join(filter(None, [after, str(zeros_after) if zeros_after else ""]))
        lines.append(f"rows = torch.nn.functional.pad(rows, ({before}, {after}))")
    return lines


def scaled_window_lines(settings: STFTSettings) -> Lines:
    """Return the imports and lines that make `w`, divided by its scale, a tensor of float64; ones without a window."""
    imports, lines = _window_lines(settings)
    if settings.window is not None and settings.scaling is not None:
        lines.append(SCALES[settings.scaling])
    return imports, lines


def value_lines(settings: STFTSettings, real: str, imag: str) -> list[str]:
    """Return the lines that make `y`, the values of the mode, from both parts, whose bins are on axis -2.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    real, imag : str
        The parts, as expressions.

    Returns
    -------
    list of str
        One line or two.
    """
    power, floor = f"{real}.square() + {imag}.square()", repr(settings.epsilon)
    makers: dict[str, Callable[[], list[str]]] = {
        "real": lambda: [f"y = {real}"],
        "imag": lambda: [f"y = {imag}"],
        "stft": lambda: [f"y = torch.cat([{real}, {imag}], dim=-2)"],
        "angle": lambda: [f"y = torch.atan2({imag}, {real})"],
        "psd": lambda: [f"y = {power}", doubling_line(settings, -2)],
        "magnitude": lambda: [f"power = {power}", f"y = power.clamp(min={floor}).sqrt()"],
        "log": lambda: [f"power = {power}", f"y = power.clamp(min={floor}).log() / 2"],
    }
    return makers[settings.mode]()


def layout_lines(settings: STFTSettings) -> list[str]:
    """Return the lines that bring `y`, (batch, channels, bins, frames), into the layer's layout and type."""
    wanted = AXES[settings.channels_last, settings.expand_dims]
    steps = []
    if wanted != "BCFT":
        steps.append(f".permute({', '.join(str('BCFT'.index(axis)) for axis in wanted)})")
    if not settings.expand_dims:
        steps.append(f".flatten({'2' if settings.channels_last else '1, 2'})")
    if settings.result_dtype == "float16":
        steps.append(".half()")
    return [f"y = y{''.join(steps)}"] if steps else []


def _window_lines(settings: STFTSettings) -> Lines:
    """Return the imports and lines that make `w` as it is given."""
    n, window = settings.frame_length, settings.window
    ending = f"periodic={settings.periodic}, dtype=torch.float64)"
    if window is None or window == "boxcar":
        return set(), [f"w = torch.ones({n}, dtype=torch.float64)"]
    if window in OF_TORCH:
        return set(), [f"w = torch.{OF_TORCH[str(window)]}({n}, {ending}"]
    if not has_values(settings):
        return {"from scipy.signal import get_window"}, [f"w = torch.from_numpy({get_window_call(settings)})"]
    imports, lines = window_lines(settings, scaled=False)
    return imports, [*lines, "w = torch.from_numpy(w)"]
