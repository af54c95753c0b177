"""`MelSpectrogram`: the mel spectrogram with the interface of Keras's layer of the same name."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from specwidget.mel.banks import FilterBank
from specwidget.mel.conventions import KERAS, MelConventions
from specwidget.mel.gradients import compute_mel_vjp
from specwidget.mel.pipeline import compute_mel
from specwidget.mel.settings import MEL_DEFAULTS, MelSettings, conventions_from_dict
from specwidget.mel.shapes import output_shape
from specwidget.stft.formatting import caller_stacklevel
from specwidget.stft.other_names import hinting
from specwidget.stft.shapes import Shape
from specwidget.stft.windows import window_repr


class MelSpectrogram:
    """Compute mel spectrograms, like Keras 3's layer of the same name.

    A frame of the signal is windowed and transformed; the powers of its bins, weighted by a bank of triangular filters,
    are added to bands; a logarithm follows. Frame `t` has its centre at sample ``t sequence_stride`` unless
    `conventions` say otherwise.

    Parameters
    ----------
    fft_length : int, default 2048
        Length of the DFT, samples.
    sequence_stride : int, default 512
        Samples from one frame to the next.
    sequence_length : int, optional
        Length of the window, samples, at most `fft_length`, which None means.
    window : str, tuple, array-like (sequence_length,) or None, default "hann"
        A SciPy window name, "povey" (Kaldi's: Hann to the 0.85), a (name, parameter...) tuple, the values, or None for
        a rectangle.
    sampling_rate : float, default 16000
        Sample rate, Hz.
    num_mel_bins : int, default 128
        Number of bands, M.
    min_freq : float, default 20.0
        Lower end of the first band, Hz.
    max_freq : float, optional
        Upper end of the last band, Hz; None means half the sample rate, rounded down.
    power_to_db : bool, default True
        Whether a logarithm is taken, in decibels unless `conventions` say otherwise.
    top_db : float or None, default 80.0
        Largest distance of a value from the largest of its recording and channel, dB; None means no limit.
    mag_exp : float, default 2.0
        Exponent of the magnitude: 2 for the power.
    min_power : float, default 1e-10
        Floor of a band before the logarithm.
    ref_power : float, default 1.0
        Value of a band whose logarithm is 0.
    data_format : {"channels_last", "channels_first"}, optional
        Order of the axes of an input with 3; None means "channels_last".
    dtype : {"float16", "float32", "float64"}, optional
        Dtype of the result; None means "float32". "float16" is computed in float32.
    name : str, optional
        Name of the layer; None means "mel_spectrogram".
    conventions : MelConventions, optional
        The other conventions; None means Keras's.

    Raises
    ------
    ValueError
        If a value is out of bounds or not one of the choices.
    TypeError
        If a value has the wrong type, or a keyword is unknown.

    Warns
    -----
    UserWarning
        If a band holds no bin, so that it is constant.

    See Also
    --------
    specwidget.MelConventions : In what front ends differ besides these arguments.
    specwidget.front_ends : The front ends of published models.
    specwidget.layer_mel_spectrogram : Functional interface, named as in R's keras3.

    References
    ----------
    .. [1] Keras 3, `keras.layers.MelSpectrogram`, version 3.15.1. The README lists the differences.

    Examples
    --------
    >>> import numpy as np
    >>> layer = MelSpectrogram(fft_length=512, sequence_stride=160, sequence_length=400, num_mel_bins=80)
    >>> layer(np.zeros((3, 16_000), "float32")).shape
    (3, 80, 101)
    """

    @hinting
    def __init__(
        self,
        fft_length: int = 2048,
        sequence_stride: int = 512,
        sequence_length: int | None = None,
        window: Any = "hann",
        sampling_rate: float = 16000,
        num_mel_bins: int = 128,
        min_freq: float = 20.0,
        max_freq: float | None = None,
        power_to_db: bool = True,
        top_db: float | None = 80.0,
        mag_exp: float = 2.0,
        min_power: float = 1e-10,
        ref_power: float = 1.0,
        *,
        data_format: str | None = None,
        dtype: Any = None,
        name: str | None = None,
        conventions: MelConventions | None = None,
    ) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"`name` must be a string or None; got {name!r}.")
        self.name = "mel_spectrogram" if name is None else name
        self.settings = MelSettings(
            fft_length=fft_length,
            sequence_stride=sequence_stride,
            sequence_length=sequence_length,
            window=window,
            sampling_rate=sampling_rate,
            num_mel_bins=num_mel_bins,
            min_freq=min_freq,
            max_freq=max_freq,
            power_to_db=power_to_db,
            top_db=top_db,
            mag_exp=mag_exp,
            min_power=min_power,
            ref_power=ref_power,
            data_format=data_format,
            dtype=dtype,
            conventions=KERAS if conventions is None else conventions,
        )
        for message in self.settings.advice:
            warnings.warn(message, UserWarning, stacklevel=caller_stacklevel())

    @classmethod
    def from_settings(cls, settings: MelSettings, name: str | None = None) -> MelSpectrogram:
        """Create a layer from validated settings, without repeating their warnings."""
        layer = cls(name=name)
        layer.settings = settings
        return layer

    def __getattr__(self, attribute: str) -> Any:
        """Return a constructor argument as it was given: `layer.max_freq` is None if it was None."""
        if not attribute.startswith("_") and attribute in MEL_DEFAULTS:
            return getattr(self.settings, attribute)
        raise AttributeError(f"{type(self).__name__} has no attribute {attribute!r}.")

    def __setattr__(self, attribute: str, value: Any) -> None:
        """Set an attribute; constructor arguments are read-only."""
        if attribute in MEL_DEFAULTS:
            raise AttributeError(f"`{attribute}` can't be changed after construction. Make a new layer.")
        super().__setattr__(attribute, value)

    def __call__(self, inputs: Any) -> Any:
        """Compute the mel spectrogram of a signal or a batch.

        Parameters
        ----------
        inputs : array (time,), (batch, time) or (batch, time, channels)
            Samples of type float16, float32 or float64; (batch, channels, time) for "channels_first".

        Returns
        -------
        array
            In the library of `inputs` and on its device: (M, T), (B, M, T), and for 3 axes (B, T, C M), or (B, C M, T)
            for "channels_first", where the channel is the slow index.

        Raises
        ------
        ValueError
            If the shape of `inputs` is invalid.
        TypeError
            If `inputs` is not an array of one of these types.

        Notes
        -----
        A NaN or infinite sample makes the frames that hold it NaN, and no other. `top_db` and the normalization
        concern each recording and channel.
        """
        return compute_mel(inputs, self.settings)

    def vjp(self, inputs: Any, cotangent: Any) -> Any:
        """Compute the vector-Jacobian product with respect to the input.

        Parameters
        ----------
        inputs : array
            As for a call.
        cotangent : array
            Gradient of a scalar, such as a loss, with respect to the result; in the shape of the result.

        Returns
        -------
        array
            Gradient of the scalar with respect to `inputs`, in their shape.

        Raises
        ------
        ValueError
            If the shape of `cotangent` is not that of the output.
        TypeError
            If `inputs` or `cotangent` is not an array of a float type.

        Examples
        --------
        >>> import numpy as np
        >>> layer = MelSpectrogram()
        >>> layer.vjp(np.ones(4096), np.ones((128, 9))).shape
        (4096,)
        """
        return compute_mel_vjp(inputs, cotangent, self.settings)

    @property
    def bank(self) -> FilterBank:
        """The filter bank: weights, edges and centres of the bands, and which bands hold no bin."""
        return self.settings.bank

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> Shape:
        """Compute the shape of the result from the shape of the input.

        Parameters
        ----------
        input_shape : sequence of int or None
            (time,), (batch, time), or 3 axes in the order of `data_format`; batch and time may be None.

        Returns
        -------
        tuple of int or None
            With None for axes whose size is unknown.

        Raises
        ------
        ValueError
            If the shape is invalid.

        Examples
        --------
        >>> MelSpectrogram(sequence_stride=160).compute_output_shape((1, 15_999))
        (1, 128, 100)
        """
        return output_shape(tuple(input_shape), self.settings)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments as JSON-serialisable values; a window array becomes a list, the conventions a dict."""
        return {**self.settings.to_dict(), "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> MelSpectrogram:
        """Create a layer from the result of `get_config`, with bit-identical output."""
        return cls(**config | {"conventions": conventions_from_dict(config["conventions"])})

    def __repr__(self) -> str:
        """Show the settings that differ from the defaults."""
        given = {name: getattr(self.settings, name) for name in MEL_DEFAULTS}
        changed = [
            f"{name}={window_repr(value) if name == 'window' else repr(value)}"
            for name, value in given.items()
            if value != MEL_DEFAULTS[name] and name != "conventions"
        ]
        if self.settings.conventions != KERAS:
            changed.append("conventions=...")
        return f"<{type(self).__name__}({', '.join(changed)})>"
