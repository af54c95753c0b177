"""Values of a file in blocks, against those of a call of the layer."""

import numpy as np
import pytest

import specwidget
from specwidget.corpus import features
from specwidget.corpus.features import (
    ChangedFileError,
    iter_values,
    read_recording,
    refusal,
    settings_document,
    settings_of,
)
from specwidget.mel.stages import transform_of
from specwidget.stft.layout import to_output
from specwidget.stft.pipeline import one_thread
from tests.corpus.recordings import features_of, write_noise
from tests.selection import slow_but

KALDI = specwidget.MelConventions(
    ends="reflect", placement="left", gain=32768.0, remove_mean="signal", preemphasis=0.97, preemphasis_over="signal"
)
BANDS = {"fft_length": 512, "sequence_stride": 160, "sequence_length": 400, "num_mel_bins": 40}
MEL = specwidget.MelSpectrogram(**BANDS)
LAYERS = {
    "stft": specwidget.STFTSpectrogram(),
    "same": specwidget.STFTSpectrogram("magnitude", 400, 160, padding="same"),
    "channels first": specwidget.STFTSpectrogram("stft", padding="same", data_format="channels_first"),
    "axes": specwidget.STFTSpectrogram("psd", 300, 299, expand_dims=True, dtype="float64"),
    "half": specwidget.STFTSpectrogram(dtype="float16"),
    "mel": MEL,
    "mel first": specwidget.MelSpectrogram(**BANDS, data_format="channels_first", top_db=None),
    "long step": specwidget.MelSpectrogram(64, 4000, num_mel_bins=8),
    "normalized": specwidget.MelSpectrogram(
        **BANDS, conventions=specwidget.MelConventions(normalization="band", ddof=1, ends="zeros", drop_last_frame=True)
    ),
    "kaldi": specwidget.MelSpectrogram(**BANDS, conventions=KALDI),
    "no ends": specwidget.MelSpectrogram(**BANDS, conventions=specwidget.MelConventions(ends=None)),
    "mfcc": specwidget.MFCC(MEL, 13),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Return a file in stereo that takes many blocks."""
    return write_noise(tmp_path_factory.mktemp("sound") / "long.flac", 300_001, 2)


def blocks_of(layer, path):
    settings = settings_of(settings_document(layer))
    recording = read_recording(str(path))
    # As a worker does.
    with one_thread():
        return settings, recording, [*iter_values(recording, settings)]


@pytest.mark.parametrize("name", slow_but(LAYERS, ("same", "mel", "half").__contains__))
def test_a_long_file_in_blocks_has_the_bits_of_the_layer(name, sound, monkeypatch):
    monkeypatch.setattr(features, "WHOLE_SAMPLES", 2**14)
    monkeypatch.setattr(features, "CHUNK_VALUES", 2**12)
    monkeypatch.setattr("specwidget.mel.pipeline.CHUNK_VALUES", 2**14)
    settings, recording, blocks = blocks_of(LAYERS[name], sound)
    assert recording.samples is None
    assert len(blocks) > 1 or name == "long step"
    values = np.concatenate(blocks, axis=1)[None]
    output = to_output(values, transform_of(settings))[0]
    np.testing.assert_array_equal(output, features_of(LAYERS[name], sound))


@pytest.mark.parametrize("name", LAYERS)
def test_a_short_file_is_one_block_of_the_bits_of_the_layer(name, sound):
    settings, _, blocks = blocks_of(LAYERS[name], sound)
    assert len(blocks) == 1
    output = to_output(blocks[0][None], transform_of(settings))[0]
    np.testing.assert_array_equal(output, features_of(LAYERS[name], sound))


def test_a_file_that_shrinks_between_two_readings_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(features, "WHOLE_SAMPLES", 2**12)
    path = write_noise(tmp_path / "a.wav", 50_000)
    recording = read_recording(str(path))
    write_noise(path, 20_000)
    with pytest.raises(ChangedFileError):
        [*iter_values(recording, settings_of(settings_document(MEL)))]


def test_a_recording_says_what_it_is(sound):
    recording = read_recording(str(sound))
    assert (recording.sample_rate, recording.n_channels, recording.n_samples) == (16_000, 2, 300_001)
    assert recording.description == "FLAC file, Signed 16 bit PCM"
    np.testing.assert_allclose(recording.sums, recording.samples.sum(axis=0, dtype="float64"), rtol=1e-12)


def test_a_layer_refuses_another_rate_and_less_than_a_frame(tmp_path):
    recording = read_recording(str(write_noise(tmp_path / "a.wav", 100, rate=8000)))
    assert "must have the layer's sample rate, 16000 Hz; got" in refusal(recording, settings_of(settings_document(MEL)))
    stft = settings_of(settings_document(specwidget.STFTSpectrogram()))
    assert "must have at least one frame of 256 samples" in refusal(recording, stft)


def test_trained_kernels_are_refused():
    layer = specwidget.STFTSpectrogram()
    layer.set_weights([2 * kernel for kernel in layer.get_weights()])
    with pytest.raises(ValueError, match="must have Fourier kernels"):
        settings_document(layer)


@pytest.mark.parametrize("layer", [None, 3, "whisper"])
def test_what_is_no_layer_is_refused(layer):
    with pytest.raises(TypeError, match="must be an STFTSpectrogram, a MelSpectrogram or an MFCC"):
        settings_document(layer)


def test_settings_of_every_kind_make_one_document():
    whisper = specwidget.front_ends["whisper"]
    documents = {settings_document(each) for each in (whisper, whisper.layer, whisper.layer.settings)}
    assert len(documents) == 1
