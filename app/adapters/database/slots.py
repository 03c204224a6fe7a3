"""Slots of budgets: taken before an effect asks GitHub anything, spent right before its first write.

Spending is committed before the write goes out. So a crash at any point leaves a slot spent that paid for nothing, at worst;
never one that is free again although something was written. Functions of an open transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from app.adapters.database.sharing import take_turns
from app.adapters.database.tables import ReservationTable, effect_table
from app.domain.effects import Reservation
from app.domain.ids import EffectId

reservation_table = ReservationTable.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table models
KEPT = timedelta(days=31)


HELD = select(reservation_table.c.scope).where(reservation_table.c.effect_id == bindparam("effect"))
UNSPENT_OF_EFFECT = delete(reservation_table).where(
    reservation_table.c.effect_id == bindparam("effect"), reservation_table.c.spent.is_(False)
)
"""Made once, since every effect that is settled runs it, and few have slots."""


def reserve(
    connection: Connection, effect: EffectId, wanted: Sequence[Reservation], now: datetime
) -> str | None:
    """Takes every slot or none; a second call for the same effect finds its slots taken already."""
    held = set(connection.execute(HELD, {"effect": effect}).scalars())
    missing = sorted((r for r in wanted if r.scope not in held), key=lambda r: r.scope)
    for reservation in missing:
        take_turns(connection, f"budget|{reservation.scope}")
    for reservation in missing:
        used = connection.execute(
            select(func.count())
            .select_from(reservation_table)
            .where(
                reservation_table.c.scope == reservation.scope,
                reservation_table.c.taken_at > now - reservation.window,
            )
        ).scalar_one()
        if used >= reservation.limit:
            return reservation.scope
    for reservation in missing:
        connection.execute(
            insert(reservation_table).values(
                effect_id=effect, scope=reservation.scope, taken_at=now, spent=False
            )
        )
    return None


def forget(connection: Connection, now: datetime) -> None:
    """Deletes slots that no window reaches any more."""
    connection.execute(delete(reservation_table).where(reservation_table.c.taken_at < now - KEPT))


def disown(connection: Connection, evaluations: Sequence[str]) -> None:
    """Gives the slots of these evaluations' effects an owner that never was: their windows still count them.

    An effect that is forgotten may get a successor with the same id, which has to pay for itself.
    """
    effects = select(effect_table.c.id).where(effect_table.c.evaluation_id.in_(evaluations))
    owner = reservation_table.c.effect_id + f"|forgotten {uuid.uuid4().hex}"
    connection.execute(
        update(reservation_table).where(reservation_table.c.effect_id.in_(effects)).values(effect_id=owner)
    )


def spend(connection: Connection, effect: EffectId) -> bool:
    """Whether the effect has slots; from now on they are kept, whatever comes of it."""
    spent = connection.execute(
        update(reservation_table).where(reservation_table.c.effect_id == effect).values(spent=True)
    )
    return spent.rowcount > 0


def give_back(connection: Connection, effect: EffectId) -> None:
    """Frees those slots of an effect that are not spent."""
    connection.execute(UNSPENT_OF_EFFECT, {"effect": effect})


def give_back_of(connection: Connection, evaluations: Sequence[str]) -> None:
    """Frees those slots of the effects of these evaluations that are not spent."""
    effects = select(effect_table.c.id).where(effect_table.c.evaluation_id.in_(evaluations))
    connection.execute(
        delete(reservation_table).where(
            reservation_table.c.effect_id.in_(effects), reservation_table.c.spent.is_(False)
        )
    )
