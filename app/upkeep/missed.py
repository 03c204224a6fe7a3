"""What GitHub could not deliver, as far as its log is known: read on from turn to turn, and asked for ever more rarely. Pure.

All times but one are GitHub's own (`delivered_at`), so that a wrong clock here loses nothing. Ours only says whether a pause is
over: with it an ask comes sooner or later than meant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from app.domain.ids import DeliveryId
from app.ports.app_admin import HookDelivery

WINDOW = timedelta(days=3)
"""So long GitHub keeps its log, and delivers again what is in it."""
OVERLAP = timedelta(minutes=10)
"""Attempts may get into the log later than others that are newer."""
FIRST_PAUSE = timedelta(minutes=4)
"""After the second attempt; the first one is asked for at once, it may have found nobody."""
LONGEST_PAUSE = timedelta(hours=4)
MOST_ATTEMPTS = 20
"""With these pauses they take two days and a half: an outage of ours has ended by then."""
KEPT = 5_000
"""Guids that one position holds, about 150 bytes each; what is beyond is read again."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A guid none of whose attempts succeeded: their ids, of which `newest` can be repeated. `over` says that it was given up."""

    guid: DeliveryId
    attempts: frozenset[int]
    newest: int
    at: datetime
    over: bool = False

    def is_due(self, now: datetime) -> bool:
        """Whether to ask for it: each time after twice the pause, and not for ever."""
        again = len(self.attempts) - 2
        doubled: timedelta = FIRST_PAUSE * 2 ** min(again, MOST_ATTEMPTS)
        return not self.over and (again < 0 or now - self.at >= min(doubled, LONGEST_PAUSE))


@dataclass(frozen=True, slots=True)
class Position:
    """How far the log is known: to `read_to`, and what of it is still missed. Without `read_to` nothing was read yet."""

    read_to: datetime | None = None
    missed: tuple[Missed, ...] = ()


@dataclass(slots=True)
class Reading:
    """The log as it is read, newest first, into what the position knew."""

    known: Position
    newest_at: datetime | None = None
    _missed: dict[DeliveryId, Missed] = field(default_factory=dict)
    _succeeded: set[DeliveryId] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._missed = {each.guid: each for each in self.known.missed}

    def add(self, attempt: HookDelivery) -> bool:
        """Whether to read on after this attempt; one that lies too far back is left out."""
        if self.newest_at is None:
            self.newest_at = attempt.delivered_at
        if attempt.delivered_at < self._horizon(self.newest_at):
            return False
        if attempt.ok:
            self._missed.pop(attempt.guid, None)
            if attempt.redelivery:  # of an original nothing older can follow
                self._succeeded.add(attempt.guid)
        elif attempt.guid not in self._succeeded:
            self._missed[attempt.guid] = with_attempt(self._missed.get(attempt.guid), attempt)
        return True

    def _horizon(self, newest_at: datetime) -> datetime:
        oldest = newest_at - WINDOW
        return oldest if self.known.read_to is None else max(oldest, self.known.read_to - OVERLAP)

    def missed(self) -> list[Missed]:
        """What GitHub can still deliver, and never could, oldest first."""
        left = list(self._missed.values())
        if self.newest_at is not None:
            left = [each for each in left if each.at >= self.newest_at - WINDOW]
        return sorted(left, key=lambda each: each.at)

    def position(self, missed: Iterable[Missed]) -> Position:
        """What to keep, where this is still missed: not past what was read, nor past what is too much to keep."""
        read_to = self.newest_at or self.known.read_to
        if read_to is None:
            return self.known
        needed = [each for each in missed if not each.over or each.at >= read_to - OVERLAP]
        if len(needed) > KEPT:
            read_to = needed[KEPT].at
        return Position(read_to, tuple(needed[:KEPT]))


def with_attempt(known: Missed | None, attempt: HookDelivery) -> Missed:
    """What is known of a guid with one more attempt that failed."""
    if known is None:
        return Missed(attempt.guid, frozenset({attempt.id}), attempt.id, attempt.delivered_at)
    more = replace(known, attempts=known.attempts | {attempt.id})
    if attempt.delivered_at <= known.at:
        return more
    return replace(more, newest=attempt.id, at=attempt.delivered_at)


def given_up(missed: Iterable[Missed], guids: Collection[DeliveryId]) -> list[Missed]:
    """The same, with these marked: they are not asked for again."""
    return [replace(each, over=True) if each.guid in guids else each for each in missed]


POSITION = TypeAdapter(Position)


def dump(position: Position) -> str:
    """A position as the ledger keeps it."""
    return POSITION.dump_json(position).decode()


def load(text: str | None) -> Position:
    """What `dump` wrote. Anything else is no position: the log is read anew, which costs requests and loses nothing."""
    if text is None:
        return Position()
    try:
        return POSITION.validate_json(text)
    except ValidationError:
        return Position()
