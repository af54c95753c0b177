"""Run by test_cuda_extras.py in an environment that has one extra: load CUDA's libraries, and compile every kernel.

None of it needs a device. It prints the major version of CUDA and the number of kernels.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from specwidget.stft import device_griffin_lim, device_synthesis
from specwidget.stft.device_blocks import SOURCE, kernel_options
from specwidget.stft.magnitudes import TO_MAGNITUDE
from specwidget.stft.settings import DTYPES, MODES, STFTSettings

ARCHITECTURES = ("compute_80", "compute_90")


def compile_kernel(file: str, options: tuple[str, ...]) -> None:
    """Compile a file of the package for each architecture; raise with the compiler's messages if it fails."""
    import nvidia
    from cupy.cuda import nvrtc

    code = files("specwidget.stft").joinpath(file).read_text(encoding="utf-8")
    headers = [f"-I{folder}" for path in nvidia.__path__ for folder in Path(path).rglob("include")]
    for architecture in ARCHITECTURES:
        program = nvrtc.createProgram(code, file, (), ())
        try:
            nvrtc.compileProgram(program, (f"-arch={architecture}", "--std=c++17", *headers, *options))
        except nvrtc.NVRTCError as error:
            raise SystemExit(f"{file} {options}: {error}\n{nvrtc.getProgramLog(program)}") from error
        assert b"visible .entry" in _as_bytes(nvrtc.getPTX(program))


def _as_bytes(code: bytes | str) -> bytes:
    return code if isinstance(code, bytes) else code.encode()


def main() -> None:
    """Load the libraries and compile the kernels of each mode, and of each pair of dtypes."""
    # Not at the top: pytest imports this file, too, where there is no CuPy.
    from cupy.cuda import cublas, cufft, nvrtc

    assert cufft.getVersion() > 0
    assert cublas.CUBLAS_OP_N == 0
    settings = [("float32", STFTSettings(mode)) for mode in MODES]
    settings += [(sample, STFTSettings("psd", dtype=dtype)) for sample in DTYPES for dtype in DTYPES]
    for sample, one in settings:
        compile_kernel(SOURCE, kernel_options(sample, one))
    spectra = [(value, real) for value in DTYPES for real in ("float32", "float64")]
    for each in spectra:
        compile_kernel(device_synthesis.SOURCE, device_synthesis.kernel_options(*each))
    magnitudes = [STFTSettings(mode, dtype=dtype) for mode in TO_MAGNITUDE for dtype in ("float32", "float64")]
    spectrograms = [(value, one) for value in DTYPES for one in magnitudes]
    for value, one in spectrograms:
        compile_kernel(device_griffin_lim.SOURCE, device_griffin_lim.kernel_options(value, one))
    print(nvrtc.getVersion()[0], len(settings) + len(spectra) + len(spectrograms))


if __name__ == "__main__":
    main()
