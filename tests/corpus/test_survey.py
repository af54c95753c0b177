"""Surveys, against a direct computation of what they say."""

import dataclasses
import json
import math
import os
import re
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import soundfile

import specwidget
from specwidget.corpus import FileSurvey, Survey, features, file_survey, survey
from specwidget.corpus.file_survey import survey_values
from specwidget.corpus.oddness import MEASURES
from specwidget.sounds import read_sound
from tests.corpus.recordings import features_of, write_noise

MEL = specwidget.MelSpectrogram(512, 160, 400, num_mel_bins=20, top_db=30.0)
LAYERS = {
    "log": specwidget.STFTSpectrogram(epsilon=0.01),
    "magnitude": specwidget.STFTSpectrogram("magnitude", epsilon=0.01),
    "psd": specwidget.STFTSpectrogram("psd"),
    "angle": specwidget.STFTSpectrogram("angle"),
    "mel": MEL,
    "power": specwidget.MelSpectrogram(512, 160, num_mel_bins=20, power_to_db=False),
    "ln": specwidget.MelSpectrogram(512, 160, num_mel_bins=20, conventions=specwidget.MelConventions(logarithm="ln")),
    "added floor": specwidget.MelSpectrogram(512, num_mel_bins=20, conventions=specwidget.MelConventions(floor="add")),
    "mfcc": specwidget.MFCC(MEL, 13),
}


@pytest.fixture
def surveyed(client):
    return lambda files, layer=None: survey(files, layer, client=client, progress=False)


def test_what_is_said_of_a_file(tmp_path, surveyed):
    path = write_noise(tmp_path / "a.wav", 4096, 2, rate=8000, scale=0.6)
    (file,) = surveyed(path).files
    samples = read_sound(path).samples[0]
    assert (file.path, file.size, file.problem) == (str(path), path.stat().st_size, "")
    assert (file.duration, file.sample_rate, file.channels) == (0.512, 8000, 2)
    assert file.format == "WAV file, Signed 16 bit PCM"
    assert file.peak == np.abs(samples).max()
    assert file.clipped == np.mean(np.abs(samples) >= 0.999)
    means = samples.mean(axis=0, dtype="float64")
    assert file.mean == pytest.approx(means[np.abs(means).argmax()])
    assert (file.silence, file.not_finite, file.n_frames) == (0, 0, 0)


@pytest.mark.parametrize("whole", [2**21, 2**10], ids=["whole", "in blocks"])
@pytest.mark.parametrize("name", LAYERS)
def test_mean_and_deviation_are_those_of_all_values(name, whole, corpus_folder, surveyed, monkeypatch):
    monkeypatch.setattr(features, "WHOLE_SAMPLES", whole)
    layer = LAYERS[name]
    paths = sorted(corpus_folder.iterdir())
    found = surveyed(corpus_folder, layer)
    values = np.concatenate([features_of(layer, path) for path in paths]).astype("float64")
    np.testing.assert_allclose(found.mean, values.mean(axis=0), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(found.std, values.std(axis=0), rtol=1e-4, atol=1e-4)
    assert sum(file.n_frames for file in found.files) == len(values)


def test_the_share_on_the_floor_is_that_of_the_values(corpus_folder, surveyed):
    layer = LAYERS["log"]
    found = surveyed(corpus_folder, layer)
    values = np.concatenate([features_of(layer, path) for path in sorted(corpus_folder.iterdir())])
    expected = np.mean(values <= math.log(0.1) + 1e-6)
    assert 0.1 < expected < 0.9
    assert found.floor_share == pytest.approx(expected, abs=1e-3)
    # What another floor would swallow is known, too, from the levels without one.
    bare = specwidget.STFTSpectrogram(epsilon=1e-4)
    other = np.concatenate([features_of(bare, path) for path in sorted(corpus_folder.iterdir())])
    share = np.mean(other <= 0.5 * math.log(1e-4) + 1e-6)
    assert found.histogram.share_below(-40.0) == pytest.approx(share, abs=2e-3)


def test_values_limited_below_the_top_are_on_the_floor(corpus_folder, surveyed):
    layer = specwidget.MelSpectrogram(512, 160, num_mel_bins=20, top_db=10.0)
    found = surveyed(corpus_folder, layer)
    values = [features_of(layer, path) for path in sorted(corpus_folder.iterdir())]
    expected = np.mean(np.concatenate([each == each.min() for each in values]))
    assert found.floor_share == pytest.approx(expected, abs=1e-3)
    assert any("limited to top_db below the largest" in sentence for sentence in found.advice())


def test_a_broken_file_is_reported_and_stops_nothing(corpus_folder, surveyed):
    (corpus_folder / "bad.wav").write_bytes(b"RIFF" + bytes(200))
    (corpus_folder / "empty.wav").write_bytes(b"")
    found = surveyed([*sorted(corpus_folder.iterdir()), "missing.wav"])
    assert {os.path.basename(file.path) for file in found.unreadable} == {"bad.wav", "empty.wav", "missing.wav"}  # noqa: PTH119
    assert len(found.readable) == 12
    assert all(file.problem.startswith("`file` must") for file in found.unreadable)


def test_a_file_that_the_layer_does_not_take_is_reported(tmp_path, surveyed):
    for name, n_samples, rate in (("a", 4000, 16_000), ("rate", 4000, 8000), ("short", 100, 16_000)):
        write_noise(tmp_path / f"{name}.wav", n_samples, rate=rate)
    layer = specwidget.MelSpectrogram(512, num_mel_bins=20, conventions=specwidget.MelConventions(ends=None))
    refused = {os.path.basename(file.path): file.refused for file in surveyed(tmp_path, layer).files}  # noqa: PTH119
    assert refused["a.wav"] == ""
    assert "sample rate" in refused["rate.wav"]
    assert "at least one frame" in refused["short.wav"]


def test_advice_has_the_numbers(tmp_path, surveyed):
    write_noise(tmp_path / "clipped.wav", 4000, scale=2.0)
    write_noise(tmp_path / "silent.wav", 4000, scale=0.0)
    for i in range(3):
        write_noise(tmp_path / f"{i}.wav", 4000, seed=i)
    write_noise(tmp_path / "stereo.wav", 4000, 2, rate=8000)
    text = "\n".join(surveyed(tmp_path, specwidget.STFTSpectrogram(epsilon=0.01)).advice())
    assert "Clipped, with more than 0.01% of the samples at 0.999 of full scale or above: 1 file" in text
    assert "Silent, below -60 dB for more than 50% of the duration: 1 file" in text
    assert "To be resampled to 16000 Hz, the most frequent rate (5 at 16000 Hz, 1 at 8000 Hz): 1 file" in text
    assert "5 with 1, 1 with 2" in text
    assert "on the floor at epsilon=0.01" in text
    assert "Normalise by mean" in text


def test_a_corpus_without_faults_says_so(tmp_path, surveyed):
    write_noise(tmp_path / "a.wav", 40_000)
    assert surveyed(tmp_path).advice() == ["Nothing stands out."]


def test_conventions_normalise_to_zero_and_one(corpus_folder, surveyed):
    layer = specwidget.MelSpectrogram(512, 160, num_mel_bins=20, top_db=None)
    found = surveyed(corpus_folder, layer)
    normalized = specwidget.MelSpectrogram(512, 160, num_mel_bins=20, top_db=None, conventions=found.conventions)
    values = np.concatenate([features_of(normalized, path) for path in sorted(corpus_folder.iterdir())])
    assert values.mean(dtype="float64") == pytest.approx(0, abs=1e-5)
    assert values.std(dtype="float64") == pytest.approx(1, abs=1e-5)


def test_normalization_code_gives_the_arrays(corpus_folder, surveyed):
    found = surveyed(corpus_folder, MEL)
    names = {}
    exec(found.normalization_code(), names)
    np.testing.assert_allclose(names["mean"], found.mean, rtol=1e-5)
    np.testing.assert_allclose(names["std"], found.std, rtol=1e-5)


def test_two_surveys_of_the_same_files_have_equal_bits(corpus_folder, surveyed, monkeypatch):
    monkeypatch.setattr("specwidget.corpus.listing.BATCH_FILES", 2)
    first, second = (surveyed(corpus_folder, MEL).to_dict() for _ in range(2))
    assert first == second


def test_a_survey_of_new_files_joins_an_old_one(corpus_folder, surveyed):
    paths = sorted(corpus_folder.iterdir())
    joined, whole = surveyed(paths[:5], MEL) + surveyed(paths[5:], MEL), surveyed(paths, MEL)
    assert joined.files == whole.files
    np.testing.assert_allclose(joined.mean, whole.mean, rtol=1e-12)
    np.testing.assert_allclose(joined.std, whole.std, rtol=1e-9)
    np.testing.assert_array_equal(joined.histogram.counts, whole.histogram.counts)
    with pytest.raises(ValueError, match="must be a survey of other files; got 5 that are in this one"):
        joined + surveyed(paths[:5], MEL)
    with pytest.raises(ValueError, match="must be a survey with the settings of this one"):
        joined + surveyed(paths[:5])


def test_a_survey_is_saved_and_loaded(corpus_folder, surveyed, tmp_path):
    found = surveyed(corpus_folder, MEL)
    found.to_json(tmp_path / "survey.json")
    assert Survey.from_json(tmp_path / "survey.json").to_dict() == found.to_dict()
    (tmp_path / "other.json").write_text(json.dumps({"specwidget": "settings"}))
    with pytest.raises(ValueError, match=r"must be a file that Survey\.to_json wrote"):
        Survey.from_json(tmp_path / "other.json")


def test_a_name_that_is_not_utf_8_is_surveyed_and_saved(tmp_path, surveyed):
    from pyarrow import parquet

    name = os.fsdecode(b"caf\xe9.wav")
    path = write_noise(tmp_path / "sounds" / name, 4000)
    write_noise(tmp_path / "sounds" / "a.wav", 4000)
    found = surveyed(tmp_path / "sounds", MEL)
    found.to_json(tmp_path / "survey.json")
    assert Survey.from_json(tmp_path / "survey.json").files[1].path == str(path)
    found.to_parquet(tmp_path / "survey.parquet")
    table = parquet.read_table(tmp_path / "survey.parquet").to_pydict()
    assert table["path"][1].endswith("caf\\udce9.wav")
    assert table["path_bytes"][1] == os.fsencode(path)
    found.to_html(tmp_path / "survey.html")
    assert "caf" in (tmp_path / "survey.html").read_text(encoding="utf-8")
    assert print(found) is None


def test_the_oddest_files_come_first(corpus_folder, surveyed):
    write_noise(corpus_folder / "loud.wav", 2000, scale=1.0)
    write_noise(corpus_folder / "fast.wav", 2000, rate=44_100)
    found = surveyed(corpus_folder)
    names = [os.path.basename(file.path) for file in found.oddest(2)]  # noqa: PTH119
    assert set(names) == {"loud.wav", "fast.wav"}


def test_the_report_lists_each_measure_under_its_title(corpus_folder, surveyed, tmp_path):
    found = surveyed(corpus_folder)
    found.to_html(tmp_path / "survey.html")
    text = (tmp_path / "survey.html").read_text(encoding="utf-8")
    titles = re.findall("<th>(.*?)</th>", text)
    assert titles[:3] == ["File", "Duration, s", "Rate, Hz"]
    row = next(row for row in re.findall("<tr>(.*?)</tr>", text) if "00.wav" in row)
    cells = re.findall("<td>(.*?)</td>", row)
    assert len(cells) == len(titles)
    assert cells[1:4] == ["0.06", "16000", "1"]


def test_every_number_of_a_file_is_a_measure_or_tells_its_state():
    numbers = {each.name for each in dataclasses.fields(FileSurvey) if each.type in ("int", "float")}
    assert numbers - set(MEASURES) == {"size", "time", "n_frames"}


def test_without_a_layer_there_is_no_mean(corpus_folder, surveyed):
    with pytest.raises(ValueError, match=r"must be given to survey\(\) for a mean"):
        _ = surveyed(corpus_folder).mean


@pytest.mark.slow
@pytest.mark.parametrize("layer", [None, LAYERS["log"], LAYERS["angle"]])
def test_a_survey_is_drawn(layer, corpus_folder, surveyed):
    found = surveyed(corpus_folder, layer)
    assert len(found.figure().axes) == (1 if layer is None else 3)
    assert "<img" in found._repr_html_()


def write_sparse(path, n_zeros, scale=0.1):
    """Write a second of noise as floats, the first samples of which are zeros."""
    samples = scale * np.random.default_rng(0).standard_normal(16_000)
    samples[:n_zeros] = 0
    soundfile.write(path, samples, 16_000, subtype="FLOAT")


@pytest.mark.parametrize("n_zeros", [1600, 15_000])
@pytest.mark.parametrize(
    "layer",
    [specwidget.MelSpectrogram(512, 160, num_mel_bins=20, top_db=None), specwidget.STFTSpectrogram(epsilon=1e-10)],
)
def test_zeros_alone_call_for_no_other_floor(layer, n_zeros, tmp_path, surveyed):
    write_sparse(tmp_path / "a.wav", n_zeros)
    found = surveyed(tmp_path, layer)
    assert found.floor_share > 0.05
    (sentence,) = [sentence for sentence in found.advice() if "on the floor" in sentence]
    assert sentence.startswith("0.00% of the values are on the floor")
    assert f"besides the {found.floor_share:.1%} that are zeros" in sentence
    assert "would" not in sentence


def test_a_floor_is_proposed_that_leaves_one_per_cent_of_what_is_not_zero(tmp_path, surveyed):
    write_sparse(tmp_path / "a.wav", 8000)
    (sentence,) = [each for each in surveyed(tmp_path, LAYERS["log"]).advice() if "on the floor" in each]
    proposed = float(re.search(r"epsilon=(\S+) would leave 1% of the others", sentence)[1])
    assert proposed < 0.01
    powers = np.exp(2 * features_of(specwidget.STFTSpectrogram(epsilon=1e-30), tmp_path / "a.wav").astype("float64"))
    others = powers[powers > 1e-29]
    # A digit of the floor is shown.
    assert 10 * math.log10(proposed) == pytest.approx(10 * math.log10(np.quantile(others, 0.01)), abs=2.0)


@pytest.mark.parametrize("sample", [1e8, 1e20, 3e38])
@pytest.mark.parametrize("mode", ["stft", "magnitude", "psd"])
def test_one_huge_sample_stops_nothing(mode, sample, tmp_path, surveyed):
    samples = np.full(16_000, 0.1, "float32")
    samples[8000] = sample
    soundfile.write(tmp_path / "a.wav", samples, 16_000, subtype="FLOAT")
    found = surveyed(tmp_path, specwidget.STFTSpectrogram(mode))
    assert not found.unreadable
    assert len(found.histogram.counts) <= 400_001
    assert "inf" not in "\n".join(found.advice())
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize("error", [ValueError("odd"), MemoryError(), OverflowError("large")])
def test_a_file_whose_values_fail_stops_nothing(error, corpus_folder, surveyed, monkeypatch):
    def fail_at_one(recording, settings):
        if recording.path.endswith("03.wav"):
            raise error
        return survey_values(recording, settings)

    monkeypatch.setattr(file_survey, "survey_values", fail_at_one)
    (file,) = surveyed(corpus_folder, MEL).unreadable
    assert file.path.endswith("03.wav")
    assert file.problem.startswith(f"`file` must have values that can be computed; got {file.path!r}")
    assert type(error).__name__ in file.problem


def test_the_bundled_recordings_are_those_that_notebook_19_describes(surveyed):
    layer = specwidget.MelSpectrogram(1024, 441, sampling_rate=44_100, num_mel_bins=64)
    found = surveyed(resources.files("specwidget.sounds") / "recordings", layer)
    assert len(found.files) == 9
    assert [Path(file.path).stem for file in found.files if file.refused] == ["birds", "pulse"]
    advice = "\n".join(found.advice())
    assert "Not taken by the layer (`refused` says why): 2 files" in advice
    assert "7 with 1, 2 with 2" in advice
    assert "at 0.999 of full scale or above: 1 file" in advice
    assert "the bin at 0 Hz left out: 2 files" in advice
    text = Path("notebooks/19_many_recordings.ipynb").read_text(encoding="utf-8")
    for words in (
        "## Nine recordings",
        "Two of the recordings are in stereo, one touches full scale, two have an offset",
    ):
        assert words in text
