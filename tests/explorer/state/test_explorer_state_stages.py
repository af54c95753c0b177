"""The explorer's state with a stage after the transform: pictures, errors, undo, A/B and files."""

import numpy as np
import pytest

from specwidget import MFCC, MelSettings, MelSpectrogram, explore, front_ends
from specwidget.explorer.downloads.downloads import apply_settings
from specwidget.explorer.panels.presets_panel import PresetsPanel
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.mel.stages import BandSettings, settings_from_json, values_of
from specwidget.sounds import as_sound, load_recording, resample
from specwidget.stft.settings import STFTSettings
from specwidget.summary.remedies import remedy_of


@pytest.fixture
def voice():
    """A voice at 16 kHz."""
    return resample(load_recording("voice"), 16_000)


@pytest.fixture
def state(voice):
    """A state that shows 40 bands."""
    state = ExplorerState(voice, stage="mel", frame_length=400, frame_step=160, num_mel_bins=40)
    state.compares_peers = False
    state.flush()
    yield state
    state.close()


def values_of_picture(picture):
    step = (picture.high - picture.low) / 65_534
    return picture.low + (picture.codes - 1.0) * step


def test_the_picture_has_the_values_of_the_layer(state, voice):
    layer = MelSpectrogram.from_settings(state.current.settings.mel)
    expected = layer(voice.samples)[0].T
    found = values_of_picture(state.picture)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=(state.picture.high - state.picture.low) / 60_000)


@pytest.mark.slow
def test_a_long_sound_is_a_preview_that_becomes_exact():
    rng = np.random.default_rng(1)
    state = ExplorerState(
        as_sound(rng.standard_normal(4_000_000), 16_000), stage="mel", frame_length=512, frame_step=16
    )
    state.compares_peers = False
    state.flush()
    assert not state.picture.is_exact
    state._refinement.run()
    assert state.picture.is_exact
    state.close()


def test_coefficients_are_signed(state):
    state.update(stage="mfcc", num_coefficients=13)
    assert (state.picture.quantity.kind, state.picture.header()["n_bins"]) == ("diverging", 13)
    assert state.picture.header()["bands"]["numbers"] == list(range(13))


def test_the_axis_of_bands_has_the_centres_of_the_bank(state):
    bands, bank = state.picture.header()["bands"], state.current.settings.mel.bank
    mel = bands["low"] + (np.arange(40) + 1) * bands["step"]
    np.testing.assert_allclose(700 * (10 ** (mel / 2595) - 1), bank.centres)


def test_an_invalid_band_count_keeps_the_picture(state):
    before = state.picture
    state.update(num_mel_bins=0)
    assert state.errors == {"num_mel_bins": "`num_mel_bins` must be at least 1; got 0."}
    assert state.picture is before
    requested = {name: getattr(state, name) for name in ("stage", "num_mel_bins", "frame_length")}
    fix = remedy_of("num_mel_bins", requested, state.current.settings, 22_523, 1, 16_000.0)
    assert fix.changes == {"num_mel_bins": 40}
    state.update(**fix.changes)
    assert state.errors == {}


def test_an_absurd_bank_is_refused_before_it_is_made(state):
    state.update(num_mel_bins=65_536, frame_length=16_384, frame_step=160)
    assert "memory for the bank within 1 GiB" in state.errors["num_mel_bins"]


def test_a_sound_without_a_rate_has_no_bands(state):
    state.update(sound=as_sound(np.ones(4000)))
    assert "without a sample rate" in state.errors["stage"]
    fix = remedy_of("stage", {"stage": "mel"}, None, 4000)
    assert fix.changes == {"stage": "stft"}


def test_undo_brings_the_stage_back(state):
    state.update(stage="stft")
    state.restore(state.history.back())
    assert state.current.settings.stage == "mel"


def test_a_and_b_may_have_different_stages(state):
    state.set_b()
    state.update(stage="stft", mode="psd", frame_step=None)
    state.swap_ab()
    assert (state.stage, state.current.settings.n_outputs, state.frame_step) == ("mel", 40, 160)
    state.swap_ab()
    assert state.current.settings == STFTSettings("psd", frame_length=400)


def test_another_stage_shows_every_frequency_of_the_same_time(state):
    state.update(visible=(1000, 9000, 0.25, 0.5))
    state.update(stage="stft")
    assert state.visible == (1000, 9000, 0.0, 1.0)


def test_settings_of_any_kind_are_applied(state):
    for name in ("whisper", "kaldi-mfcc"):
        settings = BandSettings.of(front_ends[name].layer)
        apply_settings(state, settings_from_json(settings.to_json()))
        assert values_of(state.current.settings) == values_of(settings)
    apply_settings(state, STFTSettings("psd"))
    assert state.current.settings == STFTSettings("psd")


@pytest.mark.parametrize("name", front_ends)
def test_the_front_end_of_a_model_is_one_step_with_its_rate(name):
    state = ExplorerState(load_recording("voice"))
    state.compares_peers = False
    panel = PresetsPanel(state)
    panel._handle_custom_msg({"kind": "use", "name": f"front end {name}"}, [])
    assert state.errors == {}
    assert state.current.sample_rate == front_ends[name].sample_rate
    assert panel.in_use == [f"front end {name}"]
    assert len(state.history.past) == 1
    expected = front_ends[name].layer(state.sound.samples)
    np.testing.assert_allclose(state.result.values, expected, rtol=1e-4, atol=1e-3)
    panel.close()
    state.close()


@pytest.mark.parametrize(
    "layer",
    [MelSpectrogram(512, 160, 400, num_mel_bins=40), MFCC(MelSpectrogram(512, 160, 400, num_mel_bins=40), 13)],
    ids=["mel", "mfcc"],
)
def test_a_layer_is_explored(layer, voice):
    explorers = explore(layer), explore(voice, settings=layer), explore(voice, settings=BandSettings.of(layer))
    for explorer in explorers:
        np.testing.assert_array_equal(explorer.layer(voice.samples), layer(voice.samples))
        explorer.close()


def test_a_front_end_is_explored_by_name_and_its_settings_are_replaced():
    explorer = explore(load_recording("voice"), front_end="whisper", num_mel_bins=20)
    mel = explorer.layer.settings
    assert (mel.num_mel_bins, mel.sampling_rate, mel.conventions.logarithm) == (20, 16_000, "log10")
    assert "import specwidget" in explorer.to_code("specwidget")
    explorer.close()
    with pytest.raises(ValueError, match=r"`front_end` must be one of 'keras', .*; got 'whisperer'"):
        explore(front_end="whisperer")


def test_mel_settings_from_a_file_are_explored(tmp_path, voice):
    path = tmp_path / "mel.json"
    path.write_text(MelSettings(512, 160, 400, num_mel_bins=40).to_json())
    explorer = explore(voice, settings=path)
    assert explorer.layer.settings.num_mel_bins == 40
    explorer.save_settings(tmp_path / "saved.json")
    explorer.set(stage="stft")
    explorer.load_settings(tmp_path / "saved.json")
    assert explorer.layer.settings.num_mel_bins == 40
    explorer.close()
