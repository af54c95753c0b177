"""Exercise: predict the shape of the layer's output."""

from __future__ import annotations

import random
from dataclasses import replace

from specwidget.stft.settings import DATA_FORMATS, PADDINGS, STFTSettings
from specwidget.stft.shapes import count_frames, output_shape
from specwidget.teach.exercises.case import Answer, Case, Exercise, Shape


def draw(seed: int, rng: random.Random) -> Case:
    """Draw an input shape and settings."""
    frame_length = rng.choice((200, 256, 400, 512, 1024))
    settings = STFTSettings(
        mode=rng.choice(("log", "magnitude", "psd", "stft")),
        frame_length=frame_length,
        frame_step=rng.choice((frame_length // 4, frame_length // 2)),
        padding=rng.choice(PADDINGS),
        expand_dims=rng.random() < 0.4,
        data_format=rng.choice(DATA_FORMATS),
    )
    batch, channels = rng.randint(1, 8), rng.randint(1, 4)
    n_samples = rng.randrange(4, 40) * 1000
    shape = (batch, n_samples, channels) if settings.channels_last else (batch, channels, n_samples)
    solution = tuple(int(size) for size in output_shape(shape, settings) if size is not None)
    return Case(
        "output_shape",
        seed,
        "What is the shape of the layer's output?",
        (
            ("inputs", str(shape)),
            ("mode", settings.mode),
            ("frame_length", str(frame_length)),
            ("frame_step", str(settings.step)),
            ("fft_length", f"None, so {settings.n_fft}"),
            ("padding", settings.padding),
            ("expand_dims", str(settings.expand_dims)),
            ("data_format", str(settings.data_format)),
        ),
        "shape",
        solution,
        _reasoning(n_samples, channels, settings, solution),
        hint="Compute the frames, the bins and the values of a frame one by one, then their order.",
        mistakes=_mistakes(shape, settings, solution),
    )


def _reasoning(n_samples: int, channels: int, settings: STFTSettings, solution: tuple[int, ...]) -> str:
    n_frames, step, length = count_frames(n_samples, settings), settings.step, settings.frame_length
    if settings.padding == "same":
        frames = f"T = ceil({n_samples} / {step}) = {n_frames}"
    else:
        frames = f"T = ({n_samples} - {length}) // {step} + 1 = {n_frames}"
    bins = f"F = {settings.n_fft} // 2 + 1 = {settings.n_bins}"
    values = f"; mode 'stft' has 2 F = {settings.n_outputs} values per frame" if settings.mode == "stft" else ""
    last = settings.channels_last
    if settings.expand_dims:
        layout = "(B, T, F, C)" if last else "(B, C, T, F)"
    else:
        layout = "(B, T, C F)" if last else "(B, C F, T)"
        values += f"; {channels} × {settings.n_outputs} = {channels * settings.n_outputs} on the combined axis"
    return f"{frames}; {bins}{values}. The layout {layout} gives {solution}."


def _mistakes(
    shape: tuple[int, int, int], settings: STFTSettings, solution: tuple[int, ...]
) -> tuple[tuple[Answer, str], ...]:
    """List the answers that typical mistakes lead to."""
    last = settings.channels_last
    batch, n_samples, channels = shape if last else (shape[0], shape[2], shape[1])
    n_frames, n_values, parts = solution[1 if last else -1], settings.n_outputs, settings.n_outputs // settings.n_bins
    if settings.expand_dims:
        n_frames = solution[1 if last else 2]

    def layout(n_frames: int, n_values: int, *, last: bool = last) -> Shape:
        if settings.expand_dims:
            return (batch, n_frames, n_values, channels) if last else (batch, channels, n_frames, n_values)
        return (batch, n_frames, channels * n_values) if last else (batch, channels * n_values, n_frames)

    other = replace(settings, padding="same" if settings.padding == "valid" else "valid")
    mistakes: list[tuple[Answer, str]] = [
        (layout(n_frames, parts * (settings.n_fft // 2)), "The FFT of a real signal has N // 2 + 1 bins: 0 to N / 2."),
        (layout(n_frames, n_values, last=not last), "Check which axis `data_format` puts last."),
        (layout(count_frames(n_samples, other), n_values), f"That is the number of frames with {other.padding!r}."),
    ]
    if settings.mode == "stft":
        mistakes.append((layout(n_frames, settings.n_bins), "Mode 'stft' has two values per bin, re and im."))
    return tuple(mistakes)


EXERCISE = Exercise("output_shape", "Predict the shape", draw)
