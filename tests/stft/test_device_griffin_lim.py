"""The CUDA code has a function for each mode with magnitudes; what it computes is tested in tests/gpu."""

from importlib.resources import files

from specwidget.stft.device_griffin_lim import DRAWS_PER_THREAD, MAGNITUDE_FUNCTIONS, SOURCE, kernel_options
from specwidget.stft.magnitudes import TO_MAGNITUDE
from specwidget.stft.settings import STFTSettings


def test_every_mode_with_magnitudes_has_its_cuda_code():
    code = files("specwidget.stft").joinpath(SOURCE).read_text(encoding="utf-8")
    assert set(MAGNITUDE_FUNCTIONS) == set(TO_MAGNITUDE)
    assert [name for name in MAGNITUDE_FUNCTIONS.values() if f"__device__ REAL {name}(REAL value" not in code] == []
    assert f"#define RUN {DRAWS_PER_THREAD} " in code


def test_the_options_name_the_types_and_the_mode():
    assert kernel_options("float16", STFTSettings("psd", dtype="float64")) == (
        "-DVALUE=__half",
        "-DREAL=double",
        "-DHALF=1",
        "-DMAGNITUDE=from_psd",
        "--device-int128",
    )
