"""What the offline commands share: exit codes, JSON Lines on standard output, words for people on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable
from typing import Any, TypeVar

import click

T = TypeVar("T")
WELL, NEGATIVE, WRONG_USAGE, UNDECIDED = 0, 1, 2, 3
SEVERAL = 2
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


def with_progress(items: Iterable[T], label: str, total: int) -> Iterable[T]:
    """The items, with a bar on standard error while they are worked on; none for one item, and none in a pipe."""
    if total < SEVERAL or not sys.stderr.isatty():
        return items
    from rich.console import Console
    from rich.progress import track

    return track(items, label, total=total, console=Console(stderr=True), transient=True)
