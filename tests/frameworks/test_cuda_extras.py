"""The extras for a CUDA device, each alone in an environment of its own, without a device."""

import os
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

CLONE = Path(__file__).parents[2]
EXTRAS = tomllib.loads((CLONE / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
# What `specwidget.stft` needs beside NumPy, which CuPy brings.
ENGINE = ["array-api-compat", "scipy"]


@pytest.fixture
def environment(tmp_path):
    """Return the Python of an environment with pip alone; its gigabytes are removed after the test."""
    venv.create(tmp_path / "environment", with_pip=True)
    yield tmp_path / "environment" / "bin" / "python"
    shutil.rmtree(tmp_path / "environment")


@pytest.mark.skipif(sys.platform != "linux", reason="NVIDIA's packages of CUDA are for Linux and Windows")
@pytest.mark.parametrize("extra", ["cuda12", "cuda13"])
def test_an_extra_brings_the_libraries_that_a_driver_lacks(environment, extra):
    install = [environment, "-m", "pip", "install", "--quiet", "--constraint", CLONE / "requirements.lock"]
    subprocess.run([*install, *EXTRAS[extra], *ENGINE], check=True)
    without = {name: value for name, value in os.environ.items() if name not in ("LD_LIBRARY_PATH", "CUDA_PATH")}
    done = subprocess.run(
        [environment, Path(__file__).with_name("cuda_libraries.py")],
        env={**without, "PYTHONPATH": str(CLONE)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split() == [extra.removeprefix("cuda"), "40"]
