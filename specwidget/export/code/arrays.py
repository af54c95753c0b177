"""The steps that NumPy, SciPy and librosa share, as lines of NumPy: signal, padding, values of a mode, axes."""

from __future__ import annotations

from collections.abc import Callable

from specwidget.export.code.snippet import Task
from specwidget.stft.settings import STFTSettings

AXES = {
    (True, True): "BTFC",
    (True, False): "BTCF",
    (False, True): "BCTF",
    (False, False): "BCFT",
}
"""Order of the axes in which the layer's output lies, by (channels_last, expand_dims): batch, channel, frame, bin."""


def signal_lines(task: Task) -> list[str]:
    """Return the lines that make `x`, noise in the place of a signal."""
    dtype, draw = task.settings.result_dtype, "np.random.default_rng(0).standard_normal"
    made = {
        "float16": f'{draw}({task.shape}).astype("float16")',
        "float32": f'{draw}({task.shape}, dtype="float32")',
        "float64": f"{draw}({task.shape})",
    }[dtype]
    return [f"# Your signal: {task.axes}.", f"x = {made}"]


def prepare_lines(task: Task, zeros_after: int = 0) -> list[str]:
    """Return the lines that make `signal` from `x`: in the type that is computed in, with zeros around it.

    Parameters
    ----------
    task : Task
        What is computed.
    zeros_after : int
        Zeros at the end besides those of the padding.

    Returns
    -------
    list of str
        Empty where `x` serves as it is; see `signal_name`.
    """
    settings, lines, name = task.settings, [], "x"
    if settings.result_dtype == "float16":
        lines.append('signal = x.astype("float32")  # float16 is computed in float32')
        name = "signal"
    length = f"x.shape[{task.time_axis}]"
    if settings.padding == "same":
        lines += [
            "# Zeros on both sides, so that there is a frame for every step.",
            f"n_frames = -(-{length} // {settings.step})",
            f"total = {span_text('n_frames', settings)} - {length}",
        ]
    elif zeros_after:
        lines.append("# Zeros that fill the FFT of the last frame.")
    if settings.padding == "same" or zeros_after:
        before, after = ("total // 2", "total - total // 2") if settings.padding == "same" else ("0", "")
        after = " + ".join(filter(None, [after, str(zeros_after) if zeros_after else ""]))
        pads = [f"({before}, {after})" if axis == task.time_axis else "(0, 0)" for axis in range(3)]
        lines.append(f"signal = np.pad({name}, ({', '.join(pads)}))")
    return lines


def signal_name(lines: list[str]) -> str:
    """Return the name of what `prepare_lines` made."""
    return "signal" if lines else "x"


def span_text(n_frames: str, settings: STFTSettings) -> str:
    """Return the samples that frames cover, as an expression."""
    step = "" if settings.step == 1 else f" * {settings.step}"
    return f"({n_frames} - 1){step} + {settings.frame_length}"


def value_lines(settings: STFTSettings, bins_axis: int) -> list[str]:
    """Return the lines that make `y`, the values of the mode, from the complex `z`.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    bins_axis : int
        Axis of the bins in `z`, counted from the end.

    Returns
    -------
    list of str
        One line or two.
    """
    power, floor = "np.abs(z) ** 2", repr(settings.epsilon)
    makers: dict[str, Callable[[], list[str]]] = {
        "real": lambda: ["y = z.real"],
        "imag": lambda: ["y = z.imag"],
        "stft": lambda: [f"y = np.concatenate([z.real, z.imag], axis={bins_axis})"],
        "angle": lambda: ["y = np.angle(z)"],
        "psd": lambda: [f"y = {power}", doubling_line(settings, bins_axis)],
        "magnitude": lambda: [f"y = np.sqrt(np.maximum({power}, {floor}))"],
        "log": lambda: [f"y = np.log(np.maximum({power}, {floor})) / 2"],
    }
    return makers[settings.mode]()


def doubling_line(settings: STFTSettings, bins_axis: int) -> str:
    """Return the line that doubles the bins of a one-sided power, in NumPy and PyTorch."""
    inner = "1:-1" if settings.n_fft % 2 == 0 else "1:"
    index = ", ".join(["...", inner, *[":"] * (-1 - bins_axis)])
    return f"y[{index}] *= 2  # all bins but 0{' and Nyquist' if settings.n_fft % 2 == 0 else ''}"


def layout_lines(settings: STFTSettings, order: str) -> list[str]:
    """Return the lines that bring `y` into the layer's layout.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    order : str
        Axes of `y`: a letter each for batch, channel, frame and bin, such as "BCFT".

    Returns
    -------
    list of str
        Two lines at most.
    """
    wanted = AXES[settings.channels_last, settings.expand_dims]
    lines = []
    if order != wanted:
        lines.append(f"y = y.transpose({', '.join(str(order.index(axis)) for axis in wanted)})")
    if not settings.expand_dims:
        shape = "*y.shape[:2], -1" if settings.channels_last else "len(y), -1, y.shape[-1]"
        lines.append(f"y = y.reshape({shape})")
    return lines


def cast_lines(settings: STFTSettings, computed: str) -> list[str]:
    """Return the line that gives `y` the type of the result, where it was computed in another."""
    return [] if computed == settings.result_dtype else [f'y = y.astype("{settings.result_dtype}")']
