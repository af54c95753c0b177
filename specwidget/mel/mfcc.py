"""`MFCC`: mel-frequency cepstral coefficients, as a stage after a mel spectrogram."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import namespace, on_device_of, supports_out, to_device_of
from specwidget.mel.cepstrum import CEPSTRAL_CONVENTIONS, CepstralConvention, make_cepstral_matrix
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.normalization import apply_statistics, collect_statistics
from specwidget.mel.pipeline import as_batch, check_inputs, iter_values, with_block
from specwidget.mel.settings import MelSettings
from specwidget.stft.gradients import check_cotangent
from specwidget.stft.layout import from_output, to_rows
from specwidget.stft.other_names import hinting
from specwidget.stft.settings import check_bool, check_choice, check_integer, check_number
from specwidget.stft.shapes import Shape


class MFCC:
    """Compute mel-frequency cepstral coefficients: the discrete cosine transform of a logarithmic mel spectrogram.

    Parameters
    ----------
    mel : MelSpectrogram, optional
        The mel spectrogram, with `power_to_db` True; None means ``MelSpectrogram()``.
    num_coefficients : int, default 20
        Number of coefficients.
    convention : {"librosa", "kaldi", "htk"}, default "librosa"
        Whose scale, lifter and order are used; see `specwidget.mel.cepstrum.make_cepstral_matrix`.
    lifter : float, default 0.0
        Length of the lifter; 0 for none, 22 in Kaldi and HTK.
    zeroth : bool, default True
        Whether coefficient 0 is one of them. "htk" puts it last.
    name : str, optional
        Name of the layer; None means "mfcc".

    Raises
    ------
    ValueError
        If a value is out of bounds, or `mel` takes no logarithm.
    TypeError
        If a value has the wrong type.

    Notes
    -----
    The result has the layout of the mel spectrogram, with coefficients in place of bands. Kaldi replaces coefficient 0
    by the energy of the frame unless ``use_energy`` is off; this layer does not.

    Examples
    --------
    >>> import numpy as np
    >>> mel = MelSpectrogram(512, 160, 400, num_mel_bins=40)
    >>> MFCC(mel, num_coefficients=13)(np.zeros((2, 16_000), "float32")).shape
    (2, 13, 101)
    """

    @hinting
    def __init__(
        self,
        mel: MelSpectrogram | None = None,
        num_coefficients: int = 20,
        convention: CepstralConvention = "librosa",
        lifter: float = 0.0,
        zeroth: bool = True,
        *,
        name: str | None = None,
    ) -> None:
        self.mel = MelSpectrogram() if mel is None else mel
        if not isinstance(self.mel, MelSpectrogram):
            raise TypeError(f"`mel` must be a specwidget.MelSpectrogram or None; got {type(mel).__name__}.")
        if not self.mel.settings.power_to_db:
            raise ValueError("`mel` must have power_to_db=True: coefficients are computed from logarithms.")
        check_choice("convention", convention, CEPSTRAL_CONVENTIONS)
        self.num_coefficients = check_integer("num_coefficients", num_coefficients)
        self.zeroth = check_bool("zeroth", zeroth)
        most = self.mel.settings.n_bands - (not self.zeroth)
        if not 1 <= self.num_coefficients <= most:
            raise ValueError(f"`num_coefficients` must be between 1 and {most}; got {self.num_coefficients}.")
        self.convention = convention
        self.lifter = check_number("lifter", lifter)
        if not 0 <= self.lifter < float("inf"):
            raise ValueError(f"`lifter` must be finite and at least 0; got {self.lifter:g}.")
        self.name = "mfcc" if name is None else name

    def __call__(self, inputs: Any) -> Any:
        """Compute the coefficients of a signal or a batch.

        Parameters
        ----------
        inputs : array (time,), (batch, time) or (batch, time, channels)
            Samples, as for `MelSpectrogram`.

        Returns
        -------
        array
            With K coefficients: (K, T), (B, K, T), and for 3 axes (B, T, C K), or (B, C K, T) for "channels_first".
        """
        settings = self.mel.settings
        check_inputs(inputs, settings)
        if supports_out(inputs):
            shape = tuple(self.compute_output_shape(inputs.shape))
            return with_block(
                lambda n_block: _compute_blocked(inputs, self.matrix, settings, shape, n_block), inputs, settings
            )
        bands = self.mel(inputs)
        xp = namespace(bands)
        # float16 is computed in float32.
        values = xp.astype(bands, getattr(xp, settings.compute_dtype))
        return xp.astype(_project(values, self.matrix, values_last=self._has_values_last(inputs.shape)), bands.dtype)

    def vjp(self, inputs: Any, cotangent: Any) -> Any:
        """Compute the vector-Jacobian product with respect to the input; as `MelSpectrogram.vjp`."""
        check_cotangent(cotangent, self.compute_output_shape(tuple(inputs.shape)))
        values_last = self._has_values_last(inputs.shape)
        with on_device_of(inputs):
            return self.mel.vjp(inputs, _project(cotangent, self.matrix.T, values_last=values_last))

    @cached_property
    def matrix(self) -> NDArray[np.float64]:
        """The matrix that is multiplied with the bands, shape (n_bands, num_coefficients), read-only."""
        return make_cepstral_matrix(
            self.mel.settings.n_bands,
            self.num_coefficients,
            convention=self.convention,
            lifter=self.lifter,
            zeroth=self.zeroth,
        )

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> Shape:
        """Compute the shape of the result from the shape of the input; as `MelSpectrogram.compute_output_shape`.

        Examples
        --------
        >>> MFCC().compute_output_shape((None, 16_000))
        (None, 20, 32)
        """
        shape = [*self.mel.compute_output_shape(input_shape)]
        axis = -1 if self._has_values_last(input_shape) else -2
        n_values: Any = shape[axis]
        shape[axis] = n_values // self.mel.settings.n_bands * self.num_coefficients
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments as JSON-serialisable values; the mel spectrogram as its configuration."""
        names = ("num_coefficients", "convention", "lifter", "zeroth", "name")
        return {"mel": self.mel.get_config(), **{name: getattr(self, name) for name in names}}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> MFCC:
        """Create a layer from the result of `get_config`, with bit-identical output."""
        return cls(**config | {"mel": MelSpectrogram.from_config(config["mel"])})

    def __repr__(self) -> str:
        """Show the arguments."""
        return f"<MFCC({self.mel!r}, num_coefficients={self.num_coefficients}, convention={self.convention!r})>"

    def _has_values_last(self, input_shape: Sequence[int | None]) -> bool:
        """Return whether frames come before bands in the result."""
        return len(input_shape) == 3 and self.mel.settings.transform.channels_last


def _compute_blocked(inputs: Any, matrix: NDArray[np.float64], settings: MelSettings, shape: Any, n_block: int) -> Any:
    """Compute the coefficients of NumPy or CuPy input in chunks, without the mel spectrogram of a long recording."""
    batch, layout = as_batch(inputs, settings)
    rows, xp = to_rows(batch, layout), namespace(inputs)
    output = xp.empty(shape, dtype=settings.result_dtype)
    values = from_output(output if len(shape) == 3 else output[None], layout, matrix.shape[1])
    weights = to_device_of(matrix.astype(settings.compute_dtype), output)
    with np.errstate(all="ignore"):
        for place in np.ndindex(values.shape[:2]):
            ranges, chunks = iter_values(rows[place], settings, n_block)
            statistics = collect_statistics(chunks, settings)
            for (first, last), chunk in zip(ranges, chunks(), strict=True):
                bands = apply_statistics(chunk, statistics, settings).astype(settings.compute_dtype, copy=False)
                values[place][first:last] = xp.matmul(bands, weights)
    return output


def _project(values: Any, matrix: NDArray[np.float64], *, values_last: bool) -> Any:
    """Multiply each channel's values (..., C n, T), or (..., T, C n), by a matrix (n, k)."""
    xp, (n_values, n_results) = namespace(values), matrix.shape
    weights = to_device_of(matrix.astype(str(values.dtype).rpartition(".")[2]), values)
    if values_last:
        *outer, flat = values.shape
        product = xp.matmul(xp.reshape(values, (-1, n_values)), weights)
        return xp.reshape(product, (*outer, flat // n_values * n_results))
    *outer, flat, n_frames = values.shape
    product = xp.matmul(weights.T, xp.reshape(values, (-1, n_values, n_frames)))
    return xp.reshape(product, (*outer, flat // n_values * n_results, n_frames))
