"""The picture with its waveform, its spectrum and its overview: seen, pointed at and heard."""
