"""Trusted roots: taken up when another was imported, refreshed once a day where that is set, and never left to age unseen.

A refresh goes on beside verification. Where it fails, the root in force stays; that is logged and counted.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.domain.release import TrustDomain
from app.domain.trust import RootSource
from app.errors import HephaestusError
from app.ports.clock import Clock
from app.ports.roots import Roots
from app.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)
EVERY_S = 60.0
REFRESH_EVERY = timedelta(hours=24)
AGAIN_AFTER = timedelta(hours=1)
"""After a failure."""
JITTER_S = 3_600.0
REMIND_EVERY = timedelta(days=1)


@dataclass
class RootWatch:
    """Looks every minute."""

    roots: Roots
    clock: Clock
    metrics: Metrics
    every_s: float = EVERY_S
    warnings: tuple[str, ...] = field(default=(), init=False)
    """What somebody should look after now, as sentences."""
    _refresh_at: datetime | None = field(default=None, init=False)
    _remind_at: datetime | None = field(default=None, init=False)

    async def turn(self) -> None:
        """Takes up, refreshes where it is time, and looks at the age of what is in force."""
        try:
            if await self.roots.reload():
                self._taken("reloaded")
        except HephaestusError as exc:
            logger.error("trusted_root_not_taken_up", extra={"error": str(exc)})  # noqa: TRY400 (said; no bug of ours)
        if self.roots.refreshes:
            await self._refresh_in_time()
        self._look()

    async def _refresh_in_time(self) -> None:
        now = self.clock.now()
        if self._refresh_at is None:
            self._refresh_at = self._first_refresh(now)
        if now < self._refresh_at:
            return
        try:
            changed = await self.roots.refresh()
        except HephaestusError as exc:
            self._refresh_at = now + AGAIN_AFTER
            self.metrics.root_refreshed("failed")
            logger.warning("trusted_root_not_refreshed", extra={"error": str(exc)})
            return
        self._refresh_at = now + REFRESH_EVERY + jitter()
        self.metrics.root_refreshed("taken" if changed else "unchanged")
        if changed:
            self._taken("refreshed")

    def _first_refresh(self, now: datetime) -> datetime:
        """At once where TUF never said anything; else when it is time, so that restarts ask nobody."""
        confirmed = [each.confirmed_at for each in self.roots.facts if each.source is RootSource.TUF]
        return max(now, confirmed[0] + REFRESH_EVERY + jitter()) if confirmed else now

    def _taken(self, how: str) -> None:
        for each in self.roots.facts:
            if each.domain is TrustDomain.GITHUB:
                logger.warning(
                    "trusted_root_changed",
                    extra={"how": how, "sha256": each.sha256, "source": each.source.value},
                )

    def _look(self) -> None:
        now = self.clock.now()
        for each in self.roots.facts:
            until = None if each.ends_at is None else (each.ends_at - now).total_seconds()
            self.metrics.root_age(each.domain.value, (now - each.confirmed_at).total_seconds(), until)
        alarms = tuple(said for each in self.roots.facts for said in each.alarms(now))
        is_due = self._remind_at is None or now >= self._remind_at
        if alarms and (is_due or alarms != self.warnings):
            self._remind_at = now + REMIND_EVERY
            for said in alarms:
                logger.warning("trusted_root_old", extra={"warning": said})
        self.warnings = alarms


def jitter() -> timedelta:
    """So that not all installations ask GitHub at one time."""
    return timedelta(seconds=random.uniform(0, JITTER_S))  # noqa: S311 (jitter, not a secret)
