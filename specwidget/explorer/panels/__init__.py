"""The panels of the page beside the picture: each a `.py`, a `.js` and a `.css` of one name."""
