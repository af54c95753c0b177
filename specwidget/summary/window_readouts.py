"""Window readouts: symmetric and periodic form, their figures of merit as text, and their curves."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from specwidget.mel.settings import povey_window
from specwidget.stft.overlap import OverlapCheck, check_cola, nola_threshold
from specwidget.stft.settings import STFTSettings
from specwidget.stft.synthesis import InversionCheck, check_inversion
from specwidget.stft.window_merits import MAX_SAMPLES, WindowMerits, window_merits, window_response
from specwidget.stft.windows import window_repr
from specwidget.summary.quantities import format_hertz

MAX_POINTS = 720
"""Most points of a curve: about as many as a chart has pixels."""

MIN_DECIBELS = -300.0
"""Lowest value, dB, of a response."""

DC_EPS = 1e-12
"""Fraction of the highest response below which the response at 0 is a rounding error."""

ZOOM_MAINLOBES = 4.0
"""Half the width of the view near the main lobe, in half widths of the main lobe."""

MIN_ZOOM_BINS, MAX_ZOOM_BINS = 8, 256
"""Least and most bins on each side of the view near the main lobe."""


@dataclass(frozen=True, eq=False)
class WindowForm:
    """One form of a window with its figures of merit.

    Parameters
    ----------
    name : str
        "symmetric", "periodic", "as given" or "no window".
    values : ndarray (frame_length,)
        Window values.
    merits : WindowMerits
        Figures of merit.
    cola : OverlapCheck
        Whether windows a step apart add up to a constant.
    nola : InversionCheck
        Whether the sum of their squares is large enough everywhere for the inverse.
    """

    name: str
    values: NDArray[np.float64]
    merits: WindowMerits
    cola: OverlapCheck
    nola: InversionCheck


@dataclass(frozen=True)
class MeritRow:
    """One figure of merit: its name, a value for each form of the window, and its definition."""

    name: str
    values: tuple[str, ...]
    formula: str
    verdicts: tuple[str, ...] = ()


def window_forms(settings: STFTSettings) -> list[WindowForm]:
    """Return the window of the settings and, where it has a name, its other form: symmetric or periodic.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    list of WindowForm
        The form in use comes first.

    Raises
    ------
    ValueError
        If the window has more than `MAX_SAMPLES` values.

    Examples
    --------
    >>> [(form.name, form.cola.holds) for form in window_forms(STFTSettings(periodic=True))]
    [('periodic', True), ('symmetric', False)]
    """
    if settings.frame_length > MAX_SAMPLES:
        raise ValueError(
            f"`frame_length` must be at most {MAX_SAMPLES} for figures of merit; got {settings.frame_length}."
        )
    if settings.window is None:
        return [_form("no window", settings)]
    names = {False: "symmetric", True: "periodic"}
    if is_povey(settings):
        other = replace(settings, window=povey_window(settings.frame_length, not settings.periodic))
        return [_form(names[settings.periodic], settings), _form(names[not settings.periodic], other)]
    if isinstance(settings.window, tuple) and not isinstance(settings.window[0], str):
        return [_form("as given", settings)]
    forms = [_form(names[settings.periodic], settings)]
    try:
        other = replace(settings, periodic=not settings.periodic)
    except ValueError:
        # Some windows have only one form.
        return forms
    return [*forms, _form(names[other.periodic], other)]


def is_povey(settings: STFTSettings) -> bool:
    """Return whether the values of the window are those of Kaldi's "povey", which a transform has no name for."""
    window = settings.window
    if not isinstance(window, tuple) or isinstance(window[0], str):
        return False
    return window == povey_window(settings.frame_length, settings.periodic)


def _form(name: str, settings: STFTSettings) -> WindowForm:
    values = np.ones(settings.frame_length) if settings.window_values is None else settings.window_values
    merits = window_merits(values, settings.n_fft)
    return WindowForm(name, values, merits, check_cola(values, settings.step), check_inversion(settings))


def merit_rows(forms: Sequence[WindowForm], settings: STFTSettings, sample_rate: float | None = None) -> list[MeritRow]:
    """Return the figures of merit of a window as text.

    Parameters
    ----------
    forms : sequence of WindowForm
        Result of `window_forms` for the settings.
    settings : STFTSettings
        Settings of the transform.
    sample_rate : float or None
        Samples per second; without it widths are only in bins.

    Returns
    -------
    list of MeritRow

    Examples
    --------
    >>> settings = STFTSettings(periodic=True)
    >>> for row in merit_rows(window_forms(settings), settings, 16_000)[:2]:
    ...     print(row.name, row.values[0])
    coherent gain 0.5
    noise bandwidth (ENBW) 1.5 bins, 93.75 Hz
    """
    bin_width = None if sample_rate is None else sample_rate / settings.frame_length
    rows = [
        MeritRow(name, tuple(to_text(form.merits, bin_width) for form in forms), formula)
        for name, to_text, formula in MERITS
    ]
    definition = "loss for a sine halfway between two bins" + (
        "" if settings.n_fft == settings.frame_length else " of the zero-padded FFT"
    )
    rows.append(
        MeritRow("scalloping loss", tuple(_decibels(form.merits.scalloping_loss) for form in forms), definition)
    )
    overlaps = {name: [check(form) for form in forms] for name, (check, _) in OVERLAPS.items()}
    for name, checks in overlaps.items():
        verdicts = tuple("holds" if check.holds else "fails" for check in checks)
        values = tuple(
            f"{verdict}, {_reason(check, settings)}" for verdict, check in zip(verdicts, checks, strict=True)
        )
        rows.append(MeritRow(f"{name} at step {settings.step}", values, OVERLAPS[name][1], verdicts))
    return rows


def compare_merits(
    a: STFTSettings, b: STFTSettings, sample_rates: tuple[float | None, float | None] = (None, None)
) -> list[MeritRow]:
    """Return the figures of merit of the windows of A and B beside each other, each in its own bins.

    Parameters
    ----------
    a, b : STFTSettings
        The settings.
    sample_rates : tuple of float or None
        Samples per second of both; without them widths are only in bins.

    Returns
    -------
    list of MeritRow

    Examples
    --------
    >>> rows = compare_merits(STFTSettings(window="hann"), STFTSettings(window="blackman", frame_step=64))
    >>> print(rows[1].values)
    ('1.506 bins', '1.734 bins')
    >>> print(rows[-1].name)
    NOLA at step 128 and 64
    """
    both = zip((a, b), sample_rates, strict=True)
    pairs = zip(*(merit_rows(window_forms(each)[:1], each, rate) for each, rate in both), strict=True)
    return [
        MeritRow(
            first.name if first.name == second.name else f"{first.name} and {b.step}",
            first.values + second.values,
            first.formula,
            first.verdicts + second.verdicts,
        )
        for first, second in pairs
    ]


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _reason(check: OverlapCheck, settings: STFTSettings) -> str:
    """Return the margin of an overlap check; where it fails, also what is needed."""
    margin = f"margin {_margin(check)}"
    if check.holds:
        return margin
    if not isinstance(check, InversionCheck):
        return f"{margin} (needed: 1)"
    if check.is_too_small:
        return f"{margin}, as the window is too small for {settings.compute_dtype}"
    return f"{margin} (needed: over {nola_threshold(settings.result_dtype):.1e})".replace("-", "−")


def _margin(check: OverlapCheck) -> str:
    """Format a margin; one that is just below 1 is written as a difference from 1."""
    text = _number(check.margin)
    return f"1 − {_number(1 - check.margin)}" if text == "1" and check.margin < 1 and not check.holds else text


def _decibels(value: float) -> str:
    if math.isnan(value):
        return "none"
    if math.isinf(value):
        return "below rounding error"
    text = f"{value:.1g}" if 0 < abs(value) < 0.01 else f"{value + 0.0:.2f}"
    return f"{text} dB".replace("-", "−")


def _width(value: float, bin_width: float | None) -> str:
    """Format a width in bins and, with a sample rate, in Hz."""
    if math.isnan(value):
        return "none"
    bins = f"{value:.4g}"
    hertz = "" if bin_width is None else f", {format_hertz(value * bin_width, 4)}"
    return f"{bins} bin{'' if bins == '1' else 's'}{hertz}"


MERITS: tuple[tuple[str, Callable[[WindowMerits, float | None], str], str], ...] = (
    (
        "coherent gain",
        lambda merits, _: _number(merits.coherent_gain),
        "sum w / frame_length: gain for a sine",
    ),
    (
        "noise bandwidth (ENBW)",
        lambda merits, width: _width(merits.noise_bandwidth, width),
        "frame_length sum w² / (sum w)²: width of the rectangular filter with the same noise power",
    ),
    ("main lobe, null to null", lambda merits, width: _width(merits.null_width, width), "between the first minima"),
    ("main lobe at −3 dB", lambda merits, width: _width(merits.width_3db, width), "width at 71 % of the peak"),
    (
        "main lobe at −6 dB",
        lambda merits, width: _width(merits.width_6db, width),
        "smallest distance of two resolved sines of equal level",
    ),
    (
        "highest side lobe",
        lambda merits, _: _decibels(merits.highest_side_lobe),
        "relative to the peak",
    ),
)
"""Figures of merit: name, format and definition."""

OVERLAPS: dict[str, tuple[Callable[[WindowForm], OverlapCheck], str]] = {
    "COLA": (
        lambda form: form.cola,
        "windows add up to a constant: margin 1 − max |S − median| / median, S = sum w[n + m step]",
    ),
    "NOLA": (
        lambda form: form.nola,
        "no sample is lost in the inverse: margin min S / max S above eps, S = sum w²[n + m step]",
    ),
}
"""Conditions for overlapping windows, and their definitions."""


def window_title(settings: STFTSettings) -> str:
    """Return name and length of the window.

    Examples
    --------
    >>> window_title(STFTSettings(window=("kaiser", 8.6)))
    'kaiser (8.6), 256 samples'
    """
    length = f"{settings.frame_length} sample{'' if settings.frame_length == 1 else 's'}"
    window = "povey" if is_povey(settings) else settings.window
    if window is None:
        return f"no window (rectangular), {length}"
    if isinstance(window, str):
        return f"{window}, {length}"
    if isinstance(window[0], str):
        return f"{window[0]} ({', '.join(map(str, window[1:]))}), {length}"
    return f"{window_repr(window)}, {length}" if len(window) > 8 else f"an array, {length}"


def difference_sentence(forms: Sequence[WindowForm]) -> str:
    """Return how the two forms of a window differ; an empty string if there is only one."""
    if len(forms) < 2:
        return ""
    differences = np.abs(forms[0].values - forms[1].values)
    largest = int(differences.argmax())
    if differences[largest] == 0:
        return "Symmetric and periodic form are equal."
    return (
        f"Symmetric and periodic form differ by at most {differences[largest]:.3g}, at sample {largest}: the periodic "
        "one is the symmetric window of one more sample, without its last, so that its copies join seamlessly."
    )


def zoom_bins(forms: Sequence[WindowForm], frame_length: int) -> int:
    """Return the number of bins on each side that show the main lobe and some side lobes."""
    half = max((form.merits.null_width / 2 for form in forms if form.merits.null_width > 0), default=MIN_ZOOM_BINS)
    most = min(MAX_ZOOM_BINS, frame_length // 2)
    return max(1, min(most, max(MIN_ZOOM_BINS, math.ceil(ZOOM_MAINLOBES * half))))


def response_decibels(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the response of a window in dB, relative to the response at 0, or to its maximum where that is zero."""
    response = window_response(values)
    highest = float(response.max()) or 1.0
    reference = response[0] if response[0] > DC_EPS * highest else highest
    with np.errstate(divide="ignore"):
        decibels: NDArray[np.float64] = np.maximum(20 * np.log10(response / reference), MIN_DECIBELS)
    return decibels
