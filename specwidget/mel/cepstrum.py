"""The discrete cosine transform and lifter that make cepstral coefficients of logarithms of bands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

CepstralConvention = Literal["librosa", "kaldi", "htk"]

CEPSTRAL_CONVENTIONS: tuple[CepstralConvention, ...] = get_args(CepstralConvention)


@dataclass(frozen=True)
class _Convention:
    """In what libraries differ.

    Parameters
    ----------
    is_orthogonal : bool
        Whether coefficient 0 is scaled as for an orthogonal transform; else as the others.
    lifter_origin : int
        Index of coefficient 0 in the lifter's sine.
    is_zeroth_last : bool
        Whether coefficient 0 follows the others.
    """

    is_orthogonal: bool
    lifter_origin: int
    is_zeroth_last: bool


_CONVENTIONS: dict[CepstralConvention, _Convention] = {
    "librosa": _Convention(is_orthogonal=True, lifter_origin=1, is_zeroth_last=False),
    "kaldi": _Convention(is_orthogonal=True, lifter_origin=0, is_zeroth_last=False),
    "htk": _Convention(is_orthogonal=False, lifter_origin=0, is_zeroth_last=True),
}


def make_cepstral_matrix(
    n_bands: int, n_coefficients: int, *, convention: CepstralConvention, lifter: float, zeroth: bool
) -> NDArray[np.float64]:
    """Make the matrix that turns logarithms of bands into cepstral coefficients.

    Parameters
    ----------
    n_bands : int
        Number of bands, M.
    n_coefficients : int
        Number of coefficients, at most `n_bands`, or one less without coefficient 0.
    convention : {"librosa", "kaldi", "htk"}
        Whose scale, lifter and order are used.
    lifter : float
        Length of the lifter; 0 for none. Coefficient `k` is multiplied by ``1 + lifter / 2 sin(pi k / lifter)``, with
        `k` counted from 1 in librosa.
    zeroth : bool
        Whether coefficient 0, the sum of the bands, is one of them.

    Returns
    -------
    ndarray (n_bands, n_coefficients) of float64
        The matrix, read-only: that of DCT-II, ``sqrt(2 / M) cos(pi k (m + 1/2) / M)``.

    References
    ----------
    .. [1] S. Young et al., The HTK Book, section 5.6.

    Examples
    --------
    >>> matrix = make_cepstral_matrix(40, 40, convention="librosa", lifter=0, zeroth=True)
    >>> np.allclose(matrix.T @ matrix, np.eye(40))
    True
    """
    rules = _CONVENTIONS[convention]
    indices = np.arange(0 if zeroth else 1, n_coefficients + (not zeroth))
    matrix = np.sqrt(2.0 / n_bands) * np.cos(np.pi / n_bands * np.outer(np.arange(n_bands) + 0.5, indices))
    if rules.is_orthogonal:
        matrix[:, indices == 0] /= np.sqrt(2.0)
    if lifter:
        matrix *= 1.0 + lifter / 2.0 * np.sin(np.pi * (indices + rules.lifter_origin) / lifter)
    if zeroth and rules.is_zeroth_last:
        matrix = np.roll(matrix, -1, axis=1)
    matrix.flags.writeable = False
    return np.asarray(matrix)
