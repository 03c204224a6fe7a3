"""What a received delivery leads to: evaluations, or nothing. Functions of an open transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, select, update

from app.adapters.database import closing, evaluations, pulls
from app.adapters.database.inbox import delivery_table
from app.domain.delivery import Delivery, DeliveryState
from app.domain.events import PullRequestChanged
from app.ports.ledger import Routed

RECEIVED = and_(
    delivery_table.c.app_key == bindparam("of_app"),
    delivery_table.c.guid == bindparam("of_guid"),
    delivery_table.c.state == DeliveryState.RECEIVED,
)
FIND = select(delivery_table.c.seq, delivery_table.c.attempts).where(RECEIVED).with_for_update()
SET_DELIVERY = update(delivery_table).where(delivery_table.c.seq == bindparam("of_seq"))
SETTLE = update(delivery_table).where(RECEIVED).returning(delivery_table.c.seq)


def route(
    connection: Connection,
    delivery: Delivery,
    action: str | None,
    routed: Sequence[Routed],
    now: datetime,
    pull: PullRequestChanged | None,
    problem: str | None,
    note: str | None,
) -> DeliveryState | None:
    """Points the delivery to evaluations; one that came again, only to those that have something left to do.

    What became of it; None where it was not to be routed any more. The problem is its error while it runs.
    """
    row = connection.execute(FIND, {"of_app": delivery.app_key, "of_guid": delivery.id}).one_or_none()
    if row is None:
        return None
    left, ended = closing.still_to_do(connection, row.seq, routed) if row.attempts else (routed, [])
    for pair in sorted(left, key=lambda pair: (pair.capability, pair.target.subject.key)):
        evaluations.queue(connection, row.seq, pair, now)
    state, error = (DeliveryState.RUNNING, problem) if left else closing.outcome(ended, problem)
    connection.execute(
        SET_DELIVERY,
        {
            "of_seq": row.seq,
            "state": state,
            "attempts": row.attempts + 1,
            "action": action,
            "repository": routed[0].target.repository.full_name,
            "error": error,
            "note": note,
        },
    )
    if pull is not None:
        pulls.keep(connection, delivery, row.seq, pull)
    return state


def settle(
    connection: Connection,
    delivery: Delivery,
    values: Mapping[str, str | None],
    pull: PullRequestChanged | None = None,
) -> bool:
    """Closes a delivery that leads to no evaluation, with these columns; False where it was not to be routed any more."""
    which = {"of_app": delivery.app_key, "of_guid": delivery.id, **values}
    seq = connection.execute(SETTLE, which).scalar()
    if seq is not None and pull is not None:
        pulls.keep(connection, delivery, seq, pull)
    return seq is not None
