"""The script that records Keras needs Keras, which the tests do without."""

collect_ignore = ["make_golden.py"]
