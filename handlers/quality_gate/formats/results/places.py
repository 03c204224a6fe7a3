"""Where a test was when it failed, as the trace in its report tells it."""

from __future__ import annotations

import re

MAX_TRACE = 8000
INNERMOST_LAST = re.compile(
    r'^(?:  File "([^"\n]+)", line (\d{1,8})|([\w./\\-]+\.\w+):(\d{1,8}):)', re.MULTILINE
)
"""Python's traces, and pytest's."""
DOTNET = re.compile(r":line (\d{1,8})")
MAX_DOTNET_PATH = 300
JAVASCRIPT = re.compile(r"(.{1,1000}\.[cm]?[jt]sx?):(\d{1,8}):\d{1,8}")
OTHERS_CODE = ("node_modules", "node:", "internal/")


def place(text: str) -> tuple[str, int] | None:
    """File and line (from 1) that a trace names, as written there; None where it names none.

    Only the first and the last 8,000 characters are looked at: what they cost is bounded.
    """
    dotnet = _dotnet(text[:MAX_TRACE])
    if dotnet:
        return dotnet
    places = list(INNERMOST_LAST.finditer(text[-MAX_TRACE:]))
    if places:
        last = places[-1]
        path, line = (last[1], last[2]) if last[1] else (last[3], last[4])
        return path, int(line) or 1
    return _javascript(text[:MAX_TRACE])


def _dotnet(text: str) -> tuple[str, int] | None:
    for found in DOTNET.finditer(text):
        before = text[max(0, found.start() - MAX_DOTNET_PATH) : found.start()].splitlines() or [""]
        _, word, path = before[-1].rpartition(" in ")
        if word and path:
            return path, int(found[1]) or 1
    return None


def _javascript(text: str) -> tuple[str, int] | None:
    for word in text.split():
        found = JAVASCRIPT.fullmatch(word.strip("()"))
        if found and not any(each in found[1] for each in OTHERS_CODE):
            return found[1], int(found[2]) or 1
    return None
