"""Settings and constants in words."""

from __future__ import annotations

import math
from typing import Any

from specwidget.matching.constants import named_factors, read_factor
from specwidget.matching.model import Model
from specwidget.matching.recipe import TINY
from specwidget.matching.tails import LN10
from specwidget.stft.windows import window_repr


def list_settings(model: Model) -> tuple[tuple[str, str], ...]:
    """List the settings for display."""
    recipe, tail = model.recipe, model.tail
    listed: list[tuple[str, Any]] = [
        ("FFT length", recipe.n_fft),
        ("frame length", recipe.frame_length),
        ("frame step", recipe.step),
        ("window", f"{window_repr(recipe.window)}, {'periodic' if recipe.periodic else 'symmetric'}"),
        ("first window starts at sample", recipe.start),
        ("ends of the signal", recipe.ends),
    ]
    conventions, bank = recipe.conventions, recipe.bank
    if conventions.remove_mean:
        listed.append(("mean", f"removed from the {conventions.remove_mean}"))
    if conventions.preemphasis:
        listed.append(("pre-emphasis", f"{conventions.preemphasis:g} over the {conventions.preemphasis_over}"))
    if bank is not None:
        listed += [
            ("bands", bank.n_bands),
            ("from, to", f"{bank.low:g} to {bank.high:g} Hz at {bank.sample_rate:g} Hz"),
            ("mel scale", bank.scale),
            ("triangles", f"straight over {bank.triangles}, area norm {bank.norm}"),
            ("exponent of the magnitude", f"{recipe.exponent:g}"),
        ]
    elif not model.layout.is_complex:
        listed.append(("sides", recipe.sides))
    if recipe.phases != "exact":
        listed.append(("phases of the DFT", "rounded to float32, as in Keras"))
    formulas = {
        "log": _logarithm(tail.slope) + _offset(tail.offset),
        "log1p": f"ln(1 + {tail.scale:.6g} P^{tail.slope:g})",
        "linear": f"{tail.scale:.6g} P^{tail.slope:g}" + _offset(tail.offset),
    }
    if not model.layout.is_complex:
        listed.append(("values", formulas[tail.kind]))
    if tail.floor:
        listed.append(("floor", f"{tail.floor_power:.6g}, {'added' if tail.floor == 'add' else 'the least'}"))
    if tail.top is not None:
        listed.append(("limit below the top", f"{tail.top:.6g}"))
    if tail.reference:
        listed.append(("normalized over the recording by", tail.reference))
    return tuple((name, f"{value}") for name, value in listed)


def _logarithm(slope: float) -> str:
    """Write a logarithm of P by its slope over ln P."""
    decades = slope * LN10
    if abs(decades - round(decades)) < 1e-6:
        return "log10(P)" if round(decades) == 1 else f"{round(decades)} log10(P)"
    return "ln(P)" if slope == 1 else f"{slope:.6g} ln(P)"


def _offset(offset: float) -> str:
    """Write a constant that is added; nothing for a rounding error."""
    return "" if abs(offset) < 1e-6 else f" {'+' if offset > 0 else '-'} {abs(offset):.6g}"


def read_constant(model: Model) -> str:
    """Write the constant factor of the powers with its readings; empty for 1."""
    tail, recipe = model.tail, model.recipe
    if tail.reference in ("band", "all", "minmax", "max", "peak") or tail.kind == "log1p":
        return ""
    logarithm = (tail.offset if tail.kind == "log" else math.log(abs(tail.scale) or TINY)) / tail.slope
    if abs(logarithm) < 1e-4:
        return ""
    factor = math.exp(max(min(logarithm, 700.0), -700.0))
    rate = recipe.bank.sample_rate if recipe.bank is not None else None
    readings = read_factor(factor, named_factors(recipe.n_fft, recipe.window_values, rate))
    return f"Every power is multiplied by {factor:.6g}" + (": " + " or ".join(readings) if readings else "")
