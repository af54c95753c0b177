"""From what was found to a layer of this package, and NumPy for what a layer does not do."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from specwidget.codegen import to_code
from specwidget.layer import STFTSpectrogram
from specwidget.matching.recipe import PAD_MODES, SIDES, Recipe
from specwidget.matching.tails import LN10, Tail
from specwidget.mel.conventions import LOG_FACTORS, MelConventions
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.settings import MelSettings
from specwidget.mel.shapes import count_frames, window_start
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames as count_stft_frames
from specwidget.stft.shapes import frame_start

NO_FLOOR = 1e-30
"""Floor of a layer in place of none."""


@dataclass(frozen=True)
class Program:
    """A layer, and lines of NumPy before and after it.

    Parameters
    ----------
    layer : MelSpectrogram, STFTSpectrogram or None
        The layer; None where its step is longer than its frame.
    before : str
        What is done to the signal `x`; empty if nothing is.
    after : tuple of str
        Lines that change the result `y`, with frames last.
    n_samples : int
        Samples that the layer gets.
    target : str
        What the code is for, a key of `CODE_TARGETS`.
    """

    layer: MelSpectrogram | STFTSpectrogram | None
    before: str
    after: tuple[str, ...]
    n_samples: int
    target: str = "specwidget"

    @property
    def code(self) -> str:
        """The program."""
        if self.layer is None:
            return ""
        shape = (self.n_samples,) if isinstance(self.layer, MelSpectrogram) else (1, self.n_samples, 1)
        text = to_code(self.layer, shape, self.target)
        if self.before:
            text = text.replace("\ny = layer(x)", f"\n{self.before}\ny = layer(x)")
        return text + "".join(f"{line}\n" for line in self.after)


def make_program(
    recipe: Recipe, tail: Tail, n_samples: int, n_frames: int, *, part: tuple[int, int] | None, is_complex: bool
) -> Program:
    """Make the program of a recipe and its tail for a signal, or for a part of one that has this number of samples."""
    if recipe.bank is not None:
        program = _mel_program(recipe, tail, n_samples, n_frames)
    else:
        program = _stft_program(recipe, tail, n_samples, n_frames, is_complex=is_complex)
    if recipe.phases != "exact":
        # Keras alone has such kernels.
        program = replace(program, target="keras")
    if part is None:
        return program
    cut = f"x = x[{_leading(recipe)}{part[0]} : {part[1]}]"
    return replace(program, before="\n".join(line for line in (cut, program.before) if line))


def _leading(recipe: Recipe) -> str:
    """Write the indices before that of time: the transform takes (batch, time, channels)."""
    return "..., " if recipe.bank is not None else ":, "


def _pad(recipe: Recipe, n_samples: int, n_frames: int, span: int) -> tuple[str, int]:
    """Write the line that cuts or prolongs the signal so that complete frames are those of the recipe."""
    left = -recipe.start
    right = recipe.start + (n_frames - 1) * recipe.step + span - n_samples
    lines = []
    if left < 0 or right < 0:
        lines.append(f"x = x[{_leading(recipe)}{max(-left, 0)} : {n_samples + min(right, 0)}]")
    if left > 0 or right > 0:
        mode = PAD_MODES[recipe.ends]
        arguments = ", ".join(f"{name}={value!r}" for name, value in mode.items())
        widths = f"({max(left, 0)}, {max(right, 0)})"
        shown = widths if recipe.bank is not None else f"((0, 0), {widths}, (0, 0))"
        lines.append(f"x = np.pad(x, {shown}, {arguments})")
    return "\n".join(lines), (n_frames - 1) * recipe.step + span


def _mel_program(recipe: Recipe, tail: Tail, n_samples: int, n_frames: int) -> Program:
    bank = recipe.bank
    assert bank is not None
    own, conventions, after = _tail_settings(recipe, tail)
    given: dict[str, Any] = {
        "fft_length": recipe.n_fft,
        "sequence_stride": recipe.step,
        "sequence_length": recipe.frame_length,
        "window": recipe.window,
        "sampling_rate": bank.sample_rate,
        "num_mel_bins": bank.n_bands,
        "min_freq": bank.low,
        "max_freq": bank.high,
        "mag_exp": recipe.exponent,
        **own,
    }
    shared = {
        "periodic": recipe.periodic,
        "remove_mean": recipe.conventions.remove_mean,
        "preemphasis": recipe.conventions.preemphasis,
        "preemphasis_over": recipe.conventions.preemphasis_over,
        "mel_scale": bank.scale,
        "triangles": bank.triangles,
        "norm": bank.norm,
        **conventions,
    }
    ends = recipe.ends if recipe.ends in ("zeros", "reflect") else None
    placement: Any
    end: Any
    margin: Any
    for placement, end, margin, drop in product(
        ("centre", "left"), (None, ends), ("half_frame", "half_overlap"), (False, True)
    ):
        try:
            settings = MelSettings(
                **given,
                conventions=MelConventions(
                    placement=placement, ends=end, margin=margin, drop_last_frame=drop, **shared
                ),
            )
        except ValueError:
            continue
        if window_start(0, settings) == recipe.start and count_frames(n_samples, settings) == n_frames:
            return Program(MelSpectrogram.from_settings(settings), "", after, n_samples)
    settings = MelSettings(**given, conventions=MelConventions(placement="left", ends=None, **shared))
    before, length = _pad(recipe, n_samples, n_frames, recipe.frame_length)
    return Program(MelSpectrogram.from_settings(settings), before, after, length)


def _tail_settings(recipe: Recipe, tail: Tail) -> tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]:
    """Return the settings and conventions of a mel spectrogram for a tail, and lines for what has none."""
    own: dict[str, Any] = {"power_to_db": tail.kind == "log", "top_db": None}
    conventions: dict[str, Any] = {}
    after = list(_reference_lines(tail))
    if tail.kind == "log1p":
        own["power_to_db"] = False
        raised = "y" if tail.slope == 1 else f"y**{tail.slope!r}"
        return own, {}, (f"y = np.log1p({'' if tail.scale == 1 else f'{tail.scale!r} * '}{raised})", *after)
    if tail.kind == "linear":
        if tail.slope != 1:
            line = f"y = {tail.scale!r} * y**{tail.slope!r}" + (f" + {tail.offset!r}" if tail.offset else "")
            return own, {}, (line, *after)
        if tail.offset == 0:
            conventions["gain"] = _round(tail.scale ** (1 / recipe.exponent))
        else:
            conventions |= {"normalization": "affine", "mean": -tail.offset / tail.scale, "deviation": 1 / tail.scale}
        return own, conventions, tuple(after)
    gain = 1.0
    if tail.reference == "band":
        conventions |= {"normalization": "band", "ddof": tail.ddof, "logarithm": "ln"}
        offset = 0.0
    else:
        # The unit whose divisor is the simplest number.
        unit = min(LOG_FACTORS, key=lambda name: _complexity(LOG_FACTORS[name] / tail.slope))
        deviation = _round(LOG_FACTORS[unit] / tail.slope)
        offset = tail.offset / tail.slope
        conventions["logarithm"] = unit
        power_gain = math.exp(offset)
        if abs(power_gain / 2.0 ** (15 * recipe.exponent) - 1) < 1e-4:
            gain, offset = 2.0**15, 0.0
        if deviation != 1 or abs(offset) > 1e-6:
            conventions |= {
                "normalization": "affine",
                "mean": _round(-offset * LOG_FACTORS[unit]),
                "deviation": deviation,
            }
    conventions["gain"] = gain
    if tail.floor == "add":
        conventions["floor"] = "add"
    own["min_power"] = (tail.floor_power if tail.floor else NO_FLOOR) * gain**recipe.exponent
    if tail.top is not None:
        own["top_db"] = _round(tail.top / tail.slope * 10 / LN10)
    return own, conventions, tuple(after)


def _complexity(value: float) -> float:
    """Rate a number: 0 for 1, and more the farther it is from a whole number."""
    return 0.0 if abs(value - 1) < 1e-5 else 1.0 + abs(value - round(value)) + 0.001 * abs(value)


def _round(value: float) -> float:
    """Return the number of few digits that a value is but for its error."""
    rounded = float(f"{value:.5g}")
    return rounded if abs(value - rounded) <= 3e-6 * max(abs(value), 1e-3) else value


def _reference_lines(tail: Tail) -> tuple[str, ...]:
    """Write the lines that take something from the recording, which no layer does."""
    return {
        "max": ("y = y - y.max()",),
        "peak": ("y = y / y.max()",),
        "minmax": ("y = (y - y.min()) / (y.max() - y.min())",),
        "all": (f"y = (y - y.mean()) / y.std(ddof={tail.ddof})",),
    }.get(tail.reference or "", ())


def _stft_program(recipe: Recipe, tail: Tail, n_samples: int, n_frames: int, *, is_complex: bool) -> Program:
    if recipe.step > recipe.frame_length:
        return Program(None, "", (), n_samples)
    window: Any = recipe.window if recipe.window not in (None, "povey") else tuple(recipe.window_values.tolist())
    shared: dict[str, Any] = {
        "frame_length": recipe.frame_length,
        "frame_step": recipe.step,
        "fft_length": recipe.n_fft,
        "window": "boxcar" if recipe.window is None else window,
        "periodic": recipe.periodic,
        "trainable": False,
    }
    mode, scaling, epsilon, after = _stft_mode(recipe, tail, is_complex=is_complex)
    shared["epsilon"] = _round(epsilon)
    for padding in ("valid", "same"):
        settings = STFTSettings(mode=mode, scaling=scaling, padding=padding, **shared)
        fits = recipe.ends == "zeros" or recipe.start == 0
        same_start = frame_start(0, n_samples, settings) == recipe.start
        if fits and same_start and count_stft_frames(n_samples, settings) == n_frames and not _processes(recipe):
            return Program(STFTSpectrogram.from_settings(settings), "", after, n_samples)
    settings = STFTSettings(mode=mode, scaling=scaling, **shared)
    before, length = _pad(recipe, n_samples, n_frames, recipe.frame_length)
    if recipe.conventions.remove_mean:
        after = (f"# The mean of the {recipe.conventions.remove_mean} was subtracted before the window.", *after)
    return Program(STFTSpectrogram.from_settings(settings), before, after, length)


def _processes(recipe: Recipe) -> bool:
    return recipe.conventions.remove_mean is not None or recipe.conventions.preemphasis != 0


def _stft_mode(recipe: Recipe, tail: Tail, *, is_complex: bool) -> tuple[Any, Any, float, tuple[str, ...]]:
    """Return mode, scaling and floor of a layer, and lines for what it does not do."""
    window = recipe.window_values
    scales = {"density": 1 / float((window**2).sum()), "spectrum": 1 / float(np.abs(window).sum()) ** 2, None: 1.0}
    power = tail.scale ** (1 / tail.slope) if tail.kind == "linear" else math.exp(min(tail.offset / tail.slope, 700))
    scaling = next((name for name, value in scales.items() if abs(power / value - 1) < 1e-4), None)
    rest = power / scales[scaling]
    exact = abs(rest - 1) < 1e-4
    if is_complex:
        lines = [] if exact else [f"y = {_round(math.sqrt(rest))!r} * y"]
        if SIDES[recipe.sides] != 1:
            both = f"1 : {(recipe.n_fft + 1) // 2}"
            lines.append(f"y.reshape(*y.shape[:-1], 2, -1)[..., {both}] *= {_round(math.sqrt(SIDES[recipe.sides]))!r}")
        return "stft", scaling, NO_FLOOR, tuple(lines)
    plain = exact and tail.floor != "add" and tail.top is None and tail.reference is None and tail.offset == 0
    floor = tail.floor_power * scales[scaling] if tail.floor else NO_FLOOR
    if plain and tail.kind == "linear" and recipe.sides == "one" and tail.slope == 0.5:
        return "magnitude", scaling, floor, ()
    if plain and tail.kind == "linear" and recipe.sides == "doubled" and tail.slope == 1.0 and tail.floor is None:
        return "psd", scaling, NO_FLOOR, ()
    is_log = exact and tail.kind == "log" and tail.floor != "add" and tail.top is None
    if is_log and recipe.sides == "one" and tail.slope == 0.5:
        return "log", scaling, floor, _reference_lines(tail)
    lines = ["power = y[..., : y.shape[-1] // 2] ** 2 + y[..., y.shape[-1] // 2 :] ** 2"]
    if recipe.sides == "two":
        lines.append(f"power = np.concatenate([power, power[..., {(recipe.n_fft - 1) // 2} : 0 : -1]], axis=-1)")
    if SIDES[recipe.sides] != 1:
        lines.append(f"power[..., 1 : {(recipe.n_fft + 1) // 2}] *= {SIDES[recipe.sides]:g}")
    if not exact:
        lines.append(f"power *= {_round(rest)!r}")
    return "stft", scaling, NO_FLOOR, (*lines, *_value_lines(tail, power), *_reference_lines(tail))


def _value_lines(tail: Tail, gain: float) -> list[str]:
    """Write the lines from `power`, which holds the gain, to `y`."""
    floor = f"{_round(tail.floor_power * gain)!r}"
    lines = {"maximum": [f"power = np.maximum(power, {floor})"], "add": [f"power = power + {floor}"]}.get(
        tail.floor or "", []
    )
    if tail.kind == "log":
        names = {1.0: "np.log(power)", 1 / LN10: "np.log10(power)", 10 / LN10: "10 * np.log10(power)"}
        shown = next(
            (text for value, text in names.items() if math.isclose(value, tail.slope)),
            f"{tail.slope!r} * np.log(power)",
        )
        lines.append(f"y = {shown}")
        if tail.top is not None:
            lines.append(f"y = np.maximum(y, y.max() - {_round(tail.top)!r})")
    elif tail.kind == "log1p":
        lines.append("y = np.log1p(power)" if tail.slope == 1 else f"y = np.log1p(power**{tail.slope!r})")
    else:
        raised = {1.0: "power", 0.5: "np.sqrt(power)"}.get(tail.slope, f"power**{tail.slope!r}")
        lines.append(f"y = {raised}" + (f" + {tail.offset!r}" if tail.offset else ""))
    return lines
