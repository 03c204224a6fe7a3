"""What a fix answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """One replacement in a file; lines count from 1."""

    line: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """The whole file as it should be, and every replacement; or None, and `why` no edit is made."""

    content: str | None
    edits: tuple[Edit, ...] = ()
    why: str = ""
