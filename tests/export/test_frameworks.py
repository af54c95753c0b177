"""A framework that is missing, or does not import, is told in a sentence; it is never imported before it is needed."""

import sys

import pytest

from specwidget import STFTSpectrogram, export, layer_stft_spectrogram
from specwidget.export import frameworks

NEEDS = {
    "keras": (lambda: export.to_keras(STFTSpectrogram()), lambda: export.from_keras(None)),
    "torch": (lambda: export.to_torch(STFTSpectrogram()), lambda: export.from_torch(None)),
    "onnx": (lambda: export.to_onnx(STFTSpectrogram(), "layer.onnx"),),
}
CALLS = [(name, call) for name, calls in NEEDS.items() for call in calls]


@pytest.mark.parametrize(("name", "call"), CALLS)
def test_the_error_for_a_missing_framework_says_how_to_install_it(monkeypatch, name, call):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=rf"^This export needs .*, which is not installed\. .*pip install {name}"):
        call()


def test_the_error_for_a_failed_import_differs_from_that_for_a_missing_framework(monkeypatch):
    def fail(name):
        raise ModuleNotFoundError("No module named 'tensorflow'", name="tensorflow")

    monkeypatch.setattr(frameworks.importlib, "import_module", fail)
    with pytest.raises(ImportError, match=r"does not import: No module named 'tensorflow'\. Set KERAS_BACKEND"):
        export.to_keras(STFTSpectrogram())


@pytest.mark.parametrize("make", [export.to_keras, export.to_torch, lambda layer: export.to_onnx(layer, "x.onnx")])
def test_only_our_layer_is_exported(make):
    with pytest.raises(
        TypeError, match=r"^`layer` must be a specwidget.STFTSpectrogram, MelSpectrogram or MFCC; got dict\.$"
    ):
        make({"mode": "log"})


def test_every_name_is_listed_and_loads():
    assert set(export.__all__) <= set(dir(export))
    functions = {name: getattr(export, name) for name in export.__all__ if not name.isupper()}
    assert all(function.__name__ == name for name, function in functions.items())
    with pytest.raises(AttributeError, match=r"'specwidget\.export' has no attribute 'to_tensorflow'"):
        export.to_tensorflow  # noqa: B018


def test_a_class_of_a_framework_s_name_is_no_model_of_it():
    class Sequential:
        pass

    with pytest.raises(TypeError, match=r"^`object` must be .*; got Sequential\. For another kind of model"):
        layer_stft_spectrogram(Sequential())


def test_invalid_settings_are_rejected_before_a_model_is_changed():
    with pytest.raises(ValueError, match=r"^`frame_length` must be at least 1; got 0"):
        layer_stft_spectrogram(None, "log", 0)
