"""Timers: wake-ups to come, which become deliveries. Functions of an open transaction."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from app.adapters.database.inbox import as_row, store
from app.adapters.database.sharing import put
from app.adapters.database.tables import TimerTable
from app.domain.delivery import Source, delivery_of, own_id
from app.domain.ids import AppKey

timer = TimerTable.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table models
AFTER_BAR = chr(ord("|") + 1)
BETWEEN = (
    select(timer.c.key).where(timer.c.key >= bindparam("begin"), timer.c.key < bindparam("end")).limit(1)
)


def set_timer(connection: Connection, key: str, app_key: AppKey, body: bytes, at: datetime) -> None:
    """Sets it, also over one that is there."""
    put(connection, timer, {"key": key}, {"app_key": app_key, "body": body, "due_at": at})


def fire(connection: Connection, now: datetime, limit: int) -> int:
    """Turns what is due into deliveries; how many. Other workers fire the others meanwhile."""
    due = connection.execute(
        select(timer)
        .where(timer.c.due_at <= now)
        .order_by(timer.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    store(
        connection,
        [
            as_row(
                delivery_of(
                    AppKey(row.app_key),
                    own_id(Source.TIMER, f"{row.key}:{now.isoformat()}"),
                    Source.TIMER,
                    "hephaestus.wake",
                    bytes(row.body),
                    now,
                )
            )
            for row in due
        ],
    )
    connection.execute(delete(timer).where(timer.c.key.in_([row.key for row in due])))
    return len(due)


def woken(connection: Connection, subjects: AbstractSet[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those pairs of a capability and a subject's key that a timer is to wake (the key of `WakeAt`, after the app key)."""

    def is_woken(capability: str, subject: str) -> bool:
        begin = f"{subject.partition('|')[0]}|wake|{capability}|{subject}"
        between = {"begin": f"{begin}|", "end": f"{begin}{AFTER_BAR}"}
        return connection.execute(BETWEEN, between).scalar() is not None

    return {pair for pair in subjects if is_woken(*pair)}
