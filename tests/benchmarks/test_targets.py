"""The figures that are reached for, read from the tables of a run."""

import numpy as np
import pytest

from benchmarks import tensors
from benchmarks.cases import CASES, EPSILON, MODES
from benchmarks.measure import error_of, exact_spectrum, exact_values, worst_error
from benchmarks.targets import TARGETS, table
from tests.layers import make_layer, noise


def row(engine, ratio, least=1.0, case="60s", mode="magnitude"):
    return {"case": CASES[case].title, "mode": mode, "engine": engine, "least": least, "ratio": ratio}


def line_of(text, tables):
    return next(line for line in table(tables).splitlines() if text in line)


@pytest.mark.parametrize(("ratio", "verdict"), [(2.69, "no"), (2.7, "yes"), (3.1, "yes")])
def test_a_ratio_is_judged_by_its_bound(ratio, verdict):
    line = line_of("60 s, magnitude: librosa", {"compare": [row("librosa.stft", ratio)]})
    assert line.endswith(f"| {ratio:.3g} times ours | at least 2.7 times ours | {verdict} |  |")


def test_a_ratio_of_results_that_disagree_is_no_figure():
    line = line_of("60 s, magnitude: torch", {"compare": [row("torch.stft", None)]})
    assert "not measured" in line


def test_a_quotient_is_that_of_the_least_times():
    rows = [row("specwidget, trained kernels", 1, 120.0), row("one plain matrix product", 1, 100.0)]
    assert "| 1.2 of it | at most 1.15 of it | no |" in line_of("60 s, trained: of one", {"kernels": rows})


def test_the_worst_mode_is_judged_beside_the_limit():
    def tensor(engine, ratio, mode):
        return row(engine, ratio, case="10s", mode=mode)

    rows = [tensor(tensors.OURS_FORWARD, 0.7, "magnitude"), tensor(tensors.OURS_FORWARD, 0.9, "log")]
    rows += [tensor(tensors.LIMIT, 0.5, mode) for mode in ("magnitude", "log")]
    line = line_of("10 s, PyTorch, magnitude and log", {"tensors": rows})
    assert line.endswith("| 0.9 of it | at most 0.8 of it | no | 0.5 of it |")
    assert "not measured" in line_of("10 s, PyTorch, magnitude and log", {"tensors": rows[1:]})


def test_the_gradient_of_jax_is_measured_by_its_forward():
    rows = [
        row(engine, 0.4, least, case="30s", mode=mode)
        for mode in MODES
        for engine, least in ((tensors.JIT, 2.0), (tensors.JAX_GRADIENT, 5.0))
    ]
    assert "| 2.5 of it | at most 3.5 of it | yes |" in line_of("30 s, JAX, gradient", {"jax": rows})


def test_a_value_below_the_floor_is_no_error():
    case = CASES["10s"]
    signal = np.zeros((1, 200_000, 1), np.float32)
    signal[0, 50_000, 0] = 1
    exact = exact_values(exact_spectrum(signal, case.frame_length, case.frame_step), "magnitude", EPSILON)
    assert error_of(case, "magnitude", signal, exact.astype("float32")) < 1e-7
    without_floor = np.where(exact <= np.sqrt(EPSILON), 0, exact)
    assert error_of(case, "magnitude", signal, without_floor) < 1e-7
    assert error_of(case, "magnitude", signal, exact + 0.01) > 1e-3


def test_every_figure_has_a_line_whatever_was_measured():
    assert len(table({}).splitlines()) == 2 + len(TARGETS)


@pytest.mark.parametrize("mode", ["log", "magnitude", "psd"])
def test_the_reference_of_the_comparison_is_what_the_layer_computes(mode):
    signal = noise(1, 2000, 2)
    exact = exact_values(exact_spectrum(signal, 256, 128), mode, 1e-7)
    layer = make_layer(mode=mode, frame_length=256, periodic=True, scaling=None, expand_dims=True, dtype="float64")
    found = layer(signal).transpose(0, 3, 1, 2)
    assert worst_error(found, exact, mode) < 1e-12
    assert worst_error(found * 1.001, exact, mode) > 1e-4


def test_a_figure_whose_section_was_not_run_keeps_the_row_it_had():
    before = table({"compare": [row("librosa.stft", 3.1)]})
    after = table({"floor": []}, before).splitlines()
    assert (
        after[2]
        == before.splitlines()[2]
        == "| 60 s, magnitude: librosa.stft | 3.1 times ours | at least 2.7 times ours | yes |  |"
    )
