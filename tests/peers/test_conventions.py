"""Each cell of the table in docs/peers.md is measured: the library itself gives what a plain transform by it gives."""

from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.signal import ShortTimeFFT, get_window, spectrogram

from specwidget import STFTSpectrogram
from specwidget.peers import PEERS
from specwidget.peers.keras_differences import KERAS_DIFFERENCES, VERSION
from specwidget.peers.peer import (
    AT_BEGINNING,
    FIRST_OF_FFT,
    FIRST_OF_WINDOW,
    IN_MIDDLE,
    KEPT,
    MIDDLE_OF_WINDOW,
    NO_FLOOR,
    ONE_SIDED,
    ONE_SIDED_DOUBLED,
    PERIODIC,
    UNSCALED,
    VALUES_ALONE,
    Convention,
)
from tests.peers.cases import TESTED
from tests.peers.conventions import OURS, PAGE, QUESTIONS, ROOT, convention_table, keras_table, page

# A window shorter than the FFT, a step that divides neither, a window without symmetry.
LENGTH, STEP, N_FFT = 20, 7, 32
README = (ROOT / "README.md").read_text(encoding="utf-8")
RAMP = np.linspace(0.2, 1.0, LENGTH)
NOISE = np.random.default_rng(7).standard_normal(150) + 0.5

CONVENTIONS = {"specwidget": OURS, **{name: PEERS[name].convention for name in TESTED}}
EVERY_ONE = pytest.mark.parametrize("name", CONVENTIONS)


def by_librosa(x, window):
    import librosa

    return librosa.stft(x, n_fft=N_FFT, hop_length=STEP, win_length=LENGTH, window=window).T


def by_torch(x, window):
    import torch

    given = torch.tensor(window) if isinstance(window, np.ndarray) else window
    x = torch.from_numpy(x)
    return torch.stft(x, N_FFT, hop_length=STEP, win_length=LENGTH, window=given, return_complex=True).numpy().T


def by_nnaudio(x, window):
    import torch
    from nnAudio.features.stft import STFT

    layer = STFT(n_fft=N_FFT, win_length=LENGTH, hop_length=STEP, window=window, verbose=False)
    parts = layer(torch.from_numpy(x.astype("float32"))[None])[0].numpy()
    return (parts[..., 0] + 1j * parts[..., 1]).T


def by_scipy_stft(x, window):
    return ShortTimeFFT(window, STEP, fs=1, mfft=N_FFT).stft(x).T


def by_scipy_spectrogram(x, window, mode="complex", **options):
    lengths = {"nperseg": LENGTH, "noverlap": LENGTH - STEP, "nfft": N_FFT}
    return spectrogram(x, window=window, mode=mode, **lengths, **options)[2].T


def by_layer(make, x, window, mode="stft", **options):
    values = make(mode, LENGTH, STEP, N_FFT, window=window, **options)(x.astype("float32")[None, :, None])
    values = np.asarray(values.detach() if hasattr(values, "detach") else values)[0]
    return values[:, : N_FFT // 2 + 1] + 1j * values[:, N_FFT // 2 + 1 :] if mode == "stft" else values


def by_specwidget(x, window, mode="stft", **options):
    return by_layer(STFTSpectrogram, x, window, mode, **options)


def by_keras(x, window, mode="stft", **options):
    import keras

    return by_layer(keras.layers.STFTSpectrogram, x, window, mode, **options)


CALLS = {
    "specwidget": by_specwidget,
    "librosa": by_librosa,
    "scipy-stft": by_scipy_stft,
    "scipy-spectrogram": by_scipy_spectrogram,
    "torch": by_torch,
    "keras": by_keras,
    "nnaudio": by_nnaudio,
}
"""Each library, called with lengths, step and window alone."""

MIDDLE = {AT_BEGINNING: 0, IN_MIDDLE: (N_FFT - LENGTH) // 2}
"""Samples of the FFT before the window."""

ORIGINS = {
    FIRST_OF_WINDOW: lambda before: 0,
    FIRST_OF_FFT: lambda before: -before,
    MIDDLE_OF_WINDOW: lambda before: LENGTH // 2,
}
"""Where the phase is counted from, in samples after the window's first."""


def whole(x, before):
    """Windows that lie in the signal."""
    return x, range(0, len(x) - LENGTH + 1, STEP)


def reaching(x, before):
    """Windows whose middles are at multiples of the step, as far as they reach into the signal."""
    starts = [t * STEP - LENGTH // 2 for t in range(-LENGTH, len(x))]
    inside = [start for start in starts if -LENGTH < start < len(x)]
    return np.pad(x, LENGTH), [start + LENGTH for start in inside]


def centred(mode):
    """Whole FFTs of a signal with half an FFT on both sides."""

    def extend(x, before):
        padded = np.pad(x, N_FFT // 2, mode=mode)
        return padded, range(before, before + len(padded) - N_FFT + 1, STEP)

    return extend


ENDS = {
    "whole frames": whole,
    "whole frames; zeros for padding='same'": whole,
    "zeros, as far as a window reaches in": reaching,
    "half an FFT of zeros on both sides": centred("constant"),
    "half an FFT, reflected, on both sides": centred("reflect"),
}
"""The signal with its ends, and where the windows begin in it."""

SCALES = {
    UNSCALED: {None: lambda w: 1.0},
    "√Σw² for density, Σ|w| for spectrum": {
        "density": lambda w: np.sqrt(np.sum(w**2)),
        "spectrum": lambda w: np.sum(np.abs(w)),
    },
    "√Σw² for density, |Σw| for spectrum": {
        "density": lambda w: np.sqrt(np.sum(w**2)),
        "spectrum": lambda w: np.abs(np.sum(w)),
    },
}
"""What is divided by, for each scaling; the first is the default."""

MEANS = {KEPT: lambda frames: 0.0, "removed": lambda frames: frames.mean(axis=1, keepdims=True)}
"""What is taken from each frame."""


def plain(convention, x, window, scaling=None):
    """The transform by a convention, written plainly: (frames, bins)."""
    before = MIDDLE[convention.window_place]
    extended, starts = ENDS[convention.ends](x, before)
    frames = np.stack([extended[start : start + LENGTH] for start in starts])
    scales = SCALES[convention.scaling]
    frames = (frames - MEANS[convention.mean](frames)) * window / scales[scaling or next(iter(scales))](window)
    samples = np.arange(LENGTH) - ORIGINS[convention.phase_origin](before)
    return frames @ np.exp(-2j * np.pi * np.outer(samples, np.arange(N_FFT // 2 + 1)) / N_FFT)


def window_for(name):
    """A window without symmetry, or nnAudio's Hann: it takes names alone."""
    return ("hann", get_window("hann", LENGTH)) if name == "nnaudio" else (RAMP, RAMP)


def is_close(found, expected):
    """Whether two transforms are the same, to float32."""
    return found.shape == expected.shape and np.abs(found - expected).max() < 1e-5 * np.abs(expected).max()


@EVERY_ONE
def test_called_by_itself_a_library_gives_what_its_convention_gives(name):
    given, window = window_for(name)
    assert is_close(CALLS[name](NOISE, given), plain(CONVENTIONS[name], NOISE, window))


def replacements(name):
    """Yield a convention with each of its cells exchanged for that of another library."""
    own = CONVENTIONS[name]
    known = {"ends": ENDS, "scaling": SCALES, "phase_origin": ORIGINS, "mean": MEANS}
    for field, table in known.items():
        for other in table:
            yield field, replace(own, **{field: other})


@EVERY_ONE
def test_with_another_cell_it_would_not(name):
    given, window = window_for(name)
    found, right = CALLS[name](NOISE, given), plain(CONVENTIONS[name], NOISE, window)
    for field, changed in replacements(name):
        expected = plain(changed, NOISE, window)
        same = expected.shape == right.shape and np.allclose(expected, right)
        assert is_close(found, expected) == same, (field, changed)
    # Where the phase is counted from the FFT, the window's place in it is seen.
    if CONVENTIONS[name].phase_origin == FIRST_OF_FFT:
        moved = replace(CONVENTIONS[name], window_place=AT_BEGINNING)
        assert not is_close(found, plain(moved, NOISE, window))


@pytest.mark.parametrize("name", [each for each in CONVENTIONS if CONVENTIONS[each].window_kind == PERIODIC])
def test_a_window_by_name_is_periodic(name):
    found = CALLS[name](NOISE, "hann")
    symmetric, periodic = (
        plain(CONVENTIONS[name], NOISE, get_window("hann", LENGTH, fftbins)) for fftbins in (False, True)
    )
    assert is_close(found, periodic)
    assert not is_close(found, symmetric)


@pytest.mark.parametrize("name", [each for each in CONVENTIONS if "asked" in CONVENTIONS[each].window_kind])
@pytest.mark.parametrize("periodic", [False, True])
def test_a_window_by_name_is_symmetric_or_periodic_as_asked(name, periodic):
    values = get_window("hann", LENGTH, fftbins=periodic)
    assert is_close(CALLS[name](NOISE, "hann", periodic=periodic), plain(CONVENTIONS[name], NOISE, values))


@pytest.mark.parametrize("name", [each for each in CONVENTIONS if CONVENTIONS[each].window_kind == VALUES_ALONE])
def test_a_window_s_name_is_not_taken(name):
    with pytest.raises((TypeError, AttributeError), match="str"):
        CALLS[name](NOISE, "hann")


@pytest.mark.parametrize("name", [each for each in CONVENTIONS if len(SCALES[CONVENTIONS[each].scaling]) > 1])
@pytest.mark.parametrize("scaling", ["density", "spectrum"])
def test_both_scalings_are_what_is_said(name, scaling):
    window = RAMP - 0.4
    expected = plain(CONVENTIONS[name], NOISE, window, scaling)
    assert is_close(CALLS[name](NOISE, window, scaling=scaling), expected)


@EVERY_ONE
def test_only_power_has_its_bins_doubled(name):
    sides = CONVENTIONS[name].sides
    assert sides in (ONE_SIDED, ONE_SIDED_DOUBLED)
    given, _ = window_for(name)
    parts = CALLS[name](NOISE, given)
    assert parts.shape[1] == N_FFT // 2 + 1
    if sides == ONE_SIDED_DOUBLED:
        ratio = CALLS[name](NOISE, given, mode="psd") / np.abs(parts) ** 2
        np.testing.assert_allclose(ratio[1, [0, 1, 8, -2, -1]], [1, 2, 2, 2, 1], rtol=1e-3)


@EVERY_ONE
def test_silence_is_zero_or_the_floor(name):
    given, _ = window_for(name)
    if CONVENTIONS[name].floor == NO_FLOOR:
        assert np.abs(CALLS[name](0 * NOISE, given)).max() == 0
    else:
        silence = CALLS[name](0 * NOISE, given, mode="magnitude")
        np.testing.assert_allclose(silence, np.sqrt(1e-7), rtol=1e-6)


@pytest.mark.parametrize("name", [each for each in CONVENTIONS if "same" in CONVENTIONS[each].ends])
def test_zeros_are_put_on_both_sides_for_same(name):
    missing = -(-len(NOISE) // STEP) * STEP - STEP + LENGTH - len(NOISE)
    padded = np.pad(NOISE, (missing // 2, missing - missing // 2))
    assert is_close(CALLS[name](NOISE, RAMP, padding="same"), plain(CONVENTIONS[name], padded, RAMP))


def test_every_field_of_a_convention_is_asked_for():
    assert list(QUESTIONS) == [field.name for field in fields(Convention)]


def test_the_page_is_what_the_peers_files_state():
    assert PAGE.read_text(encoding="utf-8") == page(), "write it again with: python -m tests.peers.conventions"
    assert convention_table() in page()


def test_the_readme_has_the_differences_from_keras_as_they_are_named():
    assert f"### Differences from Keras {VERSION}\n" in README
    assert keras_table() in README


def test_no_two_differences_have_one_name():
    assert len({each.name for each in KERAS_DIFFERENCES}) == len(KERAS_DIFFERENCES)
