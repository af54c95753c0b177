"""Files that the page offers for download: figure, values, settings, and the page itself."""
