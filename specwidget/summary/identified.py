"""What `identify` has found, for the page: sentences, settings, and the controls that it sets."""

from __future__ import annotations

from typing import Any

from specwidget.layer import STFTSpectrogram
from specwidget.matching.result import Identification
from specwidget.mel.stages import BandSettings, values_of
from specwidget.summary.quantities import format_hertz

OF_ARRAYS = ("data_format", "dtype", "expand_dims", "trainable", "backend")
"""Settings of the layer that no value depends on."""


def settings_to_set(found: Identification) -> tuple[dict[str, Any], float | None]:
    """Return the settings of the explorer that were found, and the sample rate of the bands, Hz.

    None where nothing fits, or no layer has them.
    """
    if found.layer is None or found.level == "nothing fits":
        return {}, None
    layer = found.layer
    settings = layer.settings if isinstance(layer, STFTSpectrogram) else BandSettings.of(layer)
    values = {name: value for name, value in values_of(settings).items() if name not in OF_ARRAYS}
    return values, settings.mel.sampling_rate if isinstance(settings, BandSettings) else None


def describe_identification(
    found: Identification, sample_rate: float | None, *, is_its_sound: bool = True
) -> dict[str, Any]:
    """Return an answer as JSON-serialisable values for the page.

    Parameters
    ----------
    found : Identification
        The answer.
    sample_rate : float or None
        Sample rate of the displayed sound, Hz.
    is_its_sound : bool
        Whether this is the sound that the array was compared with.

    Returns
    -------
    dict
        Its level, sentences, settings and code; whether it can be set, and a remark on what setting it does.
    """
    values, rate = settings_to_set(found)
    fits = found.level != "nothing fits"
    remarks = []
    if values and rate is not None and rate != sample_rate:
        remarks.append(
            f"Setting them gives this sound the sample rate {format_hertz(rate)}."
            if is_its_sound
            else f"The array was made of another sound: setting them resamples this one to {format_hertz(rate)}."
        )
    if fits and not values:
        remarks.append("The controls don't have these settings; the code has.")
    if values and found.rest:
        remarks.append("The controls don't have all of it; the code has.")
    return {
        "level": found.level,
        "sentences": list(found.sentences),
        "settings": [list(pair) for pair in found.settings] if fits else [],
        "code": found.code if fits else "",
        "can_set": bool(values),
        "remarks": remarks,
    }
