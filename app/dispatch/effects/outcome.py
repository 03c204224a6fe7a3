"""What applying an effect comes to, and what an executor offers while it is applied.

`Progress` is the ledger's side of the bargain: a cursor that outlives a crash, the result of the last effect with the same
key, and the fence that keeps an executor declared dead from writing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

Cursor = Mapping[str, int | str]


@dataclass(frozen=True, slots=True)
class Applied:
    """The effect is true at GitHub; `result` is stored with its row and becomes the next one's `previous`."""

    result: dict[str, int | str]


@dataclass(frozen=True, slots=True)
class Refused:
    """The effect was not performed and trying again cannot help; `code` is stable, `reason` is for people."""

    code: str
    reason: str


Outcome = Applied | Refused


class Progress(Protocol):
    """One effect row while it is being applied."""

    @property
    def cursor(self) -> Cursor:
        """What an earlier attempt at this row saved last; empty on the first attempt."""
        ...

    @property
    def previous(self) -> Cursor | None:
        """The result of the last applied effect with the same key."""
        ...

    @property
    def abandoned(self) -> Cursor | None:
        """The cursor of a later effect with the same key that began and never ended: nobody knows whether it came true."""
        ...

    async def save(self, cursor: Cursor) -> None:
        """Stores a cursor durably, in place of the one before."""
        ...

    async def fence(self) -> None:
        """Returns only while this executor still holds its lease; raises `LeaseLost`. Called right before each write."""
        ...


def digest(*parts: object) -> str:
    """A deterministic SHA-256, in hex, of strings, numbers, None and sequences of these."""
    canonical = json.dumps(parts, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def text_of(cursor: Cursor | None, key: str) -> str:
    """A string of a cursor or result; empty where it is absent or something else."""
    value = (cursor or {}).get(key)
    return value if isinstance(value, str) else ""


def number_of(cursor: Cursor | None, key: str) -> int:
    """A number of a cursor or result; 0, which GitHub gives to nothing, where it is absent or something else."""
    value = (cursor or {}).get(key)
    return value if isinstance(value, int) else 0
