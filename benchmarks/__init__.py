"""Our speed against the peers', in one run: `python -m benchmarks`."""
