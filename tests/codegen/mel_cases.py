"""The mel spectrograms that each snippet is run with, and whether a library can compute them."""

from specwidget import MelConventions, MelSettings, front_ends
from tests.mel.cases import ARGUMENTS, CONVENTIONS

SETTINGS = {
    f"{arguments}, {conventions}": MelSettings(**ARGUMENTS[arguments], conventions=CONVENTIONS[conventions])
    for arguments in ARGUMENTS
    for conventions in CONVENTIONS
} | {name: each.mel.settings for name, each in front_ends.items()}


def can_compute(settings, target):
    """Whether a snippet gives the layer's values; where it can't, a note says so."""
    if target == "keras":
        is_named = settings.window in (None, "hann", "hamming")
        return settings.conventions == MelConventions() and is_named and settings.n_fft % 2 == 0
    return target != "transformers" or not settings.conventions.power_offset
