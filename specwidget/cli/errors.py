"""The error that ends a command with one message instead of a traceback."""

from __future__ import annotations


class UsageError(Exception):
    """An invalid argument, file or environment; the message says what to change."""
