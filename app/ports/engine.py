"""The engine: runs an evaluation to its end, also over crashes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from app.ports.handler import Lane

Run = Callable[[str, int], Awaitable[str]]
"""The body of an evaluation: evaluation id and attempt in, the word for how it ended out. Safe to repeat after a crash."""


class Engine(Protocol):
    """Durable execution; only ids travel through it."""

    async def enqueue(
        self, workflow_id: str, lane: Lane, partition: str, evaluation: str, attempt: int
    ) -> None:
        """Has `Run` called once for this workflow id; a known id changes nothing."""
        ...

    async def is_live(self, workflow_id: str) -> bool:
        """Whether the engine still holds this workflow unfinished."""
        ...

    async def ping(self) -> None:
        """Raises `TransientError` where the engine cannot work."""
        ...
