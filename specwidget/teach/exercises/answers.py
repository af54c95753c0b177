"""Read answers as people write them: signs, decimal commas, thousands, fractions, roots, units.

An answer that can be read in two ways is asked about: none of the readings is judged.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from itertools import product

UNITS: Mapping[str, Mapping[str, float]] = {
    "": {"%": 0.01},
    "Hz": {"Hz": 1.0, "hertz": 1.0, "kHz": 1000.0},
    "degrees": {"degrees": 1.0, "degree": 1.0, "deg": 1.0, "°": 1.0, "rad": 180 / math.pi, "radians": 180 / math.pi},
    "samples": {"samples": 1.0, "sample": 1.0},
    "frames": {"frames": 1.0, "frame": 1.0},
    "dB": {"dB": 1.0, "decibels": 1.0, "decibel": 1.0},
}
"""The ways to write the unit of an answer, each with its factor."""

SIGNS = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
    | dict.fromkeys("\u00d7\u00b7\u22c5\u2217", "*")
    | dict.fromkeys("\u00f7\u2044\u2215", "/")
    | {"\u221a": " sqrt ", "\u03c0": " pi ", "^": "**", "\u2019": "'"}
)
"""Minus signs, signs of multiplication and division, root and pi."""

_SUPERSCRIPT = re.compile("[\u207a\u207b\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+")
_FRACTION = re.compile(r"(\d*) *([\u00bc-\u00be\u2150-\u215e])")
_PREFIX = re.compile(r"^[^=\u2248~]*[=\u2248~]\s*")
_NUMBER = re.compile(r"\d[\d.,' _]*(?<![ ,'_])(?:[eE][+-]?\d+)?|[.,]\d+(?:[eE][+-]?\d+)?")
_MIXED = re.compile(r"(?<![\d.,/*])(\d+) +(\d+) */ *(\d+)(?![\d.,])")
_ROOT = re.compile(r"sqrt *((?:\d[\d.]*|pi))")
_PRODUCT = re.compile(r"(?<=[\d)]) *(?=sqrt|pi|\()|(?<=pi) *(?=sqrt|\(|\d)|(?<=\)) *(?=\d)")
_TIGHT = re.compile(r"/ *(\d[\d.]*) *(pi|sqrt *\([^()]*\))")
_GROUPS = re.compile(r"\d{1,3}(?:([,.' _])\d{3})(?:\1\d{3})*")
_LARGEST_EXPONENT = 32
_LONGEST = 100
_MOST_READINGS = 16

_OPERATORS: Mapping[type, Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


def readings(text: str, unit: str = "", *, is_whole: bool = False) -> list[float]:
    """List the numbers that an answer may mean.

    Parameters
    ----------
    text : str
        The answer.
    unit : str
        The expected unit, a key of `UNITS`.
    is_whole : bool
        Whether a whole number is asked for: "1.249" may then be 1249.

    Returns
    -------
    list of float
        One number for an answer that can be read in one way; none for one that is no number, has more than 100
        characters, or more than 4 numbers that can be read in two ways.

    Examples
    --------
    >>> [readings(text)[0] for text in ("−0,707", "-1/√2", "3/8", "1 249", "1'249.5", "12,5 %")]
    [-0.707, -0.7071067811865475, 0.375, 1249.0, 1249.5, 0.125]
    >>> readings("1,249"), readings("1.249"), readings("1.249", is_whole=True), readings("many")
    ([1249.0, 1.249], [1.249], [1249.0, 1.249], [])
    >>> readings("1.5 kHz", "Hz"), readings("π/2 rad", "degrees")
    ([1500.0], [90.0])
    """
    if len(text) > _LONGEST:
        return []
    bare, factor = _without_unit(_plain(text), unit)
    found: dict[float, None] = {}
    for expression in _expressions(bare, is_whole=is_whole):
        value = _evaluate(expression)
        if value is not None and math.isfinite(value * factor):
            found[value * factor] = None
    return list(found)


def _plain(text: str) -> str:
    """Replace typographic signs by those of a keyboard, and drop what is before an equals sign."""
    text = _SUPERSCRIPT.sub(lambda match: "**" + unicodedata.normalize("NFKC", match[0]), text)
    text = _FRACTION.sub(lambda match: f"({match[1] or 0}+{unicodedata.normalize('NFKC', match[2])})", text)
    text = unicodedata.normalize("NFKC", text.translate(SIGNS)).translate(SIGNS)
    return _PREFIX.sub("", text).strip().removesuffix(".").strip()


def _without_unit(text: str, unit: str) -> tuple[str, float]:
    """Split off the unit, and return its factor."""
    for name, factor in sorted(UNITS.get(unit, {unit: 1.0}).items(), key=lambda item: -len(item[0])):
        if name and text.lower().endswith(name.lower()):
            return text[: -len(name)].strip(), factor
    return text, 1.0


def _expressions(text: str, *, is_whole: bool) -> Iterator[str]:
    """Yield Python expressions, one for each way to read the numbers in a text."""
    # A mixed number, as in 1 1/2, unless its digits may be groups of thousands.
    mixed = _MIXED.sub(lambda match: match[0] if len(match[2]) == 3 else f"({match[1]}+{match[2]}/{match[3]})", text)
    places = list(_NUMBER.finditer(mixed))
    ways = [_ways(place[0], is_whole=is_whole) for place in places]
    # Each number with two meanings doubles them.
    if math.prod(map(len, ways)) > _MOST_READINGS:
        return
    for chosen in product(*ways):
        parts, end = [], 0
        for place, number in zip(places, chosen, strict=True):
            parts += [mixed[end : place.start()], number]
            end = place.end()
        rooted = _ROOT.sub(r"sqrt(\1)", "".join([*parts, mixed[end:]]))
        yield _PRODUCT.sub("*", rooted)
        # 1/2√2 is a half of √2 for one reader, and 1 divided by 2√2 for another.
        yield _PRODUCT.sub("*", _TIGHT.sub(r"/(\1*\2)", rooted))


def _ways(number: str, *, is_whole: bool) -> list[str]:
    """List the ways to read a number: with separators of thousands, or with a decimal comma or point."""
    digits, mark, exponent = re.split(r"([eE])", number) if re.search("[eE]", number) else (number, "", "")
    digits, end = digits.lstrip("0") if digits.isdecimal() and digits.strip("0") else digits, mark + exponent
    point = max(digits.rfind("."), digits.rfind(","))
    # Two different marks: the last one is that of the decimals.
    if "." in digits and "," in digits:
        whole, decimals = digits[:point], digits[point + 1 :]
        if _GROUPS.fullmatch(whole) and decimals.isdecimal():
            return [re.sub(r"\D", "", whole) + "." + decimals + end]
        return [number]
    # Spaces, apostrophes and underscores only ever separate thousands.
    if re.search(r"[' _]", digits):
        whole, *decimals = re.split("[.,]", digits)
        return [".".join([re.sub(r"\D", "", whole), *decimals]) + end] if _GROUPS.fullmatch(whole) else []
    as_decimal = digits.replace(",", ".") + end
    if not _GROUPS.fullmatch(digits) or digits.startswith("0"):
        return [as_decimal] if digits.count(",") + digits.count(".") <= 1 else []
    as_thousands = re.sub(r"\D", "", digits) + end
    if digits.count(",") + digits.count(".") > 1:
        return [as_thousands]
    return [as_thousands, as_decimal] if "," in digits or is_whole else [as_decimal]


def _evaluate(expression: str) -> float | None:
    """Compute an expression of numbers, the four operations, powers, roots and pi; None if it is none."""
    try:
        return _value(ast.parse(expression.strip(), mode="eval").body)
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError):
        return None


def _value(node: ast.expr) -> float:
    """Compute a node of an expression."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return float(value)
        case ast.Name(id="pi"):
            return math.pi
        case ast.Call(func=ast.Name(id="sqrt"), args=[argument], keywords=[]):
            return math.sqrt(_value(argument))
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _OPERATORS:
            return _OPERATORS[type(sign)](_value(operand))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            exponent = _value(right)
            if abs(exponent) > _LARGEST_EXPONENT:
                raise ValueError(f"exponent must be at most {_LARGEST_EXPONENT}; got {exponent:g}.")
            # Of a negative number, ** has complex powers.
            return math.pow(_value(left), exponent)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            return _OPERATORS[type(sign)](_value(left), _value(right))
    raise ValueError("not an arithmetic expression")
