"""Decides whether a request may go now: pacing, blocks that GitHub asked for, and headroom for what is urgent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.adapters.github.budgets import (
    CREATIONS_A_MINUTE,
    CREATIONS_AN_HOUR,
    POINTS,
    WRITES,
    BudgetStore,
    Charge,
    Hour,
    newer,
)
from app.adapters.github.errors import PACED, PRIMARY_LIMIT, SECONDARY_LIMIT
from app.adapters.github.exchange import Outgoing
from app.adapters.github.times import pause_end, reset_at
from app.errors import TransientError
from app.ports.clock import Clock
from app.ports.handler import Lane

PATIENCE = timedelta(seconds=2)
SHORT_WAITS = 3
"""Others wait for the same moment: who loses three times gives its place back."""
READ_BLOCK = 20
READ_BLOCK_LIFE = timedelta(seconds=30)
SHARE_EVERY_S = 5.0
"""How long a worker may not know what the others saw of the hour: in that time they use a small part of it."""
RESOURCE_CHARS = 40
DIGITS = 10
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
        self._hours: dict[str, dict[str, Hour]] = {}
        self._shared_s: dict[str, float] = {}
        self._credits: dict[str, _Credit] = {}
        self._taking: dict[str, asyncio.Lock] = {}

    async def admit(self, installation_id: int, request: Outgoing, lane: Lane) -> None:
        """Returns when the request may go, at once or within two seconds; else raises TransientError with `retry_at`."""
        key, resource = self._key(installation_id), resource_of(request)
        await self._share(key)
        self._check_headroom(key, resource, lane)
        why = "requests of this installation are being paced"
        if not request.safe:
            await self._take(key, _charges(request), resource, why)
        elif not self._spend_credit(key):
            # One at a time: of blocks that several take at once all but the last would be lost.
            async with self._taking.setdefault(key, asyncio.Lock()):
                if not self._spend_credit(key):
                    await self._take(key, _charges(request), resource, why)
                    self._credits[key] = _Credit(READ_BLOCK - 1, self._clock.now() + READ_BLOCK_LIFE)

    async def admit_app(self, request: Outgoing) -> None:
        """As `admit`, for a request with the App's JWT: few are sent and none is charged, but a block stops them all."""
        resource = resource_of(request)
        await self._take(self._key(None), (), resource, "GitHub wants no requests of the App itself now")

    def observe(self, installation_id: int, request: Outgoing, headers: Mapping[str, str]) -> None:
        """Learns what is left of the hour from any answer, a 304 included (gidgethub gap G2, G19)."""
        hour = _hour(headers, self._clock.now())
        if hour is not None:
            hours = self._hours.setdefault(self._key(installation_id), {})
            resource = resource_of(request, headers)
            hours[resource] = newer(hour, hours.get(resource))

    async def refused(
        self,
        installation_id: int | None,
        request: Outgoing,
        error: TransientError,
        headers: Mapping[str, str],
    ) -> None:
        """Blocks what a limit is about, an hourly one's resource or the whole installation; `error` gets the time.

        That is GitHub's, else a minute that doubles from one refusal to the next. None stands for the App itself.
        """
        key, now = self._key(installation_id), self._clock.now()
        if error.code == PRIMARY_LIMIT:
            resource = resource_of(request, headers)
            error.retry_at = await self._store.block(key, now, error.retry_at, resource)
        elif error.code == SECONDARY_LIMIT:
            error.retry_at = await self._store.block(key, now, pause_end(headers, now))
        else:
            return
        self._credits.pop(key, None)

    async def _take(self, key: str, charges: tuple[Charge, ...], resource: str, why: str) -> None:
        """Takes the charges, at once or within two seconds; else raises TransientError with `retry_at`."""
        free_at = await self._store.take(key, charges, self._clock.now(), resource)
        for _ in range(SHORT_WAITS):
            if free_at is None or free_at - self._clock.now() > PATIENCE:
                break
            await asyncio.sleep(max((free_at - self._clock.now()).total_seconds(), 0.01))
            free_at = await self._store.take(key, charges, self._clock.now(), resource)
        if free_at is not None:
            raise TransientError(PACED, why, free_at)

    async def _share(self, key: str) -> None:
        now_s = self._clock.monotonic()
        if now_s - self._shared_s.get(key, -SHARE_EVERY_S) < SHARE_EVERY_S:
            return
        self._shared_s[key] = now_s
        hours = self._hours.setdefault(key, {})
        for resource, hour in (await self._store.share(key, dict(hours))).items():
            hours[resource] = newer(hour, hours.get(resource))

    def _key(self, installation_id: int | None) -> str:
        return f"{self._prefix}|{'app' if installation_id is None else f'installation:{installation_id}'}"

    def _check_headroom(self, key: str, resource: str, lane: Lane) -> None:
        seen = self._hours.get(key, {}).get(resource)
        if seen is None or seen.reset_at <= self._clock.now():
            return
        if seen.remaining <= 0 or seen.remaining < seen.allowed * RESERVED[lane]:
            message = (
                f"{seen.remaining} of {seen.allowed} requests are left this hour, kept for more urgent work"
            )
            raise TransientError("github.headroom", message, seen.reset_at)

    def _spend_credit(self, key: str) -> bool:
        credit = self._credits.get(key)
        if credit is None or credit.left <= 0 or credit.until <= self._clock.now():
            return False
        credit.left -= 1
        return True


def resource_of(request: Outgoing, headers: Mapping[str, str] | None = None) -> str:
    """The hourly limit that a request counts against, as the answer's headers name it or as is to be expected."""
    named = (headers or {}).get("x-ratelimit-resource", "")
    return named[:RESOURCE_CHARS] or ("graphql" if request.route == "/graphql" else "core")


def _hour(headers: Mapping[str, str], now: datetime) -> Hour | None:
    allowed, remaining = (headers.get(f"x-ratelimit-{name}", "") for name in ("limit", "remaining"))
    reset = reset_at(headers, now)
    if reset is None or not all(one.isdecimal() and len(one) < DIGITS for one in (allowed, remaining)):
        return None
    return Hour(int(allowed), int(remaining), reset)


def _charges(request: Outgoing) -> tuple[Charge, ...]:
    if request.safe:
        return (Charge(POINTS, READ_BLOCK),)
    creations = (Charge(CREATIONS_A_MINUTE, 1), Charge(CREATIONS_AN_HOUR, 1)) if request.creates else ()
    return (Charge(POINTS, 5), Charge(WRITES, 1), *creations)
