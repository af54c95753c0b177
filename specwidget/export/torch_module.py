"""The module that `to_torch` makes. TorchScript compiles its source, so it computes with PyTorch only.

It imports PyTorch at once, so only `specwidget.export.torch` imports it, when it needs it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from specwidget.arrays import to_numpy, unrecorded_device
from specwidget.layer import STFTSpectrogram
from specwidget.stft.autograd import compute_differentiable
from specwidget.stft.kernels import kernel_names, make_kernels
from specwidget.stft.modes import POWER_SCALES
from specwidget.stft.pipeline import check_inputs
from specwidget.stft.settings import Mode, STFTSettings


class SpectrogramModule(nn.Module):
    """Computes the spectrograms of the layer that it was made from; see `specwidget.export.to_torch`.

    Parameters
    ----------
    layer : STFTSpectrogram
        The layer.
    """

    def __init__(self, layer: STFTSpectrogram) -> None:
        super().__init__()
        settings = layer.settings
        self.settings, self.name = settings, layer.name
        self.frame_length, self.step = settings.frame_length, settings.step
        self.is_same, self.is_half = settings.padding == "same", settings.result_dtype == "float16"
        self.channels_last, self.expand_dims = settings.channels_last, settings.expand_dims
        kernels = dict(zip(kernel_names(settings), layer.get_weights(), strict=True))
        for name in ("real", "imag"):
            parameter = None
            if name in kernels:
                parameter = nn.Parameter(torch.from_numpy(kernels[name]), requires_grad=settings.trainable)
            self.register_parameter(f"{name}_kernel", parameter)
        self.output = MODE_MODULES[settings.mode](settings)
        # What the kernels were when they were last known to be Fourier kernels, or not.
        self._seen, self._is_fourier = self._identity(), layer.path == "fft"

    def forward(self, inputs: Tensor) -> Tensor:
        """Compute the spectrograms of a batch.

        Parameters
        ----------
        inputs : Tensor (batch, time, channels) or, for "channels_first", (batch, channels, time)
            Samples of type float16, float32 or float64.

        Returns
        -------
        Tensor
            Its shape is that of the layer's `compute_output_shape`.
        """
        if torch.jit.is_scripting():
            return self._compute(inputs)
        is_recorded = torch.jit.is_tracing() or torch.compiler.is_compiling()
        if not is_recorded:
            check_inputs(inputs, self.settings)
        with torch.autocast(inputs.device.type, enabled=False):
            if not is_recorded and self._has_frozen_fourier_kernels(inputs):
                return compute_differentiable(inputs, self.settings)
            return self._compute(inputs)

    def extra_repr(self) -> str:
        """List the settings that `print(model)` shows."""
        return f"mode={self.settings.mode!r}, frame_length={self.frame_length}, step={self.step}"

    def _has_frozen_fourier_kernels(self, inputs: Tensor) -> bool:
        """Return whether the kernels are Fourier kernels without a gradient, for which the FFT gives their numbers."""
        for kernel in self.parameters():
            # PyTorch's transforms of functions may replace a kernel by many.
            is_plain = unrecorded_device(kernel) == inputs.device.type and not kernel.is_inference()
            if kernel.requires_grad or not is_plain or kernel.dtype != getattr(torch, self.settings.compute_dtype):
                return False
        seen = self._identity()
        if seen != self._seen:
            expected = make_kernels(self.settings)
            pairs = ((kernel, getattr(expected, name[:4])) for name, kernel in self.named_parameters())
            self._is_fourier = all(np.array_equal(to_numpy(kernel), fourier) for kernel, fourier in pairs)
            self._seen = seen
        return self._is_fourier

    def _identity(self) -> list[tuple[object, ...]]:
        """Return what is different after each change of the kernels, without reading their values."""
        return [(kernel.data_ptr(), kernel._version, kernel.dtype, kernel.device) for kernel in self.parameters()]

    def _compute(self, inputs: Tensor) -> Tensor:
        """Compute without validating the input."""
        rows = inputs.transpose(1, 2) if self.channels_last else inputs
        if self.is_half:
            rows = rows.half()
        real, imag = self._transform(rows)
        values = self.output(real, imag)
        return self._to_layout(values.half() if self.is_half else values)

    def _frames(self, rows: Tensor) -> Tensor:
        """Slice rows (batch, channels, time) into frames (batch, channels, frames, frame_length)."""
        if self.is_same:
            n_samples = rows.shape[-1]
            n_frames = (n_samples + self.step - 1) // self.step
            # Not negative, as the step is at most the frame length.
            total = (n_frames - 1) * self.step + self.frame_length - n_samples
            rows = nn.functional.pad(rows, [total // 2, total - total // 2])
        return rows.unfold(-1, self.frame_length, self.step)

    def _transform(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Compute real and imaginary parts (batch, channels, frames, bins).

        For a mode that needs one part only, both are that part: the mode does not read the other.
        """
        real_kernel, imag_kernel = self.real_kernel, self.imag_kernel
        if real_kernel is not None and imag_kernel is not None:
            frames = self._frames(rows.to(real_kernel.dtype))
            real, imag = frames @ real_kernel[:, 0, :], frames @ imag_kernel[:, 0, :]
            return set_nan(real, real), set_nan(imag, real)
        kernel = imag_kernel if real_kernel is None else real_kernel
        assert kernel is not None
        part = self._frames(rows.to(kernel.dtype)) @ kernel[:, 0, :]
        part = set_nan(part, part)
        return part, part

    def _to_layout(self, values: Tensor) -> Tensor:
        """Transpose values (batch, channels, frames, bins) to the layer's layout."""
        if self.expand_dims:
            return values.permute(0, 2, 3, 1) if self.channels_last else values
        if self.channels_last:
            return values.transpose(1, 2).flatten(2)
        return values.transpose(2, 3).flatten(1, 2)


def set_nan(part: Tensor, spectrum: Tensor) -> Tensor:
    """Set all bins of a frame to NaN where bin 0 of `spectrum` is not finite, as it is for a sample that is not."""
    return torch.where(torch.isfinite(spectrum[..., :1]), part, torch.nan)


class Real(nn.Module):
    """Mode "real"."""

    def __init__(self, settings: STFTSettings) -> None:
        super().__init__()

    def forward(self, real: Tensor, imag: Tensor) -> Tensor:
        """Return the real part."""
        return real


class Imag(nn.Module):
    """Mode "imag"."""

    def __init__(self, settings: STFTSettings) -> None:
        super().__init__()

    def forward(self, real: Tensor, imag: Tensor) -> Tensor:
        """Return the imaginary part."""
        return imag


class RealImag(nn.Module):
    """Mode "stft"."""

    def __init__(self, settings: STFTSettings) -> None:
        super().__init__()

    def forward(self, real: Tensor, imag: Tensor) -> Tensor:
        """Concatenate the parts along the bins."""
        return torch.cat([real, imag], dim=-1)


class Angle(nn.Module):
    """Mode "angle"; its gradient is 0 where the power underflows to 0."""

    def __init__(self, settings: STFTSettings) -> None:
        super().__init__()

    def forward(self, real: Tensor, imag: Tensor) -> Tensor:
        """Compute `arctan2(imag, real)`, in radians."""
        # Adding 0 turns -0.0 into 0.0: where `real` is negative, their angles are -pi and pi.
        return torch.atan2(imag + 0.0, real + 0.0)


class Power(nn.Module):
    """Mode "psd"."""

    def __init__(self, settings: STFTSettings) -> None:
        super().__init__()
        sides = torch.full((settings.n_bins,), 2.0, dtype=getattr(torch, settings.compute_dtype))
        sides[0] = 1.0
        if settings.n_fft % 2 == 0:
            sides[-1] = 1.0
        # It follows from the settings, so the state_dict has the kernels only.
        self.register_buffer("sides", sides, persistent=False)

    def forward(self, real: Tensor, imag: Tensor) -> Tensor:
        """Compute the power, doubled in all bins but DC and Nyquist."""
        return (real * real + imag * imag) * self.sides


class Magnitude(nn.Module):
    """Mode "magnitude"."""

    def __init__(self, settings: STFTSettings) -> None:
        super().__init__()
        self.epsilon = settings.epsilon
        scales = POWER_SCALES[settings.compute_dtype]
        self.low, self.up, self.high, self.down = scales.low, scales.up, scales.high, scales.down

    def forward(self, real: Tensor, imag: Tensor) -> Tensor:
        """Compute `sqrt(max(power, epsilon))`."""
        scale = power_scale(real, imag, self.low, self.up, self.high, self.down)
        power = scaled_power(real, imag, scale, self.epsilon)
        return torch.where(power < 0.0, self.epsilon**0.5, torch.sqrt(power.abs()) / scale)


class Log(nn.Module):
    """Mode "log"."""

    def __init__(self, settings: STFTSettings) -> None:
        super().__init__()
        self.log_floor = 0.5 * math.log(settings.epsilon)
        self.epsilon = settings.epsilon
        scales = POWER_SCALES[settings.compute_dtype]
        self.low, self.up, self.high, self.down = scales.low, scales.up, scales.high, scales.down

    def forward(self, real: Tensor, imag: Tensor) -> Tensor:
        """Compute `log(max(power, epsilon)) / 2`."""
        scale = power_scale(real, imag, self.low, self.up, self.high, self.down)
        power = scaled_power(real, imag, scale, self.epsilon)
        return torch.where(power < 0.0, self.log_floor, 0.5 * torch.log(power.abs()) - torch.log(scale))


def power_scale(real: Tensor, imag: Tensor, low: float, up: float, high: float, down: float) -> Tensor:
    """Choose a power of two by which the parts are multiplied, so that their power is in range."""
    larger = torch.maximum(real.detach().abs(), imag.detach().abs())
    ones = torch.ones_like(larger)
    return torch.where(larger < low, ones * up, torch.where(larger > high, ones * down, ones))


def scaled_power(real: Tensor, imag: Tensor, scale: Tensor, epsilon: float) -> Tensor:
    """Compute the power of the scaled parts; -1 at the floor, where the gradient is 0. NaN stays NaN."""
    power = (real * scale) ** 2 + (imag * scale) ** 2
    # Not the square of the scale, which is out of range in float32.
    return torch.where(power <= epsilon * scale * scale, -1.0, power)


MODE_MODULES: dict[Mode, Callable[[STFTSettings], nn.Module]] = {
    "log": Log,
    "magnitude": Magnitude,
    "psd": Power,
    "real": Real,
    "imag": Imag,
    "angle": Angle,
    "stft": RealImag,
}
"""The module of each mode."""
