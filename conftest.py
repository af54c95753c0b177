"""What holds for notebooks too; `pytest -m gpu` needs only NumPy, SciPy, CuPy, array-api-compat and pytest."""

from pathlib import Path

import pytest

pytest_plugins = ["tests.notebook_checks"]

GPU_TESTS = Path(__file__).parent / "tests" / "gpu"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass by what is neither in the folder of the GPU's tests nor on the way to it."""
    if config.option.markexpr != "gpu" or collection_path in (GPU_TESTS, *GPU_TESTS.parents):
        return None
    return None if GPU_TESTS in collection_path.parents else True
