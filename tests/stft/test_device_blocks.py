"""The CUDA code has a function for each mode; what it computes is tested in tests/gpu."""

from importlib.resources import files

from specwidget.stft.device_blocks import MODE_FUNCTIONS, SOURCE, TYPE_NAMES, kernel_options
from specwidget.stft.settings import DTYPES, MODES, STFTSettings


def test_every_mode_and_dtype_has_its_cuda_code():
    code = files("specwidget.stft").joinpath(SOURCE).read_text(encoding="utf-8")
    # "stft" is the one that writes both parts.
    assert {*MODE_FUNCTIONS, "stft"} == set(MODES)
    assert [name for name in MODE_FUNCTIONS.values() if f"__device__ REAL {name}(Bin bin)" not in code] == []
    assert [name for name in MODE_FUNCTIONS.values() if f"__device__ Gradient d_{name}(Bin" not in code] == []
    assert set(TYPE_NAMES) == set(DTYPES)


def test_the_options_name_the_types_and_the_mode():
    assert kernel_options("float64", STFTSettings("psd", dtype="float16")) == (
        "-DSAMPLE=double",
        "-DRESULT=__half",
        "-DREAL=float",
        "-DHALF=1",
        "-DMODE=psd",
    )
