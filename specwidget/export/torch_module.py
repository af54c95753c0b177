"""The module that `to_torch` makes, in plain PyTorch: TorchScript reads these sources.

Imports PyTorch at once, so only `specwidget.export.torch` imports it.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from specwidget.layer import STFTSpectrogram
from specwidget.stft.kernels import kernel_names
from specwidget.stft.pipeline import check_inputs
from specwidget.stft.settings import Mode, STFTSettings


class SpectrogramModule(nn.Module):
    """Compute spectrograms as the layer that it was made from; see `specwidget.export.to_torch`.

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
        self.output = OUTPUTS[settings.mode](settings)

    def forward(self, inputs: Tensor) -> Tensor:
        """Compute the transform of a batch, (batch, time, channels) or, for "channels_first", (batch, channels, time).

        Parameters
        ----------
        inputs : Tensor
            Samples of type float16, float32 or float64.

        Returns
        -------
        Tensor
            Of the shape that the layer's `compute_output_shape` tells.
        """
        if torch.jit.is_scripting():
            return self._compute(inputs)
        if not (torch.jit.is_tracing() or torch.compiler.is_compiling()):
            check_inputs(inputs, self.settings)
        with torch.autocast(inputs.device.type, enabled=False):
            return self._compute(inputs)

    def extra_repr(self) -> str:
        """Tell the settings that `print(model)` shows."""
        return f"mode={self.settings.mode!r}, frame_length={self.frame_length}, step={self.step}"

    def _compute(self, inputs: Tensor) -> Tensor:
        """Compute without looking at the input first."""
        rows = inputs.transpose(1, 2) if self.channels_last else inputs
        if self.is_half:
            rows = rows.half()
        real, imag = self._parts(rows)
        values = self.output(real, imag)
        return self._arrange(values.half() if self.is_half else values)

    def _frames(self, rows: Tensor) -> Tensor:
        """Return frames (batch, channels, frames, frame_length) of rows (batch, channels, time)."""
        if self.is_same:
            n_samples = rows.shape[-1]
            n_frames = (n_samples + self.step - 1) // self.step
            # Never negative, as a step is no longer than a frame.
            total = (n_frames - 1) * self.step + self.frame_length - n_samples
            rows = nn.functional.pad(rows, [total // 2, total - total // 2])
        return rows.unfold(-1, self.frame_length, self.step)

    def _parts(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return real and imaginary parts (batch, channels, frames, bins).

        A mode that has one part alone never reads the other, which is the same here.
        """
        real_kernel, imag_kernel = self.real_kernel, self.imag_kernel
        if real_kernel is not None and imag_kernel is not None:
            frames = self._frames(rows.to(real_kernel.dtype))
            real, imag = frames @ real_kernel[:, 0, :], frames @ imag_kernel[:, 0, :]
            return spoil(real, real), spoil(imag, real)
        kernel = imag_kernel if real_kernel is None else real_kernel
        assert kernel is not None
        part = self._frames(rows.to(kernel.dtype)) @ kernel[:, 0, :]
        part = spoil(part, part)
        return part, part

    def _arrange(self, values: Tensor) -> Tensor:
        """Put values (batch, channels, frames, bins) into the layout of the result."""
        if self.expand_dims:
            return values.permute(0, 2, 3, 1) if self.channels_last else values
        if self.channels_last:
            return values.transpose(1, 2).flatten(2)
        return values.transpose(2, 3).flatten(1, 2)


def spoil(part: Tensor, judged: Tensor) -> Tensor:
    """Return a part that is NaN in every bin of the frames where bin 0 of `judged` is not finite."""
    return torch.where(torch.isfinite(judged[..., :1]), part, torch.nan)


class Real(nn.Module):
    """The real part."""

    def __init__(self, settings: STFTSettings) -> None:
        super().__init__()

    def forward(self, real: Tensor, imag: Tensor) -> Tensor:
        """Return `re`."""
        return real


class Imag(nn.Module):
    """The imaginary part."""

    def __init__(self, settings: STFTSettings) -> None:
        super().__init__()

    def forward(self, real: Tensor, imag: Tensor) -> Tensor:
        """Return `im`."""
        return imag


class Joined(nn.Module):
    """Both parts along the bins."""

    def __init__(self, settings: STFTSettings) -> None:
        super().__init__()

    def forward(self, real: Tensor, imag: Tensor) -> Tensor:
        """Return `[re, im]`."""
        return torch.cat([real, imag], dim=-1)


class Angle(nn.Module):
    """The phase, whose gradient PyTorch makes 0 where the power underflows to 0."""

    def __init__(self, settings: STFTSettings) -> None:
        super().__init__()

    def forward(self, real: Tensor, imag: Tensor) -> Tensor:
        """Return `arctan2(im, re)`, radians."""
        # Adding 0 turns -0.0 into 0.0, which is half a turn away where `re` is negative.
        return torch.atan2(imag + 0.0, real + 0.0)


class Power(nn.Module):
    """The one-sided power."""

    def __init__(self, settings: STFTSettings) -> None:
        super().__init__()
        sides = torch.full((settings.n_bins,), 2.0, dtype=getattr(torch, settings.compute_dtype))
        sides[0] = 1.0
        if settings.n_fft % 2 == 0:
            sides[-1] = 1.0
        # It follows from the settings, so a state_dict holds the kernels alone.
        self.register_buffer("sides", sides, persistent=False)

    def forward(self, real: Tensor, imag: Tensor) -> Tensor:
        """Return `P`, doubled in every bin that stands for two."""
        return (real * real + imag * imag) * self.sides


class Magnitude(nn.Module):
    """The magnitude, with its floor."""

    def __init__(self, settings: STFTSettings) -> None:
        super().__init__()
        self.epsilon = settings.epsilon

    def forward(self, real: Tensor, imag: Tensor) -> Tensor:
        """Return `sqrt(max(P, epsilon))`."""
        return torch.sqrt(floored(real, imag, self.epsilon))


class Log(nn.Module):
    """The natural logarithm of the magnitude, with its floor."""

    def __init__(self, settings: STFTSettings) -> None:
        super().__init__()
        self.epsilon = settings.epsilon

    def forward(self, real: Tensor, imag: Tensor) -> Tensor:
        """Return half the logarithm of the floored power."""
        return 0.5 * torch.log(floored(real, imag, self.epsilon))


def floored(real: Tensor, imag: Tensor, epsilon: float) -> Tensor:
    """Return the power, at least `epsilon`; NaN stays NaN, and on the floor nothing moves."""
    power = real * real + imag * imag
    return torch.where(power <= epsilon, epsilon, power)


OUTPUTS: dict[Mode, Callable[[STFTSettings], nn.Module]] = {
    "log": Log,
    "magnitude": Magnitude,
    "psd": Power,
    "real": Real,
    "imag": Imag,
    "angle": Angle,
    "stft": Joined,
}
"""What each mode computes."""
