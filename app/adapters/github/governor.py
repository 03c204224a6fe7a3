"""Decides whether a request may go now: pacing, blocks that GitHub asked for, and headroom for what is urgent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gidgethub import sansio

from app.adapters.github.budgets import (
    CREATIONS_A_MINUTE,
    CREATIONS_AN_HOUR,
    POINTS,
    WRITES,
    BudgetStore,
    Charge,
)
from app.adapters.github.exchange import Outgoing
from app.errors import TransientError
from app.ports.clock import Clock
from app.ports.handler import Lane

PATIENCE = timedelta(seconds=2)
SHORT_WAITS = 3
"""Others wait for the same moment: who loses three times gives its place back."""
READ_BLOCK = 20
READ_BLOCK_LIFE = timedelta(seconds=30)
RESERVED: dict[Lane, float] = {
    Lane.INTERACTIVE: 0.0,
    Lane.GATE: 0.02,
    Lane.REMEDIATION: 0.10,
    Lane.SWEEP: 0.25,
}
"""The share of an hour's primary limit that a lane leaves to those before it."""


@dataclass(slots=True)
class _Credit:
    """Points for reads, taken from the store in blocks so that not every read writes to it."""

    left: int = 0
    until: datetime = field(default_factory=lambda: datetime.min.replace(tzinfo=UTC))


class Governor:
    """One for all installations of an App."""

    def __init__(self, store: BudgetStore, clock: Clock, prefix: str) -> None:
        self._store, self._clock, self._prefix = store, clock, prefix
        self._limits: dict[tuple[str, str], sansio.RateLimit] = {}
        self._credits: dict[str, _Credit] = {}

    async def admit(self, installation_id: int, request: Outgoing, lane: Lane) -> None:
        """Returns when the request may go, at once or within two seconds; else raises TransientError with `retry_at`."""
        key = self._key(installation_id)
        self._check_headroom(key, resource_of(request), lane)
        if request.safe and self._spend_credit(key):
            return
        charges = _charges(request)
        free_at = await self._store.take(key, charges, self._clock.now())
        for _ in range(SHORT_WAITS):
            if free_at is None or free_at - self._clock.now() > PATIENCE:
                break
            await asyncio.sleep(max((free_at - self._clock.now()).total_seconds(), 0.01))
            free_at = await self._store.take(key, charges, self._clock.now())
        if free_at is not None:
            raise TransientError("github.paced", "requests of this installation are being paced", free_at)
        if request.safe:
            self._credits[key] = _Credit(READ_BLOCK - 1, self._clock.now() + READ_BLOCK_LIFE)

    def observe(self, installation_id: int, request: Outgoing, headers: Mapping[str, str]) -> None:
        """Learns what is left of the hour from any answer, a 304 included (gidgethub gap G2, G19)."""
        limit = sansio.RateLimit.from_http(headers) if _has_limit(headers) else None
        if limit is not None:
            resource = headers.get("x-ratelimit-resource") or resource_of(request)
            self._limits[self._key(installation_id), resource] = limit

    async def refused(self, installation_id: int, error: TransientError) -> None:
        """Blocks the installation until the time that GitHub named for a limit."""
        if error.retry_at is not None and error.code in {"github.primary_limit", "github.secondary_limit"}:
            key = self._key(installation_id)
            self._credits.pop(key, None)
            await self._store.block(key, error.retry_at)

    def _key(self, installation_id: int) -> str:
        return f"{self._prefix}|installation:{installation_id}"

    def _check_headroom(self, key: str, resource: str, lane: Lane) -> None:
        seen = self._limits.get((key, resource))
        if seen is None or seen.reset_datetime <= self._clock.now():
            return
        if seen.remaining <= 0 or seen.remaining < seen.limit * RESERVED[lane]:
            message = (
                f"{seen.remaining} of {seen.limit} requests are left this hour, kept for more urgent work"
            )
            raise TransientError("github.headroom", message, seen.reset_datetime)

    def _spend_credit(self, key: str) -> bool:
        credit = self._credits.get(key)
        if credit is None or credit.left <= 0 or credit.until <= self._clock.now():
            return False
        credit.left -= 1
        return True


def resource_of(request: Outgoing) -> str:
    """The hourly limit that a request counts against."""
    return "graphql" if request.route == "/graphql" else "core"


def _has_limit(headers: Mapping[str, str]) -> bool:
    names = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
    return all(headers.get(name, "").isdecimal() for name in names)


def _charges(request: Outgoing) -> tuple[Charge, ...]:
    if request.safe:
        return (Charge(POINTS, READ_BLOCK),)
    creations = (Charge(CREATIONS_A_MINUTE, 1), Charge(CREATIONS_AN_HOUR, 1)) if request.creates else ()
    return (Charge(POINTS, 5), Charge(WRITES, 1), *creations)
