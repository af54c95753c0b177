"""What the page knows: what is asked for, what follows from it, and what takes long. No widget."""
