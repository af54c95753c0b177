"""Keras, PyTorch, JAX, ONNX: collected by `make test-peers` alone, which installs them; there none may be missing."""

import os

import pytest

if os.environ.get("SPECWIDGET_PEERS") != "all":
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Keep PyTorch to one thread: so small a model gains nothing by a second, and loses much on a busy machine."""
    import torch

    torch.set_num_threads(1)
