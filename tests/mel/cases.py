"""Settings that reach every convention, small enough for a direct computation."""

from specwidget import MelConventions

CONVENTIONS = {
    "Keras": MelConventions(),
    "zeros, symmetric": MelConventions(
        ends="zeros", periodic=False, mel_scale="slaney", triangles="hertz", norm="slaney"
    ),
    "Kaldi": MelConventions(
        ends=None, placement="left", gain=64.0, remove_mean="frame", preemphasis=0.9, logarithm="ln", periodic=False
    ),
    "left, centred": MelConventions(placement="left", logarithm="log10", normalization="affine", mean=-4, deviation=4),
    "half overlap": MelConventions(margin="half_overlap", power_offset=1e-3, floor="add", drop_last_frame=True),
    "whole signal": MelConventions(
        ends="zeros",
        remove_mean="signal",
        preemphasis=0.97,
        preemphasis_over="signal",
        normalization="band",
        ddof=1,
        deviation_epsilon=1e-5,
    ),
    "variance": MelConventions(drop_last_frame=True, normalization="band", variance_epsilon=1e-2, mel_scale="slaney"),
}

ARGUMENTS = {
    "short window": {"fft_length": 64, "sequence_stride": 24, "sequence_length": 40, "num_mel_bins": 7},
    "odd": {"fft_length": 51, "sequence_stride": 13, "sequence_length": 30, "num_mel_bins": 5, "window": "povey"},
    "magnitude": {"fft_length": 32, "sequence_stride": 32, "num_mel_bins": 4, "mag_exp": 1.0, "top_db": 6.0},
    "no logarithm": {"fft_length": 64, "sequence_stride": 16, "num_mel_bins": 40, "power_to_db": False, "mag_exp": 1.3},
    "reference": {"fft_length": 40, "sequence_stride": 7, "num_mel_bins": 3, "ref_power": -3.0, "max_freq": 5000.0},
    "one sample": {"fft_length": 64, "sequence_stride": 1, "sequence_length": 64, "num_mel_bins": 2, "window": None},
}
