"""The grid of generated code: the number of settings for each target, and the largest errors.

    python -m tests.codegen.grid [target ...]

The error is for noise of variance 1, without angles, which are arbitrary where the magnitude is below its rounding
error. The fraction of the tolerance is the largest over all settings; `test_codegen.py` here and in `tests/frameworks`
assert it.
The code for R is compared by its arguments and kernels, so it has no row here.
"""

import os
import sys
import time
from dataclasses import replace

import numpy as np

from specwidget.codegen import CODE_TARGETS
from specwidget.keras_differences import kernel_error_bound
from tests.codegen.cases import GRID, PEER_TARGETS, can_compute, errors, run_case


def to_numpy(values):
    """Return a tensor or an array as NumPy's."""
    return values.detach().cpu().numpy() if hasattr(values, "detach") else np.asarray(values)


def to_tensor(array):
    """Return an array as PyTorch's."""
    import torch

    return torch.from_numpy(array)


def measure(target):
    """Return the worst error and the worst fraction of the tolerance, by the type of the result."""
    worst = {}
    for case in filter(lambda case: can_compute(case, target), GRID):
        x, y = run_case(case, target, to_tensor if target.startswith(("torch", "nnaudio")) else None, to_numpy)
        # Some of Keras's modes are computed in float32, whatever the dtype.
        settings = replace(case.settings, dtype=str(y.dtype))
        kernel_errors = {"keras": kernel_error_bound(settings), "nnaudio": 1.5 * float(np.finfo("float32").eps)}
        of_peer = 0.0 if target == "keras" and settings.n_fft % 2 == 1 else kernel_errors.get(target, 0.0)
        found = errors(x, y, settings, of_peer)
        number, error, share = worst.get(str(y.dtype), (0, 0.0, 0.0))
        is_plain = case.level in (None, 1.0) and settings.mode != "angle"
        worst[str(y.dtype)] = (number + 1, max(error, found[0] if is_plain else 0.0), max(share, found[1]))
        if target == "keras":
            sys.modules["keras"].config.set_epsilon(1e-7)
    return worst


def main(targets):
    """Print a row for each target and type."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    print(f"{'target':<14}{'type':<10}{'settings':>8}  {'worst error':>11}  {'of tolerance':>12}")
    for target in targets or [
        *(name for name, each in CODE_TARGETS.items() if each.language == "python"),
        *PEER_TARGETS,
    ]:
        started = time.perf_counter()
        for dtype, (number, error, share) in sorted(measure(target).items()):
            print(f"{target:<14}{dtype:<10}{number:>8}  {error:>11.1e}  {share:>12.2f}")
        print(f"{'':<14}{'all':<10}{len(GRID):>8}  in {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
