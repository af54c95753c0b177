"""From spectrograms to pixels: the quantity, its reduction to the resolution of the screen, axes and colours.

Pure functions that the page and the figures share: `picture` quantizes values to 16-bit codes, `scales` maps
frequencies to positions on an axis, `colours` holds the colour maps.
"""
