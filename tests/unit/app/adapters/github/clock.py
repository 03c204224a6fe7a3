"""A clock that a test moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass
class StillClock:
    """Stands still until moved; `now` and `monotonic` move together."""

    start: datetime = datetime(2026, 11, 2, 10, tzinfo=UTC)
    passed: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return self.start + self.passed

    def monotonic(self) -> float:
        return self.passed.total_seconds()

    def move(self, **units: float) -> None:
        self.passed += timedelta(**units)
