"""What the layer keeps, made audible."""

import numpy as np
import pytest

from specwidget import STFTSpectrogram
from specwidget.explorer.spectrogram_view.resynthesis import (
    SILENT_MODES,
    ResynthesisRequest,
    ResynthesisWorker,
    _cross_fade,
    iter_resynthesis,
)
from specwidget.raster.columns import Channel
from specwidget.stft.settings import MODES


@pytest.fixture(scope="module")
def signal():
    """Two seconds of a melody in noise at 8 kHz, (1, L, 1)."""
    times = np.arange(16_000) / 8000
    tones = np.sin(2 * np.pi * 440 * times) * (times % 0.5 < 0.4) + 0.5 * np.sin(2 * np.pi * 660 * times)
    noise = np.random.default_rng(0).standard_normal(len(times))
    return (0.3 * tones + 0.01 * noise).astype("float32")[None, :, None]


def join(pieces):
    """Return pieces as one signal, once they follow each other."""
    begins, parts = zip(*pieces, strict=True)
    assert np.diff([*begins, begins[-1] + len(parts[-1])]).tolist() == [len(part) for part in parts]
    return np.concatenate(parts)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize(("first", "last"), [(0, 16_000), (3001, 9002), (15_000, 16_000)])
def test_from_both_parts_the_signal_comes_back_whatever_the_pieces(signal, padding, data_format, first, last):
    layer = STFTSpectrogram("stft", 128, 48, padding=padding, data_format=data_format)
    heard = join(iter_resynthesis(Channel(layer, signal), first, last, length=1024))
    assert len(heard) == last - first
    # Without padding the samples at both ends lie under a window that is nearly 0, those after the last frame in none.
    inside = slice(max(0, 128 - first), len(heard) - max(0, last - 16_000 + 256))
    np.testing.assert_allclose(heard[inside], signal[0, first:last, 0][inside], atol=2e-5)


@pytest.mark.parametrize("mode", ["log", "magnitude", "psd"])
def test_from_levels_comes_a_signal_with_these_levels(signal, mode):
    layer = STFTSpectrogram("magnitude", 256, 64)
    heard = join(iter_resynthesis(Channel(STFTSpectrogram(mode, 256, 64), signal), 0, 16_000, length=4096))
    wanted, got = layer(signal), layer(heard[None, :, None])
    assert np.linalg.norm(got - wanted) / np.linalg.norm(wanted) < 0.15


def test_pieces_have_no_seams(signal):
    layer = STFTSpectrogram("log", 256, 64)
    heard = join(iter_resynthesis(Channel(layer, signal), 0, 16_000, length=2048))
    steps = np.abs(np.diff(heard))
    seams = np.arange(2048, 15_000, 2048)
    assert max(steps[seams - 1]) < 2 * np.abs(np.diff(signal[0, :, 0])).max()


def test_a_piece_is_turned_round_where_that_follows_better():
    wave = np.sin(np.arange(200, dtype="float32") / 5)
    piece = -wave
    np.testing.assert_allclose(_cross_fade(wave[:50], piece), wave[:50], atol=1e-6)
    np.testing.assert_array_equal(piece[50:], wave[50:])


@pytest.mark.parametrize("mode", SILENT_MODES)
def test_a_mode_without_levels_says_why_it_cannot_be_heard(signal, mode):
    with pytest.raises(ValueError, match=f"for playback; got '{mode}'. .* alone"):
        next(iter_resynthesis(Channel(STFTSpectrogram(mode), signal), 0, 100))


def test_every_mode_is_heard_or_says_why_not():
    assert set(MODES) == {"stft", "log", "magnitude", "psd", *SILENT_MODES}


def test_trained_kernels_have_no_way_back(signal):
    layer = STFTSpectrogram("log", 64)
    layer.set_weights([1.01 * weight for weight in layer.get_weights()])
    with pytest.raises(ValueError, match="The reconstruction needs Fourier kernels"):
        next(iter_resynthesis(Channel(layer, signal), 0, 100))


def test_a_window_that_does_not_overlap_says_so(signal):
    with pytest.raises(ValueError, match="NOLA"):
        next(iter_resynthesis(Channel(STFTSpectrogram("log", 64, 64), signal), 0, 1000))


def send_all(requests):
    """Return what a worker sends for requests, one after the other."""
    sent = []
    worker = ResynthesisWorker(lambda request, about, pcm: sent.append((request, about, pcm)))
    for request in requests:
        worker._request = request
        worker._run()
    worker.close()
    return sent


def test_the_latest_request_wins_and_an_old_one_is_abandoned(signal):
    channel = Channel(STFTSpectrogram("stft", 128, 64), signal)
    requests = [
        ResynthesisRequest(channel, 0, 16_000, {}, lambda: False, 16_000.0),
        ResynthesisRequest(channel, 0, 500, {}, lambda: True, 16_000.0),
    ]
    sent = send_all(requests)
    assert [request for request, _, _ in sent] == [requests[1]] * 2
    assert [about for _, about, _ in sent] == [{"progress": 1.0}, {"first": 0, "last": 500, "gain": 1.0}]
    assert len(sent[1][2]) == 1000


def test_a_reconstruction_is_scaled_by_its_own_peak_and_not_turned_up_again(signal):
    loud = signal * (np.arange(16_000)[:, None] < 8000)
    loud *= 4 / np.abs(loud).max()
    channel = Channel(STFTSpectrogram("stft", 128, 64), loud.astype("float32"))
    spans = [(0, 8000), (8000, 16_000)]
    sent = send_all([ResynthesisRequest(channel, *span, {}, lambda: True, 16_000.0) for span in spans])
    gains = [about["gain"] for _, about, _ in sent if "gain" in about]
    assert gains == pytest.approx([0.25, 0.25], rel=1e-3)
    heard = np.frombuffer(b"".join(pcm for _, _, pcm in sent if pcm), "<i2") / 2**15
    np.testing.assert_allclose(heard[128:7800], loud[0, 128:7800, 0] / 4, atol=1e-3)
