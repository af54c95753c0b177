"""The module that `to_torch` makes of a mel spectrogram or MFCC. TorchScript compiles its source.

It imports PyTorch at once, so only `specwidget.export.torch` imports it, when it needs it.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.mfcc import MFCC
from specwidget.mel.normalization import ROUNDING
from specwidget.mel.pipeline import check_inputs


class MelSpectrogramModule(nn.Module):
    """Computes the mel spectrograms, or cepstral coefficients, of the layer that it was made from.

    Parameters
    ----------
    layer : MelSpectrogram or MFCC
        The layer.
    """

    def __init__(self, layer: MelSpectrogram | MFCC) -> None:
        super().__init__()
        self.name = layer.name
        settings = layer.mel.settings if isinstance(layer, MFCC) else layer.settings
        self.settings, conventions = settings, settings.conventions
        self.frame_length, self.step, self.n_fft = settings.frame_length, settings.step, settings.n_fft
        self.span, self.margin, self.offset = settings.span, settings.margin, settings.offset
        self.reflects, self.drops_last = conventions.ends == "reflect", conventions.drop_last_frame
        self.channels_last = settings.transform.channels_last
        self.is_half = settings.result_dtype == "float16"
        self.gain = conventions.gain
        self.mean_of_signal = conventions.remove_mean == "signal"
        self.mean_of_frame = conventions.remove_mean == "frame"
        over_signal = conventions.preemphasis_over == "signal"
        self.signal_preemphasis = conventions.preemphasis if over_signal else 0.0
        self.frame_preemphasis = 0.0 if over_signal else conventions.preemphasis
        self.power_offset, self.exponent = conventions.power_offset, settings.mag_exp / 2.0
        self.takes_log, self.adds_floor = settings.power_to_db, conventions.floor == "add"
        self.floor, self.log_factor = settings.min_power, conventions.log_factor
        self.log_offset = settings.log_offset
        self.top = math.inf if settings.top is None else settings.top
        self.normalization = conventions.normalization or ""
        self.mean, self.deviation, self.ddof = conventions.mean, conventions.deviation, float(conventions.ddof)
        self.variance_epsilon, self.deviation_epsilon = conventions.variance_epsilon, conventions.deviation_epsilon
        dtype = getattr(torch, settings.compute_dtype)
        # A band that varies by less is constant but for rounding.
        self.rounding = ROUNDING * torch.finfo(dtype).eps
        # They follow from the settings, so the state_dict is empty.
        window = torch.tensor(settings.transform.scaled_window, dtype=dtype)
        self.register_buffer("window", window, persistent=False)
        self.register_buffer("bank", torch.tensor(settings.bank.weights, dtype=dtype), persistent=False)
        matrix = torch.tensor(layer.matrix, dtype=dtype) if isinstance(layer, MFCC) else torch.empty(0)
        self.register_buffer("matrix", matrix, persistent=False)

    def forward(self, inputs: Tensor) -> Tensor:
        """Compute the values of a signal or a batch.

        Parameters
        ----------
        inputs : Tensor (time,), (batch, time) or (batch, time, channels)
            Samples of type float16, float32 or float64; (batch, channels, time) for "channels_first".

        Returns
        -------
        Tensor
            Its shape is that of the layer's `compute_output_shape`.
        """
        if torch.jit.is_scripting():
            return self._compute(inputs)
        if not (torch.jit.is_tracing() or torch.compiler.is_compiling()):
            check_inputs(inputs, self.settings)
        with torch.autocast(inputs.device.type, enabled=False):
            return self._compute(inputs)

    def extra_repr(self) -> str:
        """List the settings that `print(model)` shows."""
        return f"fft_length={self.n_fft}, step={self.step}, num_mel_bins={self.bank.shape[1]}"

    def _compute(self, inputs: Tensor) -> Tensor:
        """Compute without validating the input."""
        values_last = inputs.dim() == 3 and self.channels_last
        rows = inputs.transpose(1, 2) if values_last else inputs
        rows = (rows.half() if self.is_half else rows).to(self.bank.dtype)
        values = self._finish(self._compress(self._bands(self._frames(self._process(rows)))))
        if self.matrix.numel() > 0:
            values = values @ self.matrix
        values = values.half() if self.is_half else values
        if values_last:
            return values.transpose(1, 2).flatten(2)
        values = values.transpose(-1, -2)
        return values.flatten(1, 2) if inputs.dim() == 3 else values

    def _process(self, rows: Tensor) -> Tensor:
        """Apply gain, mean removal and pre-emphasis that concern the signal."""
        if self.gain != 1.0:
            rows = rows * self.gain
        if self.mean_of_signal:
            rows = rows - rows.mean(-1, keepdim=True)
        if self.signal_preemphasis != 0.0:
            rows = torch.cat([rows[..., :1], rows[..., 1:] - self.signal_preemphasis * rows[..., :-1]], dim=-1)
        return rows

    def _frames(self, rows: Tensor) -> Tensor:
        """Slice rows (..., time) into frames (..., frames, frame_length), extended at the ends."""
        n_samples = rows.shape[-1]
        if self.margin > 0 and self.reflects:
            positions = torch.arange(-self.margin, n_samples + self.margin, device=rows.device)
            period = max(2 * (n_samples - 1), 1)
            forth = torch.remainder(positions, period)
            rows = rows.index_select(-1, torch.minimum(forth, period - forth))
        elif self.margin > 0:
            rows = nn.functional.pad(rows, [self.margin, self.margin])
        n_frames = (n_samples + 2 * self.margin - self.span) // self.step + (0 if self.drops_last else 1)
        extent = (n_frames - 1) * self.step + self.frame_length
        frames = rows[..., self.offset : self.offset + extent].unfold(-1, self.frame_length, self.step)
        if self.mean_of_frame:
            frames = frames - frames.mean(-1, keepdim=True)
        if self.frame_preemphasis != 0.0:
            a = self.frame_preemphasis
            frames = torch.cat([frames[..., :1] * (1.0 - a), frames[..., 1:] - a * frames[..., :-1]], dim=-1)
        return frames

    def _bands(self, frames: Tensor) -> Tensor:
        """Compute the powers of bands (..., frames, bands); NaN for a frame with a sample that is not finite."""
        spectrum = torch.view_as_real(torch.fft.rfft(frames * self.window, n=self.n_fft))
        power = spectrum.square().sum(-1) + self.power_offset
        if self.exponent != 1.0:
            # The derivative of a root is infinite at 0, where the power counts as a constant.
            is_zero = power == 0.0
            power = torch.where(is_zero, 0.0, torch.where(is_zero, 1.0, power) ** self.exponent)
        return torch.where(torch.isfinite(spectrum[..., :1, 0]), power @ self.bank, torch.nan)

    def _compress(self, bands: Tensor) -> Tensor:
        """Take the logarithm."""
        if not self.takes_log:
            return bands
        floored = bands + self.floor if self.adds_floor else torch.where(bands <= self.floor, self.floor, bands)
        return floored.log() * self.log_factor - self.log_offset

    def _finish(self, values: Tensor) -> Tensor:
        """Limit the distance from the top, and normalize."""
        is_finite = torch.isfinite(values)
        if self.top != math.inf:
            largest = torch.where(is_finite, values, -math.inf).amax((-2, -1), keepdim=True)
            limit = (largest - self.top).expand_as(values)
            values = torch.where(values < limit, limit, values)
        if self.normalization == "affine":
            return (values - self.mean) / self.deviation
        if self.normalization == "band":
            count = is_finite.to(values.dtype).sum(-2, keepdim=True)
            mean = torch.where(is_finite, values, 0.0).sum(-2, keepdim=True) / count.clamp(min=1.0)
            centred = values - mean
            squares = torch.where(is_finite, centred, 0.0).square().sum(-2, keepdim=True)
            variance = squares / (count - self.ddof).clamp(min=1.0) + self.variance_epsilon
            is_zero = variance <= (self.rounding * mean).square()
            root = torch.where(is_zero, math.inf, torch.where(is_zero, 1.0, variance).sqrt())
            return centred / (root + self.deviation_epsilon)
        return values
