"""Names of other libraries get the name here, at every call and on the command line."""

import pytest
from scipy.signal import get_window

from specwidget import STFTSpectrogram, explore, layer_stft_spectrogram
from specwidget.cli import main
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.mel.settings import MEL_DEFAULTS
from specwidget.sounds import as_sound, load_recording, make_synthetic, read_sound
from specwidget.stft.other_names import EXPLANATIONS, OTHER_NAMES, OTHER_WINDOWS
from specwidget.stft.settings import SETTING_DEFAULTS, STFTSettings
from specwidget.stft.windows import make_window
from specwidget.summary.display import DISPLAY_DEFAULTS

CALLS = {
    "STFTSpectrogram": STFTSpectrogram,
    "STFTSettings": STFTSettings,
    "explore": explore,
    "layer_stft_spectrogram": lambda **given: layer_stft_spectrogram(None, **given),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("name", [name for name, ours in OTHER_NAMES.items() if ours in SETTING_DEFAULTS])
def test_every_call_with_settings_says_what_the_argument_is_called_here(call, name):
    message = (
        rf"^`\w+` must have only the arguments .+; got '{name}'\. `{name}` is called `{OTHER_NAMES[name]}` here\.$"
    )
    with pytest.raises(TypeError, match=message):
        call(**{name: 128})


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("name", EXPLANATIONS)
def test_an_argument_without_an_equal_here_is_explained(call, name):
    with pytest.raises(TypeError, match=rf"; got '{name}'\. .+ here|; got 'center'\. For center=False"):
        call(**{name: 128})


@pytest.mark.parametrize("call", [as_sound, explore, lambda _, **given: make_synthetic("silence", **given)])
@pytest.mark.parametrize("name", ["sr", "fs"])
def test_the_sample_rate_of_other_libraries_gets_its_name(call, name):
    with pytest.raises(TypeError, match=f"`{name}` is called `sample_rate` here"):
        call(None, **{name: 16000})


@pytest.mark.parametrize("call", [STFTSpectrogram, STFTSettings])
@pytest.mark.parametrize("name", ["sr", "fs", "sample_rate"])
def test_a_layer_says_where_the_sample_rate_belongs(call, name):
    with pytest.raises(TypeError, match=rf"; got '{name}'\. A layer has no sample rate: pass it to `spectrogram`"):
        call(**{name: 16_000})


@pytest.mark.parametrize(("call", "argument"), [(load_recording, "voice"), (read_sound, "x.wav")])
def test_a_reader_without_a_sample_rate_lists_its_arguments(call, argument):
    with pytest.raises(TypeError, match=rf"^`{call.__name__}` must have only the arguments \w+(, \w+)*; got 'sr'\.$"):
        call(argument, sr=16000)


def test_the_state_says_it_too():
    state = ExplorerState(as_sound(), frame_length=256)
    with pytest.raises(TypeError, match=r"^`set` must have only .+ `hop_length` is called `frame_step` here\.$"):
        state.update(hop_length=64)
    state.close()


def test_a_mistyped_argument_is_corrected():
    with pytest.raises(TypeError, match=r"got 'frame_lenght'\. Did you mean `frame_length`\?$"):
        STFTSpectrogram(frame_lenght=256)
    with pytest.raises(TypeError, match=r"; got 'colour'\.$|Did you mean"):
        STFTSettings(colour="red")


def test_every_name_here_exists():
    known = {*SETTING_DEFAULTS, *DISPLAY_DEFAULTS, "sample_rate", "signal"}
    assert set(OTHER_NAMES.values()) <= known | {*MEL_DEFAULTS}
    assert not known & {*OTHER_NAMES, *EXPLANATIONS}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("hanning", "'hann'"),
        ("Hann", "'hann'"),
        ("hann_window", "'hann'"),
        ("hamming_window", "'hamming'"),
        ("blackman-harris", "'blackmanharris'"),
        ("rectangle", "'boxcar', or None for no window and no scaling"),
        ("gauss", "('gaussian', 40), with the standard deviation in samples"),
        ("gaussian", "('gaussian', 40), with the standard deviation in samples"),
        ("kaiser", "('kaiser', 8.6)"),
        ("triangular", "'triang'"),
        ("blackmann", "'blackman'"),
    ],
)
def test_a_window_that_scipy_does_not_make_gets_a_hint(name, hint):
    with pytest.raises(ValueError, match=rf"got '{name}'\. SciPy: .+\. Pass ") as error:
        STFTSettings(window=name)
    assert str(error.value).endswith(f"Pass {hint}.")


@pytest.mark.parametrize("name", ["rect", "rectangular", "box", "hamm", "hann", "han", "boxcar"])
def test_a_window_by_scipy_s_other_names_is_made(name):
    assert STFTSettings(window=name).window_values.tolist() == get_window(name, 256, fftbins=False).tolist()


def test_every_hint_for_a_window_is_one_that_works():
    for hint in set(OTHER_WINDOWS.values()):
        window = eval(hint.partition(", or")[0].partition(", with")[0])
        assert make_window(window, 256, False).shape == (256,)


def test_a_window_of_which_nothing_is_known_gets_scipy_s_words_only():
    with pytest.raises(ValueError, match=r"got 'quux'\. SciPy: [^.]+\.$"):
        STFTSettings(window="quux")


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("--hop-length=128", "--hop-length is called --frame-step here."),
        ("--n-fft=512", "--n-fft is called --fft-length here."),
        ("--nperseg=512", "--nperseg is called --frame-length here."),
        ("--noverlap=128", "pass --frame-step."),
    ],
)
@pytest.mark.parametrize("command", [["show"], ["check"], ["code", "--target=librosa"]])
def test_an_option_of_another_library_gets_a_hint(command, option, hint, capsys):
    with pytest.raises(SystemExit, match="2"):
        main([*command, "x.wav", option])
    assert capsys.readouterr().err.rstrip().endswith(hint)
