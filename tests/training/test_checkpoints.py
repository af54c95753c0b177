"""Kernels in a file: round trip bit for bit, and an error for every damaged or foreign file."""

import json
import os
import warnings
from pathlib import Path

import numpy as np
import pytest

from specwidget import STFTSpectrogram
from specwidget.stft.settings import MODES
from specwidget.training import load_kernels, save_kernels
from tests.layers import ARGUMENTS, make_layer


def random_layer(seed=0, **settings):
    layer = make_layer(**settings)
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.standard_normal(weight.shape).astype(weight.dtype) for weight in layer.weights])
    return layer


def rewrite(path, **changes):
    """Change arrays of a file; None removes one."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {**file, **changes}
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "kernels.npz"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_kernels_and_settings_survive_a_file_bit_for_bit(mode, dtype, path):
    layer = random_layer(**ARGUMENTS | {"mode": mode, "dtype": dtype})
    save_kernels(layer, path)
    loaded = load_kernels(path)
    assert loaded.get_config() == layer.get_config()
    assert len(loaded.weights) == len(layer.weights)
    assert all(map(np.array_equal, loaded.weights, layer.weights))
    assert [weight.dtype for weight in loaded.weights] == [weight.dtype for weight in layer.weights]


def test_a_window_of_values_survives_a_file_bit_for_bit(path):
    layer = random_layer(frame_length=8, window=np.random.default_rng(1).random(8))
    save_kernels(layer, path)
    assert load_kernels(path).settings == layer.settings


def test_the_file_is_uncompressed_and_has_schema_and_settings(path):
    layer = random_layer(mode="magnitude", frame_length=8)
    save_kernels(layer, str(path))
    with np.load(path, allow_pickle=False) as file:
        assert set(file) == {"schema", "settings", "real_kernel", "imag_kernel"}
        assert file["schema"] == 1
        assert json.loads(file["settings"].item()) == layer.get_config()
        np.testing.assert_array_equal(file["imag_kernel"], layer.imag_kernel)


@pytest.mark.parametrize("mode", ["real", "imag"])
def test_the_file_has_the_kernels_of_the_mode(mode, path):
    save_kernels(random_layer(mode=mode, frame_length=8), path)
    with np.load(path, allow_pickle=False) as file:
        assert set(file) == {"schema", "settings", f"{mode}_kernel"}


def test_loaded_fourier_kernels_use_the_fft(path):
    save_kernels(STFTSpectrogram("log", 32), path)
    assert load_kernels(path).path == "fft"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_the_file_has_the_permissions_of_any_new_file(path, tmp_path):
    save_kernels(random_layer(frame_length=4), path)
    (tmp_path / "other").write_bytes(b"")
    assert path.stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_failed_write_leaves_only_the_old_file(path, monkeypatch):
    layer = random_layer(frame_length=4)
    save_kernels(layer, path)

    def fill_disk(file, **arrays):
        file.write(b"PK")
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "savez", fill_disk)
    with pytest.raises(OSError, match="No space left"):
        save_kernels(random_layer(seed=1, frame_length=4), path)
    assert [entry.name for entry in path.parent.iterdir()] == ["kernels.npz"]
    assert all(map(np.array_equal, load_kernels(path).weights, layer.weights))


def test_the_old_file_stays_until_the_new_one_is_complete(path, monkeypatch):
    path.write_bytes(b"old")
    seen = []
    monkeypatch.setattr(os, "fsync", lambda number: seen.append(path.read_bytes()))
    save_kernels(random_layer(frame_length=4), path)
    assert seen == [b"old"]


@pytest.fixture
def load_bytes(path, monkeypatch):
    """Load a file with these bytes without the disk; return the error message if there is an error."""

    def load(content):
        monkeypatch.setattr(Path, "read_bytes", lambda self: content)
        try:
            return load_kernels(path)
        except ValueError as error:
            return str(error)

    return load


def test_a_truncated_file_is_an_error(path, load_bytes):
    save_kernels(random_layer(mode="real", frame_length=4), path)
    whole = path.read_bytes()
    refusal = f"`path` must be a file that save_kernels wrote; got {str(path)!r}, which is damaged or of another type."
    assert {load_bytes(whole[:length]) for length in range(len(whole))} == {refusal}


def test_a_changed_byte_is_detected_or_harmless(path, load_bytes):
    layer = random_layer(mode="real", frame_length=4)
    save_kernels(layer, path)
    whole, n_refused = path.read_bytes(), 0
    for i in range(len(whole)):
        loaded = load_bytes(whole[:i] + bytes([whole[i] ^ 0xFF]) + whole[i + 1 :])
        if isinstance(loaded, str):
            assert loaded.startswith("`path` must ")
            n_refused += 1
        else:
            assert loaded.get_config() == layer.get_config()
            assert np.array_equal(loaded.real_kernel, layer.real_kernel)
    assert n_refused > 0.8 * len(whole)


def write_text(path):
    path.write_text("Dear listener,\n" * 20)


def write_array(path):
    with path.open("wb") as file:
        np.save(file, np.ones(3))


def write_archive(path):
    np.savez(path, kernels=np.ones(3))


def write_compressed(path):
    save_kernels(random_layer(frame_length=4), path)
    with np.load(path) as file:
        arrays = dict(file)
    np.savez_compressed(path, **arrays)


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("it was unpickled",)


def write_pickle(path):
    save_kernels(random_layer(frame_length=4), path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rewrite(path, settings=np.array(Bomb(), dtype=object))


@pytest.mark.parametrize("write", [write_text, write_array, write_archive, write_compressed, write_pickle])
def test_other_files_are_an_error(write, path):
    write(path)
    with pytest.raises(ValueError, match=r"^`path` must be a file that .* which is damaged or of another type\.$"):
        load_kernels(path)


def test_a_missing_file_is_a_file_not_found_error(path):
    with pytest.raises(FileNotFoundError, match="No such file"):
        load_kernels(path)


CONFIG = {**STFTSpectrogram("real", 4).get_config(), "frame_length": 0}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema": np.array(2)}, r"have schema 1; got 2 in '.*'\. Use the version that wrote it\."),
        ({"schema": np.array(1.0)}, r"have schema 1; got 1\.0 in '.*'\. Use the version that wrote it\."),
        ({"schema": np.array("new")}, r"have schema 1; got new in '.*'\. Use the version that wrote it\."),
        ({"real_kernel": None}, r"hold real_kernel as float32 of shape \(4, 1, 3\), .*; got '.*' without it\."),
        ({"real_kernel": np.ones((4, 3), "f4")}, r"hold real_kernel as .*; got float32 of shape \(4, 3\) in '.*'\."),
        ({"real_kernel": np.ones((4, 1, 3))}, r"hold real_kernel as .*; got float64 of shape \(4, 1, 3\) in '.*'\."),
        ({"real_kernel": np.ones((4, 1, 3), ">f4")}, r"hold real_kernel as .*; got >f4 of shape \(4, 1, 3\) in '.*'\."),
        (
            {"real_kernel": np.full((4, 1, 3), np.nan, "f4")},
            r"hold real_kernel with finite values; got 12 that are NaN or infinite in '.*'\.",
        ),
        ({"settings": np.array("[]")}, r"hold the settings of a layer; got '.*', which does not: .*\."),
        ({"settings": np.array("{")}, r"hold the settings of a layer; got '.*', which does not: .*\."),
        ({"settings": np.array(1.0)}, r"hold the settings of a layer; got '.*', which does not: .*\."),
        (
            {"settings": np.array('{"tempo": 3}')},
            r"hold the settings of a layer; got '.*', which does not: .*'tempo'\.",
        ),
        ({"settings": np.array(json.dumps(CONFIG))}, r"hold .*: `frame_length` must be at least 1; got 0\."),
    ],
)
def test_wrong_contents_are_an_error(changes, message, path):
    save_kernels(random_layer(mode="real", frame_length=4), path)
    rewrite(path, **changes)
    with pytest.raises(ValueError, match=f"^`path` must {message}$"):
        load_kernels(path)


def test_kernels_can_be_loaded_into_a_layer_with_other_step_padding_and_layout(path):
    saved = random_layer(mode="stft", frame_length=8)
    save_kernels(saved, path)
    layer = STFTSpectrogram("log", 8, 2, padding="same", data_format="channels_first", trainable=False)
    assert load_kernels(path, into=layer) is layer
    assert layer.mode == "log"
    assert all(map(np.array_equal, layer.weights, saved.weights))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mode": "real"}, r"kernels=\('real', 'imag'\), as the kernels in '.*'; got \('real',\)"),
        ({"frame_length": 7}, r"frame_length=8, as the kernels in '.*'; got 7"),
        ({"fft_length": 16}, r"fft_length=8, as the kernels in '.*'; got 16"),
        ({"dtype": "float64"}, r"dtype='float32', as the kernels in '.*'; got 'float64'"),
        ({"window": "boxcar"}, r"window='hann', periodic=False and scaling='density', as .*; got window='boxcar', .*"),
        ({"scaling": None}, r"window='hann', periodic=False and scaling='density', as .* and scaling=None"),
    ],
)
def test_kernels_of_other_settings_are_an_error_and_the_layer_is_not_modified(change, message, path):
    save_kernels(random_layer(mode="stft", frame_length=8), path)
    layer = random_layer(seed=1, **{"mode": "stft", "frame_length": 8} | change)
    before = layer.get_weights()
    with pytest.raises(ValueError, match=rf"^`into` must have {message}\.$"):
        load_kernels(path, into=layer)
    assert all(map(np.array_equal, layer.weights, before))
