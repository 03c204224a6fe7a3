"""What the offline commands share: exit codes, JSON Lines on standard output, words for people on standard error."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import click

WELL, NEGATIVE, WRONG_USAGE, UNDECIDED = 0, 1, 2, 3
WORST_FIRST = (NEGATIVE, WRONG_USAGE, UNDECIDED, WELL)


def worst(codes: Collection[int]) -> int:
    """The exit code for several inputs: 1 before 2 before 3 before 0."""
    return next(code for code in WORST_FIRST if code in codes)


def show(document: dict[str, Any], text: str, *, as_json: bool) -> None:
    """One JSON object on one line of standard output, or lines for people on standard error."""
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        click.echo(printable(text), err=True)


def printable(text: str) -> str:
    """Without control characters except line breaks: a file must not move the cursor."""
    return "".join(
        char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text
    )
