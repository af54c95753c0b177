"""The steps that the snippets for NumPy, SciPy, librosa and Keras share: signal, padding, modes, axes, in NumPy."""

from __future__ import annotations

from collections.abc import Callable

from specwidget.codegen.snippet import CodeRequest
from specwidget.stft.settings import STFTSettings

AXES = {
    (True, True): "BTFC",
    (True, False): "BTCF",
    (False, True): "BCTF",
    (False, False): "BCFT",
}
"""Order of the layer's output axes, by (channels_last, expand_dims): batch B, channel C, frame T, bin F."""


def signal_lines(request: CodeRequest) -> list[str]:
    """Write the lines that make `x`, noise in place of a signal."""
    dtype, draw = request.settings.result_dtype, "np.random.default_rng(0).standard_normal"
    noise = {
        "float16": f'{draw}({request.shape}).astype("float16")',
        "float32": f'{draw}({request.shape}, dtype="float32")',
        "float64": f"{draw}({request.shape})",
    }[dtype]
    return [f"# Your signal: {request.axes}.", f"x = {noise}"]


def padding_lines(request: CodeRequest, before: int = 0, after: int = 0) -> list[str]:
    """Write the lines that make `signal` from `x`: cast to the type of the computation, and zero-padded.

    Parameters
    ----------
    request : CodeRequest
        The computation.
    before, after : int
        Zeros at both ends besides those of padding "same".

    Returns
    -------
    list of str
        Empty where `x` needs neither; see `signal_name`.
    """
    settings, lines, name = request.settings, [], "x"
    if settings.result_dtype == "float16":
        lines.append('signal = x.astype("float32")  # float16 is computed in float32')
        name = "signal"
    length = f"x.shape[{request.time_axis}]"
    if settings.padding == "same":
        lines += [
            "# Zeros at both ends, so that there is one frame for each step.",
            f"n_frames = -(-{length} // {settings.step})",
            f"total = {span_expression('n_frames', settings)} - {length}",
        ]
    elif before or after:
        lines.append(fft_zeros_comment(before))
    if settings.padding == "same" or before or after:
        ends = padding_expressions(settings, before, after)
        pads = [f"({', '.join(ends)})" if axis == request.time_axis else "(0, 0)" for axis in range(3)]
        lines.append(f"signal = np.pad({name}, ({', '.join(pads)}))")
    return lines


def fft_zeros_comment(before: int) -> str:
    """Write the comment on zeros that a library needs because it reads `n_fft` samples for each frame."""
    return f"# Zeros that complete the FFT of {'the first and last frame' if before else 'the last frame'}."


def padding_expressions(settings: STFTSettings, before: int, after: int) -> tuple[str, str]:
    """Write the numbers of zeros at both ends: those of padding "same", named `total`, and some more."""
    same = ("total // 2", "total - total // 2") if settings.padding == "same" else ("", "")
    first, last = (
        " + ".join(filter(None, [zeros, str(more) if more else ""])) or "0"
        for zeros, more in zip(same, (before, after), strict=True)
    )
    return first, last


def signal_name(lines: list[str]) -> str:
    """Name the variable that `padding_lines` made."""
    return "signal" if lines else "x"


def span_expression(n_frames: str, settings: STFTSettings) -> str:
    """Write the number of samples that the frames span."""
    step = "" if settings.step == 1 else f" * {settings.step}"
    return f"({n_frames} - 1){step} + {settings.frame_length}"


def mode_lines(settings: STFTSettings, bins_axis: int) -> list[str]:
    """Write the lines that make `y`, the values of the mode, from the complex spectrum `z`.

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
    # The root of a power would be infinite, or 0, where the power is out of the range of its type.
    magnitude = f"np.maximum(np.abs(z), {settings.epsilon!r}**0.5)"
    writers: dict[str, Callable[[], list[str]]] = {
        "real": lambda: ["y = z.real"],
        "imag": lambda: ["y = z.imag"],
        "stft": lambda: [f"y = np.concatenate([z.real, z.imag], axis={bins_axis})"],
        "angle": lambda: ["y = np.angle(z)"],
        "psd": lambda: ["y = np.abs(z) ** 2", doubling_line(settings, bins_axis)],
        "magnitude": lambda: [f"y = {magnitude}"],
        "log": lambda: [f"y = np.log({magnitude})"],
    }
    return writers[settings.mode]()


def doubling_line(settings: STFTSettings, bins_axis: int) -> str:
    """Write the line that doubles the bins of a one-sided power spectrum, in NumPy or PyTorch."""
    inner = "1:-1" if settings.n_fft % 2 == 0 else "1:"
    index = ", ".join(["...", inner, *[":"] * (-1 - bins_axis)])
    return f"y[{index}] *= 2  # all bins but 0{' and Nyquist' if settings.n_fft % 2 == 0 else ''}"


def layout_lines(settings: STFTSettings, order: str) -> list[str]:
    """Write the lines that bring `y` into the layer's layout.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    order : str
        Axes of `y`, such as "BCFT"; see `AXES`.

    Returns
    -------
    list of str
        Two lines at most.
    """
    target = AXES[settings.channels_last, settings.expand_dims]
    lines = []
    if order != target:
        lines.append(f"y = y.transpose({', '.join(str(order.index(axis)) for axis in target)})")
    if not settings.expand_dims:
        shape = "*y.shape[:2], -1" if settings.channels_last else "len(y), -1, y.shape[-1]"
        lines.append(f"y = y.reshape({shape})")
    return lines


def cast_lines(settings: STFTSettings, dtype: str) -> list[str]:
    """Write the line that casts `y`, of type `dtype`, to the type of the result, unless they are the same."""
    return [] if dtype == settings.result_dtype else [f'y = y.astype("{settings.result_dtype}")']
