"""Summaries of a computation as plain data, for the page and the command line: readouts, notes, presets, limits."""
