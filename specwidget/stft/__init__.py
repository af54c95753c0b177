"""The transform as pure functions of arrays.

The modules in the order of the data; each imports only from those before it: `formatting`, `cosine_windows`, `windows`,
`window_merits`, `serialization`, `settings`, `shapes`, `kernels`, `frames`, `transform`, `modes`, `magnitudes`,
`layout`, `device_blocks`, `device_synthesis`, `device_gradients`, `device_griffin_lim`, `pipeline`, `frame_selection`,
`batch_splitting`, `accuracy`, `gradients`, `synthesis`, `inverse`, `griffin_lim`.
"""
