"""From a spectrogram to what is drawn: the quantity, its reduction to the screen, its axis and its colours.

Pure functions, which the page and the figures share: `picture` makes 16-bit codes, `scales` places frequencies on an
axis, `colours` knows the colour maps.
"""
