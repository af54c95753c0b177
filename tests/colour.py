"""What an eye makes of colours, from the standards: contrast, lightness, distance, and sight without one kind of cone.

Written without a line of the package or of matplotlib, as it is their colours that are judged. A colour is a triple of
sRGB values from 0 to 255; arrays hold one in each row.

References
----------
W3C, "Web Content Accessibility Guidelines 2.1": relative luminance and contrast ratio; 1.4.3 asks text for 4.5,
1.4.11 for 3 of what has to be seen to use a control.
IEC 61966-2-1:1999: sRGB. CIE 15:2004: L*, a*, b*, here with the white of D65.
G. M. Machado, M. M. Oliveira and L. A. F. Fernandes, "A Physiologically-based Model for Simulation of Color Vision
Deficiency", IEEE Transactions on Visualization and Computer Graphics 15 (2009), pages 1291-1298: the matrices, for
a deficiency of full severity, on linear RGB.
"""

import numpy as np

LEAST_FOR_TEXT = 4.5
LEAST_FOR_SHAPES = 3.0

TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])

SIGHTS = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""What is left of linear RGB, by the sight that it is seen with."""


def linear(colours):
    """Return sRGB values as linear ones, 0 to 1."""
    values = np.asarray(colours, dtype=float) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def luminance(colours):
    """Return the relative luminance."""
    return linear(colours) @ TO_XYZ[1]


def contrast(one, other):
    """Return the contrast ratio of two colours, 1 to 21."""
    low, high = np.sort([luminance(one), luminance(other)], axis=0)
    return (high + 0.05) / (low + 0.05)


def lab(colours, sight="all cones"):
    """Return L*, a* and b* of colours as they are seen."""
    seen = np.clip(linear(colours) @ SIGHTS[sight].T, 0, 1)
    share = seen @ TO_XYZ.T / TO_XYZ.sum(axis=1)
    root = np.where(share > (6 / 29) ** 3, np.cbrt(share), share / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def blend(colour, alpha, ground):
    """Return a colour laid over another one."""
    return alpha * np.asarray(colour, dtype=float) + (1 - alpha) * np.asarray(ground, dtype=float)


def count_colours(pixels):
    """Count the colours of an image of 8 bits a value, which are from 0 to 1, as `matplotlib.image.imread` has them."""
    return np.unique(np.round(255 * pixels).astype(np.uint8).view(np.uint32)).size
