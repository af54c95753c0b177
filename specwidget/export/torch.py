"""Into PyTorch and back: an `nn.Module` with the kernels as its parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from specwidget.arrays import to_numpy
from specwidget.export.frameworks import check_layer, load_framework
from specwidget.layer import STFTSpectrogram
from specwidget.stft.kernels import kernel_names

if TYPE_CHECKING:
    from specwidget.export.torch_module import SpectrogramModule


def to_torch(layer: STFTSpectrogram) -> SpectrogramModule:
    """Make a PyTorch module that computes the layer's numbers, with its kernels as parameters.

    Parameters
    ----------
    layer : STFTSpectrogram
        The layer, trained or not.

    Returns
    -------
    torch.nn.Module
        A module in plain PyTorch, on the CPU, with a copy of the kernels: `real_kernel` and `imag_kernel`, those that
        the mode has, each (frame_length, 1, n_bins). They require a gradient where the layer is trainable.

    Raises
    ------
    ImportError
        If PyTorch is not installed.

    See Also
    --------
    from_torch : The way back.
    specwidget.layer_stft_spectrogram : Appends the module to a `torch.nn.Sequential`.

    Notes
    -----
    The module takes and gives what the layer does, in all modes and layouts, and computes in the type of its kernels:
    after ``module.double()`` in float64. Autocasting is off inside. `torch.export`, `torch.jit.script` and
    `torch.compile` take it, with any batch and time. Frames go through a matrix product, which PyTorch does not round
    to TF32 unless told to; a convolution it does.

    Examples
    --------
    ::

        layer = specwidget.STFTSpectrogram("log", frame_length=400, frame_step=160, padding="same")
        model = torch.nn.Sequential(specwidget.export.to_torch(layer), torch.nn.Linear(257, 10))
    """
    check_layer(layer)
    load_framework("torch")
    from specwidget.export.torch_module import SpectrogramModule

    return SpectrogramModule(layer)


def from_torch(module: SpectrogramModule) -> STFTSpectrogram:
    """Make our layer from a module that `to_torch` made, with its kernels.

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
        If `module` is no such module, or its kernels are of a type that ours can't have.
    """
    load_framework("torch")
    from specwidget.export.torch_module import SpectrogramModule

    if not isinstance(module, SpectrogramModule):
        raise TypeError(f"`module` must be a module that to_torch made; got {type(module).__name__}.")
    names = kernel_names(module.settings)
    parameters = [getattr(module, f"{name}_kernel") for name in names]
    kernels = [to_numpy(parameter) for parameter in map(_checked, parameters)]
    settings = replace(module.settings, trainable=all(parameter.requires_grad for parameter in parameters))
    if kernels[0].dtype != settings.compute_dtype:
        settings = replace(settings, dtype=kernels[0].dtype.name)
    layer = STFTSpectrogram.from_settings(settings, name=module.name)
    layer.set_weights(kernels)
    return layer


def _checked(parameter: Any) -> Any:
    """Return a kernel of a type that NumPy and our layer know."""
    name = str(parameter.dtype).rpartition(".")[2]
    if name not in ("float32", "float64"):
        raise TypeError(
            f"`module` must have kernels of dtype float32 or float64; got {name}. Convert them with module.float()."
        )
    return parameter
