"""Budgets of requests: how fast one installation may go, and the store that keeps count.

Each is a generic cell rate: `burst` at once, then one every `interval`. In any window w at most burst + w / interval pass, so
the figures below stay under GitHub's (80 a minute, 500 an hour, 900 points a minute) in every window, not on average.
"""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class Charge:
    """So much of a budget."""

    budget: Budget
    amount: int


class BudgetStore(Protocol):
    """Counts, shared by all workers. `key` begins with the app key and names the installation."""

    async def take(self, key: str, charges: tuple[Charge, ...], now: datetime) -> datetime | None:
        """Takes all charges in one transaction, or none: then the moment (UTC) when they will fit, or a block ends."""
        ...

    async def block(self, key: str, until: datetime) -> None:
        """Lets nothing pass before `until`; an earlier end never replaces a later one. Survives a restart."""
        ...


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
        self._blocked: dict[str, datetime] = {}

    async def take(self, key: str, charges: tuple[Charge, ...], now: datetime) -> datetime | None:
        """As the protocol says."""
        if (until := self._blocked.get(key)) is not None and until > now:
            return until
        arrivals = {
            (key, one.budget.name): theoretical_arrival(one, self._arrivals.get((key, one.budget.name)), now)
            for one in charges
        }
        free_at = max((fits_at(one, arrivals[key, one.budget.name]) for one in charges), default=now)
        if free_at > now:
            return free_at
        self._arrivals.update(arrivals)
        return None

    async def block(self, key: str, until: datetime) -> None:
        """As the protocol says."""
        self._blocked[key] = max(until, self._blocked.get(key, until))
