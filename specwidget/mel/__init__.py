"""Mel spectrograms and cepstral coefficients: a filter bank after the transform, and the front ends of models.

Data flow::

    signal -> gain, mean, pre-emphasis -> ends -> frames -> transform -> power -> bank -> logarithm -> normalization

The modules in the order of the data; each imports only from those before it: `scales`, `banks`, `conventions`,
`settings`, `shapes`, `framing`, `bands`, `pipeline`, `gradients`, `layer`, `mfcc`,
`stages`, `inversion`, `front_ends`. Framing at the ends of
a signal and the FFT are those of `specwidget.stft`.
"""
