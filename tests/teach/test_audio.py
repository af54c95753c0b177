"""Test that the audio of each figure is the signal drawn: recompute the scene from the audio."""

import numpy as np
import pytest
import scipy.signal

from specwidget.charts.scene import Axes, Band, Image, Line, Points, Scene, Stems
from specwidget.sounds import load_recording
from specwidget.teach import ExerciseWidget, figures
from specwidget.teach.audio import PAUSE, PITCH, RATE, am_tone
from specwidget.teach.figure_spec import AudioClip
from specwidget.teach.figures import FIGURES
from specwidget.teach.scenes.library_alignment import SWITCHES, library_stft
from specwidget.widgets.pcm import encode_pcm
from tests.teach.positions import positions_of

ROUNDING = 1e-9
"""Tolerance of a few sums of products in float64, relative to the largest."""


def only(axes, kind, label=None):
    """Return the only item of a type, optionally with a label."""
    found = [item for item in axes.items if isinstance(item, kind) and label in (None, item.label)]
    assert len(found) == 1
    return found[0]


def is_scaled(samples, drawn):
    """Whether two arrays are equal up to a positive factor."""
    samples, drawn = (values / np.abs(values).max() for values in (samples, drawn))
    return np.allclose(samples, drawn, rtol=0, atol=ROUNDING)


def differs_by_a_constant(first, second, min_db):
    """Whether two arrays of levels, dB, differ by a constant where either is above `min_db`."""
    shifted = second + first.max() - second.max()
    counts = (first > min_db) | (shifted > min_db)
    return np.allclose(first[counts], shifted[counts], rtol=0, atol=1e-6)


def power(frames, window, n_fft=None):
    """Compute the level of each bin of windowed frames, dB."""
    return 20 * np.log10(np.abs(np.fft.rfft(frames * window, n_fft)) + 1e-300)


def is_am_tone(clip, curve):
    """Whether a clip is a tone whose amplitude follows a curve, with silence before and after."""
    pause = round(PAUSE * RATE)
    assert not clip.samples[:pause].any()
    assert not clip.samples[-pause:].any()
    samples = clip.samples[pause:-pause]
    positions = np.linspace(curve.x[0], curve.x[-1], len(samples))
    tone = np.cos(2 * np.pi * PITCH / RATE * np.arange(len(samples)))
    return is_scaled(samples, np.interp(positions, curve.x, curve.y) * tone)


def frames(clips, scene, values):
    line = only(scene.axes[0], Line)
    samples = clips.pop("Play the signal").samples
    position = np.linspace(0, values["n_samples"] / 40, len(samples))
    cycles, amplitude = ((lambda p: 1.2 * p + 0.12 * p**2), (lambda p: 0.55 + 0.35 * np.cos(2 * np.pi * 0.31 * p)))
    assert np.allclose(line.y, amplitude(line.x / 40) * np.sin(2 * np.pi * cycles(line.x / 40)))
    # The audio has 120 times the frequency drawn, with the same amplitude at the same position.
    assert is_scaled(samples, amplitude(position) * np.sin(2 * np.pi * 120 * cycles(position)))


def sinusoid(clips, scene, values):
    line = only(scene.axes[1], Line)
    samples = clips.pop("Play the sinusoid").samples
    at = line.x / 1000
    angle = 2 * np.pi * values["frequency"] * at + np.deg2rad(values["phase"])
    assert np.allclose(line.y, values["amplitude"] * np.sin(angle), atol=ROUNDING)
    assert np.allclose(samples[:161], 0.5 * np.interp(np.arange(161) / 16, line.x, line.y), rtol=0, atol=0.01)


def sum_of_sinusoids(clips, scene, values):
    one, other = scene.axes[0].items
    line = only(scene.axes[1], Line)
    assert np.allclose(line.y, one.y + other.y)
    n = int(16_000 * line.x[-1])
    drawn = np.interp(np.arange(n) / 16_000, line.x, line.y)
    # 1600 points are drawn: over long spans the lines between them are shorter than the curve.
    assert np.allclose(clips.pop("Play the sum").samples[:n], 0.4 * drawn, rtol=0, atol=0.1)


def sampling(clips, scene, values):
    tone, alias, *_ = [item for item in scene.axes[0].items if isinstance(item, Line)]
    samples = only(scene.axes[0], Points)
    step = 48_000 // values["sample_rate"]
    for name, line in (("Play the tone", tone), ("Play the samples", alias)):
        played = clips.pop(name).samples / 0.4
        assert np.allclose(played[: step * len(samples.y) : step], samples.y, atol=1e-9)
        assert np.allclose(played[:193], np.interp(np.arange(193) / 48, line.x, line.y), atol=0.02)


def level(clips, scene, values):
    first, second = (item.y for item in scene.axes[0].items)
    samples = clips.pop("Play both").samples
    loud, quiet = samples[416:576], samples[8416:8576]
    assert is_scaled(loud, first)
    assert quiet == pytest.approx(loud * np.abs(second).max() / np.abs(first).max())
    assert 20 * np.log10(np.abs(quiet).max() / np.abs(loud).max()) == pytest.approx(values["change"])


def leakage(clips, scene, values):
    frame = clips.pop("Play the sine").samples[: values["frame_length"]]
    window = scipy.signal.get_window(values["window"], values["frame_length"])
    assert differs_by_a_constant(only(scene.axes[0], Stems).y, power(frame, window), -110)


def window_comparison(clips, scene, values):
    first, second = scene.axes[0].items
    assert is_am_tone(clips.pop("Play a tone with the first window"), first)
    assert is_am_tone(clips.pop("Play a tone with the second window"), second)


def scalloping(clips, scene, values):
    window, n_fft = scipy.signal.get_window(values["window"], 256), 256 * values["zero_padding"]
    frame = clips.pop("Play the sine").samples[:256] / 0.4
    on_bin = np.sin(2 * np.pi * 64 * np.arange(256) / 256)
    height = power(frame, window, n_fft).max() - power(on_bin, window, n_fft).max()
    # The clip is normalised to its largest sample, which may be below the peak of the sine.
    assert only(scene.axes[0], Points).y[0] == pytest.approx(height, abs=0.01)


def two_and_two(gap_hz, gap_ms):
    """Make 1 s of two sines and two clicks."""
    times = np.arange(8000) / 8000
    signal = 0.2 * sum(np.sin(2 * np.pi * (1000 + side * gap_hz) * times) for side in (-0.5, 0.5))
    signal[[round(8000 * (0.5 + side * gap_ms / 1000)) for side in (-0.5, 0.5)]] += 2
    return signal


def two_sines_two_clicks(clips, scene, values):
    length, samples = values["frame_length"], clips.pop("Play the signal").samples
    assert is_scaled(samples, np.tile(two_and_two(values["gap_hz"], values["gap_ms"]), 2))
    image = only(scene.axes[0], Image)
    starts = 2000 - length // 2 + min(values["frame_step"], length) * np.arange(image.values.shape[1])
    cut = samples[starts[:, None] + np.arange(length)]
    levels = power(cut, scipy.signal.get_window(values["window"], length, fftbins=False), max(512, length))
    assert differs_by_a_constant(image.values, levels.T[: image.values.shape[0]], -110)


def zero_padding(clips, scene, values):
    samples, length = clips.pop("Play the signal").samples, values["frame_length"]
    frame = samples[len(samples) // 2 - length // 2 :][:length]
    levels = power(frame, scipy.signal.get_window(values["window"], length), values["fft_length"])
    assert differs_by_a_constant(only(scene.axes[0], Points, "bins").y, levels, -55)


def hop_and_overlap(clips, scene, values):
    assert is_scaled(clips.pop("Play the tone").samples, np.tile(only(scene.axes[0], Line).y, 4))


def density_and_spectrum(clips, scene, values):
    noise = np.random.default_rng(0).standard_normal(2**16)[:32_000]
    sine, level = np.sin(2 * np.pi * 1000 / 16_000 * np.arange(32_000)), (lambda decibels: 10 ** (decibels / 20))
    mixed = level(values["amplitude_db"]) * sine + level(values["noise_db"]) * noise
    assert is_scaled(clips.pop("Play the signal").samples, mixed)


def floor(clips, scene, values):
    times = np.arange(16_000) / 16_000
    falling = 10 ** ((values["level_db"] - 100 * times) / 20) * np.sin(2 * np.pi * 1000 * times)
    # This clip is not normalised.
    assert np.allclose(clips.pop("Play the tone").samples, falling, rtol=0, atol=ROUNDING)


def phase_advance(clips, scene, values):
    points = only(scene.axes[0], Points)
    starts = values["frame_step"] * np.arange(len(points.y))
    cut = clips.pop("Play the sine").samples[starts[:, None] + np.arange(256)]
    shift = np.angle(np.fft.rfft(cut * np.hanning(256))[:, 32]) - points.y
    assert np.abs(np.exp(1j * shift) - 1).max() < 1e-6


def layout(clips, scene, values):
    cells = [item for item in scene.axes[1].items if isinstance(item, Band)]
    notes = clips.pop("Play the values in memory order").samples.reshape(len(cells), -1)
    spectra = np.abs(np.fft.rfft(notes, 8 * 8000))
    channels = ["first", "second", "third", "fourth"]
    for cell, note, spectrum in zip(cells, notes, spectra, strict=True):
        part, _, bin_number = cell.text.rpartition("k")
        pitch = 110 * 2 ** (channels.index(cell.colour) + (0, 2, 4, 7)[int(bin_number)] / 12)
        assert spectrum.argmax() / 8 == pytest.approx(pitch, rel=0.01)
        assert (spectrum[round(8 * 3 * pitch)] > 0.3 * spectrum.max()) == part.startswith("im")
        if len({each.fill for each in cells}) == 2:
            assert (np.abs(note).max() > 0.6 * np.abs(notes).max()) == (cell.fill == "soft")


def one_bin(clips, scene, values):
    assert is_scaled_start(clips.pop("Play the sine").samples, only(scene.axes[0], Points).y)


def is_scaled_start(samples, drawn):
    """Whether a clip starts with the samples drawn, up to a positive factor."""
    start = samples[: len(drawn)]
    return np.abs(drawn).max() < ROUNDING or is_scaled(start, drawn)


def kernels_as_filters(clips, scene, values):
    kernel = only(scene.axes[0], Line, "real_kernel").y
    voice, noise = clips.pop("Play the voice").samples, np.random.default_rng(0).standard_normal(24_000)
    assert is_scaled(
        clips.pop("Play the voice through bin k").samples, scipy.signal.oaconvolve(voice, kernel[::-1], "valid")
    )
    assert is_scaled(
        clips.pop("Play noise through bin k").samples, scipy.signal.oaconvolve(noise, kernel[::-1], "valid")
    )
    recorded = load_recording("voice").samples[0, :, 0]
    resampled = scipy.signal.resample(recorded, len(voice))
    assert np.corrcoef(voice, resampled)[0, 1] > 0.99


def overfitting(clips, scene, values):
    samples = clips.pop("Play clips of both classes").samples.reshape(4, 1024 + 2400)
    assert not samples[:, 1024:].any()
    cut = np.lib.stride_tricks.sliding_window_view(samples[:2, :1024], 128, axis=1)[:, ::16].reshape(-1, 128)
    levels = power(cut, np.hanning(128)).T
    assert differs_by_a_constant(only(scene.axes[0], Image).values, levels, -110)


def mode_information(clips, scene, values):
    waveform, *spectrograms = scene.axes
    for label, spectrogram in zip(("original", "reconstruction"), spectrograms, strict=True):
        samples, line = clips.pop(f"Play the {label}").samples, only(waveform, Line, label)
        cut = np.lib.stride_tricks.sliding_window_view(samples, 512)[::32]
        assert is_scaled(samples[np.rint(line.x * 44.1 / 4).astype(int)], line.y)
        levels = power(cut, scipy.signal.get_window("hann", 512)).T
        assert differs_by_a_constant(only(spectrogram, Image).values, levels, -110)


def overlap_add(clips, scene, values):
    assert is_am_tone(clips.pop("Play a tone with this envelope"), only(scene.axes[0], Line, "sum"))


def griffin_lim(clips, scene, values):
    original, found = (clips.pop(f"Play the {label}").samples for label in ("original", "reconstruction"))
    target, reached = (magnitudes(each, values["frame_length"], values["overlap"]) for each in (original, found))
    distance = np.linalg.norm(reached - target) / np.linalg.norm(target)
    assert distance == pytest.approx(only(scene.axes[0], Points).y[0], rel=1e-3)


def magnitudes(samples, length, overlap):
    """Compute the magnitudes of the frames of a signal, with padding "same"."""
    return np.abs(np.fft.rfft(framed(samples, length, length // overlap) * scipy.signal.get_window("hann", length)))


def framed(samples, length, step):
    """Cut a signal into frames, with padding "same"."""
    n_frames = -(-len(samples) // step)
    total = max((n_frames - 1) * step + length - len(samples), 0)
    padded = np.pad(samples, (total // 2, total - total // 2))
    return padded[step * np.arange(n_frames)[:, None] + np.arange(length)]


def conventions(clips, scene, values):
    bands = [item for item in scene.axes[0].items if isinstance(item, Band)][::-1]
    ffts = clips.pop("Play the first FFT of each").samples.reshape(-1, 6000)
    tone = np.sin(2 * np.pi * PITCH / RATE * np.arange(4000))
    assert not ffts[:, 4000:].any()
    # From the top row to the bottom row; in each, the bar of the window precedes that of the FFT.
    for window, fft, samples in zip(bands[::2], bands[1::2], ffts[:, :4000], strict=True):
        position = fft.x[0] + np.floor(np.arange(4000) * values["fft_length"] / 4000)
        on_signal = (position >= max(window.x[0], 0)) & (position < window.x[1])
        assert np.allclose(samples / 0.8, on_signal * tone, rtol=0, atol=0.01)


def library_alignment(clips, scene, values):
    hann, signal = np.hanning(400), clips.pop("Play the signal").samples
    drawn, frame = only(scene.axes[0], Line, "specwidget").y, signal[160 * values["frame"] :][:400]
    if values["quantity"] == "real":
        assert is_scaled(np.fft.rfft(frame * hann, 512).real, drawn)
    else:
        assert differs_by_a_constant(drawn, power(frame, hann, 512), -95)
    aligned = frozenset(each.name for each in SWITCHES if values[each.name])
    total, weight = np.zeros((2, len(signal)))
    for t, spectrum in enumerate(library_stft(values["library"], aligned)):
        total[160 * t :][:400] += hann * np.fft.irfft(spectrum, 512)[:400]
        weight[160 * t :][:400] += hann**2
    # At the ends the sum of the squared windows is close to 0, and the clip is muted.
    assert is_scaled(
        clips.pop("Play our inverse of their values").samples[400:8000], total[400:8000] / weight[400:8000]
    )


def source_separation(clips, scene, values):
    mixture = clips.pop("Play the mixture").samples
    voice, other = (clips.pop(f"Play the {label}").samples for label in ("separated voice", "other separated source"))
    assert np.allclose(voice + other, mixture, rtol=0, atol=ROUNDING)
    recorded = scipy.signal.resample(load_recording("voice").samples[0, :, 0], len(mixture))
    assert np.corrcoef(voice, recorded)[0, 1] > np.corrcoef(other, recorded)[0, 1]
    image = np.abs(only(scene.axes[0], Image).values)
    window = scipy.signal.get_window(values["window"], values["frame_length"])
    cut = framed(mixture, values["frame_length"], values["frame_length"] // values["overlap"])
    levels = power(cut, window, 1 << (values["frame_length"] - 1).bit_length()).T[: len(image)]
    assert np.allclose(image, np.clip(levels - levels.max() + 60, 0, None), rtol=0, atol=1e-6)


AUDIO_CHECKS = {
    check.__name__: check
    for check in (
        sinusoid,
        sum_of_sinusoids,
        sampling,
        level,
        frames,
        leakage,
        window_comparison,
        scalloping,
        two_sines_two_clicks,
        zero_padding,
        hop_and_overlap,
        density_and_spectrum,
        floor,
        phase_advance,
        layout,
        one_bin,
        kernels_as_filters,
        overfitting,
        mode_information,
        overlap_add,
        griffin_lim,
        conventions,
        library_alignment,
        source_separation,
    )
} | {"gradient_of_one_bin": one_bin}


@pytest.mark.slow
@pytest.mark.parametrize("name", AUDIO_CHECKS)
def test_audio_is_the_signal_drawn_for_all_positions_of_the_controls(name):
    plan = FIGURES[name]
    assert plan.sounds
    for values, scene in positions_of(plan):
        clips = {button: render(**values) for button, render in plan.sounds.items()}
        AUDIO_CHECKS[name](clips, scene, values)
        # Each check removes the clips that it has compared.
        assert clips == {}


def test_every_figure_of_a_sound_can_be_heard():
    assert AUDIO_CHECKS.keys() == {name for name, plan in FIGURES.items() if plan.sounds}
    assert FIGURES.keys() - AUDIO_CHECKS.keys() == {"operation_count"}


def played(widget, button):
    """Return the sample rate and the samples that the page receives for a play button."""
    sent = []
    widget.send = lambda content, buffers=None: sent.append((content, buffers))
    widget._handle_custom_msg({"kind": "play", "name": button}, [])
    ((content, (samples,)),) = sent
    assert content["kind"] == "sound"
    assert content["header"]["name"] == button
    return content["header"]["rate"], bytes(samples)


@pytest.mark.slow
@pytest.mark.parametrize("name", FIGURES)
def test_an_open_figure_plays_audio_for_its_current_controls(name):
    plan = FIGURES[name]
    figure = getattr(figures, name)()
    *_, (values, _) = positions_of(plan)
    figure.set(**values)
    for button, render in plan.sounds.items():
        clip = render(**values)
        assert played(figure, button) == (round(clip.sample_rate), encode_pcm(clip.samples))
    figure.close()


def test_a_scene_can_be_shown_with_audio():
    clip = AudioClip(np.sin(np.arange(8000)), 8000.0)
    figure = figures.show(Scene((Axes("A sine", "n", "x", (0, 1), (0, 1)),), "A sine."), "", {"Play it": clip})
    assert figure.sounds == ["Play it"]
    assert played(figure, "Play it") == (8000, encode_pcm(clip.samples))
    figure.close()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_signal_of_a_spectrogram_exercise_can_be_played(seed):
    question = ExerciseWidget("frame_length_from_spectrogram", seed)
    gap = float(dict(question.current.facts)["sines"].split()[0])
    rate, samples = played(question, "Play the signal")
    assert question.case["sounds"] == ["Play the signal"]
    assert rate == 8000
    signal = two_and_two(gap, 40.0)
    assert np.allclose(np.frombuffer(samples, "<i2")[:8000] / 2**15, 0.8 * signal / signal.max(), rtol=0, atol=2**-15)
    question.close()


def test_an_unknown_play_button_is_ignored():
    question = ExerciseWidget("frame_count", 1)
    sent = []
    question.send = lambda *message: sent.append(message)
    question._handle_custom_msg({"kind": "play", "name": "Play the signal"}, [])
    assert (question.case["sounds"], sent) == ([], [])
    question.close()


def test_a_rectangular_envelope_clicks_and_a_hann_envelope_does_not():
    boxcar, hann = (am_tone(scipy.signal.get_window(name, 64), 1.0).samples for name in ("boxcar", "hann"))
    assert np.abs(np.diff(boxcar)).max() == pytest.approx(0.8)
    assert np.abs(np.diff(hann)).max() < 0.8 * 2 * np.pi * PITCH / RATE
