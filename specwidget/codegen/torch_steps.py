"""The steps that the snippets for PyTorch and nnAudio share: signal, padding, window, modes, axes, in PyTorch."""

from __future__ import annotations

from collections.abc import Callable

from specwidget.codegen.numpy_steps import (
    AXES,
    doubling_line,
    fft_zeros_comment,
    padding_expressions,
    span_expression,
)
from specwidget.codegen.snippet import CodeRequest
from specwidget.codegen.window_steps import Lines, get_window_call, has_window_values, window_lines
from specwidget.stft.settings import STFTSettings

TORCH_WINDOWS = {
    "bartlett": "bartlett_window",
    "blackman": "blackman_window",
    "hamming": "hamming_window",
    "hann": "hann_window",
}
"""PyTorch's windows without parameters."""

SCALES = {"density": "w.norm()", "spectrum": "w.abs().sum()"}
"""The expression of the window's scale."""


def signal_lines(request: CodeRequest) -> list[str]:
    """Write the lines that make `x`, noise in place of a signal."""
    sizes = ", ".join(map(str, request.shape))
    noise = {
        "float16": f"torch.randn({sizes}).half()",
        "float32": f"torch.randn({sizes})",
        "float64": f"torch.randn({sizes}, dtype=torch.float64)",
    }[request.settings.result_dtype]
    return [f"# Your signal: {request.axes}.", f"x = {noise}"]


def row_lines(request: CodeRequest, before: int = 0, after: int = 0) -> list[str]:
    """Write the lines that make `rows`, (batch * channels, time), from `x`, zero-padded.

    Parameters
    ----------
    request : CodeRequest
        The computation.
    before, after : int
        Zeros at both ends besides those of padding "same".

    Returns
    -------
    list of str
        Lines that end with `rows`.
    """
    settings = request.settings
    rows = "x.transpose(1, 2).flatten(0, 1)" if settings.channels_last else "x.flatten(0, 1)"
    cast = ".float()  # float16 is computed in float32" if settings.result_dtype == "float16" else ""
    lines = [f"rows = {rows}{cast}"]
    if settings.padding == "same":
        lines += [
            "# Zeros at both ends, so that there is one frame for each step.",
            f"n_frames = -(-rows.shape[-1] // {settings.step})",
            f"total = {span_expression('n_frames', settings)} - rows.shape[-1]",
        ]
    elif before or after:
        lines.append(fft_zeros_comment(before))
    if settings.padding == "same" or before or after:
        ends = padding_expressions(settings, before, after)
        lines.append(f"rows = torch.nn.functional.pad(rows, ({', '.join(ends)}))")
    return lines


def scaled_window_lines(settings: STFTSettings) -> Lines:
    """Write the imports and lines that make `w`, divided by its scale, in float64; ones where there is no window."""
    imports, lines = unscaled_window_lines(settings)
    if settings.window is not None and settings.scaling is not None:
        lines.append(f"w = w / {SCALES[settings.scaling]}")
    return imports, lines


def unscaled_window_lines(settings: STFTSettings) -> Lines:
    """Write the imports and lines that make `w`, a tensor of float64; ones where there is no window."""
    n, window = settings.frame_length, settings.window
    ending = f"periodic={settings.periodic}, dtype=torch.float64)"
    if window is None or window == "boxcar":
        return set(), [f"w = torch.ones({n}, dtype=torch.float64)"]
    if window in TORCH_WINDOWS:
        return set(), [f"w = torch.{TORCH_WINDOWS[str(window)]}({n}, {ending}"]
    if not has_window_values(settings):
        return {"from scipy.signal import get_window"}, [f"w = torch.from_numpy({get_window_call(settings)})"]
    imports, lines = window_lines(settings, scaled=False)
    return imports, [*lines, "w = torch.from_numpy(w)"]


def mode_lines(settings: STFTSettings, real: str, imag: str, spectrum: str) -> list[str]:
    """Write the lines that make `y`, the values of the mode, from the complex spectrum and its parts.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    real, imag, spectrum : str
        The parts and the complex spectrum, as expressions, with the bins on axis -2.

    Returns
    -------
    list of str
        One line or two.
    """
    # `abs` neither overflows nor underflows, and its gradient at 0 is 0, where that of `torch.hypot` is NaN.
    magnitude = f"{spectrum}.abs().clamp(min={settings.epsilon!r}**0.5)"
    writers: dict[str, Callable[[], list[str]]] = {
        "real": lambda: [f"y = {real}"],
        "imag": lambda: [f"y = {imag}"],
        "stft": lambda: [f"y = torch.cat([{real}, {imag}], dim=-2)"],
        "angle": lambda: [f"y = torch.atan2({imag}, {real})"],
        "psd": lambda: [f"y = {real}.square() + {imag}.square()", doubling_line(settings, -2)],
        "magnitude": lambda: [f"y = {magnitude}"],
        "log": lambda: [f"y = {magnitude}.log()"],
    }
    return writers[settings.mode]()


def layout_lines(settings: STFTSettings) -> list[str]:
    """Write the line that brings `y`, (batch, channels, bins, frames), into the layer's layout and type."""
    target = AXES[settings.channels_last, settings.expand_dims]
    steps = []
    if target != "BCFT":
        steps.append(f".permute({', '.join(str('BCFT'.index(axis)) for axis in target)})")
    if not settings.expand_dims:
        steps.append(f".flatten({'2' if settings.channels_last else '1, 2'})")
    if settings.result_dtype == "float16":
        steps.append(".half()")
    return [f"y = y{''.join(steps)}"] if steps else []
