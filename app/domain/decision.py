"""What a capability decides: a verdict, its reasons, the effects it wants and its next state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

from app.domain.effects import Effect
from app.domain.receipts import Receipt


class Verdict(StrEnum):
    """The closed list of verdicts; design.md 5 says which conclusion of a check run each one gives."""

    PASS = "pass"  # noqa: S105 (a verdict, not a password)
    FAIL = "fail"
    WAITING = "waiting"
    MISSING = "missing"
    INCONCLUSIVE = "inconclusive"
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"
    ACTION_REQUIRED = "action_required"
    NOT_CONFIGURED = "not_configured"
    ACTED = "acted"
    EXPLAINED = "explained"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Reason:
    """One exact reason: a stable code and a sentence for people."""

    code: str
    text: str


SPARES_WORK: Final[Mapping[str, bool]] = {"spares_work": True}
"""The metadata of a state's field that only saves work, such as bytes that need not be downloaded again: `field(default=...,
metadata=SPARES_WORK)`. It is forgotten with the subject's last evaluation; the rest of the state is kept as long as GitHub shows
what was said. So such a field has a default."""
StateT = TypeVar("StateT")


@dataclass(frozen=True, slots=True)
class Decision(Generic[StateT]):
    """What `decide` returns; it is committed once, and never decided twice.

    `next_state` replaces the capability's state for the subject; None forgets it. `receipts` are kept for years.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    effects: tuple[Effect, ...]
    next_state: StateT | None = None
    receipts: tuple[Receipt, ...] = ()
