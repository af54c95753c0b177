"""The model that the README carries over runs as it stands there."""

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
