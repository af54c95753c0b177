"""State of the explorer: inputs, what is derived from them, and background work. No widget."""
