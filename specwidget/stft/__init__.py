"""The transform: pure functions, arrays in, arrays out.

The modules stand in the order of the data, and each imports only from those before it:
`windows`, `settings`, `shapes`, `kernels`, `frames`, `transform`, `modes`, `layout`, `pipeline`, `accuracy`,
`gradients`, `synthesis`, `inverse`, `griffin_lim`.
"""
