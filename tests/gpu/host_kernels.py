"""CUDA code compiled for the host: each thread in turn, so that the kernels' values can be tested without a device.

It serves kernels whose threads do not work together. The types of CUDA and the names of the threads' positions are
declared before the code.
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
from pathlib import Path
from typing import Any

import numpy as np
import pytest

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

LAUNCH = """
extern "C" void launch_{name}(int blocks, int across, int down, {parameters}) {{
    blockDim = {{across, down}};
    for (blockIdx.x = 0; blockIdx.x < blocks; ++blockIdx.x)
        for (threadIdx.y = 0; threadIdx.y < down; ++threadIdx.y)
            for (threadIdx.x = 0; threadIdx.x < across; ++threadIdx.x)
                {name}({arguments});
}}
"""


@cache
def compiled(source: str, name: str, options: tuple[str, ...]) -> Any:
    """Compile a kernel; return a function of the number of blocks, both sizes of a block, and the arguments."""
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None:
        pytest.skip("The kernels' values can be tested with a C++ compiler only (Debian and Ubuntu: install g++).")
    parameters = re.search(rf'extern "C" __global__ void {name}\(([^)]*)\)', source)[1]
    arguments = ", ".join(parameter.split()[-1].lstrip("*") for parameter in parameters.split(","))
    code = source.replace("#include <cuda_fp16.h>", HALF)
    code = PREAMBLE + code + LAUNCH.format(name=name, parameters=parameters, arguments=arguments)
    library = _build(compiler, code, tuple(option for option in options if option.startswith("-D")))
    return getattr(ctypes.CDLL(str(library)), f"launch_{name}")


def _build(compiler: str, code: str, options: tuple[str, ...]) -> Path:
    """Compile code into a library, or find that of an earlier run."""
    name = hashlib.sha256("\n".join([compiler, code, *options]).encode()).hexdigest()[:24]
    FOLDER.mkdir(parents=True, exist_ok=True)
    library = FOLDER / f"{name}.so"
    if not library.exists():
        # Under a name of its own first, as several workers may compile the same.
        with tempfile.TemporaryDirectory(dir=FOLDER) as own:
            path = Path(own, "kernel.cpp")
            path.write_text(code)
            flags = ["-shared", "-fPIC", "-O1", "-ffp-contract=off", "-w", *options]
            flags += ["-mf16c"] if platform.machine() in ("x86_64", "AMD64") else []
            done = subprocess.run(
                [compiler, *flags, str(path), "-o", str(Path(own, library.name))], capture_output=True, text=True
            )
            assert done.returncode == 0, done.stderr
            Path(own, library.name).replace(library)
    return library


def as_argument(value: Any) -> Any:
    """Convert an argument of a launch: an array to the address of its first value, a NumPy scalar to C's type."""
    if isinstance(value, np.ndarray):
        return ctypes.c_void_p(value.__array_interface__["data"][0])
    return np.ctypeslib.as_ctypes_type(value.dtype)(value.item())
