"""`STFTSpectrogram`: the face of Keras's layer on the pure transform."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from specwidget.arrays import choose_library, compute_on, compute_there, device_of, library_of, to_keep_beside, to_numpy
from specwidget.result import Spectrogram
from specwidget.stft.gradients import Gradients, compute_vjp
from specwidget.stft.griffin_lim import compute_reconstruction
from specwidget.stft.inverse import Reconstruction, compute_inverse
from specwidget.stft.kernels import Kernels, count_kernel_values, kernel_names, kernel_shape, make_kernels
from specwidget.stft.pipeline import check_inputs, compute_spectrogram
from specwidget.stft.portions import compute_portions
from specwidget.stft.regions import take_chosen, take_frames
from specwidget.stft.settings import Mode, Padding, Scaling, STFTSettings
from specwidget.stft.shapes import Shape, check_input_shape, output_shape
from specwidget.stft.transform import Path
from specwidget.stft.windows import shown_window


class STFTSpectrogram:
    """Compute spectrograms by the short-time Fourier transform, as Keras 3's layer of the same name.

    Frame `t` covers the samples from `t step - left` on, where `left` is the padding before the signal. Its real and
    imaginary parts are its products with windowed cosines and sines; `mode` says what is computed from them.

    Parameters
    ----------
    mode : {"log", "magnitude", "psd", "real", "imag", "angle", "stft"}, default "log"
        Natural logarithm of the magnitude, magnitude `sqrt(max(re^2 + im^2, epsilon))`, one-sided power, real part,
        imaginary part, phase in radians, or `[re, im]` along the bins.
    frame_length : int, default 256
        Samples in a frame.
    frame_step : int, optional
        Samples from one frame to the next, 1 to `frame_length`; None is `frame_length // 2`, at least 1.
    fft_length : int, optional
        Length of the DFT, at least `frame_length`; None is the smallest power of two that holds a frame.
    window : str, tuple, array-like (frame_length,) or None, default "hann"
        A SciPy window name, a (name, parameter...) tuple, the values, or None for no window and no scaling.
    periodic : bool, default False
        Whether a window given by name is periodic; False is symmetric.
    scaling : {"density", "spectrum", None}, default "density"
        Divide the kernels by `sqrt(sum w^2)`, by `sum |w|`, or by 1.
    padding : {"valid", "same"}, default "valid"
        Whole frames only, or zeros on both sides so that there is a frame for every step.
    expand_dims : bool, default False
        Keep bins and channels on axes of their own.
    data_format : {"channels_last", "channels_first"}, optional
        Order of the axes of input and output; None is "channels_last".
    trainable : bool, default True
        Whether the kernels count as trainable weights. It never changes a value.
    dtype : {"float16", "float32", "float64"}, optional
        Type of the result; None is "float32". "mixed_float16" is read as "float16".
    name : str, optional
        Name of the layer; None is "stft_spectrogram".
    epsilon : float, default 1e-7
        Floor of the power in modes "log" and "magnitude".
    backend : {"auto", "numpy", "cupy"}, default "auto"
        Where NumPy input is computed; other arrays stay where they are. "auto" is CuPy where a CUDA device answers.

    Raises
    ------
    ValueError
        If a value is outside its bounds or not one of the choices.
    TypeError
        If a value is of the wrong kind, or a keyword is unknown.

    Warns
    -----
    UserWarning
        If `fft_length` is given and not a power of two.

    See Also
    --------
    specwidget.layer_stft_spectrogram : The same by R's name, applied to an array.
    specwidget.explore : Move the arguments, and see what they do.

    Notes
    -----
    Kernels are those of Fourier until `set_weights` gives others. So long, an FFT computes the same numbers.

    References
    ----------
    .. [1] Keras 3, `keras.layers.STFTSpectrogram`, version 3.15.1. The README names the differences.

    Examples
    --------
    >>> import numpy as np
    >>> layer = STFTSpectrogram("magnitude", frame_length=256, frame_step=128, fft_length=512)
    >>> layer(np.zeros((3, 160_000, 1), "float32")).shape
    (3, 1249, 257)
    """

    def __init__(
        self,
        mode: Mode = "log",
        frame_length: int = 256,
        frame_step: int | None = None,
        fft_length: int | None = None,
        window: Any = "hann",
        periodic: bool = False,
        scaling: Scaling | None = "density",
        padding: Padding = "valid",
        expand_dims: bool = False,
        data_format: str | None = None,
        *,
        trainable: bool = True,
        dtype: Any = None,
        name: str | None = None,
        epsilon: float = 1e-7,
        backend: Any = "auto",
    ) -> None:
        if name is not None and not isinstance(name, str):
            raise TypeError(f"`name` must be a string or None; got {name!r}.")
        self.name = "stft_spectrogram" if name is None else name
        self.settings = STFTSettings(
            mode=mode,
            frame_length=frame_length,
            frame_step=frame_step,
            fft_length=fft_length,
            window=window,
            periodic=periodic,
            scaling=scaling,
            padding=padding,
            expand_dims=expand_dims,
            data_format=data_format,
            trainable=trainable,
            dtype=dtype,
            epsilon=epsilon,
            backend=backend,
        )
        for sentence in self.settings.advice:
            warnings.warn(sentence, UserWarning, stacklevel=_depth_of_caller())
        self.built = False
        self._kernels: Kernels | None = None
        self._is_fourier = True
        self._placed: dict[Any, Kernels] = {}

    @classmethod
    def from_settings(cls, settings: STFTSettings, name: str | None = None) -> STFTSpectrogram:
        """Return a layer with settings that are already checked."""
        layer = cls(name=name)
        layer.settings = settings
        return layer

    def __getattr__(self, attribute: str) -> Any:
        """Return an argument as the caller gave it: `layer.frame_step` is None where it was None."""
        if not attribute.startswith("_") and attribute in STFTSettings.__dataclass_fields__:
            return getattr(self.settings, attribute)
        raise AttributeError(f"{type(self).__name__} has no attribute {attribute!r}.")

    def __setattr__(self, attribute: str, value: Any) -> None:
        """Refuse to change an argument, which the settings hold."""
        if attribute in STFTSettings.__dataclass_fields__:
            raise AttributeError(f"`{attribute}` can't be changed after construction. Make a new layer.")
        super().__setattr__(attribute, value)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy or a pickle holds: kernels of the layer's own, as Fourier's are made when asked for."""
        return {**self.__dict__, "_kernels": None if self._is_fourier else self._kernels, "_placed": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what a copy or a pickle holds, which knows no read-only arrays."""
        self.__dict__.update(state)
        if self._kernels is not None:
            for kernel in self.weights:
                kernel.flags.writeable = False

    def __call__(self, inputs: Any) -> Any:
        """Compute the transform of a batch.

        Parameters
        ----------
        inputs : array (batch, time, channels)
            Samples of type float16, float32 or float64; (batch, channels, time) for "channels_first".

        Returns
        -------
        array
            In the library of `inputs`, of the shape that `compute_output_shape` tells.

        Raises
        ------
        ValueError
            If the shape of `inputs` does not fit.
        TypeError
            If `inputs` is no array of one of these types.
        specwidget.DeviceError
            If `backend` is "cupy" and no CUDA device can be used.
        """
        return self._compute(inputs)[0]

    def spectrogram(self, inputs: Any, sample_rate: float | None = None) -> Spectrogram:
        """Compute the transform of a batch, together with what its values mean.

        Parameters
        ----------
        inputs : array (batch, time, channels)
            As for a call.
        sample_rate : float, optional
            Sample rate, Hz.

        Returns
        -------
        Spectrogram
            Values, times, frequencies, and where and how they were computed.
        """
        started = time.perf_counter()
        path = self.path
        values, library, note = self._compute(inputs)
        _, n_samples, _ = check_input_shape(tuple(inputs.shape), self.settings)
        seconds = time.perf_counter() - started
        assert n_samples is not None
        return Spectrogram(values, self.settings, n_samples, sample_rate, path, library, note, seconds)

    def frames(self, inputs: Any, first: int, last: int, *, keep: bool = True) -> Any:
        """Compute some frames of a batch, from the samples that they cover alone.

        Parameters
        ----------
        inputs : array (batch, time, channels)
            The whole signal, as for a call.
        first, last : int
            Frames `first` to `last - 1` are computed.
        keep : bool, default True
            False for values that are looked at and forgotten: they may lie in memory that the next such call of the
            same thread takes, so that the system need not hand over new memory each time.

        Returns
        -------
        array
            What a call would return, with these frames alone: by the FFT to the same bits.

        Raises
        ------
        ValueError
            If there are no such frames, or the shape of `inputs` does not fit.
        TypeError
            If an index is no integer, or `inputs` no array of a float type.

        Examples
        --------
        >>> import numpy as np
        >>> layer = STFTSpectrogram(padding="same")
        >>> layer.frames(np.zeros((1, 1_000_000, 1), "float32"), 6000, 6010).shape
        (1, 10, 129)
        """
        return self._compute_piece(*take_frames(inputs, first, last, self.settings), keep=keep)

    def chosen_frames(self, inputs: Any, frames: Sequence[int]) -> Any:
        """Compute any frames of a batch, from the samples that they cover alone.

        Parameters
        ----------
        inputs : array (batch, time, channels)
            The whole signal, as for a call.
        frames : sequence of int
            Indices of frames, at least one, in any order.

        Returns
        -------
        array
            What a call would return, with these frames alone: by the FFT to the same bits.

        Raises
        ------
        ValueError
            If there are no such frames, or the shape of `inputs` does not fit.
        TypeError
            If an index is no integer, or `inputs` no array of a float type.
        """
        return self._compute_piece(*take_chosen(inputs, frames, self.settings))

    def place_for(self, inputs: Any) -> tuple[str, str]:
        """Return the library that computes these inputs, and why it is not CuPy where that was to be tried.

        Raises
        ------
        specwidget.DeviceError
            If `backend` is "cupy" and no CUDA device can be used.
        """
        return choose_library(self.settings.backend, inputs)

    def vjp(self, inputs: Any, cotangent: Any, *, by_inputs: bool = True) -> Gradients:
        """Pull a cotangent of the result back to the input and the kernels.

        Parameters
        ----------
        inputs : array (batch, time, channels)
            As for a call.
        cotangent : array
            Derivative of some number, such as a loss, by the result; of the result's shape.
        by_inputs : bool, default True
            Whether the derivative by `inputs` is wanted, which takes a third of the time; None stands for it else.

        Returns
        -------
        Gradients
            Derivatives of that number by `inputs`, `real_kernel` and `imag_kernel`; None where the mode has no such
            kernel.

        Raises
        ------
        ValueError
            If a shape does not fit.
        TypeError
            If `inputs` or `cotangent` is no array of a float type.

        Examples
        --------
        >>> import numpy as np
        >>> layer = STFTSpectrogram("real")
        >>> gradients = layer.vjp(np.ones((1, 256, 1)), np.ones((1, 1, 129)))
        >>> gradients.inputs.shape, gradients.real_kernel.shape, gradients.imag_kernel
        ((1, 256, 1), (256, 1, 129), None)
        """
        return compute_vjp(inputs, cotangent, self.settings, self._kernels_beside(inputs), by_inputs=by_inputs)

    def inverse(self, spectrum: Any, length: int | None = None) -> Reconstruction:
        """Bring back the signal of a transform, by weighted overlap-add.

        Parameters
        ----------
        spectrum : array
            A result of mode "stft"; or, in any mode, complex values in the layout of a result, `n_bins` of them for a
            frame and channel.
        length : int, optional
            Samples of the signal. Needed for padding "same", where the place of the frames depends on it; for "valid"
            None is what the frames cover.

        Returns
        -------
        Reconstruction
            The signal, in the layout of the input, and `n_lost`, how many samples of each row are 0 because they could
            not be recovered: those after the last frame, and those at both ends where the window is nearly 0. With
            "same" there are none, unless `frame_step` is nearly `frame_length` or the window is 0 on one side.

        Raises
        ------
        ValueError
            If the kernels are not Fourier's, the window does not overlap enough (NOLA), or the mode, the shape or
            `length` does not fit.
        TypeError
            If `spectrum` is no array of a float or complex type, or `length` no integer.

        See Also
        --------
        specwidget.stft.synthesis.recovery_bound : How far rounding may move the other samples.

        Examples
        --------
        >>> import numpy as np
        >>> layer = STFTSpectrogram("stft", padding="same", dtype="float64")
        >>> signal = np.random.default_rng(0).standard_normal((1, 1000, 2))
        >>> result = layer.inverse(layer(signal), length=1000)
        >>> np.allclose(result.signal, signal), result.n_lost
        (True, 0)
        """
        return self._bring_back(spectrum, lambda array: compute_inverse(array, self.settings, length))

    def reconstruct(
        self,
        spectrogram: Any,
        length: int | None = None,
        n_iter: int = 32,
        momentum: float = 0.99,
        seed: int | None = 0,
        progress: bool = False,
    ) -> Reconstruction:
        """Find a signal with given magnitudes, by the fast Griffin-Lim algorithm.

        Parameters
        ----------
        spectrogram : array
            A result of mode "magnitude", "log" or "psd". Values on the floor are read as 0.
        length : int, optional
            Samples of the signal, as for `inverse`.
        n_iter : int, default 32
            Iterations.
        momentum : float, default 0.99
            How far each iteration goes on in the direction of the last; 0 is the algorithm of Griffin and Lim.
        seed : int or None, default 0
            Seed of the phases to begin with; None is another one each time.
        progress : bool, default False
            Show a progress bar.

        Returns
        -------
        Reconstruction
            The signal, `n_lost` as for `inverse`, and `convergence`: how far the magnitudes of the signal are from
            those given, the norm of the difference as a share of their norm.

        Raises
        ------
        ValueError
            If the kernels are not Fourier's, the window does not overlap enough (NOLA), the mode has no magnitudes, or
            a value or shape does not fit.
        TypeError
            If `spectrogram` is no array of a float type, or a number of another kind.

        Examples
        --------
        >>> import numpy as np
        >>> layer = STFTSpectrogram("log", padding="same")
        >>> silence = np.zeros((1, 1000, 1), "float32")
        >>> np.abs(layer.reconstruct(layer(silence), length=1000).signal).max()
        np.float32(0.0)
        """
        return self._bring_back(
            spectrogram,
            lambda array: compute_reconstruction(array, self.settings, length, n_iter, momentum, seed, progress),
        )

    @property
    def path(self) -> Path:
        """By which transform a call computes: "fft" while the kernels are Fourier's, else "conv"."""
        return "fft" if self._is_fourier else "conv"

    @property
    def compute_dtype(self) -> str:
        """Type of the weights, and of the computation: float32 where the result is float16."""
        return self.settings.compute_dtype

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Check an input shape. The kernels don't depend on it, and are made when they are asked for.

        Parameters
        ----------
        input_shape : sequence of 3 int or None
            As for `compute_output_shape`.

        Raises
        ------
        ValueError
            If the transform does not take this shape.
        """
        check_input_shape(tuple(input_shape), self.settings)
        self.built = True

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> Shape:
        """Return the shape of the result for a shape of the input.

        Parameters
        ----------
        input_shape : sequence of 3 int or None
            (batch, time, channels), or (batch, channels, time) for "channels_first"; batch and time may be None.

        Returns
        -------
        tuple of int or None
            None where the input has None.

        Raises
        ------
        ValueError
            If the transform does not take this shape.

        Examples
        --------
        >>> STFTSpectrogram(frame_step=128, fft_length=512, padding="same").compute_output_shape((None, 160_000, 2))
        (None, 1250, 514)
        """
        return output_shape(tuple(input_shape), self.settings)

    @property
    def real_kernel(self) -> np.ndarray | None:
        """Kernel of the real part, (frame_length, 1, n_bins), read-only; None in mode "imag"."""
        return self._made_kernels().real

    @property
    def imag_kernel(self) -> np.ndarray | None:
        """Kernel of the imaginary part, (frame_length, 1, n_bins), read-only; None in mode "real"."""
        return self._made_kernels().imag

    @property
    def weights(self) -> list[np.ndarray]:
        """The kernels, real before imaginary, as read-only arrays."""
        kernels = self._made_kernels()
        return [kernel for kernel in (kernels.real, kernels.imag) if kernel is not None]

    @property
    def trainable_weights(self) -> list[np.ndarray]:
        """The kernels where the layer is trainable, else nothing."""
        return self.weights if self.settings.trainable else []

    @property
    def non_trainable_weights(self) -> list[np.ndarray]:
        """The kernels where the layer is not trainable, else nothing."""
        return [] if self.settings.trainable else self.weights

    def get_weights(self) -> list[np.ndarray]:
        """Return copies of the kernels, real before imaginary."""
        return [kernel.copy() for kernel in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Replace the kernels.

        Parameters
        ----------
        weights : sequence of array (frame_length, 1, n_bins)
            As many as the mode has kernels, real before imaginary, of the type that is computed in. They are copied.

        Raises
        ------
        ValueError
            If there are more or fewer, or one has another shape.
        TypeError
            If one has another dtype.

        Notes
        -----
        Where the new kernels equal Fourier's, a call goes on to compute by the FFT.
        """
        names = kernel_names(self.settings)
        if len(weights) != len(names):
            raise ValueError(
                f"`weights` must have {len(names)} kernels in mode {self.settings.mode!r}, {' and '.join(names)}; "
                f"got {len(weights)}."
            )
        kernels = dict(zip(names, map(self._checked_kernel, names, weights), strict=True))
        fourier = make_kernels(self.settings)
        self._is_fourier = all(np.array_equal(kernel, getattr(fourier, name)) for name, kernel in kernels.items())
        self._kernels = fourier if self._is_fourier else Kernels(kernels.get("real"), kernels.get("imag"))
        self._placed = {}

    def count_params(self) -> int:
        """Count the values of all kernels, without making them."""
        return count_kernel_values(self.settings)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments as values that JSON knows; the values of a window become a list."""
        return {**self.settings.to_dict(), "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> STFTSpectrogram:
        """Return a layer from what `get_config` returned, with the same output bit for bit."""
        return cls(**config)

    def __repr__(self) -> str:
        """Tell the settings that differ from the defaults, and what the kernels are."""
        defaults = STFTSettings()
        shown = [f"mode={self.settings.mode!r}", f"frame_length={self.settings.frame_length}"]
        for name in STFTSettings.__dataclass_fields__:
            value = getattr(self.settings, name)
            if name not in ("mode", "frame_length") and value != getattr(defaults, name):
                shown.append(f"{name}={shown_window(value)}")
        kernels = "" if self._is_fourier else " with kernels of its own"
        return f"<{type(self).__name__}({', '.join(shown)}){kernels}>"

    def _compute(self, inputs: Any) -> tuple[Any, str, str]:
        """Return the result, the library that computed it, and the note of a fallback."""
        check_inputs(inputs, self.settings)
        self.built = True
        return compute_on(
            self.settings.backend,
            inputs,
            lambda array: compute_spectrogram(array, self.settings, self._kernels_beside(array)),
            lambda: compute_portions(inputs, self.settings, self._compute_there),
        )

    def _compute_there(self, inputs: np.ndarray, settings: STFTSettings) -> np.ndarray:
        """Return the result for other settings with these kernels, computed on the CUDA device."""
        return compute_there(inputs, lambda array: compute_spectrogram(array, settings, self._kernels_beside(array)))

    def _compute_piece(self, piece: Any, settings: STFTSettings, *, keep: bool = True) -> Any:
        """Return the transform of a piece of a signal, by settings that differ from the layer's in framing alone."""

        def compute(array: Any) -> Any:
            return compute_spectrogram(array, settings, self._kernels_beside(array), keep=keep)

        return compute_on(settings.backend, piece, compute)[0]

    def _bring_back(self, values: Any, compute: Callable[[Any], Reconstruction]) -> Reconstruction:
        """Return what `compute` makes of values, where `backend` says. Only Fourier's kernels have a way back."""
        if not self._is_fourier:
            raise ValueError(
                "`weights` must be Fourier's kernels for the way back to a signal; got kernels of the layer's own. "
                "Compute with a new layer of the same settings, STFTSpectrogram.from_settings(layer.settings)."
            )
        made: list[Reconstruction] = []

        def signal_of(array: Any) -> Any:
            made.append(compute(array))
            return made[-1].signal

        signal, _, _ = compute_on(self.settings.backend, values, signal_of)
        convergence = made[-1].convergence
        if isinstance(values, np.ndarray) and convergence is not None:
            convergence = float(to_numpy(convergence))
        return replace(made[-1], signal=signal, convergence=convergence)

    def _made_kernels(self) -> Kernels:
        """Return the kernels, made at first use."""
        if self._kernels is None:
            self._kernels = make_kernels(self.settings)
        return self._kernels

    def _kernels_beside(self, array: Any) -> Kernels | None:
        """Return the kernels on an array's device, where they stay between calls; None for Fourier's."""
        if self._is_fourier:
            return None
        kernels = self._made_kernels()
        if isinstance(array, np.ndarray):
            return kernels
        place = library_of(array), str(device_of(array))
        if place not in self._placed:
            moved = (None if part is None else to_keep_beside(part, array) for part in (kernels.real, kernels.imag))
            self._placed[place] = Kernels(*moved)
        return self._placed[place]

    def _checked_kernel(self, name: str, kernel: Any) -> np.ndarray:
        """Return a read-only copy of a kernel of the right shape and type."""
        values = to_numpy(kernel) if hasattr(kernel, "dtype") else np.asarray(kernel)
        shape = kernel_shape(self.settings)
        if values.shape != shape:
            raise ValueError(
                f"`weights` must have a {name} kernel of shape {shape}, (frame_length, 1, n_bins); got {values.shape}."
            )
        if values.dtype != np.dtype(self.settings.compute_dtype):
            raise TypeError(
                f"`weights` must have a {name} kernel of dtype {self.settings.compute_dtype}; got {values.dtype}."
            )
        copied = np.array(values, dtype=self.settings.compute_dtype, order="C")
        copied.flags.writeable = False
        return copied


def _depth_of_caller() -> int:
    """Return the stack level, counted from the function that asks, of the first one outside the package."""
    depth, frame = 0, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "specwidget":
        depth, frame = depth + 1, frame.f_back
    return depth + 1
