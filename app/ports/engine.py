"""The engine: runs an evaluation to its end, also over crashes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from app.domain.ids import ExecutorId
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

    async def held(self) -> Mapping[str, ExecutorId | None]:
        """The unfinished workflows: who runs each, None while it waits in its queue."""
        ...

    async def cancel(self, workflow_ids: Sequence[str]) -> None:
        """Gives up workflows, so that those that wait behind them may go on. What runs is not interrupted."""
        ...

    async def prune(self, before: datetime) -> int:
        """Forgets workflows that ended earlier; how many."""
        ...

    async def ping(self) -> None:
        """Raises `TransientError` where the engine cannot work."""
        ...
