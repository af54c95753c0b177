"""The notes: each appears where it applies, and its fix removes it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import check_COLA, check_NOLA

from specwidget import front_ends
from specwidget.explorer.panels.notes_panel import NotesPanel
from specwidget.keras_differences import KERAS_DIFFERENCES
from specwidget.layer import STFTSpectrogram
from specwidget.mel.stages import BandSettings
from specwidget.sounds import RECORDINGS, load_recording
from specwidget.stft.settings import STFTSettings
from specwidget.stft.windows import NAMED_WINDOWS
from specwidget.summary.floor import find_epsilon
from specwidget.summary.notes import keras_notes, notes_on
from specwidget.summary.presets import PRESETS, lengths_at, settings_of
from specwidget.summary.signal_statistics import signal_statistics

LIMIT = 2**30
NOISE = 0.1 * np.random.default_rng(0).standard_normal((2, 4000, 2)).astype("float32")


def notes_of(settings, samples=NOISE, limit=LIMIT):
    """Return the notes of a result by name, computed as the page does."""
    inputs = samples if settings.channels_last else samples.swapaxes(1, 2)
    share = STFTSpectrogram.from_settings(settings).spectrogram(inputs).floor_share()
    return {note.name: note for note in notes_on(settings, samples, share, limit)}


def fixed(settings, note):
    """Return the settings after the button was pressed."""
    return replace(settings, **note.fix.changes)


CASES = [
    ("holes", {"frame_step": 256}),
    ("holes", {"window": ("exponential", None, 1.0)}),
    ("symmetric", {"mode": "stft"}),
    ("keras odd fft_length", {"frame_length": 700, "fft_length": 715}),
    ("fft length", {"frame_length": 300, "fft_length": 400}),
    ("long frame", {"frame_length": 5000, "padding": "same"}),
    ("tail", {"frame_length": 3000}),
    ("floor", {"epsilon": 1.0}),
]
"""Settings that raise each note that has a fix."""


@pytest.mark.parametrize(("name", "changes"), CASES)
def test_a_fix_makes_its_note_disappear(name, changes):
    settings = STFTSettings(**changes)
    note = notes_of(settings)[name]
    assert note.fix is not None
    assert name not in notes_of(fixed(settings, note))


@given(
    frame_length=st.integers(1, 600),
    part=st.floats(0, 1),
    excess=st.none() | st.integers(0, 300),
    window=st.sampled_from([*NAMED_WINDOWS, None]),
    periodic=st.booleans(),
    mode=st.sampled_from(["log", "magnitude", "psd", "stft"]),
    padding=st.sampled_from(["valid", "same"]),
    n_samples=st.integers(1, 1500),
)
def test_whatever_the_settings_each_fix_works(frame_length, part, excess, window, periodic, mode, padding, n_samples):
    try:
        settings = STFTSettings(
            mode=mode,
            frame_length=frame_length,
            frame_step=max(1, int(part * frame_length)),
            fft_length=None if excess is None else frame_length + excess,
            window=window,
            periodic=periodic,
            padding="same" if n_samples < frame_length else padding,
        )
    except ValueError:
        return
    samples = NOISE[:1, :n_samples, :1]
    for name, note in notes_of(settings, samples).items():
        if note.fix is not None:
            assert name not in notes_of(fixed(settings, note), samples)


@pytest.mark.parametrize("name", RECORDINGS)
@pytest.mark.parametrize(("mode", "scaling"), [("log", "density"), ("magnitude", "spectrum"), ("log", None)])
def test_the_lower_floor_uncovers_every_recording(name, mode, scaling):
    samples = load_recording(name).samples
    settings = STFTSettings(mode=mode, scaling=scaling, frame_length=1024)
    note = notes_of(settings, samples).get("floor")
    if note is not None:
        assert "floor" not in notes_of(fixed(settings, note), samples)


def test_digital_silence_gets_no_lower_floor():
    note = notes_of(STFTSettings(), np.zeros((1, 4000, 1), "float32"))["floor"]
    assert note.fix is None
    assert "100 % of the output" in note.sentence
    assert note.sentence.endswith("All samples are 0.")


def test_the_floor_is_found_in_the_power_of_the_frames():
    """White noise of variance v has a mean power of v with scaling "density", exponentially distributed."""
    noise = 1e-4 * np.random.default_rng(1).standard_normal((1, 40_000, 1))
    quarter = -1e-8 * np.log(1 - 0.25)
    assert find_epsilon(noise, STFTSettings()) == 10.0 ** np.floor(np.log10(quarter))


@pytest.mark.parametrize("step", [100, 128, 200, 250, 256])
def test_holes_are_told_where_scipy_finds_that_nola_fails(step):
    settings = STFTSettings(frame_step=step)
    fails = not check_NOLA(settings.window_values, 256, 256 - step, tol=1e-3)
    assert ("holes" in notes_of(settings)) == fails


def test_the_symmetric_window_is_told_where_scipy_finds_cola_for_the_periodic_one_alone():
    for step in (64, 100, 128):
        symmetric, periodic = (STFTSettings(mode="stft", frame_step=step, periodic=flag) for flag in (False, True))
        adds_up = [check_COLA(each.window_values, 256, 256 - step) for each in (symmetric, periodic)]
        assert ("symmetric" in notes_of(symmetric)) == (adds_up == [False, True])


def test_the_default_settings_raise_no_note():
    assert notes_of(STFTSettings(), load_recording("voice").samples) == {}


def test_the_same_fix_is_offered_once():
    notes = notes_of(STFTSettings(mode="psd", frame_length=700, fft_length=715))
    assert [name for name, note in notes.items() if note.fix] == ["keras odd fft_length"]
    assert notes["keras odd fft_length"].fix.changes == {"fft_length": None}
    assert {"keras psd's last bin", "fft length"} <= set(notes)


def test_a_fix_that_would_not_fit_is_not_offered():
    settings = STFTSettings(window=("exponential", None, 1.0), frame_step=256)
    assert notes_of(settings)["holes"].fix.label == "Step by 8 samples"
    assert notes_of(settings, limit=20_000)["holes"].fix is None


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"frame_length": 700, "fft_length": 715}, ["odd fft_length"]),
        ({"frame_length": 700, "fft_length": 715, "mode": "psd"}, ["odd fft_length", "psd's last bin"]),
        ({"window": ("kaiser", 8.6)}, ["window parameters"]),
        ({"window": np.hanning(256)}, ["window array"]),
        ({"dtype": "float64"}, ["dtype float64"]),
        ({"dtype": "float64", "mode": "psd"}, []),
        ({"frame_length": 1, "window": None}, ["single samples"]),
        ({"frame_length": 1, "window": None, "fft_length": 4}, ["single samples"]),
        ({"frame_length": 1, "window": None, "fft_length": 4, "frame_step": 1}, []),
        ({"frame_length": 4096}, ["kernel accuracy"]),
        # Only the frame's length makes phases large, and Keras's float64 has phases of float64.
        ({"fft_length": 4096}, []),
        ({"frame_length": 4096, "dtype": "float64", "mode": "psd"}, []),
        ({"mode": "angle"}, ["gradient of angle on silence"]),
        ({"mode": "angle", "trainable": False}, []),
        ({"epsilon": 1e-5}, ["floor"]),
        ({"epsilon": 1e-5, "mode": "psd"}, []),
    ],
)
def test_settings_that_meet_a_difference_from_keras_say_so_in_its_words(changes, names):
    sentences = {difference.name: difference.sentence for difference in KERAS_DIFFERENCES}
    assert [str(note) for note in keras_notes(STFTSettings(**changes))] == [sentences[name] for name in names]


def test_the_defaults_meet_no_difference():
    assert keras_notes(STFTSettings()) == []


def test_advice_becomes_a_note():
    notes = notes_of(STFTSettings(fft_length=400))
    assert (
        str(notes["fft length"])
        == "`fft_length` should be a power of two, as FFTs of other lengths can be slower; got 400."
    )
    assert notes["fft length"].fix.changes == {"fft_length": 512}


def test_kernels_that_would_not_fit_are_told():
    needed = 2 * 256 * 129 * 4
    assert "kernels" not in {note.name for note in notes_on(STFTSettings(), NOISE, 0.0, needed)}
    [note] = notes_on(STFTSettings(), NOISE, 0.0, needed - 1)
    assert str(note).startswith("The kernels would take 258 KiB, more than the limit of 258 KiB.")


def test_the_button_applies_the_fix(state):
    panel = NotesPanel(state)
    panel.is_open = True
    try:
        state.update(frame_step=256)
        [note] = panel.notes
        assert panel.badge() == "1"
        assert (note["name"], note["fix"]) == ("holes", "Step by half a frame")
        panel._handle_custom_msg({"kind": "apply", "name": "holes"}, [])
        assert state.frame_step is None
        assert panel.notes == []
        panel._handle_custom_msg({"kind": "apply", "name": "holes"}, [])
        assert (state.frame_step, state.errors) == (None, {})
    finally:
        panel.close()


@pytest.mark.parametrize("scale", [1e-21, 1e-12, 1e-3, 1.0, 1e6])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_what_the_note_about_epsilon_says_is_true_at_any_scale(scale, dtype):
    samples = (scale * np.random.default_rng(0).standard_normal((1, 4000, 1))).astype("float64")
    settings = STFTSettings(dtype=dtype, epsilon=1e-7)
    note = notes_of(settings, samples).get("floor")
    if note is not None and note.fix is not None:
        assert "floor" not in notes_of(fixed(settings, note), samples)
    # Noise has no power of 0: in float64 there is an epsilon below it, down to the smallest number.
    assert note is None or note.fix is not None


def test_a_sine_reads_as_low_as_the_note_says_with_a_window_that_has_negative_values():
    settings = STFTSettings("psd", 1024, window="flattop", periodic=True, scaling="spectrum", dtype="float64")
    sine = np.sin(2 * np.pi * 100 / 1024 * np.arange(4096)).reshape(1, -1, 1)
    highest = STFTSpectrogram.from_settings(settings)(sine).max()
    lost = -10 * np.log10(highest / 0.5)
    note = notes_of(settings, sine)["negative window"]
    assert f"a sine reads {lost:.2f} dB too low" in note.sentence
    factor = float(note.sentence.split("Multiply the samples by ")[1].split(" ")[0])
    assert STFTSpectrogram.from_settings(settings)(factor * sine).max() == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize("changes", [{"scaling": "density"}, {"scaling": None}, {"window": "hann"}, {"window": None}])
def test_other_windows_and_scalings_have_no_note_about_negative_values(changes):
    settings = STFTSettings(**{"window": "flattop", "scaling": "spectrum", **changes})
    assert "negative window" not in notes_of(settings)


def test_a_window_whose_sum_is_zero_shows_no_sine():
    settings = STFTSettings(frame_length=4, window=np.array([1.0, -1.0, 1.0, -1.0]), scaling="spectrum")
    assert notes_of(settings)["negative window"].sentence.endswith("a sine reads no level at all.")


def test_samples_that_are_not_finite_are_named_by_channel_and_frame():
    samples = np.zeros((1, 4000, 2), "float32")
    samples[0, 100:105, 0], samples[0, 7, 1] = np.nan, np.inf
    sentence = notes_of(STFTSettings(), samples)["not finite"].sentence
    assert sentence == (
        "In channel 1: the samples from 100 to 104 are NaN; frame 0 is blank. So it is in 1 more channel."
    )
    nothing = np.full((1, 4000, 1), np.nan)
    assert notes_of(STFTSettings(), nothing)["not finite"].sentence == "All samples are NaN; every frame is blank."


@pytest.mark.parametrize(
    ("mean", "deviation", "part"),
    [(3.0, 1.0, "3 times its standard deviation"), (0.5, 1.0, None), (2.0, 0.0, "The signal is constant at 2")],
)
def test_an_offset_larger_than_the_standard_deviation_is_told(mean, deviation, part):
    wave = np.tile([1.0, -1.0], 2000)
    notes = notes_of(STFTSettings(), (mean + deviation * wave).reshape(1, -1, 1))
    assert part in notes["offset"].sentence if part else "offset" not in notes


@pytest.mark.parametrize(("peak", "is_told"), [(1.0, False), (9.0, False), (32_767.0, True)])
def test_samples_far_beyond_full_scale_are_told(peak, is_told):
    samples = np.full((1, 4000, 1), 0.0)
    samples[0, 10, 0] = -peak
    notes = notes_of(STFTSettings(), samples)
    assert ("scale" in notes) == is_told
    assert not is_told or "The samples reach 3.277e+04" in notes["scale"].sentence


def test_statistics_are_those_of_the_finite_samples_of_the_most_offset_channel():
    samples = np.random.default_rng(0).standard_normal((2, 100, 2))
    samples[1, :, 0] += 5
    samples[0, 3, 1] = np.nan
    found = signal_statistics(samples)
    finite = samples[np.isfinite(samples)]
    assert (found.size, found.n_not_finite, found.peak) == (400, 1, np.abs(finite).max())
    assert found.mean == pytest.approx(samples[1, :, 0].mean())
    assert found.deviation == pytest.approx(samples[1, :, 0].std())


def preset_note(settings, rate):
    """Return the note about a preset, if there is one."""
    notes = {note.name: note for note in notes_on(settings, NOISE, 0.0, LIMIT, sample_rate=rate)}
    return notes.get("preset")


def test_a_preset_on_a_sound_of_another_rate_is_told_with_the_durations_and_a_fix():
    settings = STFTSettings(**settings_of(PRESETS["recognition"], 16_000))
    note = preset_note(settings, 44_100.0)
    # 400 and 160 samples at 16 kHz are 25 and 10 ms, at 44.1 kHz 9.07 and 3.628 ms.
    assert note.sentence == (
        "The lengths are those of the preset 'Speech recognition, 25 ms / 10 ms' at 16000 Hz, where frames last 25 ms "
        "every 10 ms. At the 44100 Hz of this sound they last 9.07 ms every 3.628 ms."
    )
    after = fixed(settings, note)
    assert (after.frame_length, after.step, after.n_fft) == (1102, 441, 2048)
    assert after.frame_length / 44_100 == pytest.approx(0.025, rel=1e-3)
    assert preset_note(after, 44_100.0) is None


@pytest.mark.parametrize("name", [name for name, preset in PRESETS.items() if preset.seconds])
@pytest.mark.parametrize("meant", [8000.0, 16_000.0, 22_050.0, 44_100.0])
@pytest.mark.parametrize("rate", [8000.0, 16_000.0, 22_050.0, 44_100.0])
def test_the_lengths_of_a_preset_raise_a_note_at_other_rates_only(name, meant, rate):
    preset = PRESETS[name]
    settings = replace(STFTSettings(**settings_of(preset, rate)), **lengths_at(preset, meant))
    note = preset_note(settings, rate)
    is_same = lengths_at(preset, meant) == lengths_at(preset, rate)
    assert (note is None) == is_same
    if note is not None:
        assert preset_note(fixed(settings, note), rate) is None


def test_other_settings_and_a_sound_without_a_rate_raise_no_note_about_presets():
    settings = STFTSettings(**settings_of(PRESETS["recognition"], 16_000))
    for changes in ({"frame_step": 161}, {"fft_length": 1024}, {"window": "hamming"}, {"padding": "valid"}):
        assert preset_note(replace(settings, **changes), 44_100.0) is None
    assert preset_note(settings, 16_000.0) is None
    assert preset_note(settings, None) is None
    assert preset_note(STFTSettings(), 44_100.0) is None


@pytest.mark.parametrize("name", front_ends)
def test_a_model_that_does_more_than_its_layer_is_named(name):
    front_end = front_ends[name]
    settings = BandSettings.of(front_end.layer)
    noted = [note.sentence for note in notes_on(settings, NOISE, None, LIMIT) if note.name == "features"]
    # Its features differ from the layer's values in more than orientation.
    signal = NOISE[0, :, 0]
    values = np.asarray(front_end.layer(signal))
    features = front_end.features(signal)
    assert bool(noted) == (features.shape not in (values.shape, values.T.shape))
    changed = replace(settings, mel=replace(settings.mel, sequence_stride=settings.mel.step + 1))
    assert "features" not in {note.name for note in notes_on(changed, NOISE, None, LIMIT)}
