"""What the offline commands share: exit codes, JSON Lines on standard output, words for people on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")
Advance = Callable[[float], None]
WELL, NEGATIVE, WRONG_USAGE, UNDECIDED = 0, 1, 2, 3
SEVERAL = 2
WORST_FIRST = (NEGATIVE, WRONG_USAGE, UNDECIDED, WELL)
_shown: list[Progress] = []
"""The bars on the terminal now."""


def worst(codes: Collection[int]) -> int:
    """The exit code for several inputs: 1 before 2 before 3 before 0."""
    return next(code for code in WORST_FIRST if code in codes)


def show(document: dict[str, Any], text: str, *, as_json: bool) -> None:
    """One JSON object on one line of standard output, or lines for people on standard error."""
    with bars_aside():
        if as_json:
            click.echo(json.dumps(document, ensure_ascii=False))
        else:
            click.echo(printable(text), err=True)


def printable(text: str) -> str:
    """Without control characters except line breaks: a file must not move the cursor."""
    return "".join(
        char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def with_progress(items: Iterable[T], label: str, total: int) -> Iterator[T]:
    """The items, with a bar on standard error while they are worked on; of one item it only shows that work goes on."""
    with bar(label, total if total >= SEVERAL else None) as advance:
        for item in items:
            yield item
            advance(1)


@contextmanager
def bar(label: str, total: int | None = None) -> Iterator[Advance]:
    """A bar on standard error, and what it is told how much was done since, from any thread; none in a pipe.

    Where nobody knows the `total` it shows the time alone. Write meanwhile with `bars_aside`.
    """
    if not sys.stderr.isatty():
        yield _unseen
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    # Nothing is redirected: what was for a pipe would come out at the terminal.
    progress = Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    task = progress.add_task(label, total=total)
    _shown.append(progress)
    try:
        with progress:
            yield partial(progress.advance, task)
    finally:
        _shown.remove(progress)


@contextmanager
def bars_aside() -> Iterator[None]:
    """A terminal without our bars, to write on."""
    for each in _shown:
        each.stop()
    try:
        yield
    finally:
        for each in _shown:
            each.start()


def _unseen(_: float) -> None:
    """Nobody looks."""
