"""Executors: the processes that may perform evaluations, and proof of which of them no longer do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from app.domain.ids import ExecutorId


@dataclass(frozen=True, slots=True)
class Roll:
    """Who is there: `alive` oldest first, and `gone` (declared dead, or left) until somebody has taken their work over."""

    alive: tuple[ExecutorId, ...]
    gone: tuple[ExecutorId, ...]


class Executors(Protocol):
    """The table of executors; all methods commit before they return and raise `TransientError` without a database."""

    async def enter(self, executor: ExecutorId, role: str) -> None:
        """Adds a process that starts, alive from now on."""
        ...

    async def beat(self, executor: ExecutorId) -> bool:
        """Renews the lease; False where the executor was declared dead, for ever."""
        ...

    async def declare_dead(self, silent_s: float) -> tuple[ExecutorId, ...]:
        """Declares dead, by the database's clock, who has been silent for longer; those that this call declared."""
        ...

    async def leave(self, executor: ExecutorId) -> None:
        """Says goodbye: its work is free from now on."""
        ...

    async def leave_all(self) -> None:
        """All that are there are gone: only for whoever holds the database alone."""
        ...

    async def roll(self) -> Roll:
        """Who is there now."""
        ...

    async def forget(self, executor: ExecutorId) -> None:
        """Deletes one that is gone, after its work was taken over."""
        ...
