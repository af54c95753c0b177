"""What needs PyTorch, Keras or nnAudio: collected by `make test-peers` alone, which installs them."""

from tests.peers.cases import HAS_ALL

if not HAS_ALL:
    collect_ignore = ["test_grid.py", "test_keras.py"]
