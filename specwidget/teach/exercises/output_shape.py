"""Exercise: predict the shape of the layer's output."""

from __future__ import annotations

import random

from specwidget.stft.settings import DATA_FORMATS, PADDINGS, STFTSettings
from specwidget.stft.shapes import count_frames, output_shape
from specwidget.teach.exercises.case import Answer, Case, Exercise


def draw(seed: int) -> Case:
    """Draw an input shape and settings."""
    rng = random.Random(seed)
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
        mistakes=_mistakes(channels, settings, solution),
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


def _mistakes(channels: int, settings: STFTSettings, solution: tuple[int, ...]) -> tuple[tuple[Answer, str], ...]:
    """List the answers that typical mistakes lead to."""
    halves = tuple(settings.n_fft // 2 if size == settings.n_bins else size for size in solution)
    mistakes: list[tuple[Answer, str]] = [
        (halves, "The FFT of a real signal has N // 2 + 1 bins, including 0 and N / 2.")
    ]
    if settings.mode == "stft":
        single = tuple(
            size // 2 if size in (settings.n_outputs, channels * settings.n_outputs) else size for size in solution
        )
        mistakes.append((single, "Mode 'stft' has two values per bin, re and im."))
    if len(solution) == 3:
        mistakes.append(((solution[0], solution[2], solution[1]), "Check which axis `data_format` puts last."))
    return tuple((value, reason) for value, reason in mistakes if value != solution)


EXERCISE = Exercise("output_shape", "Predict the shape", draw)
