"""make_golden.py imports Keras, which the tests do not need."""

collect_ignore = ["make_golden.py"]
