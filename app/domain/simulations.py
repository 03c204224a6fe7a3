"""What another policy would have said of releases: of those that were verified, or of folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.ids import CommitSha

PASSES = "pass"
BLOCKED, UNBLOCKED = "blocked", "unblocked"


@dataclass(frozen=True, slots=True)
class SimulatedAsset:
    """An asset that the policy would not have let pass. `is_partial`: GitHub may have more evidence, not looked for then."""

    name: str
    code: str
    reason: str
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class SimulatedRelease:
    """A release under the policy. `then` is None where nothing was decided before, `now` None where too little is kept to say.

    `unknown` says what is not kept; `reasons` are those of the release as a whole.
    """

    tag: str
    commit: CommitSha
    then: str | None
    now: str | None
    assets: tuple[SimulatedAsset, ...] = ()
    reasons: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def change(self) -> str:
        """`blocked` or `unblocked` where that differs from before, else empty."""
        if self.then is None or self.now is None or (self.then == PASSES) == (self.now == PASSES):
            return ""
        return BLOCKED if self.then == PASSES else UNBLOCKED


@dataclass(frozen=True, slots=True)
class Simulation:
    """A policy tried on releases, the newest first. `unreadable` counts those whose evidence another version wrote."""

    releases: Sequence[SimulatedRelease]
    unreadable: int = 0

    @property
    def judged(self) -> tuple[SimulatedRelease, ...]:
        """Those of which it can be said."""
        return tuple(each for each in self.releases if each.now is not None)

    def count(self, change: str) -> int:
        """How many were changed so."""
        return sum(each.change == change for each in self.releases)
