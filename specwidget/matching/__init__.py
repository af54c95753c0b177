"""Compare two front ends, and find the settings behind an array.

`difference` says in what two front ends differ and in which order to mend it; `identification` finds the settings with
which an array was made of a signal.
"""
