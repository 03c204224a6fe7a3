"""Strangers' words in audits and bills of materials, as they are kept."""

from __future__ import annotations

MAX_NAME = 300


def line(text: str) -> str:
    """The first line of a stranger's text, of at most `MAX_NAME` characters."""
    return text.strip().partition("\n")[0].rstrip()[:MAX_NAME]
