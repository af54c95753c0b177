"""What is heard of each figure is what it shows: the scene is computed again, plainly, from what is heard."""

import re

import numpy as np
import pytest
import scipy.signal

from specwidget.charts.scene import Axes, Band, Image, Line, Points, Scene, Stems
from specwidget.sounds import load_recording
from specwidget.teach import ExerciseWidget, figures
from specwidget.teach.audio import PAUSE, PITCH, RATE, tone_under
from specwidget.teach.figure_spec import AudioClip
from specwidget.teach.figures import FIGURES
from specwidget.teach.scenes.aligning import SWITCHES, theirs
from specwidget.widgets.pcm import encode_pcm
from tests.teach.positions import positions_of

ROUNDING = 1e-9
"""Of a few sums of products in float64, relative to the largest."""


def only(axes, kind, label=None):
    """Return the item of a kind, and of a label."""
    found = [item for item in axes.items if isinstance(item, kind) and label in (None, item.label)]
    assert len(found) == 1
    return found[0]


def is_scaled(heard, shown):
    """Whether two arrays are the same but for a factor above 0."""
    heard, shown = (values / np.abs(values).max() for values in (heard, shown))
    return np.allclose(heard, shown, rtol=0, atol=ROUNDING)


def differs_by_a_constant(first, second, lowest):
    """Whether two arrays of levels, dB, differ by one constant where either is above the lowest that counts."""
    moved = second + first.max() - second.max()
    counts = (first > lowest) | (moved > lowest)
    return np.allclose(first[counts], moved[counts], rtol=0, atol=1e-6)


def power(frames, window, n_fft=None):
    """Return the level of each bin, dB, of frames under a window."""
    return 20 * np.log10(np.abs(np.fft.rfft(frames * window, n_fft)) + 1e-300)


def is_tone_under(heard, curve):
    """Whether what is heard is a tone whose loudness follows a curve, with silence before and after."""
    pause = round(PAUSE * RATE)
    assert not heard.samples[:pause].any()
    assert not heard.samples[-pause:].any()
    samples = heard.samples[pause:-pause]
    places = np.linspace(curve.x[0], curve.x[-1], len(samples))
    tone = np.cos(2 * np.pi * PITCH / RATE * np.arange(len(samples)))
    return is_scaled(samples, np.interp(places, curve.x, curve.y) * tone)


def frames(heard, scene, values):
    line = only(scene.axes[0], Line)
    samples = heard.pop("Hear the signal").samples
    place = np.linspace(0, values["n_samples"] / 40, len(samples))
    turns, loudness = ((lambda p: 1.2 * p + 0.12 * p**2), (lambda p: 0.55 + 0.35 * np.cos(2 * np.pi * 0.31 * p)))
    assert np.allclose(line.y, loudness(line.x / 40) * np.sin(2 * np.pi * turns(line.x / 40)))
    # Heard at 120 times the pitch of what is drawn, with the same loudness at the same place.
    assert is_scaled(samples, loudness(place) * np.sin(2 * np.pi * 120 * turns(place)))


def leakage(heard, scene, values):
    frame = heard.pop("Hear the sine").samples[: values["frame_length"]]
    window = scipy.signal.get_window(values["window"], values["frame_length"])
    assert differs_by_a_constant(only(scene.axes[0], Stems).y, power(frame, window), -110)


def window_pair(heard, scene, values):
    first, second = scene.axes[0].items
    assert is_tone_under(heard.pop("Hear a tone under the first window"), first)
    assert is_tone_under(heard.pop("Hear it under the second"), second)


def scalloping(heard, scene, values):
    window, n_fft = scipy.signal.get_window(values["window"], 256), 256 * values["zero_padding"]
    frame = heard.pop("Hear the sine").samples[:256] / 0.4
    on_bin = np.sin(2 * np.pi * 64 * np.arange(256) / 256)
    height = power(frame, window, n_fft).max() - power(on_bin, window, n_fft).max()
    # Normalised by the largest sample, which lies below 1 where none meets the top of the sine.
    assert only(scene.axes[0], Points).y[0] == pytest.approx(height, abs=0.01)


def two_and_two(gap_hz, gap_ms):
    """Return a second of two sines and two clicks."""
    times = np.arange(8000) / 8000
    signal = 0.2 * sum(np.sin(2 * np.pi * (1000 + side * gap_hz) * times) for side in (-0.5, 0.5))
    signal[[round(8000 * (0.5 + side * gap_ms / 1000)) for side in (-0.5, 0.5)]] += 2
    return signal


def two_sines_two_clicks(heard, scene, values):
    length, samples = values["frame_length"], heard.pop("Hear the signal").samples
    assert is_scaled(samples, np.tile(two_and_two(values["gap_hz"], values["gap_ms"]), 2))
    image = only(scene.axes[0], Image)
    starts = 2000 - length // 2 + min(values["frame_step"], length) * np.arange(image.values.shape[1])
    cut = samples[starts[:, None] + np.arange(length)]
    levels = power(cut, scipy.signal.get_window(values["window"], length, fftbins=False), max(512, length))
    assert differs_by_a_constant(image.values, levels.T[: image.values.shape[0]], -110)


def zero_padding(heard, scene, values):
    samples, length = heard.pop("Hear the signal").samples, values["frame_length"]
    frame = samples[len(samples) // 2 - length // 2 :][:length]
    levels = power(frame, scipy.signal.get_window(values["window"], length), values["fft_length"])
    assert differs_by_a_constant(only(scene.axes[0], Points, "bins").y, levels, -55)


def hop_and_overlap(heard, scene, values):
    assert is_scaled(heard.pop("Hear the tone").samples, np.tile(only(scene.axes[0], Line).y, 4))


def density_and_spectrum(heard, scene, values):
    noise = np.random.default_rng(0).standard_normal(2**16)[:32_000]
    sine, level = np.sin(2 * np.pi * 1000 / 16_000 * np.arange(32_000)), (lambda decibels: 10 ** (decibels / 20))
    mixed = level(values["amplitude_db"]) * sine + level(values["noise_db"]) * noise
    assert is_scaled(heard.pop("Hear the signal").samples, mixed)


def floor(heard, scene, values):
    times = np.arange(16_000) / 16_000
    falling = 10 ** ((values["level_db"] - 100 * times) / 20) * np.sin(2 * np.pi * 1000 * times)
    # As loud as it is, not as loud as can be.
    assert np.allclose(heard.pop("Hear the tone").samples, falling, rtol=0, atol=ROUNDING)


def phase(heard, scene, values):
    points = only(scene.axes[0], Points)
    starts = values["frame_step"] * np.arange(len(points.y))
    cut = heard.pop("Hear the sine").samples[starts[:, None] + np.arange(256)]
    turned = np.angle(np.fft.rfft(cut * np.hanning(256))[:, 32]) - points.y
    assert np.abs(np.exp(1j * turned) - 1).max() < 1e-6


def layout(heard, scene, values):
    cells = [item for item in scene.axes[1].items if isinstance(item, Band)]
    notes = heard.pop("Hear the memory, value after value").samples.reshape(len(cells), -1)
    spectra = np.abs(np.fft.rfft(notes, 8 * 8000))
    channels = ["first", "second", "third", "fourth"]
    for cell, note, spectrum in zip(cells, notes, spectra, strict=True):
        part, _, bin_number = cell.text.rpartition("k")
        pitch = 110 * 2 ** (channels.index(cell.colour) + (0, 2, 4, 7)[int(bin_number)] / 12)
        assert spectrum.argmax() / 8 == pytest.approx(pitch, rel=0.01)
        assert (spectrum[round(8 * 3 * pitch)] > 0.3 * spectrum.max()) == part.startswith("im")
        if len({each.fill for each in cells}) == 2:
            assert (np.abs(note).max() > 0.6 * np.abs(notes).max()) == (cell.fill == "soft")


def one_bin(heard, scene, values):
    assert is_scaled_start(heard.pop("Hear the sine").samples, only(scene.axes[0], Points).y)


def is_scaled_start(heard, shown):
    """Whether a sound begins with what is shown, but for a factor."""
    start = heard[: len(shown)]
    return np.abs(shown).max() < ROUNDING or is_scaled(start, shown)


def kernels_as_filters(heard, scene, values):
    kernel = only(scene.axes[0], Line, "real_kernel").y
    voice, noise = heard.pop("Hear a voice").samples, np.random.default_rng(0).standard_normal(24_000)
    assert is_scaled(heard.pop("Hear it through bin k").samples, scipy.signal.oaconvolve(voice, kernel[::-1], "valid"))
    assert is_scaled(
        heard.pop("Hear noise through bin k").samples, scipy.signal.oaconvolve(noise, kernel[::-1], "valid")
    )
    recorded = load_recording("voice").samples[0, :, 0]
    resampled = scipy.signal.resample(recorded, len(voice))
    assert np.corrcoef(voice, resampled)[0, 1] > 0.99


def cost(heard, scene, values):
    samples = heard.pop("Hear the frames of a second").samples
    told = int(re.search(r"has ([\d,]+) frames", scene.caption)[1].replace(",", ""))
    starts = np.arange(0, 16_000, values["frame_step"])
    assert told == len(starts)
    if values["frame_step"] == 1:
        assert not samples.any()
    else:
        assert np.flatnonzero(samples > samples.mean()).tolist() == starts.tolist()


def learned_kernel(heard, scene, values):
    noise, learnt_from = np.random.default_rng(0).standard_normal(12_000), heard.pop("Hear what it learns from").samples
    dull = np.fft.rfft(noise) * (np.arange(6001) < 3000)
    assert is_scaled(learnt_from, noise if values["heard"] == "white" else np.fft.irfft(dull))
    labels = {"Hear white noise through the kernel now": "now", "Hear it through the teacher's": "the teacher's"}
    for button, label in labels.items():
        filtered = scipy.signal.oaconvolve(noise, only(scene.axes[0], Line, label).y[::-1], "valid")
        assert is_scaled(heard.pop(button).samples, filtered)


def when_training_helps(heard, scene, values):
    clips = heard.pop("Hear clips of both, by turns").samples.reshape(4, 1024 + 2400)
    assert not clips[:, 1024:].any()
    cut = np.lib.stride_tricks.sliding_window_view(clips[:2, :1024], 128, axis=1)[:, ::16].reshape(-1, 128)
    levels = power(cut, np.hanning(128)).T
    assert differs_by_a_constant(only(scene.axes[0], Image).values, levels, -110)


def what_is_kept(heard, scene, values):
    waveform, *pictures = scene.axes
    for button, label, picture in zip(
        ("Hear it as it was", "Hear what came back"), ("as it was", "as it came back"), pictures, strict=True
    ):
        samples, line = heard.pop(button).samples, only(waveform, Line, label)
        cut = np.lib.stride_tricks.sliding_window_view(samples, 512)[::32]
        assert is_scaled(samples[np.rint(line.x * 44.1 / 4).astype(int)], line.y)
        levels = power(cut, scipy.signal.get_window("hann", 512)).T
        assert differs_by_a_constant(only(picture, Image).values, levels, -110)


def overlap_add(heard, scene, values):
    assert is_tone_under(heard.pop("Hear a tone under the sum"), only(scene.axes[0], Line, "the sum"))


def griffin_lim(heard, scene, values):
    original, found = (heard.pop(button).samples for button in ("Hear the original", "Hear what was found"))
    given, reached = (magnitudes(each, values["frame_length"], values["overlap"]) for each in (original, found))
    distance = np.linalg.norm(reached - given) / np.linalg.norm(given)
    assert distance == pytest.approx(only(scene.axes[0], Points).y[0], rel=1e-3)


def magnitudes(samples, length, overlap):
    """Return the magnitudes of frames of a signal, with padding "same"."""
    return np.abs(np.fft.rfft(framed(samples, length, length // overlap) * scipy.signal.get_window("hann", length)))


def framed(samples, length, step):
    """Return the frames of a signal, with padding "same"."""
    n_frames = -(-len(samples) // step)
    total = max((n_frames - 1) * step + length - len(samples), 0)
    padded = np.pad(samples, (total // 2, total - total // 2))
    return padded[step * np.arange(n_frames)[:, None] + np.arange(length)]


def conventions(heard, scene, values):
    bands = [item for item in scene.axes[0].items if isinstance(item, Band)][::-1]
    ffts = heard.pop("Hear the first FFT of each").samples.reshape(-1, 6000)
    tone = np.sin(2 * np.pi * PITCH / RATE * np.arange(4000))
    assert not ffts[:, 4000:].any()
    # From the top row to the last, the window's bar before that of its FFT.
    for window, fft, samples in zip(bands[::2], bands[1::2], ffts[:, :4000], strict=True):
        place = fft.x[0] + np.floor(np.arange(4000) * values["fft_length"] / 4000)
        on_signal = (place >= max(window.x[0], 0)) & (place < window.x[1])
        assert np.allclose(samples / 0.8, on_signal * tone, rtol=0, atol=0.01)


def aligning(heard, scene, values):
    hann, words = np.hanning(400), heard.pop("Hear the signal").samples
    shown, frame = only(scene.axes[0], Line, "specwidget").y, words[160 * values["frame"] :][:400]
    if values["shown"] == "real":
        assert is_scaled(np.fft.rfft(frame * hann, 512).real, shown)
    else:
        assert differs_by_a_constant(shown, power(frame, hann, 512), -95)
    aligned = frozenset(each.name for each in SWITCHES if values[each.name])
    total, weight = np.zeros((2, len(words)))
    for t, spectrum in enumerate(theirs(values["library"], aligned)):
        total[160 * t :][:400] += hann * np.fft.irfft(spectrum, 512)[:400]
        weight[160 * t :][:400] += hann**2
    # At the ends the windows give too little weight to be heard.
    assert is_scaled(heard.pop("Hear theirs, read as ours").samples[400:8000], total[400:8000] / weight[400:8000])


def separation(heard, scene, values):
    both = heard.pop("Hear both").samples
    voice, other = (heard.pop(f"Hear the {name} that is found").samples for name in ("voice", "other"))
    assert np.allclose(voice + other, both, rtol=0, atol=ROUNDING)
    recorded = scipy.signal.resample(load_recording("voice").samples[0, :, 0], len(both))
    assert np.corrcoef(voice, recorded)[0, 1] > np.corrcoef(other, recorded)[0, 1]
    image = np.abs(only(scene.axes[0], Image).values)
    window = scipy.signal.get_window(values["window"], values["frame_length"])
    cut = framed(both, values["frame_length"], values["frame_length"] // values["overlap"])
    levels = power(cut, window, 1 << (values["frame_length"] - 1).bit_length()).T[: len(image)]
    assert np.allclose(image, np.clip(levels - levels.max() + 60, 0, None), rtol=0, atol=1e-6)


def study_grid(heard, scene, values):
    assert is_scaled(heard.pop("Hear the signal").samples, np.tile(two_and_two(values["gap_hz"], values["gap_ms"]), 2))


IS_WHAT_IS_SHOWN = {
    check.__name__: check
    for check in (
        frames,
        leakage,
        window_pair,
        scalloping,
        two_sines_two_clicks,
        zero_padding,
        hop_and_overlap,
        density_and_spectrum,
        floor,
        phase,
        layout,
        one_bin,
        kernels_as_filters,
        cost,
        learned_kernel,
        when_training_helps,
        what_is_kept,
        overlap_add,
        griffin_lim,
        conventions,
        aligning,
        separation,
        study_grid,
    )
} | {"gradient_of_one_bin": one_bin}


@pytest.mark.parametrize("name", FIGURES)
def test_what_is_heard_is_what_is_shown_wherever_the_controls_stand(name):
    plan = FIGURES[name]
    assert plan.sounds
    for values, scene in positions_of(plan):
        heard = {button: hear(**values) for button, hear in plan.sounds.items()}
        IS_WHAT_IS_SHOWN[name](heard, scene, values)
        # Each was taken out, and compared.
        assert heard == {}


def played(widget, button):
    """Return what the page gets to play when a button is pressed."""
    sent = []
    widget.send = lambda content, buffers=None: sent.append((content, buffers))
    widget._handle_custom_msg({"kind": "play", "name": button}, [])
    ((content, (samples,)),) = sent
    assert content["kind"] == "sound"
    assert content["header"]["name"] == button
    return content["header"]["rate"], bytes(samples)


@pytest.mark.parametrize("name", FIGURES)
def test_an_open_figure_plays_where_its_controls_stand_now(name):
    plan = FIGURES[name]
    figure = getattr(figures, name)()
    *_, (values, _) = positions_of(plan)
    figure.set(**values)
    for button, hear in plan.sounds.items():
        heard = hear(**values)
        assert played(figure, button) == (round(heard.sample_rate), encode_pcm(heard.samples))
    figure.close()


def test_a_scene_of_one_s_own_can_be_heard():
    heard = AudioClip(np.sin(np.arange(8000)), 8000.0)
    figure = figures.show(Scene((Axes("A sine", "n", "x", (0, 1), (0, 1)),), "A sine."), "", {"Hear it": heard})
    assert figure.sounds == ["Hear it"]
    assert played(figure, "Hear it") == (8000, encode_pcm(heard.samples))
    figure.close()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_picture_that_an_exercise_asks_about_can_be_heard(seed):
    question = ExerciseWidget("frame_from_picture", seed)
    gap = float(dict(question.current.facts)["sines"].split()[0])
    rate, samples = played(question, "Hear the signal")
    assert question.case["sounds"] == ["Hear the signal"]
    assert rate == 8000
    signal = two_and_two(gap, 40.0)
    assert np.allclose(np.frombuffer(samples, "<i2")[:8000] / 2**15, 0.8 * signal / signal.max(), rtol=0, atol=2**-15)
    question.close()


def test_a_sound_that_an_exercise_has_not_is_not_played():
    question = ExerciseWidget("frame_count", 1)
    sent = []
    question.send = lambda *message: sent.append(message)
    question._handle_custom_msg({"kind": "play", "name": "Hear the signal"}, [])
    assert (question.case["sounds"], sent) == ([], [])
    question.close()


def test_a_window_that_begins_at_its_height_cuts_the_tone_off_with_a_click():
    boxcar, hann = (tone_under(scipy.signal.get_window(name, 64), 1.0).samples for name in ("boxcar", "hann"))
    assert np.abs(np.diff(boxcar)).max() == pytest.approx(0.8)
    assert np.abs(np.diff(hann)).max() < 0.8 * 2 * np.pi * PITCH / RATE
