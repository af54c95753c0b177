"""What a command answers where a person must change something."""

from __future__ import annotations


class UsageError(Exception):
    """Something a person can change; its text is the sentence for her."""
