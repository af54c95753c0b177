"""What the README does with models and front ends runs as it stands there."""

import re
from pathlib import Path

import numpy as np

README = Path(__file__).parents[2] / "README.md"


def test_the_model_of_the_readme_learns_and_is_carried_over(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(
        r"^## Use the layer in a model$.*?^```python\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL
    )
    rng = np.random.default_rng(0)
    names = {"sounds": rng.standard_normal((8, 16_000, 1)).astype("f4"), "labels": np.arange(8) % 2}
    exec(compile(code, "README.md", "exec"), names)
    assert names["layer"].path == "matmul"
    assert names["drift"].distance.max() > 0
    assert (tmp_path / "front_end.onnx").stat().st_size > 2 * 400 * 257 * 4


def test_the_front_ends_of_the_readme_run_as_they_stand():
    (code,) = re.findall(
        r"^## Mel spectrograms .*?^```python\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL
    )
    names = {}
    exec(compile(code, "README.md", "exec"), names)
    n_samples = len(names["samples"])
    # Centred frames, and complete ones.
    assert names["mel"].shape == (80, n_samples // 160 + 1)
    assert names["features"].shape == (80, 3000)
    assert names["mfcc"](names["samples"]).shape == (13, (n_samples - 400) // 160 + 1)
