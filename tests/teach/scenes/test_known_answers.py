"""Test the numbers in the figures against independent computations."""

import math

import numpy as np
import pytest
import scipy.signal

from specwidget.charts.scene import Band, Image, Line, Points, ReferenceLine
from specwidget.teach.figures import FIGURES
from specwidget.teach.scenes import (
    density_and_spectrum,
    gradient_of_one_bin,
    grid_search,
    griffin_lim,
    kernels_as_filters,
    one_bin,
    operation_count,
    phase_advance,
    scalloping,
)


def items(scene, kind, axes=0):
    """Items of one kind on an axes."""
    return [item for item in scene.axes[axes].items if isinstance(item, kind)]


def dft(samples, n_fft):
    """Sum the DFT directly."""
    n = np.arange(len(samples))
    return np.array([np.sum(samples * np.exp(-2j * np.pi * k * n / n_fft)) for k in range(n_fft // 2 + 1)])


@pytest.mark.parametrize(("window", "loss"), [("boxcar", 3.92), ("hann", 1.42), ("flattop", 0.01)])
def test_scalloping_loss_agrees_with_published_values(window, loss):
    levels = scalloping.bin_levels(np.array([0.5]), window, 1)[0]
    assert levels.max() == pytest.approx(-loss, abs=0.015)


def test_zero_padding_only_interpolates():
    short, long = (items(FIGURES["zero_padding"].scene(fft_length=n), Points)[0] for n in (128, 1024))
    assert long.y[::8] == pytest.approx(short.y, abs=1e-9)


def test_hann_resolves_sines_three_bins_apart_but_not_one():
    captions = [FIGURES["zero_padding"].scene(gap_hz=gap, frame_length=128).caption for gap in (60, 200)]
    assert ["does not resolve them" in caption for caption in captions] == [True, False]


@pytest.mark.parametrize("scaling", ["density", "spectrum", None])
@pytest.mark.parametrize("window", ["hann", "boxcar"])
def test_levels_of_sine_and_noise_follow_from_the_definitions(scaling, window):
    w = scipy.signal.get_window(window, 256)
    square = {"density": np.sum(w**2), "spectrum": np.sum(w) ** 2, None: 1.0}[scaling]
    scene = FIGURES["density_and_spectrum"].scene(
        frame_length=256, scaling=scaling, window=window, amplitude_db=-20.0, noise_db=-40.0
    )
    sine, noise = (rule.y for rule in items(scene, ReferenceLine))
    known = 2 * 1e-4 * np.sum(w**2) / square
    assert noise == pytest.approx(10 * np.log10(known))
    assert sine == pytest.approx(10 * np.log10(0.1**2 / 2 * np.sum(w) ** 2 / square + known))
    power = 10 ** (items(scene, Line)[0].y / 10)
    found = density_and_spectrum.measured_psd(power)
    # 511 frames: the noise of 100 bins is known to about a hundredth, that of the sine's bin to a tenth of its share.
    assert 10 * math.log10(found[1]) == pytest.approx(noise, abs=0.1)
    assert 10 * math.log10(found[0]) == pytest.approx(sine, abs=0.1)


def test_the_phase_advance_gives_the_frequency_unless_it_is_ambiguous():
    frequency = (phase_advance.BIN + 0.3) * phase_advance.RATE / phase_advance.FRAME_LENGTH
    for step, is_found in ((16, True), (64, True), (256, True)):
        points = items(FIGURES["phase_advance"].scene(offset=0.3, frame_step=step), Points, axes=1)[0]
        assert bool(np.abs(points.y - frequency).max() < 1) == is_found
    # 1.5 bins and a step of one frame: 1.5 cycles more than the centre of the bin, hence ambiguous.
    assert "which is wrong" in FIGURES["phase_advance"].scene(offset=1.5, frame_step=256).caption


def test_the_floor_follows_from_epsilon():
    scene = FIGURES["floor"].scene(epsilon_power=-5, level_db=-6.0, scaling="spectrum")
    assert items(scene, Band)[0].y[1] == pytest.approx(-50)
    free, shown = items(scene, Line)
    assert shown.y == pytest.approx(np.maximum(free.y, -50), abs=1e-9)
    # A sine of amplitude A reads A / 2 with a scaling that divides by the window's sum.
    start = 10 ** (-6 / 20) / 2
    fall = 100 * free.x[0]
    assert free.y[0] == pytest.approx(20 * math.log10(start) - fall, abs=0.05)


@pytest.mark.parametrize("expand_dims", [False, True])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("mode", ["magnitude", "stft"])
def test_cells_follow_the_layout_of_the_contract(mode, data_format, expand_dims):
    channels, frames, bins = 2, 3, 3
    parts = ["re ", "im "] if mode == "stft" else [""]
    values = [f"{part}k{k}" for part in parts for k in range(bins)]
    c, t = range(channels), range(frames)
    if expand_dims and data_format == "channels_last":
        rows = [[f"t{i} c{j} {v}" for v in values for j in c] for i in t]
    elif expand_dims:
        rows = [[f"t{i} c{j} {v}" for i in t for v in values] for j in c]
    elif data_format == "channels_last":
        rows = [[f"t{i} c{j} {v}" for j in c for v in values] for i in t]
    else:
        rows = [[f"t{i} c{j} {v}" for i in t] for j in c for v in values]
    scene = FIGURES["layout"].scene(
        n_channels=channels, n_frames=frames, n_bins=bins, mode=mode, data_format=data_format, expand_dims=expand_dims
    )
    cells = {(round(band.x[0] - 0.04), round(band.y[0] - 0.05)): band.text for band in items(scene, Band)}
    assert [[cells[x, len(rows) - 1 - y] for x in range(len(row))] for y, row in enumerate(rows)] == rows


def test_the_sums_of_one_bin_equal_the_dft():
    scene = FIGURES["one_bin"].scene(bin_number=5, sine_bin=5.3, phase=0.2, window="hann", scaling="spectrum")
    w = scipy.signal.get_window("hann", one_bin.FRAME_LENGTH, fftbins=False)
    n = np.arange(one_bin.FRAME_LENGTH)
    frame = np.sin(2 * np.pi * (5.3 * n / one_bin.FRAME_LENGTH + 0.2))
    value = dft(frame * w / w.sum(), one_bin.FRAME_LENGTH)[5]
    assert f"re = {value.real:.4f} and im = {value.imag:.4f}" in scene.caption
    products = [items(scene, Line, axes)[1].y.sum() for axes in (1, 2)]
    assert products == pytest.approx([value.real, value.imag])


def test_the_response_is_1_at_the_centre_of_the_bin_and_0_at_the_next():
    real, imag = (f(2 * np.pi * 12 * np.arange(128) / 128) / 128 for f in (np.cos, lambda angle: -np.sin(angle)))
    answer = kernels_as_filters.response(real, imag)
    own = 12 * kernels_as_filters.N_POINTS // 128
    assert answer[own] == pytest.approx(1)
    assert answer[own + kernels_as_filters.N_POINTS // 128] == pytest.approx(0, abs=1e-9)


def test_the_sum_of_sinusoids_has_the_amplitude_in_the_caption():
    scene = FIGURES["sum_of_sinusoids"].scene(phase=90, ratio=0.5)
    assert items(scene, Line, axes=1)[0].y.max() == pytest.approx(np.hypot(1, 0.5), rel=1e-4)
    assert f"amplitude {np.hypot(1, 0.5):.3f}" in scene.caption


@pytest.mark.parametrize(("frequency", "heard"), [(1000, 1000), (5000, 3000), (7500, 500)])
def test_the_samples_of_a_tone_are_those_of_the_frequency_that_is_heard(frequency, heard):
    caption = FIGURES["sampling"].scene(frequency=frequency, sample_rate=8000).caption
    spectrum = np.abs(np.fft.rfft(np.cos(2 * np.pi * frequency * np.arange(8000) / 8000)))
    assert np.argmax(spectrum) == heard
    assert f"{heard} Hz" in caption


def test_twenty_decibels_are_a_tenth_of_the_amplitude():
    assert "the amplitude is multiplied by 0.1, the power by 0.01" in FIGURES["level"].scene(change=-20).caption


def test_multiplications_are_counted():
    # 8 samples: 5 bins with 2 kernels of 8; the FFT of 8 has 3 stages of 4 butterflies, 4 real products each, halved.
    assert operation_count.count_matmul(8) == 2 * 5 * 8
    assert operation_count.count_fft(8) == 8 + 3 * 4 * 4 // 2


def test_the_analytic_gradient_equals_vjp_and_finite_differences():
    from specwidget import STFTSpectrogram

    frame = one_bin.signal(5.4, 0.1)
    layer = STFTSpectrogram("log", one_bin.FRAME_LENGTH, scaling="spectrum", dtype="float64", epsilon=1e-30)
    found = gradient_of_one_bin.gradient(layer, frame, 5)
    real, imag = layer.get_weights()
    step = 1e-6
    for n in (0, 17, 40):
        moved = []
        for sign in (1, -1):
            changed = real.copy()
            changed[n, 0, 5] += sign * step
            moved.append(0.5 * np.log((frame @ changed[:, 0, 5]) ** 2 + (frame @ imag[:, 0, 5]) ** 2))
        assert found[n] == pytest.approx((moved[0] - moved[1]) / (2 * step), rel=1e-6)
    factor, _ = gradient_of_one_bin.analytic_factor(layer, frame, 5)
    assert found == pytest.approx(factor * frame)


def test_the_caption_has_the_sum_of_windows_and_nola_and_cola():
    scene = FIGURES["overlap_add"].scene(window="hann", frame_length=64, frame_step=32, squared=True, periodic=True)
    w = scipy.signal.get_window("hann", 64)
    sums = w[:32] ** 2 + w[32:] ** 2
    assert items(scene, ReferenceLine)[0].y == pytest.approx(sums.min())
    assert scene.caption.startswith(
        f"NOLA holds: the minimum of the sum of w² is {sums.min() / sums.max():.3g} of its maximum"
    )
    assert "COLA does not hold" in FIGURES["overlap_add"].scene(periodic=False).caption
    assert "NOLA does not hold" in FIGURES["overlap_add"].scene(frame_step=64).caption
    with pytest.raises(ValueError, match="`frame_step` must be between 1 and frame_length=64; got 65"):
        FIGURES["overlap_add"].scene(frame_step=65)


def test_the_error_of_griffin_lim_is_that_of_its_signal():
    found, error = griffin_lim.reconstruct(512, 4, 0.99, 8)
    words = griffin_lim.speech_excerpt()
    w = scipy.signal.get_window("hann", 512)
    # Away from the padding at both ends, with the STFT computed directly.
    frames = [
        np.abs([np.fft.rfft(signal[at : at + 512] * w) for at in range(1024, 7000, 128)]) for signal in (found, words)
    ]
    assert np.linalg.norm(frames[0] - frames[1]) / np.linalg.norm(frames[1]) == pytest.approx(error, rel=0.15)
    assert griffin_lim.convergences(512, 4, 0.99)[-1] < griffin_lim.convergences(512, 4, 0.0)[-1]


def test_the_best_score_of_a_grid_is_marked_and_in_the_caption():
    scores = np.array([[1.0, np.nan, 3.0], [2.0, 5.0, 0.0]])
    names = {"row_name": "window", "column_name": "frame_length"}
    scene = grid_search.grid_scene(scores, ("hann", "boxcar"), (128, 256, 512), **names)
    mark = items(scene, Points)[0]
    assert (mark.x[0], mark.y[0]) == (1, 1)
    assert scene.caption == "The best score, 5, is that of window boxcar with frame_length 256."
    lowest = grid_search.grid_scene(scores, ("hann", "boxcar"), (128, 256, 512), highest=False, **names)
    assert lowest.caption.endswith("window boxcar with frame_length 512.")
    assert items(scene, Image)[0].values.shape == (2, 3)


@pytest.mark.parametrize(
    ("scores", "sentence"),
    [
        ([[1.0, 2.0]], r"`scores` must have shape \(2, 3\); got shape \(1, 2\)"),
        (np.full((2, 3), np.nan), "`scores` must hold at least one finite number; got none"),
    ],
)
def test_invalid_scores_are_refused(scores, sentence):
    with pytest.raises(ValueError, match=sentence):
        grid_search.grid_scene(scores, "ab", "cde", row_name="row", column_name="column")
