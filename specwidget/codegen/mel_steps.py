"""The steps of a mel spectrogram in NumPy, which the snippets for several libraries share.

Lines use `x` for the signal, (time,) or (batch, time), `signal` for what is framed, `bands` for the powers of bands,
(..., bands, frames), and `y` for the result.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from specwidget.codegen.snippet import comment, literal
from specwidget.mel.conventions import KERAS
from specwidget.mel.settings import MEL_DEFAULTS, MelSettings
from specwidget.mel.shapes import output_shape
from specwidget.mel.stages import Cepstrum


@dataclass(frozen=True)
class MelCodeRequest:
    """The mel spectrogram that a snippet has to reproduce.

    Parameters
    ----------
    settings : MelSettings
        The settings.
    shape : tuple of int
        Shape of the signal, (time,) or (batch, time).
    cepstrum : Cepstrum, optional
        The coefficients that follow; None is the mel spectrogram itself.
    """

    settings: MelSettings
    shape: tuple[int, ...]
    cepstrum: Cepstrum | None = None


def render_mel(
    notes: Iterable[str],
    imports: Iterable[str],
    blocks: Iterable[list[str]],
    request: MelCodeRequest,
    *,
    has_bands: bool = True,
) -> str:
    """Assemble the text of a snippet: notes, imports, blocks of code, and the output's shape.

    Unless `has_bands` is False, `y` holds bands after the blocks, of which coefficients are still to be made.
    """
    ordered = sorted(set(imports), key=lambda line: (line.startswith("from"), line))
    *outer, n_values, n_frames = output_shape(request.shape, request.settings)
    rows, after = "bands", []
    if request.cepstrum is not None:
        rows, n_values = "coefficients", request.cepstrum.num_coefficients
        after = [cepstral_lines(request.settings, request.cepstrum)] if has_bands else []
    shape = (*outer, n_values, n_frames)
    axes = f"{rows}, frames" if len(shape) == 2 else f"batch, {rows}, frames"
    parts = [[line for note in notes for line in comment(note)], ordered, *blocks, *after, [f"# y: {shape}: {axes}"]]
    return "\n\n".join("\n".join(part) for part in parts if part).replace("\n\n# y:", "\n# y:") + "\n"


def signal_lines(request: MelCodeRequest) -> list[str]:
    """Write the lines that make `x`, noise in place of a signal."""
    axes = "(time,)" if len(request.shape) == 1 else "(batch, time)"
    shape = request.shape[0] if len(request.shape) == 1 else request.shape
    noise = f'np.random.default_rng(0).standard_normal({shape}, dtype="float32")'
    return [f"# Your signal: {axes}, at {request.settings.sampling_rate:g} Hz.", f"x = {noise}"]


def process_lines(request: MelCodeRequest) -> list[str]:
    """Write the lines that make `signal` of `x`: gain, and mean and pre-emphasis of the signal."""
    conventions = request.settings.conventions
    gain = "" if conventions.gain == 1.0 else f" * {conventions.gain!r}"
    lines = [f'signal = x.astype("float64"){gain}']
    if conventions.remove_mean == "signal":
        lines.append("signal -= signal.mean(axis=-1, keepdims=True)")
    if conventions.preemphasis and conventions.preemphasis_over == "signal":
        lines.append(f"signal[..., 1:] -= {conventions.preemphasis!r} * signal[..., :-1]")
    return lines


def padding_lines(request: MelCodeRequest) -> list[str]:
    """Write the lines that extend `signal` at both ends."""
    settings = request.settings
    if not settings.margin:
        return []
    mode = "" if settings.conventions.ends == "zeros" else ', mode="reflect"'
    widths = f"{settings.margin}" if len(request.shape) == 1 else f"((0, 0), ({settings.margin}, {settings.margin}))"
    return [f"signal = np.pad(signal, {widths}{mode})"]


def has_frame_steps(settings: MelSettings) -> bool:
    """Check whether mean or pre-emphasis concern single frames."""
    conventions = settings.conventions
    return conventions.remove_mean == "frame" or (
        conventions.preemphasis != 0 and conventions.preemphasis_over == "frame"
    )


def window_lines(settings: MelSettings) -> tuple[set[str], list[str]]:
    """Write the import and the line that make the window `w`."""
    n, periodic, window = settings.frame_length, settings.conventions.periodic, settings.window
    if window is None:
        return set(), [f"w = np.ones({n})"]
    imports = {"from scipy.signal import get_window"}
    if isinstance(window, str) and window == "povey":
        return imports, [f'w = get_window("hann", {n}, fftbins={periodic}) ** 0.85  # Kaldi\'s "povey"']
    if settings.transform.has_named_window:
        return imports, [f"w = get_window({literal(window)}, {n}, fftbins={periodic})"]
    return set(), [f"w = np.array({literal(list(settings.transform.scaled_window))})"]


def frame_lines(settings: MelSettings) -> list[str]:
    """Write the lines that make `frames` (..., frames, samples) of `signal`."""
    conventions, lines = settings.conventions, []
    view = f"sliding_window_view(signal, {settings.span}, axis=-1)[..., :: {settings.step}, :]"
    lines.append(f"frames = {view}")
    if settings.span != settings.frame_length:
        lines.append(f"frames = frames[..., {settings.offset} : {settings.offset + settings.frame_length}]")
    if conventions.drop_last_frame:
        lines.append("frames = frames[..., :-1, :]")
    if conventions.remove_mean == "frame":
        lines.append("frames = frames - frames.mean(axis=-1, keepdims=True)")
    if conventions.preemphasis and conventions.preemphasis_over == "frame":
        a = conventions.preemphasis
        lines.append(f"first = frames[..., :1] * (1 - {a!r})")
        lines.append(f"later = frames[..., 1:] - {a!r} * frames[..., :-1]")
        lines.append("frames = np.concatenate([first, later], axis=-1)")
    return lines


def power_line(settings: MelSettings) -> str:
    """Write the line that makes `power` of the complex spectrum `z`."""
    offset = settings.conventions.power_offset
    squared = f"np.abs(z) ** 2 + {offset!r}" if offset else "np.abs(z) ** 2"
    if settings.mag_exp == 2.0:
        return f"power = {squared}"
    if settings.mag_exp == 1.0:
        return f"power = np.sqrt({squared})" if offset else "power = np.abs(z)"
    return f"power = ({squared}) ** {settings.mag_exp / 2!r}"


_SCALES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "htk": (
        ("def mel(f):", "    return 2595 * np.log10(1 + f / 700)", "", ""),
        ("def hertz(m):", "    return 700 * (10 ** (m / 2595) - 1)", "", ""),
    ),
    "slaney": (
        (
            "def mel(f):",
            "    above = 27 * np.log(np.maximum(f, 1000) / 1000) / np.log(6.4)",
            "    return np.minimum(f, 1000) * 3 / 200 + above",
            "",
            "",
        ),
        (
            "def hertz(m):",
            "    return np.minimum(m, 15) * 200 / 3 * 6.4 ** (np.maximum(m - 15, 0) / 27)",
            "",
            "",
        ),
    ),
}
"""The functions from Hz to mel and back, by scale."""


def bank_lines(settings: MelSettings) -> list[str]:
    """Write the lines that make `bank` (bins, bands) by its formula."""
    conventions = settings.conventions
    mel, hertz = _SCALES[conventions.mel_scale]
    lines = list(mel)
    if conventions.norm == "slaney" or conventions.triangles == "hertz":
        lines += hertz
    low, high = settings.min_freq, settings.highest_frequency
    lines.append(f"edges = np.linspace(mel({low!r}), mel({high!r}), {settings.n_bands + 2})")
    lines.append(f"bins = np.arange({settings.n_bins}) * {settings.sampling_rate!r} / {settings.n_fft}")
    if conventions.norm == "slaney":
        lines.append("widths = hertz(edges[2:]) - hertz(edges[:-2])")
    lines.append("bins = mel(bins)" if conventions.triangles == "mel" else "edges = hertz(edges)")
    lines += [
        "rising = (bins[:, None] - edges[:-2]) / np.diff(edges)[:-1]",
        "falling = (edges[2:] - bins[:, None]) / np.diff(edges)[1:]",
        "bank = np.maximum(np.minimum(rising, falling), 0)",
    ]
    if conventions.norm == "slaney":
        lines.append("bank *= 2 / widths")
    return lines


def tail_lines(settings: MelSettings) -> list[str]:
    """Write the lines that make `y` of `bands`: logarithm, limit below the top, normalization."""
    conventions, lines = settings.conventions, []
    if not settings.power_to_db:
        lines.append("y = bands")
    else:
        floored = f"bands + {settings.min_power!r}"
        if conventions.floor == "maximum":
            floored = f"np.maximum(bands, {settings.min_power!r})"
        function = {"db": "10 * np.log10", "log10": "np.log10", "ln": "np.log"}[conventions.logarithm]
        lines.append(f"y = {function}({floored})")
        if settings.log_offset:
            lines.append(f"y -= {settings.log_offset!r}  # the reference")
    if settings.top is not None:
        lines.append(f"y = np.maximum(y, y.max(axis=(-2, -1), keepdims=True) - {round(settings.top, 12)!r})")
    if conventions.normalization == "affine":
        sign = "+" if conventions.mean < 0 else "-"
        lines.append(f"y = (y {sign} {abs(conventions.mean)!r}) / {conventions.deviation!r}")
    if conventions.normalization == "band":
        variance = "y.var(axis=-1, keepdims=True)"
        if conventions.ddof:
            variance = variance.replace("axis=-1", f"axis=-1, ddof={conventions.ddof}")
        if conventions.variance_epsilon:
            variance += f" + {conventions.variance_epsilon!r}"
        lines.append(f"deviation = np.sqrt({variance})")
        if conventions.deviation_epsilon:
            lines.append(f"deviation += {conventions.deviation_epsilon!r}")
        lines.append("y = (y - y.mean(axis=-1, keepdims=True)) / deviation")
    lines.append(f'y = y.astype("{settings.result_dtype}")')
    return lines


def cepstral_lines(settings: MelSettings, cepstrum: Cepstrum) -> list[str]:
    """Write the lines that make cepstral coefficients of the logarithms `y`."""
    n, first = settings.n_bands, 0 if cepstrum.zeroth else 1
    last = cepstrum.num_coefficients + first
    lines = [
        f"k = np.arange({last})" if first == 0 else f"k = np.arange({first}, {last})",
        f"dct = np.sqrt(2 / {n}) * np.cos(np.pi / {n} * np.outer(k, np.arange({n}) + 0.5))",
    ]
    if cepstrum.zeroth and cepstrum.convention != "htk":
        lines.append("dct[0] /= np.sqrt(2)")
    if cepstrum.lifter:
        origin = "k + 1" if cepstrum.convention == "librosa" else "k"
        sine = f"np.sin(np.pi * {'(' + origin + ')' if '+' in origin else origin} / {cepstrum.lifter!r})"
        lines.append(f"dct *= (1 + {cepstrum.lifter / 2!r} * {sine})[:, None]  # the lifter")
    if cepstrum.zeroth and cepstrum.convention == "htk":
        lines.append("dct = np.roll(dct, -1, axis=0)  # coefficient 0 comes last")
    return [*lines, f'y = (dct @ y).astype("{settings.result_dtype}")']


def convention_arguments(settings: MelSettings) -> list[str]:
    """Write the conventions that differ from Keras's, as keyword arguments."""
    given = settings.conventions.to_dict()
    return [f"{name}={literal(value)}" for name, value in given.items() if value != getattr(KERAS, name)]


def setting_arguments(settings: MelSettings, names: Iterable[str]) -> list[str]:
    """Write the named settings that differ from the defaults, as keyword arguments."""
    return [
        f"{name}={literal(getattr(settings, name))}" for name in names if getattr(settings, name) != MEL_DEFAULTS[name]
    ]
