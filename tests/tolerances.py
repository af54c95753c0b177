"""Tolerances for the comparison with the reference implementation: the only place where the tests state them.

A real or imaginary part is a sum of `frame_length` products x[n] w[n] cos(...) / s. Each factor is rounded once, to
half an `eps`; the sum gathers the rounding of its terms, which for rounding errors of random sign grows with the
square root of their number. With `size = sum |x[n] w[n] / s|`, the largest the part could be, each may be wrong by

    size * eps * (4 + sqrt(frame_length))

(an FFT needs less: its error grows with the logarithm). The error is propagated through the formula of each mode; no
mode has a tolerance of its own. `r` is the error of the complex value: sqrt(2) times that of a part.
"""

import numpy as np

from tests.reference import DEFAULTS, doubled_bins, reference_layout, reference_mode, reference_parts

LARGEST_FLOAT16 = 65520.0  # from here float16 rounds to infinity


def compute_dtype(settings):
    """The dtype that the sums are made in: float16 is computed in float32."""
    return np.dtype("float64" if settings["dtype"] == "float64" else "float32")


def part_error(parts, settings, kernel_error=0.0):
    """Error of a real or imaginary part, (B, C, T, 1); `kernel_error` is that of a peer's cosines."""
    kind = np.finfo(compute_dtype(settings))
    rounding = kind.eps * (4 + np.sqrt(settings["frame_length"]))
    return parts.size * (rounding + kernel_error) + settings["frame_length"] * kind.tiny


def allowed_error(inputs, kernel_error=0.0, mode_dtype=None, parts=None, **arguments):
    """Allowed absolute error of each output value, in the layout of the output.

    `parts` are the reference parts for custom kernels, `kernel_error` is the error of a peer's cosines, `mode_dtype`
    the dtype of its arithmetic after the transform if that differs from the dtype of the sums.
    """
    settings = DEFAULTS | arguments
    parts = reference_parts(inputs, settings) if parts is None else parts
    values = np.abs(reference_mode(parts, settings))
    part = part_error(parts, settings, kernel_error)
    r = np.sqrt(2) * part
    magnitude, floor = np.hypot(parts.real, parts.imag), np.sqrt(settings["epsilon"])
    floored = np.maximum(magnitude, floor)
    with np.errstate(divide="ignore", invalid="ignore"):
        propagated = {
            "real": part + 0 * values,
            "imag": part + 0 * values,
            "stft": part + 0 * values,
            # |X|^2 moves by 2 |X| r + r^2.
            "psd": (2 * magnitude * r + r**2) * doubled_bins(settings),
            # sqrt(max(P, epsilon)) moves no faster than |X| does.
            "magnitude": r + 0 * magnitude,
            # m lies between m - r and m + r, and never below the floor.
            "log": np.maximum(np.log1p(r / floored), np.log(floored / np.maximum(magnitude - r, floor))),
            # The angle is undetermined where r reaches |X|.
            "angle": np.where(r < magnitude, np.arcsin(np.minimum(r / magnitude, 1.0)), np.where(r > 0, np.pi, 0.0)),
        }[settings["mode"]]
    # The mode's own arithmetic: a few roundings relative to the value, and for log also of the magnitude: absolute.
    eps = np.finfo(mode_dtype or compute_dtype(settings)).eps
    own = 4 * eps * (values + (settings["mode"] == "log"))
    # The last rounding, to the dtype of the result.
    result = np.finfo(settings["dtype"] or "float32")
    own = own + result.eps * values + float(result.smallest_subnormal)
    return reference_layout(propagated + own, settings)


def difference(actual, expected, mode):
    """Absolute difference, float64; for angles modulo 2 pi, as -pi and pi are the same direction."""
    actual, expected = np.asarray(actual, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if mode == "angle":
        return np.abs((actual - expected + np.pi) % (2 * np.pi) - np.pi)
    same = actual == expected  # infinities of one sign
    with np.errstate(invalid="ignore"):
        return np.where(same, 0.0, np.abs(actual - expected))


def assert_within(actual, expected, allowed, mode):
    """Assert equal shape, equal positions of NaN, and errors within the tolerance; report the worst error."""
    actual = np.asarray(actual)
    assert actual.shape == expected.shape
    np.testing.assert_array_equal(np.isnan(actual), np.isnan(expected))
    if actual.dtype == np.float16:
        actual = np.clip(actual.astype(np.float64), -LARGEST_FLOAT16, LARGEST_FLOAT16)
        expected = np.clip(expected, -LARGEST_FLOAT16, LARGEST_FLOAT16)
    error = np.nan_to_num(difference(actual, expected, mode), nan=0.0, posinf=np.inf)
    excess = np.where(np.isnan(expected), -np.inf, error - allowed)
    if excess.size and excess.max() > 0:
        worst = np.unravel_index(excess.argmax(), excess.shape)
        where = tuple(int(i) for i in worst)
        raise AssertionError(
            f"at {where}: {actual[worst]!r}, expected {expected[worst]!r}, off by {error[worst]:.3g}, "
            f"allowed {allowed[worst]:.3g}; {np.count_nonzero(excess > 0)} of {excess.size} values are too far off"
        )
