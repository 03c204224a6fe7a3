"""Times that GitHub names, by our own clock: a wrong one of ours must neither send too early nor wait for hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

TOLERATED = timedelta(seconds=30)
"""`Date` has whole seconds and the answer travelled: so small a difference says nothing."""
LONGEST_PAUSE_S = 86_400
LONGEST_HOUR = timedelta(hours=1)
_EPOCH_DIGITS = 10


def skew(headers: Mapping[str, str], now: datetime) -> timedelta:
    """How far GitHub's clock is ahead of ours, by the answer's `date`; zero within 30 seconds or where it names none."""
    theirs = http_date(headers.get("date", ""))
    if theirs is None:
        return timedelta()
    found = theirs - now
    return found if abs(found) >= TOLERATED else timedelta()


def http_date(text: str) -> datetime | None:
    """A header's date in whole seconds, UTC-aware; None where it is none."""
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def pause_end(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When `retry-after` is over, at most a day from now; None where it names no number of seconds."""
    seconds = headers.get("retry-after", "")
    if not _is_number(seconds):
        return None
    return now + timedelta(seconds=min(int(seconds), LONGEST_PAUSE_S))


def reset_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When the hourly limit begins anew, at most an hour from now; None where none is named or it is over already."""
    epoch = headers.get("x-ratelimit-reset", "")
    if not _is_number(epoch):
        return None
    found = datetime.fromtimestamp(int(epoch), UTC) - skew(headers, now)
    return min(found, now + LONGEST_HOUR) if found > now else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _EPOCH_DIGITS
