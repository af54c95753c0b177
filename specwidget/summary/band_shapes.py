"""Shape readouts of a mel spectrogram or MFCC: padding, frames, bins, bands and coefficients, with their formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from specwidget.front_end import count_frames, frame_centre, output_shape
from specwidget.mel.shapes import frames_formula, window_start
from specwidget.mel.stages import BandSettings
from specwidget.summary.quantities import format_duration, format_hertz
from specwidget.summary.readouts import format_share
from specwidget.summary.shape_steps import (
    Axis,
    ShapeRow,
    Signal,
    count,
    input_row,
    memory_row,
    plural,
    shape_text,
    step_row,
)

ENDS = {
    "reflect": "the signal reflected",
    "zeros": "zeros",
    None: "nothing",
}
"""What is added at each end, in words."""


def band_rows(settings: BandSettings, shape: tuple[int, ...], signal: Signal) -> list[ShapeRow]:
    """Return the rows about the shapes of all steps from the input to bands or coefficients."""
    rows = {
        "input": [input_row(settings, shape, signal)],
        "padded": [_ends_row(settings, signal)],
        "frames": [_frames_row(settings, signal), step_row(settings, signal), _centre_row(settings, signal)],
        "bins": [_bins_row(settings, signal), _spacing_row(settings)],
        "bands": [
            *(_bands_row(settings, signal), _range_row(settings), _empty_row(settings), _logarithm_row(settings)),
            *_normalization_rows(settings),
        ],
        "output": [_output_row(settings, shape, signal), memory_row(settings, signal)],
    }
    return [replace(row, step=step) for step, each in rows.items() for row in each]


CENTRED = {"half_frame": ", so that frame 0 lies around sample 0", "half_overlap": ""}
"""What a margin has as its result."""


def _ends_row(settings: BandSettings, signal: Signal) -> ShapeRow:
    margin, conventions = settings.mel.margin, settings.mel.conventions
    length = signal.n_samples + 2 * margin
    formula = {
        "half_frame": f"floor(N / 2) = floor({settings.mel.span} / 2)",
        "half_overlap": f"floor((N - step) / 2) = floor(({settings.mel.span} - {settings.step}) / 2)",
    }[conventions.margin]
    meaning = (
        f"{count(margin, 'sample')} at each end, {ENDS[conventions.ends]}{CENTRED[conventions.margin]}."
        if margin
        else "Nothing is added: only complete frames are computed."
    )
    return ShapeRow(
        "padded",
        f"{margin} left, {margin} right",
        formula if margin else "no padding",
        axes=signal.ordered(Axis("L + 2 margin" if margin else "L", "time", length), settings),
        meaning=meaning,
        mark="padding",
        shares=(margin / length, margin / length),
    )


def _frames_row(settings: BandSettings, signal: Signal) -> ShapeRow:
    length, step = settings.frame_length, settings.step
    n_frames = count_frames(signal.n_samples, settings)
    worked = frames_formula(settings.mel).replace("L", str(signal.n_samples), 1)
    last = " One more is left out at the end." if settings.mel.conventions.drop_last_frame else ""
    start, shared = window_start(0, settings.mel), max(length - step, 0)
    offset = f" - {-start}" if start < 0 else f" + {start}" if start else ""
    return ShapeRow(
        "frames",
        f"T = {n_frames}",
        f"{frames_formula(settings.mel)} = {worked}",
        axes=signal.framed(Axis("n", plural("sample", length), length), settings),
        meaning=f"The window of frame t has {count(length, 'sample')} from sample t \u00d7 {step}{offset}. Adjacent "
        f"frames overlap by {shared} of {length} samples, {format_share(shared / length)}.{last}",
        mark="frame",
        shares=(min(step / length, 1.0),),
    )


def _centre_row(settings: BandSettings, signal: Signal) -> ShapeRow:
    centre = frame_centre(0, signal.n_samples, settings)
    value = f"sample {centre:g}"
    if signal.sample_rate is not None:
        value = f"{format_duration(centre / signal.sample_rate)}, {value}"
    margin, offset = settings.mel.margin, settings.mel.offset
    formula = f"frame_length / 2 + offset - margin = {settings.frame_length} / 2 + {offset} - {margin}"
    return ShapeRow("first centre", value, formula)


def _bins_row(settings: BandSettings, signal: Signal) -> ShapeRow:
    n_bins, n_fft = settings.mel.n_bins, settings.n_fft
    exponent = {1.0: "magnitude", 2.0: "power"}.get(settings.mel.mag_exp, f"magnitude to the {settings.mel.mag_exp:g}")
    return ShapeRow(
        "bins",
        f"F = {n_bins}",
        f"floor(N / 2) + 1 = floor({n_fft} / 2) + 1",
        axes=signal.framed(Axis("F", plural("bin", n_bins), n_bins), settings),
        meaning=f"The FFT of {n_fft} samples gives the {exponent} of each bin, which the bank weights.",
        mark="bin",
    )


def _spacing_row(settings: BandSettings) -> ShapeRow:
    rate, n_fft = settings.mel.sampling_rate, settings.n_fft
    return ShapeRow("bin spacing", format_hertz(rate / n_fft, 5), f"sample_rate / N = {rate:.10g} / {n_fft}")


def _bands_row(settings: BandSettings, signal: Signal) -> ShapeRow:
    n_bands, n_bins = settings.mel.n_bands, settings.mel.n_bins
    conventions = settings.mel.conventions
    scale = {"htk": "HTK's", "slaney": "Slaney's"}[conventions.mel_scale]
    area = "all of one area" if conventions.norm == "slaney" else "each with a peak of 1"
    return ShapeRow(
        "bands",
        f"M = {n_bands}",
        f"(T, F) times the bank (F, M) = ({n_bins}, {n_bands})",
        axes=signal.framed(Axis("M", plural("band", n_bands), n_bands), settings),
        meaning=f"Band m is the sum of the bins under triangle m; the triangles are equidistant on {scale} mel scale, "
        f"{area}. A band is one row of the spectrogram.",
        mark="bin",
    )


def _range_row(settings: BandSettings) -> ShapeRow:
    edges, n_bands = settings.mel.bank.edges, settings.mel.n_bands
    value = f"{format_hertz(edges[0], 5)} to {format_hertz(edges[-1], 5)}"
    return ShapeRow("range", value, f"{n_bands} + 2 edges; band m has its peak at edge m + 1")


def _empty_row(settings: BandSettings) -> ShapeRow:
    counts, empty = settings.mel.bank.bin_counts, settings.mel.bank.empty_bands
    value = f"{counts.min()} to {counts.max()}"
    note = f"{count(len(empty), 'band')} without a bin" if empty else "every band holds a bin"
    return ShapeRow("bins in a band", value, note)


def _logarithm_row(settings: BandSettings) -> ShapeRow:
    mel, conventions = settings.mel, settings.mel.conventions
    if not mel.power_to_db:
        return ShapeRow("logarithm", "none", "values are sums of bins")
    name = {"db": "10 log10", "log10": "log10", "ln": "ln"}[conventions.logarithm]
    inside = f"max(b, {mel.min_power:g})" if conventions.floor == "maximum" else f"b + {mel.min_power:g}"
    reference = "" if mel.log_offset == 0 else f" - {name}({max(abs(mel.ref_power), mel.min_power):g})"
    limit = "" if mel.top_db is None else f", at least the largest - {mel.top:.4g}"
    return ShapeRow("logarithm", name, f"{name}({inside}){reference}{limit}")


def _normalization_rows(settings: BandSettings) -> list[ShapeRow]:
    conventions = settings.mel.conventions
    if conventions.normalization is None:
        return []
    if conventions.normalization == "band":
        return [ShapeRow("normalization", "each band", "(v - mean) / deviation, both over the frames of the band")]
    sign = "+" if conventions.mean < 0 else "-"
    formula = f"(v {sign} {abs(conventions.mean):g}) / {conventions.deviation:g}"
    return [ShapeRow("normalization", "all values", formula)]


def _output_row(settings: BandSettings, shape: Sequence[int], signal: Signal) -> ShapeRow:
    result = tuple(int(length or 0) for length in output_shape(tuple(shape), settings))
    symbol = "M" if settings.cepstrum is None else "K"
    joined = f"C \u00d7 {symbol}"
    symbols = ("B", "T", joined) if settings.channels_last else ("B", joined, "T")
    names = {"B": "batch", "T": "frames"}
    axes = tuple(Axis(each, names.get(each, "values"), length) for each, length in zip(symbols, result, strict=True))
    if settings.cepstrum is None:
        what = "The values of the bands"
    else:
        what = (
            f"{count(settings.n_outputs, 'coefficient')}: the discrete cosine transform (DCT-II) of the "
            f"{settings.mel.n_bands} logarithms of a frame"
        )
    formula = f"({', '.join(symbols)}) with {joined} = {signal.channels} \u00d7 {settings.n_outputs}"
    meaning = f"{what}; those of all channels are concatenated on one axis."
    return ShapeRow("output", shape_text(result), formula, axes=axes, meaning=meaning, mark="value")
