"""Numbers of frames, padding and shapes, as integers without an array."""

from __future__ import annotations

from collections.abc import Sequence

from specwidget.stft.settings import STFTSettings

Shape = tuple[int | None, ...]


def count_frames(n_samples: int, settings: STFTSettings) -> int:
    """Count the frames of a signal.

    Parameters
    ----------
    n_samples : int
        Length of the signal, L, samples.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    int
        `ceil(L / step)` for "same"; for "valid" the number of complete frames, `(L - frame_length) // step + 1`, or 0.

    Examples
    --------
    >>> count_frames(160_000, STFTSettings(frame_length=256, frame_step=128))
    1249
    """
    if settings.padding == "same":
        # Ceiling division without floating point.
        return -(-n_samples // settings.step)
    return max(0, (n_samples - settings.frame_length) // settings.step + 1)


def padding_amounts(n_samples: int, settings: STFTSettings) -> tuple[int, int]:
    """Compute the number of zeros before and after the signal.

    Parameters
    ----------
    n_samples : int
        Length of the signal, L, samples.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    left, right : int
        For "same" `max((T - 1) step + frame_length - L, 0)` in total, the smaller half on the left; for "valid" 0.

    Notes
    -----
    The zeros on the left depend on `L`, and so does the position of the frames.

    Examples
    --------
    >>> settings = STFTSettings(frame_length=400, frame_step=160, padding="same")
    >>> padding_amounts(16_000, settings), padding_amounts(16_001, settings)
    ((120, 120), (199, 200))
    """
    if settings.padding == "valid":
        return 0, 0
    total = max(frames_extent(count_frames(n_samples, settings), settings) - n_samples, 0)
    return total // 2, total - total // 2


def frames_extent(n_frames: int, settings: STFTSettings) -> int:
    """Compute the number of samples from the start of the first frame to the end of the last; 0 without frames."""
    return (n_frames - 1) * settings.step + settings.frame_length if n_frames > 0 else 0


def dropped_tail(n_samples: int, settings: STFTSettings) -> int:
    """Compute the number of samples after the last frame, which do not affect the result.

    Parameters
    ----------
    n_samples : int
        Length of the signal, L, samples.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    int
        `(L - frame_length) % step` for "valid"; 0 for "same".

    Examples
    --------
    >>> dropped_tail(1000, STFTSettings(frame_length=256, frame_step=128))
    104
    """
    left, right = padding_amounts(n_samples, settings)
    return left + n_samples + right - frames_extent(count_frames(n_samples, settings), settings)


def frame_start(frame: int, n_samples: int, settings: STFTSettings) -> int:
    """Compute the sample at which frame `t` starts, `t step - left`; negative in the padding."""
    return frame * settings.step - padding_amounts(n_samples, settings)[0]


def frame_centre(frame: int, n_samples: int, settings: STFTSettings) -> float:
    """Compute the centre of frame `t`, in samples.

    Parameters
    ----------
    frame : int
        Index of the frame, t.
    n_samples : int
        Length of the signal, L, samples.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    float
        `t step - left + frame_length / 2`. A frame of 400 samples from sample 0 has its centre at 200.0, between
        its samples 199 and 200.

    Examples
    --------
    >>> settings = STFTSettings(frame_length=400, frame_step=160, padding="same")
    >>> frame_centre(0, 16_000, settings), frame_centre(0, 16_001, settings)
    (80.0, 1.0)
    """
    return frame_start(frame, n_samples, settings) + settings.frame_length / 2


def output_shape(input_shape: Sequence[int | None], settings: STFTSettings) -> Shape:
    """Compute the shape of the result.

    Parameters
    ----------
    input_shape : sequence of 3 int or None
        (batch, time, channels), or (batch, channels, time) for "channels_first"; batch and time may be None.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    tuple of int or None
        With F values for each frame and channel (2F for "stft"): (B, T, C F) or, with `expand_dims`, (B, T, F, C);
        for "channels_first" (B, C F, T) or (B, C, T, F).

    Raises
    ------
    ValueError
        If the shape is invalid; see `check_input_shape`.

    Examples
    --------
    >>> output_shape((3, 160_000, 2), STFTSettings(frame_step=128, fft_length=512, padding="same"))
    (3, 1250, 514)
    """
    batch, n_samples, channels = check_input_shape(input_shape, settings)
    n_frames = None if n_samples is None else count_frames(n_samples, settings)
    n_outputs = settings.n_outputs
    if settings.expand_dims:
        if settings.channels_last:
            return batch, n_frames, n_outputs, channels
        return batch, channels, n_frames, n_outputs
    if settings.channels_last:
        return batch, n_frames, channels * n_outputs
    return batch, channels * n_outputs, n_frames


def check_input_shape(shape: Sequence[int | None], settings: STFTSettings) -> tuple[int | None, int | None, int]:
    """Validate the shape of an input and return it as (batch, time, channels).

    Parameters
    ----------
    shape : sequence of 3 int or None
        Shape of the input; batch and time may be None.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    batch, n_samples : int or None
    channels : int

    Raises
    ------
    ValueError
        If there are not 3 axes, no samples, no channels or an unknown number of them, or, with padding "valid", fewer
        samples than `frame_length`.
    """
    axes = "(batch, time, channels)" if settings.channels_last else "(batch, channels, time)"
    if len(shape) != 3:
        raise ValueError(
            f"`inputs` must have 3 axes {axes}; got shape {tuple(shape)}.{_missing_axes_hint(shape, settings)}"
        )
    batch, n_samples, channels = shape if settings.channels_last else (shape[0], shape[2], shape[1])
    if channels is None:
        raise ValueError(f"`inputs` must have a known number of channels in {axes}; got shape {tuple(shape)}.")
    if channels == 0:
        raise ValueError(f"`inputs` must have at least 1 channel in {axes}; got shape {tuple(shape)}.")
    if n_samples == 0:
        raise ValueError(f"`inputs` must have at least 1 sample in {axes}; got shape {tuple(shape)}.")
    if n_samples is not None and settings.padding == "valid" and n_samples < settings.frame_length:
        raise ValueError(
            f"`inputs` must have at least frame_length={settings.frame_length} samples with padding='valid'; "
            f"got {n_samples} in shape {tuple(shape)}, {axes}.{_short_signal_hint(n_samples, channels, settings)}"
        )
    return batch, n_samples, channels


def _missing_axes_hint(shape: Sequence[int | None], settings: STFTSettings) -> str:
    if len(shape) == 1:
        return f" Add them with {'inputs[None, :, None]' if settings.channels_last else 'inputs[None, None, :]'}."
    if len(shape) == 2:
        last = settings.channels_last
        batch, channel = "inputs[None]", "inputs[..., None]" if last else "inputs[:, None, :]"
        one = "(time, channels)" if last else "(channels, time)"
        return f" Add the batch to {one} with {batch}, or the channel to (batch, time) with {channel}."
    return ""


def _short_signal_hint(n_samples: int, channels: int, settings: STFTSettings) -> str:
    # More channels than a frame has samples: the time axis is probably where channels are expected.
    if channels >= settings.frame_length:
        other = "channels_first" if settings.channels_last else "channels_last"
        return f" The axes look swapped: swap them, or set data_format={other!r}."
    return f" Use a frame_length of at most {n_samples}, or padding='same'."
