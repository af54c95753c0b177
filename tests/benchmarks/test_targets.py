"""The figures that are reached for, read from the tables of a run."""

import pytest

from benchmarks.cases import CASES
from benchmarks.measure import exact_spectrum, exact_values, worst_error
from benchmarks.targets import TARGETS, table
from tests.layers import make_layer, noise


def row(engine, ratio, least=1.0, case="60s", mode="magnitude"):
    return {"case": CASES[case].title, "mode": mode, "engine": engine, "least": least, "ratio": ratio}


def line_of(text, tables):
    return next(line for line in table(tables).splitlines() if text in line)


@pytest.mark.parametrize(("ratio", "verdict"), [(2.69, "no"), (2.7, "yes"), (3.1, "yes")])
def test_a_ratio_is_judged_by_its_bound(ratio, verdict):
    line = line_of("60 s, magnitude: librosa", {"compare": [row("librosa.stft", ratio)]})
    assert line.endswith(f"| {ratio:.3g} x | at least 2.7 x | {verdict} |")


def test_a_ratio_of_results_that_disagree_is_no_figure():
    line = line_of("60 s, magnitude: torch", {"compare": [row("torch.stft", None)]})
    assert "not measured" in line


def test_a_quotient_is_that_of_the_least_times():
    rows = [row("specwidget, trained kernels", 1, 120.0), row("one plain matrix product", 1, 100.0)]
    assert "| 1.2 x | at most 1.15 x | no |" in line_of("60 s, trained: of one", {"kernels": rows})


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
    assert after[2] == before.splitlines()[2] == "| 60 s, magnitude: librosa.stft | 3.1 x | at least 2.7 x | yes |"
