"""Mel spectrograms with torchaudio: `MelSpectrogram`, or `compliance.kaldi.fbank` for Kaldi's conventions."""

from __future__ import annotations

from specwidget.codegen.mel_steps import (
    MelCodeRequest,
    has_frame_steps,
    padding_lines,
    process_lines,
    render_mel,
    signal_lines,
    tail_lines,
)
from specwidget.codegen.snippet import call, literal
from specwidget.mel.settings import MelSettings

KALDI_WINDOWS = {"povey": "povey", "hann": "hanning", "hamming": "hamming", "boxcar": "rectangular"}
"""Names of windows in Kaldi."""

TORCH_WINDOWS = ("hann", "hamming", "blackman", "bartlett")
"""Windows that PyTorch makes, all periodic unless told otherwise."""


def write(request: MelCodeRequest) -> str:
    """Write the code."""
    if has_frame_steps(request.settings):
        return _write_kaldi(request)
    settings, conventions = request.settings, request.settings.conventions
    notes = []
    if conventions.triangles == "mel":
        notes.append("torchaudio's triangles are straight over Hz, the layer's over mel: the bands differ.")
    if conventions.power_offset:
        notes.append("torchaudio adds nothing to the power of bins.")
    if conventions.placement == "left" and settings.n_fft != settings.frame_length:
        notes.append("torchaudio centres the window in the FFT; the number of frames may differ.")
    window = settings.window if isinstance(settings.window, str) else "hann"
    if window not in TORCH_WINDOWS or not isinstance(settings.window, str):
        notes.append(f"PyTorch has no window {literal(settings.window)}; this takes a Hann window.")
        window = "hann"
    arguments = [
        f"sample_rate={int(settings.sampling_rate)}",
        f"n_fft={settings.n_fft}",
        f"win_length={settings.frame_length}",
        f"hop_length={settings.step}",
        f"f_min={settings.min_freq!r}",
        f"f_max={settings.highest_frequency!r}",
        f"n_mels={settings.n_bands}",
        f"power={settings.mag_exp!r}",
        f"window_fn=torch.{window}_window",
        "center=False",
        f"norm={literal(conventions.norm)}",
        f"mel_scale={literal(conventions.mel_scale)}",
    ]
    if not conventions.periodic:
        arguments.insert(9, 'wkwargs={"periodic": False}')
    framing = [*process_lines(request), *padding_lines(request)]
    transform = [
        *call("transform = torchaudio.transforms.MelSpectrogram", arguments),
        "bands = transform.double()(torch.from_numpy(signal)).numpy()",
    ]
    if conventions.drop_last_frame:
        transform.append("bands = bands[..., :-1]")
    imports = {"import numpy as np", "import torch", "import torchaudio"}
    return render_mel(notes, imports, [signal_lines(request), framing, transform, tail_lines(settings)], request)


def _write_kaldi(request: MelCodeRequest) -> str:
    settings, conventions = request.settings, request.settings.conventions
    notes = [note for applies, note in _kaldi_notes(settings) if applies]
    rate = settings.sampling_rate
    window = settings.window if isinstance(settings.window, str) else "hann"
    arguments = [
        "each[None]",
        "dither=0.0",
        f"sample_frequency={rate!r}",
        f"frame_length={1e3 * settings.frame_length / rate!r}",
        f"frame_shift={1e3 * settings.step / rate!r}",
        f"window_type={literal(KALDI_WINDOWS.get(window, 'hanning'))}",
        f"remove_dc_offset={conventions.remove_mean == 'frame'}",
        f"preemphasis_coefficient={conventions.preemphasis!r}",
        f"num_mel_bins={settings.n_bands}",
        f"low_freq={settings.min_freq!r}",
        f"high_freq={settings.highest_frequency!r}",
        f"use_power={settings.mag_exp == 2.0}",
        "use_log_fbank=False",
    ]
    rows = "torch.from_numpy(np.atleast_2d(signal))"
    lines = [f"    {line}" for line in call("torchaudio.compliance.kaldi.fbank", arguments)]
    transform = ["bands = np.stack([", *lines[:-1], f"{lines[-1]}.T.numpy()", f"    for each in {rows}", "])"]
    if len(request.shape) == 1:
        transform.append("bands = bands[0]")
    if conventions.drop_last_frame:
        transform.append("bands = bands[..., :-1]")
    framing = [*process_lines(request), *padding_lines(request)]
    imports = {"import numpy as np", "import torch", "import torchaudio"}
    return render_mel(notes, imports, [signal_lines(request), framing, transform, tail_lines(settings)], request)


def _kaldi_notes(settings: MelSettings) -> tuple[tuple[bool, str], ...]:
    """List what Kaldi's function can't do, and whether it applies."""
    conventions = settings.conventions
    n_fft = 1 << (settings.frame_length - 1).bit_length()
    is_kaldis = conventions.mel_scale == "htk" and conventions.triangles == "mel" and conventions.norm is None
    return (
        (settings.n_fft != n_fft, f"Kaldi's FFT has {n_fft} samples for this window, the layer's {settings.n_fft}."),
        (not is_kaldis, "Kaldi's bank is HTK's, with triangles over mel and peaks of 1; the layer's differs."),
        (conventions.periodic and settings.window is not None, "Kaldi's windows are symmetric, the layer's periodic."),
        (bool(conventions.power_offset), "Kaldi adds nothing to the power of bins."),
        (settings.mag_exp not in (1.0, 2.0), f"Kaldi has powers and magnitudes, not mag_exp={settings.mag_exp!r}."),
    )
