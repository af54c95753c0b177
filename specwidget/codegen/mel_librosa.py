"""Mel spectrograms with librosa: `librosa.stft`, and `librosa.filters.mel` where it has the bank."""

from __future__ import annotations

from specwidget.codegen import mel_numpy
from specwidget.codegen.mel_steps import (
    MelCodeRequest,
    bank_lines,
    has_frame_steps,
    padding_lines,
    power_line,
    process_lines,
    render_mel,
    signal_lines,
    tail_lines,
    window_lines,
)
from specwidget.codegen.snippet import call, literal
from specwidget.mel.settings import MelSettings


def write(request: MelCodeRequest) -> str:
    """Write the code."""
    settings = request.settings
    notes = []
    if settings.conventions.triangles == "mel":
        notes.append("librosa's triangles are straight over Hz; this bank's are straight over mel, so it is computed.")
    if has_frame_steps(settings):
        notes.append("librosa removes no mean of frames and emphasizes whole signals only, so NumPy computes the FFT.")
        imports, blocks = mel_numpy.steps(request)
    else:
        imports, blocks = _steps(request)
    if settings.conventions.triangles == "hertz":
        imports, blocks[-2] = imports | {"import librosa"}, _bank_lines(settings)
    return render_mel(notes, imports, [signal_lines(request), *blocks, tail_lines(settings)], request)


def _steps(request: MelCodeRequest) -> tuple[set[str], list[list[str]]]:
    """Write the imports and the blocks from `x` to `bands`, with librosa's transform."""
    settings = request.settings
    imports, window = window_lines(settings)
    zeros = settings.n_fft - settings.frame_length
    framing = [*process_lines(request), *padding_lines(request)]
    if zeros and settings.conventions.placement == "left":
        widths = f"(0, {zeros})" if len(request.shape) == 1 else f"((0, 0), (0, {zeros}))"
        framing += ["# Zeros that complete the FFT of the last frame.", f"signal = np.pad(signal, {widths})"]
        window.append(f"w = np.pad(w, (0, {zeros}))  # librosa would centre the window in the FFT")
    elif zeros:
        window.append("# librosa centres the window in the FFT.")
    arguments = ["signal", f"n_fft={settings.n_fft}", f"hop_length={settings.step}"]
    if zeros and settings.conventions.placement == "centre":
        arguments.append(f"win_length={settings.frame_length}")
    transform = [*window, *call("z = librosa.stft", [*arguments, "window=w", "center=False"])]
    if settings.conventions.drop_last_frame:
        transform.append("z = z[..., :-1]")
    transform.append(power_line(settings))
    product = ["bands = bank.T @ power"]
    return imports | {"import librosa", "import numpy as np"}, [framing, transform, bank_lines(settings), product]


def _bank_lines(settings: MelSettings) -> list[str]:
    """Write the call that makes the bank."""
    conventions = settings.conventions
    arguments = [
        f"sr={settings.sampling_rate!r}",
        f"n_fft={settings.n_fft}",
        f"n_mels={settings.n_bands}",
        f"fmin={settings.min_freq!r}",
        f"fmax={settings.highest_frequency!r}",
        f"htk={conventions.mel_scale == 'htk'}",
        f"norm={literal(conventions.norm)}",
        'dtype="float64"',
    ]
    return [*call("bank = librosa.filters.mel", arguments), "bank = bank.T"]
