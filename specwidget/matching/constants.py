"""Constants read aloud: what a factor of every power, or an offset of every logarithm, may stand for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 2e-5
"""Largest difference of two factors that count as equal, relative."""


def named_factors(n_fft: int, window: NDArray[Any] | None, sample_rate: float | None) -> dict[str, float]:
    """Return factors of a power that libraries apply, each with its reading.

    Parameters
    ----------
    n_fft : int
        Length of the DFT, samples.
    window : ndarray or None
        Values of the window; None for none.
    sample_rate : float or None
        Sample rate, Hz.

    Returns
    -------
    dict of str to float
        The factors by their reading.
    """
    factors = {
        "2^30, the scale of 16-bit integers": 2.0**30,
        "2^15, the scale of 16-bit integers in a magnitude": 2.0**15,
        "32767^2, the largest 16-bit integer": 32767.0**2,
        "2, one-sided power": 2.0,
        "4, one-sided magnitude": 4.0,
        f"N = {n_fft}, the length of the FFT": float(n_fft),
        f"N^2 = {n_fft}^2, the length of the FFT": float(n_fft) ** 2,
    }
    if window is not None:
        energy, total = float((window**2).sum()), float(np.abs(window).sum())
        factors |= {
            "the sum of the window, squared (a spectrum)": total**2,
            "the energy of the window (a density)": energy,
            "half the energy of the window (a one-sided density)": energy / 2,
            "half the sum of the window, squared (a one-sided spectrum)": total**2 / 2,
            "the sum of the window": total,
        }
        if sample_rate:
            factors |= {
                "the energy of the window times the sample rate (a density per Hz)": energy * sample_rate,
                "half the energy of the window times the sample rate (a one-sided density per Hz)": energy
                * sample_rate
                / 2,
            }
    return factors


def read_factor(factor: float, named: dict[str, float]) -> tuple[str, ...]:
    """Return the readings of a factor: names of factors that it is equal to, or the reciprocal of.

    Examples
    --------
    >>> read_factor(0.5, {"2, one-sided power": 2.0})
    ('1 / (2, one-sided power)',)
    """
    if not factor > 0 or math.isinf(factor):
        return ()
    found = [name for name, value in named.items() if abs(math.log(factor / value)) < TOLERANCE]
    found += [f"1 / ({name})" for name, value in named.items() if abs(math.log(factor * value)) < TOLERANCE]
    return tuple(found)


def explain_offset(offset: float, unit: float, named: dict[str, float]) -> str:
    """Write what an offset in every value stands for; empty if it has no name.

    Parameters
    ----------
    offset : float
        What every value lacks.
    unit : float
        Factor of the natural logarithm in the values.
    named : dict of str to float
        Factors of the power by their reading.

    Examples
    --------
    >>> explain_offset(20.794415, 1.0, {"2^30, the scale of 16-bit integers": 2.0**30})
    '+20.79 in every value = ln(2^30, the scale of 16-bit integers)'
    """
    readings = read_factor(math.exp(min(offset / unit, 700.0)), named)
    if not readings:
        return ""
    # The unit of whoever divides a logarithm has no name.
    names = {1.0: "ln", 1 / math.log(10): "log10", 10 / math.log(10): "10 log10"}
    logarithm = next((name for value, name in names.items() if math.isclose(unit, value)), f"{unit:.4g} ln")
    return f"{offset:+.4g} in every value = " + " or ".join(f"{logarithm}({reading})" for reading in readings)
