"""Budgets of requests: how fast one installation may go, and the store that keeps count.

Each is a generic cell rate: `burst` at once, then one every `interval`. In any window w at most burst + w / interval pass, so
the figures below stay under GitHub's (80 a minute, 500 an hour, 900 points a minute) in every window, not on average.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Budget:
    """`burst` at once, then one every `interval`."""

    name: str
    burst: int
    interval: timedelta


WRITES = Budget("writes", 10, timedelta(seconds=1))
POINTS = Budget("points", 300, timedelta(seconds=60) / 600)
CREATIONS_A_MINUTE = Budget("creations_a_minute", 20, timedelta(seconds=60) / 60)
CREATIONS_AN_HOUR = Budget("creations_an_hour", 100, timedelta(hours=1) / 400)
SECONDARY_WAIT = timedelta(seconds=60)
"""GitHub's least after a secondary limit, to be made longer where it happens again."""
LONGEST_WAIT = timedelta(hours=1)
LULL = timedelta(minutes=10)
"""A refusal so long after the last block is a new story."""
SAME_HOUR = timedelta(seconds=30)
"""Resets that differ by less are of one hour: GitHub's seconds, and our clock's correction, are not exact."""


@dataclass(frozen=True, slots=True)
class Charge:
    """So much of a budget."""

    budget: Budget
    amount: int


@dataclass(frozen=True, slots=True)
class Hour:
    """What is left of an hourly limit; `reset_at` is by our clock."""

    allowed: int
    remaining: int
    reset_at: datetime


@dataclass(frozen=True, slots=True)
class Block:
    """Nothing passes from one moment to the other."""

    began_at: datetime
    until: datetime


class BudgetStore(Protocol):
    """Counts, shared by all workers, there after a restart.

    `key` begins with the app key and names the installation, or the App itself. `resource` is one of GitHub's hourly limits
    (`core`, `graphql`); empty means all of them.
    """

    async def take(
        self, key: str, charges: tuple[Charge, ...], now: datetime, resource: str = ""
    ) -> datetime | None:
        """Takes all charges in one transaction, or none: then the moment (UTC) when they will fit, or a block ends."""
        ...

    async def block(
        self, key: str, now: datetime, until: datetime | None = None, resource: str = ""
    ) -> datetime:
        """Lets nothing pass before the moment it gives: `until`, or the later end of a block that is there.

        None where GitHub named no time: a minute, twice as long each time it happens again, an hour at most.
        """
        ...

    async def share(self, key: str, seen: Mapping[str, Hour]) -> dict[str, Hour]:
        """Adds what is left by resource as this process saw it, and gives what all of them saw."""
        ...


def next_block(before: Block | None, now: datetime, until: datetime | None) -> Block:
    """The block in force after a refusal; `until` None where GitHub named no time.

    A refusal while a block lasts is of a request sent before it: it makes the block no longer.
    """
    if before is not None and now < before.until:
        return Block(before.began_at, max(before.until, until or before.until))
    if until is not None:
        return Block(now, until)
    if before is None or now - before.until > LULL:
        return Block(now, now + SECONDARY_WAIT)
    doubled = max(2 * (before.until - before.began_at), SECONDARY_WAIT)
    return Block(now, now + min(doubled, LONGEST_WAIT))


def newer(one: Hour, other: Hour | None) -> Hour:
    """Of two views of a limit the later hour's; of one hour's the one with less left, since answers overtake each other."""
    if other is None or one.reset_at - other.reset_at > SAME_HOUR:
        return one
    if other.reset_at - one.reset_at > SAME_HOUR:
        return other
    return min(one, other, key=lambda hour: hour.remaining)


def theoretical_arrival(charge: Charge, before: datetime | None, now: datetime) -> datetime:
    """The cell's next theoretical arrival time after the charge; `before` is the stored one (None: never used)."""
    start = now if before is None or before < now else before
    return start + charge.amount * charge.budget.interval


def fits_at(charge: Charge, arrival: datetime) -> datetime:
    """The earliest moment at which a charge leading to `arrival` is within its budget."""
    return arrival - charge.budget.burst * charge.budget.interval


class MemoryBudgets:
    """A store for one process, forgotten at its end."""

    def __init__(self) -> None:
        self._arrivals: dict[tuple[str, str], datetime] = {}
        self._blocks: dict[tuple[str, str], Block] = {}
        self._hours: dict[str, dict[str, Hour]] = {}

    async def take(
        self, key: str, charges: tuple[Charge, ...], now: datetime, resource: str = ""
    ) -> datetime | None:
        """As the protocol says."""
        found = [self._blocks[key, name] for name in {"", resource} if (key, name) in self._blocks]
        blocked_until = max((one.until for one in found), default=now)
        if blocked_until > now:
            return blocked_until
        arrivals = {
            (key, one.budget.name): theoretical_arrival(one, self._arrivals.get((key, one.budget.name)), now)
            for one in charges
        }
        free_at = max((fits_at(one, arrivals[key, one.budget.name]) for one in charges), default=now)
        if free_at > now:
            return free_at
        self._arrivals.update(arrivals)
        return None

    async def block(
        self, key: str, now: datetime, until: datetime | None = None, resource: str = ""
    ) -> datetime:
        """As the protocol says."""
        made = self._blocks[key, resource] = next_block(self._blocks.get((key, resource)), now, until)
        return made.until

    async def share(self, key: str, seen: Mapping[str, Hour]) -> dict[str, Hour]:
        """As the protocol says."""
        known = self._hours.setdefault(key, {})
        known.update({resource: newer(hour, known.get(resource)) for resource, hour in seen.items()})
        return dict(known)
