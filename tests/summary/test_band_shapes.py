"""Shape readouts of bands: the numbers are those of the layer, and the formulas give them."""

import numpy as np
import pytest

from specwidget import MelSettings, front_ends
from specwidget.mel.stages import BandSettings, Cepstrum
from specwidget.summary.shape_readouts import shape_rows, shape_summary

STEPS = ["input", "padded", "frames", "bins", "bands", "output"]


def rows_of(settings, shape, rate=16_000.0):
    return {row.name: row for row in shape_rows(settings, shape, rate)}


@pytest.mark.parametrize("name", front_ends)
def test_the_rows_have_the_numbers_of_the_layer(name):
    settings = BandSettings.of(front_ends[name].layer)
    signal = np.zeros((2, 20_001, 3), "float32")
    rows = rows_of(settings, signal.shape)
    result = settings.layer(signal)
    assert rows["output"].value == str(result.shape)
    assert [axis.length for axis in rows["output"].axes] == list(result.shape)
    assert rows["frames"].value == f"T = {result.shape[1]}"
    # The formula with the numbers in it is Python.
    assert eval(rows["frames"].formula.split(" = ")[1]) == result.shape[1]
    assert rows["bands"].value == f"M = {settings.mel.bank.weights.shape[1]}"
    assert rows["bins"].value == f"F = {settings.mel.bank.weights.shape[0]}"
    left, right = (int(word) for word in rows["padded"].value.replace(" left,", "").replace(" right", "").split())
    assert (left, right) == (settings.mel.margin, settings.mel.margin)
    size = result.size * 4
    assert rows["output memory"].value == f"{size / 1024:.4g} KiB"


@pytest.mark.parametrize("cepstrum", [None, Cepstrum(7)], ids=["mel", "mfcc"])
def test_the_steps_are_six_boxes(cepstrum):
    rows = shape_rows(BandSettings(MelSettings(512, 160, 400), cepstrum), (1, 16_000, 1), 16_000.0)
    assert list(dict.fromkeys(row.step for row in rows)) == STEPS
    assert all(row.axes and row.meaning for row in rows if row.name in STEPS)


def test_empty_bands_are_counted():
    rows = rows_of(BandSettings(MelSettings(400, min_freq=0.0)), (1, 16_000, 1))
    assert (rows["bins in a band"].value, rows["bins in a band"].formula) == ("0 to 8", "4 bands without a bin")


def test_the_logarithm_is_written_out():
    rows = rows_of(BandSettings.of(front_ends["whisper"].layer), (1, 16_000, 1))
    assert rows["logarithm"].formula == "log10(max(b, 1e-10)), at least the largest - 8"
    assert rows_of(BandSettings.of(front_ends["vggish"].layer), (1, 16_000, 1))["logarithm"].formula == "ln(b + 0.01)"
    assert rows_of(BandSettings.of(front_ends["librosa"].layer), (1, 16_000, 1))["logarithm"].value == "none"


def test_the_summary_is_one_line():
    settings = BandSettings.of(front_ends["whisper"].layer)
    assert shape_summary(settings, (1, 16_000, 1)) == "(1, 16000, 1) -> 100 frames of 400 -> (1, 100, 80)"


def test_a_sound_that_is_too_short_is_refused():
    with pytest.raises(ValueError, match="must have at least 400 samples for one frame; got 300"):
        shape_rows(BandSettings.of(front_ends["kaldi"].layer), (1, 300, 1))
