"""Conversion to and from PyTorch: an `nn.Module` with the kernels as its parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from specwidget.arrays import to_numpy
from specwidget.export.frameworks import check_layer, load_framework
from specwidget.layer import STFTSpectrogram
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.mfcc import MFCC
from specwidget.stft.kernels import kernel_names

if TYPE_CHECKING:
    from specwidget.export.mel_torch_module import MelSpectrogramModule
    from specwidget.export.torch_module import SpectrogramModule


def to_torch(layer: STFTSpectrogram | MelSpectrogram | MFCC) -> SpectrogramModule | MelSpectrogramModule:
    """Convert a layer to PyTorch, with its kernels as parameters.

    Parameters
    ----------
    layer : STFTSpectrogram, MelSpectrogram or MFCC
        The layer, trained or not.

    Returns
    -------
    torch.nn.Module
        A module on the CPU, which gives the numbers of `layer`, with a copy of the kernels that the mode needs:
        `real_kernel` and `imag_kernel`, (frame_length, 1, n_bins). They require a gradient if the layer is trainable.
        That of a mel spectrogram computes by FFT and has window and bank as buffers, and no parameters.

    Raises
    ------
    ImportError
        If PyTorch is not installed.

    See Also
    --------
    from_torch : Converts it back.
    specwidget.layer_stft_spectrogram : Appends the module to a `torch.nn.Sequential`.

    Notes
    -----
    While no kernel requires a gradient and all of them are Fourier kernels, the module computes by FFT, as the layer
    does; else by the kernels. Both give the same numbers to rounding. Programs that PyTorch exports, scripts, traces or
    compiles compute by the kernels, which are their weights; a function that calls the layer itself is compiled by FFT.

    The module has the layer's modes and layouts, and computes in the type of its kernels: after ``module.double()`` in
    float64. It disables autocasting. `torch.export`, `torch.jit.script` and `torch.compile` accept it, with any batch
    size and length. Frames are multiplied by the kernels as matrices: PyTorch rounds matrix products to TF32 only on
    request, convolutions by default.

    Examples
    --------
    ::

        layer = specwidget.STFTSpectrogram("log", frame_length=400, frame_step=160, padding="same")
        model = torch.nn.Sequential(specwidget.export.to_torch(layer), torch.nn.Linear(257, 10))
    """
    check_layer(layer)
    load_framework("torch")
    if not isinstance(layer, STFTSpectrogram):
        from specwidget.export.mel_torch_module import MelSpectrogramModule

        return MelSpectrogramModule(layer)
    from specwidget.export.torch_module import SpectrogramModule

    return SpectrogramModule(layer)


def from_torch(module: SpectrogramModule) -> STFTSpectrogram:
    """Convert a module from `to_torch` to an `STFTSpectrogram`, with its kernels.

    Parameters
    ----------
    module : torch.nn.Module
        The module, trained or not, on any device.

    Returns
    -------
    STFTSpectrogram
        A layer that gives the module's numbers, with a copy of its kernels.

    Raises
    ------
    TypeError
        If `module` is not from `to_torch`, or its kernels are neither float32 nor float64.
    ValueError
        If a value of its kernels is NaN or infinite.
    """
    load_framework("torch")
    from specwidget.export.torch_module import SpectrogramModule

    if not isinstance(module, SpectrogramModule):
        raise TypeError(f"`module` must be a module from to_torch; got {type(module).__name__}.")
    names = kernel_names(module.settings)
    parameters = [getattr(module, f"{name}_kernel") for name in names]
    kernels = [to_numpy(parameter) for parameter in map(_check_dtype, parameters)]
    settings = replace(module.settings, trainable=all(parameter.requires_grad for parameter in parameters))
    if kernels[0].dtype != settings.compute_dtype:
        settings = replace(settings, dtype=kernels[0].dtype.name)
    layer = STFTSpectrogram.from_settings(settings, name=module.name)
    layer.set_weights(kernels)
    return layer


def _check_dtype(parameter: Any) -> Any:
    """Raise a TypeError unless a kernel has a type that the layer has, too."""
    name = str(parameter.dtype).rpartition(".")[2]
    if name not in ("float32", "float64"):
        raise TypeError(
            f"`module` must have kernels of dtype float32 or float64; got {name}. Convert them with module.float()."
        )
    return parameter
