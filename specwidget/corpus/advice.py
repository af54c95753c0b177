"""What to do about a corpus, in sentences with numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from specwidget.corpus.file_survey import FileSurvey, Totals
from specwidget.corpus.levels import NO_FLOOR, floor_of
from specwidget.corpus.statistics import CLIPPED, Moments
from specwidget.mel.conventions import MelConventions
from specwidget.mel.stages import BandSettings, FrontEndSettings
from specwidget.stft.formatting import printable
from specwidget.summary.quantities import format_hertz

MANY_CLIPPED = 1e-4
"""Share of clipped samples from which on a file is mentioned."""

MUCH_SILENCE = 0.5
"""Share of silence from which on a file is mentioned."""

LARGE_MEAN = 0.01
"""Mean of the samples from which on a file is mentioned."""

MUCH_ON_FLOOR = 0.01
"""Share on the floor, of the values that are no zeros, from which on another floor is proposed, which keeps it."""

ZERO_LEVEL = 10 * math.log10(NO_FLOOR) + 1
"""Level below which values are zeros, dB."""

N_NAMED = 3
"""Files that a sentence names."""


def advise(files: Sequence[FileSurvey], settings: FrontEndSettings | None, totals: Totals) -> list[str]:
    """Return advice on files and settings; one sentence that there is none if all is well."""
    readable = [file for file in files if not file.problem]
    sentences = [
        _about("Unreadable (`unreadable` has the reason of each)", [file for file in files if file.problem]),
        _about("Not taken by the layer (`refused` says why)", [file for file in readable if file.refused]),
        _rates(readable, settings),
        _channels(readable),
        _about(
            f"Clipped, with more than {MANY_CLIPPED:.2%} of the samples at {CLIPPED:g} of full scale or above",
            [file for file in readable if file.clipped > MANY_CLIPPED],
        ),
        _about(
            f"Silent, below -60 dB for more than {MUCH_SILENCE:.0%} of the duration",
            [file for file in readable if file.silence > MUCH_SILENCE],
        ),
        _about(
            f"With a mean of more than {LARGE_MEAN:g}, to be removed, or the bin at 0 Hz left out",
            [file for file in readable if abs(file.mean) > LARGE_MEAN],
        ),
        _about("With samples that are NaN or infinite", [file for file in readable if file.not_finite]),
        _floor(settings, totals),
        _normalization(settings, totals),
    ]
    return [sentence for sentence in sentences if sentence] or ["Nothing stands out."]


def affine_conventions(settings: FrontEndSettings | None, moments: Moments) -> MelConventions:
    """Return the conventions of a mel spectrogram with the pooled mean and deviation of a corpus."""
    if not isinstance(settings, BandSettings) or settings.cepstrum is not None:
        raise ValueError("`layer` must be a MelSpectrogram for conventions: others have no normalization.")
    if settings.mel.conventions.normalization is not None:
        raise ValueError("`layer` must have no normalization for conventions with one; got a layer that has.")
    mean, deviation = moments.pooled()
    return replace(settings.mel.conventions, normalization="affine", mean=mean, deviation=deviation or 1.0)


def normalization_code(moments: Moments) -> str:
    """Return mean and standard deviation as code."""
    arrays = {"mean": moments.mean, "std": moments.std}
    lines = (
        f"{name} = np.array({np.array2string(array, separator=', ', precision=6, threshold=len(array) + 1)})"
        for name, array in arrays.items()
    )
    return "import numpy as np\n\n" + "\n".join(lines) + "\n"


def _about(what: str, files: Sequence[FileSurvey]) -> str:
    """Return a sentence about files, which names the first ones; empty without any."""
    if not files:
        return ""
    named = ", ".join(printable(file.path) for file in files[:N_NAMED])
    more = ", ..." if len(files) > N_NAMED else ""
    return f"{what}: {len(files)} file{'' if len(files) == 1 else 's'}, {named}{more}."


def _rates(files: Sequence[FileSurvey], settings: FrontEndSettings | None) -> str:
    rates = Counter(file.sample_rate for file in files)
    if not rates:
        return ""
    wanted = settings.mel.sampling_rate if isinstance(settings, BandSettings) else rates.most_common(1)[0][0]
    others = [file for file in files if file.sample_rate != wanted]
    listed = ", ".join(f"{count} at {format_hertz(rate)}" for rate, count in rates.most_common())
    whose = "the layer's" if isinstance(settings, BandSettings) else "the most frequent"
    return _about(f"To be resampled to {format_hertz(wanted)}, {whose} rate ({listed})", others)


def _channels(files: Sequence[FileSurvey]) -> str:
    counts = Counter(file.channels for file in files)
    if len(counts) < 2:
        return ""
    listed = ", ".join(f"{count} with {channels}" for channels, count in counts.most_common())
    return f"Files differ in their number of channels: {listed}. A batch needs one number: mix or choose channels."


def _floor(settings: FrontEndSettings | None, totals: Totals) -> str:
    floor = None if settings is None else floor_of(settings)
    if floor is None or totals.histogram is None or totals.n_values == 0:
        return ""
    share, below = totals.n_floor / totals.n_values, totals.histogram.share_below(floor.level)
    # No floor takes fewer than the zeros.
    zeros = totals.histogram.share_below(ZERO_LEVEL)
    left = MUCH_ON_FLOOR * (1 - zeros)
    is_little = share - zeros <= left
    if not is_little and share - below > below - zeros:
        return (
            f"{share - zeros:.1%} of the values are limited to top_db below the largest of their recording, "
            f"{below - zeros:.2%} by {floor.name}={floor.power:g}: raise top_db, or set it to None."
        )
    besides = (
        f", besides the {zeros:.1%} that are zeros, as in digital silence or a band without a bin" if zeros else ""
    )
    proposed = f"{10 ** (totals.histogram.level_below(zeros + left) / 10):.0e}"
    # Half of the values that are limited may be so by top_db.
    if is_little or float(proposed) >= floor.power:
        return (
            f"{max(share - zeros, 0.0):.2%} of the values are on the floor at {floor.name}={floor.power:g}{besides}; "
            "that is little."
        )
    return (
        f"{share - zeros:.1%} of the values are on the floor at {floor.name}={floor.power:g}{besides}: "
        f"{floor.name}={proposed} would leave {MUCH_ON_FLOOR:.0%}{' of the others' if zeros else ''}."
    )


def _normalization(settings: FrontEndSettings | None, totals: Totals) -> str:
    if settings is None or totals.moments is None or totals.moments.count == 0:
        return ""
    mean, deviation = totals.moments.pooled()
    sentence = (
        f"Normalise by mean {mean:.4g} and standard deviation {deviation:.4g}, or by those of each "
        f"{'band' if isinstance(settings, BandSettings) else 'bin'} (`mean`, `std`, `normalization_code()`)"
    )
    try:
        affine_conventions(settings, totals.moments)
    except ValueError:
        return f"{sentence}."
    return (
        f"{sentence}; as conventions: MelConventions(normalization='affine', mean={mean:.6g}, "
        f"deviation={deviation:.6g}, ...), which `conventions` has whole."
    )
