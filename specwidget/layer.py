"""`STFTSpectrogram`: the transform with the interface of Keras's layer of the same name."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from specwidget.arrays import device_of, library_of, to_device_outside_trace, to_numpy
from specwidget.devices import choose_library, run_on_backend, run_on_gpu, synchronize
from specwidget.spectrogram import Spectrogram
from specwidget.stft.autograd import compute_differentiable, computing_library
from specwidget.stft.batch_splitting import compute_in_parts
from specwidget.stft.formatting import caller_stacklevel
from specwidget.stft.frame_selection import gather_frames_at, slice_for_frames
from specwidget.stft.gradients import Gradients, compute_vjp, vjp_in_parts
from specwidget.stft.griffin_lim import griffin_lim, griffin_lim_on_gpu
from specwidget.stft.inverse import Reconstruction, compute_inverse, inverse_in_parts
from specwidget.stft.kernels import Kernels, count_kernel_values, kernel_names, kernel_shape, make_kernels
from specwidget.stft.other_names import hinting
from specwidget.stft.pipeline import check_inputs, compute_spectrogram
from specwidget.stft.settings import Mode, Padding, Scaling, STFTSettings
from specwidget.stft.shapes import Shape, check_input_shape, output_shape
from specwidget.stft.transform import TransformPath
from specwidget.stft.windows import window_repr


class STFTSpectrogram:
    """Compute spectrograms by the short-time Fourier transform, like Keras 3's layer of the same name.

    Frame `t` starts at sample `t step - left`, where `left` is the number of zeros before the signal. Its real and
    imaginary parts are its inner products with windowed cosines and negative sines; `mode` selects what is computed
    from them.

    Parameters
    ----------
    mode : {"log", "magnitude", "psd", "real", "imag", "angle", "stft"}, default "log"
        Natural logarithm of the magnitude, magnitude `sqrt(max(re^2 + im^2, epsilon))`, one-sided power, real part,
        imaginary part, phase in radians, or `[re, im]` along the bins.
    frame_length : int, default 256
        Length of a frame, samples.
    frame_step : int, optional
        Samples from one frame to the next, 1 to `frame_length`; None means `frame_length // 2`, at least 1.
    fft_length : int, optional
        Length of the DFT, samples, at least `frame_length`; None means the next power of two
        (`frame_length` itself if it is one).
    window : str, tuple, array-like (frame_length,) or None, default "hann"
        A SciPy window name, a (name, parameter...) tuple, the values, or None for no window and no scaling.
    periodic : bool, default False
        Whether a window given by name is periodic; False is symmetric.
    scaling : {"density", "spectrum", None}, default "density"
        Divide the kernels by `sqrt(sum w^2)`, by `sum |w|`, or by 1.
    padding : {"valid", "same"}, default "valid"
        Complete frames only, or zeros on both sides so that there is one frame for every step.
    expand_dims : bool, default False
        Keep separate axes for bins and channels.
    data_format : {"channels_last", "channels_first"}, optional
        Order of the axes of input and output; None means "channels_last".
    trainable : bool, default True
        Whether the kernels are trainable weights. Does not change the output.
    dtype : {"float16", "float32", "float64"}, optional
        Dtype of the result; None means "float32". "mixed_float16" is read as "float16".
    name : str, optional
        Name of the layer; None means "stft_spectrogram".
    epsilon : float, default 1e-7
        Floor of the power in modes "log" and "magnitude".
    backend : {"auto", "numpy", "cupy"}, default "auto"
        Where NumPy input is computed; other arrays stay where they are. "auto" uses CuPy if a CUDA device works and
        the input is long enough to gain by it.

    Raises
    ------
    ValueError
        If a value is out of bounds or not one of the choices.
    TypeError
        If a value has the wrong type, or a keyword is unknown.

    Warns
    -----
    UserWarning
        If `fft_length` is given and is not a power of two.

    See Also
    --------
    specwidget.layer_stft_spectrogram : Functional interface, named as in R's keras3.
    specwidget.explore : Explore the arguments interactively.

    Notes
    -----
    The layer has Fourier kernels until `set_weights` sets others. For Fourier kernels the output is computed by FFT,
    which is faster and equal up to rounding.

    References
    ----------
    .. [1] Keras 3, `keras.layers.STFTSpectrogram`, version 3.15.1. The README lists the differences.

    Examples
    --------
    >>> import numpy as np
    >>> layer = STFTSpectrogram("magnitude", frame_length=256, frame_step=128, fft_length=512)
    >>> layer(np.zeros((3, 160_000, 1), "float32")).shape
    (3, 1249, 257)
    """

    @hinting
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
        for message in self.settings.advice:
            warnings.warn(message, UserWarning, stacklevel=caller_stacklevel())
        # None until first accessed: for long frames the kernels are gigabytes that the FFT does not need.
        self.built = False
        self._kernels: Kernels | None = None
        self._is_fourier = True
        self._device_kernels: dict[Any, Kernels] = {}

    @classmethod
    def from_settings(cls, settings: STFTSettings, name: str | None = None) -> STFTSpectrogram:
        """Create a layer from validated settings, without repeating their warnings."""
        # Not through the constructor, which would repeat the validation and the warnings.
        layer = cls(name=name)
        layer.settings = settings
        return layer

    def __getattr__(self, attribute: str) -> Any:
        """Return a constructor argument as it was given: `layer.frame_step` is None if it was None."""
        # Called only if the attribute is not found. Private names are excluded: copy and pickle look them up on an
        # object that has no settings yet.
        if not attribute.startswith("_") and attribute in STFTSettings.__dataclass_fields__:
            return getattr(self.settings, attribute)
        raise AttributeError(f"{type(self).__name__} has no attribute {attribute!r}.")

    def __setattr__(self, attribute: str, value: Any) -> None:
        """Set an attribute; constructor arguments are read-only."""
        if attribute in STFTSettings.__dataclass_fields__:
            raise AttributeError(f"`{attribute}` can't be changed after construction. Make a new layer.")
        super().__setattr__(attribute, value)

    def __getstate__(self) -> dict[str, Any]:
        """Return the state without Fourier kernels, which are recomputed when needed, and without copies on devices."""
        return {**self.__dict__, "_kernels": None if self._is_fourier else self._kernels, "_device_kernels": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the state, with kernels that are checked as by `set_weights`, and read-only again."""
        self.__dict__.update(state)
        if self._kernels is not None:
            pairs = zip(("real", "imag"), (self._kernels.real, self._kernels.imag), strict=True)
            checked = (None if kernel is None else self._checked_kernel(name, kernel) for name, kernel in pairs)
            self._kernels = Kernels(*checked)

    def __call__(self, inputs: Any) -> Any:
        """Compute the transform of a batch.

        Parameters
        ----------
        inputs : array (batch, time, channels)
            Samples of type float16, float32 or float64; (batch, channels, time) for "channels_first".

        Returns
        -------
        array
            In the library of `inputs`, with the shape given by `compute_output_shape`.

        Raises
        ------
        ValueError
            If the shape of `inputs` is invalid.
        TypeError
            If `inputs` is not an array of one of these types.
        specwidget.DeviceError
            If `backend` is "cupy" and no CUDA device can be used.
        """
        return self._compute_whole(inputs)[0]

    def spectrogram(self, inputs: Any, sample_rate: float | None = None) -> Spectrogram:
        """Compute the transform of a batch as a `Spectrogram`: values with axes and metadata.

        Parameters
        ----------
        inputs : array (batch, time, channels)
            As for a call.
        sample_rate : float, optional
            Sample rate, Hz.

        Returns
        -------
        Spectrogram
            Values, times, frequencies, and how they were computed.
        """
        started = time.perf_counter()
        path = self.path
        values, library, note = self._compute_whole(inputs)
        synchronize(values)
        _, n_samples, _ = check_input_shape(tuple(inputs.shape), self.settings)
        seconds = time.perf_counter() - started
        # An array has no unknown dimensions; only `compute_output_shape` accepts None.
        assert n_samples is not None
        library = self._computing(library, inputs)
        return Spectrogram(values, self.settings, n_samples, sample_rate, path, library, note, seconds)

    def frames(
        self,
        inputs: Any,
        first: int,
        last: int,
        *,
        reuse_buffer: bool = False,
        computed_by: set[tuple[str, str]] | None = None,
    ) -> Any:
        """Compute a range of frames of a batch, reading only the samples that they cover.

        Parameters
        ----------
        inputs : array (batch, time, channels)
            The whole signal, as for a call.
        first, last : int
            Frames `first` to `last - 1` are computed.
        reuse_buffer : bool, default False
            If True, the result may be overwritten by the next call with `reuse_buffer=True` in the same thread, which
            saves the allocation of memory.
        computed_by : set of (str, str), optional
            Receives the library that computed them, and why backend "auto" did not use CuPy, as in `backend_for`.

        Returns
        -------
        array
            These frames of the layer's output; bit-identical to them if computed by FFT, but equal to rounding for a
            PyTorch tensor on the CPU, whose FFT has other bits for other numbers of frames.

        Raises
        ------
        ValueError
            If a frame does not exist, or the shape of `inputs` is invalid.
        TypeError
            If an index is not an integer, or `inputs` is not an array of a float type.

        Examples
        --------
        >>> import numpy as np
        >>> layer = STFTSpectrogram(padding="same")
        >>> layer.frames(np.zeros((1, 1_000_000, 1), "float32"), 6000, 6010).shape
        (1, 10, 129)
        """
        samples, settings = slice_for_frames(inputs, first, last, self.settings)
        values, library, note = self._compute(samples, settings, reuse_buffer=reuse_buffer)
        if computed_by is not None:
            computed_by.add((self._computing(library, inputs), note))
        return values

    def frames_at(self, inputs: Any, frames: Sequence[int], *, computed_by: set[tuple[str, str]] | None = None) -> Any:
        """Compute the frames with the given indices, reading only the samples that they cover.

        Parameters
        ----------
        inputs : array (batch, time, channels)
            The whole signal, as for a call.
        frames : sequence of int
            Indices of frames, at least one, in any order.
        computed_by : set of (str, str), optional
            As for `frames`.

        Returns
        -------
        array
            These frames of the layer's output; bit-identical to them if computed by FFT, but equal to rounding for a
            PyTorch tensor on the CPU, whose FFT has other bits for other numbers of frames.

        Raises
        ------
        ValueError
            If a frame does not exist, or the shape of `inputs` is invalid.
        TypeError
            If an index is not an integer, or `inputs` is not an array of a float type.
        """
        values, library, note = self._compute(*gather_frames_at(inputs, frames, self.settings))
        if computed_by is not None:
            computed_by.add((self._computing(library, inputs), note))
        return values

    def backend_for(self, inputs: Any) -> tuple[str, str]:
        """Return the library that would compute these inputs, and why backend "auto" would not use CuPy.

        Parameters
        ----------
        inputs : array
            As for a call.

        Returns
        -------
        library : str
            Name of the library, such as "NumPy"; "PyTorch and NumPy" where the FFT is PyTorch's, and so on.
        note : str
            Reason of a fallback to NumPy; empty if there is none.

        Raises
        ------
        specwidget.DeviceError
            If `backend` is "cupy" and no CUDA device can be used.
        """
        library, note = choose_library(self.settings.backend, inputs)
        return self._computing(library, inputs), note

    def vjp(self, inputs: Any, cotangent: Any, *, wrt_inputs: bool = True) -> Gradients:
        """Compute the vector-Jacobian product with respect to inputs and kernels.

        Parameters
        ----------
        inputs : array (batch, time, channels)
            As for a call; `backend` chooses where NumPy input is computed.
        cotangent : array
            Gradient of a scalar, such as a loss, with respect to the result; in the shape of the result.
        wrt_inputs : bool, default True
            Whether to compute the gradient with respect to `inputs`; without it, a call takes about a third less time.

        Returns
        -------
        Gradients
            Gradients of the scalar with respect to `inputs`, `real_kernel` and `imag_kernel`; None if not requested or
            if the mode has no such kernel.

        Raises
        ------
        ValueError
            If the shape of `cotangent` is not that of the output.
        TypeError
            If `inputs` or `cotangent` is not an array of a float type.

        Examples
        --------
        >>> import numpy as np
        >>> layer = STFTSpectrogram("real")
        >>> gradients = layer.vjp(np.ones((1, 256, 1)), np.ones((1, 1, 129)))
        >>> gradients.inputs.shape, gradients.real_kernel.shape, gradients.imag_kernel
        ((1, 256, 1), (256, 1, 129), None)
        """

        def compute(array: Any) -> Gradients:
            kernels = self._kernels_on_device_of(array)
            return compute_vjp(array, cotangent, self.settings, kernels, wrt_inputs=wrt_inputs)

        def compute_part(samples: np.ndarray, given: np.ndarray, settings: STFTSettings) -> Gradients:
            def compute(array: Any) -> Gradients:
                return compute_vjp(array, given, settings, self._kernels_on_device_of(array), wrt_inputs=wrt_inputs)

            part: Gradients = run_on_gpu(samples, compute)
            return part

        def compute_parts() -> Gradients:
            return vjp_in_parts(inputs, cotangent, self.settings, compute_part, wrt_inputs=wrt_inputs)

        gradients: Gradients = run_on_backend(self.settings.backend, inputs, compute, compute_parts)[0]
        return gradients

    def inverse(self, spectrum: Any, length: int | None = None) -> Reconstruction:
        """Compute the inverse transform by weighted overlap-add.

        Parameters
        ----------
        spectrum : array
            A result of mode "stft"; or, in any mode, complex values in the layout of a result, `n_bins` for each frame
            and channel.
        length : int, optional
            Length of the signal, samples. Required for padding "same", where the position of the frames depends on it;
            for "valid" None means all samples under the frames.

        Returns
        -------
        Reconstruction
            The signal, in the layout of the input, and `n_lost`, the number of samples of each channel that can't be
            recovered and are 0: those after the last frame, and those at both ends where the window is nearly 0. With
            "same" there are none, unless `frame_step` is nearly `frame_length` or the window is 0 on one side.

        Raises
        ------
        ValueError
            If the kernels are not Fourier kernels, the window does not satisfy NOLA, or the mode is not "stft", the
            shape is not that of an output, or `length` samples have another number of frames.
        TypeError
            If `spectrum` is not an array of a float or complex type, or `length` is not an integer.

        See Also
        --------
        specwidget.stft.synthesis.reconstruction_error_bound : Bound on the rounding error of the other samples.

        Examples
        --------
        >>> import numpy as np
        >>> layer = STFTSpectrogram("stft", padding="same", dtype="float64")
        >>> signal = np.random.default_rng(0).standard_normal((1, 1000, 2))
        >>> result = layer.inverse(layer(signal), length=1000)
        >>> np.allclose(result.signal, signal), result.n_lost
        (True, 0)
        """

        def compute_part(part: np.ndarray, settings: STFTSettings, length: int | None) -> Reconstruction:
            found: Reconstruction = run_on_gpu(part, lambda array: compute_inverse(array, settings, length))
            return found

        return self._invert(
            spectrum,
            lambda array: compute_inverse(array, self.settings, length),
            lambda: inverse_in_parts(spectrum, self.settings, length, compute_part),
        )

    def reconstruct(
        self,
        spectrogram: Any,
        length: int | None = None,
        n_iter: int = 32,
        momentum: float = 0.99,
        seed: int | None = 0,
        progress: bool = False,
    ) -> Reconstruction:
        """Estimate a signal from magnitudes by the fast Griffin-Lim algorithm.

        Parameters
        ----------
        spectrogram : array
            A result of mode "magnitude", "log" or "psd". Values at the floor are read as 0.
        length : int, optional
            Length of the signal, samples, as for `inverse`.
        n_iter : int, default 32
            Number of iterations.
        momentum : float, default 0.99
            Momentum of the fast algorithm; 0 gives the original algorithm of Griffin and Lim.
        seed : int or None, default 0
            Seed of the random initial phases; None draws other phases at each call.
        progress : bool, default False
            Show a progress bar.

        Returns
        -------
        Reconstruction
            The signal, `n_lost` as for `inverse`, and `convergence`, the spectral convergence: norm of the difference
            between the magnitudes of the signal and those given, divided by the norm of those given.

        Raises
        ------
        ValueError
            If the kernels are not Fourier kernels, the window does not satisfy NOLA, the mode has no magnitudes, or a
            parameter or the shape of `spectrogram` is invalid.
        TypeError
            If `spectrogram` is not an array of a float type, or a parameter has the wrong type.

        Examples
        --------
        >>> import numpy as np
        >>> layer = STFTSpectrogram("log", padding="same")
        >>> silence = np.zeros((1, 1000, 1), "float32")
        >>> np.abs(layer.reconstruct(layer(silence), length=1000).signal).max()
        np.float32(0.0)
        """
        arguments = (self.settings, length, n_iter, momentum, seed, progress)
        return self._invert(
            spectrogram,
            lambda array: griffin_lim(array, *arguments),
            lambda: griffin_lim_on_gpu(spectrogram, *arguments),
        )

    @property
    def path(self) -> TransformPath:
        """Algorithm used by `__call__`: "fft" for Fourier kernels, else "matmul"."""
        return "fft" if self._is_fourier else "matmul"

    @property
    def compute_dtype(self) -> str:
        """Dtype of the weights and of the computation: float32 if the result is float16."""
        return self.settings.compute_dtype

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Check an input shape. The kernels don't depend on it; they are created when first accessed.

        Parameters
        ----------
        input_shape : sequence of 3 int or None
            As for `compute_output_shape`.

        Raises
        ------
        ValueError
            If the shape is invalid.
        """
        check_input_shape(tuple(input_shape), self.settings)
        self.built = True

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> Shape:
        """Compute the shape of the result from the shape of the input.

        Parameters
        ----------
        input_shape : sequence of 3 int or None
            (batch, time, channels), or (batch, channels, time) for "channels_first"; batch and time may be None.

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
        >>> STFTSpectrogram(frame_step=128, fft_length=512, padding="same").compute_output_shape((None, 160_000, 2))
        (None, 1250, 514)
        """
        return output_shape(tuple(input_shape), self.settings)

    @property
    def real_kernel(self) -> np.ndarray | None:
        """Kernel of the real part, shape (frame_length, 1, n_bins), read-only; None in mode "imag"."""
        return self._get_kernels().real

    @property
    def imag_kernel(self) -> np.ndarray | None:
        """Kernel of the imaginary part, shape (frame_length, 1, n_bins), read-only; None in mode "real"."""
        return self._get_kernels().imag

    @property
    def weights(self) -> list[np.ndarray]:
        """The kernels, real before imaginary, as read-only arrays."""
        kernels = self._get_kernels()
        return [kernel for kernel in (kernels.real, kernels.imag) if kernel is not None]

    @property
    def trainable_weights(self) -> list[np.ndarray]:
        """The kernels if the layer is trainable, else an empty list."""
        return self.weights if self.settings.trainable else []

    @property
    def non_trainable_weights(self) -> list[np.ndarray]:
        """The kernels if the layer is not trainable, else an empty list."""
        return [] if self.settings.trainable else self.weights

    def get_weights(self) -> list[np.ndarray]:
        """Return copies of the kernels, real before imaginary."""
        return [kernel.copy() for kernel in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Replace the kernels.

        Parameters
        ----------
        weights : sequence of array (frame_length, 1, n_bins)
            One for each kernel of the mode, real before imaginary, in the compute dtype. They are copied.

        Raises
        ------
        ValueError
            If the number of kernels or a shape is wrong, or a value is NaN or infinite.
        TypeError
            If a dtype is wrong.

        Notes
        -----
        If the new kernels equal the Fourier kernels, calls continue to use the FFT.
        """
        names = kernel_names(self.settings)
        if len(weights) != len(names):
            raise ValueError(
                f"`weights` must have {len(names)} kernels in mode {self.settings.mode!r}, {' and '.join(names)}; "
                f"got {len(weights)}."
            )
        kernels = dict(zip(names, map(self._checked_kernel, names, weights), strict=True))
        # Compared bit for bit: kernels that differ at all from the Fourier kernels must be used as they are.
        fourier = make_kernels(self.settings)
        self._is_fourier = all(np.array_equal(kernel, getattr(fourier, name)) for name, kernel in kernels.items())
        self._kernels = fourier if self._is_fourier else Kernels(kernels.get("real"), kernels.get("imag"))
        self._device_kernels = {}

    def count_params(self) -> int:
        """Count the values of all kernels, without creating them."""
        return count_kernel_values(self.settings)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments as JSON-serialisable values; a window array becomes a list."""
        return {**self.settings.to_dict(), "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> STFTSpectrogram:
        """Create a layer from the result of `get_config`, with bit-identical output."""
        return cls(**config)

    def __repr__(self) -> str:
        """Show the settings that differ from the defaults, and whether the kernels were replaced."""
        defaults = STFTSettings()
        arguments = [f"mode={self.settings.mode!r}", f"frame_length={self.settings.frame_length}"]
        for name in STFTSettings.__dataclass_fields__:
            value = getattr(self.settings, name)
            if name not in ("mode", "frame_length") and value != getattr(defaults, name):
                arguments.append(f"{name}={window_repr(value)}")
        kernels = "" if self._is_fourier else " with custom kernels"
        return f"<{type(self).__name__}({', '.join(arguments)}){kernels}>"

    def _compute_whole(self, inputs: Any) -> tuple[Any, str, str]:
        check_inputs(inputs, self.settings)
        self.built = True
        return self._compute(inputs, self.settings)

    def _compute(self, inputs: Any, settings: STFTSettings, *, reuse_buffer: bool = False) -> tuple[Any, str, str]:
        """Return the result, the library that computed it, and why "auto" did not use CuPy; inputs are validated.

        `settings` differ from the layer's in padding and step only.
        """

        def compute(array: Any) -> Any:
            kernels = self._kernels_on_device_of(array)
            return compute_differentiable(array, settings, kernels, reuse_buffer=reuse_buffer)

        return run_on_backend(
            settings.backend, inputs, compute, lambda: compute_in_parts(inputs, settings, self._compute_part)
        )

    def _computing(self, library: str, inputs: Any) -> str:
        """Return the library that computes, given that of the device."""
        return computing_library(inputs, self.path, library)

    def _compute_part(self, samples: np.ndarray, settings: STFTSettings) -> np.ndarray:
        """Compute a part of NumPy input on the device."""
        result: np.ndarray = run_on_gpu(
            samples, lambda array: compute_spectrogram(array, settings, self._kernels_on_device_of(array))
        )
        return result

    def _invert(
        self,
        values: Any,
        compute: Callable[[Any], Reconstruction],
        compute_parts: Callable[[], Reconstruction],
    ) -> Reconstruction:
        """Run an inverse computation on the selected backend; only Fourier kernels have a known inverse."""
        if not self._is_fourier:
            raise ValueError(
                "`weights` must be Fourier kernels to compute an inverse; got custom kernels. "
                "Use a new layer with the same settings, STFTSpectrogram.from_settings(layer.settings)."
            )
        result: Reconstruction = run_on_backend(self.settings.backend, values, compute, compute_parts)[0]
        return result

    def _get_kernels(self) -> Kernels:
        if self._kernels is None:
            self._kernels = make_kernels(self.settings)
        return self._kernels

    def _kernels_on_device_of(self, array: Any) -> Kernels | None:
        """Return custom kernels on the device of an array, cached between calls; None for Fourier kernels."""
        if self._is_fourier:
            return None
        kernels = self._get_kernels()
        if isinstance(array, np.ndarray):
            return kernels
        device = library_of(array), str(device_of(array))
        if device not in self._device_kernels:
            both = (kernels.real, kernels.imag)
            copies = (None if kernel is None else to_device_outside_trace(kernel, array) for kernel in both)
            self._device_kernels[device] = Kernels(*copies)
            # Another stream may be the next to read them.
            synchronize(array)
        return self._device_kernels[device]

    def _checked_kernel(self, name: str, kernel: Any) -> np.ndarray:
        """Return a read-only copy of a kernel, after checking its shape and dtype."""
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
        if not np.isfinite(values).all():
            raise ValueError(
                f"`weights` must have finite values in the {name} kernel; "
                f"got {np.count_nonzero(~np.isfinite(values))} that are NaN or infinite."
            )
        # Contiguous, as BLAS would otherwise copy the kernel at every call.
        copied = np.array(values, dtype=self.settings.compute_dtype, order="C")
        copied.flags.writeable = False
        return copied
