"""Hidden markers, by which what our App wrote is found again. Pure."""

from __future__ import annotations

import re

MARKER = re.compile(r"[A-Za-z0-9_.:|/=@ -]{1,200}")
"""What a marker may consist of; never `--`, which would end the HTML comment."""


def hidden(marker: str) -> str | None:
    """The marker as an HTML comment; None where it cannot be hidden in one."""
    return f"<!-- {marker} -->" if MARKER.fullmatch(marker) and "--" not in marker else None


def carries(body: str, tag: str) -> bool:
    """Whether a text has the marker on a line of its own."""
    return tag in (line.strip() for line in body.splitlines())


def normal(body: str) -> str:
    """GitHub stores what it was sent, but pages edited in the browser come back with CRLF."""
    return body.replace("\r\n", "\n").rstrip()
