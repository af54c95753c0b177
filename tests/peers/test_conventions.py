"""Each cell of the table in docs/peers.md: the library gives the values of a direct computation by its convention."""

from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.signal import ShortTimeFFT, get_window, spectrogram

from specwidget import STFTSpectrogram
from specwidget.keras_differences import KERAS_DIFFERENCES, KERAS_VERSION
from specwidget.peers import PEERS
from specwidget.peers.peer import (
    AT_START,
    BY_ARGUMENT,
    CENTRE_OF_WINDOW,
    CENTRED,
    FIRST_OF_FFT,
    FIRST_OF_WINDOW,
    MEAN_NOT_REMOVED,
    NO_FLOOR,
    ONE_SIDED,
    ONE_SIDED_DOUBLED,
    PERIODIC,
    UNSCALED,
    VALUES_ONLY,
    Convention,
)
from tests.peers.cases import TESTED
from tests.peers.docs_page import OURS, PAGE, ROOT, ROW_TITLES, convention_table, keras_table, page

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
"""Each library, called with lengths, step and window only."""

WINDOW_STARTS = {AT_START: 0, CENTRED: (N_FFT - LENGTH) // 2}
"""Samples of the FFT before the window."""

ORIGINS = {
    FIRST_OF_WINDOW: lambda before: 0,
    FIRST_OF_FFT: lambda before: -before,
    CENTRE_OF_WINDOW: lambda before: LENGTH // 2,
}
"""The sample that phase is relative to, counted from the window's first."""


def whole(x, before):
    """Windows within the signal."""
    return x, range(0, len(x) - LENGTH + 1, STEP)


def overlapping(x, before):
    """Windows centred at multiples of the step that overlap the signal."""
    starts = [t * STEP - LENGTH // 2 for t in range(-LENGTH, len(x))]
    inside = [start for start in starts if -LENGTH < start < len(x)]
    return np.pad(x, LENGTH), [start + LENGTH for start in inside]


def extended_by_half_an_fft(mode):
    """FFTs within a signal that is extended by half an FFT at both ends."""

    def extend(x, before):
        padded = np.pad(x, N_FFT // 2, mode=mode)
        return padded, range(before, before + len(padded) - N_FFT + 1, STEP)

    return extend


BOUNDARIES = {
    "whole frames only": whole,
    "whole frames only, zero-padded for padding='same'": whole,
    "zero-padded as far as a window overlaps the signal": overlapping,
    "zero-padded by N / 2 at both ends": extended_by_half_an_fft("constant"),
    "reflected by N / 2 at both ends": extended_by_half_an_fft("reflect"),
}
"""The extended signal, and the first sample of each window in it."""

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
"""The divisor for each scaling; the first is the default."""

MEANS = {MEAN_NOT_REMOVED: lambda frames: 0.0, "removed": lambda frames: frames.mean(axis=1, keepdims=True)}
"""The mean that is subtracted from each frame."""


def compute(convention, x, window, scaling=None):
    """A direct computation of the transform by a convention: (frames, bins)."""
    before = WINDOW_STARTS[convention.window_position]
    extended, starts = BOUNDARIES[convention.boundaries](x, before)
    frames = np.stack([extended[start : start + LENGTH] for start in starts])
    scales = SCALES[convention.scaling]
    frames = (frames - MEANS[convention.mean](frames)) * window / scales[scaling or next(iter(scales))](window)
    samples = np.arange(LENGTH) - ORIGINS[convention.phase_origin](before)
    return frames @ np.exp(-2j * np.pi * np.outer(samples, np.arange(N_FFT // 2 + 1)) / N_FFT)


def window_for(name):
    """A window without symmetry, or a Hann window for nnAudio, which accepts only names."""
    return ("hann", get_window("hann", LENGTH)) if name == "nnaudio" else (RAMP, RAMP)


def is_close(found, expected):
    """Whether two transforms are equal, in float32."""
    return found.shape == expected.shape and np.abs(found - expected).max() < 1e-5 * np.abs(expected).max()


@EVERY_ONE
def test_a_library_follows_its_convention(name):
    given, window = window_for(name)
    assert is_close(CALLS[name](NOISE, given), compute(CONVENTIONS[name], NOISE, window))


def replacements(name):
    """Yield the convention with each of its cells replaced by that of another library."""
    own = CONVENTIONS[name]
    known = {"boundaries": BOUNDARIES, "scaling": SCALES, "phase_origin": ORIGINS, "mean": MEANS}
    for field, table in known.items():
        for other in table:
            yield field, replace(own, **{field: other})


@EVERY_ONE
def test_a_library_does_not_follow_a_convention_with_another_cell(name):
    given, window = window_for(name)
    found, right = CALLS[name](NOISE, given), compute(CONVENTIONS[name], NOISE, window)
    for field, changed in replacements(name):
        expected = compute(changed, NOISE, window)
        same = expected.shape == right.shape and np.allclose(expected, right)
        assert is_close(found, expected) == same, (field, changed)
    # Where phase is relative to the FFT's first sample, the window's position affects it.
    if CONVENTIONS[name].phase_origin == FIRST_OF_FFT:
        moved = replace(CONVENTIONS[name], window_position=AT_START)
        assert not is_close(found, compute(moved, NOISE, window))


@pytest.mark.parametrize("name", [each for each in CONVENTIONS if CONVENTIONS[each].window_symmetry == PERIODIC])
def test_a_window_by_name_is_periodic(name):
    found = CALLS[name](NOISE, "hann")
    symmetric, periodic = (
        compute(CONVENTIONS[name], NOISE, get_window("hann", LENGTH, fftbins)) for fftbins in (False, True)
    )
    assert is_close(found, periodic)
    assert not is_close(found, symmetric)


@pytest.mark.parametrize("name", [each for each in CONVENTIONS if CONVENTIONS[each].window_symmetry == BY_ARGUMENT])
@pytest.mark.parametrize("periodic", [False, True])
def test_an_argument_makes_a_window_symmetric_or_periodic(name, periodic):
    values = get_window("hann", LENGTH, fftbins=periodic)
    assert is_close(CALLS[name](NOISE, "hann", periodic=periodic), compute(CONVENTIONS[name], NOISE, values))


@pytest.mark.parametrize("name", [each for each in CONVENTIONS if CONVENTIONS[each].window_symmetry == VALUES_ONLY])
def test_a_window_s_name_is_not_accepted(name):
    with pytest.raises((TypeError, AttributeError), match="str"):
        CALLS[name](NOISE, "hann")


@pytest.mark.parametrize("name", [each for each in CONVENTIONS if len(SCALES[CONVENTIONS[each].scaling]) > 1])
@pytest.mark.parametrize("scaling", ["density", "spectrum"])
def test_both_scalings_have_their_divisor(name, scaling):
    window = RAMP - 0.4
    expected = compute(CONVENTIONS[name], NOISE, window, scaling)
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


@pytest.mark.parametrize("name", [each for each in CONVENTIONS if "same" in CONVENTIONS[each].boundaries])
def test_padding_same_adds_zeros_at_both_ends(name):
    missing = -(-len(NOISE) // STEP) * STEP - STEP + LENGTH - len(NOISE)
    padded = np.pad(NOISE, (missing // 2, missing - missing // 2))
    assert is_close(CALLS[name](NOISE, RAMP, padding="same"), compute(CONVENTIONS[name], padded, RAMP))


def test_every_field_of_a_convention_has_a_row():
    assert list(ROW_TITLES) == [field.name for field in fields(Convention)]


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == page(), "write it again with: python -m tests.peers.docs_page"
    assert convention_table() in page()


def test_the_readme_has_the_table_of_differences_from_keras():
    assert f"### Differences from Keras {KERAS_VERSION}\n" in README
    assert keras_table() in README


def test_no_two_differences_have_one_name():
    assert len({each.name for each in KERAS_DIFFERENCES}) == len(KERAS_DIFFERENCES)
