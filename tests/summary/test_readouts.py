"""The readouts of a result: what they say equals what was computed."""

import numpy as np

from specwidget.layer import STFTSpectrogram
from specwidget.summary.readouts import format_share, result_rows


def row(rows, name):
    """Return the row of a name."""
    return next(each for each in rows if each.name == name)


def test_the_share_on_the_floor_is_told_where_there_is_a_floor():
    silent = np.zeros((1, 1000, 1), "float32")
    assert row(result_rows(STFTSpectrogram("log").spectrogram(silent)), "clipped at epsilon").value == "100 %"
    assert all(each.name != "clipped at epsilon" for each in result_rows(STFTSpectrogram("psd").spectrogram(silent)))


def test_only_nothing_reads_as_none_and_only_all_as_all():
    assert format_share(1e-9) == "under 0.1 %"
    assert format_share(1 - 1e-9) == "over 99.9 %"
