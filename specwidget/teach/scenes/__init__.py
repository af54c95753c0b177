"""The figures of the course, one file for each: pure functions from the values of controls to a `Scene`.

Every number comes from the package's own transform, windows and shapes, and every control is an argument of it.
"""
