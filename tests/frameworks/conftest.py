"""Keras, PyTorch, JAX, ONNX: collected by `make test-peers` alone, which installs them; there none may be missing."""

import os

if os.environ.get("SPECWIDGET_PEERS") != "all":
    collect_ignore_glob = ["test_*.py"]
