"""Numbers of frames and shapes, as integers without an array."""

from __future__ import annotations

from collections.abc import Sequence

from specwidget.mel.settings import MelSettings
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import Shape


def count_frames(n_samples: int, settings: MelSettings) -> int:
    """Count the frames of a signal.

    Parameters
    ----------
    n_samples : int
        Length of the signal, L, samples.
    settings : MelSettings
        Settings of the mel spectrogram.

    Returns
    -------
    int
        ``(L + 2 margin - span) // step + 1``, one less with `drop_last_frame`; or 0.

    Examples
    --------
    >>> count_frames(16_000, MelSettings()), count_frames(15_999, MelSettings(sequence_stride=160))
    (32, 100)
    """
    n_cut = (n_samples + 2 * settings.margin - settings.span) // settings.step + 1
    return max(0, n_cut - settings.conventions.drop_last_frame)


def frames_formula(settings: MelSettings) -> str:
    """Return the formula of the number of frames for a signal of L samples, with the numbers of the settings.

    Examples
    --------
    >>> frames_formula(MelSettings(512, 160, 400))
    '(L + 2 * 256 - 512) // 160 + 1'
    """
    margin = f" + 2 * {settings.margin}" if settings.margin else ""
    last = "" if settings.conventions.drop_last_frame else " + 1"
    return f"(L{margin} - {settings.span}) // {settings.step}{last}"


def window_start(frame: int, settings: MelSettings) -> int:
    """Compute the sample at which the window of frame `t` starts: ``t step - margin + offset``."""
    return frame * settings.step - settings.margin + settings.offset


def window_extent(n_frames: int, settings: MelSettings) -> int:
    """Compute the number of samples from the start of the first window to the end of the last; 0 without frames."""
    return (n_frames - 1) * settings.step + settings.frame_length if n_frames > 0 else 0


def frame_centre(frame: int, settings: MelSettings) -> float:
    """Compute the centre of the window of frame `t`, in samples.

    Examples
    --------
    >>> frame_centre(0, MelSettings(512, 160, 400)), frame_centre(3, MelSettings(512, 160, 400))
    (0.0, 480.0)
    """
    return window_start(frame, settings) + settings.frame_length / 2


def output_shape(input_shape: Sequence[int | None], settings: MelSettings, layout: STFTSettings | None = None) -> Shape:
    """Compute the shape of the result.

    Parameters
    ----------
    input_shape : sequence of int or None
        (time,), (batch, time), or 3 axes in the order of `data_format`; batch and time may be None.
    settings : MelSettings
        Settings of the mel spectrogram.
    layout : STFTSettings, optional
        Settings with the layout of an input with 3 axes, if it is not that of `settings`.

    Returns
    -------
    tuple of int or None
        (M, T), (B, M, T), and for 3 axes (B, T, C M), or (B, C M, T) for "channels_first".

    Raises
    ------
    ValueError
        If the shape is invalid; see `check_input_shape`.

    Examples
    --------
    >>> output_shape((16_000,), MelSettings()), output_shape((3, 16_000, 2), MelSettings())
    ((128, 32), (3, 32, 256))
    """
    channels_last = (settings.transform if layout is None else layout).channels_last
    batch, n_samples, channels = check_input_shape(input_shape, settings, channels_last=channels_last)
    n_frames = None if n_samples is None else count_frames(n_samples, settings)
    if len(input_shape) == 1:
        return settings.n_bands, n_frames
    if len(input_shape) == 3 and channels_last:
        return batch, n_frames, channels * settings.n_bands
    return batch, channels * settings.n_bands, n_frames


def check_input_shape(
    shape: Sequence[int | None], settings: MelSettings, *, channels_last: bool | None = None
) -> tuple[int | None, int | None, int]:
    """Validate the shape of an input and return it as (batch, time, channels).

    Parameters
    ----------
    shape : sequence of int or None
        Shape of the input; batch and time may be None.
    settings : MelSettings
        Settings of the mel spectrogram.
    channels_last : bool, optional
        Whether channels are on the last of 3 axes; None means as in `settings`.

    Returns
    -------
    batch, n_samples : int or None
        1 for a batch of an input with one axis.
    channels : int
        1 for an input with one axis or two.

    Raises
    ------
    ValueError
        If there are not 1 to 3 axes, no samples, no channels or an unknown number of them, or too few samples for one
        frame.
    """
    if channels_last is None:
        channels_last = settings.transform.channels_last
    axes = "(batch, time, channels)" if channels_last else "(batch, channels, time)"
    if len(shape) == 3:
        batch, n_samples, channels = shape if channels_last else (shape[0], shape[2], shape[1])
    elif len(shape) in (1, 2):
        batch, n_samples, channels = (1 if len(shape) == 1 else shape[0]), shape[-1], 1
    else:
        raise ValueError(f"`inputs` must have axes (time,), (batch, time) or {axes}; got shape {tuple(shape)}.")
    if channels is None or channels == 0:
        raise ValueError(f"`inputs` must have a known number of channels, at least 1, in {axes}; got {tuple(shape)}.")
    if n_samples == 0:
        raise ValueError(f"`inputs` must have at least 1 sample; got shape {tuple(shape)}.")
    if n_samples is not None and count_frames(n_samples, settings) == 0:
        least = settings.span - 2 * settings.margin + settings.step * settings.conventions.drop_last_frame
        raise ValueError(
            f"`inputs` must have at least {max(least, 1)} samples for one frame; got {n_samples} "
            f"in shape {tuple(shape)}."
        )
    return batch, n_samples, channels
