"""The panels of the page: each has a Python, a JavaScript and a style file of one name."""
