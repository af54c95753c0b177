"""CUDA code compiled for the host: each thread in turn, so that the kernels' values can be tested without a device.

It serves kernels whose threads do not work together. The types of CUDA and the names of the threads' positions are
declared before the code. All kernels, each in every variant, are compiled together once, which takes about three
seconds.
"""

from __future__ import annotations

import ctypes
import hashlib
import platform
import re
import shutil
import subprocess
import tempfile
from functools import cache
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from specwidget.stft import device_blocks, device_griffin_lim, device_synthesis
from specwidget.stft.magnitudes import TO_MAGNITUDE
from specwidget.stft.settings import DTYPES, MODES, STFTSettings

COMPILERS = ("g++", "clang++", "c++")

FOLDER = Path(__file__).parents[2] / ".pytest_cache" / "kernels"
"""Where compiled kernels are left for the next run."""

PREAMBLE = """
#include <math.h>
using namespace std;
#define __global__
#define __device__ static
struct Position { int x, y; };
static thread_local Position blockIdx, blockDim, threadIdx;
"""

# As in cuda_fp16.h, by the conversions of the processor.
HALF = """
#ifdef __aarch64__
typedef __fp16 __half;
#else
typedef float Floats __attribute__((vector_size(16)));
typedef short Shorts __attribute__((vector_size(16)));
struct __half {
    short bits;
    __half(double value) : bits(__builtin_ia32_vcvtps2ph(Floats{(float)value}, 0)[0]) {}
    operator float() const { return __builtin_ia32_vcvtph2ps(Shorts{bits})[0]; }
};
#endif
"""

VARIANT = """
{defines}
namespace variant_{number} {{
{code}
{launches}
}}
{undefines}
"""

LAUNCH = """
extern "C" void launch_{number}_{name}(int blocks, int across, int down, {parameters}) {{
    blockDim = {{across, down}};
    for (blockIdx.x = 0; blockIdx.x < blocks; ++blockIdx.x)
        for (threadIdx.y = 0; threadIdx.y < down; ++threadIdx.y)
            for (threadIdx.x = 0; threadIdx.x < across; ++threadIdx.x)
                {name}({arguments});
}}
"""

KERNEL = re.compile(r'extern "C" __global__ void (\w+)\(([^)]*)\)')


@cache
def variants() -> list[tuple[str, tuple[str, ...]]]:
    """Return the source and the options of everything that is compiled for a device."""
    settings = [STFTSettings(mode, dtype=dtype) for mode, dtype in product(MODES, DTYPES)]
    spectra = product(DTYPES, ("float32", "float64"))
    options = {
        device_blocks.SOURCE: [device_blocks.kernel_options(*each) for each in product(DTYPES, settings)],
        device_synthesis.SOURCE: [device_synthesis.kernel_options(*each) for each in spectra],
        device_griffin_lim.SOURCE: [
            device_griffin_lim.kernel_options(value, one)
            for value, one in product(DTYPES, settings)
            if one.mode in TO_MAGNITUDE and one.result_dtype == one.compute_dtype
        ],
    }
    return [
        (files("specwidget.stft").joinpath(name).read_text(encoding="utf-8"), each)
        for name, several in options.items()
        for each in several
    ]


@cache
def compiled(source: str, name: str, options: tuple[str, ...]) -> Any:
    """Return a kernel as a function of the number of blocks, both sizes of a block, and the arguments."""
    return getattr(_library(), f"launch_{variants().index((source, options))}_{name}")


@cache
def _library() -> ctypes.CDLL:
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None:
        pytest.skip("The kernels' values can be tested with a C++ compiler only (Debian and Ubuntu: install g++).")
    written = (_write_variant(number, *variant) for number, variant in enumerate(variants()))
    return ctypes.CDLL(str(_build(compiler, "\n".join([PREAMBLE, HALF, *written]))))


def _write_variant(number: int, source: str, options: tuple[str, ...]) -> str:
    """Write a source in a namespace, and a function that launches each of its kernels."""
    macros = [option.removeprefix("-D").split("=") for option in options if option.startswith("-D")]
    launches = []
    for name, parameters in KERNEL.findall(source):
        arguments = ", ".join(parameter.split()[-1].lstrip("*") for parameter in parameters.split(","))
        launches.append(LAUNCH.format(number=number, name=name, parameters=parameters, arguments=arguments))
    code = source.replace("#include <cuda_fp16.h>", "").replace('extern "C" ', "static ")
    defines = "\n".join(f"#define {name} {value}" for name, value in macros)
    undefines = "\n".join(f"#undef {name}" for name, _ in macros)
    return VARIANT.format(number=number, code=code, defines=defines, undefines=undefines, launches="\n".join(launches))


def _build(compiler: str, code: str) -> Path:
    """Compile code into a library, or find that of an earlier run or of another worker."""
    flags = ["-shared", "-fPIC", "-O0", "-ffp-contract=off", "-w"]
    flags += ["-mf16c"] if platform.machine() in ("x86_64", "AMD64") else []
    name = hashlib.sha256("\n".join([compiler, code, *flags]).encode()).hexdigest()[:24]
    FOLDER.mkdir(parents=True, exist_ok=True)
    library = FOLDER / f"{name}.so"
    if not library.exists():
        # Under a name of its own first, as another worker may compile the same.
        with tempfile.TemporaryDirectory(dir=FOLDER) as own:
            path = Path(own, "kernels.cpp")
            path.write_text(code, encoding="utf-8")
            command = [compiler, *flags, str(path), "-o", str(Path(own, library.name))]
            done = subprocess.run(command, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr[:2000]
            Path(own, library.name).replace(library)
    return library


def as_argument(value: Any) -> Any:
    """Convert an argument of a launch: an array to the address of its first value, a NumPy scalar to C's type."""
    if isinstance(value, np.ndarray):
        return ctypes.c_void_p(value.__array_interface__["data"][0])
    return np.ctypeslib.as_ctypes_type(value.dtype)(value.item())
