"""Mel spectrograms with transformers: `spectrogram` and `mel_filter_bank` of `transformers.audio_utils`."""

from __future__ import annotations

from specwidget.codegen.mel_steps import (
    MelCodeRequest,
    bank_lines,
    has_frame_steps,
    padding_lines,
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
    settings, conventions = request.settings, request.settings.conventions
    notes, names = [], ["spectrogram"]
    if conventions.power_offset:
        notes.append(
            f"transformers adds nothing to the power of bins: power_offset={conventions.power_offset!r} is lost."
        )
    bank = bank_lines(settings)
    if _has_bank(settings):
        bank = _bank_lines(settings)
        names.append("mel_filter_bank")
    imports, window = window_lines(settings)
    imports |= {"import numpy as np", f"from transformers.audio_utils import {', '.join(sorted(names))}"}
    framing = [*process_lines(request), *padding_lines(request), *_cut_lines(settings)]
    blocks = [signal_lines(request), framing, window, bank, _call_lines(request), tail_lines(settings)]
    return render_mel(notes, imports, blocks, request)


def _cut_lines(settings: MelSettings) -> list[str]:
    """Write the line that cuts what no window covers, where the window lies in the centre of a longer FFT."""
    after = settings.span - settings.frame_length - settings.offset
    if not settings.offset and not after:
        return []
    end = f"-{after}" if after else ""
    cut = f"signal = signal[..., {settings.offset or ''}:{end}]"
    return ["# The FFT is longer than the window, which lies in its centre.", cut]


def _call_lines(request: MelCodeRequest) -> list[str]:
    """Write the lines that make `bands`."""
    settings, conventions = request.settings, request.settings.conventions
    arguments = [
        "each",
        "w",
        f"frame_length={settings.frame_length}",
        f"hop_length={settings.step}",
        f"fft_length={settings.n_fft}",
        f"power={settings.mag_exp!r}",
        "center=False",
        "mel_filters=bank",
        "mel_floor=0.0",
    ]
    if has_frame_steps(settings):
        if conventions.remove_mean == "frame":
            arguments.append("remove_dc_offset=True")
        if conventions.preemphasis and conventions.preemphasis_over == "frame":
            arguments.append(f"preemphasis={conventions.preemphasis!r}")
    last = ["bands = bands[..., :-1]"] if conventions.drop_last_frame else []
    if len(request.shape) == 1:
        return [*call("bands = spectrogram", ["signal", *arguments[1:]]), *last]
    lines = [f"    {line}" for line in call("spectrogram", arguments)]
    return ["bands = np.stack([", *lines[:-1], f"{lines[-1]}", "    for each in signal", "])", *last]


def _has_bank(settings: MelSettings) -> bool:
    """Check whether transformers' bank has the frequencies of the bins: for even lengths and rates."""
    return settings.n_fft % 2 == 0 and settings.sampling_rate % 2 == 0 and settings.n_fft > 2


def _bank_lines(settings: MelSettings) -> list[str]:
    """Write the call that makes the bank."""
    conventions = settings.conventions
    arguments = [
        f"num_frequency_bins={settings.n_bins}",
        f"num_mel_filters={settings.n_bands}",
        f"min_frequency={settings.min_freq!r}",
        f"max_frequency={settings.highest_frequency!r}",
        f"sampling_rate={int(settings.sampling_rate)}",
        f"norm={literal(conventions.norm)}",
        f"mel_scale={literal(conventions.mel_scale)}",
    ]
    if conventions.triangles == "mel":
        arguments.append("triangularize_in_mel_space=True")
    return call("bank = mel_filter_bank", arguments)
