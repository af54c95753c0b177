"""Tests that need PyTorch, Keras or nnAudio: only `make test-peers`, which installs them, collects them."""

from tests.peers.cases import HAS_ALL

if not HAS_ALL:
    collect_ignore = ["test_grid.py", "test_keras.py", "test_trained_kernels_by_keras.py"]
