"""One sitting over a release: many downloads at once, within a budget, and a clean end where it is used up.

What a sitting learned is kept in the release's state, so that the next one, or the one after a crash, goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from app.errors import TransientError

AT_ONCE = 6
LONGEST_PAUSE_S = 20.0
T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class Sitting:
    """The budget of one evaluation, from `began_at` on; `seconds` of it may pass before the last download begins."""

    began_at: datetime
    seconds: float
    began_s: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    trouble: TransientError | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more may begin: the time is up, or GitHub gives nothing more for now."""
        return self.trouble is not None or self._spent_s >= self.seconds

    async def each(
        self, items: Sequence[T], work: Callable[[T], Awaitable[R]], at_once: int = AT_ONCE
    ) -> list[R | None]:
        """What `work` makes of each item, several at once and in their order; None for those the sitting did not get to.

        What GitHub refuses for now ends the sitting (`trouble`); after anything else nothing begins any more, and it is raised.
        """
        made: list[R | None] = [None] * len(items)
        left = iter(range(len(items)))
        failed: list[BaseException] = []

        async def take() -> None:
            for index in left:
                if self.is_over or failed:
                    return
                try:
                    made[index] = await self._patiently(items[index], work)
                except TransientError as error:
                    self.trouble = self.trouble or error
                except Exception as error:  # noqa: BLE001 (raised below: a group of errors would hide which branch it is of)
                    failed.append(error)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(at_once, len(items))):
                group.create_task(take())
        if failed:
            raise failed[0]
        return made

    async def _patiently(self, item: T, work: Callable[[T], Awaitable[R]]) -> R:
        """A short pause that GitHub or our own pacing names is waited for, as long as the sitting lasts."""
        while True:
            try:
                return await work(item)
            except TransientError as error:
                pause_s = self._pause_s(error)
                if pause_s is None:
                    raise
            await asyncio.sleep(pause_s)

    def _pause_s(self, error: TransientError) -> float | None:
        if error.retry_at is None:
            return None
        elapsed = self._spent_s
        pause_s = (error.retry_at.astimezone(UTC) - self.began_at.astimezone(UTC)).total_seconds() - elapsed
        pause_s = max(pause_s, 0.05)
        return pause_s if pause_s <= LONGEST_PAUSE_S and elapsed + pause_s < self.seconds else None

    @property
    def _spent_s(self) -> float:
        return asyncio.get_running_loop().time() - self.began_s
