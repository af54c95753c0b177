"""Define the figures of the course, one module each: pure functions from the values of controls to a `Scene`.

All numbers come from the transform, the windows and the shape functions of the package itself.
"""
