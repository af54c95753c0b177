"""The tab Bank: triangles with the weights of the bank, and bands without a bin drawn apart."""

import numpy as np
import pytest

from specwidget import front_ends
from specwidget.explorer.panels.bank_panel import BankPanel, bank_scene, close_bands, make_bank_part
from specwidget.sounds import resample


@pytest.fixture
def panel(state, noise):
    """Return the panel of a state with a mel spectrogram of which two bands are empty."""
    state.update(sound=resample(noise, 16_000), stage="mel", frame_length=512)
    panel = BankPanel(state)
    yield panel
    panel.close()


@pytest.mark.parametrize("name", front_ends)
def test_the_triangles_go_through_the_weights_of_the_bins(name):
    settings = front_ends[name].mel.settings
    bank = settings.bank
    whole = bank_scene(settings).axes[0]
    for item in whole.items:
        # Bands follow each other, with NaN between them.
        ends = np.flatnonzero(np.isnan(item.x))
        for x, y in zip(np.split(item.x, ends), np.split(item.y, ends), strict=True):
            known = ~np.isnan(x)
            if known.sum() == 0:
                continue
            x, y = x[known], y[known]
            band = int(np.argmin(np.abs(bank.edges[:-2] - x[0]) + np.abs(bank.edges[2:] - x[-1])))
            inside = (bank.frequencies > x[0]) & (bank.frequencies < x[-1])
            drawn = np.interp(bank.frequencies[inside], x, y)
            np.testing.assert_allclose(drawn, bank.weights[inside, band], atol=0.03 * y.max())


def test_bands_without_a_bin_are_drawn_apart():
    settings = front_ends["torchaudio"].mel.settings
    whole = {item.label: item for item in bank_scene(settings).axes[0].items}
    assert np.isnan(whole["bands without a bin"].x).sum() == len(settings.bank.empty_bands) == 4
    assert whole["bands without a bin"].style == "dashed"
    full = {item.label for item in bank_scene(front_ends["whisper"].mel.settings).axes[0].items}
    assert full == {"even bands", "odd bands"}


def test_the_close_up_begins_at_the_first_empty_band_and_shows_the_weights():
    settings = front_ends["ast"].mel.settings
    assert close_bands(settings) == settings.bank.empty_bands[0] - 1
    close = bank_scene(settings).axes[1]
    (bins,) = [item for item in close.items if item.label == "bins"]
    shown = settings.bank.weights[:, close_bands(settings) : close_bands(settings) + 12]
    assert sorted(bins.y) == pytest.approx(sorted(shown[shown > 0]))


def test_the_badge_counts_empty_bands(panel, state):
    count = len(state.current.settings.mel.bank.empty_bands)
    assert panel.badge() == f"{count} empty"
    state.update(num_mel_bins=20)
    assert panel.badge() == ""
    state.update(stage="stft")
    assert panel.badge() == ""


def test_an_stft_has_no_bank(panel, state):
    state.update(stage="stft")
    content, _ = panel.contents()["bank"].make()
    assert content == {"has_bank": False}


def test_the_content_is_made_again_for_another_bank_only(panel, state):
    key = panel.contents()["bank"].key
    state.update(power_to_db=False)
    assert panel.contents()["bank"].key == key
    state.update(norm="slaney")
    assert panel.contents()["bank"].key != key


def test_the_text_names_the_bands():
    content, _ = make_bank_part(front_ends["torchaudio"].mel.settings)
    assert content["sentence"].startswith("4 of 128 bands hold no bin")
    assert content["scene"]["caption"].endswith(content["sentence"])
