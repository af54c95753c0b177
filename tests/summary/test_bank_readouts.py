"""Readouts of a bank, against its edges and weights."""

import numpy as np

from specwidget import MelSettings, front_ends
from specwidget.summary.bank_readouts import bank_rows, bank_title, empty_bands_sentence


def test_the_rows_are_those_of_edges_and_weights():
    settings = front_ends["torchaudio"].mel.settings
    rows = {row.name: row for row in bank_rows(settings)}
    weights, edges = settings.bank.weights, settings.bank.edges
    counts = (weights > 0).sum(axis=0)
    assert rows["bins in a band"].value == f"{counts.min()} to {counts.max()}"
    assert rows["bins in no band"].value == str(int((weights.max(axis=1) == 0).sum()))
    assert rows["narrowest band"].value == f"{np.min(edges[2:] - edges[:-2]):.4g} Hz"
    assert rows["bin spacing"].value == "40 Hz"


def test_every_empty_band_is_named():
    settings = MelSettings(256, num_mel_bins=80, min_freq=0.0)
    sentence = empty_bands_sentence(settings)
    listed = sentence.partition(": ")[2].partition(".")[0]
    assert [int(word) for word in listed.split(", ")] == np.flatnonzero(settings.bank.weights.max(axis=0) == 0).tolist()


def test_one_empty_band_is_singular():
    assert empty_bands_sentence(front_ends["ast"].mel.settings).startswith(
        "1 of 128 bands holds no bin, as its triangle"
    )


def test_the_title_names_scale_and_range():
    assert bank_title(front_ends["whisper"].mel.settings) == "80 bands of 201 bins, Slaney's scale, 0 Hz to 8000 Hz"
